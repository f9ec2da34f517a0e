//! Carrying jobs out: what is planned is written down, what is due is claimed, what fails is tried again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::running::{Entry, Far, Running, STOPPED};
use super::store::{COLUMNS, Outcome, Row, ask, end};
use super::{Job, When};
use crate::background::{self, Rhythm};
use crate::store::{Store, Tx};
use crate::value::day;
use crate::{Error, Result, args};

/// How often a server looks for work.
const LOOK: Duration = Duration::from_secs(1);
/// Who writes down how jobs go.
const NAME: &str = "作业";

/// Plans and carries out jobs for as long as the store lives; jobs of different sorts run side by side.
pub async fn work(store: Store) {
    let runner = format!("{}-{}", std::process::id(), Utc::now().timestamp_micros());
    let busy: Arc<Mutex<BTreeSet<&'static str>>> = Arc::default();
    loop {
        if let Err(error) = look(&store, &runner, &busy).await {
            tracing::error!("后台作业没有办成：{}", error.detail());
            tokio::time::sleep(LOOK * 10).await;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn look(store: &Store, runner: &str, busy: &Arc<Mutex<BTreeSet<&'static str>>>) -> Result<()> {
    plan(store, Utc::now()).await?;
    for job in due(store, Utc::now()).await? {
        if !busy.lock().unwrap_or_else(PoisonError::into_inner).insert(job.code) {
            continue;
        }
        let (store, runner, busy) = (store.clone(), runner.to_owned(), busy.clone());
        tokio::spawn(async move {
            loop {
                match run_next(&store, job, &runner, Utc::now()).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::error!(job = job.code, "后台作业没有办成：{}", error.detail());
                        break;
                    }
                }
            }
            busy.lock().unwrap_or_else(PoisonError::into_inner).remove(job.code);
        });
    }
    Ok(())
}

/// Sorts of which something is due and nobody holds it.
async fn due(store: &Store, now: DateTime<Utc>) -> Result<Vec<&'static Job>> {
    let sql = "SELECT DISTINCT kind FROM job WHERE ended_at IS NULL AND next_at <= $1 \
               AND (leased_until IS NULL OR leased_until < $1)";
    let read = store.read().await?;
    let kinds: Vec<String> =
        read.all((sql, args![now])).await?.iter().map(|row| row.get("kind")).collect::<Result<_>>()?;
    Ok(kinds.iter().filter_map(|kind| read.catalog().job(kind)).collect())
}

/// Writes down the jobs that the clock asks for, once each, whichever server comes first.
///
/// # Errors
/// As the database says.
pub async fn plan(store: &Store, now: DateTime<Utc>) -> Result<()> {
    let read = store.read().await?;
    let rhythm = Rhythm::read(&read).await?;
    let today = day::today(now);
    for job in read.catalog().jobs().iter().filter(|job| is_time(job.when, &rhythm, now)) {
        let key = format!("{}:{today}", job.code);
        if read.opt(("SELECT id FROM job WHERE once_key = $1", args![key])).await?.is_none() {
            store.upkeep_at(now, "时钟", async |tx| ask(tx, job.code, &today.to_string(), "", "").await).await?;
        }
    }
    Ok(())
}

/// Whether a job that the clock asks for may begin now.
fn is_time(when: When, rhythm: &Rhythm, now: DateTime<Utc>) -> bool {
    let here = day::china(now);
    let (today, time) = (here.date(), here.time());
    let at = |(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or(NaiveTime::MIN);
    match when {
        When::Asked => false,
        When::Night(from, to) => (at(from)..at(to)).contains(&time),
        When::WorkingDay => rhythm.hours.is_for_digests(today, time),
    }
}

/// Carries out the job of a sort that has been due longest, if nobody has one of that sort; whether there was one.
///
/// # Errors
/// As the database says; what is wrong with the job is written at it.
pub async fn run_next(store: &Store, job: &'static Job, runner: &str, now: DateTime<Utc>) -> Result<bool> {
    let claimed = store.upkeep_at(now, NAME, async |tx| claim(tx, job, runner).await).await?;
    let Some((row, rhythm)) = claimed else { return Ok(false) };
    let running = Arc::new(Running {
        store: store.clone(),
        id: row.id,
        runner: runner.to_owned(),
        input: row.input.clone(),
        account: row.account,
        now,
        begun: Instant::now(),
        far: Arc::new(Far::default()),
    });
    let _entry = Entry::new(&running);
    let beat = tokio::spawn(beat(running.clone(), job, rhythm.jobs.lease_seconds));
    // In a task of its own, so that a panic is a failure of this job and of nothing else.
    let ended = {
        let running = running.clone();
        tokio::spawn(async move { (job.run)(&running).await }).await
    };
    beat.abort();
    let ended = ended.unwrap_or_else(|panic| Err(Error::Internal(format!("the job panicked: {panic}"))));
    settle(&running, job, &row, ended, &rhythm).await?;
    Ok(true)
}

async fn claim(tx: &Tx, job: &Job, runner: &str) -> Result<Option<(Row, Rhythm)>> {
    let rhythm = Rhythm::read(tx).await?;
    let (lease, name) = (TimeDelta::seconds(rhythm.jobs.lease_seconds), format!("job.{}", job.code));
    if !background::take(tx, &name, runner, lease).await? {
        return Ok(None);
    }
    match next(tx, job, runner, &rhythm).await? {
        Some(row) => Ok(Some((row, rhythm))),
        None => {
            background::give_up(tx, &name, runner).await?;
            Ok(None)
        }
    }
}

async fn next(tx: &Tx, job: &Job, runner: &str, rhythm: &Rhythm) -> Result<Option<Row>> {
    let sql = format!(
        "{COLUMNS} kind = $1 AND ended_at IS NULL AND next_at <= $2 AND (leased_until IS NULL OR leased_until < $2) \
         ORDER BY next_at, id LIMIT 1"
    );
    let Some(row) = tx.opt((&*sql, args![job.code, tx.now()])).await? else { return Ok(None) };
    let row = Row::of(&row)?;
    let (attempts, until) = (row.attempts + 1, tx.now() + TimeDelta::seconds(rhythm.jobs.lease_seconds));
    let again = rhythm.job_again_at(tx.now(), attempts).unwrap_or(tx.now());
    let sql = "UPDATE job SET runner = $1, leased_until = $2, attempts = $3, next_at = $4, done = 0, total = 0 WHERE id = $5 \
         AND ended_at IS NULL AND stop_by = $6";
    // Somebody may have stopped it since it was read.
    if tx.run((sql, args![runner, until, attempts, again, row.id, row.stop_by.clone()])).await? == 0 {
        return Ok(None);
    }
    if !row.stop_by.is_empty() {
        end(tx, row.id, runner, Outcome::Stopped, &format!("{} 取消", row.stop_by)).await?;
        return Ok(None);
    }
    if usize::try_from(row.attempts).unwrap_or(0) > rhythm.jobs.retry_seconds.len() {
        end(tx, row.id, runner, Outcome::Failed, "多次中断，没有办完：请查看服务器日志后重办").await?;
        return Ok(None);
    }
    Ok(Some(Row { attempts, ..row }))
}

/// Writes down how a job went, unless it ended inside its own act, or another runner has it.
async fn settle(running: &Running, job: &Job, row: &Row, ended: Result<String>, rhythm: &Rhythm) -> Result<()> {
    let now = running.now();
    let again = match &ended {
        Err(Error::Unavailable(_) | Error::Internal(_)) => rhythm.job_again_at(now, row.attempts),
        _ => None,
    };
    let (outcome, answer) = match ended {
        Ok(answer) => (Outcome::Done, answer),
        Err(Error::Conflict(why)) if why == STOPPED => (Outcome::Stopped, STOPPED.to_owned()),
        Err(error) => (Outcome::Failed, told(job, row, error)),
    };
    let (id, runner) = (running.id, running.runner.as_str());
    let settled = async |tx: &mut Tx| {
        background::give_up(tx, &format!("job.{}", job.code), runner).await?;
        if let (Outcome::Failed, Some(again)) = (outcome, again) {
            let sql = "UPDATE job SET next_at = $1, leased_until = NULL, answer = $2 WHERE id = $3 AND runner = $4 AND ended_at IS NULL";
            return tx.run((sql, args![again, answer.as_str(), id, runner])).await.map(drop);
        }
        if !end(tx, id, runner, outcome, &answer).await? && outcome == Outcome::Done {
            // Done, but somebody had stopped it meanwhile: it is told as it is.
            end(tx, id, runner, Outcome::Stopped, &format!("取消时已经做完：{answer}")).await?;
        }
        Ok(())
    };
    running.store.upkeep_at(now, NAME, settled).await
}

/// Why a job did not come about, for people.
fn told(job: &Job, row: &Row, error: Error) -> String {
    match error {
        Error::Invalid(faults) => faults.0.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join("；"),
        Error::Conflict(message) => message,
        Error::Forbidden(_) | Error::NotFound => "办理人已没有这项权限，或要办的内容已不在".into(),
        other => {
            tracing::error!(job = job.code, id = row.id.0, "作业没有办成：{}", other.detail());
            "服务器出了问题；详情见服务器日志".into()
        }
    }
}

/// Says anew that the job is held, writes down how far it is, and looks whether somebody wants it stopped.
async fn beat(running: Arc<Running>, job: &'static Job, lease_seconds: i64) {
    let every = Duration::from_millis(u64::try_from(lease_seconds).unwrap_or(1).max(1) * 1000 / 4);
    let mut beats = tokio::time::interval(every);
    beats.tick().await;
    loop {
        beats.tick().await;
        match say(&running, job, TimeDelta::seconds(lease_seconds)).await {
            Ok(true) => {}
            Ok(false) => running.far.stop(),
            Err(error) => tracing::warn!(job = job.code, "作业的进度没有记下：{}", error.detail()),
        }
    }
}

async fn say(running: &Running, job: &Job, lease: TimeDelta) -> Result<bool> {
    let (done, total) = running.far.steps();
    let said = async |tx: &mut Tx| {
        // Somebody else has jobs of this sort now: this one stops at its next step.
        if !background::take(tx, &format!("job.{}", job.code), &running.runner, lease).await? {
            return Ok(0);
        }
        let sql = "UPDATE job SET leased_until = $1, done = $2, total = $3 WHERE id = $4 AND runner = $5 AND ended_at IS NULL \
                   AND stop_by = ''";
        tx.run((sql, args![tx.now() + lease, done, total, running.id, running.runner.as_str()])).await
    };
    Ok(running.store.upkeep_at(running.now(), NAME, said).await? == 1)
}
