//! The JSON side of targets and figures from outside: what was set, and setting more, with the acts of the pages.

use axum::extract::Path;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::Error;
use kernel::indicator::{DeclaredRow, Measure, Question, TargetRow, declared_rows, target_history};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use web::Ui;
use web::api::{Told, answer, created};

use super::rules::{self, DeclareForm, TargetForm};
use super::{FIGURE_DECLARE, FIGURE_READ, TARGET_EDIT, actions};

#[derive(OpenApi)]
#[openapi(paths(targets, set_target, declared, declare))]
struct Api;

/// This file's part of the API description.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// Rows of an answer at most.
const MOST: usize = 1000;

/// A target that was set. Of several for one period and unit the newest is in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SetTarget {
    /// Its place among everything recorded.
    pub position: i64,
    /// Reporting unit; 0 for the whole city.
    pub unit: i64,
    pub period: String,
    /// Whole, or fen for money.
    pub value: i64,
    /// The document that sets it.
    pub source: String,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
}

impl SetTarget {
    fn of(row: TargetRow) -> Self {
        Self {
            position: row.position.0,
            unit: row.unit,
            period: row.period,
            value: row.value,
            source: row.source,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
        }
    }
}

/// A target to set.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct TargetBody {
    /// A year, or the years of the plan.
    pub period: String,
    /// Reporting unit; 0 for the whole city.
    pub unit: i64,
    /// As the page takes it: a whole number, or money with its unit, such as `1200万元`.
    pub value: String,
    /// The document that sets it.
    pub source: String,
}

/// Targets of an indicator, the newest first.
#[utoipa::path(
    get, path = "/api/v1/indicators/{code}/targets", tag = "指标",
    summary = "一个指标设定过的目标，最新的在前；同一年度和单元以最新的为准",
    params(("code" = String, Path, description = "指标代码")),
    responses((status = 200, body = Vec<SetTarget>), (status = 404, description = "没有这个指标")),
)]
pub(super) async fn targets(ui: Ui, Path(code): Path<String>) -> Response {
    answer(history(&ui, &code).await)
}

async fn history(ui: &Ui, code: &str) -> web::Result<Vec<SetTarget>> {
    let read = ui.read().await?;
    let indicator = read.catalog().indicator(code).ok_or(Error::NotFound)?;
    let rows = target_history(&read, indicator.code, &ui.scope(FIGURE_READ), MOST).await?;
    Ok(rows.into_iter().map(SetTarget::of).collect())
}

/// Sets a target; what was set before stays.
#[utoipa::path(
    post, path = "/api/v1/indicators/{code}/targets", tag = "指标", summary = "设定目标；以前设定的都保留",
    params(("code" = String, Path, description = "指标代码")),
    request_body = TargetBody,
    responses(
        (status = 201, body = Vec<SetTarget>, description = "设定以后的全部目标"),
        (status = 404, description = "没有这个指标，或它没有目标"),
        (status = 422, description = "内容填错"),
    ),
)]
pub(super) async fn set_target(ui: Ui, Path(code): Path<String>, Told(body): Told<TargetBody>) -> Response {
    created(set(&ui, &code, body).await)
}

async fn set(ui: &Ui, code: &str, body: TargetBody) -> web::Result<Vec<SetTarget>> {
    let indicator = ui.store().catalog().indicator(code).ok_or(Error::NotFound)?;
    let TargetBody { period, unit, value, source } = body;
    let (form, scope) = (TargetForm { period, unit: unit.to_string(), value, source }, ui.scope(TARGET_EDIT));
    ui.write(async |tx| actions::set(tx, &scope, indicator, &form).await).await?;
    history(ui, code).await
}

/// A figure from outside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Declaration {
    /// Its place among everything recorded.
    pub position: i64,
    pub value: String,
    /// The day it is of.
    pub as_on: NaiveDate,
    /// Where it is from.
    pub source: String,
    /// Who answers for it.
    pub person: String,
    pub recorded_at: DateTime<Utc>,
}

impl Declaration {
    fn of(row: DeclaredRow) -> Self {
        Self {
            position: row.position.0,
            value: row.value,
            as_on: row.as_on,
            source: row.source,
            person: row.person,
            recorded_at: row.recorded_at,
        }
    }
}

/// A figure to declare.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DeclarationBody {
    pub value: String,
    /// The day it is of, ISO 8601.
    pub as_on: String,
    /// Where it is from.
    pub source: String,
    /// Who answers for it.
    pub person: String,
}

/// What was declared for an indicator, the newest day first.
#[utoipa::path(
    get, path = "/api/v1/indicators/{code}/declared", tag = "指标", summary = "一个指标申明过的外部数字，最近的日期在前",
    params(("code" = String, Path, description = "指标代码")),
    responses((status = 200, body = Vec<Declaration>), (status = 404, description = "没有这个指标，或它不是申明的数字")),
)]
pub(super) async fn declared(ui: Ui, Path(code): Path<String>) -> Response {
    answer(stated(&ui, &code).await)
}

async fn stated(ui: &Ui, code: &str) -> web::Result<Vec<Declaration>> {
    let read = ui.read().await?;
    let found = read.catalog().indicator(code).filter(|i| matches!(i.measure, Measure::Declared));
    let (indicator, scope) = (found.ok_or(Error::NotFound)?, ui.scope(FIGURE_READ));
    let q = Question { about: read.today(), known: read.head()?, scope: &scope };
    let rows = declared_rows(&read, indicator.code, &q).await?;
    Ok(rows.into_iter().take(MOST).map(Declaration::of).collect())
}

/// Declares a figure from outside; what was declared before stays.
#[utoipa::path(
    post, path = "/api/v1/indicators/{code}/declared", tag = "指标", summary = "申明外部数字；以前申明的都保留",
    params(("code" = String, Path, description = "指标代码")),
    request_body = DeclarationBody,
    responses(
        (status = 201, body = Vec<Declaration>, description = "申明以后的全部数字"),
        (status = 404, description = "没有这个指标，或它不是申明的数字"),
        (status = 422, description = "内容填错"),
    ),
)]
pub(super) async fn declare(ui: Ui, Path(code): Path<String>, Told(body): Told<DeclarationBody>) -> Response {
    created(state(&ui, &code, body).await)
}

async fn state(ui: &Ui, code: &str, body: DeclarationBody) -> web::Result<Vec<Declaration>> {
    let found = ui.store().catalog().indicator(code).filter(|i| matches!(i.measure, Measure::Declared));
    let (indicator, scope) = (found.ok_or(Error::NotFound)?, ui.scope(FIGURE_DECLARE));
    let DeclarationBody { value, as_on, source, person } = body;
    let form: DeclareForm = rules::DeclareForm { value, as_on, source, person };
    ui.write(async |tx| actions::state(tx, &scope, indicator, &form).await).await?;
    stated(ui, code).await
}
