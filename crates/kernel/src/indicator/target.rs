//! Targets and declared figures: numbers people set, kept as rows with source and clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Number, Question};
use crate::access::Scope;
use crate::audit::Verb;
use crate::id::Position;
use crate::ledger::MOST_FEN;
use crate::store::{Read, Row, Sql, Tx};
use crate::value::day::Day;
use crate::value::money::Fen;
use crate::{Error, Result, args};

/// A target of an indicator for a period and unit.
#[derive(Debug, Clone)]
pub struct TargetRow {
    /// Its place among everything recorded.
    pub position: Position,
    /// Period: a year, or `2021-2023`.
    pub period: String,
    /// Unit; 0 when set for the whole city.
    pub unit: i64,
    /// The target, in the indicator's whole unit (fen for money).
    pub value: i64,
    /// The document that sets it.
    pub source: String,
    /// When the platform learned it.
    pub recorded_at: DateTime<Utc>,
    /// From whom.
    pub recorded_by: String,
}

impl TargetRow {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            position: Position(row.get("position")?),
            period: row.get("period")?,
            unit: row.get("unit_id")?,
            value: row.get("value")?,
            source: row.get("source")?,
            recorded_at: row.get("recorded_at")?,
            recorded_by: row.get("recorded_by")?,
        })
    }
}

/// Sets a target. An earlier one stays, and still answers for the time before.
///
/// # Errors
/// [`Error::Invalid`] for an unknown indicator, a negative value or a missing source.
pub async fn set_target(
    tx: &Tx,
    indicator: &str,
    period: &str,
    unit: i64,
    value: i64,
    source: &str,
) -> Result<Position> {
    if tx.catalog().indicator(indicator).is_none() {
        return Err(Error::invalid("indicator", format!("没有“{indicator}”这个指标")));
    }
    if value < 0 {
        return Err(Error::invalid("value", "目标不能为负"));
    }
    if value > MOST_FEN {
        return Err(Error::invalid("value", "目标过大，请核对单位"));
    }
    if source.trim().is_empty() {
        return Err(Error::invalid("source", "请写明下达目标的文件"));
    }
    put(tx, indicator, period, unit, value, source).await
}

/// Takes a target back: from now on there is none.
///
/// # Errors
/// As the database says.
pub async fn withdraw_target(tx: &Tx, indicator: &str, period: &str, unit: i64, source: &str) -> Result<Position> {
    put(tx, indicator, period, unit, WITHDRAWN, source).await
}

/// Stands for "no target any more": a target is never below zero.
const WITHDRAWN: i64 = -1;

async fn put(tx: &Tx, indicator: &str, period: &str, unit: i64, value: i64, source: &str) -> Result<Position> {
    let position = *tx.draw_positions(1).await?.first().ok_or_else(|| Error::Internal("no position".into()))?;
    tx.run((
        "INSERT INTO target (position, indicator, period, unit_id, value, source, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![position, indicator, period, unit, value, source.trim(), tx.now(), tx.actor().name.clone()],
    ))
    .await?;
    tx.step(Verb::TARGET_SET, "indicator", None);
    let shown = if value == WITHDRAWN { String::new() } else { value.to_string() };
    tx.changes(&format!("{} {period}", name_of(tx, indicator)), "", &shown);
    Ok(position)
}

fn name_of<'a>(read: &'a Read, indicator: &'a str) -> &'a str {
    read.catalog().indicator(indicator).map_or(indicator, |i| i.name)
}

/// The targets in force for an indicator and period, as known then: the last row of each unit.
///
/// # Errors
/// As the database says.
pub async fn target_rows(read: &Read, indicator: &str, period: &str, q: &Question<'_>) -> Result<Vec<TargetRow>> {
    let rows = read
        .all((
            "SELECT position, period, unit_id, value, source, recorded_at, recorded_by FROM target
             WHERE indicator = $1 AND period = $2 AND position <= $3 ORDER BY position",
            args![indicator, period, q.known],
        ))
        .await?;
    let mut last: BTreeMap<i64, TargetRow> = BTreeMap::new();
    for row in &rows {
        let target = TargetRow::of(row)?;
        last.insert(target.unit, target);
    }
    Ok(last.into_values().filter(|t| t.value != WITHDRAWN && visible(t.unit, q.scope)).collect())
}

/// Everything that was ever set for an indicator within a scope, newest first, `limit` rows at most.
///
/// # Errors
/// As the database says.
pub async fn target_history(read: &Read, indicator: &str, scope: &Scope, limit: usize) -> Result<Vec<TargetRow>> {
    let rows = read
        .all((
            "SELECT position, period, unit_id, value, source, recorded_at, recorded_by FROM target
             WHERE indicator = $1 ORDER BY position DESC",
            args![indicator],
        ))
        .await?;
    let rows = rows.iter().map(TargetRow::of).collect::<Result<Vec<_>>>()?;
    // A withdrawal has no number of its own to show.
    Ok(rows.into_iter().filter(|t| t.value != WITHDRAWN && visible(t.unit, scope)).take(limit).collect())
}

/// A target of a unit belongs to that unit; one for the whole city to those who see everything.
fn visible(unit: i64, scope: &Scope) -> bool {
    match scope {
        Scope::All => true,
        Scope::Units(units) => units.iter().any(|u| u.0 == unit),
        Scope::Any(parts) => parts.iter().any(|part| visible(unit, part)),
        Scope::Every(_) | Scope::Industry(_) | Scope::Own(_) | Scope::Nothing => false,
    }
}

/// The rows that make up the value: the city's own target where it has one, else those of the units.
/// What some units have entered is never taken for the whole.
pub(super) fn counting(rows: Vec<TargetRow>) -> Vec<TargetRow> {
    match rows.iter().position(|t| t.unit == 0) {
        Some(city) => rows.into_iter().skip(city).take(1).collect(),
        None => rows,
    }
}

/// The target in force for those who ask: the city's own, else the sum of the units'.
///
/// # Errors
/// As the database says.
pub async fn target_value(read: &Read, indicator: &str, period: &str, q: &Question<'_>) -> Result<Option<i64>> {
    let rows = counting(target_rows(read, indicator, period, q).await?);
    Ok((!rows.is_empty()).then(|| rows.iter().map(|t| t.value).sum()))
}

pub(super) async fn value(read: &Read, of: &str, period: &str, money: bool, q: &Question<'_>) -> Result<(Number, i64)> {
    let rows = counting(target_rows(read, of, period, q).await?);
    if rows.is_empty() {
        return Ok((Number::None, 0));
    }
    let value = rows.iter().map(|t| t.value).sum();
    Ok((if money { Number::Money(Fen(value)) } else { Number::Count(value) }, rows.len() as i64))
}

/// A figure from outside.
#[derive(Debug, Clone)]
pub struct DeclaredRow {
    /// Its place among everything recorded.
    pub position: Position,
    /// The value: a number or a text such as a date.
    pub value: String,
    /// The day it is about.
    pub as_on: Day,
    /// Where it was found.
    pub source: String,
    /// Who answers for it.
    pub person: String,
    /// When the platform learned it.
    pub recorded_at: DateTime<Utc>,
}

/// Declares a figure from outside.
///
/// # Errors
/// [`Error::Invalid`] when the indicator is not a declared one, or source, person or value are missing.
pub async fn declare(
    tx: &Tx,
    indicator: &str,
    value: &str,
    as_on: Day,
    source: &str,
    person: &str,
) -> Result<Position> {
    let mut faults = crate::Faults::new();
    if !tx.catalog().indicator(indicator).is_some_and(|i| matches!(i.measure, super::Measure::Declared)) {
        faults.add("indicator", format!("“{indicator}”不是申明的外部数字"));
    }
    for (field, text, what) in [("value", value, "数值"), ("source", source, "来源"), ("person", person, "责任人")]
    {
        if text.trim().is_empty() {
            faults.add(field, format!("请填写{what}"));
        }
    }
    faults.or(())?;
    put_declared(tx, indicator, value, as_on, (source, person)).await
}

/// Takes the figure declared for a day back; one declared for an earlier day answers again.
///
/// # Errors
/// As the database says.
pub async fn withdraw_declared(tx: &Tx, indicator: &str, as_on: Day, source: &str) -> Result<Position> {
    put_declared(tx, indicator, "", as_on, (source, &tx.actor().name)).await
}

async fn put_declared(
    tx: &Tx,
    indicator: &str,
    value: &str,
    as_on: Day,
    (source, person): (&str, &str),
) -> Result<Position> {
    let position = *tx.draw_positions(1).await?.first().ok_or_else(|| Error::Internal("no position".into()))?;
    tx.run((
        "INSERT INTO declared (position, indicator, value, as_on, source, person, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![position, indicator, value.trim(), as_on, source.trim(), person.trim(), tx.now(), tx.actor().name.clone()],
    ))
    .await?;
    tx.step(Verb::FIGURE_DECLARED, "indicator", None);
    tx.changes(&format!("{} {as_on}", name_of(tx, indicator)), "", value.trim());
    Ok(position)
}

/// Declarations of an indicator up to a day, as known then, the one in force first.
///
/// # Errors
/// As the database says.
pub async fn declared_rows(read: &Read, indicator: &str, q: &Question<'_>) -> Result<Vec<DeclaredRow>> {
    let mut sql =
        Sql::new("SELECT position, value, as_on, source, person, recorded_at FROM declared d WHERE indicator = ");
    sql.bind(indicator).push(" AND position <= ").bind(q.known).push(" AND as_on <= ").bind(q.about);
    // A withdrawal takes back what was declared for the same day before it.
    sql.push(
        " AND value <> '' AND NOT EXISTS (SELECT 1 FROM declared w WHERE w.indicator = d.indicator \
         AND w.as_on = d.as_on AND w.value = '' AND w.position > d.position AND w.position <= ",
    );
    sql.bind(q.known).push(")");
    sql.push(if visible(0, q.scope) { "" } else { " AND 1 = 0" }).push(" ORDER BY as_on DESC, position DESC");
    read.all(sql)
        .await?
        .iter()
        .map(|r| {
            Ok(DeclaredRow {
                position: Position(r.get("position")?),
                value: r.get("value")?,
                as_on: r.get("as_on")?,
                source: r.get("source")?,
                person: r.get("person")?,
                recorded_at: r.get("recorded_at")?,
            })
        })
        .collect()
}

pub(super) async fn declared_value(read: &Read, indicator: &str, q: &Question<'_>) -> Result<(Number, i64)> {
    Ok(match declared_rows(read, indicator, q).await?.into_iter().next() {
        None => (Number::None, 0),
        Some(row) => match (row.value.parse::<i64>(), row.value.parse::<Day>()) {
            (Ok(number), _) => (Number::Count(number), 1),
            (_, Ok(day)) => (Number::Day(day), 1),
            _ => (Number::Text(row.value), 1),
        },
    })
}
