//! Cases and their events as stored and read back, always within a scope.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::clock::{clock, due};
use super::field::{Values, show};
use super::flow::Flow;
use crate::access::{Actor, Scope};
use crate::id::{AccountId, CaseId, OrgId, Position, RecordId, UnitId};
use crate::ledger::{Catalog, Fact};
use crate::store::{Read, Row, Sql, Tx};
use crate::value::day::{self, Day};
use crate::{Error, Result, args};

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Number.
    pub id: CaseId,
    /// Its flow, in the version it began with.
    pub flow: &'static Flow,
    /// What it is called in lists.
    pub title: String,
    /// Whom it is about.
    pub subject: OrgId,
    /// Their name today.
    pub subject_name: String,
    /// The other side, once it was chosen.
    pub counterparty: Option<OrgId>,
    /// Their name today; empty without one.
    pub counterparty_name: String,
    /// The reporting unit that handles it.
    pub unit: UnitId,
    /// The record its facts cite.
    pub record: RecordId,
    /// Its state.
    pub state: String,
    /// How many events it has: who acts says which he saw.
    pub revision: i64,
    /// What was filled in.
    pub values: Values,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// By whom.
    pub opened_by: String,
    /// With which account.
    pub opener: AccountId,
    /// When it came into its state.
    pub since: DateTime<Utc>,
    /// Until when it should leave it, day included.
    pub due_on: Option<Day>,
    /// Working days left on a clock that stands still.
    pub days_left: Option<i64>,
}

/// A field before and after.
pub type Change = (String, String);

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number within the case, from 1.
    pub revision: i64,
    /// The action.
    pub action: String,
    /// The state before; empty for the first.
    pub from: String,
    /// The state after.
    pub to: String,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// With which account.
    pub account: AccountId,
    /// In whose stead.
    pub behalf: Option<AccountId>,
    /// What was said with it.
    pub note: String,
    /// Fields it changed.
    pub changes: BTreeMap<String, Change>,
    /// Remarks at fields.
    pub remarks: Values,
}

/// A word beside the events.
#[derive(Debug, Clone)]
pub struct Comment {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// What.
    pub text: String,
}

pub(super) const COLUMNS: &str = "c.id, c.flow, c.version, c.title, c.subject_id, o.name AS subject_name, c.unit_id, c.record_id, \
     c.state, c.revision, c.field_values, c.opened_at, c.opened_by, c.opener_id, c.state_since, c.due_on, c.days_left, c.counterparty_id, p.name AS counterparty_name \
     FROM case_file c JOIN organisation o ON o.id = c.subject_id LEFT JOIN organisation p ON p.id = c.counterparty_id WHERE ";

pub(super) fn case_of(catalog: &Catalog, row: &Row) -> Result<Case> {
    let (code, version) = (row.get::<String>("flow")?, row.get("version")?);
    let flow = catalog
        .flow(&code, version)
        .ok_or_else(|| Error::Internal(format!("no flow {code} version {version}, but cases of it are kept")))?;
    Ok(Case {
        id: CaseId(row.get("id")?),
        flow,
        title: row.get("title")?,
        subject: OrgId(row.get("subject_id")?),
        subject_name: row.get("subject_name")?,
        counterparty: row.get::<Option<i64>>("counterparty_id")?.map(OrgId),
        counterparty_name: row.text("counterparty_name")?,
        unit: UnitId(row.get("unit_id")?),
        record: RecordId(row.get("record_id")?),
        state: row.get("state")?,
        revision: row.get("revision")?,
        values: read_json(&row.get::<String>("field_values")?)?,
        opened_at: row.get("opened_at")?,
        opened_by: row.get("opened_by")?,
        opener: AccountId(row.get("opener_id")?),
        since: row.get("state_since")?,
        due_on: row.get("due_on")?,
        days_left: row.get("days_left")?,
    })
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal(e.to_string()))
}

pub(super) fn read_json<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Error::Internal(e.to_string()))
}

/// A case that the scope holds.
///
/// # Errors
/// [`Error::NotFound`], also for one outside the scope.
pub(super) async fn find_for(read: &Read, scope: &Scope, id: CaseId) -> Result<Case> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.id = ").bind(id).push(" AND ");
    scope.on_cases(&mut sql, "c");
    case_of(read.catalog(), &read.one(sql).await?)
}

/// The case with this number, as far as the actor's permission to read cases of its flow reaches.
///
/// # Errors
/// [`Error::NotFound`], also for one the actor may not read.
pub async fn find(read: &Read, actor: &Actor, id: CaseId) -> Result<Case> {
    let row = read.one(("SELECT flow, version FROM case_file WHERE id = $1", args![id])).await?;
    let flow = read.catalog().flow(&row.get::<String>("flow")?, row.get("version")?).ok_or(Error::NotFound)?;
    find_for(read, &actor.scope(flow.read), id).await
}

/// Cases of a flow that the scope holds, the newest first, before a number; of one state if it is named.
///
/// # Errors
/// As the database says.
pub async fn list(
    read: &Read,
    scope: &Scope,
    flow: &str,
    state: Option<&str>,
    before: Option<CaseId>,
    limit: i64,
) -> Result<Vec<Case>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.flow = ").bind(flow).push(" AND ");
    scope.on_cases(&mut sql, "c");
    if let Some(state) = state {
        sql.push(" AND c.state = ").bind(state);
    }
    if let Some(before) = before {
        sql.push(" AND c.id < ").bind(before);
    }
    sql.push(" ORDER BY c.id DESC LIMIT ").bind(limit);
    read.all(sql).await?.iter().map(|row| case_of(read.catalog(), row)).collect()
}

/// Cases of a flow about a subject that have not ended, for rules of that flow.
///
/// # Errors
/// As the database says.
pub async fn running(read: &Read, flow: &str, subject: OrgId) -> Result<Vec<Case>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.subject_id = ").bind(subject).push(" AND c.ended = 0 AND c.flow = ").bind(flow);
    sql.push(" ORDER BY c.id");
    read.all(sql).await?.iter().map(|row| case_of(read.catalog(), row)).collect()
}

/// Numbers of the running cases of a flow that a scope holds about these bodies, by credit or local code; and the codes
/// for which there is none.
///
/// # Errors
/// As the database says.
pub async fn running_of_codes(
    read: &Read,
    scope: &Scope,
    flow: &str,
    codes: &[String],
) -> Result<(Vec<CaseId>, Vec<String>)> {
    let (mut ids, mut unknown) = (Vec::new(), Vec::new());
    for some in codes.chunks(500) {
        let mut sql = Sql::new(
            "SELECT c.id, COALESCE(o.credit_code, o.local_code) AS code FROM organisation o \
                                JOIN case_file c ON c.subject_id = o.id WHERE (o.credit_code IN ",
        );
        sql.binds(some.iter().cloned()).push(" OR o.local_code IN ").binds(some.iter().cloned());
        sql.push(") AND c.ended = 0 AND c.flow = ").bind(flow).push(" AND ");
        scope.on_cases(&mut sql, "c");
        let mut found = std::collections::BTreeSet::new();
        for row in read.all(sql).await? {
            ids.push(CaseId(row.get("id")?));
            found.insert(row.text("code")?);
        }
        unknown.extend(some.iter().filter(|code| !found.contains(*code)).cloned());
    }
    ids.sort_unstable();
    Ok((ids, unknown))
}

/// Cases of a flow about a subject, ended ones too, for rules of that flow.
///
/// # Errors
/// As the database says.
pub async fn about(read: &Read, flow: &str, subject: OrgId) -> Result<Vec<Case>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.subject_id = ").bind(subject).push(" AND c.flow = ").bind(flow).push(" ORDER BY c.id");
    read.all(sql).await?.iter().map(|row| case_of(read.catalog(), row)).collect()
}

/// The case that wrote a fact, if one did: its events and its facts belong together, so it is corrected there.
///
/// # Errors
/// As the database says.
pub async fn writer_of(read: &Read, fact: &Fact) -> Result<Option<CaseId>> {
    let sql = "SELECT id FROM case_file WHERE subject_id = $1 AND record_id = $2";
    read.opt((sql, args![fact.subject, fact.record])).await?.map(|row| row.get("id").map(CaseId)).transpose()
}

/// What was done in a case, in its order. The case was found within a scope.
///
/// # Errors
/// As the database says.
pub async fn events(read: &Read, case: CaseId) -> Result<Vec<Event>> {
    let sql = "SELECT revision, action, from_state, to_state, done_at, done_by, account_id, behalf_id, note, changes, remarks \
               FROM case_event WHERE case_id = $1 ORDER BY revision";
    read.all((sql, args![case])).await?.iter().map(event_of).collect()
}

pub(super) fn event_of(row: &Row) -> Result<Event> {
    Ok(Event {
        revision: row.get("revision")?,
        action: row.get("action")?,
        from: row.get("from_state")?,
        to: row.get("to_state")?,
        at: row.get("done_at")?,
        by: row.get("done_by")?,
        account: AccountId(row.get("account_id")?),
        behalf: row.get::<Option<i64>>("behalf_id")?.map(AccountId),
        note: row.get("note")?,
        changes: read_json(&row.get::<String>("changes")?)?,
        remarks: read_json(&row.get::<String>("remarks")?)?,
    })
}

/// What was said in a case, in its order. The case was found within a scope.
///
/// # Errors
/// As the database says.
pub async fn comments(read: &Read, case: CaseId) -> Result<Vec<Comment>> {
    let sql = "SELECT said_at, said_by, body FROM case_comment WHERE case_id = $1 ORDER BY id";
    let of = |row: &Row| Ok(Comment { at: row.get("said_at")?, by: row.get("said_by")?, text: row.get("body")? });
    read.all((sql, args![case])).await?.iter().map(of).collect()
}

/// Positions of the facts a case wrote that nobody took back, in their order.
///
/// # Errors
/// As the database says.
pub async fn facts_of(read: &Read, record: RecordId) -> Result<Vec<Position>> {
    let sql = "SELECT f.position FROM fact f WHERE f.record_id = $1 AND f.reverses IS NULL \
               AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position) ORDER BY f.position";
    read.all((sql, args![record])).await?.iter().map(|row| row.get("position").map(Position)).collect()
}

/// Refuses to start with a program that does not know the flow of a case that is kept.
///
/// # Errors
/// [`Error::Unavailable`] naming the flow and its version.
pub(crate) async fn check_kept(read: &Read) -> Result<()> {
    for row in read.all("SELECT DISTINCT flow, version FROM case_file").await? {
        let (code, version) = (row.get::<String>("flow")?, row.get::<i64>("version")?);
        if read.catalog().flow(&code, version).is_none() {
            return Err(Error::Unavailable(format!(
                "库中有流程“{code}”第 {version} 版的办件，本程序不认识：请使用带有该流程的版本，不要删改数据"
            )));
        }
    }
    Ok(())
}

/// Indexes a case for search: its number, what it is called, and what was filled in as people read it.
pub(super) async fn index(tx: &Tx, case: &Case, is_new: bool) -> Result<()> {
    let shown = case.values.iter().filter_map(|(code, kept)| Some(show(&case.flow.field(code)?.kind, kept)));
    let texts: Vec<String> = [case.id.to_string(), case.title.clone()].into_iter().chain(shown).collect();
    tx.index_case(case.id.0, &texts, is_new).await
}

/// Indexes cases from before there was a search of them.
///
/// # Errors
/// As the database says.
pub(crate) async fn index_missing(tx: &Tx) -> Result<()> {
    if tx.opt("SELECT value FROM setting WHERE name = 'cases.indexed'").await?.is_some() {
        return Ok(());
    }
    let mut after = CaseId(0);
    loop {
        let mut sql = Sql::new("SELECT ");
        sql.push(COLUMNS).push("c.id > ").bind(after).push(" ORDER BY c.id LIMIT 1000");
        let rows = tx.all(sql).await?;
        for row in &rows {
            let case = case_of(tx.catalog(), row)?;
            index(tx, &case, false).await?;
            after = case.id;
        }
        if rows.len() < 1000 {
            break;
        }
    }
    tx.run("INSERT INTO setting (name, value) VALUES ('cases.indexed', '1')").await?;
    Ok(())
}

/// Gives a due day to running cases whose clock could not be set, because the calendar did not reach so far then.
///
/// # Errors
/// As the database says.
pub(crate) async fn start_clocks(tx: &Tx) -> Result<()> {
    let sql = "SELECT id, flow, version, state, state_since FROM case_file \
               WHERE ended = 0 AND due_on IS NULL AND days_left IS NULL";
    for row in tx.all(sql).await? {
        let flow = tx.catalog().flow(&row.get::<String>("flow")?, row.get("version")?);
        let clock = flow.and_then(|f| f.state(&row.get::<String>("state").ok()?)).and_then(|s| s.clock).and_then(clock);
        let since = day::today(row.get("state_since")?);
        if let Some(due_on) = clock.and_then(|clock| due(clock.working_days, since).ok()) {
            tx.run(("UPDATE case_file SET due_on = $1 WHERE id = $2", args![due_on, row.get::<i64>("id")?])).await?;
        }
    }
    Ok(())
}
