//! Who may do something about a case: for those who are told of it.

use super::{Permission, ROLES, Reach, account};
use crate::Result;
use crate::id::{AccountId, OrgId, UnitId};
use crate::store::{Read, Sql};

/// The accounts whose permission reaches a case of a unit about a subject, by number: the other side of
/// [`super::Scope::on_cases`].
///
/// # Errors
/// As the database says.
pub async fn who_may(read: &Read, permission: Permission, unit: UnitId, subject: OrgId) -> Result<Vec<AccountId>> {
    let holders = ROLES.iter().filter(|role| role.grants.iter().any(|(p, _)| *p == permission.0));
    let codes: Vec<&str> = holders.map(|role| role.code).collect();
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    // Most accounts are of enterprises: those of others are not even read.
    let everywhere =
        ROLES.iter().filter(|r| r.grants.iter().any(|(p, reach)| *p == permission.0 && *reach == Reach::All));
    let mut sql = Sql::new(account::COLUMNS);
    sql.push(" WHERE role IN ").binds(codes).push(" AND (unit_id = ").bind(unit).push(" OR org_id = ").bind(subject);
    for role in everywhere {
        sql.push(" OR role = ").bind(role.code);
    }
    sql.push(") ORDER BY id");
    let mut found = Vec::new();
    for row in read.all(sql).await? {
        let account = account::Account::of(&row)?;
        if account.actor()?.scope(permission).holds_case(unit, subject) {
            found.push(account.id);
        }
    }
    Ok(found)
}
