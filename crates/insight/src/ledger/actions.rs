//! Entering a fact by hand, and correcting one: the opposite is appended, with a reason. Nothing is ever changed.

use std::collections::BTreeSet;

use kernel::access::Scope;
use kernel::case::writer_of;
use kernel::id::{Position, RecordId};
use kernel::ledger::{NewFact, browse, entry, record};
use kernel::org::{self, Organisation};
use kernel::publication::refuse_alone;
use kernel::store::{Read, Tx};
use kernel::value::text::{compact, too_long};
use kernel::{Error, Faults, Result};

use super::rules::{EntryForm, Happened, happened};
use crate::indicators::orgs;

/// Reverses a fact that `scope` holds.
///
/// # Errors
/// [`kernel::Error::NotFound`] outside the scope, [`kernel::Error::Invalid`] without a reason,
/// [`kernel::Error::Conflict`] when it is reversed already or itself a reversal, and for a fact behind what was
/// published: that takes two; for one that a case wrote: that is corrected in the case.
pub(super) async fn reverse(tx: &mut Tx, scope: &Scope, position: Position, reason: &str) -> Result<()> {
    let fact = browse::find(tx, scope, position).await?;
    if let Some(message) = too_long(reason) {
        return Err(Error::invalid("reason", message));
    }
    if fact.reverses.is_none() && fact.reversed_by.is_none() {
        refuse_alone(tx, &fact).await?;
        if let Some(case) = writer_of(tx, &fact).await? {
            let message = format!("这条事实是办件第 {case} 号写入的，请在办件中退回或撤销，办件与账才一致");
            return Err(Error::Conflict(message));
        }
    }
    tx.reverse(position, reason).await
}

/// A fact that may be entered, before it has a record to cite.
pub(super) struct Entry {
    kind: &'static str,
    module: &'static str,
    /// Who did it.
    pub subject: Organisation,
    /// With whom.
    pub counterparty: Option<Organisation>,
    what: Happened,
}

impl Entry {
    /// The fact, citing a record.
    pub(super) fn fact(&self, record: RecordId) -> NewFact {
        let fact = NewFact::new(self.kind, self.subject.id, self.what.on, record)
            .class(&self.what.class)
            .quantity(self.what.quantity)
            .amount(self.what.amount);
        self.counterparty.iter().fold(fact, |fact, other| fact.with(other.id))
    }
}

/// Finds out what a form would enter. The subject must be of a unit that `scope` holds, today and on the day.
///
/// # Errors
/// [`Error::NotFound`] for an unknown kind, [`Error::Invalid`] with every fault at its field.
pub(super) async fn prepare(read: &Read, scope: &Scope, form: &EntryForm) -> Result<Entry> {
    let kind = read.catalog().kind(&form.kind).ok_or(Error::NotFound)?;
    let mut faults = Faults::new();
    let what = happened(form, &kind.decl, read.today(), &mut faults);
    let subject = subject(read, scope, &form.subject, &mut faults).await?;
    let counterparty = counterparty(read, scope, &form.counterparty, &mut faults).await?;
    let Some(subject) = faults.or(subject)? else { return Err(Error::NotFound) };
    entry::held_on(read, scope, subject.id, what.on).await?;
    let entry = Entry { kind: kind.decl.code, module: kind.module, subject, counterparty, what };
    entry.fact(RecordId(0)).check(read.catalog(), read.today())?;
    Ok(entry)
}

/// Enters a fact with the record it cites, and returns the record.
///
/// # Errors
/// As [`prepare`]; at `again` where the same stands in the ledger already and nobody has said that it is meant.
pub(super) async fn enter(tx: &mut Tx, scope: &Scope, form: &EntryForm) -> Result<RecordId> {
    let entry = prepare(tx, scope, form).await?;
    // Who presses twice enters once: the second act waits for the first.
    org::hold(tx, &BTreeSet::from([entry.subject.id])).await?;
    if form.again != "1" && !entry::same(tx, scope, &entry.fact(RecordId(0))).await?.is_empty() {
        return Err(Error::invalid("again", "账上已有同样的一条，请核对；确实另有一条的，请勾选后再登记"));
    }
    let record = record::enter(tx, entry.module, &entry.what.title, &entry.what.document, "").await?;
    tx.record(entry.fact(record)).await?;
    Ok(record)
}

async fn subject(read: &Read, scope: &Scope, typed: &str, faults: &mut Faults) -> Result<Option<Organisation>> {
    if compact(typed).is_empty() {
        faults.add("subject", "请填写主体的代码，或名称中连续的几个字");
        return Ok(None);
    }
    let found = orgs(read, scope, typed).await?;
    Ok(the_one(found, typed, "subject", faults))
}

/// The other side may be of any unit, but then it has to be named by its code.
async fn counterparty(read: &Read, scope: &Scope, typed: &str, faults: &mut Faults) -> Result<Option<Organisation>> {
    if compact(typed).is_empty() {
        return Ok(None);
    }
    let found = match org::find_by_code(read, &Scope::All, &compact(typed).to_uppercase()).await {
        Ok(found) => vec![found],
        Err(Error::NotFound) => orgs(read, scope, typed).await?,
        Err(other) => return Err(other),
    };
    Ok(the_one(found, typed, "counterparty", faults))
}

fn the_one(found: Vec<Organisation>, typed: &str, field: &str, faults: &mut Faults) -> Option<Organisation> {
    match <[Organisation; 1]>::try_from(found) {
        Ok([only]) => match entry::merged(&only) {
            Some(message) => {
                faults.add(field, message);
                None
            }
            None => Some(only),
        },
        Err(found) if found.is_empty() => {
            let message =
                format!("没有找到“{typed}”：请核对代码，或换名称中的几个字（字母、数字至少两个）；范围之外的查不到");
            faults.add(field, message);
            None
        }
        Err(_) => {
            faults.add(field, format!("符合“{typed}”的有多家，请点选一家，或填代码"));
            None
        }
    }
}
