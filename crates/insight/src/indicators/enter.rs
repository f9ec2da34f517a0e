//! Pages on which targets are set and figures from outside are declared, with everything entered before.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::Scope;
use kernel::indicator::{DeclaredRow, Indicator, Measure, Question, TargetRow, declared_rows, target_history};
use kernel::store::Read;
use kernel::value::day::{self, Day};
use kernel::value::money::{Fen, MoneyUnit};
use kernel::value::thousands;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::rules::{self, DeclareForm, Sort, TargetForm};
use super::{FIGURE_DECLARE, FIGURE_READ, TARGET_EDIT, actions};
use crate::units::Units;

/// Targets listed at most.
const HISTORY: usize = 200;

#[derive(Template)]
#[template(path = "indicators/templates/target.html")]
struct TargetPage {
    cx: Frame,
    indicator: &'static Indicator,
    form: TargetForm,
    faults: Faults,
    /// Number and name of the units to choose from.
    units: Vec<(String, String)>,
    rows: Vec<TargetLine>,
}

impl TargetPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    fn is_unit(&self, unit: &str) -> bool {
        self.form.unit == unit
    }

    fn label(&self) -> String {
        format!("目标（{}）", self.indicator.unit)
    }

    /// The unit the value is typed in, with another way to write money.
    fn hint(&self) -> String {
        match self.indicator.unit {
            unit @ ("万元" | "亿元") => format!("单位 {unit}，也可写成 1,200万元"),
            unit => format!("整数，单位 {unit}"),
        }
    }
}

/// A target that was set.
struct TargetLine {
    unit: String,
    period: String,
    value: String,
    source: String,
    recorded_at: String,
    recorded_by: String,
}

pub(super) async fn target_form(ui: Ui, Path(code): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let indicator = read.catalog().indicator(&code).ok_or(Error::NotFound)?;
    let unit = ui.actor().units.first().map_or_else(|| "0".to_owned(), ToString::to_string);
    let period = indicator.window.target_period(ui.clocks(&read).await?.0);
    let form = TargetForm { period, unit, ..TargetForm::default() };
    let page = target_page(&ui, &read, indicator, form, Faults::new()).await?;
    ui.page(&page)
}

pub(super) async fn set_target(ui: Ui, Path(code): Path<String>, Posted(form): Posted<TargetForm>) -> Result<Response> {
    let indicator = ui.store().catalog().indicator(&code).ok_or(Error::NotFound)?;
    let scope = ui.scope(TARGET_EDIT);
    match ui.write(async |tx| actions::set(tx, &scope, indicator, &form).await).await {
        Ok(()) => ui.done(&format!("/indicators/{code}/targets"), "目标已设定；以前设定的都保留").await,
        Err(Error::Invalid(faults)) => {
            let read = ui.read().await?;
            let page = target_page(&ui, &read, indicator, form, faults).await?;
            ui.refused(&page)
        }
        Err(other) => Err(other.into()),
    }
}

async fn target_page(
    ui: &Ui,
    read: &Read,
    indicator: &'static Indicator,
    form: TargetForm,
    faults: Faults,
) -> Result<TargetPage> {
    let sort = rules::sort(indicator, read.catalog()).ok_or(Error::NotFound)?;
    let (scope, units) = (ui.scope(TARGET_EDIT), Units::load(read).await?);
    let city = (scope == Scope::All).then(|| ("0".to_owned(), "全市".to_owned()));
    let choices = units.choices(&scope).into_iter().map(|unit| (unit.id.to_string(), unit.name.clone()));
    let history = target_history(read, indicator.code, &ui.scope(FIGURE_READ), HISTORY).await?;
    Ok(TargetPage {
        cx: ui.frame(read).await?,
        indicator,
        units: city.into_iter().chain(choices).collect(),
        rows: history.into_iter().map(|row| line(row, sort, &units)).collect(),
        form,
        faults,
    })
}

fn line(row: TargetRow, sort: Sort, units: &Units) -> TargetLine {
    let value = match sort {
        Sort::Whole => row.value.to_string(),
        Sort::Money(MoneyUnit::Wan) => Fen(row.value).exact_wan(),
        Sort::Money(MoneyUnit::Yi) => Fen(row.value).exact_yi(),
        Sort::Money(MoneyUnit::Yuan) => Fen(row.value).yuan(),
    };
    TargetLine {
        unit: if row.unit == 0 { "全市".to_owned() } else { units.name(row.unit) },
        period: row.period,
        value: thousands(value),
        source: row.source,
        recorded_at: day::minute(row.recorded_at),
        recorded_by: row.recorded_by,
    }
}

#[derive(Template)]
#[template(path = "indicators/templates/declare.html")]
struct DeclarePage {
    cx: Frame,
    indicator: &'static Indicator,
    form: DeclareForm,
    faults: Faults,
    rows: Vec<DeclaredLine>,
}

impl DeclarePage {
    fn label(&self) -> String {
        format!("数值（{}）", self.indicator.unit)
    }

    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

/// A figure that was declared.
struct DeclaredLine {
    value: String,
    as_on: Day,
    source: String,
    person: String,
    recorded_at: String,
}

impl DeclaredLine {
    fn of(row: DeclaredRow) -> Self {
        let recorded_at = day::minute(row.recorded_at);
        Self { value: thousands(row.value), as_on: row.as_on, source: row.source, person: row.person, recorded_at }
    }
}

pub(super) async fn declare_form(ui: Ui, Path(code): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let form = DeclareForm { person: ui.actor().name.clone(), ..DeclareForm::default() };
    let page = declare_page(&ui, &read, declarable(&read, &code)?, form, Faults::new()).await?;
    ui.page(&page)
}

pub(super) async fn declare(ui: Ui, Path(code): Path<String>, Posted(form): Posted<DeclareForm>) -> Result<Response> {
    let read = ui.read().await?;
    let indicator = declarable(&read, &code)?;
    drop(read);
    let scope = ui.scope(FIGURE_DECLARE);
    match ui.write(async |tx| actions::state(tx, &scope, indicator, &form).await).await {
        Ok(()) => ui.done(&format!("/indicators/{code}/declared"), "数字已申明；以前申明的都保留").await,
        Err(Error::Invalid(faults)) => {
            let page = declare_page(&ui, &ui.read().await?, indicator, form, faults).await?;
            ui.refused(&page)
        }
        Err(other) => Err(other.into()),
    }
}

fn declarable(read: &Read, code: &str) -> kernel::Result<&'static Indicator> {
    let found = read.catalog().indicator(code).filter(|i| matches!(i.measure, Measure::Declared));
    found.ok_or(Error::NotFound)
}

async fn declare_page(
    ui: &Ui,
    read: &Read,
    indicator: &'static Indicator,
    form: DeclareForm,
    faults: Faults,
) -> Result<DeclarePage> {
    let scope = ui.scope(FIGURE_READ);
    let q = Question { about: read.today(), known: read.head()?, scope: &scope };
    let rows = declared_rows(read, indicator.code, &q).await?;
    let rows = rows.into_iter().take(HISTORY).map(DeclaredLine::of).collect();
    Ok(DeclarePage { cx: ui.frame(read).await?, indicator, form, faults, rows })
}
