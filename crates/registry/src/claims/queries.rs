//! Reads of claims. Every list takes a scope, or the account whose own claims are asked for.

use kernel::access::Scope;
use kernel::id::{AccountId, OrgId};
use kernel::store::{Read, Row, Sql};
use kernel::{Error, Result};

use super::model::Claim;

/// Claims shown at once.
const SHOWN: i64 = 200;

const COLUMNS: &str = "SELECT c.id, c.account_id, a.login, a.name AS person, c.credit_code, o.id AS org_id, o.name AS org_name, \
     o.kind AS org_kind, c.statement, c.requested_at, c.decided_at, c.decided_by, c.accepted, c.reason \
     FROM org_claim c JOIN account a ON a.id = c.account_id \
     LEFT JOIN organisation o ON o.credit_code = c.credit_code AND o.merged_into IS NULL";

/// Claims to organisations of the scope, those that wait first; to unknown codes only for who answers for all.
///
/// # Errors
/// As the database says.
pub(super) async fn list(read: &Read, scope: &Scope) -> Result<Vec<Claim>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" ORDER BY CASE WHEN c.decided_at IS NULL THEN 0 ELSE 1 END, c.id DESC LIMIT ").bind(SHOWN);
    read.all(sql).await?.iter().map(of).collect()
}

/// One claim, if the scope holds its organisation.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) async fn find(read: &Read, scope: &Scope, id: i64) -> Result<Claim> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE c.id = ").bind(id).push(" AND ");
    scope.on_orgs(&mut sql, "o");
    of(&read.one(sql).await?)
}

/// The claims of an account, newest first.
///
/// # Errors
/// As the database says.
pub(super) async fn list_own(read: &Read, account: AccountId) -> Result<Vec<Claim>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE c.account_id = ").bind(account).push(" ORDER BY c.id DESC");
    read.all(sql).await?.iter().map(of).collect()
}

/// How many claims to a code wait for a decision.
///
/// # Errors
/// As the database says.
pub(super) async fn count_open(read: &Read, code: &str) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM org_claim WHERE decided_at IS NULL AND credit_code = ");
    sql.bind(code);
    read.one(sql).await?.int("n")
}

fn of(row: &Row) -> Result<Claim> {
    let org = match row.get::<Option<i64>>("org_id")? {
        Some(id) => Some((OrgId(id), row.text("org_name")?, row.text("org_kind")?)),
        None => None,
    };
    let decided = match row.get::<Option<_>>("decided_at")? {
        Some(at) => Some((at, row.text("decided_by")?)),
        None => None,
    };
    Ok::<_, Error>(Claim {
        id: row.get("id")?,
        account: AccountId(row.get("account_id")?),
        login: row.get("login")?,
        person: row.get("person")?,
        credit_code: row.get("credit_code")?,
        org,
        statement: row.get("statement")?,
        requested_at: row.get("requested_at")?,
        decided,
        accepted: row.int("accepted")? == 1,
        reason: row.text("reason")?,
    })
}
