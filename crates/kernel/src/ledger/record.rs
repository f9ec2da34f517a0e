//! Source records (台账记录): what a fact cites. Modules that keep richer records of their own cite these too.

use chrono::{DateTime, Utc};

use crate::audit::Verb;
use crate::id::RecordId;
use crate::store::{Read, Tx};
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
