//! A publication in words: three readings of every figure, and what a re-derivation found.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Result;
use kernel::id::{Position, PublicationId};
use kernel::indicator::{Number, number_text};
use kernel::publication::{Alarm, Drift, Publication, PublishedFigure, Summary, Verification, Verified};
use kernel::store::Read;

use super::readings::{Three, three};
use super::waterfall::PartLine;
use crate::link::Link;
use crate::moves::change;
use kernel::value::day;

/// A publication in the list.
pub(super) struct ListRow {
    /// Number.
    pub id: PublicationId,
    /// Title of the document.
    pub title: String,
    /// The day it was published.
    pub on: String,
    /// By whom.
    pub by: String,
    /// How many figures it cites.
    pub figures: i64,
    /// The last re-derivation.
    pub last: Option<CheckRow>,
}

impl From<Summary> for ListRow {
    fn from(found: Summary) -> Self {
        Self {
            id: found.id,
            title: found.title,
            on: found.published_on.to_string(),
            by: found.published_by,
            figures: found.figures,
            last: found.last.as_ref().map(CheckRow::of),
        }
    }
}

/// A re-derivation that was done.
pub(super) struct CheckRow {
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// The position that was known.
    pub known: Position,
    /// How many alarms.
    pub alarms: i64,
    /// How many figures have moved.
    pub drifted: i64,
}

impl CheckRow {
    pub(super) fn of(found: &Verified) -> Self {
        Self {
            at: day::minute(found.at),
            by: found.by.clone(),
            known: found.known,
            alarms: found.alarms,
            drifted: found.drifted,
        }
    }
}

/// One figure in three readings.
pub(super) struct Reading {
    /// Its place in the publication.
    pub seq: i64,
    /// Its number in the document; empty where it repeats that of the line above.
    pub citation: String,
    /// What it is called.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// The day it is about.
    pub about: String,
    /// What the document printed.
    pub printed: String,
    /// As published.
    pub published: Told,
    /// As known on the day asked.
    pub then: Told,
    /// As known now.
    pub now: Told,
    /// From as published to now; empty when nothing changed.
    pub change: String,
    /// Whether its definition counts something else now.
    pub is_redefined: bool,
}

/// A number that opens its rows.
pub(super) struct Told {
    /// As printed.
    pub text: String,
    /// Its rows.
    pub href: String,
}

/// A citation whose figure stands in several places of the document: told once, so that nobody adds it up.
pub(super) struct Repeat {
    /// What is cited.
    pub name: String,
    /// Where.
    pub citations: String,
    /// What it says everywhere.
    pub text: String,
}

/// The readings of all figures.
///
/// # Errors
/// As the database says.
pub(super) async fn readings(read: &Read, publication: &Publication, on: Position) -> Result<Vec<Reading>> {
    let head = read.head()?;
    let mut found: Vec<Reading> = Vec::with_capacity(publication.figures.len());
    for Three { figure, then, now, is_redefined } in three(read, publication, on).await? {
        let display = figure.definition.display;
        let told = |number: &Number, known: Position| Told {
            text: number_text(number, display),
            href: rows_href(publication.id, figure, is_redefined, known),
        };
        let above = found.last().map(|above| above.seq);
        let is_again = publication.figures.iter().any(|f| Some(f.seq) == above && f.citation == figure.citation);
        found.push(Reading {
            seq: figure.seq,
            citation: if is_again { String::new() } else { figure.citation.clone() },
            name: figure.definition.name.clone(),
            unit: figure.definition.unit.clone(),
            about: figure.about.to_string(),
            printed: if is_again { String::new() } else { figure.printed.clone() },
            published: told(&figure.number, publication.known),
            then: told(&then, on),
            change: if now == figure.number { String::new() } else { change(&figure.number, &now, display) },
            now: told(&now, head),
            is_redefined,
        });
    }
    Ok(found)
}

/// The page with the rows of a figure at a position: the indicator's own while it counts the same.
pub(super) fn rows_href(id: PublicationId, figure: &PublishedFigure, is_redefined: bool, known: Position) -> String {
    if is_redefined || figure.filter.units.len() > 1 {
        return Link::to(format!("/publications/{id}/figures/{}", figure.seq)).with("rows", known).to_string()
            + "#rows";
    }
    let link = Link::to(format!("/indicators/{}/rows", figure.definition.code)).at(figure.about, known);
    let link = figure.filter.units.iter().fold(link, |link, unit| link.with("unit", unit));
    figure
        .filter
        .cell
        .iter()
        .fold(link, |link, (by, key)| link.with(by, if key.is_empty() { "none" } else { key }))
        .to_string()
}

/// The figures that stand in several places of the document.
pub(super) fn repeats(publication: &Publication) -> Vec<Repeat> {
    let mut places: BTreeMap<(String, String), (BTreeSet<&str>, &PublishedFigure)> = BTreeMap::new();
    for figure in &publication.figures {
        let key = (figure.definition.code.clone(), figure.about.to_string());
        places.entry(key).or_insert((BTreeSet::new(), figure)).0.insert(&figure.citation);
    }
    let repeated = places.into_values().filter(|(citations, _)| citations.len() > 1);
    repeated
        .map(|(citations, figure)| Repeat {
            name: figure.definition.name.clone(),
            citations: citations.into_iter().collect::<Vec<_>>().join("、"),
            text: format!("{} {}", number_text(&figure.number, figure.definition.display), figure.definition.unit),
        })
        .collect()
}

/// What the last re-derivation found, in words.
pub(super) struct Found {
    /// What must not be.
    pub alarms: Vec<String>,
    /// The figures that have moved.
    pub drifts: Vec<DriftRow>,
}

/// A figure that has moved.
pub(super) struct DriftRow {
    /// Its place in the publication.
    pub seq: i64,
    /// Its number in the document.
    pub citation: String,
    /// What it is called, with its unit.
    pub name: String,
    /// As published.
    pub published: String,
    /// As it was found.
    pub now: String,
    /// The parts of the change.
    pub parts: Vec<PartLine>,
}

impl Found {
    /// In words.
    pub(super) fn of(publication: &Publication, found: &Verification) -> Self {
        let row = |drift: &Drift| {
            let figure = publication.figures.iter().find(|f| f.seq == drift.seq)?;
            let display = figure.definition.display;
            Some(DriftRow {
                seq: drift.seq,
                citation: figure.citation.clone(),
                name: format!("{}（{}）", figure.definition.name, figure.definition.unit),
                published: number_text(&drift.published, display),
                now: number_text(&drift.now, display),
                parts: drift.steps.iter().map(|step| PartLine::of(step, display)).collect(),
            })
        };
        Self { alarms: alarms(publication, &found.alarms), drifts: found.drifts.iter().filter_map(row).collect() }
    }
}

/// Alarms in words, with the number of the figure in the document.
pub(super) fn alarms(publication: &Publication, alarms: &[Alarm]) -> Vec<String> {
    let words = |alarm: &Alarm| {
        let figure = publication.figures.iter().find(|f| Some(f.seq) == alarm.seq);
        figure.map_or_else(|| alarm.what.clone(), |figure| format!("{} {}", figure.citation, alarm.what))
    };
    alarms.iter().map(words).collect()
}
