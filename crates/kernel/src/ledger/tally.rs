//! Sums beside the ledger: per series and unit, by day, month and year, so that any stretch of time
//! is the sum of at most a few dozen rows, however many facts there are.

use chrono::{Datelike, Months};
use rustc_hash::FxHashMap;

use super::{Dims, Series, SeriesKind};
use crate::Result;
use crate::store::{Read, Sql, Tx};
use crate::value::day::{Day, days_in_month};

/// Rows of one day.
pub(crate) const DAY: i64 = 1;
/// Rows of one month.
pub(crate) const MONTH: i64 = 2;
/// Rows of one year.
pub(crate) const YEAR: i64 = 3;
/// Rows of one month, unit and industry division.
pub(crate) const MONTH_BY_INDUSTRY: i64 = 4;

/// Three sums that are kept together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Facts in effect, or subjects present.
    pub n: i64,
    /// Sum of quantities.
    pub quantity: i64,
    /// Sum of amounts, in fen.
    pub amount: i64,
}

impl Sums {
    pub(crate) fn add(&mut self, other: Sums, sign: i64) {
        // What runs over stands at the end of the range, where the store refuses it (`tally_within`).
        self.n = self.n.saturating_add(sign.saturating_mul(other.n));
        self.quantity = self.quantity.saturating_add(sign.saturating_mul(other.quantity));
        self.amount = self.amount.saturating_add(sign.saturating_mul(other.amount));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub series: i64,
    pub grain: i64,
    pub unit: i64,
    pub period: i64,
    pub industry: i64,
}

/// Changes to tallies that one append makes, collected before they are written.
/// A fact touches a dozen cells or more, so the map hashes as quickly as is safe for keys of our own making.
#[derive(Debug, Default)]
pub(crate) struct Deltas(pub FxHashMap<Cell, Sums>);

impl Deltas {
    /// Adds a fact to an additive series.
    pub(crate) fn fact(&mut self, series: &Series, day: Day, dims: &Dims, sums: Sums) {
        self.spread(series.id, day, 0, sums);
        if dims.unit != 0 {
            self.spread(series.id, day, dims.unit, sums);
        }
        let cell = Cell {
            series: series.id,
            grain: MONTH_BY_INDUSTRY,
            unit: dims.unit,
            period: month_code(day),
            industry: dims.division(),
        };
        self.0.entry(cell).or_default().add(sums, 1);
    }

    /// Adds to day, month and year of one unit; unit 0 is all units, and so is never a subject's own.
    pub(crate) fn spread(&mut self, series: i64, day: Day, unit: i64, sums: Sums) {
        for (grain, period) in [(DAY, day_code(day)), (MONTH, month_code(day)), (YEAR, i64::from(day.year()))] {
            let cell = Cell { series, grain, unit, period, industry: 0 };
            self.0.entry(cell).or_default().add(sums, 1);
        }
    }

    /// The changes in the order of their keys: two writers then never wait for each other in a ring.
    pub(crate) fn into_cells(self) -> Vec<(Cell, Sums)> {
        let mut cells: Vec<(Cell, Sums)> = self.0.into_iter().filter(|(_, s)| *s != Sums::default()).collect();
        cells.sort_unstable_by_key(|(cell, _)| *cell);
        cells
    }
}

/// The statements that add changes to the tallies, each put together when its turn comes.
pub(crate) fn changes<'a>(tx: &'a Tx, cells: &'a [(Cell, Sums)]) -> impl Iterator<Item = Sql> + 'a {
    const ROWS: usize = 400;
    cells.chunks(ROWS).map(|cells| change(tx.lane_sql(), cells))
}

fn change(lane: &str, cells: &[(Cell, Sums)]) -> Sql {
    let mut sql =
        Sql::new("INSERT INTO tally (series, grain, unit_id, period, industry, lane, n, quantity, amount_fen) VALUES ");
    for (i, (cell, sums)) in cells.iter().enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" });
        for value in [cell.series, cell.grain, cell.unit, cell.period, cell.industry] {
            sql.bind(value).push(", ");
        }
        sql.push(lane);
        for value in [sums.n, sums.quantity, sums.amount] {
            sql.push(", ").bind(value);
        }
        sql.push(")");
    }
    sql.push(
        " ON CONFLICT (series, grain, unit_id, period, industry, lane) DO UPDATE SET n = tally.n + excluded.n, \
         quantity = tally.quantity + excluded.quantity, amount_fen = tally.amount_fen + excluded.amount_fen",
    );
    sql
}

/// `yyyymmdd`.
pub(crate) fn day_code(day: Day) -> i64 {
    month_code(day) * 100 + i64::from(day.day())
}

/// `yyyymm`.
pub(crate) fn month_code(day: Day) -> i64 {
    i64::from(day.year()) * 100 + i64::from(day.month())
}

/// A run of periods of one grain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub grain: i64,
    pub from: i64,
    pub to: i64,
}

/// The days `from..=to` as runs of whole years, months and days; without `from`, from the beginning.
pub(crate) fn cover(from: Option<Day>, to: Day) -> Vec<Span> {
    let mut spans = Vec::new();
    let first_year = from.map_or(i32::MIN, |f| if f.ordinal() == 1 { f.year() } else { f.year() + 1 });
    let last_year = if (to.month(), to.day()) == (12, 31) { to.year() } else { to.year() - 1 };
    if first_year > last_year {
        if let Some(from) = from.or_else(|| Day::from_ymd_opt(to.year(), 1, 1)) {
            cover_months(from, to, &mut spans);
        }
        return spans;
    }
    spans.push(Span { grain: YEAR, from: i64::from(first_year), to: i64::from(last_year) });
    if let (Some(from), Some(end)) = (from, Day::from_ymd_opt(first_year.saturating_sub(1), 12, 31)) {
        cover_months(from, end, &mut spans);
    }
    if let Some(start) = Day::from_ymd_opt(last_year + 1, 1, 1) {
        cover_months(start, to, &mut spans);
    }
    spans
}

fn cover_months(from: Day, to: Day, spans: &mut Vec<Span>) {
    if from > to {
        return;
    }
    let first = if from.day() == 1 { Some(from) } else { first_of_next_month(from) };
    let last = if Some(to.day()) == days_in_month(to.year(), to.month()) {
        to.with_day(1)
    } else {
        to.with_day(1).and_then(|d| d.checked_sub_months(Months::new(1)))
    };
    match (first, last) {
        (Some(first), Some(last)) if first <= last => {
            if from < first {
                spans.push(Span { grain: DAY, from: day_code(from), to: month_code(from) * 100 + 31 });
            }
            spans.push(Span { grain: MONTH, from: month_code(first), to: month_code(last) });
            if let Some(rest) = first_of_next_month(last).filter(|rest| *rest <= to) {
                spans.push(Span { grain: DAY, from: day_code(rest), to: day_code(to) });
            }
        }
        _ => spans.push(Span { grain: DAY, from: day_code(from), to: day_code(to) }),
    }
}

fn first_of_next_month(day: Day) -> Option<Day> {
    day.with_day(1).and_then(|d| d.checked_add_months(Months::new(1)))
}

/// One question to the tallies: a series over some days.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Want<'a> {
    pub series: &'a Series,
    pub from: Option<Day>,
    pub to: Day,
}

/// The sums of many questions in one statement, for one unit (0: all).
pub(crate) async fn sums(read: &Read, wants: &[Want<'_>], units: &[i64]) -> Result<Vec<Sums>> {
    let mut answers = vec![Sums::default(); wants.len()];
    let mut sql = Sql::new("WITH want (ix, series, grain, lo, hi) AS (VALUES ");
    let mut rows = 0;
    for (ix, want) in wants.iter().enumerate() {
        for span in cover(want.from, want.to) {
            sql.push(if rows == 0 { "(" } else { ", (" });
            for (i, value) in [ix as i64, want.series.id, span.grain, span.from, span.to].into_iter().enumerate() {
                sql.push(if i == 0 { "CAST(" } else { ", CAST(" }).bind(value).push(" AS BIGINT)");
            }
            sql.push(")");
            rows += 1;
        }
    }
    if rows == 0 {
        return Ok(answers);
    }
    sql.push(
        ") SELECT w.ix, CAST(SUM(t.n) AS BIGINT) AS n, CAST(SUM(t.quantity) AS BIGINT) AS quantity, \
         CAST(SUM(t.amount_fen) AS BIGINT) AS amount FROM want w CROSS JOIN tally t \
         WHERE t.series = w.series AND t.grain = w.grain AND t.unit_id IN ",
    );
    sql.ints(units.iter().copied()).push(" AND t.period BETWEEN w.lo AND w.hi GROUP BY w.ix");
    for row in read.all(sql).await? {
        let ix = usize::try_from(row.int("ix")?).unwrap_or(usize::MAX);
        if let Some(answer) = answers.get_mut(ix) {
            *answer = Sums { n: row.int("n")?, quantity: row.int("quantity")?, amount: row.int("amount")? };
        }
    }
    Ok(answers)
}

/// The net quantities of a series over some days by unit, of the units named; where 0, all units together, is named
/// beside every other, it stands for facts without a unit.
pub(crate) async fn quantities_by_unit(read: &Read, want: &Want<'_>, units: &[i64]) -> Result<FxHashMap<i64, i64>> {
    let mut sql =
        Sql::new("SELECT t.unit_id, CAST(SUM(t.quantity) AS BIGINT) AS quantity FROM tally t WHERE t.series = ");
    // With units and grain bound, the days are a stretch of the key.
    sql.bind(want.series.id).push(" AND t.unit_id IN ").ints(units.iter().copied()).push(" AND (");
    for (i, span) in cover(want.from, want.to).into_iter().enumerate() {
        sql.push(if i == 0 { "(" } else { " OR (" }).push("t.grain = ").bind(span.grain);
        sql.push(" AND t.period BETWEEN ").bind(span.from).push(" AND ").bind(span.to).push(")");
    }
    sql.push(") GROUP BY t.unit_id");
    let mut found = FxHashMap::default();
    for row in read.all(sql).await? {
        found.insert(row.int("unit_id")?, row.int("quantity")?);
    }
    // To the tallies 0 is all units: what no unit has is facts without one.
    let of_units: i64 = found.iter().filter(|(unit, _)| **unit != 0).map(|(_, quantity)| quantity).sum();
    found.entry(0).and_modify(|all| *all -= of_units);
    Ok(found)
}

impl Series {
    /// Whether the series adds facts up (rather than counting subjects).
    pub(crate) fn additive(&self) -> bool {
        matches!(self.kind, SeriesKind::Additive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn days_of(spans: &[Span]) -> Vec<Day> {
        let mut days = Vec::new();
        let start = Day::from_ymd_opt(2018, 1, 1).expect("a day");
        for day in start.iter_days().take(3000) {
            for span in spans {
                let code = match span.grain {
                    DAY => day_code(day),
                    MONTH => month_code(day),
                    _ => i64::from(day.year()),
                };
                if (span.from..=span.to).contains(&code) {
                    days.push(day);
                }
            }
        }
        days
    }

    proptest! {
        #[test]
        fn a_cover_holds_each_day_once(a in 0i64..2500, length in 0i64..1200) {
            let start = Day::from_ymd_opt(2018, 1, 1).expect("a day");
            let from = start + chrono::Days::new(a as u64);
            let to = from + chrono::Days::new(length as u64);
            let expected: Vec<Day> = start.iter_days().take(3000).filter(|d| from <= *d && *d <= to).collect();
            prop_assert_eq!(days_of(&cover(Some(from), to)), expected);
        }

        #[test]
        fn an_open_cover_holds_everything_before(length in 0i64..2999) {
            let start = Day::from_ymd_opt(2018, 1, 1).expect("a day");
            let to = start + chrono::Days::new(length as u64);
            let spans = cover(None, to);
            prop_assert_eq!(days_of(&spans).len() as i64, length + 1);
            prop_assert!(spans.len() <= 3);
        }
    }
}
