//! Reads of a dossier. Every function takes a scope; what the scope does not hold is not found.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::access::Scope;
use kernel::id::{OrgId, Position};
use kernel::indicator;
use kernel::ledger::Fact;
use kernel::ledger::browse::{self, Query};
use kernel::org::{self, Assertion, ORG_COLUMNS, Organisation};
use kernel::store::{Read, Row, Sql};
use kernel::value::day::{self, Day};
use kernel::{Error, Result};

use super::model::{Counted, CountedIn, MergedHere};

/// Facts of a page of the timeline.
pub(super) const PAGE: i64 = 50;
/// Facts looked at to tell which figures count them: the newest ones.
pub(super) const LOOKED_AT: i64 = 1000;

/// The organisation with this number, merged or not.
///
/// # Errors
/// [`Error::NotFound`] also when the scope does not hold it.
pub(super) async fn find(read: &Read, scope: &Scope, id: OrgId) -> Result<Organisation> {
    let mut sql = Sql::new(ORG_COLUMNS);
    sql.push(" WHERE o.id = ").bind(id).push(" AND ");
    scope.on_orgs(&mut sql, "o");
    Organisation::of(&read.one(sql).await?)
}

/// As [`find`], with `None` for what the scope does not hold.
///
/// # Errors
/// As the database says.
pub(super) async fn visible(read: &Read, scope: &Scope, id: OrgId) -> Result<Option<Organisation>> {
    match find(read, scope, id).await {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// The organisations that were merged into this one and still are.
///
/// # Errors
/// As the database says.
pub(super) async fn merged_here(read: &Read, scope: &Scope, id: OrgId) -> Result<Vec<MergedHere>> {
    let mut sql = Sql::new(
        "SELECT o.id, o.name, g.merged_at, g.merged_by, g.reason FROM org_merge g \
         JOIN organisation o ON o.id = g.duplicate_id WHERE g.undone_at IS NULL AND g.into_id = ",
    );
    sql.bind(id).push(" AND ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" ORDER BY g.id");
    let merged = |row: &Row| {
        Ok(MergedHere {
            id: OrgId(row.get("id")?),
            name: row.get("name")?,
            on: day::today(row.get::<DateTime<Utc>>("merged_at")?).to_string(),
            by: row.get("merged_by")?,
            reason: row.get("reason")?,
        })
    };
    read.all(sql).await?.iter().map(merged).collect()
}

/// Sensitive values with their middle blotted out, by where they were asserted.
pub(super) async fn masks(read: &Read, id: OrgId, history: &[Assertion]) -> HashMap<Position, String> {
    let mut masks = HashMap::new();
    for a in history.iter().filter(|a| org::is_sensitive(&a.attribute) && !a.value.is_empty()) {
        masks.insert(a.position, org::masked(read, id, a).await);
    }
    masks
}

/// Facts about an organisation at the two clocks, newest position first.
///
/// # Errors
/// As the database says.
pub(super) async fn facts(
    read: &Read,
    scope: &Scope,
    id: OrgId,
    (about, known): (Day, Position),
    before: Option<Position>,
    limit: i64,
) -> Result<Vec<Fact>> {
    let query = Query { subject: Some(id), to: Some(about), known: Some(known), before, limit, ..Query::default() };
    browse::list(read, scope, &query).await
}

/// Why each of these reversals was made.
///
/// # Errors
/// As the database says.
pub(super) async fn reasons(read: &Read, scope: &Scope, reversals: &[Position]) -> Result<HashMap<Position, String>> {
    if reversals.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::new("SELECT f.position, f.reason FROM fact f WHERE f.position IN ");
    sql.binds(reversals.iter().copied()).push(" AND ");
    scope.on_facts(&mut sql, "f");
    read.all(sql).await?.iter().map(|row| Ok((Position(row.get("position")?), row.text("reason")?))).collect()
}

/// In how many facts in effect an organisation is the other side. Counts no further than [`LOOKED_AT`].
///
/// # Errors
/// As the database says.
pub(super) async fn as_counterparty(
    read: &Read,
    scope: &Scope,
    id: OrgId,
    (about, known): (Day, Position),
) -> Result<Counted> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM (SELECT f.position FROM fact f WHERE f.counterparty_id = ");
    sql.bind(id).push(" AND f.occurred_on <= ").bind(about).push(" AND f.position <= ").bind(known);
    sql.push(
        " AND f.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position AND r.position <= ",
    );
    sql.bind(known).push(") AND ");
    scope.on_facts(&mut sql, "f");
    sql.push(" LIMIT ").bind(LOOKED_AT + 1).push(") t");
    let n = read.one(sql).await?.int("n")?;
    Ok(Counted { n: n.min(LOOKED_AT), more: n > LOOKED_AT })
}

/// The figures that count facts of an organisation, in the order of the catalogue, out of facts the scope holds.
pub(super) fn counted_in(read: &Read, facts: &[Fact], (about, known): (Day, Position)) -> Vec<CountedIn> {
    let mut by_code: HashMap<&str, usize> = HashMap::new();
    for fact in facts {
        for indicator in indicator::used_by(read, fact, about, known) {
            *by_code.entry(indicator.code).or_default() += 1;
        }
    }
    let shown = |i: &&'static indicator::Indicator| {
        let facts = *by_code.get(i.code)?;
        Some(CountedIn { code: i.code, name: i.name, definition: i.definition, window: i.window.label(), facts })
    };
    read.catalog().indicators().iter().filter_map(shown).collect()
}
