//! Reads of this slice: organisations by code, by part of their name, by number.

use std::collections::HashMap;

use kernel::access::Scope;
use kernel::id::OrgId;
use kernel::indicator::{By, DrillRows};
use kernel::org::{self, ORG_COLUMNS, Organisation};
use kernel::store::{Read, Sql, matches};
use kernel::value::text::compact;
use kernel::{Error, Result};

/// How many are offered to choose from.
pub(super) const CHOICES: usize = 5;

/// The organisations meant by what was typed: the one with this code, else those whose name matches,
/// one more than [`CHOICES`] at most.
///
/// # Errors
/// As the database says.
pub(crate) async fn orgs(read: &Read, scope: &Scope, typed: &str) -> Result<Vec<Organisation>> {
    let code = compact(typed);
    for code in [code.to_uppercase(), code] {
        match org::find_by_code(read, scope, &code).await {
            Ok(found) => return Ok(vec![found]),
            Err(Error::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    let mut sql = Sql::new(ORG_COLUMNS);
    sql.push(" WHERE ");
    matches(read, &mut sql, "o", typed);
    sql.push(" AND o.merged_into IS NULL AND ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" ORDER BY o.id LIMIT ").bind(CHOICES as i64 + 1);
    read.all(sql).await?.iter().map(Organisation::of).collect()
}

/// The name of a counterparty, if a fact within the scope has it.
///
/// # Errors
/// As the database says.
pub(super) async fn counterparty(read: &Read, scope: &Scope, org: OrgId) -> Result<Option<String>> {
    let mut sql = Sql::new("SELECT o.name FROM organisation o WHERE o.id = ");
    sql.bind(org).push(" AND EXISTS (SELECT 1 FROM fact f WHERE f.counterparty_id = o.id AND ");
    scope.on_facts(&mut sql, "f");
    sql.push(")");
    read.opt(sql).await?.map(|row| row.get("name")).transpose()
}

/// Names of the counterparties that a distinct count lists by number.
///
/// # Errors
/// As the database says.
pub(crate) async fn names(read: &Read, rows: &DrillRows) -> Result<HashMap<String, String>> {
    let DrillRows::Groups(By::Counterparty, groups) = rows else { return Ok(HashMap::new()) };
    let ids: Vec<i64> = groups.iter().filter_map(|group| group.key.parse().ok()).collect();
    let mut names = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(5000) {
        let mut sql = Sql::new("SELECT id, name FROM organisation WHERE id IN ");
        sql.ints(ids.iter().copied());
        for row in read.all(sql).await? {
            names.insert(row.get::<i64>("id")?.to_string(), row.get("name")?);
        }
    }
    Ok(names)
}
