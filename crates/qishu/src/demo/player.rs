//! Plays the script into the store, day by day, so that the ledger's days are real.

use chrono::{DateTime, TimeDelta, Utc};

use super::contracts::Ledgers;
use super::script::{Act, Desk, Entry, MonthPlan, OrgPlan, Script, Step, Timed, Typed};
use kernel::access::{Actor, At, Grant, Role, Scope};
use kernel::case::{self, Doing, Values};
use kernel::id::{AccountId, CaseId, OrgId, RecordId};
use kernel::indicator;
use kernel::ledger::browse::{self, Query};
use kernel::ledger::{NewFact, record};
use kernel::org;
use kernel::store::{Store, Tx};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result};
use transform::diagnosis::history;
use transform::projects::{self, ReportForm};

/// Acts in one transaction at most.
const ACTS: usize = 400;

/// The numbers that organisations of the script got.
pub(super) struct Orgs(Vec<Option<OrgId>>);

impl Orgs {
    /// The number of one of them.
    pub(super) fn org(&self, who: usize) -> Result<OrgId> {
        self.0
            .get(who)
            .copied()
            .flatten()
            .ok_or_else(|| Error::Internal(format!("demo: organisation {who} is not registered yet")))
    }
}

/// What the store gave for what the script named.
struct Given {
    orgs: Orgs,
    records: Vec<Option<RecordId>>,
    /// Cases with how many events they have.
    cases: Vec<Option<(CaseId, i64)>>,
    ledgers: Ledgers,
}

impl Given {
    fn org(&self, who: usize) -> Result<OrgId> {
        self.orgs.org(who)
    }

    fn case(&self, matter: usize) -> Result<(CaseId, i64)> {
        self.cases
            .get(matter)
            .copied()
            .flatten()
            .ok_or_else(|| Error::Internal(format!("demo: case {matter} is not opened yet")))
    }

    fn values(&self, typed: &[(&'static str, Typed)]) -> Result<Values> {
        let value = |typed: &Typed| match typed {
            Typed::Text(text) => Ok(text.clone()),
            Typed::Body(who) => self.org(*who).map(|org| org.to_string()),
        };
        typed.iter().map(|(field, typed)| Ok(((*field).to_owned(), value(typed)?))).collect()
    }

    fn record(&self, ticket: usize) -> Result<RecordId> {
        self.records
            .get(ticket)
            .copied()
            .flatten()
            .ok_or_else(|| Error::Internal(format!("demo: entry {ticket} is not written yet")))
    }
}

/// Writes everything down and says which number each organisation got.
pub(super) async fn play(
    store: &Store,
    script: Script,
    officer: &Actor,
    progress: &dyn Fn(&str, u64, u64),
) -> Result<Vec<Option<OrgId>>> {
    let Script { orgs, mut acts, tickets, matters, .. } = script;
    acts.sort_by_key(|a| a.when);
    let (records, cases) = (vec![None; tickets], vec![None; matters.len()]);
    let mut given = Given { orgs: Orgs(vec![None; orgs.len()]), records, cases, ledgers: Ledgers::default() };
    let total = acts.len() as u64;
    let (mut done, mut nth, mut today) = (0, 0, Day::MIN);
    for group in acts.chunk_by(|a, b| a.when == b.when).flat_map(|group| group.chunks(ACTS)) {
        let Some(first) = group.first() else { continue };
        let (day, _, desk) = first.when;
        nth = if day == today { nth + 1 } else { 0 };
        today = day;
        let actor = actor(desk, officer);
        let given = &mut given;
        let plans = &orgs;
        store
            .write_at(instant(day, nth)?, &actor, async |tx| {
                for timed in group {
                    perform(tx, plans, given, timed).await?;
                }
                Ok(())
            })
            .await?;
        done += group.len() as u64;
        progress(label(desk, first), done, total);
    }
    Ok(given.orgs.0)
}

/// Who writes down. Institutions and enterprises act in their own orders only; the history knows whose each is.
fn actor(desk: Desk, officer: &Actor) -> Actor {
    let may = match desk {
        Desk::Officer => return officer.clone(),
        Desk::Institution => ["diagnosis.read", "diagnosis.apply", "diagnosis.serve"],
        Desk::Enterprise => ["diagnosis.read", "diagnosis.request", "diagnosis.confirm"],
        _ => return Actor::system(desk.name()),
    };
    let grants = may.iter().filter_map(|permission| Grant::parse(permission, "all").ok()).collect();
    let role = Role { code: "history".into(), label: desk.name().into(), at: At::City, grants };
    Actor::in_role(AccountId(0), desk.name(), role.into(), Vec::new(), None)
}

fn label(desk: Desk, timed: &Timed) -> &'static str {
    match (&timed.act, desk) {
        (Act::Register(_), _) => "登记主体",
        (Act::Change(_) | Act::Year(..), _) => "登记属性和年度数据",
        (_, Desk::TakeOver) => "导入历史台账",
        (Act::Case(..) | Act::Settle(..), _) => "办理诊断单和改造项目",
        _ => "按日登记记录和事实",
    }
}

/// The `n`-th moment of a working day: every three minutes from nine o'clock, Asia/Shanghai.
pub(super) fn instant(day: Day, n: i64) -> Result<DateTime<Utc>> {
    let nine = day.and_hms_opt(1, 0, 0).ok_or_else(|| Error::Internal("no such hour".into()))?;
    Ok((nine + TimeDelta::minutes(3 * n)).and_utc())
}

async fn perform(tx: &mut Tx, plans: &[OrgPlan], given: &mut Given, timed: &Timed) -> Result<()> {
    match &timed.act {
        Act::Register(who) => given.orgs.0[*who] = Some(org::register(tx, new_org(&plans[*who])).await?),
        Act::Change(c) => {
            org::assert(tx, given.org(c.who)?, c.attribute, &c.value, c.from, None, &c.source).await?;
        }
        Act::Year(who, figures) => {
            org::record_year(tx, given.org(*who)?, figures).await?;
        }
        Act::Target(t) => {
            indicator::set_target(tx, t.indicator, t.period, t.unit, t.value, &t.source).await?;
        }
        Act::Declare(d) => {
            indicator::declare(tx, d.indicator, d.value, d.on, d.source, d.office).await?;
        }
        Act::Enter(ticket, entry) => given.records[*ticket] = Some(enter(tx, given, entry).await?),
        Act::Ledger(act) => given.ledgers.perform(tx, &given.orgs, act).await?,
        Act::Reverse(ticket, reason) => reverse(tx, given.record(*ticket)?, reason).await?,
        Act::Case(matter, _, step) => take_step(tx, given, *matter, step).await?,
        Act::Settle(who, year) => {
            // Settling is a step of each of its cases.
            history::settle(tx, given.org(*who)?, *year).await?;
        }
    }
    Ok(())
}

async fn take_step(tx: &mut Tx, given: &mut Given, matter: usize, step: &Step) -> Result<()> {
    match step {
        Step::Open { flow, who, typed } => {
            let values = given.values(typed)?;
            let id = case::open(tx, flow, given.org(*who)?, &values, "").await?;
            given.cases[matter] = Some((id, 1));
        }
        Step::Do { action, typed, note } => {
            let ((id, revision), values) = (given.case(matter)?, given.values(typed)?);
            let remarks = Values::new();
            let done = case::act(tx, id, Doing { action, revision, values: &values, note, remarks: &remarks }).await?;
            given.cases[matter] = Some((id, done.revision));
        }
        Step::Papers(papers) => history::enter_papers(tx, given.case(matter)?.0, papers).await?,
        Step::Rate(stars, words) => history::rate(tx, given.case(matter)?.0, *stars, words).await?,
        Step::Month(plan) => month(tx, given.case(matter)?.0, plan).await?,
    }
    Ok(())
}

async fn month(tx: &mut Tx, id: CaseId, plan: &MonthPlan) -> Result<()> {
    let milestones = plan.reached.iter().map(|(place, on)| (*place, "done".to_owned(), on.to_string()));
    let form = ReportForm {
        month: plan.month.format("%Y-%m").to_string(),
        seen: projects::last_report(tx, id).await?.to_string(),
        invested: format!("{}万元", Fen(plan.fen).exact_wan()),
        problem: plan.problem.to_owned(),
        problem_unit: plan.problem_unit.to_owned(),
        evidence: "月度发票汇总表（演示）".to_owned(),
        reason: plan.reason.to_owned(),
        milestones: milestones.collect(),
    };
    projects::file_report(tx, id, &form).await
}

fn new_org(plan: &OrgPlan) -> org::NewOrg {
    org::NewOrg {
        kind: plan.kind.clone(),
        credit_code: plan.credit_code.clone(),
        local_code: plan.local_code.clone(),
        since: plan.since,
        attributes: plan.attributes.clone(),
        source: plan.source.clone(),
    }
}

async fn enter(tx: &mut Tx, given: &Given, entry: &Entry) -> Result<RecordId> {
    let record = record::enter(tx, entry.module, &entry.title, &entry.document, &entry.detail).await?;
    for f in &entry.facts {
        let fact =
            NewFact::new(f.kind, given.org(f.who)?, f.on, record).class(f.class).quantity(f.quantity).amount(f.amount);
        let fact = match f.with {
            Some(with) => fact.with(given.org(with)?),
            None => fact,
        };
        tx.record(fact).await?;
    }
    Ok(record)
}

async fn reverse(tx: &mut Tx, record: RecordId, reason: &str) -> Result<()> {
    let query = Query { record: Some(record), limit: 1000, ..Query::default() };
    let facts = browse::list(tx, &Scope::All, &query).await?;
    for fact in facts.iter().filter(|f| f.reverses.is_none() && f.reversed_by.is_none()) {
        tx.reverse(fact.position, reason).await?;
    }
    Ok(())
}
