//! What filing and checking do to the library. Every function works inside the transaction it is given.

use std::pin::Pin;

use kernel::case::{Case, Values};
use kernel::id::{CaseId, OrgId};
use kernel::org;
use kernel::store::{Read, Sql, Tx};
use kernel::value::day::{self, Day, parse_day};
use kernel::value::money::Fen;
use kernel::{Error, Faults, Result, args};

use super::model::{Marks, Milestone, Report, standing};
use super::rules::marks;
use super::{plan, queries};

type Later<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// What stands in a field; empty for nothing.
pub(super) fn text<'a>(values: &'a Values, field: &str) -> &'a str {
    values.get(field).map_or("", String::as_str)
}

pub(super) fn day_in(values: &Values, field: &str) -> Option<Day> {
    parse_day(text(values, field)).ok()
}

/// Rules of a plan that no field keeps by itself.
fn plan_faults(values: &Values) -> Faults {
    let mut faults = Faults::new();
    if let Err(message) = plan::milestones(text(values, "milestones")) {
        faults.add("milestones", message);
    }
    if let Err(message) = plan::equipment(text(values, "equipment")) {
        faults.add("equipment", message);
    }
    if let (Some(start), Some(end)) = (day_in(values, "start_on"), day_in(values, "end_on"))
        && end <= start
    {
        faults.add("end_on", format!("计划竣工应在计划开工（{start}）之后"));
    }
    if text(values, "invest") == "0" {
        faults.add("invest", "计划总投资应大于 0，单位万元");
    }
    if text(values, "source") == "diagnosis" && text(values, "diagnosis").is_empty() {
        faults.add("diagnosis", "来源为诊断建议的，请写明诊断报告和建议");
    }
    faults
}

/// A plan that is mended or adjusted.
pub(super) fn check_plan<'a>(_: &'a Tx, _: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move { plan_faults(values).or(()) })
}

/// A new plan: beside its rules, a firm has no other project of this name.
pub(super) fn check_new<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(new_faults(tx, subject, values))
}

/// What is wrong with a new plan, at its fields.
pub(super) async fn new_faults(read: &Read, subject: OrgId, values: &Values) -> Result<()> {
    plan_faults(values).or(())?;
    match queries::namesake(read, subject, text(values, "name")).await? {
        Some(id) => Err(Error::invalid("name", format!("该企业已有同名项目（第 {id} 件），请改名，或在那一件上办理"))),
        None => Ok(()),
    }
}

/// Days of what has happened lie behind us and in their order.
pub(super) fn check_days<'a>(tx: &'a Tx, _: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let mut faults = Faults::new();
        for field in ["began_on", "completed_on"] {
            if let Some(on) = day_in(values, field).filter(|on| *on > tx.today()) {
                faults.add(field, format!("{on} 在今天（{}）之后，请核对", tx.today()));
            }
        }
        if let (Some(began), Some(completed)) = (day_in(values, "began_on"), day_in(values, "completed_on"))
            && completed < began
        {
            faults.add("completed_on", format!("竣工应在实际开工（{began}）之后"));
        }
        faults.or(())
    })
}

/// The library follows the case.
pub(super) fn keep<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        let wrong = |what: String| Error::Internal(format!("project {}: {what}", case.id));
        let planned = plan::milestones(text(&case.values, "milestones")).map_err(wrong)?;
        let held = queries::milestones(tx, &[case.id]).await?.remove(&case.id).unwrap_or_default();
        let industry = org::dims_on(tx, case.subject, day::today(case.opened_at)).await?.industry;
        let industry = industry.get(..2).unwrap_or_default().to_owned();
        upsert(tx, case, &industry).await?;
        tx.run(("DELETE FROM project_milestone WHERE case_id = $1", args![case.id])).await?;
        // A milestone that keeps its name keeps what was reported of it.
        let of = |one: plan::Planned| {
            let before = held.iter().find(|held| held.name == one.name);
            let (state, done_on) = before.map_or(("todo".to_owned(), None), |b| (b.state.clone(), b.done_on));
            Milestone { name: one.name, due_on: one.due_on, state, done_on }
        };
        let milestones: Vec<Milestone> = planned.into_iter().map(of).collect();
        keep_milestones(tx, case.id, &milestones).await?;
        let reports = queries::reports(tx, &[case.id]).await?.remove(&case.id).unwrap_or_default();
        settle(tx, case, &milestones, &reports).await
    })
}

async fn upsert(tx: &Tx, case: &Case, industry: &str) -> Result<()> {
    let values = &case.values;
    let day = |field: &str| day_in(values, field).unwrap_or(tx.today());
    let planned: i64 = text(values, "invest").parse().unwrap_or(0);
    tx.run((
        "INSERT INTO project (case_id, subject_id, unit_id, name, class, industry, planned_fen, invested_fen, start_on, end_on, \
         entered_on, completed_on, problem, problem_unit) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, '', '') \
         ON CONFLICT (case_id) DO UPDATE SET name = excluded.name, class = excluded.class, planned_fen = excluded.planned_fen, \
         start_on = excluded.start_on, end_on = excluded.end_on, entered_on = excluded.entered_on, \
         completed_on = excluded.completed_on",
        args![
            case.id,
            case.subject,
            case.unit,
            text(values, "name"),
            text(values, "type"),
            industry,
            planned,
            day("start_on"),
            day("end_on"),
            day_in(values, "entered_on"),
            day_in(values, "completed_on"),
        ],
    ))
    .await?;
    Ok(())
}

async fn keep_milestones(tx: &Tx, id: CaseId, milestones: &[Milestone]) -> Result<()> {
    if milestones.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("INSERT INTO project_milestone (case_id, ord, name, due_on, state, done_on) VALUES ");
    for (ord, one) in (0_i64..).zip(milestones) {
        sql.push(if ord == 0 { "(" } else { ", (" }).bind(id).push(", ").bind(ord).push(", ").bind(one.name.clone());
        sql.push(", ").bind(one.due_on).push(", ").bind(one.state.clone()).push(", ").bind(one.done_on).push(")");
    }
    tx.run(sql).await?;
    Ok(())
}

/// Brings what the library keeps of a project in line with its case, milestones and reports.
pub(super) async fn settle(tx: &Tx, case: &Case, milestones: &[Milestone], reports: &[Report]) -> Result<()> {
    let values = &case.values;
    let standing = standing(reports);
    let invested = Fen(standing.iter().map(|report| report.invested.0).sum());
    let last = standing.last();
    let planned = Fen(text(values, "invest").parse().unwrap_or(0));
    let day = |field: &str| day_in(values, field).unwrap_or(tx.today());
    let marks = match case.state.as_str() {
        "building" => {
            let days = (day("start_on"), day("end_on"));
            marks((planned, invested), days, milestones, (day("began_on"), last.map(|report| report.month)))
        }
        _ => Marks::default(),
    };
    tx.run((
        "UPDATE project SET invested_fen = $1, last_month = $2, next_due = $3, silent_from = $4, paid_until = $5, \
         problem = $6, problem_unit = $7 WHERE case_id = $8",
        args![
            invested.0,
            last.map(|report| report.month),
            marks.next_due,
            marks.silent_from,
            marks.paid_until,
            last.map(|report| report.problem.clone()).unwrap_or_default(),
            last.map(|report| report.problem_unit.clone()).unwrap_or_default(),
            case.id
        ],
    ))
    .await?;
    Ok(())
}
