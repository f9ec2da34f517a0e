//! Ladders of reminders: climbed once each working morning, told once to each person, and only as long as the case
//! stays where it is. What came of them is measured from the events.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::clock::{CaseClock, Step, clock, left};
use super::flow::{Flow, State};
use super::informs::{may_be_told, who_holds};
use super::store::{COLUMNS, Case, case_of};
use crate::access::{Actor, Scope};
use crate::audit::Verb;
use crate::id::{AccountId, CaseId};
use crate::notice::{Draft, tell};
use crate::store::{Read, Sql, Tx};
use crate::value::calendar::WorkingCalendar;
use crate::value::day::Day;
use crate::{Result, args};

/// What a climb came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Climbed {
    /// Cases of which somebody was reminded.
    pub cases: usize,
    /// People who were told.
    pub people: usize,
}

/// Tells everybody whose ladder has a step that is due, each in one digest, and writes the steps down: both are one act,
/// so a step is climbed once. People who want to be told once a day get what cases brought along with it.
///
/// # Errors
/// As the database says.
pub async fn climb(tx: &Tx) -> Result<Climbed> {
    let mut digests: BTreeMap<AccountId, BTreeMap<CaseId, String>> = BTreeMap::new();
    let mut cases = BTreeSet::new();
    for (flow, state, rung, step) in steps(tx) {
        for case in reached(tx, flow, state, (rung, step)).await? {
            let people = audience(tx, &case, step).await?;
            write_down(tx, &case, rung, &people).await?;
            cases.insert(case.id);
            for account in people {
                digests.entry(account).or_default().insert(case.id, line(&case, tx.today()));
            }
        }
    }
    for account in tx.all("SELECT account_id FROM notice_choice WHERE daily = 1").await? {
        digests.entry(AccountId(account.get("account_id")?)).or_default();
    }
    tx.act(Verb::CASE_REMINDED, "case", None);
    tx.changes("提醒", "", &format!("{} 件", cases.len()));
    let mut people = 0;
    for (account, lines) in &digests {
        people += usize::from(send(tx, *account, lines).await?);
    }
    Ok(Climbed { cases: cases.len(), people })
}

/// Every step of every ladder, with the state whose clock it belongs to.
fn steps(read: &Read) -> Vec<(&'static Flow, &'static State, i64, &'static Step)> {
    let mut found = Vec::new();
    for flow in read.catalog().flows().iter().copied() {
        for state in flow.states {
            let ladder = state.clock.and_then(clock).map_or(&[][..], |clock| &clock.ladder);
            found.extend((1..).zip(ladder).map(|(rung, step)| (flow, state, rung, step)));
        }
    }
    found
}

/// Cases of a state for which a step is due and not climbed yet.
async fn reached(tx: &Tx, flow: &Flow, state: &State, (rung, step): (i64, &'static Step)) -> Result<Vec<Case>> {
    let today = tx.today();
    let due_by = WorkingCalendar::embedded()
        .add_working_days(today, -step.after)
        .unwrap_or(today - TimeDelta::days(i64::from(step.after)));
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.ended = 0 AND c.flow = ").bind(flow.code).push(" AND c.version = ").bind(flow.version);
    sql.push(" AND c.state = ").bind(state.code).push(" AND c.due_on <= ").bind(due_by);
    sql.push(" AND NOT EXISTS (SELECT 1 FROM reminder r WHERE r.case_id = c.id AND r.state = c.state");
    sql.push(" AND r.due_on = c.due_on AND r.rung = ").bind(rung).push(") ORDER BY c.id");
    tx.all(sql).await?.iter().map(|row| case_of(tx.catalog(), row)).collect()
}

async fn audience(read: &Read, case: &Case, step: &'static Step) -> Result<Vec<AccountId>> {
    let people = match step.permission() {
        None => vec![case.opener],
        Some(permission) => who_holds(read, case, permission).await?,
    };
    may_be_told(read, case, people, AccountId(0)).await
}

async fn write_down(tx: &Tx, case: &Case, rung: i64, people: &[AccountId]) -> Result<()> {
    let nobody = [AccountId(0)];
    let people = if people.is_empty() { &nobody } else { people };
    for some in people.chunks(100) {
        let mut sql = Sql::new("INSERT INTO reminder (case_id, state, due_on, rung, account_id, told_at) VALUES ");
        for (i, account) in some.iter().enumerate() {
            sql.push(if i == 0 { "(" } else { ", (" }).bind(case.id).push(", ").bind(case.state.clone());
            sql.push(", ").bind(case.due_on).push(", ").bind(rung).push(", ").bind(*account);
            sql.push(", ").bind(tx.now()).push(")");
        }
        tx.run(sql).await?;
    }
    Ok(())
}

/// A case in a digest.
fn line(case: &Case, today: Day) -> String {
    let state = case.flow.state_label(&case.state);
    let when = case.due_on.map(|due_on| match (left(due_on, today).unwrap_or(0), today > due_on) {
        (days, true) => format!("应于 {due_on} 办结，已超期 {} 个工作日", days.abs().max(1)),
        (0, false) => "今天到期".to_owned(),
        (days, false) => format!("{due_on} 到期，还有 {days} 个工作日"),
    });
    format!("{}（{state}）：{}", case.title, when.unwrap_or_default())
}

/// Lines of a digest; what is more is counted.
const LINES: usize = 20;

/// Writes the digest of a person, if there is something in it; whether there was.
async fn send(tx: &Tx, account: AccountId, lines: &BTreeMap<CaseId, String>) -> Result<bool> {
    let sql = "SELECT title FROM notice n JOIN notice_choice c ON c.account_id = n.account_id AND c.daily = 1 \
               WHERE n.account_id = $1 AND n.read_at IS NULL AND n.kind IN ('case', 'comment', 'job') AND n.written_at > $2 \
               ORDER BY n.id DESC LIMIT 20";
    // What is unread for a week stands in it again; after a longer holiday all of that too.
    let last = "SELECT MAX(written_at) AS at FROM notice WHERE account_id = $1 AND kind = 'digest'";
    let last: Option<DateTime<Utc>> = tx.one((last, args![account])).await?.get("at")?;
    let week = tx.now() - TimeDelta::days(7);
    let rows = tx.all((sql, args![account, last.map_or(week, |last| last.min(week))])).await?;
    let news = rows.iter().map(|row| row.get::<String>("title")).collect::<Result<Vec<_>>>()?;
    if lines.is_empty() && news.is_empty() {
        return Ok(false);
    }
    let mut body: Vec<String> = lines.values().take(LINES).cloned().collect();
    if lines.len() > LINES {
        body.push(format!("另有 {} 件", lines.len() - LINES));
    }
    if !news.is_empty() {
        body.push("未读通知：".to_owned());
        body.extend(news);
    }
    let title = match lines.len() {
        0 => "今日汇总：有未读通知".to_owned(),
        n => format!("待办提醒：{n} 件需要办理或关注"),
    };
    let href = match lines.keys().next() {
        Some(case) if lines.len() == 1 => format!("/cases/{case}"),
        Some(_) => "/reminders/mine".to_owned(),
        None => "/notices".to_owned(),
    };
    let about = format!("digest:{}", tx.today());
    let draft =
        Draft { about: &about, kind: "digest", title: &title, body: &body.join("\n"), href: &href, can_wait: false };
    tell(tx, &[account], draft).await?;
    Ok(true)
}

/// A stay of a case in a state, with the steps of its ladder that were climbed, and when it was left.
#[derive(Debug, Clone)]
pub struct Stay {
    /// The case.
    pub case: CaseId,
    /// What it is called.
    pub title: String,
    /// The clock of the state.
    pub clock: &'static CaseClock,
    /// When it was due.
    pub due_on: Day,
    /// Steps that were climbed, in their order.
    pub rungs: Vec<Reminded>,
    /// When the case left the state.
    pub left_at: Option<DateTime<Utc>>,
}

/// A step of a ladder that was climbed for a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reminded {
    /// Which step, from 1.
    pub rung: i64,
    /// When.
    pub told_at: DateTime<Utc>,
    /// How many people were told.
    pub people: i64,
}

/// What a step of a ladder came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effect {
    /// Stays in which it was climbed.
    pub told: usize,
    /// Of these, those left after it and before the next step.
    pub left: usize,
    /// Of these, those left within 48 hours.
    pub soon: usize,
    /// Stays that still last, with this as their last step so far.
    pub open: usize,
    /// Stays in which it reached nobody.
    pub nobody: usize,
}

/// What each step of each clock came to, by code of the clock and step.
pub fn effects(stays: &[Stay]) -> BTreeMap<(String, i64), Effect> {
    let mut found: BTreeMap<(String, i64), Effect> = BTreeMap::new();
    for stay in stays {
        for (i, one) in stay.rungs.iter().enumerate() {
            let next = stay.rungs.get(i + 1).map(|next| next.told_at);
            let left = stay.left_at.filter(|at| *at >= one.told_at && next.is_none_or(|next| *at < next));
            let effect = found.entry((stay.clock.code.clone(), one.rung)).or_default();
            effect.told += 1;
            effect.nobody += usize::from(one.people == 0);
            effect.left += usize::from(left.is_some());
            effect.soon += usize::from(left.is_some_and(|at| at - one.told_at <= TimeDelta::hours(48)));
            effect.open += usize::from(stay.left_at.is_none() && next.is_none());
        }
    }
    found
}

/// Stays of cases of a flow within a scope for which somebody was reminded since an instant, the latest first.
///
/// # Errors
/// As the database says.
pub async fn reminded(read: &Read, scope: &Scope, flow: &str, since: DateTime<Utc>, limit: i64) -> Result<Vec<Stay>> {
    let mut sql = Sql::new(STAYS);
    sql.push("c.flow = ").bind(flow).push(" AND r.told_at >= ").bind(since).push(" AND ");
    scope.on_cases(&mut sql, "c");
    stays(read, sql, limit).await
}

/// The steps climbed for one case. The case was found within a scope.
///
/// # Errors
/// As the database says.
pub async fn reminders_of(read: &Read, case: CaseId) -> Result<Vec<Stay>> {
    let mut sql = Sql::new(STAYS);
    sql.push("c.id = ").bind(case);
    stays(read, sql, 100).await
}

const STAYS: &str = "SELECT r.case_id, r.state, r.due_on, r.rung, MIN(r.told_at) AS told_at, \
     CAST(SUM(CASE WHEN r.account_id = 0 THEN 0 ELSE 1 END) AS BIGINT) AS people, c.title, c.flow, c.version FROM reminder r JOIN case_file c ON c.id = r.case_id WHERE ";

async fn stays(read: &Read, mut sql: Sql, limit: i64) -> Result<Vec<Stay>> {
    sql.push(" GROUP BY r.case_id, r.state, r.due_on, r.rung, c.title, c.flow, c.version");
    sql.push(" ORDER BY r.case_id DESC, r.due_on DESC, r.state, r.rung LIMIT ").bind(limit);
    let mut found: Vec<(String, Stay)> = Vec::new();
    for row in read.all(sql).await? {
        let (case, state, due_on) = (CaseId(row.get("case_id")?), row.get::<String>("state")?, row.get("due_on")?);
        let flow = read.catalog().flow(&row.get::<String>("flow")?, row.get("version")?);
        let Some(clock) = flow.and_then(|f| f.state(&state)).and_then(|s| s.clock).and_then(clock) else { continue };
        let one = Reminded { rung: row.get("rung")?, told_at: row.get("told_at")?, people: row.int("people")? };
        match found.last_mut().filter(|(s, stay)| (s, stay.case, stay.due_on) == (&state, case, due_on)) {
            Some((_, stay)) => stay.rungs.push(one),
            None => {
                let title = row.get("title")?;
                found.push((state, Stay { case, title, clock, due_on, rungs: vec![one], left_at: None }));
            }
        }
    }
    let left = departures(read, found.iter().map(|(_, stay)| stay.case)).await?;
    for (state, stay) in &mut found {
        let first = stay.rungs.first().map(|one| one.told_at);
        let mut after =
            left.iter().filter(|(case, from, at)| *case == stay.case && from == state && Some(*at) >= first);
        stay.left_at = after.next().map(|(.., at)| *at);
    }
    Ok(found.into_iter().map(|(_, stay)| stay).collect())
}

/// When cases left which states, in the order of time.
async fn departures(read: &Read, cases: impl Iterator<Item = CaseId>) -> Result<Vec<(CaseId, String, DateTime<Utc>)>> {
    let mut cases: Vec<i64> = cases.map(|case| case.0).collect();
    cases.dedup();
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql =
        Sql::new("SELECT case_id, from_state, done_at FROM case_event WHERE from_state <> to_state AND case_id IN ");
    sql.ints(cases).push(" ORDER BY case_id, revision");
    read.all(sql)
        .await?
        .iter()
        .map(|r| Ok((CaseId(r.get("case_id")?), r.get("from_state")?, r.get("done_at")?)))
        .collect()
}

/// Cases of which the actor was reminded and that still stay where they were, as far as he reads them; what was due first
/// stands first.
///
/// # Errors
/// As the database says.
pub async fn told_me(read: &Read, actor: &Actor, limit: i64) -> Result<Vec<Case>> {
    let flows: Vec<&Flow> = read.catalog().flows().iter().copied().filter(|flow| actor.may(flow.read)).collect();
    if actor.account.0 == 0 || flows.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS)
        .push("c.ended = 0 AND EXISTS (SELECT 1 FROM reminder r WHERE r.case_id = c.id AND r.state = c.state");
    sql.push(" AND r.due_on = c.due_on AND r.account_id = ").bind(actor.account).push(") AND (1 = 0");
    for flow in flows {
        sql.push(" OR (c.flow = ").bind(flow.code).push(" AND c.version = ").bind(flow.version).push(" AND ");
        actor.scope(flow.read).on_cases(&mut sql, "c");
        sql.push(")");
    }
    sql.push(") ORDER BY c.due_on, c.id LIMIT ").bind(limit);
    read.all(sql).await?.iter().map(|row| case_of(read.catalog(), row)).collect()
}
