//! Re-deriving: the published number must come out again, and what changed since is told in parts.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::frozen::{Digests, PublishedFigure, answers, current, underivable, whole};
use super::register::Publication;
use super::sorted::Sorted;
use crate::Result;
use crate::id::Position;
use crate::indicator::moved::{Moved, tail};
use crate::indicator::rowset::{RowSet, row_set};
use crate::indicator::walk::{Effect, State, Walked, composed, number_of, walk};
use crate::indicator::{
    Definition, Definitions, Figure, Indicator, Measure, Number, Question, RowKey, Thawed, evaluate_by,
};
use crate::store::Read;
use crate::value::day::Day;

/// Why a figure is another than it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cause {
    /// Facts reported later.
    Late,
    /// Facts taken back.
    Reversed,
    /// The same fact recorded anew under another class or other dimensions.
    Reclassified,
    /// A target or a declared figure set anew.
    Restated,
    /// The indicator counts something else now.
    Redefined,
}

impl Cause {
    /// All, in the order in which a change is told.
    pub const ALL: [Self; 5] = [Self::Late, Self::Reversed, Self::Reclassified, Self::Restated, Self::Redefined];

    /// What the office calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Late => "补登",
            Self::Reversed => "冲销",
            Self::Reclassified => "属性改记",
            Self::Restated => "目标或申明调整",
            Self::Redefined => "口径变更",
        }
    }
}

/// A row of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRow {
    /// Which row.
    pub key: RowKey,
    /// By how much it moved the count or sum, in whole units or fen; 0 where it moved none.
    pub by: i64,
}

/// One part of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Why.
    pub cause: Cause,
    /// The number before it.
    pub before: Number,
    /// The number after it.
    pub after: Number,
    /// Its rows: all where one figure is asked about, at most [`LISTED`] where a whole publication is.
    pub rows: Vec<StepRow>,
    /// How many there are.
    pub count: usize,
}

/// Rows of a part kept one by one.
pub const LISTED: usize = 500;

/// How a figure has moved. The steps lead from the published number to the one now, without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Its place in the publication.
    pub seq: i64,
    /// As published.
    pub published: Number,
    /// As known now, by the definition of now.
    pub now: Number,
    /// The parts; those that touch no row are left out.
    pub steps: Vec<Step>,
}

/// Something that must not be: the past answers differently than it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// The figure; absent for the publication itself.
    pub seq: Option<i64>,
    /// What is wrong, in words.
    pub what: String,
}

/// What a re-derivation found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// The position that was known.
    pub known: Position,
    /// What must not be.
    pub alarms: Vec<Alarm>,
    /// The figures that have moved.
    pub drifts: Vec<Drift>,
}

/// Re-derives all figures of a publication.
///
/// # Errors
/// As the database says. A figure that cannot be derived any more is an alarm.
pub async fn rederive(read: &Read, publication: &Publication, known: Position) -> Result<Verification> {
    let known = known.min(read.head()?).max(publication.known);
    let mut found = Verification { known, alarms: Vec::new(), drifts: Vec::new() };
    if publication.recomputed_digest()? != publication.digest {
        let what = "发布登记的内容与其摘要不符：登记可能被改动，请核查数据库".to_owned();
        found.alarms.push(Alarm { seq: None, what });
    }
    let mut kept = Vec::with_capacity(publication.figures.len());
    for figure in &publication.figures {
        match underivable(read, &figure.definition) {
            None => kept.push(figure.clone()),
            Some(what) => found.alarms.push(Alarm { seq: Some(figure.seq), what }),
        }
    }
    found.alarms.extend(past_alarms(read, publication.known, &kept).await?);
    let (drifts, alarms) = drifts(read, (publication.known, known), &kept, LISTED).await?;
    found.drifts = drifts;
    found.alarms.extend(alarms);
    Ok(found)
}

/// Re-derives one figure, for its page: the steps from as published to now, also when there are none, with every row.
///
/// # Errors
/// As [`rederive`]; [`Error::Conflict`] when it cannot be derived any more.
pub async fn rederive_one(
    read: &Read,
    publication: &Publication,
    figure: &PublishedFigure,
    known: Position,
) -> Result<(Option<Drift>, Vec<Alarm>)> {
    let known = known.min(read.head()?).max(publication.known);
    let one = std::slice::from_ref(figure);
    let mut alarms = past_alarms(read, publication.known, one).await?;
    let (drifts, more) = drifts(read, (publication.known, known), one, usize::MAX).await?;
    alarms.extend(more);
    Ok((drifts.into_iter().next(), alarms))
}

/// The published numbers must come out of the ledger again, with the same rows.
async fn past_alarms(read: &Read, known: Position, figures: &[PublishedFigure]) -> Result<Vec<Alarm>> {
    let mut alarms = Vec::new();
    let mut digests = Digests::default();
    for (figure, answer) in figures.iter().zip(answers(read, figures, known).await?) {
        let parts = digests.parts(read, &figure.definition.thaw()?, figure, &answer).await?;
        let what = if answer.number != figure.number {
            "按发布时的口径和时点重算，数值与发布的不同：账或登记可能被改动"
        } else if answer.rows != figure.rows || parts != figure.parts || whole(&parts) != figure.digest {
            "按发布时的口径和时点重算，数值相同而明细行不同：账或登记可能被改动"
        } else {
            continue;
        };
        alarms.push(Alarm { seq: Some(figure.seq), what: format!("{}：{what}", figure.definition.name) });
    }
    Ok(alarms)
}

/// The parts of every figure's change between two positions.
async fn drifts(
    read: &Read,
    (then, known): (Position, Position),
    figures: &[PublishedFigure],
    listed: usize,
) -> Result<(Vec<Drift>, Vec<Alarm>)> {
    let starts = answers(read, figures, then).await?;
    let ends = answers(read, figures, known).await?;
    let kinds: BTreeSet<&str> = figures.iter().flat_map(|f| f.definition.kinds()).collect();
    let last = figures.iter().map(|f| f.about).max().unwrap_or(Day::MIN);
    let later = tail(read, &kinds.into_iter().collect::<Vec<_>>(), (then, known), last).await?;
    let sorted = Sorted::of(later, then);
    let mut found = Vec::new();
    let mut alarms = Vec::new();
    for ((figure, start), end) in figures.iter().zip(&starts).zip(&ends) {
        let told = Telling { read, figure, thawed: figure.definition.thaw()?, start, end, then, known, listed };
        let (drift, agrees) = told.tell(&sorted).await?;
        if !agrees {
            let what = format!("{}：汇总与逐条计算不一致，请运行 qishu doctor", figure.definition.name);
            alarms.push(Alarm { seq: Some(figure.seq), what });
        }
        found.extend(drift);
    }
    Ok((found, alarms))
}

/// One figure whose change is told.
struct Telling<'a> {
    read: &'a Read,
    figure: &'a PublishedFigure,
    thawed: Thawed,
    start: &'a Figure,
    end: &'a Figure,
    then: Position,
    known: Position,
    /// Rows of a part kept one by one.
    listed: usize,
}

impl Telling<'_> {
    /// The steps, and whether they lead to what the evaluator says.
    async fn tell(&self, sorted: &Sorted) -> Result<(Option<Drift>, bool)> {
        let groups: [&[Moved]; 3] = [&sorted.late, &sorted.reversed, &sorted.reclassified];
        let walked = walk(self.read, &self.thawed, &self.figure.filter, self.start, &groups).await?;
        let mut steps = Vec::new();
        let mut at = self.start.number.clone();
        for ((cause, group), state) in Cause::ALL.into_iter().zip(groups).zip(&walked.states) {
            steps.extend(step(cause, &mut at, state.number.clone(), rows_of(group, state)));
        }
        let restated = self.restated(&walked);
        steps.extend(step(Cause::Restated, &mut at, restated, self.restated_rows().await?));
        let agrees = at == self.end.number;
        if let Some(now) = current(self.read, &self.figure.definition)? {
            let (number, rows) = self.redefined(now.as_ref()).await?;
            let redefined =
                Step { count: rows.len(), cause: Cause::Redefined, before: at, after: number.clone(), rows };
            at = number;
            steps.push(redefined);
        }
        steps.iter_mut().for_each(|step| step.rows.truncate(self.listed));
        let drift = Drift { seq: self.figure.seq, published: self.start.number.clone(), now: at, steps };
        Ok(((!drift.steps.is_empty()).then_some(drift), agrees))
    }

    /// The number when targets and declarations are those of now, and facts have been told already.
    fn restated(&self, walked: &Walked) -> Number {
        let by_people: BTreeSet<&str> =
            self.thawed.leaves().iter().filter(|i| is_by_people(i)).map(|i| i.code).collect();
        composed(&self.thawed, self.thawed.indicator, &|code| {
            if by_people.contains(code) { number_of(self.end, code) } else { walked.last.get(code).cloned() }
        })
    }

    async fn restated_rows(&self) -> Result<Vec<StepRow>> {
        let mut rows = Vec::new();
        for leaf in self.thawed.leaves() {
            if is_by_people(leaf) {
                let (then, now) = (self.rows(leaf, self.then).await?, self.rows(leaf, self.known).await?);
                rows.extend(differing(&then, &now));
            }
        }
        Ok(rows)
    }

    async fn rows(&self, leaf: &Indicator, known: Position) -> Result<RowSet> {
        let filter = &self.figure.filter;
        let q = Question { about: self.figure.about, known, scope: &filter.scope() };
        row_set(self.read, leaf, &q, &filter.within()).await
    }

    /// The number by the definition of now, and the rows that only one of the two definitions counts.
    async fn redefined(&self, now: Option<&Definition>) -> Result<(Number, Vec<StepRow>)> {
        let mut old = RowSet::new();
        for leaf in self.thawed.leaves() {
            old.extend(self.rows(leaf, self.known).await?);
        }
        let Some(now) = now else { return Ok((Number::None, differing(&old, &RowSet::new()))) };
        let thawed = now.thaw()?;
        let filter = &self.figure.filter;
        let q = Question { about: self.figure.about, known: self.known, scope: &filter.scope() };
        let definitions = Definitions::Frozen(&thawed.all);
        let answer = evaluate_by(self.read, &[thawed.indicator], definitions, &q, &filter.within()).await?;
        let mut new = RowSet::new();
        for leaf in thawed.leaves() {
            new.extend(self.rows(leaf, self.known).await?);
        }
        let number = answer.into_iter().next().map_or(Number::None, |f| f.number);
        Ok((number, differing(&old, &new)))
    }
}

fn is_by_people(indicator: &Indicator) -> bool {
    matches!(indicator.measure, Measure::Target(_) | Measure::Declared)
}

/// A step from where the telling stands, unless it touches nothing.
fn step(cause: Cause, at: &mut Number, after: Number, rows: Vec<StepRow>) -> Option<Step> {
    if rows.is_empty() && after == *at {
        return None;
    }
    let before = std::mem::replace(at, after.clone());
    Some(Step { cause, before, after, count: rows.len(), rows })
}

fn rows_of(group: &[Moved], state: &State) -> Vec<StepRow> {
    let row = |e: &Effect| group.get(e.at).map(|fact| StepRow { key: RowKey::Fact(fact.position.0), by: e.by });
    state.effects.iter().filter_map(row).collect()
}

/// The rows of which only one set has one, or has another quantity.
fn differing(old: &RowSet, new: &RowSet) -> Vec<StepRow> {
    let gone = old.iter().filter(|(key, _)| !new.contains_key(key)).map(|(key, _)| (key, -1));
    let come = new.iter().filter(|(key, _)| !old.contains_key(key)).map(|(key, _)| (key, 1));
    gone.chain(come).map(|(key, by)| StepRow { key: key.clone(), by }).collect()
}
