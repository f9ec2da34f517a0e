//! Reads for requests: the fact, what is typed about it as a proposal, what it would move.

use kernel::access::Scope;
use kernel::ledger::Fact;
use kernel::ledger::entry::held_on;
use kernel::publication::{Proposal, Replacement};
use kernel::store::Read;
use kernel::value::day::parse_day;
use kernel::value::money::{Fen, MoneyUnit};
use kernel::{Error, Faults, Result, org};

use super::model::Typed;

/// The code of a subject, as people type it.
///
/// # Errors
/// As the database says.
pub(super) async fn code_of(read: &Read, fact: &Fact) -> Result<String> {
    Ok(org::find(read, fact.subject).await?.code().to_owned())
}

const LOST: &str = "下面的内容改过：要另记一条请勾选“按下面的内容另记一条”，只冲销就把内容改回原样";

/// What is typed, as a proposal.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field; a subject outside the scope is not found there either.
pub(super) async fn proposal(read: &Read, scope: &Scope, fact: &Fact, typed: &Typed) -> Result<Proposal> {
    // Whoever changed the fields wants another fact, not only an end of this one.
    let is_lost = typed.replace != "1" && typed.differs_from(&Typed::of(fact, code_of(read, fact).await?));
    match proposal_of(read, scope, fact, typed).await {
        Ok(proposal) if !is_lost => Ok(proposal),
        Err(Error::Invalid(faults)) if !is_lost => Err(Error::Invalid(faults)),
        Ok(_) => Err(Error::invalid("reverse", LOST)),
        Err(Error::Invalid(mut faults)) => {
            faults.add("reverse", LOST);
            Err(Error::Invalid(faults))
        }
        Err(other) => Err(other),
    }
}

/// As [`proposal`], from where nothing but the new fact is sent with a tick.
///
/// # Errors
/// As [`proposal`].
pub(super) async fn proposal_of(read: &Read, scope: &Scope, fact: &Fact, typed: &Typed) -> Result<Proposal> {
    let mut faults = Faults::new();
    if typed.reason.trim().is_empty() {
        faults.add("reason", "请写明更正原因");
    }
    if typed.replace != "1" {
        if typed.reverse != "1" {
            faults.add("reverse", "请选择冲销原事实，或填写应改为的事实，或两者都要");
        }
        return faults.or(Proposal { reverse: typed.reverse == "1", replacement: None });
    }
    let subject = match org::find_by_code(read, scope, typed.code.trim()).await {
        Ok(found) => Some(found.id),
        Err(Error::NotFound | Error::Invalid(_)) => {
            faults.add("code", format!("没有代码为“{}”的主体，或不在您的范围内", typed.code.trim()));
            None
        }
        Err(other) => return Err(other),
    };
    let on = parse_day(&typed.on).map_err(|e| faults.add("on", e.to_string())).ok();
    if let (Some(subject), Some(on)) = (subject, on) {
        match held_on(read, scope, subject, on).await {
            Err(Error::Invalid(found)) => found.0.into_iter().for_each(|fault| faults.add("on", fault.message)),
            other => other?,
        }
    }
    let quantity = typed.quantity.trim().parse::<i64>().ok();
    if quantity.is_none() {
        faults.add("quantity", "数量应为整数");
    }
    let amount = if fact.money {
        Fen::parse(&typed.amount, MoneyUnit::Yuan).map_err(|e| faults.add("amount", e.to_string())).ok()
    } else {
        Some(Fen(0))
    };
    let replacement = match (subject, on, quantity, amount) {
        (Some(subject), Some(on), Some(quantity), Some(amount)) => {
            Some(Replacement { subject, class: typed.class.clone(), on, quantity, amount: amount.0 })
        }
        _ => None,
    };
    faults.or(Proposal { reverse: typed.reverse == "1", replacement })
}
