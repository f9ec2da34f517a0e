//! Workbooks as sent: kept until they are saved, whole or not at all, and handed back with marks.

use std::collections::BTreeSet;

use kernel::access::Actor;
use kernel::audit::Verb;
use kernel::case;
use kernel::id::CaseId;
use kernel::store::{Read, Row, Store, Tx};
use kernel::value::day;
use kernel::{Error, Result, args};
use sheets::{Reading, Returned};

use super::FLOW;
use super::months::write_report;
use super::workbook::{Step, look_through, number, off_thread, opened};

/// Keeps a workbook that was sent, once it can be read; returns its number.
///
/// # Errors
/// As [`opened`].
pub async fn receive(store: &Store, actor: &Actor, name: &str, bytes: Vec<u8>) -> Result<i64> {
    let (bytes, _) = opened(bytes).await?;
    let name: String = name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\')).take(120).collect();
    store
        .write(actor, async |tx| {
            let sql = "INSERT INTO project_upload (file_name, content, sent_at, sent_by, account_id) VALUES ($1, $2, $3, $4, $5)";
            let id =
                tx.insert((sql, args![name.clone(), bytes, tx.now(), tx.actor().name.clone(), tx.actor().account])).await?;
            tx.act(Verb::IMPORT_SENT, "project_upload", id);
            Ok(id)
        })
        .await
}

/// A workbook as sent.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub id: i64,
    pub file_name: String,
    pub sent: String,
    /// When it was saved, in words; empty while it is not.
    pub saved_at: String,
    /// Rows that were saved.
    pub saved: i64,
}

/// The last workbooks that this person sent; the content of one is asked for by its number.
///
/// # Errors
/// As the database says.
pub(super) async fn uploads(read: &Read, actor: &Actor) -> Result<Vec<Upload>> {
    let sql = "SELECT id, file_name, sent_at, saved_at, saved FROM project_upload WHERE account_id = $1 ORDER BY id DESC LIMIT 20";
    let of = |row: &Row| {
        Ok(Upload {
            id: row.get("id")?,
            file_name: row.get("file_name")?,
            sent: day::minute(row.get("sent_at")?),
            saved_at: row.get::<Option<_>>("saved_at")?.map(day::minute).unwrap_or_default(),
            saved: row.get("saved")?,
        })
    };
    read.all((sql, args![actor.account])).await?.iter().map(of).collect()
}

/// A workbook that this person sent, with its content.
///
/// # Errors
/// [`Error::NotFound`], also for one that somebody else sent.
pub(super) async fn upload(read: &Read, actor: &Actor, id: i64) -> Result<(Upload, Vec<u8>)> {
    let sql =
        "SELECT id, file_name, content, sent_at, saved_at, saved FROM project_upload WHERE id = $1 AND account_id = $2";
    let row = read.one((sql, args![id, actor.account])).await?;
    let upload = Upload {
        id,
        file_name: row.get("file_name")?,
        sent: day::minute(row.get("sent_at")?),
        saved_at: row.get::<Option<_>>("saved_at")?.map(day::minute).unwrap_or_default(),
        saved: row.get("saved")?,
    };
    Ok((upload, row.get("content")?))
}

/// Saves a workbook whole: all reports and filings of it are one act, or none of them is.
///
/// # Errors
/// [`Error::Conflict`] for a workbook with faults, one that is saved already, or rows that changed meanwhile.
pub async fn save(store: &Store, actor: &Actor, id: i64) -> Result<usize> {
    let (_, bytes) = upload(&store.read().await?, actor, id).await?;
    let (_, reading) = opened(bytes).await?;
    store.write(actor, async |tx| save_within(tx, id, reading).await).await
}

async fn save_within(tx: &mut Tx, id: i64, reading: Reading) -> Result<usize> {
    let claimed = "UPDATE project_upload SET saved_at = $1 WHERE id = $2 AND saved_at IS NULL";
    if tx.run((claimed, args![tx.now(), id])).await? != 1 {
        return Err(Error::Conflict("这个表格已经保存过了".into()));
    }
    tx.act(Verb::IMPORT_SAVED, "project_upload", id);
    let actor = tx.actor().clone();
    // Nobody reports about these projects until they are saved; what was reported before is seen.
    let named: BTreeSet<CaseId> = reading.rows.iter().filter_map(|row| number(row)?.parse().ok()).collect();
    case::hold(tx, &named.into_iter().collect::<Vec<_>>()).await?;
    let looked = look_through(tx, &actor, reading).await?;
    if looked.faults() > 0 {
        return Err(Error::Conflict(format!("表中有 {} 处错误，什么都没有保存；请改正后重新上传", looked.faults())));
    }
    let saved = looked.steps.len();
    for step in looked.steps {
        match step {
            Step::Report(month, form) => write_report(tx, &month, &form).await?,
            Step::File(firm, values) => drop(case::open(tx, FLOW.code, firm, &values, "").await?),
        }
    }
    tx.run(("UPDATE project_upload SET saved = $1 WHERE id = $2", args![saved as i64, id])).await?;
    Ok(saved)
}

/// The workbook with its faults marked: name of the file and content.
///
/// # Errors
/// As [`upload`].
pub(super) async fn returned(store: &Store, actor: &Actor, id: i64) -> Result<(String, Returned)> {
    let read = store.read().await?;
    let (upload, bytes) = upload(&read, actor, id).await?;
    let (bytes, reading) = opened(bytes).await?;
    let looked = look_through(&read, actor, reading).await?;
    drop(read);
    let returned = off_thread(move || sheets::mark(&bytes, &looked.reading)).await?;
    let stem = upload.file_name.rsplit_once('.').map_or(upload.file_name.as_str(), |(stem, _)| stem);
    Ok((format!("{stem}-核对.{}", returned.extension), returned))
}
