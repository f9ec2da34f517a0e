//! An action on many cases at once (批量办理): looked at first, then carried out in the background, each case by the
//! same rules as one by one, each with its own answer.
//!
//! Drafting writes down which cases are meant, at which revision, and what would be refused.
//! Running takes a stretch of them in one transaction together with their answers, so a server that is killed goes on
//! where it ended, and two servers at one bulk take turns. A bulk is itself a record with its list.

mod run;

pub use run::{run, work};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::act::possible;
use super::field::Values;
use super::flow::{Action, Flow};
use super::form::check_note;
use super::rules::offers;
use super::store::{COLUMNS, Case, Event, case_of, event_of, json, read_json};
use crate::access::Actor;
use crate::audit::Verb;
use crate::id::{AccountId, BulkId, CaseId};
use crate::store::{Read, Row, Sql, Tx};
use crate::{Error, Faults, Result, args};

/// Cases of one bulk at most.
pub const MOST_AT_ONCE: i64 = 20_000;
/// Cases read in one statement.
const STRETCH: usize = 500;
/// Rows written in one statement.
const WRITTEN: usize = 200;

/// How far a bulk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkState {
    /// It was only looked at.
    Draft,
    /// It is being carried out.
    Running,
    /// Every case has its answer.
    Done,
}

/// A bulk.
#[derive(Debug, Clone)]
pub struct Bulk {
    /// Number.
    pub id: BulkId,
    /// The flow of its cases, as new cases go.
    pub flow: &'static Flow,
    /// What is done to them.
    pub action: &'static Action,
    /// How they were chosen, in words.
    pub chosen: String,
    /// How far it is.
    pub state: BulkState,
    /// A word with it.
    pub note: String,
    /// What is filled in everywhere.
    pub values: Values,
    /// Who asked.
    pub account: AccountId,
    /// From which place.
    seat: String,
    /// Who asked, by name.
    pub asked_by: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// When the last case had its answer.
    pub ended_at: Option<DateTime<Utc>>,
    /// The bulk it takes back.
    pub undoes: Option<BulkId>,
}

impl Bulk {
    /// Until when it can be taken back; nothing when it cannot.
    pub fn undo_until(&self) -> Option<DateTime<Utc>> {
        let (_, hours) = self.action.undone_by?;
        self.ended_at.filter(|_| self.undoes.is_none()).map(|at| at + TimeDelta::hours(hours))
    }
}

/// Which rows of a bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Those without an answer that would be done, as far as one can see.
    Hopeful,
    /// Those without an answer that would be refused.
    Hopeless,
    /// Those done.
    Done,
    /// Those refused.
    Refused,
}

impl Way {
    const fn condition(self) -> &'static str {
        match self {
            Self::Hopeful => "r.outcome IS NULL AND r.said = ''",
            Self::Hopeless => "r.outcome IS NULL AND r.said <> ''",
            Self::Done => "r.outcome = 1",
            Self::Refused => "r.outcome = 0",
        }
    }
}

/// A case of a bulk.
#[derive(Debug, Clone)]
pub struct BulkRow {
    /// The case.
    pub case: CaseId,
    /// What it is called.
    pub title: String,
    /// Why it was refused, or would be.
    pub said: String,
}

/// How many cases stand how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Without an answer, and nothing against it.
    pub hopeful: i64,
    /// Without an answer, but with a reason against it.
    pub hopeless: i64,
    /// Done.
    pub done: i64,
    /// Refused.
    pub refused: i64,
}

/// The place an actor acts from, as one text.
fn seat(actor: &Actor) -> String {
    let units: Vec<String> = actor.units.iter().map(ToString::to_string).collect();
    let org = actor.org.map(|org| org.to_string()).unwrap_or_default();
    let behalf = actor.behalf.map(|account| account.to_string()).unwrap_or_default();
    format!("{}|{org}|{}|{behalf}", units.join(","), actor.industries.join(","))
}

const SELECT: &str = "SELECT id, flow, action, chosen, state, note, field_values, account_id, seat, asked_by, asked_at, ended_at, undoes \
                      FROM case_bulk WHERE ";

fn bulk_of(read: &Read, row: &Row) -> Result<Bulk> {
    let flow = read.catalog().newest_flow(&row.get::<String>("flow")?).ok_or(Error::NotFound)?;
    Ok(Bulk {
        id: BulkId(row.get("id")?),
        flow,
        action: flow.action(&row.get::<String>("action")?).ok_or(Error::NotFound)?,
        chosen: row.get("chosen")?,
        state: match row.get::<String>("state")?.as_str() {
            "draft" => BulkState::Draft,
            "running" => BulkState::Running,
            _ => BulkState::Done,
        },
        note: row.get("note")?,
        values: read_json(&row.get::<String>("field_values")?)?,
        account: AccountId(row.get("account_id")?),
        seat: row.get("seat")?,
        asked_by: row.get("asked_by")?,
        asked_at: row.get("asked_at")?,
        ended_at: row.get("ended_at")?,
        undoes: row.get::<Option<i64>>("undoes")?.map(BulkId),
    })
}

/// A bulk of the actor's own.
///
/// # Errors
/// [`Error::NotFound`], also for somebody else's.
pub async fn find_bulk(read: &Read, actor: &Actor, id: BulkId) -> Result<Bulk> {
    let mut sql = Sql::new(SELECT);
    sql.push("id = ").bind(id).push(" AND account_id = ").bind(actor.account).push(" AND seat = ").bind(seat(actor));
    bulk_of(read, &read.one(sql).await?)
}

/// The actor's bulks that were begun, the latest first.
///
/// # Errors
/// As the database says.
pub async fn list_bulks(read: &Read, actor: &Actor, limit: i64) -> Result<Vec<Bulk>> {
    let mut sql = Sql::new(SELECT);
    sql.push("state <> 'draft' AND account_id = ").bind(actor.account).push(" AND seat = ").bind(seat(actor));
    sql.push(" ORDER BY id DESC LIMIT ").bind(limit);
    read.all(sql).await?.iter().map(|row| bulk_of(read, row)).collect()
}

/// Rows of a bulk of the actor's own that stand so, by number of the case, after one.
///
/// # Errors
/// As the database says.
pub async fn list_rows(
    read: &Read,
    actor: &Actor,
    bulk: &Bulk,
    way: Way,
    after: CaseId,
    limit: i64,
) -> Result<Vec<BulkRow>> {
    let mut sql = Sql::new(
        "SELECT r.case_id, c.title, r.said FROM case_bulk_row r JOIN case_file c ON c.id = r.case_id WHERE r.bulk_id = ",
    );
    sql.bind(bulk.id).push(" AND ").push(way.condition()).push(" AND r.case_id > ").bind(after).push(" AND ");
    actor.scope(bulk.flow.read).on_cases(&mut sql, "c");
    sql.push(" ORDER BY r.case_id LIMIT ").bind(limit);
    let row =
        |row: &Row| Ok(BulkRow { case: CaseId(row.get("case_id")?), title: row.get("title")?, said: row.get("said")? });
    read.all(sql).await?.iter().map(row).collect()
}

impl Bulk {
    /// How many of its cases stand how.
    ///
    /// # Errors
    /// As the database says.
    pub async fn count(&self, read: &Read) -> Result<Counted> {
        let mut sql = Sql::new("SELECT ");
        for (i, way) in [Way::Hopeful, Way::Hopeless, Way::Done, Way::Refused].into_iter().enumerate() {
            sql.push(if i == 0 { "" } else { ", " }).push("CAST(SUM(CASE WHEN ").push(way.condition());
            sql.push(" THEN 1 ELSE 0 END) AS BIGINT) AS n").push(&i.to_string());
        }
        sql.push(" FROM case_bulk_row r WHERE r.bulk_id = ").bind(self.id);
        let row = read.one(sql).await?;
        Ok(Counted { hopeful: row.int("n0")?, hopeless: row.int("n1")?, done: row.int("n2")?, refused: row.int("n3")? })
    }
}

/// Writes down which cases are meant and what each would answer; nothing is done yet. What the actor may not read is
/// not among them, whoever named it.
///
/// # Errors
/// [`Error::NotFound`] for an unknown flow or action; [`Error::Invalid`] when none, or too many, are meant.
pub async fn draft(tx: &Tx, flow: &str, action: &str, ids: &[CaseId], chosen: &str) -> Result<BulkId> {
    let flow = tx.catalog().newest_flow(flow).ok_or(Error::NotFound)?;
    let action = flow.action(action).filter(|a| !a.from.is_empty()).ok_or(Error::NotFound)?;
    let meant: Vec<(CaseId, Option<i64>)> = ids.iter().map(|id| (*id, None)).collect();
    write_draft(tx, (flow, action), &meant, chosen, None).await
}

/// Drafts the bulk that takes another back: each case that nobody has acted on since.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's; [`Error::Conflict`] when it cannot be taken back (any more).
pub async fn undo(tx: &Tx, id: BulkId) -> Result<BulkId> {
    let bulk = find_bulk(tx, tx.actor(), id).await?;
    let (Some((back, _)), Some(until)) = (bulk.action.undone_by, bulk.undo_until()) else {
        return Err(Error::Conflict(format!("“{}”没有相反的动作，不能批量撤销", bulk.action.label)));
    };
    if tx.now() > until {
        let until = crate::value::day::minute(until);
        return Err(Error::Conflict(format!("批量撤销的期限是 {until}，已经过了；请逐件办理")));
    }
    let back = bulk.flow.action(back).ok_or(Error::NotFound)?;
    let sql = "SELECT case_id, revision FROM case_bulk_row WHERE bulk_id = $1 AND outcome = 1 ORDER BY case_id";
    let meant = tx.all((sql, args![id])).await?;
    let meant = meant.iter().map(|row| Ok((CaseId(row.get("case_id")?), Some(row.get::<i64>("revision")? + 1))));
    let meant = meant.collect::<Result<Vec<_>>>()?;
    write_draft(tx, (bulk.flow, back), &meant, &format!("撤销第 {id} 号批量办理"), Some(id)).await
}

async fn write_draft(
    tx: &Tx,
    (flow, action): (&'static Flow, &'static Action),
    meant: &[(CaseId, Option<i64>)],
    chosen: &str,
    undoes: Option<BulkId>,
) -> Result<BulkId> {
    if meant.len() as i64 > MOST_AT_ONCE {
        return Err(Error::invalid("form", format!("一次最多 {MOST_AT_ONCE} 件，请缩小范围，分几次办理")));
    }
    let actor = tx.actor();
    let id = tx
        .insert((
            "INSERT INTO case_bulk (flow, action, chosen, state, note, field_values, account_id, seat, asked_by, asked_at, undoes) \
             VALUES ($1, $2, $3, 'draft', '', '{}', $4, $5, $6, $7, $8)",
            args![flow.code, action.code, chosen, actor.account, seat(actor), actor.name.clone(), tx.now(), undoes.map(|b| b.0)],
        ))
        .await?;
    let mut n = 0;
    for stretch in meant.chunks(STRETCH) {
        let (cases, mut events) = stretch_of(tx, actor, flow, stretch).await?;
        let rows: Vec<(CaseId, i64, String)> = cases
            .iter()
            .map(|case| {
                let events = events.remove(&case.id).unwrap_or_default();
                let expected = stretch.iter().find(|(id, _)| *id == case.id).and_then(|(_, revision)| *revision);
                foreseen(actor, case, &events, action, expected)
            })
            .collect();
        n += rows.len();
        for rows in rows.chunks(WRITTEN) {
            write_rows(tx, id, rows).await?;
        }
    }
    if n == 0 {
        return Err(Error::invalid("form", "没有选中您能办理的件：请先勾选，或核对粘贴的信用代码"));
    }
    tx.act(Verb::BULK_DRAFTED, "case_bulk", id);
    tx.changes("批量办理", "", &format!("{}：{n} 件，{chosen}", action.label));
    Ok(BulkId(id))
}

/// The cases of a stretch that the actor reads, by number, and what was done in each.
async fn stretch_of(
    read: &Read,
    actor: &Actor,
    flow: &Flow,
    stretch: &[(CaseId, Option<i64>)],
) -> Result<(Vec<Case>, BTreeMap<CaseId, Vec<Event>>)> {
    let ids: BTreeSet<i64> = stretch.iter().map(|(id, _)| id.0).collect();
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.id IN ").ints(ids.iter().copied()).push(" AND c.flow = ").bind(flow.code).push(" AND ");
    actor.scope(flow.read).on_cases(&mut sql, "c");
    sql.push(" ORDER BY c.id");
    let cases = read.all(sql).await?.iter().map(|row| case_of(read.catalog(), row)).collect::<Result<Vec<_>>>()?;
    let mut sql = Sql::new(
        "SELECT case_id, revision, action, from_state, to_state, done_at, done_by, account_id, behalf_id, note, changes, remarks \
         FROM case_event WHERE case_id IN ",
    );
    sql.ints(ids).push(" ORDER BY case_id, revision");
    let mut events: BTreeMap<CaseId, Vec<Event>> = BTreeMap::new();
    for row in read.all(sql).await? {
        events.entry(CaseId(row.get("case_id")?)).or_default().push(event_of(&row)?);
    }
    Ok((cases, events))
}

/// The revision a case is meant at, and why it would be refused as far as one can see without doing it.
fn foreseen(
    actor: &Actor,
    case: &Case,
    events: &[Event],
    action: &Action,
    expected: Option<i64>,
) -> (CaseId, i64, String) {
    let revision = expected.unwrap_or(case.revision);
    let said = if revision == case.revision {
        possible(case, offers(actor, case, events), action.code).err().map(|e| e.to_string()).unwrap_or_default()
    } else {
        "此后又有人办理过，不能一起撤销".to_owned()
    };
    (case.id, revision, said)
}

async fn write_rows(tx: &Tx, bulk: i64, rows: &[(CaseId, i64, String)]) -> Result<()> {
    let mut sql = Sql::new("INSERT INTO case_bulk_row (bulk_id, case_id, revision, said) VALUES ");
    for (i, (case, revision, said)) in rows.iter().enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" }).bind(bulk).push(", ").bind(*case).push(", ").bind(*revision);
        sql.push(", ").bind(said.clone()).push(")");
    }
    tx.run(sql).await?;
    Ok(())
}

/// Asks for what was looked at: from now on it is carried out. Fields left empty keep what each case has.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's; [`Error::Conflict`] when it was asked for already; [`Error::Invalid`] with
/// every fault at its field.
pub async fn start(tx: &Tx, id: BulkId, values: &Values, note: &str) -> Result<()> {
    tx.hold("case_bulk", &[id.0]).await?;
    let bulk = find_bulk(tx, tx.actor(), id).await?;
    if bulk.state != BulkState::Draft {
        return Err(Error::Conflict("这次批量办理已经开始，没有重复办理".into()));
    }
    let mut faults = Faults::new();
    let mut kept = Values::new();
    for field in bulk.action.fills.iter().filter_map(|fill| bulk.flow.field(fill.field)) {
        match field.kind.read(values.get(field.code).map_or("", String::as_str)) {
            Ok(text) if text.is_empty() => {}
            Ok(text) => drop(kept.insert(field.code.to_owned(), super::typed_again(&field.kind, &text))),
            Err(message) => faults.add(field.code, message),
        }
    }
    check_note(bulk.action, note, &mut faults);
    faults.or(())?;
    tx.act(Verb::BULK_ASKED, "case_bulk", id.0);
    tx.purpose(note);
    tx.changes("批量办理", "", &format!("{}：{}", bulk.action.label, bulk.chosen));
    let sql = "UPDATE case_bulk SET state = 'running', note = $1, field_values = $2, asked_at = $3 WHERE id = $4";
    tx.run((sql, args![note.trim(), json(&kept)?, tx.now(), id])).await?;
    Ok(())
}
