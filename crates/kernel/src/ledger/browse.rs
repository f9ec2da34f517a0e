//! Reading the ledger itself: lists, one fact, one organisation's timeline, and the position of a day.

use super::fact::{FACT_COLUMNS, FACT_JOINS};
use super::{Catalog, Fact};
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
    let mut sql = Sql::default();
    select(&mut sql, read.catalog(), scope, query);
    read.all(sql).await?.iter().map(|row| Fact::of(row, read.catalog())).collect()
}

/// Appends the question behind [`list`]: the newest positions along each way into the ledger, then their facts.
/// Open to tests, which ask the engine how it would go about it.
pub fn select(sql: &mut Sql, catalog: &Catalog, scope: &Scope, query: &Query) {
    sql.push("SELECT ").push(FACT_COLUMNS).push(" FROM (");
    for (i, way) in ways(scope, query).iter().enumerate() {
        sql.push(if i == 0 { "" } else { " UNION " });
        sql.push("SELECT position FROM (SELECT f.position FROM fact f WHERE ");
        way.condition(sql, catalog, query);
        narrow(sql, catalog, scope, query);
        sql.push(" ORDER BY f.position DESC LIMIT ").bind(query.limit.clamp(1, 1000));
        sql.push(&format!(") way{i}"));
    }
    // The positions come first, so that a planner without statistics looks each up instead of scanning for them.
    sql.push(") w CROSS JOIN fact f").push(FACT_JOINS).push(" WHERE f.position = w.position");
    sql.push(" ORDER BY f.position DESC LIMIT ").bind(query.limit.clamp(1, 1000));
}

/// A way into the ledger that an index serves. What a scope holds is the union of a few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By position alone.
    All,
    /// The facts of one unit.
    Unit(UnitId),
    /// The facts of one subject.
    Subject(OrgId),
    /// The facts with one counterparty.
    Counterparty(OrgId),
    /// The facts that cite one record.
    Record(RecordId),
}

impl Way {
    /// Appends the condition that the index of this way answers.
    fn condition(self, sql: &mut Sql, catalog: &Catalog, query: &Query) {
        match self {
            Self::All => sql.push("1 = 1"),
            Self::Unit(unit) => sql.push("f.unit_id = ").bind(unit),
            Self::Counterparty(org) => sql.push("f.counterparty_id = ").bind(org),
            Self::Record(record) => sql.push("f.record_id = ").bind(record),
            Self::Subject(org) => {
                // Every kind is named, because the index on subjects begins with the kind.
                if query.kind.is_none() {
                    sql.push("f.kind IN ").ints(catalog.kinds().iter().map(|k| k.id)).push(" AND ");
                }
                sql.push("f.subject_id = ").bind(org)
            }
        };
    }
}

fn ways(scope: &Scope, query: &Query) -> Vec<Way> {
    match (query.subject, query.record, query.unit) {
        (Some(subject), ..) => vec![Way::Subject(subject)],
        (None, Some(record), _) => vec![Way::Record(record)],
        (None, None, Some(unit)) => vec![Way::Unit(unit)],
        (None, None, None) => ways_of(scope),
    }
}

fn ways_of(scope: &Scope) -> Vec<Way> {
    match scope {
        // Nothing is found along any way, since the scope stays a condition.
        Scope::All | Scope::Nothing | Scope::Industry(_) => vec![Way::All],
        Scope::Units(units) if units.is_empty() => vec![Way::All],
        Scope::Units(units) => units.iter().map(|unit| Way::Unit(*unit)).collect(),
        Scope::Own(org) => vec![Way::Subject(*org), Way::Counterparty(*org)],
        Scope::Any(parts) if parts.is_empty() => vec![Way::All],
        Scope::Any(parts) => parts.iter().flat_map(ways_of).collect(),
        // Each part leads to all rows that lie in every part: one that has an index of its own will do.
        Scope::Every(parts) => {
            parts.iter().map(ways_of).find(|ways| !ways.contains(&Way::All)).unwrap_or_else(|| vec![Way::All])
        }
    }
}

/// Appends everything else that is asked for. A sign before a column keeps the planner on the way it was given.
fn narrow(sql: &mut Sql, catalog: &Catalog, scope: &Scope, query: &Query) {
    sql.push(" AND ");
    scope.on_facts(sql, "+f");
    if let Some(kind) = &query.kind {
        sql.push(" AND f.kind = ").bind(catalog.kind(kind).map_or(-1, |k| k.id));
    }
    if let Some(unit) = query.unit {
        sql.push(" AND +f.unit_id = ").bind(unit);
    }
    if let Some(record) = query.record {
        sql.push(" AND +f.record_id = ").bind(record);
    }
    if let Some(from) = query.from {
        sql.push(" AND f.occurred_on >= ").bind(from);
    }
    if let Some(to) = query.to {
        sql.push(" AND f.occurred_on <= ").bind(to);
    }
    // One bound, so that the scan begins at it.
    let before = query.before.map(|before| Position(before.0.saturating_sub(1)));
    if let Some(last) = query.known.into_iter().chain(before).min() {
        sql.push(" AND f.position <= ").bind(last);
    }
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

/// How many facts were recorded after a position, reversals among them; never beyond the snapshot.
///
/// # Errors
/// As the database says.
pub async fn count_after(read: &Read, position: Position) -> Result<i64> {
    let sql = "SELECT COUNT(*) AS n FROM fact WHERE position > $1 AND position <= $2";
    read.one((sql, args![position, read.head()?])).await?.int("n")
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
