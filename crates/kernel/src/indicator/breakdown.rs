//! Breakdowns: the same figure, cell by cell. Every cell opens exactly its rows ([`Within`]).

use std::collections::BTreeMap;

use chrono::Datelike;

use super::direct::{self, Behind, SUMS};
use super::drill::cursor;
use super::figure::{last_kept, of_sums};
use super::{Indicator, Measure, Number, Of, Question, Within};
use crate::access::Scope;
use crate::ledger::Series;
use crate::ledger::tally::{MONTH_BY_INDUSTRY, Sums, month_code};
use crate::org;
use crate::store::{Read, Sql};
use crate::value::day::{Day, days_in_month};
use crate::value::{industry, region};
use crate::{Error, Result};

/// A dimension to break a figure down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Reporting unit on the day.
    Unit,
    /// Administrative division on the day.
    Region,
    /// Month of the day.
    Month,
    /// Industry division on the day.
    Industry,
    /// Size class on the day.
    Size,
    /// The kind's own class.
    Class,
    /// Counterparty.
    Counterparty,
}

impl By {
    /// All dimensions with their codes and names.
    pub const ALL: [(By, &'static str, &'static str); 7] = [
        (By::Unit, "unit", "填报单元"),
        (By::Region, "region", "行政区划"),
        (By::Month, "month", "月份"),
        (By::Industry, "industry", "行业大类"),
        (By::Size, "size", "划型"),
        (By::Class, "class", "分类"),
        (By::Counterparty, "counterparty", "对方"),
    ];

    /// The dimension with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, c, _)| *c == code).map(|(by, _, _)| *by)
    }

    /// Code in addresses.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(by, _, _)| *by == self).map_or("", |(_, code, _)| code)
    }

    /// Name.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|(by, _, _)| *by == self).map_or("", |(_, _, label)| label)
    }

    fn expression(self, read: &Read) -> String {
        match self {
            Self::Unit => "CAST(f.unit_id AS TEXT)".into(),
            Self::Region => "CAST(f.region AS TEXT)".into(),
            Self::Month => read.month_of("f.occurred_on"),
            Self::Industry => "substr(f.industry, 1, 2)".into(),
            Self::Size => "CAST(f.size AS TEXT)".into(),
            Self::Class => "f.class".into(),
            Self::Counterparty => "COALESCE(CAST(f.counterparty_id AS TEXT), '')".into(),
        }
    }
}

/// One cell of a breakdown.
#[derive(Debug, Clone)]
pub struct Cell {
    /// One key per dimension.
    pub keys: Vec<String>,
    /// What the keys are called.
    pub labels: Vec<String>,
    /// The value.
    pub number: Number,
    /// How many rows are behind it.
    pub rows: i64,
}

/// Breaks an indicator down by one or more dimensions; cells without rows are left out.
///
/// # Errors
/// [`Error::Invalid`] for an indicator that has no facts of its own to break down.
pub async fn breakdown(read: &Read, indicator: &Indicator, by: &[By], q: &Question<'_>) -> Result<Vec<Cell>> {
    Ok(breakdown_page(read, indicator, by, q, None, usize::MAX).await?.0)
}

/// As [`breakdown`], a page of at most `limit` cells in the order of their keys, and the cursor of the next.
///
/// # Errors
/// As [`breakdown`]; [`Error::Invalid`] at `after` for a cursor that no page gave.
pub async fn breakdown_page(
    read: &Read,
    indicator: &Indicator,
    by: &[By],
    q: &Question<'_>,
    after: Option<&str>,
    limit: usize,
) -> Result<(Vec<Cell>, Option<String>)> {
    let after = cursor(after, |text| {
        let keys: Vec<String> = text.strip_prefix("k.")?.split('~').map(str::to_owned).collect();
        (keys.len() == by.len()).then_some(keys)
    })?;
    let mut cells = cells(read, indicator, by, q).await?;
    cells.retain(|keys, sums| *sums != Sums::default() && after.as_ref().is_none_or(|after| keys > after));
    let more = cells.len() > limit;
    let page: Cells = cells.into_iter().take(limit).collect();
    let next = page.last_key_value().filter(|_| more).map(|(keys, _)| format!("k.{}", keys.join("~")));
    let labels = Labels::load(read, indicator, by, page.keys()).await?;
    let cell = |(keys, sums): (Vec<String>, Sums)| {
        let (number, rows) = of_sums(indicator, sums);
        let labels = by.iter().zip(&keys).map(|(by, key)| labels.of(*by, key)).collect();
        Cell { keys, labels, number, rows }
    };
    Ok((page.into_iter().map(cell).collect(), next))
}

async fn cells(read: &Read, indicator: &Indicator, by: &[By], q: &Question<'_>) -> Result<Cells> {
    let Some(select) = indicator.select() else {
        return Err(Error::invalid("by", "该指标由其他指标组成或为申明数字，请打开其组成部分查看分布"));
    };
    let q = &Question { known: q.known.min(read.head()?), ..*q };
    let (from, to) = indicator.window.range(q.about);
    let behind = Behind { select, from, to, within: &Within::default(), by_subject: false };
    match &indicator.measure {
        _ if from.is_some_and(|from| from > to) => Ok(BTreeMap::new()),
        Measure::Distinct(_, of) => distinct_cells(read, &behind, *of, by, q).await,
        Measure::Count(_) | Measure::Quantity(_) | Measure::Amount(_) => {
            match kept_cells(read, indicator, &behind, by, q).await? {
                Some(cells) => Ok(cells),
                None => grouped(read, &behind, by, q, Part::Known).await,
            }
        }
        _ => Err(Error::invalid("by", "日期类指标没有分布")),
    }
}

type Cells = BTreeMap<Vec<String>, Sums>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Known,
    Tail,
}

async fn grouped(read: &Read, behind: &Behind<'_>, by: &[By], q: &Question<'_>, part: Part) -> Result<Cells> {
    let mut sql = Sql::new("SELECT ");
    push_keys(&mut sql, read, by);
    sql.push(", ").push(SUMS).push(" FROM fact f WHERE ");
    match part {
        Part::Known => behind.condition(&mut sql, read, q)?,
        Part::Tail => behind.tail_condition(&mut sql, read, q)?,
    }
    push_group(&mut sql, by);
    read_cells(read, sql, by.len()).await
}

fn push_keys(sql: &mut Sql, read: &Read, by: &[By]) {
    for (i, by) in by.iter().enumerate() {
        sql.push(if i > 0 { ", " } else { "" }).push(&by.expression(read)).push(&format!(" AS k{i}"));
    }
}

fn push_group(sql: &mut Sql, by: &[By]) {
    sql.push(" GROUP BY ");
    for i in 0..by.len() {
        sql.push(if i > 0 { ", " } else { "" }).push(&(i + 1).to_string());
    }
}

async fn read_cells(read: &Read, sql: Sql, keys: usize) -> Result<Cells> {
    let mut cells = Cells::new();
    for row in read.all(sql).await? {
        let key =
            (0..keys).map(|i| row.at::<Option<String>>(i).map(Option::unwrap_or_default)).collect::<Result<_>>()?;
        let sum = |i: usize| row.at::<Option<i64>>(keys + i).map(Option::unwrap_or_default);
        cells.insert(key, Sums { n: sum(0)?, quantity: sum(1)?, amount: sum(2)? });
    }
    Ok(cells)
}

/// Distinct counts do not add up over cells: each cell counts its own.
async fn distinct_cells(read: &Read, behind: &Behind<'_>, of: Of, by: &[By], q: &Question<'_>) -> Result<Cells> {
    let mut sql = Sql::new("SELECT ");
    for i in 0..by.len() {
        sql.push(&format!("k{i}, "));
    }
    sql.push("CAST(COUNT(*) AS BIGINT) AS n, CAST(0 AS BIGINT) AS quantity, CAST(0 AS BIGINT) AS amount FROM (SELECT ");
    push_keys(&mut sql, read, by);
    sql.push(", ").push(direct::column(of)).push(" AS one FROM fact f WHERE ");
    behind.condition(&mut sql, read, q)?;
    sql.push(" AND ").push(direct::column(of)).push(" IS NOT NULL");
    push_group(&mut sql, by);
    sql.push(", ").push(direct::column(of)).push(" HAVING SUM(f.quantity) > 0) x");
    push_group(&mut sql, by);
    read_cells(read, sql, by.len()).await
}

/// The sums of whole months by the dimensions the tallies hold. Grouped by the columns themselves, in whose order the
/// tallies stand: the engine then neither sorts nor makes texts of thousands of rows.
async fn kept_months(
    read: &Read,
    series: &Series,
    by: &[By],
    units: &[i64],
    (first, last): WholeMonths,
) -> Result<Cells> {
    let columns: Vec<&str> = by
        .iter()
        .map(|by| match by {
            By::Unit => "t.unit_id",
            By::Month => "t.period",
            _ => "t.industry",
        })
        .collect();
    let columns = columns.join(", ");
    let mut sql = Sql::new("SELECT ");
    sql.push(&columns).push(
        ", CAST(SUM(t.n) AS BIGINT), CAST(SUM(t.quantity) AS BIGINT), CAST(SUM(t.amount_fen) AS BIGINT) FROM tally t WHERE t.series = ",
    );
    sql.bind(series.id).push(" AND t.grain = ").bind(MONTH_BY_INDUSTRY);
    sql.push(" AND t.unit_id IN ").ints(units.iter().copied());
    sql.push(" AND t.period BETWEEN ").bind(first.map_or(0, month_code)).push(" AND ").bind(month_code(last));
    sql.push(" GROUP BY ").push(&columns);
    let mut cells = Cells::new();
    for row in read.all(sql).await? {
        let mut keys = Vec::with_capacity(by.len());
        for (i, by) in by.iter().enumerate() {
            let key: i64 = row.at(i)?;
            keys.push(match by {
                By::Industry if key == 0 => String::new(),
                By::Industry => format!("{key:02}"),
                _ => key.to_string(),
            });
        }
        let sum = |i: usize| row.at::<Option<i64>>(by.len() + i).map(Option::unwrap_or_default);
        cells.insert(keys, Sums { n: sum(0)?, quantity: sum(1)?, amount: sum(2)? });
    }
    Ok(cells)
}

/// Cells from the kept sums: whole months from the tallies, the broken month from the facts,
/// minus what was recorded after the known position. `None` when the tallies do not hold these dimensions.
async fn kept_cells(
    read: &Read,
    indicator: &Indicator,
    behind: &Behind<'_>,
    by: &[By],
    q: &Question<'_>,
) -> Result<Option<Cells>> {
    let held = by.iter().all(|b| matches!(b, By::Unit | By::Month | By::Industry));
    let units = match q.scope {
        Scope::All => org::units(read).await?.iter().map(|u| u.id.0).chain([0]).collect::<Vec<_>>(),
        Scope::Units(units) if !units.is_empty() && units.iter().all(|u| u.0 != 0) => {
            units.iter().map(|u| u.0).collect()
        }
        _ => return Ok(None),
    };
    let Some(series) = read.catalog().series_for(indicator).filter(|_| held) else { return Ok(None) };
    let mut cells = Cells::new();
    let (months, days) = pieces(behind.from, behind.to);
    if let Some(months) = months {
        cells = kept_months(read, series, by, &units, months).await?;
    }
    for (from, to, sign) in days {
        let part = Behind { from: Some(from), to, ..*behind };
        merge(&mut cells, grouped(read, &part, by, q, Part::Known).await?, sign);
    }
    if let Some((from, to)) = months
        && last_kept(read).await? > q.known
    {
        let part = Behind { from, to, ..*behind };
        merge(&mut cells, grouped(read, &part, by, q, Part::Tail).await?, -1);
    }
    Ok(Some(cells))
}

fn merge(cells: &mut Cells, more: Cells, sign: i64) {
    for (key, sums) in more {
        cells.entry(key).or_default().add(sums, sign);
    }
}

/// First day (open: from the beginning) and last day of a run of whole months.
type WholeMonths = (Option<Day>, Day);

/// The part of a stretch made of whole months.
fn whole_days(from: Option<Day>, to: Day) -> Option<WholeMonths> {
    let next = |d: Day| d.with_day(1).and_then(|d| d.checked_add_months(chrono::Months::new(1)));
    let first = match from {
        Some(from) if from.day() != 1 => Some(next(from)?),
        other => other,
    };
    let after = to.succ_opt()?;
    let last = if after.day() == 1 { to } else { to.with_day(1)?.pred_opt()? };
    first.is_none_or(|first| first <= last).then_some((first, last))
}

/// The end of the month a stretch ends in, when more of that month lies within the stretch than beyond it.
fn rounded(to: Day) -> Day {
    let days = days_in_month(to.year(), to.month()).unwrap_or(31);
    if to.day() * 2 > days { to.with_day(days).unwrap_or(to) } else { to }
}

/// A stretch as whole months and, with their signs, the days that are to be added to them or taken off.
/// Days are looked up fact by fact, so of a month that is mostly in, what is beyond the end is taken off.
fn pieces(from: Option<Day>, to: Day) -> (Option<WholeMonths>, Vec<(Day, Day, i64)>) {
    let Some((first, last)) = whole_days(from, rounded(to)) else {
        let days = from.or_else(|| to.with_day(1)).map(|from| (from, to, 1));
        return (None, days.into_iter().collect());
    };
    let mut days = Vec::new();
    if let (Some(from), Some(end)) = (from, first.and_then(|d| d.pred_opt()))
        && from <= end
    {
        days.push((from, end, 1));
    }
    if let Some(start) = last.succ_opt().filter(|start| *start <= to) {
        days.push((start, to, 1));
    }
    if let Some(start) = to.succ_opt().filter(|start| *start <= last) {
        days.push((start, last, -1));
    }
    (Some((first, last)), days)
}

/// Names for keys, looked up once per breakdown.
struct Labels {
    units: BTreeMap<String, String>,
    orgs: BTreeMap<String, String>,
    classes: Vec<(&'static str, &'static str)>,
}

impl Labels {
    async fn load<'k>(
        read: &Read,
        indicator: &Indicator,
        by: &[By],
        keys: impl Iterator<Item = &'k Vec<String>>,
    ) -> Result<Self> {
        let units = org::units(read).await?.into_iter().map(|u| (u.id.to_string(), u.name)).collect();
        let mut orgs = BTreeMap::new();
        if let Some(at) = by.iter().position(|b| *b == By::Counterparty) {
            let ids: Vec<i64> = keys.filter_map(|k| k[at].parse().ok()).collect();
            for ids in ids.chunks(5000).filter(|c| !c.is_empty()) {
                let mut sql = Sql::new("SELECT id, name FROM organisation WHERE id IN ");
                sql.ints(ids.iter().copied());
                for row in read.all(sql).await? {
                    orgs.insert(row.get::<i64>("id")?.to_string(), row.get("name")?);
                }
            }
        }
        let kinds = indicator.select().map(|s| s.kinds).unwrap_or_default();
        let classes = kinds
            .iter()
            .filter_map(|k| read.catalog().kind(k))
            .flat_map(|k| k.decl.classes.iter().map(|c| (c.code, c.label)))
            .collect();
        Ok(Self { units, orgs, classes })
    }

    fn of(&self, by: By, key: &str) -> String {
        let found = match by {
            By::Unit => self.units.get(key).cloned(),
            By::Region => region::name(key).map(str::to_owned),
            By::Month => key.get(..4).zip(key.get(4..)).map(|(y, m)| format!("{y}年{}月", m.trim_start_matches('0'))),
            By::Industry => industry::find(key).map(|i| format!("{} {}", i.code, i.name)),
            By::Size => Some(org::size_label(key.parse().unwrap_or(0)).to_owned()),
            By::Class => self.classes.iter().find(|(code, _)| *code == key).map(|(_, label)| (*label).to_owned()),
            By::Counterparty => self.orgs.get(key).cloned(),
        };
        found.unwrap_or_else(|| "未分类".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_hold_each_day_of_a_stretch_once(a in 0u64..800, length in 0u64..500, open in any::<bool>()) {
            let start = Day::from_ymd_opt(2019, 1, 1).expect("a day");
            let (from, to) = (start + chrono::Days::new(a), start + chrono::Days::new(a + length));
            let asked = if open { None } else { Some(from) };
            let (months, days) = pieces(asked, to);
            for day in start.iter_days().take(1400) {
                let whole = months.is_some_and(|(first, last)| first.is_none_or(|f| f <= day) && day <= last);
                let broken: i64 = days.iter().filter(|(f, t, _)| *f <= day && day <= *t).map(|(_, _, sign)| sign).sum();
                let within = day <= to && asked.is_none_or(|from| from <= day);
                prop_assert_eq!(i64::from(whole) + broken, i64::from(within), "{}", day);
            }
            let looked_up: i64 = days.iter().map(|(f, t, _)| (*t - *f).num_days() + 1).sum();
            prop_assert!(looked_up <= 31 + 16, "{} days are looked up fact by fact", looked_up);
        }
    }
}
