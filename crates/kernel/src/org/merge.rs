//! Merging duplicates: the facts of one are reversed and recorded on the other, so every count sees one body
//! from then on, and every earlier question still has the answer it had.

use super::find;
use crate::access::Scope;
use crate::audit::Verb;
use crate::id::{OrgId, Position, RecordId};
use crate::ledger::NewFact;
use crate::store::{Read, Row, Sql, Tx};
use crate::value::money::Fen;
use crate::{Error, Result, args};

/// Positions of the facts a merge of `org` would move: those in effect of which it is the subject.
///
/// # Errors
/// As the database says.
pub async fn movable_facts(read: &Read, org: OrgId) -> Result<Vec<Position>> {
    Ok(movable(read, org, 0, i64::MAX).await?.into_iter().map(|(position, _)| position).collect())
}

/// How many of the facts that a merge of `org` would move lie outside `scope`.
///
/// # Errors
/// As the database says.
pub async fn movable_outside(read: &Read, org: OrgId, scope: &Scope) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM fact f WHERE f.kind IN ");
    sql.ints(read.catalog().kinds().iter().map(|k| k.id)).push(" AND f.subject_id = ").bind(org);
    sql.push(" AND f.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position) AND NOT (");
    scope.on_facts(&mut sql, "f");
    sql.push(")");
    read.one(sql).await?.int("n")
}

async fn movable(read: &Read, org: OrgId, after: i64, last: i64) -> Result<Vec<(Position, NewFact)>> {
    let mut sql = Sql::new(
        "SELECT f.position, f.kind, f.class, f.counterparty_id, f.occurred_on, f.quantity, f.amount_fen, f.record_id \
         FROM fact f WHERE f.kind IN ",
    );
    sql.ints(read.catalog().kinds().iter().map(|k| k.id)).push(" AND f.subject_id = ").bind(org);
    sql.push(" AND f.position > ").bind(after).push(" AND f.position <= ").bind(last);
    sql.push(" AND f.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position) ORDER BY f.position");
    read.all(sql).await?.iter().map(|row| Ok((Position(row.get("position")?), again(read, row, org)?))).collect()
}

fn again(read: &Read, row: &Row, subject: OrgId) -> Result<NewFact> {
    let kind = read.catalog().kind_by_id(row.get("kind")?)?.decl.code;
    let fact = NewFact::new(kind, subject, row.get("occurred_on")?, RecordId(row.get("record_id")?))
        .class(&row.get::<String>("class")?)
        .quantity(row.get("quantity")?)
        .amount(Fen(row.get("amount_fen")?));
    Ok(match row.get::<Option<i64>>("counterparty_id")? {
        Some(counterparty) => fact.with(OrgId(counterparty)),
        None => fact,
    })
}

async fn carry_over(tx: &mut Tx, facts: Vec<(Position, NewFact)>, to: OrgId, reason: &str) -> Result<()> {
    for (position, fact) in facts {
        tx.reverse(position, reason).await?;
        tx.record(fact.of(to)).await?;
    }
    tx.append_recorded().await
}

async fn last_position(tx: &Tx) -> Result<i64> {
    tx.one("SELECT MAX(position) AS last FROM fact").await?.int("last")
}

/// Makes `duplicate` the same body as `into`: its facts move, it leaves the lists and points to the survivor.
/// Its attributes stay with it as history. Taken back by [`unmerge`].
///
/// # Errors
/// [`Error::Conflict`] when either is merged already or others were merged into the duplicate;
/// [`Error::Invalid`] for the same organisation twice or no reason.
pub async fn merge(tx: &mut Tx, duplicate: OrgId, into: OrgId, reason: &str) -> Result<()> {
    if duplicate == into {
        return Err(Error::invalid("into", "不能并入自己"));
    }
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "请写明合并依据"));
    }
    tx.hold("organisation", &[duplicate.0.min(into.0), duplicate.0.max(into.0)]).await?;
    for org in [duplicate, into] {
        if find(tx, org).await?.merged_into.is_some() {
            return Err(Error::Conflict("其中一方已经并入其他档案，请先撤销原合并".into()));
        }
    }
    if tx.opt(("SELECT id FROM organisation WHERE merged_into = $1", args![duplicate])).await?.is_some() {
        return Err(Error::Conflict("已有档案并入该档案，请先把它们改并到目标档案".into()));
    }
    tx.act(Verb::ORG_MERGED, "org", duplicate.0);
    tx.purpose(reason);
    [duplicate, into].into_iter().for_each(|org| tx.concerns(org));
    tx.changes("并入", "", &find(tx, into).await?.name);
    let after = last_position(tx).await?;
    let facts = movable(tx, duplicate, 0, i64::MAX).await?;
    carry_over(tx, facts, into, &format!("档案合并：{}", reason.trim())).await?;
    tx.run(("UPDATE organisation SET merged_into = $1 WHERE id = $2", args![into, duplicate])).await?;
    tx.run((
        "INSERT INTO org_merge (duplicate_id, into_id, reason, after_position, last_position, merged_at, merged_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![duplicate, into, reason.trim(), after, last_position(tx).await?, tx.now(), tx.actor().name.clone()],
    ))
    .await?;
    Ok(())
}

/// Takes a merge back: the facts it moved, and have not been corrected since, return.
///
/// # Errors
/// [`Error::Conflict`] when the organisation is not merged; [`Error::Invalid`] without a reason.
pub async fn unmerge(tx: &mut Tx, duplicate: OrgId, reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "请写明撤销合并的原因"));
    }
    let merged = tx
        .opt((
            "SELECT id, into_id, after_position, last_position FROM org_merge
             WHERE duplicate_id = $1 AND undone_at IS NULL ORDER BY id DESC LIMIT 1",
            args![duplicate],
        ))
        .await?
        .ok_or_else(|| Error::Conflict("该档案没有被合并".into()))?;
    let into = OrgId(merged.get("into_id")?);
    tx.hold("organisation", &[duplicate.0.min(into.0), duplicate.0.max(into.0)]).await?;
    let facts = movable(tx, into, merged.get("after_position")?, merged.get("last_position")?).await?;
    tx.act(Verb::ORG_UNMERGED, "org", duplicate.0);
    tx.purpose(reason);
    [duplicate, into].into_iter().for_each(|org| tx.concerns(org));
    tx.changes("并入", &find(tx, into).await?.name, "");
    // It has facts of its own again before they return to it.
    tx.run(("UPDATE organisation SET merged_into = NULL WHERE id = $1", args![duplicate])).await?;
    carry_over(tx, facts, duplicate, &format!("撤销档案合并：{}", reason.trim())).await?;
    tx.run(("UPDATE org_merge SET undone_at = $1 WHERE id = $2", args![tx.now(), merged.get::<i64>("id")?])).await?;
    Ok(())
}
