//! Organisations as JSON: the same list and the same facts about one of them as the pages show.

use axum::extract::Path;
use axum::response::Response;
use chrono::{DateTime, Datelike, Utc};
use kernel::Error;
use kernel::audit::{Note, Verb};
use kernel::cipher::MASKED;
use kernel::consent::{self, CONTACT, YEARS};
use kernel::id::OrgId;
use kernel::list::{Cell, Row};
use kernel::org::{self, ATTRIBUTES, Assertion, Organisation, YearFigures};
use kernel::value::day::Day;
use kernel::value::size::SizeOutcome;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::Ui;
use web::api::{Page, answer};

use super::{READ, queries};

#[derive(OpenApi)]
#[openapi(paths(list, show), tags((name = "企业库", description = "主体及其属性")))]
struct Description;

/// This slice's part of the description of the API.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// An organisation as its attributes say today.
#[derive(Serialize, ToSchema)]
pub(super) struct OrganisationItem {
    /// Number.
    id: i64,
    /// Kind code, such as `enterprise`.
    kind: String,
    /// Unified social credit code (GB 32100).
    credit_code: Option<String>,
    /// Local code of a body without a credit code.
    local_code: Option<String>,
    name: String,
    /// Number of the reporting unit; 0 when it has none.
    unit: i64,
    /// GB/T 2260; 0 when unknown.
    region: i64,
    /// GB/T 4754-2017; empty when unknown.
    industry: String,
    /// 1 micro, 2 small, 3 medium, 4 large, 0 unknown.
    size: i64,
    above_scale: bool,
    status: String,
    /// Number of the organisation this one was merged into.
    merged_into: Option<i64>,
}

impl From<Organisation> for OrganisationItem {
    fn from(org: Organisation) -> Self {
        Self {
            id: org.id.0,
            kind: org.kind,
            credit_code: org.credit_code,
            local_code: org.local_code,
            name: org.name,
            unit: org.unit,
            region: org.region,
            industry: org.industry,
            size: org.size,
            above_scale: org.above_scale,
            status: org.status,
            merged_into: org.merged_into.map(|id| id.0),
        }
    }
}

impl OrganisationItem {
    /// A row of the list, which holds none that was merged.
    fn of(row: &Row) -> Self {
        let text = |code: &str| row.cell(code).text().to_owned();
        let number = |code: &str| if let Cell::Number(n) = row.cell(code) { *n } else { 0 };
        let some = |code: &str| Some(text(code)).filter(|text| !text.is_empty());
        Self {
            id: row.id,
            kind: text("kind"),
            credit_code: some("credit_code"),
            local_code: some("local_code"),
            name: text("name"),
            unit: number("unit"),
            region: number("region"),
            industry: text("industry"),
            size: number("size"),
            above_scale: number("above_scale") == 1,
            status: text("status"),
            merged_into: None,
        }
    }
}

/// An organisation with its attributes on a day, as known at a position.
#[derive(Serialize, ToSchema)]
pub(super) struct OrganisationDetail {
    organisation: OrganisationItem,
    /// The day asked about.
    #[schema(value_type = String, format = Date)]
    about: Day,
    /// The position of the ledger known at.
    known: i64,
    attributes: Vec<AttributeItem>,
    /// Figures of finished years, newest first.
    years: Vec<YearItem>,
}

/// One attribute.
#[derive(Serialize, ToSchema)]
pub(super) struct AttributeItem {
    attribute: String,
    label: &'static str,
    /// In its stored form: codes, whole fen, ISO days; a sensitive one is only said to be there.
    value: String,
    #[schema(value_type = String, format = Date)]
    valid_from: Day,
    /// Last day it is true; absent while open.
    #[schema(value_type = Option<String>, format = Date)]
    valid_to: Option<Day>,
    source: String,
    /// Its place among everything recorded.
    position: i64,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: DateTime<Utc>,
    recorded_by: String,
}

impl From<Assertion> for AttributeItem {
    fn from(a: Assertion) -> Self {
        Self {
            label: a.label,
            value: if org::is_sensitive(&a.attribute) { MASKED.to_owned() } else { a.value },
            attribute: a.attribute,
            valid_from: a.valid_from,
            valid_to: a.valid_to,
            source: a.source,
            position: a.position.0,
            recorded_at: a.recorded_at,
            recorded_by: a.recorded_by,
        }
    }
}

/// The figures of a year, with the size class they give.
#[derive(Serialize, ToSchema)]
pub(super) struct YearItem {
    year: i32,
    employees: Option<i64>,
    revenue_fen: Option<i64>,
    assets_fen: Option<i64>,
    source: String,
    /// 1 micro … 4 large; absent when it does not apply or too little is known.
    size: Option<u8>,
    /// Edition of the rule the class rests on.
    size_edition: Option<String>,
}

impl YearItem {
    /// The class rests on the industry of the following 1 January, from which day on it holds.
    fn of(figures: YearFigures, history: &[Assertion]) -> Self {
        let holds_from = Day::from_ymd_opt(figures.year + 1, 1, 1).unwrap_or(Day::MAX);
        let industry = org::value_on(history, "industry", holds_from).map_or("", |a| a.value.as_str());
        let (size, size_edition) = match org::size_of(industry, &figures) {
            SizeOutcome::Class { class, proof } => (Some(class.code()), Some(proof.edition)),
            SizeOutcome::NotApplicable | SizeOutcome::Missing { .. } => (None, None),
        };
        Self {
            year: figures.year,
            employees: figures.employees,
            revenue_fen: figures.revenue.map(|f| f.0),
            assets_fen: figures.assets.map(|f| f.0),
            source: figures.source,
            size,
            size_edition,
        }
    }
}

/// Organisations, by number; by credit code when `q` is the beginning of one. Merged ones are left out.
#[utoipa::path(
    get,
    path = "/api/v1/organisations",
    tag = "企业库",
    summary = "主体列表：按编号排列，查信用代码开头时按代码排列；已并档的不列出",
    params(
        ("q" = Option<String>, Query, description = "名称中连续的几个字、拼音首字母（字母或数字至少两个），或信用代码至少前 6 位"),
        ("unit" = Option<i64>, Query, description = "填报单元编号"),
        ("kind" = Option<String>, Query, description = "主体类型代码"),
        ("division" = Option<String>, Query, description = "GB/T 4754-2017 的两位数字大类"),
        ("above_scale" = Option<i64>, Query, description = "1 规上，0 规下"),
        ("size" = Option<i64>, Query, description = "0 未划型，1 微型，2 小型，3 中型，4 大型"),
        ("status" = Option<String>, Query, description = "经营状态"),
        ("after" = Option<String>, Query, description = "翻页位置：上一页的 `next`"),
        ("limit" = Option<i64>, Query, description = "每页条数 1 至 200，不填为 50"),
    ),
    responses(
        (status = 200, description = "一页", body = Page<OrganisationItem>),
        (status = 401, description = "没有登录"),
        (status = 422, description = "有条件填错，`errors` 指明是哪一项"),
    )
)]
pub(super) async fn list(ui: Ui) -> Response {
    answer(listed(&ui).await)
}

async fn listed(ui: &Ui) -> web::Result<Page<OrganisationItem>> {
    let read = ui.read().await?;
    let (scope, may) = (ui.scope(READ), |permission| ui.actor().may(permission));
    let list = queries::listing(&org::units(&read).await?, &scope);
    let found = kernel::list::page(&read, &list, &scope, &list.asked(ui.query(), &may)?, &may).await?;
    drop(read);
    ui.note_consents("企业库列表（接口）", &found.used).await?;
    Ok(Page { items: found.rows.iter().map(OrganisationItem::of).collect(), next: found.next.map(|edge| edge.text()) })
}

/// One organisation: its attributes on a day as known at a position, and the figures of its years.
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{id}",
    tag = "企业库",
    summary = "一个主体：两个时点上的属性，以及各年度数据",
    params(
        ("id" = i64, Path, description = "编号"),
        ("about" = Option<String>, Query, description = "统计至哪一天，ISO 8601"),
        ("known" = Option<String>, Query, description = "已知至：账上序号，或日期"),
    ),
    responses(
        (status = 200, description = "主体", body = OrganisationDetail),
        (status = 401, description = "没有登录"),
        (status = 404, description = "不存在，或不在您的范围内"),
        (status = 422, description = "时点填错"),
    )
)]
pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Response {
    answer(detail(&ui, &id).await)
}

async fn detail(ui: &Ui, id: &str) -> web::Result<OrganisationDetail> {
    let id: OrgId = id.parse().map_err(|_| Error::NotFound)?;
    let read = ui.read().await?;
    let scope = ui.scope(READ);
    let found = queries::find(&read, &scope, id).await?;
    let shown = consent::items_shown(&read, &scope, &found).await?;
    let used = consent::behind(&read, &scope, [&found]).await?;
    let (about, known) = ui.clocks(&read).await?;
    let history = org::history(&read, id, Some(known)).await?;
    let may = |item: &str| shown.as_ref().is_none_or(|items| items.contains(item));
    let told = |a: &&org::Attribute| !org::is_sensitive(a.code) || may(CONTACT.code);
    let attributes = ATTRIBUTES.iter().filter(told).filter_map(|a| org::value_on(&history, a.code, about).cloned());
    let years = match may(YEARS.code) {
        true => org::years(&read, id, Some(known)).await?,
        false => Vec::new(),
    };
    drop(read);
    ui.note_consents("主体（接口）", &used).await?;
    if used.is_empty() && ui.actor().org != Some(id) {
        ui.note_soon(Note::of(Verb::DOSSIER_READ, "org", id.0).about([id])).await;
    }
    Ok(OrganisationDetail {
        organisation: found.into(),
        about,
        known: known.0,
        attributes: attributes.map(AttributeItem::from).collect(),
        years: years.into_iter().filter(|y| y.year < about.year()).map(|y| YearItem::of(y, &history)).collect(),
    })
}
