//! Pages of the register: the list and the comparison here, the forms beside.

pub(super) mod edit;
pub(super) mod merge;
pub(super) mod register;

use askama::Template;
use axum::response::Response;
use chrono::Datelike;
use kernel::Error;
use kernel::access::Scope;
use kernel::id::OrgId;
use kernel::list::{Cell, Column, Row};
use kernel::org::{self, Unit, size_label};
use kernel::value::day::chinese;
use kernel::value::industry;
use kernel::value::money::Fen;
use kernel::value::thousands;
use web::list::{CellView, Dress, Format, Table, export};
use web::{Failure, Frame, Result, Ui};

use super::above_scale::{self, Edition};
use super::model::{Check, Mismatch, is_gone};
use super::{CHECK, EDIT, READ, queries, rules};

/// An entry of a select.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

fn choices<V: ToString, L: ToString>(entries: impl IntoIterator<Item = (V, L)>, chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): (V, L)| {
        let value = value.to_string();
        Choice { chosen: value == chosen, label: label.to_string(), value }
    };
    entries.into_iter().map(choice).collect()
}

/// The units whose rows a scope may hold.
fn unit_choices(units: &[Unit], scope: &Scope, chosen: &str) -> Vec<Choice> {
    choices(units.iter().filter(|u| rules::holds_unit(scope, u.id)).map(|u| (u.id, &u.name)), chosen)
}

fn size_choices(chosen: &str) -> Vec<Choice> {
    choices((1..=4).map(|size| (size, size_label(size))), chosen)
}

fn unit_name(units: &[Unit], id: i64) -> String {
    units.iter().find(|u| u.id.0 == id).map_or_else(String::new, |u| u.name.clone())
}

fn industry_label(code: &str) -> String {
    industry::find(code).map_or_else(|| code.to_owned(), |i| format!("{} {}", i.code, i.name))
}

/// The number in an address; something else is an address that leads nowhere.
fn org_id(text: &str) -> kernel::Result<OrgId> {
    text.parse().map_err(|_| Error::NotFound)
}

/// The address of this list on another page, all else kept; empty when there is none.
fn turned(ui: &Ui, direction: &str, edge: Option<OrgId>) -> String {
    let Some(edge) = edge.map(|id| id.to_string()) else { return String::new() };
    let kept = ui.query().iter().filter(|(n, v)| n != "after" && n != "before" && !v.is_empty());
    let pairs: Vec<(&str, &str)> =
        kept.map(|(n, v)| (n.as_str(), v.as_str())).chain([(direction, edge.as_str())]).collect();
    format!("{}?{}", ui.path(), serde_html_form::to_string(&pairs).unwrap_or_default())
}

#[derive(Template)]
#[template(path = "orgs/templates/list.html")]
struct ListPage {
    cx: Frame,
    table: Table,
    may_edit: bool,
}

/// Whether a row is of a body that no longer does business here.
fn is_over(row: &Row) -> bool {
    is_gone(row.cell("status").text())
}

fn dressed(row: &Row, column: &Column, view: &mut CellView) {
    match (column.code, row.cell(column.code)) {
        ("industry", cell) => view.text = industry_label(cell.text()),
        ("code" | "credit_code" | "local_code", _) => view.class = "code",
        ("above_scale", Cell::Number(1)) => view.state = "state-ok",
        ("above_scale", _) => view.text = String::new(),
        ("status", Cell::Text(_)) => view.state = if is_over(row) { "state-off" } else { "state-plain" },
        ("unit", Cell::Number(0)) => view.text = String::new(),
        _ => {}
    }
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let scope = ui.scope(READ);
    let list = queries::listing(&org::units(&read).await?, &scope);
    let dress = Dress { href: &|row| format!("/orgs/{}", row.id), cell: &dressed, off: &is_over, picks: false };
    let table = Table::of(&ui, &read, &list, &scope, &dress).await?;
    let page = ListPage { cx: ui.frame(&read).await?, table, may_edit: ui.actor().may(EDIT) };
    drop(read);
    ui.note_consents("企业库列表", &page.table.used).await?;
    if page.table.is_refused() { ui.refused(&page) } else { ui.page(&page) }
}

pub(super) async fn xlsx(ui: Ui) -> Result<Response> {
    file(&ui, Format::Xlsx).await
}

pub(super) async fn csv(ui: Ui) -> Result<Response> {
    file(&ui, Format::Csv).await
}

async fn file(ui: &Ui, format: Format) -> Result<Response> {
    let read = ui.read().await?;
    let list = queries::listing(&org::units(&read).await?, &ui.scope(READ));
    drop(read);
    export(ui, &list, &ui.scope(READ), format).await
}

#[derive(Template)]
#[template(path = "orgs/templates/mismatches.html")]
struct MismatchPage {
    cx: Frame,
    by_size: bool,
    rows: Vec<MismatchRow>,
    looked_at: String,
    next: String,
    /// Says what is held against what.
    basis: String,
    revenue_year: i32,
    may_edit: bool,
}

struct MismatchRow {
    id: OrgId,
    name: String,
    code: String,
    unit: String,
    industry: String,
    size: &'static str,
    declared_size: &'static str,
    above_scale: bool,
    revenue_wan: String,
    line_wan: String,
}

impl MismatchRow {
    fn of(found: Mismatch, units: &[Unit], edition: Option<&Edition>) -> Self {
        let line = edition.and_then(|e| e.line_of(&found.industry)).map(|l| l.revenue);
        let wan = |fen: Option<Fen>| fen.map(|fen| thousands(fen.exact_wan())).unwrap_or_default();
        Self {
            id: found.id,
            name: found.name,
            code: found.code,
            unit: unit_name(units, found.unit.0),
            industry: industry_label(&found.industry),
            size: size_label(found.size),
            declared_size: size_label(found.declared_size),
            above_scale: found.above_scale,
            revenue_wan: wan(found.revenue),
            line_wan: wan(line),
        }
    }
}

pub(super) async fn mismatches(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (check, after) = rules::check(ui.query()).map_err(|e| Failure::from(e).from_the_start("/orgs/mismatches"))?;
    let (about, known) = ui.clocks(&read).await?;
    let edition = above_scale::in_force_on(about);
    let found = queries::compare(&read, &ui.scope(CHECK), (about, known), (check, edition), after).await?;
    let units = org::units(&read).await?;
    let page = MismatchPage {
        cx: ui.frame(&read).await?,
        by_size: check == Check::Size,
        rows: found.rows.into_iter().map(|m| MismatchRow::of(m, &units, edition)).collect(),
        looked_at: thousands(found.looked_at),
        next: turned(&ui, "after", found.next),
        basis: basis(check, edition, chinese(about)),
        revenue_year: about.year() - 1,
        may_edit: ui.actor().may(EDIT),
    };
    ui.page(&page)
}

fn basis(check: Check, edition: Option<&Edition>, about: String) -> String {
    match (check, edition) {
        (Check::Size, _) => {
            format!("按{about}有效的登记，把由年度数据计算的划型与企业申报的划型相比；没有申报或没有计算结果的不列出。")
        }
        (Check::AboveScale, None) => format!("{about}没有可用的规上标准，不作核对。"),
        (Check::AboveScale, Some(edition)) => {
            let lines: Vec<String> = edition
                .lines
                .iter()
                .map(|l| format!("{} {} 万元（含）", l.industry, thousands(l.revenue.exact_wan())))
                .collect();
            format!(
                "按{about}有效的登记，把规上标志与上一年度营业收入相比。规上线：{}。依据：{}，{}（规则版本 {}）。其他行业不作核对。",
                lines.join("、"),
                edition.title,
                edition.source,
                edition.code
            )
        }
    }
}
