//! The JSON side: facts in lists and one by one.

use axum::extract::Path;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::consent;
use kernel::id::Position;
use kernel::ledger::{Fact, browse};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::Ui;
use web::api::{Page, answer};

use super::LEDGER_READ;
use super::filter::Typed;
use crate::link;

#[derive(OpenApi)]
#[openapi(paths(list, fact))]
struct Api;

/// This slice's part of the API description.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A fact: on a day, a subject did something, so many, so much, by a record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactAnswer {
    /// Its place in the ledger.
    pub position: i64,
    /// Code of its kind.
    pub kind: String,
    /// Label of its kind.
    pub kind_label: &'static str,
    /// Class code; empty when unclassified.
    pub class: String,
    /// Number of the subject.
    pub subject: i64,
    /// Today's name of the subject.
    pub subject_name: String,
    /// Number of the counterparty.
    pub counterparty: Option<i64>,
    /// The day it is about.
    pub occurred_on: NaiveDate,
    /// How many; negative in a reversal.
    pub quantity: i64,
    /// How much, in fen; absent when the kind carries no money.
    pub amount_fen: Option<i64>,
    /// Reporting unit on the day; 0 when none.
    pub unit: i64,
    /// GB/T 2260 code on the day; 0 when unknown.
    pub region: i64,
    /// GB/T 4754 code on the day; empty when unknown.
    pub industry: String,
    /// Size class on the day: 1 micro to 4 large, 0 unknown.
    pub size: i64,
    /// Whether above designated size on the day.
    pub above_scale: bool,
    /// The source record.
    pub record: i64,
    /// The fact this one reverses.
    pub reverses: Option<i64>,
    /// The fact that reverses this one, as known now.
    pub reversed_by: Option<i64>,
    /// Why it was reversed.
    pub reason: Option<String>,
    /// When the platform learned it.
    pub recorded_at: DateTime<Utc>,
    /// From whom.
    pub recorded_by: String,
}

impl FactAnswer {
    pub(crate) fn of(fact: &Fact) -> Self {
        Self {
            position: fact.position.0,
            kind: fact.kind.clone(),
            kind_label: fact.kind_label,
            class: fact.class.clone(),
            subject: fact.subject.0,
            subject_name: fact.subject_name.clone(),
            counterparty: fact.counterparty.map(|org| org.0),
            occurred_on: fact.occurred_on,
            quantity: fact.quantity,
            amount_fen: fact.money.then_some(fact.amount.0),
            unit: fact.dims.unit,
            region: fact.dims.region,
            industry: fact.dims.industry.clone(),
            size: fact.dims.size,
            above_scale: fact.dims.above_scale == 1,
            record: fact.record.0,
            reverses: fact.reverses.map(|position| position.0),
            reversed_by: fact.reversed_by.map(|position| position.0),
            reason: fact.reason.clone(),
            recorded_at: fact.recorded_at,
            recorded_by: fact.recorded_by.clone(),
        }
    }
}

/// Facts known at a position, newest first.
#[utoipa::path(
    get, path = "/api/v1/facts", tag = "事实账", summary = "某一时点账上已有的事实，最新登记的在前",
    params(
        ("kind" = Option<String>, Query, description = "事实种类代码"),
        ("unit" = Option<i64>, Query, description = "发生当日的填报单元"),
        ("from" = Option<String>, Query, description = "起日"),
        ("to" = Option<String>, Query, description = "止日"),
        ("q" = Option<String>, Query, description = "主体的信用代码或本地编号"),
        ("known" = Option<String>, Query, description = "已知至：日期，或账上序号"),
        ("before" = Option<i64>, Query, description = "翻页位置：上一页的 `next`"),
        ("limit" = Option<i64>, Query, description = "每页条数 1 至 500，不填为 50"),
    ),
    responses((status = 200, body = Page<FactAnswer>), (status = 422, description = "有参数填错")),
)]
pub(super) async fn list(ui: Ui) -> Response {
    answer(page(&ui).await)
}

async fn page(ui: &Ui) -> web::Result<Page<FactAnswer>> {
    let read = ui.read().await?;
    let (_, known) = ui.clocks(&read).await?;
    let scope = ui.scope(LEDGER_READ);
    let limit = link::number::<i64>(ui.query(), "limit", "每页行数")?.unwrap_or(50).clamp(1, 500);
    let mut query = Typed::of(ui.query()).query(&read, &scope, known).await?;
    query.limit = limit;
    let found = browse::list(&read, &scope, &query).await?;
    let used = consent::behind(&read, &scope, &found).await?;
    drop(read);
    ui.note_consents("事实账（接口）", &used).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|n| n == limit);
    let next = found.last().filter(|_| is_full).map(|last| last.position.to_string());
    Ok(Page { items: found.iter().map(FactAnswer::of).collect(), next })
}

/// One fact.
#[utoipa::path(
    get, path = "/api/v1/facts/{position}", tag = "事实账", summary = "一条事实",
    params(("position" = i64, Path, description = "账上序号")),
    responses((status = 200, body = FactAnswer), (status = 404, description = "您的范围内没有这条事实")),
)]
pub(super) async fn fact(ui: Ui, Path(position): Path<String>) -> Response {
    answer(one(&ui, &position).await)
}

async fn one(ui: &Ui, position: &str) -> web::Result<FactAnswer> {
    let read = ui.read().await?;
    let scope = ui.scope(LEDGER_READ);
    let found = browse::find(&read, &scope, link::id::<Position>(position)?).await?;
    let used = consent::behind(&read, &scope, [&found]).await?;
    drop(read);
    ui.note_consents(&format!("事实第 {} 号（接口）", found.position), &used).await?;
    Ok(FactAnswer::of(&found))
}
