//! Rows of jobs: asked for, listed, stopped, asked for again, ended.

use chrono::{DateTime, Utc};

use crate::audit::Verb;
use crate::id::{AccountId, JobId};
use crate::notice;
use crate::store::{Read, Row as DbRow, Tx};
use crate::{Error, Result, args};

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It did not come about.
    Failed,
    /// Somebody stopped it.
    Stopped,
}

impl Outcome {
    const EACH: [(Self, &'static str); 3] =
        [(Self::Done, "done"), (Self::Failed, "failed"), (Self::Stopped, "stopped")];

    fn code(self) -> &'static str {
        Self::EACH.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, code)| code)
    }
}

/// A job as it is written down.
#[derive(Debug, Clone)]
pub struct Row {
    /// Number.
    pub id: JobId,
    /// Code of its sort.
    pub kind: String,
    /// What it is about.
    pub key: String,
    /// What it works on.
    pub input: String,
    /// A page of ours about it; may be empty.
    pub href: String,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// By whom.
    pub asked_by: String,
    /// With which account; 0 for the clock.
    pub account: AccountId,
    /// When it is tried next.
    pub next_at: DateTime<Utc>,
    /// How often it was begun.
    pub attempts: i64,
    /// Until when a runner holds it without saying so anew.
    pub leased_until: Option<DateTime<Utc>>,
    /// Steps done, as last written down.
    pub done: i64,
    /// Of how many; 0 when that is not known.
    pub total: i64,
    /// Who wants it stopped; empty for nobody.
    pub stop_by: String,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// How.
    pub outcome: Option<Outcome>,
    /// What came of it, or why it did not come about.
    pub answer: String,
}

impl Row {
    /// Whether a runner holds it at an instant.
    pub fn is_running(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && self.leased_until.is_some_and(|until| until >= now)
    }

    pub(super) fn of(row: &DbRow) -> Result<Self> {
        let outcome: String = row.get("outcome")?;
        Ok(Self {
            id: JobId(row.get("id")?),
            kind: row.get("kind")?,
            key: row.get("once_key")?,
            input: row.get("input")?,
            href: row.get("href")?,
            asked_at: row.get("asked_at")?,
            asked_by: row.get("asked_by")?,
            account: AccountId(row.get("account_id")?),
            next_at: row.get("next_at")?,
            attempts: row.get("attempts")?,
            leased_until: row.get("leased_until")?,
            done: row.get("done")?,
            total: row.get("total")?,
            stop_by: row.get("stop_by")?,
            ended_at: row.get("ended_at")?,
            outcome: Outcome::EACH.iter().find(|(_, code)| *code == outcome).map(|(outcome, _)| *outcome),
            answer: row.get("answer")?,
        })
    }
}

pub(super) const COLUMNS: &str = "SELECT id, once_key, kind, input, href, asked_at, asked_by, account_id, next_at, attempts, \
     leased_until, done, total, stop_by, ended_at, outcome, answer FROM job WHERE ";

/// Asks for a job about something, within an act; nothing when it was asked for already. What is about the same thing
/// once more has another key.
///
/// # Errors
/// [`Error::NotFound`] for a sort that no module declares.
pub async fn ask(tx: &Tx, kind: &str, key: &str, input: &str, href: &str) -> Result<Option<JobId>> {
    if tx.catalog().job(kind).is_none() {
        return Err(Error::NotFound);
    }
    let row = tx
        .opt((
            "INSERT INTO job (once_key, kind, input, href, asked_at, asked_by, account_id, next_at, attempts, runner, done, \
             total, stop_by, outcome, answer) VALUES ($1, $2, $3, $4, $5, $6, $7, $5, 0, '', 0, 0, '', '', '') \
             ON CONFLICT (once_key) DO NOTHING RETURNING id",
            args![format!("{kind}:{key}"), kind, input, href, tx.now(), tx.actor().name.clone(), tx.actor().account],
        ))
        .await?;
    row.map(|row| row.get("id").map(JobId)).transpose()
}

/// Jobs of all sorts, or of one, before a number, the newest first; only those that have not ended if asked.
///
/// # Errors
/// As the database says.
pub async fn list(read: &Read, kind: Option<&str>, open: bool, before: Option<JobId>, limit: i64) -> Result<Vec<Row>> {
    let mut sql = crate::store::Sql::new(COLUMNS);
    sql.push("id < ").bind(before.map_or(i64::MAX, |id| id.0));
    if let Some(kind) = kind {
        sql.push(" AND kind = ").bind(kind);
    }
    if open {
        sql.push(" AND ended_at IS NULL");
    }
    sql.push(" ORDER BY id DESC LIMIT ").bind(limit);
    read.all(sql).await?.iter().map(Row::of).collect()
}

/// Jobs of a sort whose key begins so, the newest first: all that was asked for about one thing.
///
/// # Errors
/// As the database says.
pub async fn of_thing(read: &Read, kind: &str, begins: &str) -> Result<Vec<Row>> {
    let sql = format!("{COLUMNS} kind = $1 AND SUBSTR(once_key, 1, $2) = $3 ORDER BY id DESC LIMIT 100");
    let begins = format!("{kind}:{begins}");
    let length = begins.chars().count() as i64;
    read.all((&*sql, args![kind, length, begins])).await?.iter().map(Row::of).collect()
}

/// The job with this number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(read: &Read, id: JobId) -> Result<Row> {
    Row::of(&read.one((&*format!("{COLUMNS} id = $1"), args![id])).await?)
}

/// Has a job stopped: one that waits ends at once, one that runs at its next step.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when it has ended.
pub async fn stop(tx: &Tx, id: JobId) -> Result<()> {
    let row = find(tx, id).await?;
    tx.act(Verb::JOB_STOPPED, "job", id.0);
    let who = tx.actor().name.clone();
    let sql = "UPDATE job SET stop_by = $1 WHERE id = $2 AND ended_at IS NULL";
    if tx.run((sql, args![who.clone(), id])).await? == 0 {
        return Err(Error::Conflict("这项作业已经结束".into()));
    }
    if !row.is_running(tx.now()) {
        let sql = "UPDATE job SET ended_at = $1, outcome = 'stopped', answer = $2 WHERE id = $3 AND ended_at IS NULL \
                   AND (leased_until IS NULL OR leased_until < $1)";
        tx.run((sql, args![tx.now(), format!("{who} 取消"), id])).await?;
    }
    Ok(())
}

/// Has a job that failed or was stopped done once more, from the beginning.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when it was done, or has not ended.
pub async fn again(tx: &Tx, id: JobId) -> Result<()> {
    find(tx, id).await?;
    tx.act(Verb::JOB_AGAIN, "job", id.0);
    let sql = "UPDATE job SET next_at = $1, attempts = 0, runner = '', leased_until = NULL, done = 0, total = 0, \
               stop_by = '', ended_at = NULL, outcome = '', answer = '' WHERE id = $2 AND outcome IN ('failed', 'stopped')";
    match tx.run((sql, args![tx.now(), id])).await? {
        1 => Ok(()),
        _ => Err(Error::Conflict("只有没有办成或已取消的作业可以重办".into())),
    }
}

/// Ends a job that a runner holds; whether it did. Whoever asked for it is told.
pub(super) async fn end(tx: &Tx, id: JobId, runner: &str, outcome: Outcome, answer: &str) -> Result<bool> {
    // What somebody wants stopped is not done after all, as long as that can be said.
    let unless = if outcome == Outcome::Done { "AND stop_by = '' " } else { "" };
    let sql = format!(
        "UPDATE job SET ended_at = $1, outcome = $2, answer = $3 WHERE id = $4 AND runner = $5 AND ended_at IS NULL {unless}\
         RETURNING kind, href, account_id"
    );
    let Some(row) = tx.opt((&*sql, args![tx.now(), outcome.code(), answer, id, runner])).await? else {
        return Ok(false);
    };
    let (account, href) = (AccountId(row.get("account_id")?), row.get::<String>("href")?);
    if account.0 != 0 && !href.is_empty() && outcome != Outcome::Stopped {
        let kind: String = row.get("kind")?;
        let label = tx.catalog().job(&kind).map_or(kind.as_str(), |job| job.label);
        let said = if outcome == Outcome::Done { "已完成" } else { "没有办成" };
        let draft = notice::Draft {
            about: &format!("job:{id}:{}", tx.now().timestamp_micros()),
            kind: "job",
            title: &format!("{label}{said}"),
            body: if outcome == Outcome::Done { "" } else { answer },
            href: &href,
            can_wait: true,
        };
        notice::tell(tx, &[account], draft).await?;
    }
    Ok(true)
}
