//! Which facts an event writes: those that indicators count. Pure.

use kernel::id::RecordId;
use kernel::ledger::NewFact;
use kernel::value::money::Fen;

use super::model::{Contract, Entry};
use crate::guarantee::rules::{Event, Ledger};

/// The facts of an event that moved the number in force and the balance by so much, and the claim with it.
pub(super) fn facts(contract: &Contract, entry: &Entry, moved: (i64, i64), record: RecordId) -> Vec<NewFact> {
    let step = &entry.step;
    let of = |kind: &str, amount: i64| {
        NewFact::new(kind, contract.subject, step.on, record).with(contract.bank).amount(Fen(amount))
    };
    let paid = paid(entry).0;
    let mut facts = Vec::new();
    if let Some(kind) = flow(contract.ledger, step.event) {
        facts.push(of(kind, paid));
    }
    let claim = match step.event {
        Event::Compensated => Some(("guarantee.compensated", paid)),
        Event::Recovered => Some(("guarantee.recovered", -paid)),
        Event::WrittenOff => Some(("guarantee.written_off", -paid)),
        _ => None,
    };
    if let Some((kind, moves)) = claim {
        facts.push(of(kind, paid).class(contract.ledger.code()));
        facts.push(of("guarantee.claim_moved", moves).class(contract.ledger.code()).quantity(0));
    }
    if step.event == Event::Fee {
        // Income is the operator's; the firm that pays is the other side.
        let income = NewFact::new("guarantee.income_received", contract.operator, step.on, record);
        facts.push(income.class(&entry.account).with(contract.subject).amount(step.amount));
    }
    if moved != (0, 0) {
        facts.push(of(stock(contract.ledger), moved.1).quantity(moved.0));
    }
    facts
}

fn stock(ledger: Ledger) -> &'static str {
    match ledger {
        Ledger::Guarantee => "guarantee.in_force_moved",
        Ledger::Startup => "guarantee.startup_outstanding_moved",
        Ledger::Bridge => "guarantee.bridge_outstanding_moved",
    }
}

/// What is paid with an event: principal, and the interest that comes with a compensation.
pub(super) fn paid(entry: &Entry) -> Fen {
    Fen(entry.step.amount.0 + entry.step.interest.0)
}

fn flow(ledger: Ledger, event: Event) -> Option<&'static str> {
    match (ledger, event) {
        (Ledger::Guarantee, Event::Issued) => Some("guarantee.loan_guaranteed"),
        (Ledger::Startup, Event::Issued) => Some("guarantee.startup_loan_granted"),
        (Ledger::Bridge, Event::Issued) => Some("guarantee.bridge_loan_granted"),
        (Ledger::Guarantee, Event::Repaid | Event::Released) => Some("guarantee.responsibility_ended"),
        _ => None,
    }
}
