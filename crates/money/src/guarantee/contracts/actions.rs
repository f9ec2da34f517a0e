//! What a person enters: posted at once, or laid before a second person from an amount on.

use kernel::access::Scope;
use kernel::case::{self, Values};
use kernel::id::CaseId;
use kernel::store::Tx;
use kernel::{Error, Result};

use super::model::{Contract, Entry};
use super::post::{post, tried};
use crate::guarantee::flows;
use crate::guarantee::id::EventId;
use crate::guarantee::rules::{Event, entry_rules};

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It stands.
    Posted(EventId),
    /// It waits for a second person.
    Waits(CaseId),
}

/// Whether an entry needs a second person.
fn needs_check(entry: &Entry) -> bool {
    entry.step.amount.0.saturating_add(entry.step.interest.0) >= entry_rules().check_from.0
}

/// Enters an event: everything is checked now; from the amount of `data/guarantee.toml` on it waits for a second person,
/// and is checked again when that person agrees. Compensations go through their own case.
///
/// # Errors
/// As [`post`]; [`Error::Conflict`] for a compensation.
pub async fn enter(tx: &mut Tx, scope: &Scope, entry: &Entry) -> Result<Entered> {
    if entry.step.event == Event::Compensated {
        return Err(Error::Conflict("代偿按代偿办件核查和批准，不在这里直接登记".into()));
    }
    if !needs_check(entry) {
        return Ok(Entered::Posted(post(tx, scope, entry).await?));
    }
    let (contract, _) = tried(tx, scope, entry).await?;
    let values = flows::check_values(&contract, entry);
    waits_already(tx, &contract, &values).await?;
    Ok(Entered::Waits(case::open(tx, flows::CHECK_FLOW.code, contract.operator, &values, "").await?))
}

/// The same entry does not wait twice.
async fn waits_already(tx: &Tx, contract: &Contract, values: &Values) -> Result<()> {
    let running = case::running(tx, flows::CHECK_FLOW.code, contract.operator).await?;
    let same = |field: &str, case: &case::Case| case.values.get(field) == values.get(field);
    match running.iter().find(|case| ["contract", "event"].iter().all(|field| same(field, case))) {
        Some(case) => Err(Error::Conflict(format!("本合同的同类登记（办件第 {} 件）正在等待复核", case.id))),
        None => Ok(()),
    }
}
