//! Freezing: a draft becomes figures with their definitions, values and digests, and notes on the rules they keep.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::access::Scope;
use crate::id::Position;
use crate::indicator::later::Tail;
use crate::indicator::rowset::{digest_of_rows, digest_of_text, row_set};
use crate::indicator::{
    Definition, Definitions, Exception, Figure, Filter, Indicator, Measure, Number, Question, Thawed, evaluate_beside,
    last_kept, reconcile,
};
use crate::store::Read;
use crate::value::day::Day;
use crate::value::text::too_long;
use crate::{Error, Faults, Result};

/// A document that is about to be published.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Title of the document.
    pub title: String,
    /// The day it is published.
    pub published_on: Day,
    /// The position its figures are known at: what was seen is what is published.
    pub known: Position,
    /// The document as printed, in the form of the slice that prints it.
    pub body: String,
    /// The figures it cites, in order.
    pub figures: Vec<Cited>,
}

/// A citation of a figure.
#[derive(Debug, Clone)]
pub struct Cited {
    /// Its number in the document, such as `A03`; several figures may stand behind one.
    pub citation: String,
    /// What the document prints.
    pub printed: String,
    /// Code of the indicator.
    pub indicator: String,
    /// The end of this day is asked about.
    pub about: Day,
    /// Units and cell.
    pub filter: Filter,
}

/// A figure as it was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedFigure {
    /// Its place in the publication, from 1.
    pub seq: i64,
    /// Its number in the document.
    pub citation: String,
    /// What the document printed.
    pub printed: String,
    /// The whole definition.
    pub definition: Definition,
    /// Units and cell.
    pub filter: Filter,
    /// The end of this day was asked about.
    pub about: Day,
    /// The exact value.
    pub number: Number,
    /// Every indicator behind it that looks at rows itself, with its own value and digest.
    pub parts: Vec<Part>,
    /// How many rows were behind it.
    pub rows: i64,
    /// SM3 of its rows; for a composed figure, of the digests of its parts.
    pub digest: String,
}

/// What one indicator behind a figure said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Code of the indicator.
    pub code: String,
    /// Its value.
    pub number: Number,
    /// How many rows were behind it.
    pub rows: i64,
    /// SM3 of its rows.
    pub digest: String,
}

/// What a reconciliation rule said when the document was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Code of the rule.
    pub rule: String,
    /// What people call it.
    pub name: String,
    /// What must hold.
    pub statement: String,
    /// The day it was asked about.
    pub about: Day,
    /// Both sides in words.
    pub sides: String,
    /// Whether it held.
    pub holds: bool,
    /// The rows that make the difference.
    pub exceptions: Vec<Exception>,
    /// How many there are.
    pub excepted: usize,
    /// Who let it pass and why; present exactly where the rule did not hold.
    pub release: Option<Release>,
}

impl Note {
    /// How a form names it: rule and day.
    pub fn key(&self) -> String {
        format!("{}@{}", self.rule, self.about)
    }
}

/// A break that was let pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Freezes the figures of a draft.
///
/// # Errors
/// [`Error::Invalid`] for an unknown indicator, or for a cell of a figure that has no cells.
pub async fn freeze(read: &Read, draft: &Draft) -> Result<Vec<PublishedFigure>> {
    let mut figures = Vec::with_capacity(draft.figures.len());
    for (at, cited) in draft.figures.iter().enumerate() {
        figures.push(unanswered(read, at as i64 + 1, cited)?);
    }
    let answered = answers(read, &figures, draft.known).await?;
    let mut digests = Digests::default();
    for (figure, answer) in figures.iter_mut().zip(&answered) {
        let thawed = figure.definition.thaw()?;
        figure.number = answer.number.clone();
        figure.rows = answer.rows;
        figure.parts = digests.parts(read, &thawed, figure, answer).await?;
        figure.digest = whole(&figure.parts);
    }
    Ok(figures)
}

fn unanswered(read: &Read, seq: i64, cited: &Cited) -> Result<PublishedFigure> {
    let unknown =
        || Error::invalid("figure", format!("引用 {} 的指标“{}”没有模块申明", cited.citation, cited.indicator));
    let indicator = read.catalog().indicator(&cited.indicator).ok_or_else(unknown)?;
    let definition = Definition::of(indicator, read.catalog())?;
    let by_people = |i: &'static Indicator| matches!(i.measure, Measure::Target(_) | Measure::Declared);
    if !cited.filter.cell.is_empty() && definition.thaw()?.leaves().into_iter().any(by_people) {
        let message = format!("引用 {} 含目标或申明的数字，不能只发布其中一格", cited.citation);
        return Err(Error::invalid("figure", message));
    }
    Ok(PublishedFigure {
        seq,
        citation: cited.citation.clone(),
        printed: cited.printed.clone(),
        definition,
        filter: cited.filter.clone(),
        about: cited.about,
        number: Number::None,
        parts: Vec::new(),
        rows: 0,
        digest: String::new(),
    })
}

/// The digest of a composed figure: over those of its parts.
pub(super) fn whole(parts: &[Part]) -> String {
    match parts {
        [one] => one.digest.clone(),
        many => digest_of_text(&many.iter().map(|p| format!("{} {}\n", p.code, p.digest)).collect::<String>()),
    }
}

/// Digests of row sets, each computed once: a document cites the same figure in several places.
#[derive(Default)]
pub(super) struct Digests(HashMap<(usize, String, Day, i64), String>);

impl Digests {
    /// The parts of a figure as it answers.
    pub(super) async fn parts(
        &mut self,
        read: &Read,
        thawed: &Thawed,
        figure: &PublishedFigure,
        answer: &Figure,
    ) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        for leaf in thawed.leaves() {
            let found = part_of(answer, leaf.code);
            parts.push(Part {
                code: leaf.code.to_owned(),
                number: found.map_or(Number::None, |f| f.number.clone()),
                rows: found.map_or(0, |f| f.rows),
                digest: self.digest(read, leaf, &figure.filter, (figure.about, answer.known)).await?,
            });
        }
        Ok(parts)
    }

    async fn digest(
        &mut self,
        read: &Read,
        leaf: &'static Indicator,
        filter: &Filter,
        (about, known): (Day, Position),
    ) -> Result<String> {
        let filtered = serde_json::to_string(filter).map_err(|e| Error::Internal(e.to_string()))?;
        // Thawed definitions are kept for ever, so the address tells them apart.
        let key = (std::ptr::from_ref(leaf) as usize, filtered, about, known.0);
        if let Some(digest) = self.0.get(&key) {
            return Ok(digest.clone());
        }
        let q = Question { about, known, scope: &filter.scope() };
        let digest = digest_of_rows(&row_set(read, leaf, &q, &filter.within()).await?);
        self.0.insert(key, digest.clone());
        Ok(digest)
    }
}

fn part_of<'f>(figure: &'f Figure, code: &str) -> Option<&'f Figure> {
    if figure.indicator.code == code {
        return Some(figure);
    }
    figure.parts.iter().find_map(|part| part_of(part, code))
}

/// Why a definition cannot be evaluated any more, if it cannot.
pub(super) fn underivable(read: &Read, definition: &Definition) -> Option<String> {
    let kind = definition.kinds().into_iter().find(|kind| read.catalog().kind(kind).is_none())?;
    Some(format!("“{}”的发布口径统计事实种类“{kind}”，现在没有模块申明它", definition.name))
}

/// What frozen figures answer as known at another position, in their order and in a handful of statements.
///
/// # Errors
/// [`Error::Conflict`] when a kind of fact behind them is not declared any more.
pub async fn answers(read: &Read, figures: &[PublishedFigure], known: Position) -> Result<Vec<Figure>> {
    let mut thawed = Vec::with_capacity(figures.len());
    for figure in figures {
        if let Some(what) = underivable(read, &figure.definition) {
            return Err(Error::Conflict(what));
        }
        thawed.push(figure.definition.thaw()?);
    }
    let mut asked: BTreeMap<(Day, String), Vec<usize>> = BTreeMap::new();
    for (at, figure) in figures.iter().enumerate() {
        let filter = serde_json::to_string(&figure.filter).map_err(|e| Error::Internal(e.to_string()))?;
        asked.entry((figure.about, filter)).or_default().push(at);
    }
    // A document cites figures of several days: what came later is read once for all of them.
    let leaves: Vec<&'static Indicator> = thawed.iter().flat_map(Thawed::leaves).collect();
    let tail = match asked.keys().map(|(about, _)| *about).max() {
        Some(to) => {
            let known = known.min(read.head()?);
            Tail::read(read, &leaves, (known, to), last_kept(read).await?).await?
        }
        None => None,
    };
    let mut found: Vec<Option<Figure>> = vec![None; figures.len()];
    for ((about, _), members) in asked {
        let filter = &figures[members[0]].filter;
        let q = Question { about, known, scope: &filter.scope() };
        let roots: Vec<&'static Indicator> = members.iter().map(|at| thawed[*at].indicator).collect();
        // One document is frozen at one moment, so one code has one definition in it.
        let all: Vec<&'static Indicator> = members.iter().flat_map(|at| thawed[*at].all.iter().copied()).collect();
        let frozen = Definitions::Frozen(&all);
        let answered = evaluate_beside(read, &roots, frozen, &q, &filter.within(), tail.as_ref()).await?;
        for (at, answer) in members.into_iter().zip(answered) {
            found[at] = Some(answer);
        }
    }
    found.into_iter().collect::<Option<Vec<_>>>().ok_or_else(|| Error::Internal("a figure has no answer".into()))
}

/// The definition that an indicator has now, when it counts something else than the frozen one;
/// `Some(None)` when it is not declared any more.
///
/// # Errors
/// As [`Definition::of`].
pub fn current(read: &Read, frozen: &Definition) -> Result<Option<Option<Definition>>> {
    let Some(indicator) = read.catalog().indicator(&frozen.code) else { return Ok(Some(None)) };
    let now = Definition::of(indicator, read.catalog())?;
    Ok((!now.counts_as(frozen)).then_some(Some(now)))
}

/// What the rules say about the figures of a draft: each rule on each day about which the draft cites
/// two of its figures, or its only one. Nothing is released yet.
///
/// # Errors
/// As the database says.
pub async fn reconciled(read: &Read, draft: &Draft) -> Result<Vec<Note>> {
    let days: BTreeSet<Day> = draft.figures.iter().map(|c| c.about).collect();
    let mut notes = Vec::new();
    for (_, rule) in read.catalog().rules() {
        for about in &days {
            let is_cited = |code: &&str| draft.figures.iter().any(|c| c.about == *about && c.indicator == **code);
            let compared: BTreeSet<&str> = rule.check.indicators().into_iter().collect();
            if compared.iter().filter(|code| is_cited(code)).count() < compared.len().min(2) {
                continue;
            }
            let q = Question { about: *about, known: draft.known, scope: &Scope::All };
            let outcome = reconcile(read, rule, &q).await?;
            notes.push(Note {
                rule: rule.code.to_owned(),
                name: rule.name.to_owned(),
                statement: rule.statement.to_owned(),
                about: *about,
                sides: outcome.sides,
                holds: outcome.holds,
                exceptions: outcome.exceptions,
                excepted: outcome.excepted,
                release: None,
            });
        }
    }
    Ok(notes)
}

/// Lets breaks pass for which a reason is given; `reasons` go by [`Note::key`].
///
/// # Errors
/// [`Error::Invalid`] at each break without a reason.
pub(super) fn released(notes: Vec<Note>, reasons: &HashMap<String, String>, by: &str) -> Result<Vec<Note>> {
    let mut faults = Faults::new();
    let mut found = Vec::with_capacity(notes.len());
    for mut note in notes {
        if !note.holds {
            match reasons.get(&note.key()).map(|r| r.trim()).filter(|r| !r.is_empty()) {
                Some(reason) if let Some(message) = too_long(reason) => faults.add(&note.key(), message),
                Some(reason) => note.release = Some(Release { by: by.to_owned(), reason: reason.to_owned() }),
                None => faults.add(&note.key(), format!("“{}”不平（{}），请写明放行理由", note.name, note.sides)),
            }
        }
        found.push(note);
    }
    faults.or(found)
}
