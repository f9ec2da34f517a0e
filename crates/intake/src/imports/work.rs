//! Long imports, carried out by the server in the background: what was asked for, who works on it, how it ended.
//!
//! Owns the leases and the rows of work. Looking through writes nothing, so after a restart it simply begins again;
//! saving is one transaction, which ends the work in itself, so it is done once or not at all
//! (`docs/adr/0012-long-imports.md`).

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::access::{Actor, find_person};
use kernel::audit::Verb;
use kernel::id::AccountId;
use kernel::store::{Read, Row, Sql, Store, Tx};
use kernel::{Error, Result, args};

use super::desk;
use super::model::Mode;
use super::stretches::{CANCELLED, Progress};
use super::view::ReportView;

/// Files above this many bytes, some thousand rows, are worked on in the background.
pub(super) const LONG: i64 = 256 << 10;
/// How long a worker holds its work without saying so anew.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// How often it says so.
const BEAT: Duration = Duration::from_secs(3);
/// Who holds, goes on with and ends work: the machine. What it saves is the act of who asked for it.
const UPKEEP: &str = "导入";
/// How often a server without work looks for some.
const LOOK: Duration = Duration::from_secs(1);

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Check,
    Save,
}

impl Act {
    const fn code(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Save => "save",
        }
    }
}

/// A piece of work and how it stands.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub import: i64,
    pub act: Act,
    account: AccountId,
    mode: Mode,
    overwrite: String,
    /// Rows seen so far, as last written down.
    pub rows: i64,
    stop_by: String,
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it did not come about; empty when it did.
    pub failure: String,
    report: String,
}

impl Work {
    fn of(row: &Row) -> Result<Self> {
        let text = |name: &str| row.get::<String>(name);
        Ok(Self {
            import: row.get("import_id")?,
            act: if text("act")? == "save" { Act::Save } else { Act::Check },
            account: AccountId(row.get("account_id")?),
            mode: if text("mode")? == "good" { Mode::Good } else { Mode::Whole },
            overwrite: text("overwrite")?,
            rows: row.get("rows_seen")?,
            stop_by: text("stop_by")?,
            ended_at: row.get("ended_at")?,
            failure: text("failure")?,
            report: text("report")?,
        })
    }

    /// What the looking found, as the page shows it.
    pub fn report(&self) -> Option<ReportView> {
        toml::from_str(&self.report).ok()
    }
}

const COLUMNS: &str = "SELECT import_id, act, account_id, mode, overwrite, rows_seen, stop_by, ended_at, failure, report \
                       FROM import_work WHERE ";

/// All work on an import, the last asked for first.
///
/// # Errors
/// As the database says.
pub(super) async fn of_import(read: &Read, import: i64) -> Result<Vec<Work>> {
    let sql = format!("{COLUMNS} import_id = $1 ORDER BY asked_at DESC, act DESC");
    read.all((&*sql, args![import])).await?.iter().map(Work::of).collect()
}

/// Asks for work, also once more.
///
/// # Errors
/// [`Error::Conflict`] while it is under way.
pub(super) async fn ask(tx: &Tx, import: i64, act: Act, (mode, overwrite): (Mode, &str)) -> Result<()> {
    let sql = format!("{COLUMNS} import_id = $1 AND ended_at IS NULL");
    if tx.opt((&*sql, args![import])).await?.is_some() {
        return Err(Error::Conflict("这次导入正在办理中，请等它结束或先取消".into()));
    }
    let mode = if mode == Mode::Good { "good" } else { "whole" };
    let asked = tx
        .run((
            "INSERT INTO import_work (import_id, act, account_id, asked_at, asked_by, mode, overwrite)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (import_id, act) DO UPDATE SET account_id = excluded.account_id, asked_at = excluded.asked_at,
             asked_by = excluded.asked_by, mode = excluded.mode, overwrite = excluded.overwrite, worker = '',
             leased_until = NULL, rows_seen = 0, stop_by = '', ended_at = NULL, failure = '', report = ''
             WHERE import_work.ended_at IS NOT NULL",
            args![import, act.code(), tx.actor().account.0, tx.now(), tx.actor().name.clone(), mode, overwrite],
        ))
        .await?;
    match asked {
        1 => {
            tx.act(Verb::IMPORT_ASKED, "import", import);
            Ok(())
        }
        _ => Err(Error::Conflict("这次导入正在办理中，请等它结束或先取消".into())),
    }
}

/// Asks for an end of whatever is under way; the answer is whether anything was.
///
/// # Errors
/// As the database says.
pub(super) async fn stop(store: &Store, actor: &Actor, import: i64) -> Result<bool> {
    // In this process at once: the embedded database lets nobody write while an import is saved.
    if let Some(progress) = running(store, import) {
        progress.stop();
    }
    let sql = "UPDATE import_work SET stop_by = $1 WHERE import_id = $2 AND ended_at IS NULL AND stop_by = ''";
    let stopped = async |tx: &mut Tx| {
        tx.act(Verb::IMPORT_STOPPED, "import", import);
        tx.run((sql, args![tx.actor().name.clone(), import])).await
    };
    Ok(store.write(actor, stopped).await? > 0)
}

/// Carries out long imports for as long as the store lives; what fails is told at the import and in the log.
pub async fn work(store: Store) {
    let worker = format!("{}-{}", std::process::id(), Utc::now().timestamp_micros());
    loop {
        match work_once(&store, &worker, Utc::now()).await {
            Ok(true) => {}
            Ok(false) => tokio::time::sleep(LOOK).await,
            Err(error) => {
                tracing::error!("导入的后台办理没有做成：{}", error.detail());
                tokio::time::sleep(LOOK * 10).await;
            }
        }
    }
}

/// Carries out the piece of work that has waited longest, if nobody holds it at `now`; the answer is whether there was
/// one.
///
/// # Errors
/// As the database says; what is wrong with the import is told there.
pub async fn work_once(store: &Store, worker: &str, now: DateTime<Utc>) -> Result<bool> {
    if waiting(&store.read().await?, now).await?.is_none() {
        return Ok(false);
    }
    let Some(job) = store.upkeep(UPKEEP, async |tx| claim(tx, worker, now).await).await? else { return Ok(false) };
    let progress = Progress::default();
    let _entry = Entry::new(store, job.import, &progress);
    let beat = tokio::spawn(beat(store.clone(), job.clone(), worker.to_owned(), progress.clone()));
    let ended = carry_out(store, &job, worker, &progress).await;
    beat.abort();
    let (failure, report) = match ended {
        Ok(report) => (String::new(), report),
        Err(error) => (told(&job, error), String::new()),
    };
    let sql = "UPDATE import_work SET ended_at = $1, failure = $2, report = $3, rows_seen = $4 \
               WHERE import_id = $5 AND act = $6 AND worker = $7 AND ended_at IS NULL";
    let rows = i64::try_from(progress.rows()).unwrap_or(i64::MAX);
    let end = args![Utc::now(), failure, report, rows, job.import, job.act.code(), worker];
    store.upkeep(UPKEEP, async |tx| tx.run((sql, end)).await).await?;
    Ok(true)
}

async fn carry_out(store: &Store, job: &Work, worker: &str, progress: &Progress) -> Result<String> {
    if !job.stop_by.is_empty() {
        return Err(Error::Conflict(CANCELLED.into()));
    }
    // Who asked may have lost the right since.
    let actor = find_person(&store.read().await?, job.account, "").await?.actor();
    match job.act {
        Act::Check => {
            let report = desk::looked_at(store, &actor, job.import, false, progress).await?;
            toml::to_string(&ReportView::of(&report)).map_err(|e| Error::Internal(e.to_string()))
        }
        Act::Save => {
            let how = (job.mode, job.overwrite.as_str());
            desk::saved(store, &actor, job.import, how, progress, async |tx| finish(tx, job, worker).await).await?;
            Ok(String::new())
        }
    }
}

/// Ends the work inside the act that saves: whoever no longer holds it saves nothing.
async fn finish(tx: &Tx, job: &Work, worker: &str) -> Result<()> {
    let sql = "UPDATE import_work SET ended_at = $1 WHERE import_id = $2 AND act = $3 AND worker = $4 \
               AND ended_at IS NULL AND stop_by = ''";
    match tx.run((sql, args![Utc::now(), job.import, job.act.code(), worker])).await? {
        1 => Ok(()),
        _ => Err(Error::Conflict(CANCELLED.into())),
    }
}

/// Why a piece of work did not come about, for its page.
fn told(job: &Work, error: Error) -> String {
    match error {
        Error::Invalid(faults) => faults.0.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("；"),
        Error::Conflict(message) => message,
        Error::Forbidden(_) | Error::NotFound => "办理人已没有这项权限，什么都没有保存".into(),
        other => {
            tracing::error!(import = job.import, "导入没有办成：{}", other.detail());
            "服务器出了问题，什么都没有保存；请稍后重试".into()
        }
    }
}

fn free(now: DateTime<Utc>) -> Sql {
    let mut sql = Sql::new(COLUMNS);
    sql.push("ended_at IS NULL AND (leased_until IS NULL OR leased_until < ").bind(now);
    sql.push(") ORDER BY asked_at, import_id LIMIT 1");
    sql
}

async fn waiting(read: &Read, now: DateTime<Utc>) -> Result<Option<Work>> {
    read.opt(free(now)).await?.as_ref().map(Work::of).transpose()
}

async fn claim(tx: &Tx, worker: &str, now: DateTime<Utc>) -> Result<Option<Work>> {
    let Some(job) = waiting(tx, now).await? else { return Ok(None) };
    let sql = "UPDATE import_work SET worker = $1, leased_until = $2, rows_seen = 0 WHERE import_id = $3 AND act = $4 \
               AND ended_at IS NULL AND (leased_until IS NULL OR leased_until < $5)";
    let claimed = tx.run((sql, args![worker, now + LEASE, job.import, job.act.code(), now])).await?;
    Ok((claimed == 1).then_some(job))
}

/// Says anew that the work is held, writes down how far it is, and looks whether somebody wants it stopped.
async fn beat(store: Store, job: Work, worker: String, progress: Progress) {
    let mut beats = tokio::time::interval(BEAT);
    loop {
        beats.tick().await;
        match say(&store, &job, &worker, &progress).await {
            Ok(true) => {}
            Ok(false) => progress.stop(),
            Err(error) => tracing::warn!(import = job.import, "导入的进度没有记下：{}", error.detail()),
        }
    }
}

async fn say(store: &Store, job: &Work, worker: &str, progress: &Progress) -> Result<bool> {
    let sql = format!("{COLUMNS} import_id = $1 AND act = $2 AND worker = $3 AND stop_by = ''");
    if store.read().await?.opt((&*sql, args![job.import, job.act.code(), worker])).await?.is_none() {
        return Ok(false);
    }
    let rows = i64::try_from(progress.rows()).unwrap_or(i64::MAX);
    let sql = "UPDATE import_work SET leased_until = $1, rows_seen = $2 WHERE import_id = $3 AND act = $4 \
               AND worker = $5 AND ended_at IS NULL";
    let beat = args![Utc::now() + LEASE, rows, job.import, job.act.code(), worker];
    store.upkeep(UPKEEP, async |tx| tx.run((sql, beat)).await).await?;
    Ok(true)
}

/// What this process works on: for the page that shows how far it is, and for the hand that stops it.
static RUNNING: Mutex<Vec<(String, i64, Progress)>> = Mutex::new(Vec::new());

/// How far an import is, if this process works on it.
pub(super) fn running(store: &Store, import: i64) -> Option<Progress> {
    let place = format!("{:?}", store.place());
    let held = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    held.iter().find(|(at, id, _)| *at == place && *id == import).map(|(_, _, progress)| progress.clone())
}

/// An entry among what this process works on, for as long as it lives.
struct Entry(String, i64);

impl Entry {
    fn new(store: &Store, import: i64, progress: &Progress) -> Self {
        let place = format!("{:?}", store.place());
        let mut held = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        held.push((place.clone(), import, progress.clone()));
        Self(place, import)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut held = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        held.retain(|(place, import, _)| (place, import) != (&self.0, &self.1));
    }
}
