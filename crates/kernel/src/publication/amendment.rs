//! Corrections of facts: one person requests, another decides; what they move in what was published is `impact`.

use chrono::{DateTime, Utc};

use super::impact::{Moves, Proposal, Replacement};
use crate::access::Scope;
use crate::audit::Verb;
use crate::id::{AccountId, AmendmentId, Position};
use crate::ledger::{Fact, NewFact, browse};
use crate::store::{Read, Row, Sql, Tx};
use crate::value::money::Fen;
use crate::value::text::too_long;
use crate::{Error, Faults, Result, args};

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

/// Which requests to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Only those about this fact.
    pub fact: Option<Position>,
    /// After the request with which the page before ended.
    pub after: Option<AmendmentId>,
    /// How many at most.
    pub limit: i64,
}

/// Requests about facts that the scope holds: those that wait first, then those that were decided, the newest first.
///
/// # Errors
/// [`Error::Invalid`] at `after` for a request that the scope does not hold.
pub async fn list_amendments(read: &Read, scope: &Scope, asked: Asked) -> Result<Vec<Amendment>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS);
    scope.on_facts(&mut sql, "f");
    if let Some(fact) = asked.fact {
        sql.push(" AND a.fact = ").bind(fact);
    }
    if let Some(after) = asked.after {
        let edge = find_amendment(read, scope, after).await.map_err(|error| match error {
            Error::NotFound => Error::invalid("after", "翻页位置不存在，请从第一页看起"),
            other => other,
        })?;
        match edge.decision {
            None => sql.push(" AND (d.amendment_id IS NOT NULL OR a.id < ").bind(after).push(")"),
            Some(_) => sql.push(" AND d.amendment_id IS NOT NULL AND a.id < ").bind(after),
        };
    }
    sql.push(" ORDER BY CASE WHEN d.amendment_id IS NULL THEN 0 ELSE 1 END, a.id DESC LIMIT ");
    sql.bind(asked.limit.clamp(1, 500));
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

/// A correction that was carried out, told at any fact that takes part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrected {
    /// The request.
    pub amendment: AmendmentId,
    /// The fact it was about.
    pub old: Position,
    /// The reversal of it; absent when it was left standing.
    pub reversal: Option<Position>,
    /// What was recorded instead.
    pub new: Option<Position>,
}

/// The corrections that a fact takes part in: as the one that was corrected, its reversal, or what came in its place.
/// Positions that the scope does not hold are left out.
///
/// # Errors
/// As the database says.
pub async fn corrections(read: &Read, scope: &Scope, fact: &Fact) -> Result<Vec<Corrected>> {
    // What a correction records cites the record of the old fact, in the act that decides.
    let sql = "SELECT a.id, a.fact, d.decided_at FROM fact o JOIN amendment a ON a.fact = o.position \
               JOIN amendment_decision d ON d.amendment_id = a.id AND d.accepted = 1 \
               WHERE o.record_id = $1 AND (a.fact = $2 OR d.decided_at = $3) ORDER BY a.id";
    let about = fact.reverses.unwrap_or(fact.position);
    let mut found = Vec::new();
    for row in read.all((sql, args![fact.record, about, fact.recorded_at])).await? {
        let (old, at) = (Position(row.get("fact")?), row.get::<DateTime<Utc>>("decided_at")?);
        let sql = "SELECT position, reverses FROM fact WHERE record_id = $1 AND recorded_at = $2 ORDER BY position";
        let (mut reversal, mut new) = (None, None);
        for row in read.all((sql, args![fact.record, at])).await? {
            let position = Position(row.get("position")?);
            match row.get::<Option<i64>>("reverses")?.map(Position) {
                Some(of) if of == old => reversal = Some(position),
                Some(_) => {}
                None => new = Some(position),
            }
        }
        if [Some(old), reversal, new].contains(&Some(fact.position)) {
            let all: Vec<Position> = [Some(old), reversal, new].into_iter().flatten().collect();
            let seen: Vec<Position> = browse::at(read, scope, &all).await?.iter().map(|f| f.position).collect();
            let held = |position: &Position| seen.contains(position);
            let amendment = AmendmentId(row.get("id")?);
            if held(&old) {
                found.push(Corrected { amendment, old, reversal: reversal.filter(held), new: new.filter(held) });
            }
        }
    }
    Ok(found)
}
