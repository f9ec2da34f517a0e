//! Reads of the kept sums. Every function takes a scope.

use chrono::Datelike;
use kernel::Result;
use kernel::access::Scope;
use kernel::id::{OrgId, UnitId};
use kernel::store::{Read, Sql};
use kernel::value::day::{Day, days_in_month};
use kernel::value::money::Fen;

use crate::guarantee::contracts::{DAY, MONTH, day_code, month_code, sort};
use crate::guarantee::rules::{Ledger, product};

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

/// A line of the monthly bulletin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What the lines are by.
    pub group: &'static str,
    /// Unit, guarantor, bank, product or size.
    pub name: String,
    /// Loans paid out in the month, and how much.
    pub issued: (i64, Fen),
    /// Contracts in force at the end of the month, and their balance.
    pub in_force: (i64, Fen),
}

/// By what the bulletin is broken down: label, sort of sum, column that says which.
const GROUPS: [(&str, i64, &str); 6] = [
    ("全部", sort::ALL, "''"),
    ("填报单元", sort::ALL, "CAST(s.unit_id AS TEXT)"),
    ("担保机构", sort::ALL, "CAST(s.operator_id AS TEXT)"),
    ("合作银行", sort::BANK, "s.key"),
    ("产品", sort::PRODUCT, "s.key"),
    ("单笔规模", sort::SIZE, "s.key"),
];

/// The lines of the bulletin of a month that ends on a day.
///
/// # Errors
/// As the database says.
pub async fn bulletin(read: &Read, scope: &Scope, ledger: Ledger, last: Day) -> Result<Vec<Line>> {
    let month = month_code(last);
    let mut lines = Vec::new();
    for (group, sort, key) in GROUPS {
        let mut sql = Sql::new("SELECT k, CAST(SUM(a) AS BIGINT) AS issued_n, CAST(SUM(b) AS BIGINT) AS issued_fen, ");
        sql.push("CAST(SUM(c) AS BIGINT) AS moved_n, CAST(SUM(d) AS BIGINT) AS moved_fen FROM (SELECT ").push(key);
        sql.push(" AS k, CASE WHEN s.period = ")
            .bind(month)
            .push(" THEN s.issued_n ELSE 0 END AS a, CASE WHEN s.period = ");
        sql.bind(month)
            .push(" THEN s.issued_fen ELSE 0 END AS b, s.moved_n AS c, s.moved_fen AS d FROM guarantee_sum s ");
        sql.push("WHERE s.ledger = ").bind(ledger.number()).push(" AND s.sort = ").bind(sort).push(" AND s.grain = ");
        sql.bind(MONTH).push(" AND s.period <= ").bind(month).push(" AND ");
        scope.on_parties(&mut sql, "s", &["operator_id"]);
        sql.push(") w GROUP BY k ORDER BY SUM(d) DESC, k");
        for row in read.all(sql).await? {
            let line = Line {
                group,
                name: row.text("k")?,
                issued: (row.int("issued_n")?, Fen(row.int("issued_fen")?)),
                in_force: (row.int("moved_n")?, Fen(row.int("moved_fen")?)),
            };
            if (line.issued, line.in_force) != ((0, Fen(0)), (0, Fen(0))) {
                lines.push(line);
            }
        }
    }
    named(read, &mut lines).await?;
    Ok(lines)
}

/// Puts names in place of numbers and codes.
async fn named(read: &Read, lines: &mut [Line]) -> Result<()> {
    let units = kernel::org::units(read).await?;
    let orgs = lines.iter().filter(|line| ["担保机构", "合作银行"].contains(&line.group));
    let ids: Vec<i64> = orgs.filter_map(|line| line.name.parse().ok()).collect();
    let mut names = std::collections::HashMap::new();
    for ids in ids.chunks(500) {
        let mut sql = Sql::new("SELECT id, name FROM organisation WHERE id IN ");
        sql.ints(ids.iter().copied());
        for row in read.all(sql).await? {
            names.insert(row.int("id")?.to_string(), row.text("name")?);
        }
    }
    for line in lines {
        line.name = match line.group {
            "填报单元" => {
                let unit = units.iter().find(|unit| unit.id.to_string() == line.name);
                unit.map_or_else(|| "没有单元".into(), |unit| unit.name.clone())
            }
            "担保机构" | "合作银行" => names.get(&line.name).cloned().unwrap_or_default(),
            "产品" => product(&line.name).map_or_else(|| line.name.clone(), |product| product.label.clone()),
            "单笔规模" if line.name == "1" => "500 万元及以下".into(),
            "单笔规模" => "500 万元以上".into(),
            _ => "合计".into(),
        };
    }
    Ok(())
}

/// Insured parties with a balance at the end of a day: how many, how much, and how much of it is of those with at most
/// so much. Goes through the events up to the day: for a monthly page, not for the board.
///
/// # Errors
/// As the database says.
pub async fn households(read: &Read, scope: &Scope, ledger: Ledger, on: Day, small: Fen) -> Result<(i64, Fen, Fen)> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n, CAST(SUM(f.fen) AS BIGINT) AS fen, CAST(SUM(CASE WHEN f.fen <= ");
    sql.bind(small.0)
        .push(" THEN f.fen ELSE 0 END) AS BIGINT) AS small FROM (SELECT c.subject_id, SUM(e.moved_fen) AS fen ");
    sql.push("FROM guarantee_event e JOIN guarantee_contract c ON c.id = e.contract_id WHERE c.ledger = ");
    sql.bind(ledger.number()).push(" AND e.occurred_on <= ").bind(on).push(" AND ");
    scope.on_parties(&mut sql, "c", &["operator_id"]);
    sql.push(" GROUP BY c.subject_id HAVING SUM(e.moved_fen) > 0) f");
    let row = read.one(sql).await?;
    Ok((row.int("n")?, Fen(row.int("fen")?), Fen(row.int("small")?)))
}

/// Fees that stand, by account, between two days.
///
/// # Errors
/// As the database says.
pub async fn fees(read: &Read, scope: &Scope, (from, to): (Day, Day)) -> Result<Vec<(String, Fen)>> {
    let mut sql = Sql::new(
        "SELECT e.account, CAST(SUM(CASE WHEN e.reverses IS NULL THEN e.amount_fen ELSE -e.amount_fen END) AS BIGINT) AS fen \
         FROM guarantee_event e JOIN guarantee_contract c ON c.id = e.contract_id WHERE e.event = 'fee' \
         AND e.occurred_on BETWEEN ",
    );
    sql.bind(from).push(" AND ").bind(to).push(" AND ");
    scope.on_parties(&mut sql, "c", &["operator_id"]);
    sql.push(" GROUP BY e.account ORDER BY e.account");
    read.all(sql).await?.iter().map(|row| Ok((row.text("account")?, Fen(row.int("fen")?)))).collect()
}

/// What the contracts in force say now: fee rates for their means, and what is late.
#[derive(Debug, Clone, Copy, Default)]
pub struct Portfolio {
    /// Contracts in force, and the sum of their fee rates in basis points.
    pub contracts: (i64, i64),
    /// Sum of balances in 万元, and of balance in 万元 times rate.
    pub weighted: (i64, i64),
    /// Overdue and not compensated.
    pub overdue: Fen,
    /// Of it for more than three months.
    pub long_overdue: Fen,
}

/// The portfolio of guaranteed loans as it is now.
///
/// # Errors
/// As the database says.
pub async fn portfolio(read: &Read, scope: &Scope, about: Day) -> Result<Portfolio> {
    let since = about.checked_sub_months(chrono::Months::new(3)).unwrap_or(about);
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS n, CAST(SUM(c.fee_bp) AS BIGINT) AS bp, CAST(SUM(c.outstanding_fen / 1000000) AS BIGINT) AS wan, \
         CAST(SUM(c.outstanding_fen / 1000000 * c.fee_bp) AS BIGINT) AS bp_wan, CAST(SUM(c.overdue_fen) AS BIGINT) AS late, \
         CAST(SUM(CASE WHEN c.overdue_on < ",
    );
    sql.bind(since)
        .push(" THEN c.overdue_fen ELSE 0 END) AS BIGINT) AS long FROM guarantee_contract c WHERE c.ledger = ");
    sql.bind(Ledger::Guarantee.number()).push(" AND c.outstanding_fen > 0 AND ");
    scope.on_parties(&mut sql, "c", &["operator_id"]);
    let row = read.one(sql).await?;
    Ok(Portfolio {
        contracts: (row.int("n")?, row.int("bp")?),
        weighted: (row.int("wan")?, row.int("bp_wan")?),
        overdue: Fen(row.int("late")?),
        long_overdue: Fen(row.int("long")?),
    })
}
