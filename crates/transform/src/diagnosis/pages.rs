//! Pages of diagnosis: the list of orders, one order with its result and report, and what is done there.

mod institutions;
mod instruments;
mod order;
mod plan;
mod questionnaire;
mod report;

use std::str::FromStr;

use askama::Template;
use axum::response::Response;
use chrono::Datelike;
use kernel::access::Scope;
use kernel::case::{Case, Light, clock, light};
use kernel::id::CaseId;
use kernel::value::day::Day;
use kernel::{Error, org};
use web::{Frame, Posted, Result, Ui};

use super::flow::ORDER;
use super::{ASSIGN, READ, REQUEST, actions, queries};

pub(super) use institutions::{list as institution_list, settle, settlement, settlement_sheet};
pub(super) use instruments::{add as add_instrument, list as instrument_list};
pub(super) use order::{rate, show, take_up};
pub(super) use plan::{open_items, plan};
pub(super) use questionnaire::{fill, form as questionnaire_form};
pub(super) use report::{form as report_form, save as save_report};

/// A number out of a path; what is none does not exist.
fn id<T: FromStr>(text: &str) -> kernel::Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

/// The first value of a parameter, trimmed; empty when it is absent.
fn asked<'a>(query: &'a [(String, String)], name: &str) -> &'a str {
    query.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
}

/// The plan year an address asks for; the one of the page's day without one.
async fn year(ui: &Ui, read: &kernel::store::Read) -> Result<i32> {
    let typed = asked(ui.query(), "year");
    if typed.is_empty() {
        return Ok(ui.clocks(read).await?.0.year());
    }
    typed
        .parse()
        .ok()
        .filter(|year| (2000..=2999).contains(year))
        .ok_or_else(|| Error::invalid("year", format!("计划年度应为四位数字，填的是“{typed}”")).into())
}

/// A due day in words: day, light, class.
struct Due {
    on: String,
    label: &'static str,
    class: &'static str,
}

impl Due {
    fn of(case: &Case, today: Day) -> Self {
        let clock = case.flow.state(&case.state).and_then(|state| state.clock).and_then(clock);
        let (label, class) = match light(clock, case.due_on, today) {
            Light::None => ("", ""),
            Light::Green => ("在期限内", "state-ok"),
            Light::Yellow => ("即将到期", "state-warn"),
            Light::Red => ("已超期", "state-bad"),
        };
        Self { on: case.due_on.map(|on| on.to_string()).unwrap_or_default(), label, class }
    }
}

/// How a state is coloured.
fn state_class(case: &Case) -> &'static str {
    match case.state.as_str() {
        "cancelled" => "state-off",
        "accepted" | "settled" => "state-ok",
        "declined" | "rework" => "state-warn",
        _ => "state-info",
    }
}

/// A tab over the pages of diagnosis: address, label, whether it is this page.
type Tab = (&'static str, &'static str, bool);

/// The tabs a reader has: officers all of them, others those with their own part.
fn tabs(ui: &Ui, here: &str) -> Vec<Tab> {
    let own = matches!(ui.scope(READ), Scope::Own(_));
    let mut found =
        vec![("/diagnosis", "诊断单"), ("/diagnosis/items", "建议未启动"), ("/diagnosis/institutions", "诊断机构")];
    if !own {
        found.push(("/diagnosis/plan", "计划与完成"));
        found.push(("/diagnosis/instruments", "测评问卷"));
    }
    found.into_iter().map(|(href, label)| (href, label, href == here)).collect()
}

/// An order in a list.
struct Line {
    id: CaseId,
    firm: String,
    institution: String,
    year: String,
    state: String,
    state_class: &'static str,
    due: Due,
}

#[derive(Template)]
#[template(path = "diagnosis/templates/list.html")]
struct List {
    cx: Frame,
    tabs: Vec<Tab>,
    /// States: code, label, how many, chosen.
    states: Vec<(&'static str, &'static str, i64, bool)>,
    rows: Vec<Line>,
    next: String,
    /// Where the reader asks for a diagnosis of his own firm; empty when he cannot.
    request: String,
    /// How many wait to be sent, for those who send.
    waiting: i64,
    is_filtered: bool,
}

/// Rows of a page.
const PAGE: i64 = 50;

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let wanted = asked(ui.query(), "state").to_owned();
    let counts = queries::by_state(&read, &ui.scope(READ)).await?;
    let (rows, next) = lines(&ui, &read, &wanted).await?;
    let count = |code: &str| counts.get(code).copied().unwrap_or(0);
    let states = ORDER.states.iter().map(|s| (s.code, s.label, count(s.code), s.code == wanted)).collect();
    let waiting = if ui.actor().may(ASSIGN) { count("requested") + count("declined") } else { 0 };
    let request = match ui.scope(REQUEST) {
        Scope::Own(org) => {
            format!("/cases/new?flow={}&org={org}&f.plan_year={}", ORDER.code, read.today().year())
        }
        _ => String::new(),
    };
    let (tabs, is_filtered) = (tabs(&ui, "/diagnosis"), !wanted.is_empty());
    ui.page(&List { cx: ui.frame(&read).await?, tabs, states, rows, next, request, waiting, is_filtered })
}

async fn lines(ui: &Ui, read: &kernel::store::Read, wanted: &str) -> Result<(Vec<Line>, String)> {
    let state = Some(wanted).filter(|wanted| !wanted.is_empty());
    if state.is_some_and(|state| ORDER.state(state).is_none()) {
        return Err(Error::invalid("state", format!("没有“{wanted}”这个状态")).into());
    }
    let before = match asked(ui.query(), "before") {
        "" => None,
        typed => Some(id::<CaseId>(typed)?),
    };
    let mut found = kernel::case::list(read, &ui.scope(READ), ORDER.code, state, before, PAGE + 1).await?;
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let next = found.last().filter(|_| more).map(|last| format!("/diagnosis?state={wanted}&before={}", last.id));
    let line = |case: &Case| Line {
        id: case.id,
        firm: case.subject_name.clone(),
        institution: case.counterparty_name.clone(),
        year: case.values.get("plan_year").cloned().unwrap_or_default(),
        state: ORDER.state_label(&case.state).to_owned(),
        state_class: state_class(case),
        due: Due::of(case, read.today()),
    };
    Ok((found.iter().map(line).collect(), next.unwrap_or_default()))
}

/// Sends the orders that wait, round by places left.
pub(super) async fn assign(ui: Ui, Posted(_): Posted<Vec<(String, String)>>) -> Result<Response> {
    let sent = ui.write(async |tx| actions::assign_waiting(tx).await).await;
    match sent {
        Ok(sent) => ui.done("/diagnosis", &sent).await,
        Err(Error::Conflict(told)) => ui.done("/diagnosis", &told).await,
        Err(other) => Err(other.into()),
    }
}

/// The name of a unit.
async fn unit_names(read: &kernel::store::Read) -> Result<std::collections::HashMap<i64, String>> {
    Ok(org::units(read).await?.into_iter().map(|unit| (unit.id.0, unit.name)).collect())
}
