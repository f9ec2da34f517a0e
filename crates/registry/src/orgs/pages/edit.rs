//! Changing an attribute and recording the figures of a year.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use chrono::Datelike;
use kernel::id::OrgId;
use kernel::org::{self, ATTRIBUTES, Assertion, Unit, YearFigures};
use kernel::store::Read;
use kernel::value::day::{self, Day};
use kernel::value::money::Fen;
use kernel::value::region::regions;
use kernel::value::thousands;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::super::model::{ChangeForm, Control, STATUSES, YearForm};
use super::super::{EDIT, actions, queries, rules};
use super::{Choice, choices, org_id, size_choices, unit_choices, unit_name};

#[derive(Template)]
#[template(path = "orgs/templates/edit.html")]
struct EditPage {
    cx: Frame,
    id: OrgId,
    name: String,
    code: String,
    rows: Vec<AttributeRow>,
    chosen: Option<Chosen>,
    year: YearForm,
    year_faults: Faults,
    years: Vec<YearRow>,
}

impl EditPage {
    fn year_fault(&self, field: &str) -> &str {
        self.year_faults.at(field).unwrap_or_default()
    }

    /// The figures recorded last, to compare with while typing.
    fn last(&self, what: &str) -> String {
        let Some(last) = self.years.first() else { return String::new() };
        let (figure, unit) = match what {
            "employees" => (&last.employees, "人"),
            "revenue" => (&last.revenue_wan, "万元"),
            _ => (&last.assets_wan, "万元"),
        };
        if figure.is_empty() { String::new() } else { format!("{} 年登记为 {figure} {unit}", last.year) }
    }
}

/// An attribute as it is today.
struct AttributeRow {
    code: &'static str,
    label: &'static str,
    value: String,
    from: String,
    source: String,
    /// Computed attributes are not typed.
    typed: bool,
    chosen: bool,
}

/// The attribute being changed.
struct Chosen {
    label: &'static str,
    control: Control,
    options: Vec<Choice>,
    form: ChangeForm,
    faults: Faults,
    history: Vec<HistoryRow>,
}

impl Chosen {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    fn is_select(&self) -> bool {
        matches!(self.control, Control::Unit | Control::Size | Control::YesNo)
    }

    fn is_listed(&self) -> bool {
        matches!(self.control, Control::Status | Control::Region)
    }

    fn input(&self) -> &'static str {
        if self.control == Control::Day { "date" } else { "text" }
    }

    fn hint(&self) -> &'static str {
        match self.control {
            Control::Money => "单位万元，例如 500；也可带单位，例如 1.2亿元",
            Control::Industry => "GB/T 4754-2017 代码或名称，例如 3130 或 钢压延加工",
            Control::Region => "六位代码或名称，例如 420281 大冶市",
            Control::Text if org::is_sensitive(&self.form.attribute) => {
                "加密保存，平时只显示一部分；查看全部要写明用途"
            }
            _ => "",
        }
    }
}

struct HistoryRow {
    value: String,
    from: String,
    to: String,
    source: String,
    recorded_on: String,
    recorded_by: String,
}

struct YearRow {
    year: i32,
    employees: String,
    revenue_wan: String,
    assets_wan: String,
    source: String,
}

/// What was typed before the page is shown again.
enum Typed {
    Nothing { attribute: String },
    Change(ChangeForm, Faults),
    Year(YearForm, Faults),
}

pub(in crate::orgs) async fn form(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let attribute = ui.query().iter().find(|(n, _)| n == "attribute").map(|(_, v)| v.clone()).unwrap_or_default();
    let page = page(&ui, org_id(&id)?, Typed::Nothing { attribute }).await?;
    ui.page(&page)
}

pub(in crate::orgs) async fn change(
    ui: Ui,
    Path(id): Path<String>,
    Posted(form): Posted<ChangeForm>,
) -> Result<Response> {
    let id = org_id(&id)?;
    match ui.write(async |tx| actions::change(tx, id, &form).await).await {
        Ok(cut_to) => ui.done(&format!("/orgs/{id}"), &rules::changed(cut_to)).await,
        Err(Error::Invalid(faults)) if rules::control(&form.attribute).is_some() => {
            let page = page(&ui, id, Typed::Change(form, faults)).await?;
            ui.refused(&page)
        }
        Err(other) => Err(other.into()),
    }
}

pub(in crate::orgs) async fn record_year(
    ui: Ui,
    Path(id): Path<String>,
    Posted(form): Posted<YearForm>,
) -> Result<Response> {
    let id = org_id(&id)?;
    match ui.write(async |tx| actions::record_year(tx, id, &form).await).await {
        Ok(year) => ui.done(&format!("/orgs/{id}"), &format!("{year} 年的数据已登记，划型已重新计算")).await,
        Err(Error::Invalid(faults)) => {
            let page = page(&ui, id, Typed::Year(form, faults)).await?;
            ui.refused(&page)
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(ui: &Ui, id: OrgId, typed: Typed) -> Result<EditPage> {
    let read = ui.read().await?;
    let org = queries::find(&read, &ui.scope(EDIT), id).await?;
    if org.merged_into.is_some() {
        return Err(Error::Conflict("该档案已并入其他档案，请在保留的档案中办理，或先撤销合并".into()).into());
    }
    let history = org::history(&read, id, None).await?;
    let years = org::years(&read, id, None).await?;
    let units = org::units(&read).await?;
    let (change, (year, year_faults)) = match typed {
        Typed::Nothing { attribute } => (Some((blank(attribute, &history, &read), Faults::new())), new_year(&read)),
        Typed::Change(form, faults) => (Some((form, faults)), new_year(&read)),
        Typed::Year(form, faults) => (None, (form, faults)),
    };
    let chosen = change.and_then(|(form, faults)| chosen(ui, form, faults, &history, &units));
    let attribute = chosen.as_ref().map(|c| c.form.attribute.clone()).unwrap_or_default();
    Ok(EditPage {
        cx: ui.frame(&read).await?,
        id,
        rows: attribute_rows(&history, read.today(), &attribute, &units),
        chosen,
        year,
        year_faults,
        years: years.into_iter().map(year_row).collect(),
        code: org.code().to_owned(),
        name: org.name,
    })
}

/// The form of an attribute with its present value filled in.
fn blank(attribute: String, history: &[Assertion], read: &Read) -> ChangeForm {
    let stored = org::value_on(history, &attribute, read.today()).map(|a| a.value.clone()).unwrap_or_default();
    let value = match (rules::control(&attribute), stored.parse()) {
        // What is sealed is typed anew, never sent back to be changed.
        _ if org::is_sensitive(&attribute) => String::new(),
        (Some(Control::Money), Ok(fen)) => Fen(fen).exact_wan(),
        _ => stored,
    };
    ChangeForm { attribute, value, ..ChangeForm::default() }
}

fn new_year(read: &Read) -> (YearForm, Faults) {
    (YearForm { year: (read.today().year() - 1).to_string(), ..YearForm::default() }, Faults::new())
}

fn chosen(ui: &Ui, form: ChangeForm, faults: Faults, history: &[Assertion], units: &[Unit]) -> Option<Chosen> {
    let control = rules::control(&form.attribute)?;
    let label = ATTRIBUTES.iter().find(|a| a.code == form.attribute)?.label;
    let options = match control {
        Control::Unit => unit_choices(units, &ui.scope(EDIT), &form.value),
        Control::Size => size_choices(&form.value),
        Control::YesNo => choices([("1", "是"), ("0", "否")], &form.value),
        Control::Status => choices(STATUSES.map(|s| (s, s)), ""),
        Control::Region => choices(regions().iter().map(|r| (r.code, r.name)), ""),
        _ => Vec::new(),
    };
    let past = history.iter().rev().filter(|a| a.attribute == form.attribute).map(|a| history_row(a, units));
    Some(Chosen { label, control, options, history: past.collect(), form, faults })
}

fn display(assertion: &Assertion, units: &[Unit]) -> String {
    org::display(&assertion.attribute, &assertion.value, |id| unit_name(units, id))
}

fn history_row(assertion: &Assertion, units: &[Unit]) -> HistoryRow {
    HistoryRow {
        value: display(assertion, units),
        from: assertion.valid_from.to_string(),
        to: assertion.valid_to.map(|d| d.to_string()).unwrap_or_default(),
        source: assertion.source.clone(),
        recorded_on: day::today(assertion.recorded_at).to_string(),
        recorded_by: assertion.recorded_by.clone(),
    }
}

fn attribute_rows(history: &[Assertion], today: Day, chosen: &str, units: &[Unit]) -> Vec<AttributeRow> {
    let row = |attribute: &org::Attribute| {
        let now = org::value_on(history, attribute.code, today);
        AttributeRow {
            code: attribute.code,
            label: attribute.label,
            value: now.map(|a| display(a, units)).unwrap_or_default(),
            from: now.map(|a| a.valid_from.to_string()).unwrap_or_default(),
            source: now.map(|a| a.source.clone()).unwrap_or_default(),
            typed: rules::control(attribute.code).is_some(),
            chosen: attribute.code == chosen,
        }
    };
    ATTRIBUTES.iter().map(row).collect()
}

fn year_row(figures: YearFigures) -> YearRow {
    let wan = |fen: Option<Fen>| fen.map(|fen| thousands(fen.exact_wan())).unwrap_or_default();
    YearRow {
        year: figures.year,
        employees: figures.employees.map(thousands).unwrap_or_default(),
        revenue_wan: wan(figures.revenue),
        assets_wan: wan(figures.assets),
        source: figures.source,
    }
}
