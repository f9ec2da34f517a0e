//! What an actor can do with a case, and why not. Pure.

use std::collections::BTreeSet;

use super::field::Values;
use super::flow::{Action, By};
use super::store::{Case, Event};
use crate::access::Actor;
use crate::id::AccountId;

/// An action somebody may do, or would if not for a reason.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The action.
    pub action: &'static Action,
    /// Why this person cannot do it now; empty when he can.
    pub refused: String,
    /// How many have signed it already, where several must.
    pub signed: usize,
}

/// Where a case stands, beyond its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Remarks at fields left by the event that led here; gone with the next step forward.
    pub remarks: Values,
    /// What was said with that event, and by whom.
    pub said: Option<(String, String)>,
}

impl Standing {
    /// What the last change of state left for whoever goes on.
    pub fn of(events: &[Event]) -> Self {
        match events.iter().rev().find(|event| event.from != event.to) {
            Some(event) => Self {
                remarks: event.remarks.clone(),
                said: (!event.note.is_empty()).then(|| (event.by.clone(), event.note.clone())),
            },
            None => Self::default(),
        }
    }
}

/// What this actor is offered in this case. What lies outside his permissions is not even named.
pub fn offers(actor: &Actor, case: &Case, events: &[Event]) -> Vec<Offer> {
    let state = case.state.as_str();
    case.flow
        .actions
        .iter()
        .filter(|action| action.from.contains(&state) && reaches(actor, action.by, case))
        .map(|action| {
            let signers = signers(events, action, state);
            Offer { action, refused: refused(actor, action, events, &signers), signed: signers.len() }
        })
        .collect()
}

/// Whether an action is within the actor's reach.
fn reaches(actor: &Actor, by: By, case: &Case) -> bool {
    match by {
        By::May(permission) => actor.scope(permission).holds_case(case.unit, case.subject),
        By::Counterparty(permission) => {
            case.counterparty.is_some_and(|other| actor.scope(permission).holds_case(case.unit, other))
        }
        // Who has left the firm or the unit it was opened for acts no more.
        By::Opener => stands_for(actor, case.opener) && may_open(actor, case),
    }
}

/// Whether the actor could open such a case about its subject today.
fn may_open(actor: &Actor, case: &Case) -> bool {
    let opening = case.flow.opening().map(|action| action.by);
    matches!(opening, Some(By::May(permission)) if actor.scope(permission).holds_case(case.unit, case.subject))
}

/// Whether somebody acts as this account: as itself, or in its stead. The system and the public are nobody.
fn stands_for(actor: &Actor, account: AccountId) -> bool {
    account.0 != 0 && (actor.account == account || actor.behalf == Some(account))
}

/// Whether whoever acts now and whoever acted then are one: the same person, one in the other's stead, or both in the
/// stead of a third. Four eyes are not two of one, whoever lends his name.
fn is_one(actor: &Actor, event: &Event) -> bool {
    stands_for(actor, event.account) || event.behalf.is_some_and(|account| stands_for(actor, account))
}

/// Who has signed an action since the case came into its state, as it stands: whatever changes a value, by whomever,
/// ends what was signed before it.
pub(super) fn signers(events: &[Event], action: &Action, state: &str) -> BTreeSet<AccountId> {
    let mut signed = BTreeSet::new();
    for event in events.iter().rev().take_while(|event| event.from == event.to && event.to == state) {
        if action.signers > 1 && event.action == action.code {
            signed.insert(event.account);
        }
        if !event.changes.is_empty() {
            break;
        }
    }
    signed
}

/// Whether an action goes through with one more person who does it, and changes values or not.
pub(super) fn goes_through(events: &[Event], action: &Action, state: &str, changes: bool) -> bool {
    let before = if changes { 0 } else { signers(events, action, state).len() };
    before + 1 >= action.signers
}

fn refused(actor: &Actor, action: &Action, events: &[Event], signers: &BTreeSet<AccountId>) -> String {
    if actor.account.0 == 0 && (action.signers > 1 || !action.apart_from.is_empty()) {
        return "须由登录的人员办理".to_owned();
    }
    if events.iter().any(|e| e.action == action.code && signers.contains(&e.account) && is_one(actor, e)) {
        let more = action.signers.saturating_sub(signers.len());
        return format!("您已签过，还需另外 {more} 人");
    }
    let did = |code: &&str| events.iter().any(|e| e.action == **code && is_one(actor, e));
    match action.apart_from.iter().find(|code| did(code)) {
        Some(_) => "您办理过本件的前一环节，须由另一人办理".to_owned(),
        None => String::new(),
    }
}
