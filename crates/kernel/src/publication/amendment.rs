//! Corrections of facts behind published figures: what they would move is known before anyone accepts them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::frozen::{PublishedFigure, answers};
use super::register::figure_of;
use crate::access::Scope;
use crate::audit::Verb;
use crate::id::{AccountId, AmendmentId, OrgId, Position, PublicationId};
use crate::indicator::moved::Moved;
use crate::indicator::rowset::digest_of_text;
use crate::indicator::walk::walk;
use crate::indicator::{Display, Number};
use crate::ledger::{Fact, NewFact, browse};
use crate::org;
use crate::store::{Read, Row, Sql, Tx};
use crate::value::day::Day;
use crate::value::money::Fen;
use crate::value::text::too_long;
use crate::{Error, Faults, Result, args};

/// What should stand instead of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Who did it.
    pub subject: OrgId,
    /// Class code.
    pub class: String,
    /// The day.
    pub on: Day,
    /// How many.
    pub quantity: i64,
    /// How much, in fen.
    pub amount: i64,
}

/// A proposed correction of a fact: taken back, replaced, or joined by another of the same record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Whether the fact is taken back.
    pub reverse: bool,
    /// The fact recorded by the same record.
    pub replacement: Option<Replacement>,
}

impl Proposal {
    /// The fact is taken back and nothing else.
    pub const REVERSE: Self = Self { reverse: true, replacement: None };
}

/// By how much a correction would move a published figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// The publication.
    pub publication: PublicationId,
    /// Its title.
    pub title: String,
    /// The figure's place in it.
    pub seq: i64,
    /// The figure's number in the document.
    pub citation: String,
    /// What the figure is called.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// How it is printed.
    pub display: Display,
    /// As published.
    pub published: Number,
    /// As known now, by the published definition.
    pub now: Number,
    /// After the correction.
    pub after: Number,
}

/// A request to correct a fact.
#[derive(Debug, Clone)]
pub struct Amendment {
    /// Number.
    pub id: AmendmentId,
    /// The fact.
    pub fact: Position,
    /// Why.
    pub reason: String,
    /// What is proposed.
    pub proposal: Proposal,
    /// What it would have moved when it was requested.
    pub moves: Vec<Moves>,
    /// When it was requested.
    pub requested_at: DateTime<Utc>,
    /// By whom.
    pub requested_by: String,
    /// The account it was requested with.
    pub account: AccountId,
    /// What was decided, once it was.
    pub decision: Option<Decision>,
}

/// What was decided about a request.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Whether it was accepted.
    pub accepted: bool,
    /// Why not, or a remark.
    pub note: String,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

/// The published figures that a correction would move, by their order; asked in a snapshot.
///
/// # Errors
/// As the database says.
pub async fn impact(read: &Read, fact: &Fact, proposal: &Proposal) -> Result<Vec<Moves>> {
    let facts = proposed(read, fact, proposal).await?;
    let mut sql = Sql::new(
        "SELECT p.id, p.title, f.seq, f.citation, f.printed, f.definition, f.filter, f.about, f.value, f.row_count, f.digest \
         FROM publication_figure f JOIN publication p ON p.id = f.publication_id WHERE f.kinds LIKE ",
    );
    sql.bind(format!("%,{},%", fact.kind)).push(" ORDER BY p.id DESC, f.seq");
    let mut found = Vec::new();
    for row in read.all(sql).await? {
        let figure = figure_of(&row)?;
        // What cannot be derived any more is an alarm of the re-derivation, not of a correction.
        let Ok(start) = answers(read, std::slice::from_ref(&figure), read.head()?).await else { continue };
        let Some(start) = start.first() else { continue };
        let walked = walk(read, &figure.definition.thaw()?, &figure.filter, start, &[&facts]).await?;
        let Some(state) = walked.states.first().filter(|s| !s.effects.is_empty()) else { continue };
        found.push(moves(&row, figure, start.number.clone(), state.number.clone())?);
    }
    Ok(found)
}

/// A digest of what a person was shown to move, so that an act can tell whether it is still so without the page
/// carrying the numbers; empty for nothing.
///
/// # Errors
/// [`Error::Internal`] when the numbers cannot be written down.
pub fn seen(moves: &[Moves]) -> Result<String> {
    if moves.is_empty() {
        return Ok(String::new());
    }
    let shown: Vec<_> = moves.iter().map(|m| (m.publication, m.seq, &m.now, &m.after)).collect();
    Ok(digest_of_text(&serde_json::to_string(&shown).map_err(|e| Error::Internal(e.to_string()))?))
}

fn moves(row: &Row, figure: PublishedFigure, now: Number, after: Number) -> Result<Moves> {
    Ok(Moves {
        publication: PublicationId(row.get("id")?),
        title: row.get("title")?,
        seq: figure.seq,
        citation: figure.citation,
        name: figure.definition.name,
        unit: figure.definition.unit,
        display: figure.definition.display,
        published: figure.number,
        now,
        after,
    })
}

/// The facts that accepting a proposal would append.
async fn proposed(read: &Read, fact: &Fact, proposal: &Proposal) -> Result<Vec<Moved>> {
    let mut facts = Vec::new();
    let stands = Moved {
        position: Position(0),
        kind: fact.kind.clone(),
        class: fact.class.clone(),
        dims: fact.dims.clone(),
        subject: fact.subject,
        counterparty: fact.counterparty,
        on: fact.occurred_on,
        quantity: fact.quantity,
        amount: fact.amount.0,
        record: fact.record,
        reverses: None,
    };
    if proposal.reverse && fact.reverses.is_none() && fact.reversed_by.is_none() {
        facts.push(Moved {
            quantity: -stands.quantity,
            amount: -stands.amount,
            reverses: Some(fact.position),
            ..stands.clone()
        });
    }
    if let Some(new) = &proposal.replacement {
        facts.push(Moved {
            class: new.class.clone(),
            dims: org::dims_on(read, new.subject, new.on).await?,
            subject: new.subject,
            on: new.on,
            quantity: new.quantity,
            amount: new.amount,
            ..stands
        });
    }
    Ok(facts)
}

fn new_fact(fact: &Fact, new: &Replacement) -> NewFact {
    let made = NewFact::new(&fact.kind, new.subject, new.on, fact.record)
        .class(&new.class)
        .quantity(new.quantity)
        .amount(Fen(new.amount));
    match fact.counterparty {
        Some(counterparty) => made.with(counterparty),
        None => made,
    }
}

/// Requests a correction. `moves` is what the requester was shown.
///
/// # Errors
/// [`Error::Invalid`] without a reason or with a fact that the ledger would not take;
/// [`Error::Conflict`] for a fact that is taken back already, or one about which a request waits.
pub async fn request(
    tx: &Tx,
    scope: &Scope,
    fact: Position,
    reason: &str,
    proposal: &Proposal,
    moves: &[Moves],
) -> Result<AmendmentId> {
    let fact = browse::find(tx, scope, fact).await?;
    let mut faults = Faults::new();
    if reason.trim().is_empty() {
        faults.add("reason", "请写明更正原因");
    }
    if let Some(message) = too_long(reason) {
        faults.add("reason", message);
    }
    if !proposal.reverse && proposal.replacement.is_none() {
        faults.add("reverse", "请选择冲销原事实，或填写应改为的事实，或两者都要");
    }
    faults.or(())?;
    if fact.reverses.is_some() || fact.reversed_by.is_some() {
        return Err(Error::Conflict("该事实已被冲销或本身是冲销记录，不能再更正".into()));
    }
    if let Some(new) = &proposal.replacement {
        new_fact(&fact, new).check(tx.catalog(), tx.today())?;
    }
    // Two requests about one fact take turns.
    tx.hold("organisation", &[fact.subject.0]).await?;
    if open_about(tx, fact.position).await? {
        return Err(Error::Conflict("这条事实已有一份更正申请在等待审核".into()));
    }
    let text = |e: serde_json::Error| Error::Internal(e.to_string());
    let id = tx
        .insert((
            "INSERT INTO amendment (fact, reason, proposal, moves, requested_at, requested_by, account_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            args![
                fact.position,
                reason.trim(),
                serde_json::to_string(proposal).map_err(text)?,
                serde_json::to_string(moves).map_err(text)?,
                tx.now(),
                tx.actor().name.clone(),
                tx.actor().account
            ],
        ))
        .await?;
    tx.act(Verb::AMENDMENT_REQUESTED, "amendment", id);
    tx.concerns(fact.subject);
    tx.changes("事实", "", &format!("第 {} 号", fact.position));
    tx.purpose(reason);
    Ok(AmendmentId(id))
}

async fn open_about(read: &Read, fact: Position) -> Result<bool> {
    let sql = "SELECT a.id FROM amendment a LEFT JOIN amendment_decision d ON d.amendment_id = a.id \
               WHERE a.fact = $1 AND d.amendment_id IS NULL LIMIT 1";
    Ok(read.opt((sql, args![fact])).await?.is_some())
}

/// Accepts a request: the fact is taken back and the new one recorded, in this act.
///
/// # Errors
/// [`Error::NotFound`] outside the scope; [`Error::Conflict`] for one's own request, one that is decided,
/// or a fact that was taken back meanwhile.
pub async fn accept(tx: &mut Tx, scope: &Scope, id: AmendmentId, note: &str) -> Result<Position> {
    let amendment = find_amendment(tx, scope, id).await?;
    decide(tx, &amendment, true, note).await?;
    let fact = browse::find(tx, scope, amendment.fact).await?;
    if amendment.proposal.reverse {
        tx.reverse(fact.position, &format!("{}（更正申请第 {id} 号）", amendment.reason)).await?;
    }
    if let Some(new) = &amendment.proposal.replacement {
        tx.record(new_fact(&fact, new)).await?;
    }
    Ok(fact.position)
}

/// Refuses a request.
///
/// # Errors
/// As [`accept`]; [`Error::Invalid`] without a reason.
pub async fn refuse(tx: &Tx, scope: &Scope, id: AmendmentId, note: &str) -> Result<Position> {
    if note.trim().is_empty() {
        return Err(Error::invalid("note", "请写明退回理由，申请人会看到"));
    }
    let amendment = find_amendment(tx, scope, id).await?;
    decide(tx, &amendment, false, note).await?;
    Ok(amendment.fact)
}

async fn decide(tx: &Tx, amendment: &Amendment, accepted: bool, note: &str) -> Result<()> {
    if let Some(message) = too_long(note) {
        return Err(Error::invalid("note", message));
    }
    if amendment.decision.is_some() {
        return Err(Error::Conflict("这份申请已经审核过了".into()));
    }
    if amendment.account == tx.actor().account {
        return Err(Error::Conflict("不能审核自己提出的申请，请由另一人审核".into()));
    }
    tx.run((
        "INSERT INTO amendment_decision (amendment_id, accepted, note, decided_at, decided_by, account_id) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![amendment.id, i64::from(accepted), note.trim(), tx.now(), tx.actor().name.clone(), tx.actor().account],
    ))
    .await?;
    tx.act(Verb::AMENDMENT_DECIDED, "amendment", amendment.id.0);
    tx.changes("决定", "待审核", if accepted { "同意" } else { "退回" });
    tx.purpose(note);
    Ok(())
}

const COLUMNS: &str = "a.id, a.fact, a.reason, a.proposal, a.moves, a.requested_at, a.requested_by, a.account_id, \
     d.accepted, d.note, d.decided_at, d.decided_by FROM amendment a JOIN fact f ON f.position = a.fact \
     LEFT JOIN amendment_decision d ON d.amendment_id = a.id WHERE ";

/// A request about a fact that the scope holds.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find_amendment(read: &Read, scope: &Scope, id: AmendmentId) -> Result<Amendment> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("a.id = ").bind(id).push(" AND ");
    scope.on_facts(&mut sql, "f");
    amendment_of(&read.one(sql).await?)
}

/// Requests about facts that the scope holds: those that wait first, then the newest; at most 200.
///
/// # Errors
/// As the database says.
pub async fn list_amendments(read: &Read, scope: &Scope, fact: Option<Position>) -> Result<Vec<Amendment>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS);
    scope.on_facts(&mut sql, "f");
    if let Some(fact) = fact {
        sql.push(" AND a.fact = ").bind(fact);
    }
    sql.push(" ORDER BY CASE WHEN d.amendment_id IS NULL THEN 0 ELSE 1 END, a.id DESC LIMIT 200");
    read.all(sql).await?.iter().map(amendment_of).collect()
}

fn amendment_of(row: &Row) -> Result<Amendment> {
    let text = |e: serde_json::Error| Error::Internal(e.to_string());
    let decision = match row.get::<Option<i64>>("accepted")? {
        Some(accepted) => Some(Decision {
            accepted: accepted == 1,
            note: row.text("note")?,
            at: row.get("decided_at")?,
            by: row.text("decided_by")?,
        }),
        None => None,
    };
    Ok(Amendment {
        id: AmendmentId(row.get("id")?),
        fact: Position(row.get("fact")?),
        reason: row.get("reason")?,
        proposal: serde_json::from_str(&row.get::<String>("proposal")?).map_err(text)?,
        moves: serde_json::from_str(&row.get::<String>("moves")?).map_err(text)?,
        requested_at: row.get("requested_at")?,
        requested_by: row.get("requested_by")?,
        account: AccountId(row.get("account_id")?),
        decision,
    })
}
