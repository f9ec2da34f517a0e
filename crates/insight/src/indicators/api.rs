//! The JSON side: definitions, figures with parts and cells, and exactly their rows.

use axum::extract::Path;
use axum::response::Response;
use chrono::NaiveDate;
use kernel::indicator::{Cell, DrillRows, Figure, Number, breakdown, drill, plain, shown};
use kernel::store::Read;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::Ui;
use web::api::answer;

use super::Asked;
use super::breakdown::chosen;
use super::definition::Definition;
use super::view::with_number;
use crate::ledger::FactAnswer;
use crate::link;

#[derive(OpenApi)]
#[openapi(paths(list, figure, rows))]
struct Api;

/// This slice's part of the API description.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A value without rounding.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "sort", rename_all = "snake_case")]
pub(crate) enum Exact {
    /// A whole number.
    Count { value: i64 },
    /// Money in fen.
    Money { fen: i64 },
    /// One number over another; amounts in fen. With `den` 0 there is no value.
    Ratio { num: i64, den: i64 },
    /// A day.
    Day { day: NaiveDate },
    /// Words.
    Text { text: String },
    /// There is none.
    None,
}

impl Exact {
    pub(crate) fn of(number: &Number) -> Self {
        match number {
            Number::Count(value) => Self::Count { value: *value },
            Number::Money(fen) => Self::Money { fen: fen.0 },
            Number::Ratio { num, den } => Self::Ratio { num: *num, den: *den },
            Number::Day(day) => Self::Day { day: *day },
            Number::Text(text) => Self::Text { text: text.clone() },
            Number::None => Self::None,
        }
    }
}

/// A figure: the answer of an indicator to a question with two clocks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FigureAnswer {
    /// Code of the indicator.
    pub code: &'static str,
    /// Version of its definition.
    pub version: u32,
    /// Its name.
    pub name: &'static str,
    /// As printed, without separators.
    pub value: String,
    /// Unit of the printed value.
    pub unit: &'static str,
    /// Without rounding.
    pub exact: Exact,
    /// The day asked about.
    pub about: NaiveDate,
    /// The ledger position asked at.
    pub known: i64,
    /// First day that counted; open when absent.
    pub from: Option<NaiveDate>,
    /// Last day that counted.
    pub to: NaiveDate,
    /// How many rows are behind it.
    pub rows: i64,
    /// The figures it is made of.
    #[schema(no_recursion)]
    pub parts: Vec<FigureAnswer>,
}

impl FigureAnswer {
    pub(crate) fn of(figure: &Figure) -> Self {
        Self {
            code: figure.indicator.code,
            version: figure.indicator.version,
            name: figure.indicator.name,
            value: plain(figure),
            unit: figure.indicator.unit,
            exact: Exact::of(&figure.number),
            about: figure.about,
            known: figure.known.0,
            from: figure.from,
            to: figure.to,
            rows: figure.rows,
            parts: figure.parts.iter().map(Self::of).collect(),
        }
    }
}

/// One cell of a breakdown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CellAnswer {
    /// One key per dimension, as the address of its rows takes it.
    pub keys: Vec<String>,
    /// What the keys are called.
    pub labels: Vec<String>,
    /// As printed.
    pub value: String,
    /// Without rounding.
    pub exact: Exact,
    /// How many rows are behind it.
    pub rows: i64,
}

impl CellAnswer {
    fn of(figure: &Figure, cell: Cell) -> Self {
        let value = shown(&with_number(figure, cell.number.clone()));
        Self { value, exact: Exact::of(&cell.number), rows: cell.rows, keys: cell.keys, labels: cell.labels }
    }
}

/// A figure with the breakdown that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrokenDown {
    /// The figure.
    #[serde(flatten)]
    pub figure: FigureAnswer,
    /// Dimensions of the breakdown.
    pub by: Vec<&'static str>,
    /// Its cells; cells without rows are left out.
    pub breakdown: Vec<CellAnswer>,
}

/// A subject of a distinct count.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubjectAnswer {
    pub org: i64,
    pub name: String,
    pub code: String,
    pub unit: i64,
    pub quantity: i64,
    pub facts: i64,
    pub amount_fen: i64,
    pub first_on: NaiveDate,
    pub last_on: NaiveDate,
}

/// One class, unit or counterparty of a distinct count.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupAnswer {
    pub key: String,
    pub quantity: i64,
    pub facts: i64,
}

/// A target in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TargetAnswer {
    pub position: i64,
    pub unit: i64,
    pub period: String,
    pub value: i64,
    pub source: String,
}

/// A figure from outside.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeclaredAnswer {
    pub position: i64,
    pub value: String,
    pub as_on: NaiveDate,
    pub source: String,
    pub person: String,
}

/// Rows of the sort that the measure counts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "sort", content = "items", rename_all = "snake_case")]
pub(crate) enum RowsAnswer {
    /// Facts in effect.
    Facts(Vec<FactAnswer>),
    /// Subjects.
    Subjects(Vec<SubjectAnswer>),
    /// Classes, units or counterparties.
    Groups(Vec<GroupAnswer>),
    /// Targets.
    Targets(Vec<TargetAnswer>),
    /// Declared figures.
    Declared(Vec<DeclaredAnswer>),
    /// Codes of the indicators to open instead.
    Parts(Vec<&'static str>),
}

impl RowsAnswer {
    fn of(rows: DrillRows) -> Self {
        match rows {
            DrillRows::Facts(rows) => Self::Facts(rows.iter().map(FactAnswer::of).collect()),
            DrillRows::Subjects(rows) => Self::Subjects(
                rows.into_iter()
                    .map(|s| SubjectAnswer {
                        org: s.org.0,
                        name: s.name,
                        code: s.code,
                        unit: s.unit,
                        quantity: s.quantity,
                        facts: s.facts,
                        amount_fen: s.amount.0,
                        first_on: s.first_on,
                        last_on: s.last_on,
                    })
                    .collect(),
            ),
            DrillRows::Groups(_, rows) => Self::Groups(
                rows.into_iter().map(|g| GroupAnswer { key: g.key, quantity: g.quantity, facts: g.facts }).collect(),
            ),
            DrillRows::Targets(rows) => Self::Targets(
                rows.into_iter()
                    .map(|t| TargetAnswer {
                        position: t.position.0,
                        unit: t.unit,
                        period: t.period,
                        value: t.value,
                        source: t.source,
                    })
                    .collect(),
            ),
            DrillRows::Declared(rows) => Self::Declared(
                rows.into_iter()
                    .map(|d| DeclaredAnswer {
                        position: d.position.0,
                        value: d.value,
                        as_on: d.as_on,
                        source: d.source,
                        person: d.person,
                    })
                    .collect(),
            ),
            DrillRows::Parts(parts) => Self::Parts(parts.iter().map(|part| part.code).collect()),
        }
    }
}

/// A page of rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowsPage {
    /// The rows.
    #[serde(flatten)]
    pub rows: RowsAnswer,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// All indicators with their definitions.
#[utoipa::path(get, path = "/api/v1/indicators", tag = "指标", responses((status = 200, body = Vec<Definition>)))]
pub(super) async fn list(ui: Ui) -> Response {
    answer(definitions(&ui).await)
}

async fn definitions(ui: &Ui) -> web::Result<Vec<Definition>> {
    let read = ui.read().await?;
    Ok(read.catalog().indicators().iter().map(|i| Definition::of(i, read.catalog())).collect())
}

/// The figure of an indicator, with its parts and, if asked for, its cells.
#[utoipa::path(
    get, path = "/api/v1/indicators/{code}/figure", tag = "指标",
    params(
        ("code" = String, Path, description = "Code of the indicator."),
        ("about" = Option<String>, Query, description = "The day asked about, such as 2021-06-30."),
        ("known" = Option<String>, Query, description = "Known at: a day, or a ledger position."),
        ("unit" = Option<i64>, Query, description = "Only this reporting unit."),
        ("by" = Option<Vec<String>>, Query, description = "Break down by unit, month, industry, size, class or counterparty; two at most."),
    ),
    responses(
        (status = 200, body = BrokenDown),
        (status = 404, description = "No such indicator."),
        (status = 422, description = "A malformed clock, unit or dimension."),
    ),
)]
pub(super) async fn figure(ui: Ui, Path(code): Path<String>) -> Response {
    answer(broken_down(&ui, &code).await)
}

async fn broken_down(ui: &Ui, code: &str) -> web::Result<BrokenDown> {
    let read = ui.read().await?;
    let asked = Asked::of(ui, &read, code).await?;
    let by = chosen(ui.query())?;
    let figure = asked.figure(&read).await?;
    let cells =
        if by.is_empty() { Vec::new() } else { breakdown(&read, asked.indicator, &by, &asked.question()).await? };
    Ok(BrokenDown {
        figure: FigureAnswer::of(&figure),
        by: by.iter().map(|by| by.code()).collect(),
        breakdown: cells.into_iter().map(|cell| CellAnswer::of(&figure, cell)).collect(),
    })
}

/// Exactly the rows behind a figure, or behind one cell of it.
#[utoipa::path(
    get, path = "/api/v1/indicators/{code}/rows", tag = "指标",
    params(
        ("code" = String, Path, description = "Code of the indicator."),
        ("about" = Option<String>, Query, description = "The day asked about, such as 2021-06-30."),
        ("known" = Option<String>, Query, description = "Known at: a day, or a ledger position."),
        ("unit" = Option<String>, Query, description = "Key of the cell: reporting unit."),
        ("month" = Option<String>, Query, description = "Key of the cell: month, such as 202103."),
        ("industry" = Option<String>, Query, description = "Key of the cell: industry division; `none` for unknown."),
        ("size" = Option<String>, Query, description = "Key of the cell: size class, 0 to 4."),
        ("class" = Option<String>, Query, description = "Key of the cell: class; `none` for unclassified."),
        ("counterparty" = Option<String>, Query, description = "Key of the cell: counterparty; `none` for without."),
        ("after" = Option<String>, Query, description = "Cursor: `next` of the page before."),
        ("limit" = Option<usize>, Query, description = "Rows of a page, 1 to 1000; 50 when absent."),
    ),
    responses(
        (status = 200, body = RowsPage),
        (status = 404, description = "No such indicator."),
        (status = 422, description = "A malformed parameter."),
    ),
)]
pub(super) async fn rows(ui: Ui, Path(code): Path<String>) -> Response {
    answer(page(&ui, &code).await)
}

async fn page(ui: &Ui, code: &str) -> web::Result<RowsPage> {
    let read: Read = ui.read().await?;
    let asked = Asked::of(ui, &read, code).await?;
    let after = Some(link::asked(ui.query(), "after")).filter(|after| !after.is_empty());
    let limit = link::number::<usize>(ui.query(), "limit", "每页行数")?.unwrap_or(50).clamp(1, 1000);
    let found = drill(&read, asked.indicator, &asked.question(), &asked.within, after, limit).await?;
    Ok(RowsPage { rows: RowsAnswer::of(found.rows), next: found.next })
}
