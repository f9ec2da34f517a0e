//! Figures: the answer of an indicator to a question with two clocks.

use std::collections::HashMap;

use chrono::{Datelike, Months};

use super::direct::{self, Behind};
use super::later::{Later, Tail};
use super::{Indicator, Measure, Within, target};
use crate::access::Scope;
use crate::id::Position;
use crate::ledger::tally::{self, Sums, Want};
use crate::ledger::{Catalog, Keyed};
use crate::org;
use crate::store::Read;
use crate::value::day::{Day, days_in_month};
use crate::value::money::Fen;
use crate::{Error, Result};

/// About which day, as known at which position, on which rows.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// End of this day, Asia/Shanghai.
    pub about: Day,
    /// Last position that was known.
    pub known: Position,
    /// Rows the asker may see.
    pub scope: &'a Scope,
}

/// A number of one of the sorts an indicator can have.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Number {
    /// A whole number.
    Count(i64),
    /// Money.
    Money(Fen),
    /// One number over another; amounts are in fen.
    Ratio {
        /// Above the line.
        num: i64,
        /// Below the line; 0 gives no value, shown as —.
        den: i64,
    },
    /// A day.
    Day(Day),
    /// A declared value that is not a number.
    Text(String),
    /// There is none.
    None,
}

impl Number {
    /// As a whole number for adding up; fen for money.
    pub fn whole(&self) -> i64 {
        match self {
            Self::Count(n) => *n,
            Self::Money(fen) => fen.0,
            Self::Ratio { .. } | Self::Day(_) | Self::Text(_) | Self::None => 0,
        }
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Whose answer.
    pub indicator: &'static Indicator,
    /// The day asked about.
    pub about: Day,
    /// The position asked at.
    pub known: Position,
    /// First day that counted; open when absent.
    pub from: Option<Day>,
    /// Last day that counted.
    pub to: Day,
    /// The value.
    pub number: Number,
    /// How many rows are behind it.
    pub rows: i64,
    /// The figures it is made of: for a ratio both parts, for a total all.
    pub parts: Vec<Figure>,
}

/// The figure of one indicator.
///
/// # Errors
/// [`Error::NotFound`] for an unknown code.
pub async fn figure(read: &Read, code: &str, q: &Question<'_>) -> Result<Figure> {
    let indicator = read.catalog().indicator(code).ok_or(Error::NotFound)?;
    evaluate(read, &[indicator], q).await?.pop().ok_or(Error::NotFound)
}

/// The figures of many indicators, in their order, in a handful of statements.
///
/// # Errors
/// As the database says.
pub async fn evaluate(read: &Read, indicators: &[&'static Indicator], q: &Question<'_>) -> Result<Vec<Figure>> {
    evaluate_by(read, indicators, Definitions::Declared(read.catalog()), q, &Within::default()).await
}

/// Where the definitions of parts are looked up: as modules declare them now, or as they were frozen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Definitions<'a> {
    /// As declared.
    Declared(&'a Catalog),
    /// As frozen with a publication.
    Frozen(&'a [&'static Indicator]),
}

impl Definitions<'_> {
    /// The definition with this code.
    pub(crate) fn find(self, code: &str) -> Option<&'static Indicator> {
        match self {
            Self::Declared(catalog) => catalog.indicator(code),
            Self::Frozen(all) => all.iter().find(|i| i.code == code).copied(),
        }
    }
}

/// As [`evaluate`], with definitions from elsewhere and within one cell.
pub(crate) async fn evaluate_by(
    read: &Read,
    indicators: &[&'static Indicator],
    definitions: Definitions<'_>,
    q: &Question<'_>,
    within: &Within,
) -> Result<Vec<Figure>> {
    evaluate_beside(read, indicators, definitions, q, within, None).await
}

/// As [`evaluate_by`], with what was recorded later held for several questions.
pub(crate) async fn evaluate_beside(
    read: &Read,
    indicators: &[&'static Indicator],
    definitions: Definitions<'_>,
    q: &Question<'_>,
    within: &Within,
    held: Option<&Tail>,
) -> Result<Vec<Figure>> {
    let q = &Question { known: q.known.min(read.head()?), ..*q };
    let mut leaves: Vec<&'static Indicator> = Vec::new();
    for indicator in indicators {
        collect(definitions, indicator, &mut leaves)?;
    }
    // The kept sums do not know cells.
    let kept = if within.keys.is_empty() { kept_sums(read, &leaves, q, held).await? } else { HashMap::new() };
    let mut found: HashMap<&'static str, Figure> = HashMap::new();
    for leaf in leaves {
        let (number, rows) = match kept.get(leaf.code) {
            Some(sums) => of_sums(leaf, *sums),
            None => leaf_number(read, leaf, definitions, q, within).await?,
        };
        found.insert(leaf.code, answer(leaf, q, number, rows, Vec::new()));
    }
    Ok(indicators.iter().map(|i| compose(definitions, i, q, &found)).collect())
}

fn answer(indicator: &'static Indicator, q: &Question<'_>, number: Number, rows: i64, parts: Vec<Figure>) -> Figure {
    let (from, to) = indicator.window.range(q.about);
    Figure { indicator, about: q.about, known: q.known, from, to, number, rows, parts }
}

/// All indicators that look at rows themselves, each once. Rings were refused at start.
fn collect(
    definitions: Definitions<'_>,
    indicator: &'static Indicator,
    leaves: &mut Vec<&'static Indicator>,
) -> Result<()> {
    let parts = indicator.parts();
    if parts.is_empty() && !leaves.iter().any(|l| l.code == indicator.code) {
        leaves.push(indicator);
    }
    for part in parts {
        collect(definitions, definitions.find(part).ok_or(Error::NotFound)?, leaves)?;
    }
    Ok(())
}

fn compose(
    definitions: Definitions<'_>,
    indicator: &'static Indicator,
    q: &Question<'_>,
    leaves: &HashMap<&'static str, Figure>,
) -> Figure {
    if let Some(leaf) = leaves.get(indicator.code) {
        return leaf.clone();
    }
    let parts: Vec<Figure> = indicator
        .parts()
        .iter()
        .filter_map(|code| definitions.find(code))
        .map(|part| compose(definitions, part, q, leaves))
        .collect();
    let number = combined(&indicator.measure, &parts.iter().map(|p| p.number.clone()).collect::<Vec<_>>());
    let rows = match indicator.measure {
        Measure::Ratio(..) => parts.first().map_or(0, |p| p.rows),
        _ => parts.iter().map(|p| p.rows).sum(),
    };
    answer(indicator, q, number, rows, parts)
}

/// What the numbers of its parts make of a composed indicator.
pub(crate) fn combined(measure: &Measure, parts: &[Number]) -> Number {
    match (measure, parts) {
        (Measure::Ratio(..), [num, den]) => Number::Ratio { num: num.whole(), den: den.whole() },
        (_, [first, ..]) => {
            let sum = parts.iter().map(Number::whole).sum();
            if matches!(first, Number::Money(_)) { Number::Money(Fen(sum)) } else { Number::Count(sum) }
        }
        _ => Number::None,
    }
}

/// Units whose tallies answer for a scope, or `None` when only the facts can.
fn tally_units(q: &Question<'_>) -> Option<Vec<i64>> {
    match q.scope {
        Scope::All => Some(vec![0]),
        // Unit 0 is "all" to the tallies and "none" to the facts.
        Scope::Units(units) if !units.is_empty() && units.iter().all(|u| u.0 != 0) => {
            Some(units.iter().map(|u| u.0).collect())
        }
        _ => None,
    }
}

/// The last position that the kept sums of this snapshot hold.
pub(crate) async fn last_kept(read: &Read) -> Result<Position> {
    Ok(Position(read.one("SELECT MAX(position) AS last FROM fact").await?.int("last")?))
}

/// Sums of all leaves that a kept series answers for.
async fn kept_sums(
    read: &Read,
    leaves: &[&'static Indicator],
    q: &Question<'_>,
    held: Option<&Tail>,
) -> Result<HashMap<&'static str, Sums>> {
    let mut found = HashMap::new();
    let Some(units) = tally_units(q) else { return Ok(found) };
    let mut wants = Vec::new();
    let mut codes = Vec::new();
    for leaf in leaves {
        if let Some(series) = read.catalog().series_for(leaf)
            && (series.additive() || units.len() == 1)
        {
            let (from, to) = leaf.window.range(q.about);
            if from.is_none_or(|from| from <= to) {
                wants.push(Want { series, from, to });
                codes.push(*leaf);
            } else {
                found.insert(leaf.code, Sums::default());
            }
        }
    }
    let last = last_kept(read).await?;
    // What was recorded later is in the kept sums too: then the facts answer.
    if last <= q.known {
        for leaf in leaves {
            if let Some(keyed) = read.catalog().keyed_series(leaf) {
                let (from, to) = leaf.window.range(q.about);
                let n = different(read, &keyed, from, to, &units).await?;
                found.insert(leaf.code, Sums { n, ..Sums::default() });
            }
        }
    }
    let later = Later::read(read, &codes, q, last, held).await?;
    for (leaf, mut sums) in codes.into_iter().zip(tally::sums(read, &wants, &units).await?) {
        let touched = later.touched(leaf);
        if let Some(select) = leaf.select().filter(|_| !touched.is_empty()) {
            let (from, to) = leaf.window.range(q.about);
            let behind = Behind { select, from, to, within: &Within::default(), by_subject: false };
            sums.n -= direct::changed_presence(read, &behind, &touched, q).await?;
        }
        sums.add(later.sums(leaf), -1);
        found.insert(leaf.code, sums);
    }
    Ok(found)
}

/// How many classes or units have a net quantity above zero, by their kept sums.
async fn different(read: &Read, keyed: &Keyed<'_>, from: Option<Day>, to: Day, units: &[i64]) -> Result<i64> {
    if from.is_some_and(|from| from > to) {
        return Ok(0);
    }
    let present = match keyed {
        Keyed::Units(series) => {
            let all: Vec<i64> = match units {
                [0] => org::units(read).await?.iter().map(|unit| unit.id.0).chain([0]).collect(),
                some => some.to_vec(),
            };
            let by_unit = tally::quantities_by_unit(read, &Want { series, from, to }, &all).await?;
            by_unit.values().filter(|quantity| **quantity > 0).count()
        }
        Keyed::Classes(all) => {
            let wants: Vec<Want<'_>> = all.iter().map(|series| Want { series, from, to }).collect();
            tally::sums(read, &wants, units).await?.iter().filter(|sums| sums.quantity > 0).count()
        }
    };
    Ok(present as i64)
}

/// The value and row count that sums give for a measure.
pub(super) fn of_sums(indicator: &Indicator, sums: Sums) -> (Number, i64) {
    let number = match indicator.measure {
        Measure::Quantity(_) => Number::Count(sums.quantity),
        Measure::Amount(_) => Number::Money(Fen(sums.amount)),
        _ => Number::Count(sums.n),
    };
    (number, sums.n)
}

async fn leaf_number(
    read: &Read,
    leaf: &'static Indicator,
    definitions: Definitions<'_>,
    q: &Question<'_>,
    within: &Within,
) -> Result<(Number, i64)> {
    match &leaf.measure {
        Measure::Target(of) => {
            let money = definitions.find(of).is_some_and(|i| matches!(i.measure, Measure::Amount(_)));
            target::value(read, of, &leaf.window.target_period(q.about), money, q).await
        }
        Measure::Declared => target::declared_value(read, leaf.code, q).await,
        Measure::MonthsElapsed => {
            let (from, to) = leaf.window.range(q.about);
            let months = from.map_or(0, |f| months_between(f, to) + 1);
            Ok((Number::Count(months), 0))
        }
        _ => from_facts(read, leaf, q, within).await,
    }
}

/// Value and row count computed from the facts themselves, in one cell.
pub(super) async fn from_facts(
    read: &Read,
    indicator: &Indicator,
    q: &Question<'_>,
    within: &Within,
) -> Result<(Number, i64)> {
    let Some(select) = indicator.select() else { return Ok((Number::None, 0)) };
    let (from, to) = within.days(indicator.window.range(q.about));
    if from.is_some_and(|from| from > to) {
        return Ok(of_sums(indicator, Sums::default()));
    }
    let behind = Behind { select, from, to, within, by_subject: false };
    Ok(match &indicator.measure {
        Measure::Distinct(_, of) => {
            let n = direct::distinct(read, &behind, *of, q).await?;
            (Number::Count(n), n)
        }
        Measure::FirstDay(_) => match direct::first_day(read, &behind, q).await? {
            Some(day) => (Number::Day(day), 1),
            None => (Number::None, 0),
        },
        Measure::MonthsSince(_) => match direct::first_day(read, &behind, q).await? {
            Some(day) => (Number::Count(whole_months(day, q.about)), 1),
            None => (Number::None, 0),
        },
        _ => of_sums(indicator, direct::sums(read, &behind, q).await?),
    })
}

fn months_between(from: Day, to: Day) -> i64 {
    i64::from(to.year() - from.year()) * 12 + i64::from(to.month()) - i64::from(from.month())
}

pub(super) fn whole_months(from: Day, to: Day) -> i64 {
    months_between(from, to) - i64::from(to.day() < from.day())
}

/// The figure at the end of each of the last `months` months, the last point being the day asked about.
///
/// # Errors
/// [`Error::NotFound`] for an unknown code.
pub async fn series(read: &Read, code: &str, q: &Question<'_>, months: u32) -> Result<Vec<Figure>> {
    let indicator = read.catalog().indicator(code).ok_or(Error::NotFound)?;
    let mut points = Vec::new();
    for back in (0..months).rev() {
        let about = match q.about.with_day(1).and_then(|d| d.checked_sub_months(Months::new(back))) {
            Some(_) if back == 0 => q.about,
            Some(first) => first.with_day(days_in_month(first.year(), first.month()).unwrap_or(28)).unwrap_or(first),
            None => continue,
        };
        points.extend(evaluate(read, &[indicator], &Question { about, ..*q }).await?);
    }
    Ok(points)
}

/// Recomputes an indicator from the facts alone, for comparing with its kept sums.
///
/// # Errors
/// As the database says.
pub async fn recomputed(read: &Read, indicator: &Indicator, q: &Question<'_>) -> Result<Number> {
    Ok(from_facts(read, indicator, q, &Within::default()).await?.0)
}
