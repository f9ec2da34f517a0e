//! What is kept beside the events in their transaction: exposures for limits, sums for balances at any day.
//!
//! The tallies of the kernel know units, not guarantors, banks and products: see decision 23.

use chrono::Datelike;
use kernel::audit::Verb;
use kernel::id::OrgId;
use kernel::store::{Read, Sql, Tx};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Result, args};

use super::model::Contract;
use crate::guarantee::id::AgreementId;
use crate::guarantee::rules::{Exposure, Ledger, LimitEdition, weighted};

/// Sorts of exposure.
const ALL: i64 = 0;
const FIRM: i64 = 1;
const AGREEMENT: i64 = 2;

/// Grains of sums.
pub(in crate::guarantee) const MONTH: i64 = 1;
pub(in crate::guarantee) const DAY: i64 = 2;

/// Sorts of sums.
pub(in crate::guarantee) mod sort {
    /// Everything.
    pub const ALL: i64 = 0;
    /// By bank.
    pub const BANK: i64 = 1;
    /// By product.
    pub const PRODUCT: i64 = 2;
    /// By size of the contract.
    pub const SIZE: i64 = 3;
}

/// `yyyymm`.
pub(in crate::guarantee) fn month_code(day: Day) -> i64 {
    i64::from(day.year()) * 100 + i64::from(day.month())
}

/// `yyyymmdd`.
pub(in crate::guarantee) fn day_code(day: Day) -> i64 {
    month_code(day) * 100 + i64::from(day.day())
}

/// One movement as it is added to the sums.
#[derive(Debug, Clone, Copy)]
pub(super) struct Movement {
    pub on: Day,
    pub issued: (i64, i64),
    pub moved: (i64, i64),
}

/// Adds a movement to everything that is kept; the operator is held by whoever calls.
pub(super) async fn add(tx: &Tx, contract: &Contract, movement: &Movement) -> Result<()> {
    if movement.issued == (0, 0) && movement.moved == (0, 0) {
        return Ok(());
    }
    tx.run(sums(contract, movement)).await?;
    if contract.ledger == Ledger::Guarantee && movement.moved.1 != 0 {
        let agreement = contract.agreement.map(|agreement| (AGREEMENT, agreement.0));
        let keys = [(ALL, i64::from(contract.is_small)), (FIRM, contract.subject.0)].into_iter().chain(agreement);
        for key in keys {
            expose(tx, contract.operator, key, movement.moved.1).await?;
        }
    }
    Ok(())
}

fn sums(contract: &Contract, movement: &Movement) -> Sql {
    let keys = [
        (sort::ALL, String::new()),
        (sort::BANK, contract.bank.to_string()),
        (sort::PRODUCT, contract.product.clone()),
        (sort::SIZE, i64::from(contract.is_small).to_string()),
    ];
    let mut sql = Sql::new(
        "INSERT INTO guarantee_sum (ledger, sort, grain, period, unit_id, operator_id, key, issued_n, issued_fen, moved_n, \
         moved_fen) VALUES ",
    );
    let periods = [(MONTH, month_code(movement.on)), (DAY, day_code(movement.on))];
    let rows = keys.iter().flat_map(|key| periods.iter().map(move |period| (key, period)));
    for (i, ((sort, key), (grain, period))) in rows.enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" });
        for number in [contract.ledger.number(), *sort, *grain, *period, contract.unit.0, contract.operator.0] {
            sql.bind(number).push(", ");
        }
        sql.bind(key.clone());
        let (issued, moved) = (movement.issued, movement.moved);
        for number in [issued.0, issued.1, moved.0, moved.1] {
            sql.push(", ").bind(number);
        }
        sql.push(")");
    }
    sql.push(
        " ON CONFLICT (ledger, sort, grain, period, unit_id, operator_id, key) DO UPDATE SET \
         issued_n = guarantee_sum.issued_n + excluded.issued_n, issued_fen = guarantee_sum.issued_fen + excluded.issued_fen, \
         moved_n = guarantee_sum.moved_n + excluded.moved_n, moved_fen = guarantee_sum.moved_fen + excluded.moved_fen",
    );
    sql
}

async fn expose(tx: &Tx, operator: OrgId, (sort, key): (i64, i64), fen: i64) -> Result<()> {
    let moved = "UPDATE guarantee_exposure SET in_force_fen = in_force_fen + $4 WHERE operator_id = $1 AND sort = $2 AND key = $3";
    if tx.run((moved, args![operator, sort, key, fen])).await? == 0 {
        let first = "INSERT INTO guarantee_exposure (operator_id, sort, key, in_force_fen) VALUES ($1, $2, $3, $4)";
        tx.run((first, args![operator, sort, key, fen])).await?;
    }
    Ok(())
}

/// What an operator has in force, of a firm with its group and under an agreement.
pub(in crate::guarantee) async fn exposure(
    read: &Read,
    operator: OrgId,
    firm: OrgId,
    agreement: Option<AgreementId>,
    edition: &LimitEdition,
) -> Result<Exposure> {
    let sql = "SELECT e.sort, e.key, e.in_force_fen FROM guarantee_exposure e WHERE e.operator_id = $1 AND (e.sort = 0 \
               OR (e.sort = 1 AND (e.key = $2 OR e.key IN (SELECT o.org_id FROM guarantee_related o WHERE o.label = \
               (SELECT m.label FROM guarantee_related m WHERE m.org_id = $2)))) OR (e.sort = 2 AND e.key = $3))";
    let mut found = Exposure::default();
    for row in read.all((sql, args![operator, firm, agreement.map_or(0, |a| a.0)])).await? {
        let (key, fen): (i64, i64) = (row.get("key")?, row.get("in_force_fen")?);
        match row.get::<i64>("sort")? {
            ALL if key == 1 => found.all.0 += weighted(edition, edition.small, Fen(fen)).0,
            ALL => found.all.0 += fen,
            FIRM => {
                found.group.0 += fen;
                found.firm.0 += if key == firm.0 { fen } else { 0 };
            }
            _ => found.agreement.0 += fen,
        }
    }
    Ok(found)
}

/// The ten firms of which an operator has most in force: number and name.
pub(in crate::guarantee) async fn largest(read: &Read, operator: OrgId) -> Result<Vec<(OrgId, String)>> {
    let sql = "SELECT e.key, o.name FROM guarantee_exposure e JOIN organisation o ON o.id = e.key \
               WHERE e.operator_id = $1 AND e.sort = 1 AND e.in_force_fen > 0 ORDER BY e.in_force_fen DESC, e.key LIMIT 10";
    let rows = read.all((sql, args![operator])).await?;
    rows.iter().map(|row| Ok((OrgId(row.get("key")?), row.get("name")?))).collect()
}

/// Columns of the sums as the events come to, to be compared or written anew.
fn recounted() -> Sql {
    let mut sql = Sql::default();
    let keys = [
        (sort::ALL, "CAST('' AS TEXT)"),
        (sort::BANK, "CAST(c.counterparty_id AS TEXT)"),
        (sort::PRODUCT, "c.product"),
        (sort::SIZE, "CAST(c.is_small AS TEXT)"),
    ];
    let day = "CAST(replace(CAST(e.occurred_on AS TEXT), '-', '') AS BIGINT)";
    let rows = keys.iter().flat_map(|key| [(MONTH, format!("{day} / 100")), (DAY, day.to_owned())].map(|p| (key, p)));
    for (i, ((sort, key), (grain, period))) in rows.enumerate() {
        sql.push(if i == 0 { "" } else { " UNION ALL " });
        sql.push(&format!(
            "SELECT c.ledger, {sort} AS sort, {grain} AS grain, {period} AS period, c.unit_id, c.operator_id, "
        ));
        sql.push(key).push(
            " AS key, CAST(SUM(CASE WHEN e.event <> 'issued' THEN 0 WHEN e.reverses IS NULL THEN 1 ELSE -1 END) AS BIGINT) AS \
             issued_n, CAST(SUM(CASE WHEN e.event <> 'issued' THEN 0 WHEN e.reverses IS NULL THEN e.amount_fen \
             ELSE -e.amount_fen END) AS BIGINT) AS issued_fen, CAST(SUM(e.moved_n) AS BIGINT) AS moved_n, \
             CAST(SUM(e.moved_fen) AS BIGINT) AS moved_fen FROM guarantee_event e JOIN guarantee_contract c \
             ON c.id = e.contract_id WHERE e.event = 'issued' OR e.moved_fen <> 0 OR e.moved_n <> 0 \
             GROUP BY c.ledger, c.unit_id, c.operator_id, 4, 7",
        );
    }
    sql
}

/// Counts everything kept anew from the events: after an operator repaired something, and for measurements.
///
/// # Errors
/// As the database says.
pub async fn rebuild(tx: &Tx) -> Result<()> {
    tx.act(Verb::CONTRACT_BASE, "guarantee", None);
    tx.run("DELETE FROM guarantee_sum").await?;
    let mut sql = Sql::new(
        "INSERT INTO guarantee_sum (ledger, sort, grain, period, unit_id, operator_id, key, issued_n, issued_fen, moved_n, \
         moved_fen) ",
    );
    sql.push(&recounted().text());
    tx.run(sql).await?;
    tx.run("DELETE FROM guarantee_exposure").await?;
    for sql in exposed() {
        let mut insert = Sql::new("INSERT INTO guarantee_exposure (operator_id, sort, key, in_force_fen) ");
        insert.push(&sql);
        tx.run(insert).await?;
    }
    Ok(())
}

fn exposed() -> Vec<String> {
    let by = |sort: i64, key: &str, also: &str| {
        format!(
            "SELECT operator_id, {sort} AS sort, {key} AS key, CAST(SUM(outstanding_fen) AS BIGINT) AS in_force_fen \
             FROM guarantee_contract WHERE ledger = 1 AND outstanding_fen > 0{also} GROUP BY operator_id, 3"
        )
    };
    vec![
        by(ALL, "is_small", ""),
        by(FIRM, "subject_id", ""),
        by(AGREEMENT, "agreement_id", " AND agreement_id IS NOT NULL"),
    ]
}

/// Where what is kept differs from what the events come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drift {
    /// Rows of sums.
    pub sums: i64,
    /// Rows of exposures.
    pub exposures: i64,
    /// Contracts whose balance is not what their events come to.
    pub contracts: i64,
}

/// Compares everything kept with the events. Reads every event: a check for the night and for tests.
///
/// # Errors
/// As the database says.
pub async fn drift(read: &Read) -> Result<Drift> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS n FROM (SELECT ledger, sort, grain, period, unit_id, operator_id, key FROM (\
         SELECT ledger, sort, grain, period, unit_id, operator_id, key, issued_n, issued_fen, moved_n, moved_fen FROM (",
    );
    sql.push(&recounted().text()).push(
        ") r UNION ALL SELECT ledger, sort, grain, period, unit_id, operator_id, key, -issued_n, -issued_fen, -moved_n, \
         -moved_fen FROM guarantee_sum) a GROUP BY ledger, sort, grain, period, unit_id, operator_id, key \
         HAVING SUM(issued_n) <> 0 OR SUM(issued_fen) <> 0 OR SUM(moved_n) <> 0 OR SUM(moved_fen) <> 0) d",
    );
    let sums = read.one(sql).await?.int("n")?;
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM (SELECT operator_id, sort, key FROM (");
    for part in exposed() {
        sql.push(&format!("SELECT * FROM ({part}) p{} UNION ALL ", part.len()));
    }
    sql.push(
        "SELECT operator_id, sort, key, -in_force_fen FROM guarantee_exposure) a GROUP BY operator_id, sort, key \
         HAVING SUM(in_force_fen) <> 0) d",
    );
    let exposures = read.one(sql).await?.int("n")?;
    let sql = "SELECT COUNT(*) AS n FROM guarantee_contract c WHERE c.outstanding_fen <> \
               (SELECT COALESCE(SUM(e.moved_fen), 0) FROM guarantee_event e WHERE e.contract_id = c.id)";
    Ok(Drift { sums, exposures, contracts: read.one(sql).await?.int("n")? })
}
