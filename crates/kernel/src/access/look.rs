//! Looking at access as a whole: who holds what, whose duties collide, who sees a row and by which rule.

use std::collections::BTreeMap;

use super::duty::{self, Duty};
use super::membership::{COLUMNS, Membership};
use super::role::{Grant, Place};
use super::roles::Roles;
use super::{Permission, Scope};
use crate::id::{AccountId, OrgId, Position, UnitId};
use crate::store::{Read, Sql};
use crate::{Result, args};

/// The memberships of these accounts that hold today or later, by account.
///
/// # Errors
/// As the database says.
pub async fn list_live(read: &Read, accounts: &[AccountId]) -> Result<BTreeMap<AccountId, Vec<Membership>>> {
    let mut found: BTreeMap<AccountId, Vec<Membership>> = BTreeMap::new();
    if accounts.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE m.account_id IN ").ints(accounts.iter().map(|a| a.0));
    sql.push(" AND m.ended_at IS NULL AND (m.valid_to IS NULL OR m.valid_to >= ").bind(read.today());
    sql.push(") ORDER BY m.id");
    for row in read.all(sql).await? {
        let one = Membership::of(&row)?;
        found.entry(one.account).or_default().push(one);
    }
    Ok(found)
}

/// Accounts whose live memberships combine what may not be combined. Granting refuses that, so a name here means that
/// the rows were written past it.
///
/// # Errors
/// As the database says.
pub async fn list_conflicts(read: &Read) -> Result<Vec<(String, Vec<Duty>)>> {
    let roles = Roles::read(read).await?;
    let mut held: BTreeMap<String, Vec<Duty>> = BTreeMap::new();
    for one in live(read, roles.all().iter().map(|r| r.code.clone()).collect(), false).await? {
        let Some(role) = roles.find(&one.role) else { continue };
        let duties = held.entry(format!("{}（{}）", one.person, one.login)).or_default();
        match duty::of_role(role) {
            Ok(duty) if duties.contains(&duty) => {}
            Ok(duty) => duties.push(duty),
            Err(_) => duties.extend([Duty::Business, Duty::Security]),
        }
    }
    Ok(held.into_iter().filter(|(_, duties)| duties.len() > 1).collect())
}

async fn live(read: &Read, roles: Vec<String>, today_only: bool) -> Result<Vec<Membership>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE m.role IN ").binds(roles).push(" AND m.ended_at IS NULL AND a.disabled_at IS NULL");
    sql.push(" AND (m.valid_to IS NULL OR m.valid_to >= ").bind(read.today()).push(")");
    if today_only {
        sql.push(" AND m.valid_from <= ").bind(read.today());
    }
    sql.push(" ORDER BY a.login, m.id");
    read.all(sql).await?.iter().map(Membership::of).collect()
}

/// A row that somebody may see or not: what scopes look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it is called.
    pub name: String,
    /// The unit it is counted in; 0 for none.
    pub unit: UnitId,
    /// Its code of GB/T 4754.
    pub industry: String,
    /// The organisations whose own it is.
    pub of: Vec<OrgId>,
}

impl Scope {
    /// Whether the scope holds a row; what [`Scope::on_orgs`] and [`Scope::on_facts`] ask of a database.
    pub fn admits(&self, row: &Seen) -> bool {
        match self {
            Self::All => true,
            Self::Units(units) => units.contains(&row.unit),
            Self::Own(org) => row.of.contains(org),
            Self::Industry(divisions) => row.industry.get(..2).is_some_and(|d| divisions.iter().any(|own| own == d)),
            Self::Any(parts) => parts.iter().any(|part| part.admits(row)),
            Self::Every(parts) => !parts.is_empty() && parts.iter().all(|part| part.admits(row)),
            Self::Nothing => false,
        }
    }
}

/// An organisation as scopes see it.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn seen_org(read: &Read, id: OrgId) -> Result<Seen> {
    let row = read.one(("SELECT name, unit_id, industry FROM organisation WHERE id = $1", args![id])).await?;
    Ok(Seen { name: row.get("name")?, unit: UnitId(row.get("unit_id")?), industry: row.get("industry")?, of: vec![id] })
}

/// A fact as scopes see it: with the dimensions of its day, so that the unit of then keeps it after a move.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn seen_fact(read: &Read, position: Position) -> Result<Seen> {
    let sql = "SELECT unit_id, industry, subject_id, counterparty_id FROM fact WHERE position = $1";
    let row = read.one((sql, args![position])).await?;
    let sides = [Some(row.get::<i64>("subject_id")?), row.get::<Option<i64>>("counterparty_id")?];
    Ok(Seen {
        name: format!("第 {position} 号事实"),
        unit: UnitId(row.get("unit_id")?),
        industry: row.get("industry")?,
        of: sides.into_iter().flatten().map(OrgId).collect(),
    })
}

/// Who sees a row for a permission today, and by which grants of which role.
///
/// # Errors
/// As the database says.
pub async fn who_sees(read: &Read, permission: Permission, row: &Seen) -> Result<Vec<(Membership, Vec<Grant>)>> {
    let roles = Roles::read(read).await?;
    let able: Vec<String> = roles.with(permission).map(|r| r.code.clone()).collect();
    if able.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for one in live(read, able, true).await? {
        let Some(role) = roles.find(&one.role) else { continue };
        let place = Place {
            units: one.unit.into_iter().collect(),
            org: one.org.as_ref().map(|(id, _)| *id),
            industries: one.industries.clone(),
        };
        let by: Vec<Grant> =
            role.grants.iter().filter(|g| g.permission == permission.0 && g.admits(&place, row)).cloned().collect();
        if !by.is_empty() {
            found.push((one, by));
        }
    }
    Ok(found)
}
