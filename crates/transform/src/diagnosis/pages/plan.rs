//! The plan by unit with what was done, the counts side by side, and what was recommended and not started.

use askama::Template;
use axum::response::Response;
use kernel::access::Scope;
use kernel::id::UnitId;
use kernel::indicator::{Indicator, Question, evaluate, shown};
use kernel::org;
use kernel::store::Read;
use web::{Frame, Result, Ui};

use super::super::READ;
use super::super::queries::{self, Open};
use super::{Tab, asked, tabs, unit_names};

/// The counts that are told apart, from the first step to the last: code, what stands between it and the one before.
const COUNTS: [&str; 4] = ["diagnosis.confirmed", "diagnosis.completed", "diagnosis.settled", "funds.diagnosis_awards"];

/// A figure: name, value, unit, address of its rows, definition.
struct Counted {
    name: &'static str,
    value: String,
    unit: &'static str,
    href: String,
    definition: &'static str,
}

/// A unit's plan.
struct UnitRow {
    name: String,
    plan: i64,
    done: i64,
    rate: String,
    over: i64,
    href: String,
}

#[derive(Template)]
#[template(path = "diagnosis/templates/plan.html")]
struct Plan {
    cx: Frame,
    tabs: Vec<Tab>,
    counts: Vec<Counted>,
    differences: Vec<(&'static str, &'static str)>,
    units: Vec<UnitRow>,
    total: UnitRow,
    industry_href: String,
}

pub(in super::super) async fn plan(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, known) = ui.clocks(&read).await?;
    let scope = ui.scope(READ);
    let q = Question { about, known, scope: &scope };
    let known_here: Vec<&'static Indicator> = COUNTS.iter().filter_map(|code| read.catalog().indicator(code)).collect();
    let figures = evaluate(&read, &known_here, &q).await?;
    let at = format!("about={about}&known={known}");
    let counts = figures.iter().map(|figure| Counted {
        name: figure.indicator.name,
        value: shown(figure),
        unit: figure.indicator.unit,
        href: format!("/indicators/{}/rows?{at}", figure.indicator.code),
        definition: figure.indicator.definition,
    });
    let units = unit_rows(&read, &q).await?;
    let total = total(&units, format!("/indicators/diagnosis.completed/rows?{at}"));
    ui.page(&Plan {
        cx: ui.frame(&read).await?,
        tabs: tabs(&ui, "/diagnosis/plan"),
        counts: counts.collect(),
        differences: differences(),
        units,
        total,
        industry_href: format!("/indicators/diagnosis.completed?by=industry&{at}"),
    })
}

/// The rules between two neighbouring counts: name, statement.
fn differences() -> Vec<(&'static str, &'static str)> {
    super::super::indicators::RULES.iter().map(|rule| (rule.name, rule.statement)).collect()
}

async fn unit_rows(read: &Read, q: &Question<'_>) -> Result<Vec<UnitRow>> {
    let codes = ["diagnosis.year_plan", "diagnosis.completed"];
    let indicators: Vec<&'static Indicator> = codes.iter().filter_map(|code| read.catalog().indicator(code)).collect();
    let mut rows = Vec::new();
    for unit in org::units(read).await? {
        let Some(scope) = narrowed(q.scope, unit.id) else { continue };
        let figures = evaluate(read, &indicators, &Question { scope: &scope, ..*q }).await?;
        let number = |at: usize| figures.get(at).map_or(0, |figure| figure.number.whole());
        let href = format!("/indicators/diagnosis.completed/rows?about={}&known={}&unit={}", q.about, q.known, unit.id);
        rows.push(unit_row(unit.name, number(0), number(1), href));
    }
    Ok(rows)
}

/// The scope narrowed to a unit; nothing when it does not hold it.
fn narrowed(scope: &Scope, unit: UnitId) -> Option<Scope> {
    scope.holds(unit).then(|| Scope::Units(vec![unit]))
}

fn unit_row(name: String, plan: i64, done: i64, href: String) -> UnitRow {
    let rate = super::super::ranking::share(done, plan, 2);
    UnitRow { name, plan, done, rate, over: (done - plan).max(0), href }
}

fn total(units: &[UnitRow], href: String) -> UnitRow {
    let sum = |of: fn(&UnitRow) -> i64| units.iter().map(of).sum();
    unit_row("合计".to_owned(), sum(|row| row.plan), sum(|row| row.done), href)
}

/// Recommendations of a page.
const PAGE: i64 = 50;

/// A recommendation in the list.
struct OpenRow {
    open: Open,
    unit: String,
}

#[derive(Template)]
#[template(path = "diagnosis/templates/items.html")]
struct Items {
    cx: Frame,
    tabs: Vec<Tab>,
    rows: Vec<OpenRow>,
    next: String,
}

pub(in super::super) async fn open_items(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let skip = asked(ui.query(), "skip").parse::<i64>().unwrap_or(0).max(0);
    let mut found = queries::open_items(&read, &ui.scope(READ), skip, PAGE + 1).await?;
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let units = unit_names(&read).await?;
    let row = |open: Open| OpenRow { unit: units.get(&open.unit).cloned().unwrap_or_default(), open };
    ui.page(&Items {
        cx: ui.frame(&read).await?,
        tabs: tabs(&ui, "/diagnosis/items"),
        rows: found.into_iter().map(row).collect(),
        next: if more { format!("/diagnosis/items?skip={}", skip + PAGE) } else { String::new() },
    })
}
