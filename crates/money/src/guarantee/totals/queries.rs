//! Reads of the kept sums. Every function takes a scope.

use chrono::Datelike;
use kernel::Result;
use kernel::access::Scope;
use kernel::id::{OrgId, UnitId};
use kernel::store::{Read, Sql};
use kernel::value::day::{Day, days_in_month};
use kernel::value::money::Fen;

use crate::guarantee::contracts::{DAY, MONTH, day_code, month_code, sort};
use crate::guarantee::rules::Ledger;

/// What is in force of an operator in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// The firm's unit when the contract was signed.
    pub unit: UnitId,
    /// The guarantor.
    pub operator: OrgId,
    /// Contracts in force.
    pub contracts: i64,
    /// Their balance.
    pub amount: Fen,
}

/// Appends the periods up to the end of a day: whole months, then days of the last.
fn until(sql: &mut Sql, s: &str, on: Day) {
    let month = month_code(on);
    let is_last = Some(on.day()) == days_in_month(on.year(), on.month());
    sql.push("((").push(s).push(".grain = ").bind(MONTH).push(" AND ").push(s).push(".period <= ");
    sql.bind(if is_last { month } else { month - 1 }).push(")");
    if !is_last {
        sql.push(" OR (").push(s).push(".grain = ").bind(DAY).push(" AND ").push(s).push(".period BETWEEN ");
        sql.bind(month * 100).push(" AND ").bind(day_code(on)).push(")");
    }
    sql.push(")");
}

/// What is in force at the end of a day, by unit and operator.
///
/// # Errors
/// As the database says.
pub async fn balances(read: &Read, scope: &Scope, ledger: Ledger, on: Day) -> Result<Vec<Balance>> {
    let mut sql = Sql::new(
        "SELECT s.unit_id, s.operator_id, CAST(SUM(s.moved_n) AS BIGINT) AS n, CAST(SUM(s.moved_fen) AS BIGINT) AS fen \
         FROM guarantee_sum s WHERE s.ledger = ",
    );
    sql.bind(ledger.number()).push(" AND s.sort = ").bind(sort::ALL).push(" AND ");
    until(&mut sql, "s", on);
    sql.push(" AND ");
    scope.on_parties(&mut sql, "s", &["operator_id"]);
    sql.push(" GROUP BY s.unit_id, s.operator_id ORDER BY s.unit_id, s.operator_id");
    let balance = |row: &kernel::store::Row| {
        Ok(Balance {
            unit: UnitId(row.get("unit_id")?),
            operator: OrgId(row.get("operator_id")?),
            contracts: row.int("n")?,
            amount: Fen(row.int("fen")?),
        })
    };
    let rows = read.all(sql).await?.iter().map(balance).collect::<Result<Vec<_>>>()?;
    Ok(rows.into_iter().filter(|row| (row.contracts, row.amount.0) != (0, 0)).collect())
}
