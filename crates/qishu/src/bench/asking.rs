//! Asking: board, breakdown and drill-down over the whole catalogue on random days.

use std::collections::BTreeMap;
use std::time::Instant;

use kernel::access::Scope;
use kernel::id::UnitId;
use kernel::indicator::{By, Indicator, Measure, Question, Window, Within, breakdown, drill, evaluate};
use kernel::store::Store;
use kernel::value::day::Day;
use kernel::{Error, Result};

use super::city::UNITS;
use super::dice::Dice;
use super::load::random_day;
use super::timing::{Samples, Spread, repeat};

/// Rows of a page of a list.
const PAGE: usize = 50;

/// Every indicator of the catalogue on random days, as known now.
pub(super) async fn board(store: &Store, times: usize, one_unit: bool) -> Result<Spread> {
    let mut dice = Dice::new(if one_unit { 31 } else { 30 });
    let asked = repeat(20, times, async |_| {
        let scope = if one_unit { Scope::Units(vec![UnitId(dice.pick(&UNITS).0)]) } else { Scope::All };
        let about = random_day(&mut dice);
        let read = store.read().await?;
        let question = Question { about, known: read.head()?, scope: &scope };
        let figures = evaluate(&read, store.catalog().indicators(), &question).await?;
        if figures.len() == store.catalog().indicators().len() {
            Ok(())
        } else {
            Err(Error::Internal("a figure is missing".into()))
        }
    });
    Ok(asked.await?.spread())
}

/// The indicators that take longest when asked alone, slowest first: where a slow board comes from.
pub(super) async fn slowest(store: &Store, times: usize) -> Result<Vec<(&'static str, Spread)>> {
    let mut dice = Dice::new(32);
    let mut found = Vec::new();
    for indicator in store.catalog().indicators() {
        let asked = repeat(1, times, async |_| {
            let about = random_day(&mut dice);
            let read = store.read().await?;
            let question = Question { about, known: read.head()?, scope: &Scope::All };
            evaluate(&read, &[indicator], &question).await.map(drop)
        });
        found.push((indicator.code, asked.await?.spread()));
    }
    found.sort_by(|a, b| b.1.p95_ms.total_cmp(&a.1.p95_ms));
    Ok(found)
}

/// Amounts whose window begins with the year; without any, all amounts.
pub(super) fn amounts(store: &Store) -> Vec<&'static Indicator> {
    let all = store.catalog().indicators().iter().copied().filter(|i| matches!(i.measure, Measure::Amount(_)));
    let (yearly, other): (Vec<_>, Vec<_>) = all.partition(|i| i.window == Window::YearToDate);
    if yearly.is_empty() { other } else { yearly }
}

/// Unit by month by industry of an amount since the beginning of the year.
pub(super) async fn cube(store: &Store, times: usize) -> Result<Option<Spread>> {
    let indicators = amounts(store);
    if indicators.is_empty() {
        return Ok(None);
    }
    let mut dice = Dice::new(33);
    let asked = repeat(20, times, async |_| {
        let indicator = *dice.pick(&indicators);
        let about = random_day(&mut dice);
        let read = store.read().await?;
        let question = Question { about, known: read.head()?, scope: &Scope::All };
        breakdown(&read, indicator, &[By::Unit, By::Month, By::Industry], &question).await.map(drop)
    });
    Ok(Some(asked.await?.spread()))
}

/// Which lists are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lists {
    /// Of sums: their rows are facts.
    Sums,
    /// Of distinct counts: their rows are subjects, classes, units or counterparties.
    Distinct,
}

impl Lists {
    fn holds(self, indicator: &Indicator) -> bool {
        match indicator.measure {
            Measure::Count(_) | Measure::Quantity(_) | Measure::Amount(_) => self == Self::Sums,
            Measure::Distinct(..) => self == Self::Distinct,
            _ => false,
        }
    }
}

/// What opening lists measured.
#[derive(Debug)]
pub(super) struct Drilled {
    /// All pages.
    pub all: Spread,
    /// Pages of each indicator, slowest first.
    pub by_indicator: Vec<(&'static str, Spread)>,
}

/// First and second pages of the lists behind random indicators on random days.
pub(super) async fn pages(store: &Store, times: usize, lists: Lists) -> Result<Option<Drilled>> {
    let indicators: Vec<&'static Indicator> =
        store.catalog().indicators().iter().copied().filter(|i| lists.holds(i)).collect();
    if indicators.is_empty() {
        return Ok(None);
    }
    let mut dice = Dice::new(34);
    let mut by_indicator: BTreeMap<&'static str, Samples> = BTreeMap::new();
    let warm = 20;
    let mut asked = 0;
    while asked < warm + times {
        let indicator = *dice.pick(&indicators);
        let about = random_day(&mut dice);
        let mut after: Option<String> = None;
        for _ in 0..2 {
            let started = Instant::now();
            let next = page(store, indicator, about, after.as_deref()).await?;
            if asked >= warm {
                by_indicator.entry(indicator.code).or_default().add(started.elapsed());
            }
            asked += 1;
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    let mut all = Samples::default();
    by_indicator.values().for_each(|samples| all.extend(samples.clone()));
    let mut by_indicator: Vec<_> = by_indicator.into_iter().map(|(code, samples)| (code, samples.spread())).collect();
    by_indicator.sort_by(|a, b| b.1.p95_ms.total_cmp(&a.1.p95_ms));
    Ok(Some(Drilled { all: all.spread(), by_indicator }))
}

async fn page(store: &Store, indicator: &'static Indicator, about: Day, after: Option<&str>) -> Result<Option<String>> {
    let read = store.read().await?;
    let question = Question { about, known: read.head()?, scope: &Scope::All };
    Ok(drill(&read, indicator, &question, &Within::default(), after, PAGE).await?.next)
}
