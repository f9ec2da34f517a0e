//! Plays the script into the store, day by day, so that the ledger's days are real.

use chrono::{DateTime, TimeDelta, Utc};

use super::contracts::Ledgers;
use super::script::{Act, Desk, Dossier, Entry, MonthPlan, OrgPlan, Script, Step, Timed};
use kernel::access::{Actor, Scope};
use kernel::case::{self, Doing, Values};
use kernel::id::{CaseId, OrgId, RecordId};
use kernel::indicator;
use kernel::ledger::browse::{self, Query};
use kernel::ledger::{NewFact, record};
use kernel::org;
use kernel::store::{Store, Tx};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result};
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
    cases: Vec<Option<CaseId>>,
    ledgers: Ledgers,
}

impl Given {
    fn org(&self, who: usize) -> Result<OrgId> {
        self.orgs.org(who)
    }

    fn case(&self, dossier: Dossier) -> Result<CaseId> {
        self.cases
            .get(dossier)
            .copied()
            .flatten()
            .ok_or_else(|| Error::Internal(format!("demo: case {dossier} is not opened yet")))
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
    let Script { orgs, mut acts, tickets, dossiers, .. } = script;
    acts.sort_by_key(|a| a.when);
    let (records, cases) = (vec![None; tickets], vec![None; dossiers]);
    let mut given = Given { orgs: Orgs(vec![None; orgs.len()]), records, cases, ledgers: Ledgers::default() };
    let total = acts.len() as u64;
    let (mut done, mut nth, mut today) = (0, 0, Day::MIN);
    for group in acts.chunk_by(|a, b| a.when == b.when).flat_map(|group| group.chunks(ACTS)) {
        let Some(first) = group.first() else { continue };
        let (day, _, desk) = first.when;
        nth = if day == today { nth + 1 } else { 0 };
        today = day;
        let actor = if desk == Desk::Officer { officer.clone() } else { Actor::system(desk.name()) };
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

fn label(desk: Desk, timed: &Timed) -> &'static str {
    match (&timed.act, desk) {
        (Act::Register(_), _) => "登记主体",
        (Act::Change(_) | Act::Year(..), _) => "登记属性和年度数据",
        (Act::File(..) | Act::Take(..) | Act::Month(..), _) => "办理改造项目",
        (_, Desk::TakeOver) => "导入历史台账",
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
        Act::File(dossier, flow, who, values) => {
            let id = case::open(tx, flow, given.org(*who)?, &typed(values), "").await?;
            given.cases[*dossier] = Some(id);
        }
        Act::Take(dossier, step) => take(tx, given.case(*dossier)?, step).await?,
        Act::Month(dossier, plan) => month(tx, given.case(*dossier)?, plan).await?,
    }
    Ok(())
}

fn typed(values: &[(&'static str, String)]) -> Values {
    values.iter().map(|(field, value)| ((*field).to_owned(), value.clone())).collect()
}

async fn take(tx: &mut Tx, id: CaseId, step: &Step) -> Result<()> {
    let (values, remarks) = (typed(&step.values), Values::new());
    let doing =
        Doing { action: step.action, revision: step.revision, values: &values, note: step.note, remarks: &remarks };
    case::act(tx, id, doing).await.map(drop)
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
