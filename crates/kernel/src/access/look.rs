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
    /// Who holds a live consent that covers it.
    pub consented: Vec<OrgId>,
}

impl Scope {
    /// Whether the scope holds a row; what [`Scope::on_orgs`] and [`Scope::on_facts`] ask of a database.
    pub fn admits(&self, row: &Seen) -> bool {
        match self {
            Self::All => true,
            Self::Units(units) => units.contains(&row.unit),
            Self::Own(org) => row.of.contains(org),
            Self::Consented(recipient, _) => row.consented.contains(recipient),
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
    let (unit, industry) = (UnitId(row.get("unit_id")?), row.get("industry")?);
    Ok(Seen { name: row.get("name")?, unit, industry, of: vec![id], consented: consented(read, id, None).await? })
}

/// Who holds a live consent of a subject today, for a kind of fact or for the organisation itself.
async fn consented(read: &Read, subject: OrgId, kind: Option<i64>) -> Result<Vec<OrgId>> {
    let mut sql = Sql::new("SELECT DISTINCT c.recipient_id FROM consent c");
    if let Some(kind) = kind {
        sql.push(" JOIN consent_kind k ON k.consent_id = c.id AND k.kind = ").bind(kind);
    }
    sql.push(" WHERE c.subject_id = ").bind(subject).push(" AND c.revoked_at IS NULL AND c.valid_from <= ");
    sql.bind(read.today()).push(" AND c.valid_to >= ").bind(read.today());
    read.all(sql).await?.iter().map(|row| row.get("recipient_id").map(OrgId)).collect()
}

/// A fact as scopes see it: with the dimensions of its day, so that the unit of then keeps it after a move.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub async fn seen_fact(read: &Read, position: Position) -> Result<Seen> {
    let sql = "SELECT kind, unit_id, industry, subject_id, counterparty_id FROM fact WHERE position = $1";
    let row = read.one((sql, args![position])).await?;
    let subject = OrgId(row.get("subject_id")?);
    let sides = [Some(subject.0), row.get::<Option<i64>>("counterparty_id")?];
    Ok(Seen {
        name: format!("第 {position} 号事实"),
        unit: UnitId(row.get("unit_id")?),
        industry: row.get("industry")?,
        of: sides.into_iter().flatten().map(OrgId).collect(),
        consented: consented(read, subject, Some(row.get("kind")?)).await?,
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
            on: Some(read.today()),
        };
        let by: Vec<Grant> =
            role.grants.iter().filter(|g| g.permission == permission.0 && g.admits(&place, row)).cloned().collect();
        if !by.is_empty() {
            found.push((one, by));
        }
    }
    Ok(found)
}
