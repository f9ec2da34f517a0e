//! Reading the ledger itself: lists, one fact, one organisation's timeline, and the position of a day.

use super::Fact;
use super::fact::{FACT_COLUMNS, FACT_JOINS};
use crate::access::Scope;
use crate::id::{OrgId, Position, RecordId, UnitId};
use crate::store::{Read, Sql};
use crate::value::day::Day;
use crate::{Result, args};

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Only this kind.
    pub kind: Option<String>,
    /// Only this subject.
    pub subject: Option<OrgId>,
    /// Only this unit.
    pub unit: Option<UnitId>,
    /// Only facts citing this record.
    pub record: Option<RecordId>,
    /// Days from.
    pub from: Option<Day>,
    /// Days to.
    pub to: Option<Day>,
    /// Only positions below this one: the next page.
    pub before: Option<Position>,
    /// Only what was known at this position.
    pub known: Option<Position>,
    /// How many at most.
    pub limit: i64,
}

/// Facts, newest position first.
///
/// # Errors
/// As the database says. An unknown kind lists nothing.
pub async fn list(read: &Read, scope: &Scope, query: &Query) -> Result<Vec<Fact>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(FACT_COLUMNS).push(" FROM fact f").push(FACT_JOINS).push(" WHERE ");
    scope.on_facts(&mut sql, "f");
    if let Some(kind) = &query.kind {
        let id = read.catalog().kind(kind).map_or(-1, |k| k.id);
        sql.push(" AND f.kind = ").bind(id);
    }
    if let Some(subject) = query.subject {
        // Every kind is named, because the index on subjects begins with the kind.
        sql.push(" AND f.subject_id = ").bind(subject);
        if query.kind.is_none() {
            sql.push(" AND f.kind IN ").ints(read.catalog().kinds().iter().map(|k| k.id));
        }
    }
    if let Some(unit) = query.unit {
        sql.push(" AND f.unit_id = ").bind(unit);
    }
    if let Some(record) = query.record {
        sql.push(" AND f.record_id = ").bind(record);
    }
    if let Some(from) = query.from {
        sql.push(" AND f.occurred_on >= ").bind(from);
    }
    if let Some(to) = query.to {
        sql.push(" AND f.occurred_on <= ").bind(to);
    }
    if let Some(known) = query.known {
        sql.push(" AND f.position <= ").bind(known);
    }
    if let Some(before) = query.before {
        sql.push(" AND f.position < ").bind(before);
    }
    sql.push(" ORDER BY f.position DESC LIMIT ").bind(query.limit.clamp(1, 1000));
    read.all(sql).await?.iter().map(|row| Fact::of(row, read.catalog())).collect()
}

/// One fact, if the scope holds it.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn find(read: &Read, scope: &Scope, position: Position) -> Result<Fact> {
    let mut sql = Sql::new("SELECT ");
    sql.push(FACT_COLUMNS).push(" FROM fact f").push(FACT_JOINS).push(" WHERE f.position = ").bind(position);
    sql.push(" AND ");
    scope.on_facts(&mut sql, "f");
    Fact::of(&read.one(sql).await?, read.catalog())
}

/// The facts at these positions that the scope holds, in the order of their positions.
///
/// # Errors
/// As the database says.
pub async fn at(read: &Read, scope: &Scope, positions: &[Position]) -> Result<Vec<Fact>> {
    let mut found = Vec::with_capacity(positions.len());
    for positions in positions.chunks(500) {
        let mut sql = Sql::new("SELECT ");
        sql.push(FACT_COLUMNS).push(" FROM fact f").push(FACT_JOINS).push(" WHERE f.position IN ");
        sql.ints(positions.iter().map(|p| p.0)).push(" AND ");
        scope.on_facts(&mut sql, "f");
        for row in read.all(sql).await? {
            found.push(Fact::of(&row, read.catalog())?);
        }
    }
    found.sort_by_key(|fact| fact.position);
    Ok(found)
}

/// The last position recorded on or before `day`; never beyond the snapshot.
/// It is settled once a later day's first position is readable.
///
/// # Errors
/// As the database says.
pub async fn position_on(read: &Read, day: Day) -> Result<Position> {
    let head = read.head()?;
    let row = read.opt(("SELECT MIN(first_position) AS p FROM ledger_day WHERE day > $1", args![day])).await?;
    let next = row.map(|r| r.get::<Option<i64>>("p")).transpose()?.flatten();
    Ok(next.map_or(head, |p| Position(p - 1).min(head)))
}

/// The day on which a position was recorded, `None` before the first.
///
/// # Errors
/// As the database says.
pub async fn day_of(read: &Read, position: Position) -> Result<Option<Day>> {
    let row = read.opt(("SELECT MAX(day) AS day FROM ledger_day WHERE first_position <= $1", args![position])).await?;
    Ok(row.map(|r| r.get::<Option<Day>>("day")).transpose()?.flatten())
}
