//! What senders have said about the columns of their own workbooks, kept for the next one.
//!
//! Owns the saved mappings. An import keeps the one it is read by in its own row, so that nothing moves under it.

use chrono::{DateTime, Utc};
use kernel::access::Actor;
use kernel::audit::Verb;
use kernel::store::{Read, Row, Sql, Tx};
use kernel::{Error, Result, args};
use sheets::{Mapping, Template};

use super::desk::digest;
use super::model::What;

/// A saved mapping.
#[derive(Debug, Clone)]
pub(super) struct Saved {
    pub id: i64,
    pub what: What,
    /// The form of [`Mapping::to_toml`].
    pub columns: String,
    /// The workbook for which it was said.
    pub file_name: String,
    pub saved_at: DateTime<Utc>,
    pub saved_by: String,
}

const COLUMNS: &str = "SELECT id, template, columns, file_name, saved_at, saved_by FROM import_mapping WHERE sender = ";

fn saved(row: &Row) -> Result<Saved> {
    let code: String = row.get("template")?;
    Ok(Saved {
        id: row.get("id")?,
        what: What::find(&code).ok_or_else(|| Error::Internal(format!("unknown template {code}")))?,
        columns: row.get("columns")?,
        file_name: row.get("file_name")?,
        saved_at: row.get("saved_at")?,
        saved_by: row.get("saved_by")?,
    })
}

/// For whom something is remembered: the organisation of an account, else the account.
fn sender(actor: &Actor) -> String {
    match actor.org {
        Some(org) => format!("org:{org}"),
        None => format!("account:{}", actor.account),
    }
}

/// What this sender has said about a workbook that may have any of these sets of heads; the newest.
///
/// # Errors
/// As the database says.
pub(super) async fn find(read: &Read, actor: &Actor, what: What, candidates: &[String]) -> Result<Option<Saved>> {
    if candidates.is_empty() {
        return Ok(None);
    }
    let mut sql = Sql::new(COLUMNS);
    sql.bind(sender(actor)).push(" AND template = ").bind(what.code()).push(" AND heads IN ");
    sql.binds(candidates.iter().map(|heads| digest(heads.as_bytes()))).push(" ORDER BY saved_at DESC LIMIT 1");
    read.opt(sql).await?.as_ref().map(saved).transpose()
}

/// Everything this sender has said.
///
/// # Errors
/// As the database says.
pub(super) async fn list(read: &Read, actor: &Actor) -> Result<Vec<Saved>> {
    let mut sql = Sql::new(COLUMNS);
    sql.bind(sender(actor)).push(" ORDER BY saved_at DESC, id DESC LIMIT 100");
    read.all(sql).await?.iter().map(saved).collect()
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`] also for what another sender has said.
pub(super) async fn get(read: &Read, actor: &Actor, id: i64) -> Result<Saved> {
    let mut sql = Sql::new(COLUMNS);
    sql.bind(sender(actor)).push(" AND id = ").bind(id);
    saved(&read.one(sql).await?)
}

/// Remembers what was said; what was said of the same heads before gives way.
///
/// # Errors
/// [`Error::Invalid`] at the head that is wrong, or at `columns`.
pub(super) async fn remember(tx: &Tx, template: &Template, mapping: &Mapping, file_name: &str) -> Result<()> {
    mapping.check(template)?;
    let (sender, heads) = (sender(tx.actor()), digest(mapping.heads().as_bytes()));
    tx.run((
        "INSERT INTO import_mapping (sender, template, heads, columns, file_name, saved_at, saved_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (sender, template, heads) DO UPDATE SET columns = excluded.columns,
         file_name = excluded.file_name, saved_at = excluded.saved_at, saved_by = excluded.saved_by",
        args![sender, template.code, heads, mapping.to_toml(), file_name, tx.now(), tx.actor().name.clone()],
    ))
    .await?;
    Ok(())
}

/// Reads an import by what was said from now on.
///
/// # Errors
/// [`Error::Conflict`] when it has been saved already.
pub(super) async fn apply(tx: &Tx, import: i64, mapping: &Mapping) -> Result<()> {
    let sql = "UPDATE import SET columns = $1, columns_at = NULL WHERE id = $2 AND done_at IS NULL";
    match tx.run((sql, args![mapping.to_toml(), import])).await? {
        1 => Ok(()),
        _ => Err(Error::Conflict("这次导入已经保存过了，认列不能再改；请重新上传".into())),
    }
}

/// Forgets what was said.
///
/// # Errors
/// [`Error::NotFound`] as [`get`].
pub(super) async fn forget(tx: &Tx, id: i64) -> Result<()> {
    let sql = "DELETE FROM import_mapping WHERE id = $1 AND sender = $2";
    match tx.run((sql, args![id, sender(tx.actor())])).await? {
        1 => {
            tx.act(Verb::COLUMNS_FORGOTTEN, "mapping", id);
            Ok(())
        }
        _ => Err(Error::NotFound),
    }
}
