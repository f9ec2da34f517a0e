//! Who may do something about a case today: for those who are told of it.

use std::collections::BTreeSet;

use super::membership::{COLUMNS, Membership};
use super::role::Place;
use super::roles::Roles;
use super::{At, Permission};
use crate::Result;
use crate::id::{AccountId, OrgId, UnitId};
use crate::store::{Read, Sql};

/// The accounts whose permission reaches a case of a unit about a subject, and who stands in for them, by number: the
/// other side of [`super::Scope::on_cases`].
///
/// # Errors
/// As the database says.
pub async fn who_may(read: &Read, permission: Permission, unit: UnitId, subject: OrgId) -> Result<Vec<AccountId>> {
    let roles = Roles::of(read).await?;
    let able: Vec<&str> = roles.with(permission).map(|role| role.code.as_str()).collect();
    if able.is_empty() {
        return Ok(Vec::new());
    }
    let today = read.today();
    // Most accounts are of enterprises: those of others are not even read.
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE m.role IN ")
        .binds(able)
        .push(" AND (m.unit_id = ")
        .bind(unit)
        .push(" OR m.org_id = ")
        .bind(subject);
    for role in roles.with(permission).filter(|role| role.at == At::City || reaches_all(role, permission)) {
        sql.push(" OR m.role = ").bind(role.code.clone());
    }
    sql.push(") AND m.ended_at IS NULL AND a.disabled_at IS NULL AND m.valid_from <= ").bind(today);
    sql.push(" AND (m.valid_to IS NULL OR m.valid_to >= ").bind(today).push(")");
    let mut found = BTreeSet::new();
    for row in read.all(sql).await? {
        let one = Membership::of(&row)?;
        let Some(role) = roles.find(&one.role) else { continue };
        let place = Place {
            units: one.unit.into_iter().collect(),
            org: one.org.as_ref().map(|(id, _)| *id),
            industries: one.industries.clone(),
            // A consent lets read; nobody is told of a case because of one.
            on: None,
        };
        if role.scope(permission, &place).holds_case(unit, subject) {
            found.insert(one.account);
        }
    }
    deputies(read, &mut found).await?;
    Ok(found.into_iter().collect())
}

fn reaches_all(role: &super::Role, permission: Permission) -> bool {
    role.grants.iter().any(|grant| grant.permission == permission.0 && grant.code() == "all")
}

/// Adds those who stand in for somebody today.
async fn deputies(read: &Read, of: &mut BTreeSet<AccountId>) -> Result<()> {
    if of.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("SELECT deputy_id FROM substitute WHERE ended_at IS NULL AND valid_from <= ");
    sql.bind(read.today()).push(" AND valid_to >= ").bind(read.today());
    sql.push(" AND absent_id IN ").ints(of.iter().map(|account| account.0));
    for row in read.all(sql).await? {
        of.insert(AccountId(row.get("deputy_id")?));
    }
    Ok(())
}
