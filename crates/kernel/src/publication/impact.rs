//! What a correction would move in what was published: known before anybody reverses, requests or accepts.

use serde::{Deserialize, Serialize};

use super::frozen::{PublishedFigure, answers};
use super::register::figure_of;
use crate::id::{OrgId, Position, PublicationId};
use crate::indicator::moved::Moved;
use crate::indicator::rowset::digest_of_text;
use crate::indicator::walk::walk;
use crate::indicator::{Display, Number};
use crate::ledger::Fact;
use crate::org;
use crate::store::{Read, Row, Sql};
use crate::value::day::Day;
use crate::{Error, Result};

/// What should stand instead of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Who did it.
    pub subject: OrgId,
    /// Class code.
    pub class: String,
    /// The day.
    pub on: Day,
    /// How many.
    pub quantity: i64,
    /// How much, in fen.
    pub amount: i64,
}

/// A proposed correction of a fact: taken back, replaced, or joined by another of the same record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Whether the fact is taken back.
    pub reverse: bool,
    /// The fact recorded by the same record.
    pub replacement: Option<Replacement>,
}

impl Proposal {
    /// The fact is taken back and nothing else.
    pub const REVERSE: Self = Self { reverse: true, replacement: None };
}

/// By how much a correction would move a published figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// The publication.
    pub publication: PublicationId,
    /// Its title.
    pub title: String,
    /// The figure's place in it.
    pub seq: i64,
    /// The figure's number in the document.
    pub citation: String,
    /// What the figure is called.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// How it is printed.
    pub display: Display,
    /// As published.
    pub published: Number,
    /// As known now, by the published definition.
    pub now: Number,
    /// After the correction.
    pub after: Number,
}

/// The published figures that a correction would move, by their order; asked in a snapshot.
///
/// # Errors
/// As the database says.
pub async fn impact(read: &Read, fact: &Fact, proposal: &Proposal) -> Result<Vec<Moves>> {
    let facts = proposed(read, fact, proposal).await?;
    let mut sql = Sql::new(
        "SELECT p.id, p.title, f.seq, f.citation, f.printed, f.definition, f.filter, f.about, f.value, f.row_count, f.digest \
         FROM publication_figure f JOIN publication p ON p.id = f.publication_id WHERE f.kinds LIKE ",
    );
    sql.bind(format!("%,{},%", fact.kind)).push(" ORDER BY p.id DESC, f.seq");
    let mut found = Vec::new();
    for row in read.all(sql).await? {
        let figure = figure_of(&row)?;
        // What cannot be derived any more is an alarm of the re-derivation, not of a correction.
        let Ok(start) = answers(read, std::slice::from_ref(&figure), read.head()?).await else { continue };
        let Some(start) = start.first() else { continue };
        let walked = walk(read, &figure.definition.thaw()?, &figure.filter, start, &[&facts]).await?;
        let Some(state) = walked.states.first().filter(|s| !s.effects.is_empty()) else { continue };
        found.push(moves(&row, figure, start.number.clone(), state.number.clone())?);
    }
    Ok(found)
}

/// A digest of what a person was shown to move, so that an act can tell whether it is still so without the page
/// carrying the numbers; empty for nothing.
///
/// # Errors
/// [`Error::Internal`] when the numbers cannot be written down.
pub fn seen(moves: &[Moves]) -> Result<String> {
    if moves.is_empty() {
        return Ok(String::new());
    }
    let shown: Vec<_> = moves.iter().map(|m| (m.publication, m.seq, &m.now, &m.after)).collect();
    Ok(digest_of_text(&serde_json::to_string(&shown).map_err(|e| Error::Internal(e.to_string()))?))
}

fn moves(row: &Row, figure: PublishedFigure, now: Number, after: Number) -> Result<Moves> {
    Ok(Moves {
        publication: PublicationId(row.get("id")?),
        title: row.get("title")?,
        seq: figure.seq,
        citation: figure.citation,
        name: figure.definition.name,
        unit: figure.definition.unit,
        display: figure.definition.display,
        published: figure.number,
        now,
        after,
    })
}

/// The facts that accepting a proposal would append.
async fn proposed(read: &Read, fact: &Fact, proposal: &Proposal) -> Result<Vec<Moved>> {
    let mut facts = Vec::new();
    let stands = Moved { position: Position(0), ..Moved::of(fact) };
    if proposal.reverse && fact.reverses.is_none() && fact.reversed_by.is_none() {
        facts.push(Moved {
            quantity: -stands.quantity,
            amount: -stands.amount,
            reverses: Some(fact.position),
            ..stands.clone()
        });
    }
    if let Some(new) = &proposal.replacement {
        facts.push(Moved {
            class: new.class.clone(),
            dims: org::dims_on(read, new.subject, new.on).await?,
            subject: new.subject,
            on: new.on,
            quantity: new.quantity,
            amount: new.amount,
            ..stands
        });
    }
    Ok(facts)
}
