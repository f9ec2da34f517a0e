//! The JSON side: definitions, figures with parts and cells, and exactly their rows.

use axum::extract::Path;
use axum::response::Response;
use chrono::NaiveDate;
use kernel::audit::{Note, Verb};
use kernel::indicator::{Cell, DrillRows, Figure, Number, breakdown_page, drill, plain};
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

/// Cells of one answer at most.
const CELLS: usize = 10_000;

/// One cell of a breakdown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CellAnswer {
    /// One key per dimension, as the address of its rows takes it.
    pub keys: Vec<String>,
    /// What the keys are called.
    pub labels: Vec<String>,
    /// As printed, without separators.
    pub value: String,
    /// Without rounding.
    pub exact: Exact,
    /// How many rows are behind it.
    pub rows: i64,
}

impl CellAnswer {
    fn of(figure: &Figure, cell: Cell) -> Self {
        let value = plain(&with_number(figure, cell.number.clone()));
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
    /// Cursor of the next page of cells; absent on the last.
    pub next: Option<String>,
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
#[utoipa::path(get, path = "/api/v1/indicators", tag = "指标", summary = "全部指标及其口径", responses((status = 200, body = Vec<Definition>)))]
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
    summary = "一个指标的数值及其组成；需要时按维度给出各格",
    params(
        ("code" = String, Path, description = "指标代码"),
        ("about" = Option<String>, Query, description = "统计至哪一天，例如 2021-06-30"),
        ("known" = Option<String>, Query, description = "已知至：日期，或账上序号"),
        ("unit" = Option<i64>, Query, description = "只看这个填报单元"),
        ("by" = Option<Vec<String>>, Query, description = "按 unit、region、month、industry、size、class、counterparty 分组，最多两个维度"),
        ("after" = Option<String>, Query, description = "分组的翻页位置：上一页的 `next`"),
        ("limit" = Option<usize>, Query, description = "每页格数 1 至 10000，不填为 10000"),
    ),
    responses(
        (status = 200, body = BrokenDown),
        (status = 404, description = "没有这个指标"),
        (status = 422, description = "时点、单元、维度或翻页位置填错"),
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
    let limit = link::number::<usize>(ui.query(), "limit", "每页格数")?.unwrap_or(CELLS).clamp(1, CELLS);
    let after = Some(link::asked(ui.query(), "after")).filter(|after| !after.is_empty());
    let (cells, next) = match by.is_empty() {
        true => (Vec::new(), None),
        false => breakdown_page(&read, asked.indicator, &by, &asked.question(), after, limit).await?,
    };
    Ok(BrokenDown {
        figure: FigureAnswer::of(&figure),
        by: by.iter().map(|by| by.code()).collect(),
        breakdown: cells.into_iter().map(|cell| CellAnswer::of(&figure, cell)).collect(),
        next,
    })
}

/// Exactly the rows behind a figure, or behind one cell of it.
#[utoipa::path(
    get, path = "/api/v1/indicators/{code}/rows", tag = "指标",
    summary = "一个数字或它的一格背后的全部明细行",
    params(
        ("code" = String, Path, description = "指标代码"),
        ("about" = Option<String>, Query, description = "统计至哪一天，例如 2021-06-30"),
        ("known" = Option<String>, Query, description = "已知至：日期，或账上序号"),
        ("unit" = Option<String>, Query, description = "格的键：填报单元"),
        ("month" = Option<String>, Query, description = "格的键：月份，例如 202103"),
        ("industry" = Option<String>, Query, description = "格的键：行业大类；未知填 `none`"),
        ("size" = Option<String>, Query, description = "格的键：划型，0 至 4"),
        ("class" = Option<String>, Query, description = "格的键：分类；未分类填 `none`"),
        ("counterparty" = Option<String>, Query, description = "格的键：对方；没有对方填 `none`"),
        ("after" = Option<String>, Query, description = "翻页位置：上一页的 `next`"),
        ("limit" = Option<usize>, Query, description = "每页行数 1 至 1000，不填为 50"),
    ),
    responses(
        (status = 200, body = RowsPage),
        (status = 404, description = "没有这个指标"),
        (status = 422, description = "有参数填错"),
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
    drop(read);
    let note = Note::of(Verb::ROWS_EXPORTED, "indicator", None)
        .about(found.rows.orgs())
        .detail("指标", asked.indicator.name)
        .detail("行数", found.rows.len().to_string())
        .detail("方式", "接口")
        .purpose(link::asked(ui.query(), "purpose"));
    ui.note(note).await?;
    Ok(RowsPage { rows: RowsAnswer::of(found.rows), next: found.next })
}
