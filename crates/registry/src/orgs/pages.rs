//! Pages of the register: the list and the comparison here, the forms beside.

pub(super) mod edit;
pub(super) mod merge;
pub(super) mod register;

use askama::Template;
use axum::response::Response;
use chrono::Datelike;
use kernel::access::Scope;
use kernel::consent;
use kernel::id::OrgId;
use kernel::org::{self, KINDS, Organisation, Unit, size_label};
use kernel::value::day::chinese;
use kernel::value::industry::{self, Level};
use kernel::value::money::Fen;
use kernel::value::thousands;
use kernel::{Error, Faults};
use web::{Failure, Frame, Result, Ui};

use super::above_scale::{self, Edition};
use super::model::{Check, Filters, Mismatch, STATUSES, is_gone};
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
    text: String,
    fault: String,
    units: Vec<Choice>,
    kinds: Vec<Choice>,
    divisions: Vec<Choice>,
    above_scale: Vec<Choice>,
    sizes: Vec<Choice>,
    statuses: Vec<Choice>,
    narrowed: bool,
    /// Whether only enterprises are listed because nobody has asked for anything.
    is_first_look: bool,
    rows: Vec<ListRow>,
    prev: String,
    next: String,
    count: String,
    may_edit: bool,
}

struct ListRow {
    id: OrgId,
    name: String,
    code: String,
    unit: String,
    industry: String,
    size: &'static str,
    above_scale: bool,
    status: String,
    gone: bool,
}

impl ListRow {
    fn of(org: Organisation, units: &[Unit]) -> Self {
        Self {
            id: org.id,
            code: org.code().to_owned(),
            unit: unit_name(units, org.unit),
            industry: industry_label(&org.industry),
            size: size_label(org.size),
            above_scale: org.above_scale,
            gone: is_gone(&org.status),
            status: org.status,
            name: org.name,
        }
    }
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let units = org::units(&read).await?;
    let filters = rules::filters(ui.query(), &units).map_err(|e| Failure::from(e).from_the_start("/orgs"))?;
    let scope = ui.scope(READ);
    let (filters, is_first_look) = rules::first_look(ui.query(), &scope, filters);
    let form = filter_form(&ui, ui.frame(&read).await?, &units, &filters);
    let listed = match queries::list(&read, &scope, &filters).await {
        Err(Error::Invalid(faults)) => return too_broad(&ui, form, &faults),
        listed => listed?,
    };
    let used = consent::behind(&read, &scope, &listed.rows).await?;
    let page = ListPage {
        prev: turned(&ui, "before", listed.prev),
        next: turned(&ui, "after", listed.next),
        count: counted(queries::count(&read, &scope, &filters).await?, listed.rows.len()),
        is_first_look,
        rows: listed.rows.into_iter().map(|o| ListRow::of(o, &units)).collect(),
        may_edit: ui.actor().may(EDIT),
        ..form
    };
    drop(read);
    ui.note_consents("企业库列表", &used).await?;
    ui.page(&page)
}

fn too_broad(ui: &Ui, form: ListPage, faults: &Faults) -> Result<Response> {
    let fault = faults.at("q").unwrap_or_default().to_owned();
    ui.refused(&ListPage { fault, ..form })
}

/// How many there are, as far as that was counted.
fn counted(all: i64, shown: usize) -> String {
    if all > queries::COUNTED {
        return format!("共 {} 条以上，本页 {shown} 条", thousands(queries::COUNTED.to_string()));
    }
    format!("共 {} 条，本页 {shown} 条", thousands(all.to_string()))
}

/// The page with its filters filled in and no row yet.
fn filter_form(ui: &Ui, cx: Frame, units: &[Unit], filters: &Filters) -> ListPage {
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let divisions = industry::industries().iter().filter(|i| i.level == Level::Division);
    let divisions = divisions.map(|i| (i.code, format!("{} {}", i.code, i.name)));
    let sizes = (1..=4).chain([0]).map(|size| (size, size_label(size)));
    // A status outside the usual words may stand in a shared address.
    let status = filters.status.clone().unwrap_or_default();
    let other = Some(status.as_str()).filter(|s| !s.is_empty() && !STATUSES.contains(s));
    ListPage {
        cx,
        text: filters.text.clone(),
        fault: String::new(),
        units: unit_choices(units, &ui.scope(READ), &number(filters.unit.map(|u| u.0))),
        kinds: choices(KINDS.iter().copied(), filters.kind.as_deref().unwrap_or_default()),
        divisions: choices(divisions, filters.division.as_deref().unwrap_or_default()),
        above_scale: choices([(1, "规上"), (0, "规下")], &number(filters.above_scale.map(i64::from))),
        sizes: choices(sizes, &number(filters.size)),
        statuses: choices(STATUSES.into_iter().chain(other).map(|s| (s, s)), &status),
        narrowed: filters.any(),
        is_first_look: false,
        rows: Vec::new(),
        prev: String::new(),
        next: String::new(),
        count: String::new(),
        may_edit: false,
    }
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
