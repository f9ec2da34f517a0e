//! The JSON side: every rule with its result, both sides and the rows that make the difference.

use axum::response::Response;
use kernel::indicator::{Exception, Outcome, Question, reconcile_all};
use kernel::ledger::Catalog;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::Ui;
use web::api::answer;

use super::RULE_READ;
use crate::indicators::api::FigureAnswer;

#[derive(OpenApi)]
#[openapi(paths(list))]
struct Api;

/// This slice's part of the API description.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A row that makes a difference.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExceptionAnswer {
    /// Number of the organisation.
    pub org: i64,
    /// Its name today.
    pub name: String,
    /// The fact, where the difference is one of facts.
    pub fact: Option<i64>,
    /// What is different about it.
    pub note: String,
}

impl ExceptionAnswer {
    pub(crate) fn of(exception: &Exception) -> Self {
        let fact = exception.fact.map(|position| position.0);
        Self { org: exception.org.0, name: exception.name.clone(), fact, note: exception.note.clone() }
    }
}

/// A reconciliation rule with its result.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleAnswer {
    /// Stable code.
    pub code: &'static str,
    pub name: &'static str,
    /// What must hold.
    pub statement: &'static str,
    /// What kind of rule it is.
    pub kind: &'static str,
    /// What its module is called.
    pub module: &'static str,
    pub holds: bool,
    /// Both sides in words.
    pub sides: String,
    /// The figures compared.
    pub figures: Vec<FigureAnswer>,
    /// The rows that make the difference, the first of them.
    pub exceptions: Vec<ExceptionAnswer>,
    /// How many there are.
    pub excepted: usize,
}

impl RuleAnswer {
    fn of(outcome: &Outcome, catalog: &Catalog) -> Self {
        Self {
            code: outcome.rule.code,
            name: outcome.rule.name,
            statement: outcome.rule.statement,
            kind: outcome.rule.check.label(),
            module: catalog.module_label(outcome.module),
            holds: outcome.holds,
            sides: outcome.sides.clone(),
            figures: outcome.figures.iter().map(FigureAnswer::of).collect(),
            exceptions: outcome.exceptions.iter().map(ExceptionAnswer::of).collect(),
            excepted: outcome.excepted,
        }
    }
}

/// All rules with their results about a day, as known at a position.
#[utoipa::path(
    get, path = "/api/v1/rules", tag = "勾稽核对", summary = "全部勾稽规则及其结果、两边的数和差在哪里",
    params(
        ("about" = Option<String>, Query, description = "统计至哪一天，例如 2021-06-30"),
        ("known" = Option<String>, Query, description = "已知至：日期，或账上序号"),
    ),
    responses((status = 200, body = Vec<RuleAnswer>), (status = 422, description = "时点填错")),
)]
pub(super) async fn list(ui: Ui) -> Response {
    answer(all(&ui).await)
}

async fn all(ui: &Ui) -> web::Result<Vec<RuleAnswer>> {
    let read = ui.read().await?;
    let (about, known) = ui.clocks(&read).await?;
    let scope = ui.scope(RULE_READ);
    let outcomes = reconcile_all(&read, &Question { about, known, scope: &scope }).await?;
    Ok(outcomes.iter().map(|outcome| RuleAnswer::of(outcome, read.catalog())).collect())
}
