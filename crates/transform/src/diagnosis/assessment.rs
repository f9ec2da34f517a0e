//! Filled questionnaires of an order: drafts, submitted ones with what they come to, repetitions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::audit::Verb;
use kernel::id::{CaseId, OrgId};
use kernel::store::{Read, Row, Tx};
use kernel::value::day::{self, Day};
use kernel::{Error, Result, args, case};

use super::flow::ORDER;
use super::instrument::{Answers, Instrument, Outcome, assess, kept, read as read_file, read_kept, shipped};
use super::order::Order;
use super::rules;

/// A filled questionnaire.
#[derive(Debug, Clone)]
pub(super) struct Assessment {
    /// Which time: 0 at the diagnosis, 1 and on at its repetitions.
    pub stage: i64,
    /// Its questionnaire.
    pub instrument: String,
    /// In which edition.
    pub edition: String,
    /// What was filled in.
    pub answers: Answers,
    /// Points, an exact decimal; empty in a draft.
    pub score: String,
    /// Code of the level; empty below the first, and in a draft.
    pub level_code: String,
    /// The level as people read it.
    pub level_label: String,
    /// How often the draft was saved.
    pub revision: i64,
    /// The day it was saved.
    pub saved_on: Day,
    /// When.
    pub saved_at: DateTime<Utc>,
    /// By whom.
    pub saved_by: String,
}

impl Assessment {
    /// The time as people call it: T0, T1 …
    pub(super) fn stage_label(&self) -> String {
        format!("T{}", self.stage)
    }

    /// Points and level in words.
    pub(super) fn words(&self) -> String {
        let level = if self.level_label.is_empty() { "未达第一级" } else { self.level_label.as_str() };
        format!("{} {} 分，{level}", self.stage_label(), self.score)
    }

    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            stage: row.get("stage")?,
            instrument: row.get("instrument")?,
            edition: row.get("edition")?,
            answers: read_kept(&row.get::<String>("answers")?)?,
            score: row.get("score")?,
            level_code: row.get("level_code")?,
            level_label: row.get("level_label")?,
            revision: row.get("revision")?,
            saved_on: row.get("saved_on")?,
            saved_at: row.get("saved_at")?,
            saved_by: row.get("saved_by")?,
        })
    }
}

const COLUMNS: &str = "SELECT stage, instrument, edition, answers, score, level_code, level_label, revision, \
                       saved_on, saved_at, saved_by FROM diagnosis_assessment ";

/// The submitted questionnaires of an order that was found within a scope: the last of each time, in their order.
///
/// # Errors
/// As the database says.
pub(super) async fn latest(read: &Read, case: CaseId) -> Result<Vec<Assessment>> {
    let sql = format!("{COLUMNS} WHERE case_id = $1 AND draft = 0 ORDER BY stage, id");
    let mut by_stage = BTreeMap::new();
    for row in read.all((&*sql, args![case])).await? {
        let found = Assessment::of(&row)?;
        by_stage.insert(found.stage, found);
    }
    Ok(by_stage.into_values().collect())
}

/// The draft of a time of an order that was found within a scope.
///
/// # Errors
/// As the database says.
pub(super) async fn draft(read: &Read, case: CaseId, stage: i64) -> Result<Option<Assessment>> {
    let sql = format!("{COLUMNS} WHERE case_id = $1 AND stage = $2 AND draft = 1");
    read.opt((&*sql, args![case, stage])).await?.as_ref().map(Assessment::of).transpose()
}

/// Code of the level of an enterprise in the diagnosis of a plan year; empty without one.
///
/// # Errors
/// As the database says.
pub(super) async fn level_of(read: &Read, org: OrgId, year: i32) -> Result<String> {
    for order in case::about(read, ORDER.code, org).await?.iter().rev() {
        if rules::plan_year(&order.values) == Some(year)
            && order.state != "cancelled"
            && let Some(first) = latest(read, order.id).await?.first()
        {
            return Ok(first.level_code.clone());
        }
    }
    Ok(String::new())
}

/// All questionnaires: those the platform comes with, and those that were added.
///
/// # Errors
/// As the database says.
pub(super) async fn instruments(read: &Read) -> Result<Vec<Instrument>> {
    let mut all = shipped().to_vec();
    for row in read.all("SELECT file, body FROM diagnosis_instrument ORDER BY id").await? {
        let file: String = row.get("file")?;
        match read_file(&file, &row.get::<String>("body")?) {
            Ok(instrument) => all.push(instrument),
            // It was sound when it was added: a later version of the platform asks more of it.
            Err(faults) => tracing::warn!(%file, ?faults, "a questionnaire cannot be read any more"),
        }
    }
    Ok(all)
}

/// The questionnaires in force on a day: of each the newest edition.
pub(super) fn in_force(all: &[Instrument], on: Day) -> Vec<&Instrument> {
    let mut newest: BTreeMap<&str, &Instrument> = BTreeMap::new();
    for one in all.iter().filter(|one| one.in_force_from <= on) {
        let entry = newest.entry(&one.code).or_insert(one);
        if one.in_force_from >= entry.in_force_from {
            *entry = one;
        }
    }
    let mut found: Vec<&Instrument> = newest.into_values().collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.in_force_from));
    found
}

/// What is filled in, as it is handed over.
pub(super) struct Filling<'a> {
    /// Which time.
    pub stage: i64,
    /// The questionnaire.
    pub instrument: &'a Instrument,
    /// What was filled in.
    pub answers: &'a Answers,
    /// How often the draft had been saved when it was looked at.
    pub revision: i64,
}

/// The time that is filled in next: that of the diagnosis until its report is accepted, then a repetition.
pub(super) fn stage_to_fill(order: &Order, done: &[Assessment], today: Day) -> i64 {
    match (order.is_done(), done.last()) {
        (false, _) => 0,
        (true, None) => 1,
        // What was submitted today is corrected, not repeated.
        (true, Some(last)) if last.stage > 0 && last.saved_on == today => last.stage,
        (true, Some(last)) => last.stage + 1,
    }
}

/// Keeps what was filled in so far, whole or not.
///
/// # Errors
/// [`Error::Conflict`] when it cannot be filled in now, or somebody saved meanwhile.
pub(super) async fn save(tx: &Tx, order: &Order, filling: &Filling<'_>) -> Result<()> {
    mark(tx, order, filling).await?;
    let standing = draft(tx, order.case.id, filling.stage).await?;
    seen(standing.as_ref(), filling.revision)?;
    match standing {
        Some(_) => {
            let sql = "UPDATE diagnosis_assessment SET instrument = $1, edition = $2, answers = $3, revision = revision + 1, \
                       saved_on = $4, saved_at = $5, saved_by = $6 \
                       WHERE case_id = $7 AND stage = $8 AND draft = 1 AND revision = $9";
            let args = args![
                filling.instrument.code.clone(),
                filling.instrument.edition.clone(),
                kept(filling.answers)?,
                tx.today(),
                tx.now(),
                tx.actor().name.clone(),
                order.case.id,
                filling.stage,
                filling.revision
            ];
            match tx.run((sql, args)).await? {
                1 => Ok(()),
                _ => Err(Error::Conflict("有人刚刚保存了这份问卷，请刷新后核对".into())),
            }
        }
        None => insert(tx, order, filling, None).await,
    }
}

/// Submits a questionnaire; what it comes to is kept beside what was filled in.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its item; else as [`save`].
pub(super) async fn submit(tx: &Tx, order: &Order, filling: &Filling<'_>) -> Result<Outcome> {
    mark(tx, order, filling).await?;
    seen(draft(tx, order.case.id, filling.stage).await?.as_ref(), filling.revision)?;
    let outcome = assess(filling.instrument, filling.answers)?;
    insert(tx, order, filling, Some(&outcome)).await?;
    let sql = "DELETE FROM diagnosis_assessment WHERE case_id = $1 AND stage = $2 AND draft = 1";
    tx.run((sql, args![order.case.id, filling.stage])).await?;
    tx.changes("得分", "", &outcome.score.normalize().to_string());
    tx.changes("等级", "", outcome.level.as_ref().map_or("未达第一级", |(_, label)| label));
    Ok(outcome)
}

/// Whether it can be filled in now; and the entry in the log.
async fn mark(tx: &Tx, order: &Order, filling: &Filling<'_>) -> Result<()> {
    tx.act(Verb::DIAGNOSIS_FILLED, "case", order.case.id.0);
    tx.concerns(order.case.subject);
    if !order.may_fill() {
        let state = order.case.flow.state_label(&order.case.state);
        return Err(Error::Conflict(format!("本件现为“{state}”，现在不能由您填写问卷")));
    }
    let done = latest(tx, order.case.id).await?;
    match filling.stage == stage_to_fill(order, &done, tx.today()) {
        true => Ok(()),
        false => Err(Error::Conflict("本件的进度变了，这份问卷已经不是现在要填的；请刷新后核对".into())),
    }
}

fn seen(standing: Option<&Assessment>, revision: i64) -> Result<()> {
    match standing {
        Some(draft) if draft.revision != revision => {
            let at = day::minute(draft.saved_at);
            Err(Error::Conflict(format!("{} 已于 {at} 保存过这份问卷；请核对后再保存", draft.saved_by)))
        }
        _ => Ok(()),
    }
}

async fn insert(tx: &Tx, order: &Order, filling: &Filling<'_>, outcome: Option<&Outcome>) -> Result<()> {
    let (code, label) = outcome.and_then(|o| o.level.clone()).unwrap_or_default();
    tx.run((
        "INSERT INTO diagnosis_assessment (case_id, org_id, stage, instrument, edition, answers, score, level_code, level_label, \
         draft, revision, saved_on, saved_at, saved_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13)",
        args![
            order.case.id,
            order.case.subject,
            filling.stage,
            filling.instrument.code.clone(),
            filling.instrument.edition.clone(),
            kept(filling.answers)?,
            outcome.map(|o| o.score.normalize().to_string()).unwrap_or_default(),
            code,
            label,
            i64::from(outcome.is_none()),
            tx.today(),
            tx.now(),
            tx.actor().name.clone()
        ],
    ))
    .await?;
    Ok(())
}

/// Adds an edition of a questionnaire out of a file.
///
/// # Errors
/// [`Error::Invalid`] at `body` with file, item and reason of every fault, or for an edition that is there already;
/// what was in use stays in use.
pub(super) async fn add_instrument(tx: &Tx, file: &str, body: &str) -> Result<()> {
    let instrument = read_file(file, body).map_err(|faults| {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Error::invalid("body", told.join("；"))
    })?;
    let same = |one: &Instrument| one.code == instrument.code && one.edition == instrument.edition;
    if instruments(tx).await?.iter().any(same) {
        let message = format!("已有“{}”的 {} 版；改动请用新的版次", instrument.code, instrument.edition);
        return Err(Error::invalid("body", message));
    }
    let sql = "INSERT INTO diagnosis_instrument (code, edition, file, body, added_at, added_by) VALUES ($1, $2, $3, $4, $5, $6)";
    let by = tx.actor().name.clone();
    let id =
        tx.insert((sql, args![instrument.code.clone(), instrument.edition.clone(), file, body, tx.now(), by])).await?;
    tx.act(Verb::INSTRUMENT_ADDED, "instrument", id);
    tx.changes("问卷", "", &format!("{} {}", instrument.name, instrument.edition));
    Ok(())
}
