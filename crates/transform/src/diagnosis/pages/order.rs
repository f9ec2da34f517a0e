//! One order: its result, its report, and what becomes of what was recommended.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::case::Event;
use kernel::id::CaseId;
use kernel::store::Read;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::super::assessment::{self, Assessment};
use super::super::flow::ORDER;
use super::super::instrument::{Instrument, Outcome, assess, show as decimal};
use super::super::order::{self as orders, Order};
use super::super::radar::{Outline, radar};
use super::super::report::{self, Item, PARTS, Rating, Report};
use super::{asked, id, state_class};

/// A part with what it brought each time.
struct PartRow {
    label: String,
    within: bool,
    points: String,
    /// One entry for each time; empty when that time has another questionnaire.
    earned: Vec<String>,
}

/// A scene with its level each time.
struct SceneRow {
    group: String,
    label: String,
    constraint: bool,
    levels: Vec<String>,
}

/// What the assessments of an order come to.
struct Told {
    /// The questionnaire, its source, its note.
    name: String,
    source: String,
    note: String,
    /// T0, T1 …: name, day, score, level.
    times: Vec<(String, String, String, String)>,
    parts: Vec<PartRow>,
    scenes: Vec<SceneRow>,
    radar: String,
    /// The next level, and what blocks it: what, nearest.
    next: String,
    blocks: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "diagnosis/templates/order.html")]
struct Show {
    cx: Frame,
    id: CaseId,
    title: String,
    institution: String,
    plan_year: String,
    state: String,
    state_class: &'static str,
    acceptance: String,
    may_fill: bool,
    fill_label: &'static str,
    may_write: bool,
    may_take_up: bool,
    may_rate: bool,
    result: Option<Told>,
    /// Title and text of the parts that are shown.
    parts: Vec<(&'static str, String)>,
    report_no: String,
    items: Vec<Item>,
    rating: Option<Rating>,
    faults: Faults,
    conflict: String,
    /// The recommendation that was just refused, and what was typed.
    typed: (i64, String, String),
    projects: bool,
}

impl Show {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn page(ui: &Ui, read: &Read, case: CaseId) -> Result<Show> {
    let order = orders::find(read, ui.actor(), case).await?;
    let text = |field: &str| order.case.values.get(field).cloned().unwrap_or_default();
    let done = assessment::latest(read, case).await?;
    let report = match order.shows_report() {
        true => report::find(read, case).await?,
        false => Report::default(),
    };
    let events: Vec<Event> = kernel::case::events(read, case).await?;
    let accepted = events.iter().rev().find(|event| event.action == "accept").filter(|_| order.is_done());
    Ok(Show {
        cx: ui.frame(read).await?,
        id: case,
        title: order.case.title.clone(),
        institution: order.case.counterparty_name.clone(),
        plan_year: text("plan_year"),
        state: ORDER.state_label(&order.case.state).to_owned(),
        state_class: state_class(&order.case),
        acceptance: accepted.map(|e| format!("{} 完成，{} 验收", text("completed_on"), e.by)).unwrap_or_default(),
        may_fill: order.may_fill(),
        fill_label: fill_label(&order, &done),
        may_write: order.may_write(),
        may_take_up: order.may_take_up(),
        may_rate: order.may_rate(),
        result: result(read, &done).await?,
        parts: PARTS.iter().zip(report.parts).map(|((_, title, _), text)| (*title, text)).collect(),
        report_no: text("report_no"),
        items: report.items,
        rating: report::rating(read, case).await?,
        faults: Faults::new(),
        conflict: String::new(),
        typed: (0, String::new(), String::new()),
        projects: read.catalog().newest_flow("projects.project").is_some(),
    })
}

fn fill_label(order: &Order, done: &[Assessment]) -> &'static str {
    match (order.is_done(), done.is_empty()) {
        (true, _) => "再测一次",
        (false, true) => "填写测评问卷",
        (false, false) => "修改测评问卷",
    }
}

/// The assessments side by side, by the questionnaire of the last.
async fn result(read: &Read, done: &[Assessment]) -> Result<Option<Told>> {
    let Some(last) = done.last() else { return Ok(None) };
    let all = assessment::instruments(read).await?;
    let same = |one: &Instrument, a: &Assessment| one.code == a.instrument && one.edition == a.edition;
    let Some(instrument) = all.iter().find(|one| same(one, last)) else {
        return Err(Error::Internal(format!("no questionnaire {} {}", last.instrument, last.edition)).into());
    };
    let mut outcomes: Vec<(&Assessment, Outcome)> = Vec::new();
    for one in done.iter().filter(|one| same(instrument, one)) {
        outcomes.push((one, assess(instrument, &one.answers)?));
    }
    let latest = outcomes.last().map(|(_, outcome)| outcome);
    let next = latest.and_then(|outcome| outcome.next.clone());
    Ok(Some(Told {
        name: instrument.name.clone(),
        source: instrument.source.clone(),
        note: instrument.note.clone(),
        times: done.iter().map(time).collect(),
        parts: part_rows(instrument, &outcomes),
        scenes: scene_rows(&outcomes),
        radar: drawn(instrument, &outcomes),
        next: next.as_ref().map(|next| next.label.clone()).unwrap_or_default(),
        blocks: next.map(|next| next.blocks.into_iter().map(|b| (b.text, b.nearest)).collect()).unwrap_or_default(),
    }))
}

fn time(one: &Assessment) -> (String, String, String, String) {
    let level = if one.level_label.is_empty() { "未达第一级".to_owned() } else { one.level_label.clone() };
    (one.stage_label(), one.saved_on.to_string(), one.score.clone(), level)
}

fn part_rows(instrument: &Instrument, outcomes: &[(&Assessment, Outcome)]) -> Vec<PartRow> {
    let earned = |code: &str| -> Vec<String> {
        let of = |outcome: &Outcome| {
            outcome.parts.iter().find(|p| p.code == code).map_or_else(String::new, |p| decimal(p.earned, 4))
        };
        outcomes.iter().map(|(_, outcome)| of(outcome)).collect()
    };
    let parts = instrument.parts.iter().map(|part| PartRow {
        label: part.label.clone(),
        within: !part.within.is_empty(),
        points: decimal(part.points, 4),
        earned: earned(&part.code),
    });
    parts.collect()
}

fn scene_rows(outcomes: &[(&Assessment, Outcome)]) -> Vec<SceneRow> {
    let Some((_, last)) = outcomes.last() else { return Vec::new() };
    let levels =
        |nth: usize| outcomes.iter().map(|(_, o)| o.scenes.get(nth).map_or(0, |s| s.level).to_string()).collect();
    let row = |(nth, scene): (usize, &super::super::instrument::SceneLevel)| SceneRow {
        group: scene.group.clone(),
        label: scene.label.clone(),
        constraint: scene.constraint,
        levels: levels(nth),
    };
    last.scenes.iter().enumerate().map(row).collect()
}

/// The parts that hold items, as axes.
fn drawn(instrument: &Instrument, outcomes: &[(&Assessment, Outcome)]) -> String {
    let axes: Vec<_> = instrument.parts.iter().filter(|p| instrument.items_of(&p.code).next().is_some()).collect();
    let percent = |outcome: &Outcome, code: &str| {
        let part = outcome.parts.iter().find(|p| p.code == code);
        part.and_then(|p| decimal(p.earned * rust_decimal::Decimal::from(100) / p.points, 0).parse().ok()).unwrap_or(0)
    };
    let outlines: Vec<Outline> = outcomes
        .iter()
        .map(|(one, outcome)| Outline {
            label: one.stage_label(),
            percent: axes.iter().map(|part| percent(outcome, &part.code)).collect(),
        })
        .collect();
    radar(&axes.iter().map(|part| part.label.as_str()).collect::<Vec<_>>(), &outlines)
}

pub(in super::super) async fn show(ui: Ui, Path(case): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&page(&ui, &read, id(&case)?).await?)
}

/// What a form of this page was refused with.
async fn refused(ui: &Ui, case: CaseId, error: Error, typed: (i64, String, String)) -> Result<Response> {
    let (faults, conflict) = match error {
        Error::Invalid(faults) => (faults, String::new()),
        Error::Conflict(told) => (Faults::new(), told),
        other => return Err(other.into()),
    };
    let read = ui.read().await?;
    ui.refused(&Show { faults, conflict, typed, ..page(ui, &read, case).await? })
}

pub(in super::super) async fn take_up(
    ui: Ui,
    Path(case): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let (case, item) = (id::<CaseId>(&case)?, asked(&fields, "item").parse::<i64>());
    let (became, note) = (asked(&fields, "became"), asked(&fields, "note"));
    let done = ui
        .write(async |tx| {
            let order = orders::hold(tx, case).await?;
            let item = item.clone().map_err(|_| Error::Conflict("请从建议的列表上办理".into()))?;
            let found = report::take_up(tx, &order, item, became, note).await?;
            Ok((order.case.subject, found))
        })
        .await;
    match done {
        Ok((firm, found)) if became == "project" && ui.store().catalog().newest_flow("projects.project").is_some() => {
            // The form of a project, with what the recommendation says; nothing is filed before the enterprise sends it.
            let query = [
                ("flow", "projects.project".to_owned()),
                ("org", firm.to_string()),
                ("f.name", found.measure.clone()),
                ("f.source", format!("诊断建议 {case}-{}", found.id)),
            ];
            let query = serde_html_form::to_string(query).map_err(|e| Error::Internal(e.to_string()))?;
            ui.done(&format!("/cases/new?{query}"), "已转为项目，请补齐项目内容后提交").await
        }
        Ok(_) => ui.done(&format!("/diagnosis/orders/{case}"), "已记下").await,
        Err(error) => refused(&ui, case, error, (item.unwrap_or(0), note.to_owned(), String::new())).await,
    }
}

pub(in super::super) async fn rate(
    ui: Ui,
    Path(case): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let case = id::<CaseId>(&case)?;
    let (stars, words) = (asked(&fields, "stars"), asked(&fields, "words"));
    let done = ui
        .write(async |tx| {
            let order = orders::hold(tx, case).await?;
            report::rate(tx, &order, stars, words).await
        })
        .await;
    match done {
        Ok(()) => ui.done(&format!("/diagnosis/orders/{case}"), "谢谢评价").await,
        Err(error) => refused(&ui, case, error, (0, String::new(), words.to_owned())).await,
    }
}
