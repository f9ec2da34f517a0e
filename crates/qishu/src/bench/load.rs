//! Appending: ten years of facts in the order in which they were recorded, through the ledger's own door.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use chrono::Days;
use kernel::access::Actor;
use kernel::id::Position;
use kernel::ledger::record;
use kernel::store::Store;
use kernel::value::day::{Day, day_end};
use kernel::{Error, Result};

use super::city::{self, City};
use super::dice::Dice;
use super::progress;
use super::weights::{Draft, Mix};

/// Facts of one act, as a city's history is loaded: the sums that all of them move are then written once.
const BATCH: u64 = 250_000;
/// Facts that cite one source record, as a monthly sheet of a county holds them.
const PER_RECORD: usize = 50;
/// One fact in so many is a reversal.
const REVERSED: u64 = 200;
/// Organisations of a hundred whose unit or mark changes at some time in the ten years.
const CHANGING: u64 = 2;
/// Facts of a hundred that are recorded late, up to [`LATE`] days.
const LATE_SHARE: u64 = 3;
const LATE: u64 = 45;

/// The first day that facts are about.
pub(super) fn first_day() -> Day {
    Day::from_ymd_opt(2016, 1, 1).unwrap_or_default()
}

/// How many days: 2016 to 2025.
pub(super) const DAYS: u64 = 3653;

/// A random day of the ten years.
pub(super) fn random_day(dice: &mut Dice) -> Day {
    day_at(dice.below(DAYS))
}

/// A day of the ten years by its number from 0.
pub(super) fn day_at(ordinal: u64) -> Day {
    first_day() + Days::new(ordinal)
}

/// What loading measured.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Facts appended, reversals among them.
    pub facts: u64,
    /// Reversals.
    pub reversals: u64,
    /// Time in acts that append.
    pub spent: Duration,
    /// Facts a second over the last tenth, when the ledger is nearly full.
    pub last_tenth_per_second: f64,
    /// Facts a second over the first tenth.
    pub first_tenth_per_second: f64,
}

impl Loaded {
    pub(super) fn per_second(&self) -> f64 {
        self.facts as f64 / self.spent.as_secs_f64().max(1e-9)
    }
}

/// Facts that stand in the ledger and could be reversed.
#[derive(Default)]
struct Standing {
    /// First position and length of each run of facts that are not reversals.
    runs: Vec<(i64, u64)>,
    reversed: HashSet<i64>,
}

impl Standing {
    /// A fact not reversed yet: mostly one of the last ten acts, as mistakes are found soon.
    fn choose(&mut self, dice: &mut Dice) -> Option<Position> {
        let recent = self.runs.len().saturating_sub(10);
        for _ in 0..50 {
            let from = if dice.percent(80) { recent } else { 0 };
            let (first, length) = *self.runs.get(from + dice.index(self.runs.len() - from))?;
            let position = first + dice.below(length) as i64;
            if self.reversed.insert(position) {
                return Some(Position(position));
            }
        }
        None
    }
}

/// Appends `facts` facts and says how fast that went. Attribute changes in between are not timed.
pub(super) async fn append(store: &Store, city: &City, mix: &Mix, facts: u64) -> Result<Loaded> {
    if mix.is_empty() {
        return Err(Error::Conflict("没有任何模块声明事实种类，无法装载".into()));
    }
    let mut dice = Dice::new(2016);
    let mut standing = Standing::default();
    let mut speeds: Vec<(u64, Duration)> = Vec::new();
    let mut reversals = 0;
    let bar = progress("facts", facts);
    let changes = (city.len() * CHANGING / 100).div_ceil(facts.div_ceil(BATCH).max(1));
    let mut done = 0;
    while done < facts {
        let size = BATCH.min(facts - done);
        let to_reverse: Vec<Position> = if standing.runs.is_empty() {
            Vec::new()
        } else {
            (0..size / REVERSED).filter_map(|_| standing.choose(&mut dice)).collect()
        };
        let new = size - to_reverse.len() as u64;
        let (first, last) = (day_at(done * DAYS / facts), day_at((done + size - 1) * DAYS / facts));
        city::change_some(store, city, &mut dice, first, changes).await?;
        let drafts: Vec<Draft> = (0..new)
            .map(|i| {
                let on = occurred(&mut dice, (done + i) * DAYS / facts);
                mix.draw(&mut dice, city, on)
            })
            .collect();
        let before = store.read().await?.head()?;
        let started = Instant::now();
        write(store, &drafts, &to_reverse, last).await?;
        speeds.push((size, started.elapsed()));
        standing.runs.push((before.0 + 1, new));
        reversals += to_reverse.len() as u64;
        done += size;
        bar.set_position(done);
    }
    bar.finish_and_clear();
    let tenth = speeds.len().div_ceil(10);
    Ok(Loaded {
        facts: done,
        reversals,
        spent: speeds.iter().map(|(_, spent)| *spent).sum(),
        last_tenth_per_second: per_second(&speeds[speeds.len() - tenth..]),
        first_tenth_per_second: per_second(&speeds[..tenth]),
    })
}

fn per_second(speeds: &[(u64, Duration)]) -> f64 {
    let facts: u64 = speeds.iter().map(|(n, _)| n).sum();
    let spent: Duration = speeds.iter().map(|(_, spent)| *spent).sum();
    facts as f64 / spent.as_secs_f64().max(1e-9)
}

fn occurred(dice: &mut Dice, ordinal: u64) -> Day {
    let late = if dice.percent(LATE_SHARE) { dice.below(LATE) } else { 0 };
    day_at(ordinal.saturating_sub(late))
}

/// One act: records, facts that cite them, reversals; recorded at the end of `day`.
async fn write(store: &Store, drafts: &[Draft], to_reverse: &[Position], day: Day) -> Result<()> {
    store
        .write_at(day_end(day), &Actor::system("性能测试"), async |tx| {
            for (sheet, drafts) in drafts.chunks(PER_RECORD).enumerate() {
                let record = record::enter(tx, "bench", &format!("台账 {day} 第 {} 页", sheet + 1), "", "").await?;
                for draft in drafts {
                    tx.record(draft.cited(record)).await?;
                }
            }
            for position in to_reverse {
                tx.reverse(*position, "性能测试：登记有误").await?;
            }
            Ok(())
        })
        .await
}

/// Makes sure that the ledger holds what was appended.
pub(super) async fn check(store: &Store, expected: u64) -> Result<()> {
    let read = store.read().await?;
    let held = read.one("SELECT COUNT(*) AS n FROM fact").await?.int("n")?;
    if held == expected as i64 {
        return Ok(());
    }
    Err(Error::Internal(format!("{expected} facts were appended, the ledger holds {held}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_years_end_with_2025() {
        assert_eq!(day_at(DAYS - 1).to_string(), "2025-12-31");
    }

    #[test]
    fn nothing_is_reversed_twice() {
        let mut standing = Standing { runs: vec![(1, 5), (9, 5)], ..Standing::default() };
        let mut dice = Dice::new(3);
        let chosen: Vec<Position> = (0..40).filter_map(|_| standing.choose(&mut dice)).collect();
        let different: HashSet<i64> = chosen.iter().map(|p| p.0).collect();
        assert_eq!(chosen.len(), different.len());
        assert!(different.iter().all(|p| (1..=5).contains(p) || (9..=13).contains(p)));
    }
}
