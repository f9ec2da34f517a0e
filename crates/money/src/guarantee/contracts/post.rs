//! Posting an event and taking one back: event, balance, shares, kept sums and facts in one transaction.

use std::collections::BTreeSet;

use kernel::access::Scope;
use kernel::audit::Verb;
use kernel::ledger::browse::{self, Query};
use kernel::ledger::record;
use kernel::publication::Published;
use kernel::store::{Sql, Tx};
use kernel::value::money::Fen;
use kernel::{Error, Faults, Result, args, org};

use super::facts::{facts, paid};
use super::kept::{self, Movement};
use super::model::{Contract, Entry, Posted};
use super::queries;
use crate::guarantee::agreements;
use crate::guarantee::id::{ContractId, EventId};
use crate::guarantee::rules::{Base, Book, Event, Ledger, limit_on, refused, weighted};

/// Accounts of fees: the classes of the income fact.
const ACCOUNTS: [&str; 3] = ["guarantee_fee", "bridge_fee", "other"];

/// Finds a contract and holds its operator until the act ends, so that everything looked at stays true: two people who
/// enter take turns per operator, on both databases. The firm is held after it, when its facts are appended; everybody
/// takes the two in this order.
async fn held(tx: &Tx, scope: &Scope, id: ContractId) -> Result<Contract> {
    let contract = queries::find_operated(tx, scope, id).await?;
    org::hold(tx, &BTreeSet::from([contract.operator])).await?;
    queries::find_operated(tx, scope, id).await
}

/// What an event would make of its contract.
///
/// # Errors
/// As [`post`].
pub(in crate::guarantee) async fn tried(tx: &Tx, scope: &Scope, entry: &Entry) -> Result<(Contract, Book)> {
    let contract = held(tx, scope, entry.contract).await?;
    if let Some(seen) = entry.seen.filter(|seen| *seen != contract.events) {
        let told =
            format!("本合同在您打开页面（当时 {seen} 笔）以后又有登记，现有 {} 笔；请核对后再登记", contract.events);
        return Err(Error::Conflict(told));
    }
    let mut faults = Faults::new();
    if entry.step.on > tx.today() {
        faults.add("on", format!("业务日期 {} 在今天（{}）之后，请核对", entry.step.on, tx.today()));
    }
    if entry.step.event == Event::Fee && !ACCOUNTS.contains(&entry.account.as_str()) {
        faults.add("account", "请选择收费科目");
    }
    if entry.step.event == Event::WrittenOff && entry.document.trim().is_empty() {
        faults.add("document", "核销须写明法院文书等损失认定依据");
    }
    let book = match contract.book.after(&contract.terms(), &entry.step) {
        Ok(book) => book,
        Err(found) => {
            faults.0.extend(found.0);
            return Err(Error::Invalid(faults));
        }
    };
    faults.or(())?;
    if contract.ledger == Ledger::Guarantee && entry.step.event == Event::Issued {
        within_limits(tx, &contract, entry.step.amount).await?;
    }
    Ok((contract, book))
}

/// Refuses what a guarantor may not take on.
async fn within_limits(tx: &Tx, contract: &Contract, more: Fen) -> Result<()> {
    let Some(edition) = limit_on(contract.signed_on) else { return Ok(()) };
    let Some(standing) = agreements::standing(tx, contract.operator, contract.signed_on).await? else {
        let told = "还没有登记担保机构的净资产，不能核对限额；请市局先在“合作协议与限额”登记";
        return Err(Error::invalid("amount", told));
    };
    let agreement = match contract.agreement {
        Some(id) => agreements::of_operator(tx, contract.operator).await?.into_iter().find(|a| a.id == id),
        None => None,
    };
    let base = Base {
        net_assets: standing.net_assets,
        mainly_small: standing.mainly_small,
        edition,
        cap: agreement.and_then(|agreement| agreement.cap),
    };
    let mut exposure = kept::exposure(tx, contract.operator, contract.subject, contract.agreement, edition).await?;
    exposure.firm.0 += more.0;
    exposure.group.0 += more.0;
    exposure.agreement.0 += more.0;
    exposure.all.0 += weighted(edition, contract.principal, more).0;
    let told = refused(&base, &exposure);
    match told.is_empty() {
        true => Ok(()),
        false => Err(Error::invalid("amount", format!("{}；净资产截至 {}", told.join("；"), standing.as_on))),
    }
}

/// Posts an event. Whether it needs a second person is decided by [`super::enter`].
///
/// # Errors
/// [`Error::NotFound`] for a contract out of reach; [`Error::Conflict`] when somebody entered meanwhile;
/// [`Error::Invalid`] with every fault at its field, limits at `amount`.
pub async fn post(tx: &mut Tx, scope: &Scope, entry: &Entry) -> Result<EventId> {
    let (contract, book) = tried(tx, scope, entry).await?;
    let moved = contract.book.moved(&book);
    let step = &entry.step;
    let title = format!("{}{}：{}", contract.ledger.label(), step.event.label(), contract.subject_name);
    let document = if entry.document.trim().is_empty() { contract.number.as_str() } else { entry.document.trim() };
    let record = record::enter(tx, "guarantee", &title, document, entry.note.trim()).await?;
    let row = Row { contract: &contract, entry, moved, record, reverses: None, reason: None };
    let id = write_event(tx, &row).await?;
    if let Some(split) = &contract.split
        && matches!(step.event, Event::Compensated | Event::Recovered | Event::WrittenOff)
    {
        let parts = split.shares(paid(entry));
        let bp = |party| split.parts().iter().find(|(p, _)| *p == party).map_or(0, |(_, bp)| *bp);
        write_shares(tx, id, parts.into_iter().map(|(party, fen)| (party.code().to_owned(), bp(party), fen.0))).await?;
    }
    write_book(tx, &contract, &book).await?;
    let issued = if step.event == Event::Issued { (1, step.amount.0) } else { (0, 0) };
    kept::add(tx, &contract, &Movement { on: step.on, issued, moved }).await?;
    for fact in facts(&contract, entry, moved, record) {
        tx.record(fact).await?;
    }
    tx.act(Verb::CONTRACT_MOVED, "contract", contract.id.0);
    tx.concerns(contract.subject);
    tx.changes(&format!("{} {}", contract.number, step.event.label()), "", &told(entry));
    Ok(id)
}

fn told(entry: &Entry) -> String {
    match entry.step.due_on {
        Some(due) => format!("{}，到期日 {due}", entry.step.on),
        None => format!("{}，{} 元", entry.step.on, paid(entry).yuan()),
    }
}

/// Takes an event back, with a reason. Of the events that stand in order only the last can be taken back.
///
/// # Errors
/// [`Error::NotFound`] out of reach; [`Error::Conflict`] for an event that does not stand, is not the last, or lies
/// behind a published figure; [`Error::Invalid`] without a reason.
pub async fn reverse(tx: &mut Tx, scope: &Scope, (id, event): (ContractId, EventId), reason: &str) -> Result<()> {
    let contract = held(tx, scope, id).await?;
    let events = queries::events(tx, &contract).await?;
    let found = events.iter().find(|posted| posted.id == event).ok_or(Error::NotFound)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::invalid("reason", "请写明冲销原因"));
    }
    if reason.chars().count() > 200 {
        return Err(Error::invalid("reason", "冲销原因最多 200 个字"));
    }
    if !found.stands() {
        return Err(Error::Conflict("该笔登记已被冲销，或本身是冲销".into()));
    }
    let last = events.iter().rev().find(|posted| posted.stands() && posted.step.event.in_order());
    if found.step.event.in_order() && last.is_some_and(|last| last.id != found.id) {
        return Err(Error::Conflict("其后还有登记：请按相反顺序先冲销后面的登记".into()));
    }
    let book = replayed(&contract, events.iter().filter(|posted| posted.stands() && posted.id != event))?;
    let moved = (-found.moved.0, -found.moved.1.0);
    let entry = Entry {
        contract: contract.id,
        seen: None,
        step: found.step,
        account: found.account.clone(),
        document: found.document.clone(),
        note: String::new(),
        maker: None,
    };
    let row = Row {
        contract: &contract,
        entry: &entry,
        moved,
        record: found.record,
        reverses: Some(event),
        reason: Some(reason),
    };
    let opposite = write_event(tx, &row).await?;
    let shares = queries::shares(tx, &contract).await?.into_iter().filter(|share| share.event == event);
    write_shares(tx, opposite, shares.map(|share| (share.party, share.bp, -share.amount.0))).await?;
    write_book(tx, &contract, &book).await?;
    let issued = if found.step.event == Event::Issued { (-1, -found.step.amount.0) } else { (0, 0) };
    kept::add(tx, &contract, &Movement { on: found.step.on, issued, moved }).await?;
    take_back_facts(tx, found, reason).await?;
    tx.act(Verb::CONTRACT_REVERSED, "contract", contract.id.0);
    tx.concerns(contract.subject);
    tx.purpose(reason);
    tx.changes(&format!("{} {}", contract.number, found.step.event.label()), &told(&entry), "冲销");
    Ok(())
}

/// The facts of an event; what was signed with a publication, no one person takes back.
async fn take_back_facts(tx: &mut Tx, found: &Posted, reason: &str) -> Result<()> {
    let query = Query { record: Some(found.record), limit: 100, ..Query::default() };
    let facts = browse::list(tx, &Scope::All, &query).await?;
    let published = Published::load(tx).await?;
    for fact in facts.iter().filter(|fact| fact.reverses.is_none() && fact.reversed_by.is_none()) {
        if published.rests_on(fact) {
            let told = format!("第 {} 号事实在已发布数字背后，不能由一个人冲销：请先对它申请更正", fact.position);
            return Err(Error::Conflict(told));
        }
        tx.reverse(fact.position, reason).await?;
    }
    Ok(())
}

/// The book that events come to from the beginning.
///
/// # Errors
/// [`Error::Internal`] when they contradict the rules: a defect.
pub(in crate::guarantee) fn replayed<'a>(
    contract: &Contract,
    events: impl Iterator<Item = &'a Posted>,
) -> Result<Book> {
    let mut book = Book::new(contract.matures_on);
    for posted in events {
        let after = book.after(&contract.terms(), &posted.step);
        book = after.map_err(|faults| Error::Internal(format!("contract {}: {faults}", contract.id)))?;
    }
    Ok(book)
}

struct Row<'a> {
    contract: &'a Contract,
    entry: &'a Entry,
    moved: (i64, i64),
    record: kernel::id::RecordId,
    reverses: Option<EventId>,
    reason: Option<&'a str>,
}

async fn write_event(tx: &Tx, row: &Row<'_>) -> Result<EventId> {
    let (step, actor) = (&row.entry.step, tx.actor());
    let (by, checked) = match &row.entry.maker {
        Some(maker) => (maker.clone(), actor.name.clone()),
        None => (actor.name.clone(), String::new()),
    };
    let sql = "INSERT INTO guarantee_event (contract_id, seq, event, occurred_on, amount_fen, interest_fen, due_on, account, \
               document, note, moved_n, moved_fen, reverses, reason, record_id, recorded_at, recorded_by, account_id, checked_by) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    let args = args![
        row.contract.id,
        row.contract.events + 1,
        step.event.code(),
        step.on,
        step.amount.0,
        step.interest.0,
        step.due_on,
        row.entry.account.clone(),
        row.entry.document.trim(),
        row.entry.note.trim(),
        row.moved.0,
        row.moved.1,
        row.reverses.map(|event| event.0),
        row.reason,
        row.record,
        tx.now(),
        by,
        actor.account,
        checked,
    ];
    Ok(EventId(tx.insert((sql, args)).await?))
}

async fn write_shares(tx: &Tx, event: EventId, parts: impl Iterator<Item = (String, i64, i64)>) -> Result<()> {
    let mut sql = Sql::new("INSERT INTO guarantee_share (event_id, party, bp, amount_fen) VALUES ");
    let mut any = false;
    for (party, bp, fen) in parts {
        sql.push(if any { ", (" } else { "(" }).bind(event).push(", ").bind(party).push(", ").bind(bp);
        sql.push(", ").bind(fen).push(")");
        any = true;
    }
    if any {
        tx.run(sql).await?;
    }
    Ok(())
}

/// Writes what the events come to. Nobody can have entered meanwhile: the operator is held.
async fn write_book(tx: &Tx, contract: &Contract, book: &Book) -> Result<()> {
    let sql = "UPDATE guarantee_contract SET issued_fen = $1, repaid_fen = $2, released_fen = $3, compensated_fen = $4, \
               interest_fen = $5, recovered_fen = $6, written_off_fen = $7, fee_fen = $8, overdue_fen = $9, \
               outstanding_fen = $10, overdue_on = $11, due_on = $12, last_on = $13, events = events + 1 \
               WHERE id = $14 AND events = $15";
    let args = args![
        book.issued.0,
        book.repaid.0,
        book.released.0,
        book.compensated.0,
        book.interest.0,
        book.recovered.0,
        book.written_off.0,
        book.fees.0,
        book.overdue.0,
        book.outstanding().0,
        book.overdue_on,
        book.due_on.unwrap_or(contract.matures_on),
        book.last_on,
        contract.id,
        contract.events,
    ];
    match tx.run((sql, args)).await? {
        1 => Ok(()),
        _ => Err(Error::Conflict("有人刚刚登记了本合同的业务，这一次没有写入；请刷新后核对".into())),
    }
}
