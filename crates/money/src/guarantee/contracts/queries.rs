//! Reads of contracts and events. Every function takes a scope, or a contract that was found within one.

use kernel::access::Scope;
use kernel::id::{OrgId, UnitId};
use kernel::store::{Read, Sql};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Result, args};

use super::model::{COLUMNS, Contract, PARTIES, Posted, SharePart};
use crate::guarantee::id::{ContractId, EventId};
use crate::guarantee::rules::Ledger;

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// The ledger.
    pub ledger: Option<Ledger>,
    /// `in_force`, `overdue`, `claim` (paid for and not back yet), `ended`, or empty for all.
    pub state: String,
    /// Beginning of a contract's number.
    pub number: String,
    /// Only contracts of this firm.
    pub subject: Option<OrgId>,
    /// Only contracts of this unit.
    pub unit: Option<UnitId>,
    /// Only contracts with this bank.
    pub bank: Option<OrgId>,
    /// In force and due on or before this day.
    pub due_by: Option<Day>,
    /// Below this contract: the next page. With `due_by`, after this day and contract.
    pub after: Option<(Option<Day>, ContractId)>,
    /// How many at most.
    pub limit: i64,
}

/// The contract with this number in the database, within the scope: one's own as operator, firm or bank.
///
/// # Errors
/// [`kernel::Error::NotFound`].
pub async fn find(read: &Read, scope: &Scope, id: ContractId) -> Result<Contract> {
    one(read, scope, id, PARTIES).await
}

/// The same for whoever enters: to a firm or a bank a contract is its own to read, not to write.
///
/// # Errors
/// As [`find`].
pub(in crate::guarantee) async fn find_operated(read: &Read, scope: &Scope, id: ContractId) -> Result<Contract> {
    one(read, scope, id, &["operator_id"]).await
}

async fn one(read: &Read, scope: &Scope, id: ContractId, parties: &[&str]) -> Result<Contract> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE c.id = ").bind(id).push(" AND ");
    scope.on_parties(&mut sql, "c", parties);
    Contract::of(&read.one(sql).await?)
}

/// Contracts, newest first; with `due_by`, those due first come first.
///
/// # Errors
/// As the database says.
pub async fn list(read: &Read, scope: &Scope, filters: &Filters) -> Result<Vec<Contract>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE ");
    // The sign keeps the planner on the order of the list instead of collecting everything of three parties first.
    scope.on_parties(&mut sql, "+c", PARTIES);
    narrow(&mut sql, filters);
    match (filters.due_by, filters.after) {
        (Some(by), after) => {
            sql.push(" AND c.outstanding_fen > 0 AND c.due_on <= ").bind(by);
            if let Some((Some(day), id)) = after {
                sql.push(" AND (c.due_on > ").bind(day).push(" OR (c.due_on = ").bind(day).push(" AND c.id > ");
                sql.bind(id).push("))");
            }
            sql.push(" ORDER BY c.due_on, c.id");
        }
        (None, Some((_, id))) => {
            sql.push(" AND c.id < ").bind(id).push(" ORDER BY c.id DESC");
        }
        (None, None) => {
            sql.push(" ORDER BY c.id DESC");
        }
    }
    sql.push(" LIMIT ").bind(filters.limit.clamp(1, 500));
    read.all(sql).await?.iter().map(Contract::of).collect()
}

fn narrow(sql: &mut Sql, filters: &Filters) {
    if let Some(ledger) = filters.ledger {
        sql.push(" AND c.ledger = ").bind(ledger.number());
    }
    match filters.state.as_str() {
        "in_force" => sql.push(" AND c.outstanding_fen > 0"),
        "overdue" => sql.push(" AND c.overdue_fen > 0"),
        "claim" => sql.push(" AND c.compensated_fen + c.interest_fen - c.recovered_fen - c.written_off_fen > 0"),
        "ended" => sql.push(" AND c.outstanding_fen = 0 AND c.issued_fen > 0"),
        _ => sql,
    };
    if !filters.number.is_empty() {
        // A stretch of the index: everything that begins with what was typed.
        sql.push(" AND c.number >= ").bind(filters.number.clone()).push(" AND c.number < ");
        sql.bind(format!("{}\u{10FFFF}", filters.number));
    }
    if let Some(subject) = filters.subject {
        sql.push(" AND c.subject_id = ").bind(subject);
    }
    if let Some(unit) = filters.unit {
        sql.push(" AND c.unit_id = ").bind(unit);
    }
    if let Some(bank) = filters.bank {
        sql.push(" AND c.counterparty_id = ").bind(bank);
    }
}

/// The events of a contract, in the order they were entered.
///
/// # Errors
/// As the database says.
pub async fn events(read: &Read, contract: &Contract) -> Result<Vec<Posted>> {
    let sql = "SELECT e.id, e.contract_id, e.seq, e.event, e.occurred_on, e.amount_fen, e.interest_fen, e.due_on, e.account, \
               e.document, e.note, e.moved_n, e.moved_fen, e.reverses, e.reason, e.record_id, e.recorded_at, e.recorded_by, \
               e.checked_by, (SELECT r.id FROM guarantee_event r WHERE r.reverses = e.id) AS reversed_by \
               FROM guarantee_event e WHERE e.contract_id = $1 ORDER BY e.seq";
    read.all((sql, args![contract.id])).await?.iter().map(Posted::of).collect()
}

/// How the events of a contract are shared.
///
/// # Errors
/// As the database says.
pub async fn shares(read: &Read, contract: &Contract) -> Result<Vec<SharePart>> {
    let sql = "SELECT s.event_id, s.party, s.bp, s.amount_fen FROM guarantee_share s \
               JOIN guarantee_event e ON e.id = s.event_id WHERE e.contract_id = $1 ORDER BY s.event_id, s.bp DESC, s.party";
    let rows = read.all((sql, args![contract.id])).await?;
    let part = |row: &kernel::store::Row| {
        Ok(SharePart {
            event: EventId(row.get("event_id")?),
            party: row.get("party")?,
            bp: row.get("bp")?,
            amount: Fen(row.get("amount_fen")?),
        })
    };
    rows.iter().map(part).collect()
}

/// How many bridge loans a firm took, from a day on: what the alarm of repeated bridging looks at.
///
/// # Errors
/// As the database says.
pub async fn running_bridges(read: &Read, subject: OrgId, from: Day) -> Result<i64> {
    let sql = "SELECT COUNT(*) AS n FROM guarantee_contract WHERE subject_id = $1 AND ledger = $2 AND signed_on >= $3 \
               AND issued_fen > 0";
    read.one((sql, args![subject, Ledger::Bridge.number(), from])).await?.int("n")
}

/// Longest chain that is followed.
const LONGEST_CHAIN: usize = 20;

/// The bridge loans that lead to this one, oldest first, itself last: each repaid the loan that renewed the one before.
/// The first one's underlying loan is where it all began.
///
/// # Errors
/// As the database says.
pub async fn chain(read: &Read, contract: &Contract) -> Result<Vec<Contract>> {
    let mut chain = vec![contract.clone()];
    while let Some(first) = chain.first()
        && !first.underlying.is_empty()
        && chain.len() < LONGEST_CHAIN
    {
        let mut sql = Sql::new(COLUMNS);
        sql.push(" WHERE c.subject_id = ").bind(first.subject).push(" AND c.renewal = ").bind(first.underlying.clone());
        // By the day of signing: what was signed earlier may have been entered later.
        sql.push(" AND c.renewal <> '' AND c.id <> ").bind(first.id).push(" AND c.signed_on <= ").bind(first.signed_on);
        sql.push(" ORDER BY c.signed_on DESC, c.id DESC LIMIT 1");
        match read.opt(sql).await? {
            Some(row) => chain.insert(0, Contract::of(&row)?),
            None => break,
        }
    }
    Ok(chain)
}
