//! Source records (台账记录): what a fact cites. Modules that keep richer records of their own cite these too.

use chrono::{DateTime, Utc};

use crate::audit::Verb;
use crate::id::RecordId;
use crate::store::{Read, Sql, Tx};
use crate::{Error, Result, args};

/// A source record.
#[derive(Debug, Clone)]
pub struct Record {
    /// Number.
    pub id: RecordId,
    /// The module it belongs to.
    pub module: String,
    /// Title in the office's words.
    pub title: String,
    /// The document it stands in (文号, contract number), if any.
    pub document: String,
    /// Further detail, as entered.
    pub detail: String,
    /// When it was entered.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

/// Enters a record.
///
/// # Errors
/// [`Error::Invalid`] without a title.
pub async fn enter(tx: &Tx, module: &str, title: &str, document: &str, detail: &str) -> Result<RecordId> {
    if title.trim().is_empty() {
        return Err(Error::invalid("title", "请填写记录名称"));
    }
    let id = tx
        .insert((
            "INSERT INTO record (module, title, document, detail, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6)",
            args![module, title, document, detail, tx.now(), tx.actor().name.clone()],
        ))
        .await?;
    tx.step(Verb::RECORD_ENTERED, "record", id);
    tx.changes("台账记录", "", title);
    Ok(RecordId(id))
}

/// A record to enter.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// Title in the office's words.
    pub title: String,
    /// The document it stands in; empty for none.
    pub document: String,
    /// Further detail.
    pub detail: String,
}

/// Enters many records of one module; the answer is in their order.
///
/// # Errors
/// As [`enter`].
pub async fn enter_all(tx: &Tx, module: &str, records: &[NewRecord]) -> Result<Vec<RecordId>> {
    if records.iter().any(|record| record.title.trim().is_empty()) {
        return Err(Error::invalid("title", "请填写记录名称"));
    }
    let mut entered = Vec::with_capacity(records.len());
    for records in records.chunks(1000) {
        let mut sql =
            Sql::new("INSERT INTO record (module, title, document, detail, recorded_at, recorded_by) VALUES ");
        for (i, record) in records.iter().enumerate() {
            sql.push(if i == 0 { "(" } else { ", (" }).bind(module).push(", ").bind(record.title.clone()).push(", ");
            sql.bind(record.document.clone()).push(", ").bind(record.detail.clone()).push(", ").bind(tx.now());
            sql.push(", ").bind(tx.actor().name.clone()).push(")");
        }
        sql.push(" RETURNING id");
        let rows = tx.all(sql).await?;
        let mut ids = rows.iter().map(|row| row.get("id").map(RecordId)).collect::<Result<Vec<_>>>()?;
        // Numbers are drawn in the order of the rows; the engines only do not promise to name them so.
        ids.sort_unstable();
        entered.append(&mut ids);
    }
    Ok(entered)
}

/// The record with this number; whether it may be seen is decided by the facts that cite it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(read: &Read, id: RecordId) -> Result<Record> {
    let row = read
        .one((
            "SELECT id, module, title, document, detail, recorded_at, recorded_by FROM record WHERE id = $1",
            args![id],
        ))
        .await?;
    Ok(Record {
        id,
        module: row.get("module")?,
        title: row.get("title")?,
        document: row.get("document")?,
        detail: row.get("detail")?,
        recorded_at: row.get("recorded_at")?,
        recorded_by: row.get("recorded_by")?,
    })
}
