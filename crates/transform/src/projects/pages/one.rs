//! One project: its plan, its months, and the report of a month.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::Months;
use kernel::case;
use kernel::id::CaseId;
use kernel::store::Read;
use kernel::value::day::{self, Day};
use kernel::value::money::Fen;
use kernel::{Error, Faults};
use web::link::{asked, id};
use web::{Frame, Posted, Result, Ui};

use super::super::flow::SOURCES;
use super::super::gantt::{self, Gantt};
use super::super::model::{Project, Report, STEPS, standing};
use super::super::months::{Month, due_month, file_report};
use super::super::plan::{self, Equipment};
use super::super::report::{ReportForm, sums};
use super::super::rules::{self, month, month_code, month_label};
use super::super::{READ, REPORT, queries};
use super::{Line, Units, wan};

/// A month as the page shows it.
struct MonthLine {
    month: String,
    code: String,
    invested: String,
    sum: String,
    reached: String,
    problem: String,
    evidence: String,
    reason: String,
    by: String,
    /// How often it was corrected.
    corrected: usize,
}

/// A milestone as the page shows it.
struct MilestoneLine {
    name: String,
    due_on: Day,
    state: &'static str,
    class: &'static str,
    done_on: String,
}

#[derive(Template)]
#[template(path = "projects/templates/show.html")]
struct ShowPage {
    cx: Frame,
    line: Line,
    firm_href: String,
    dates: (Day, Day),
    began: String,
    source: String,
    contact: String,
    equipment: Vec<Equipment>,
    milestones: Vec<MilestoneLine>,
    gantt: Option<Gantt>,
    months: Vec<MonthLine>,
    may_report: bool,
    takes_reports: bool,
    rules: Vec<String>,
    rules_source: String,
}

pub(in super::super) async fn show(ui: Ui, Path(number): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let number: CaseId = id(&number)?;
    let project = queries::find(&read, &ui.scope(READ), number).await?;
    let held = Month::load(&read, &ui.scope(READ), number, ui.actor()).await?;
    let (on, _) = ui.clocks(&read).await?;
    let units = Units::load(&read).await?;
    let text = |field: &str| held.case.values.get(field).cloned().unwrap_or_default();
    let lights = &rules::rules().lights;
    let only = [(project.id, held.milestones.clone())].into();
    ui.page(&ShowPage {
        cx: ui.frame(&read).await?,
        line: Line::of(&project, &units, on),
        firm_href: format!("/orgs/{}", project.subject),
        dates: (project.start_on, project.end_on),
        began: text("began_on"),
        source: source(&text("source"), &text("diagnosis")),
        contact: format!("{} {}", text("contact"), text("phone")).trim().to_owned(),
        equipment: plan::equipment(&text("equipment")).unwrap_or_default(),
        milestones: held.milestones.iter().map(|one| milestone(one, on)).collect(),
        gantt: gantt::gantt(std::slice::from_ref(&project), &only, on),
        months: months(&held.reports),
        may_report: ui.actor().may(REPORT),
        takes_reports: held.takes_reports(),
        rules: lights.told(),
        rules_source: format!("{}{}", lights.source, if lights.confirmed { "" } else { "，待确认" }),
    })
}

fn source(code: &str, diagnosis: &str) -> String {
    let label = SOURCES.iter().find(|class| class.code == code).map_or("", |class| class.label);
    if diagnosis.is_empty() { label.to_owned() } else { format!("{label}：{diagnosis}") }
}

fn milestone(one: &super::super::model::Milestone, on: Day) -> MilestoneLine {
    let class = match one.state.as_str() {
        "done" => "state-ok",
        _ if one.due_on < on => "state-bad",
        "doing" => "state-info",
        _ => "",
    };
    MilestoneLine {
        name: one.name.clone(),
        due_on: one.due_on,
        state: STEPS.iter().find(|step| step.code == one.state).map_or("", |step| step.label),
        class,
        done_on: one.done_on.map(|on| on.to_string()).unwrap_or_default(),
    }
}

/// Months with their running sum, the newest first.
fn months(reports: &[Report]) -> Vec<MonthLine> {
    let mut sum = 0;
    let mut lines: Vec<MonthLine> = Vec::new();
    for report in standing(reports) {
        sum += report.invested.0;
        let done = report.moves.iter().filter(|(_, to)| to.state == "done").map(|(name, _)| name.as_str());
        lines.push(MonthLine {
            month: month_label(report.month),
            code: month_code(report.month),
            invested: wan(report.invested),
            sum: wan(Fen(sum)),
            reached: done.collect::<Vec<_>>().join("、"),
            problem: match report.problem.as_str() {
                "" => String::new(),
                problem => format!("{problem}（责任单位：{}）", report.problem_unit),
            },
            evidence: report.evidence.clone(),
            reason: report.reason.clone(),
            by: format!("{} {}", day::minute(report.at), report.by),
            corrected: reports.iter().filter(|other| other.month == report.month).count() - 1,
        });
    }
    lines.reverse();
    lines
}

/// A milestone in the form of a month.
struct MilestoneInput {
    place: usize,
    name: String,
    due_on: Day,
    /// Code, label, chosen.
    steps: Vec<(&'static str, &'static str, bool)>,
    done_on: String,
    fault: String,
    /// What stands before this report.
    was: &'static str,
    /// Whether it was reached before.
    is_done: bool,
}

#[derive(Template)]
#[template(path = "projects/templates/report.html")]
struct ReportPage {
    cx: Frame,
    id: CaseId,
    title: String,
    firm: String,
    form: ReportForm,
    faults: Faults,
    conflict: String,
    month: String,
    /// Months that can be reported: code, label, chosen.
    months: Vec<(String, String, bool)>,
    planned: String,
    /// What was done last month, and before this one.
    last: String,
    before: String,
    /// What was said of problem last.
    last_problem: String,
    is_correction: bool,
    milestones: Vec<MilestoneInput>,
    /// How many of them were reached before, and whether one of those is at fault.
    done: usize,
    milestones_faulty: bool,
}

impl ReportPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

/// Months that may be reported about, the newest first.
fn open_months(held: &Month, today: Day, chosen: Day) -> Vec<(String, String, bool)> {
    let first = rules::first_of_month(held.against(today).began);
    let mut at = rules::first_of_month(today);
    let mut found = Vec::new();
    while at >= first && found.len() < 60 {
        let told = if held.of(at).is_some() { "（已报，更正）" } else { "" };
        found.push((month_code(at), format!("{}{told}", month_label(at)), at == chosen));
        at = at - Months::new(1);
    }
    found
}

async fn form_page(ui: &Ui, read: &Read, id: CaseId, typed: Option<ReportForm>) -> Result<ReportPage> {
    let project = queries::find(read, &ui.scope(REPORT), id).await?;
    let held = Month::load(read, &ui.scope(REPORT), id, ui.actor()).await?;
    let today = read.today();
    let wanted = typed.as_ref().map_or_else(|| asked(ui.query(), "month"), |form| form.month.as_str());
    let chosen = month(wanted).unwrap_or_else(|| due_month(&held, today));
    let form = typed.unwrap_or_else(|| standing_form(&held, chosen));
    let (before, _) = sums(&held.reports, chosen);
    let last = held.of(chosen - Months::new(1));
    let not_building = match held.takes_reports() {
        true => String::new(),
        false => format!("本项目现为“{}”，只有在建项目报送月度进度", held.case.flow.state_label(&held.case.state)),
    };
    Ok(ReportPage {
        cx: ui.frame(read).await?,
        id,
        title: project.name.clone(),
        firm: project.firm.clone(),
        done: held.milestones.iter().filter(|one| one.state == "done").count(),
        milestones_faulty: false,
        milestones: milestone_inputs(&held, &form),
        form,
        faults: Faults::new(),
        conflict: not_building,
        month: month_label(chosen),
        months: open_months(&held, today, chosen),
        planned: wan(project.planned),
        last: last.map_or_else(|| "没有报送".to_owned(), |report| format!("{} 万元", wan(report.invested))),
        before: wan(before),
        last_problem: last_problem(&project),
        is_correction: held.of(chosen).is_some(),
    })
}

fn last_problem(project: &Project) -> String {
    if project.problem.is_empty() { "没有".to_owned() } else { super::problem(project) }
}

/// What stands for a month, to be typed over.
fn standing_form(held: &Month, month: Day) -> ReportForm {
    let mut form = ReportForm { month: month_code(month), seen: held.seen().to_string(), ..ReportForm::default() };
    if let Some(report) = held.of(month) {
        form.invested = wan(report.invested);
        form.problem.clone_from(&report.problem);
        form.problem_unit.clone_from(&report.problem_unit);
        form.evidence.clone_from(&report.evidence);
    }
    form
}

fn milestone_inputs(held: &Month, form: &ReportForm) -> Vec<MilestoneInput> {
    let input = |(place, one): (usize, &super::super::model::Milestone)| {
        let typed = form.milestones.iter().find(|(at, _, _)| *at == place);
        let state = typed.map_or(one.state.as_str(), |(_, state, _)| state.as_str());
        let day = one.done_on.map(|day| day.to_string()).unwrap_or_default();
        MilestoneInput {
            place,
            name: one.name.clone(),
            due_on: one.due_on,
            steps: STEPS.iter().map(|step| (step.code, step.label, step.code == state)).collect(),
            done_on: typed.map_or(day, |(_, _, day)| day.clone()),
            fault: String::new(),
            is_done: one.state == "done",
            was: STEPS.iter().find(|step| step.code == one.state).map_or("", |step| step.label),
        }
    };
    held.milestones.iter().enumerate().map(input).collect()
}

pub(in super::super) async fn form(ui: Ui, Path(number): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&form_page(&ui, &read, id(&number)?, None).await?)
}

pub(in super::super) async fn report(
    ui: Ui,
    Path(number): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let id: CaseId = id(&number)?;
    case::find(&ui.read().await?, ui.actor(), id).await?;
    let form = ReportForm::of(&fields);
    let (faults, conflict) = match ui.write(async |tx| file_report(tx, id, &form).await).await {
        Ok(()) => return ui.done(&format!("/projects/{id}"), "已报送").await,
        Err(Error::Invalid(faults)) => (faults, None),
        Err(Error::Conflict(conflict)) => (Faults::new(), Some(conflict)),
        Err(other) => return Err(other.into()),
    };
    let read = ui.read().await?;
    let mut page = form_page(&ui, &read, id, Some(form)).await?;
    for input in &mut page.milestones {
        let at = |field: &str| faults.at(&format!("{field}.{}", input.place)).map(str::to_owned);
        input.fault = at("m").or_else(|| at("d")).unwrap_or_default();
    }
    page.milestones_faulty = page.milestones.iter().any(|input| input.is_done && !input.fault.is_empty());
    let status = if conflict.is_some() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.conflict = conflict.unwrap_or_default();
    page.faults = faults;
    let mut response = ui.refused(&page)?;
    *response.status_mut() = status;
    Ok(response)
}
