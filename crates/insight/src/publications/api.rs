//! The JSON side: what was published, each figure in three readings, and its change in parts.

use axum::extract::Path;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::id::PublicationId;
use kernel::ledger::browse;
use kernel::publication::{self, Note, Part, Publication, Step, Summary, Verified};
use kernel::value::day::parse_day;
use kernel::{Error, Result};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::Ui;
use web::api::{Page, answer};

use super::PUBLICATION_READ;
use super::parts::{self, key_text};
use super::readings::{Three, drift, three};
use super::waterfall::anchor;
use crate::indicators::Definition;
use crate::indicators::api::Exact;
use crate::link;
use crate::reconcile::ExceptionAnswer;

#[derive(OpenApi)]
#[openapi(paths(list, show, figure))]
struct Api;

/// This slice's part of the API description.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A re-derivation that was done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerifiedAnswer {
    /// The position that was known.
    pub known: i64,
    /// How many published numbers or rows did not come out again.
    pub alarms: i64,
    /// How many figures have moved since.
    pub moved: i64,
    pub at: DateTime<Utc>,
    pub by: String,
}

impl VerifiedAnswer {
    fn of(found: &Verified) -> Self {
        let (known, alarms, moved) = (found.known.0, found.alarms, found.drifted);
        Self { known, alarms, moved, at: found.at, by: found.by.clone() }
    }
}

/// A publication in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicationItem {
    pub id: i64,
    pub title: String,
    pub published_on: NaiveDate,
    /// The position its figures were known at.
    pub known: i64,
    pub published_by: String,
    /// How many figures it cites.
    pub figures: i64,
    /// The last re-derivation.
    pub last: Option<VerifiedAnswer>,
}

impl PublicationItem {
    fn of(found: &Summary) -> Self {
        Self {
            id: found.id.0,
            title: found.title.clone(),
            published_on: found.published_on,
            known: found.known.0,
            published_by: found.published_by.clone(),
            figures: found.figures,
            last: found.last.as_ref().map(VerifiedAnswer::of),
        }
    }
}

/// What a reconciliation rule said when the document was published.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoteAnswer {
    /// Code of the rule.
    pub rule: String,
    pub name: String,
    /// What must hold.
    pub statement: String,
    pub about: NaiveDate,
    /// Both sides in words.
    pub sides: String,
    pub holds: bool,
    /// The rows that make the difference, the first of them.
    pub exceptions: Vec<ExceptionAnswer>,
    /// How many there are.
    pub excepted: usize,
    /// Who let a break pass.
    pub released_by: Option<String>,
    /// Why.
    pub release_reason: Option<String>,
}

impl NoteAnswer {
    fn of(note: &Note) -> Self {
        Self {
            rule: note.rule.clone(),
            name: note.name.clone(),
            statement: note.statement.clone(),
            about: note.about,
            sides: note.sides.clone(),
            holds: note.holds,
            exceptions: note.exceptions.iter().map(ExceptionAnswer::of).collect(),
            excepted: note.excepted,
            released_by: note.release.as_ref().map(|r| r.by.clone()),
            release_reason: note.release.as_ref().map(|r| r.reason.clone()),
        }
    }
}

/// A published figure in three readings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadingAnswer {
    /// Its place in the publication, from 1.
    pub seq: i64,
    /// Its number in the document.
    pub citation: String,
    /// Code of the indicator.
    pub code: String,
    /// Version of the definition it was published with.
    pub version: u32,
    pub name: String,
    pub unit: String,
    /// Reporting units it was narrowed to; empty means the whole city.
    pub units: Vec<i64>,
    /// Dimension and key of the cell it was narrowed to.
    pub cell: Vec<(String, String)>,
    pub about: NaiveDate,
    /// What the document printed.
    pub printed: String,
    /// As published.
    pub published: Exact,
    /// As known on the day asked, by the published definition.
    pub then: Exact,
    /// As known now, by the definition of now.
    pub now: Exact,
    /// Whether now is another number than published.
    pub moved: bool,
    /// Whether the indicator counts something else now.
    pub redefined: bool,
    /// How many rows were behind it.
    pub rows: i64,
    /// SM3 of these rows.
    pub digest: String,
}

impl ReadingAnswer {
    fn of(three: &Three<'_>) -> Self {
        let figure = three.figure;
        Self {
            seq: figure.seq,
            citation: figure.citation.clone(),
            code: figure.definition.code.clone(),
            version: figure.definition.version,
            name: figure.definition.name.clone(),
            unit: figure.definition.unit.clone(),
            units: figure.filter.units.clone(),
            cell: figure.filter.cell.clone(),
            about: figure.about,
            printed: figure.printed.clone(),
            published: Exact::of(&figure.number),
            then: Exact::of(&three.then),
            now: Exact::of(&three.now),
            moved: three.now != figure.number,
            redefined: three.is_redefined,
            rows: figure.rows,
            digest: figure.digest.clone(),
        }
    }
}

/// A publication with its figures.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicationAnswer {
    pub id: i64,
    pub title: String,
    pub published_on: NaiveDate,
    /// The position its figures were known at.
    pub known: i64,
    pub published_at: DateTime<Utc>,
    pub published_by: String,
    /// SM3 of everything in it.
    pub digest: String,
    /// The day at whose end `then` was known.
    pub on: NaiveDate,
    pub notes: Vec<NoteAnswer>,
    pub figures: Vec<ReadingAnswer>,
    /// The last re-derivation.
    pub last: Option<VerifiedAnswer>,
}

/// What one indicator behind a published figure said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartAnswer {
    pub code: String,
    pub published: Exact,
    pub rows: i64,
    /// SM3 of these rows.
    pub digest: String,
}

/// A row of a part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepRowAnswer {
    /// `fact:`, `org:`, `class:`, `unit:`, `target:` or `declared:` with its number or code.
    pub row: String,
    /// By how much it moved the count or sum, in whole units or fen.
    pub by: i64,
}

/// One part of a change; the parts lead from published to now without a gap.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepAnswer {
    /// `late`, `reversed`, `reclassified`, `restated` or `redefined`.
    pub cause: &'static str,
    /// What the office calls it.
    pub label: &'static str,
    pub before: Exact,
    pub after: Exact,
    /// How many rows it has.
    pub count: usize,
    pub rows: Vec<StepRowAnswer>,
    /// Give it as `after`, with `part`, to go on; absent on the last page.
    pub next: Option<String>,
}

/// A published figure with its definition and the change since in parts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublishedFigureAnswer {
    #[serde(flatten)]
    pub reading: ReadingAnswer,
    /// As it counted when it was published.
    pub definition: Definition,
    /// The indicators behind it that look at rows themselves.
    pub parts: Vec<PartAnswer>,
    /// What must not be; empty when the published number comes out of the ledger again.
    pub alarms: Vec<String>,
    pub steps: Vec<StepAnswer>,
}

/// Publications, the newest first.
#[utoipa::path(
    get, path = "/api/v1/publications", tag = "已发布数字", summary = "发布过的文件，最新的在前",
    params(
        ("after" = Option<i64>, Query, description = "翻页位置：上一页的 `next`"),
        ("limit" = Option<i64>, Query, description = "每页份数 1 至 200，不填为 50"),
    ),
    responses((status = 200, body = Page<PublicationItem>), (status = 422, description = "有参数填错")),
)]
pub(super) async fn list(ui: Ui) -> Response {
    answer(items(&ui).await)
}

async fn items(ui: &Ui) -> web::Result<Page<PublicationItem>> {
    let read = ui.read().await?;
    let limit = link::number::<i64>(ui.query(), "limit", "每页份数")?.unwrap_or(50).clamp(1, 200);
    let after = link::number(ui.query(), "after", "翻页位置")?.map(PublicationId);
    let mut found = publication::list(&read, &ui.scope(PUBLICATION_READ), after, limit + 1).await?;
    let next = link::cut(&mut found, limit).map(|last| last.id.to_string());
    Ok(Page { items: found.iter().map(PublicationItem::of).collect(), next })
}

/// One publication: each figure as published, as known on a day, and as known now.
#[utoipa::path(
    get, path = "/api/v1/publications/{id}", tag = "已发布数字",
    summary = "一份文件：每个数字发布时、某日所知、现在所知",
    params(
        ("id" = i64, Path, description = "编号"),
        ("on" = Option<String>, Query, description = "某日所知的日期，不填为发布日"),
    ),
    responses(
        (status = 200, body = PublicationAnswer),
        (status = 404, description = "没有这份文件，或您不能查看"),
        (status = 422, description = "日期填错"),
    ),
)]
pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Response {
    answer(one(&ui, &id).await)
}

async fn one(ui: &Ui, id: &str) -> web::Result<PublicationAnswer> {
    let read = ui.read().await?;
    let found = publication::find(&read, &ui.scope(PUBLICATION_READ), link::id(id)?).await?;
    let on = day(ui, &found)?;
    let rows = three(&read, &found, browse::position_on(&read, on).await?).await?;
    let (checks, _) = publication::verifications(&read, &ui.scope(PUBLICATION_READ), found.id).await?;
    Ok(PublicationAnswer {
        id: found.id.0,
        title: found.title.clone(),
        published_on: found.published_on,
        known: found.known.0,
        published_at: found.published_at,
        published_by: found.published_by.clone(),
        digest: found.digest.clone(),
        on,
        notes: found.notes.iter().map(NoteAnswer::of).collect(),
        figures: rows.iter().map(ReadingAnswer::of).collect(),
        last: checks.first().map(VerifiedAnswer::of),
    })
}

fn day(ui: &Ui, found: &Publication) -> Result<NaiveDate> {
    match link::asked(ui.query(), "on") {
        "" => Ok(found.published_on),
        typed => parse_day(typed).map_err(|e| Error::invalid("on", e.to_string())),
    }
}

/// One figure of a publication, with the change since in parts and the rows of each part.
#[utoipa::path(
    get, path = "/api/v1/publications/{id}/figures/{seq}", tag = "已发布数字",
    summary = "一个已发布数字：三种读法、发布时的口径、变化的组成和各部分的行",
    params(
        ("id" = i64, Path, description = "编号"),
        ("seq" = i64, Path, description = "在文件里的次序，从 1 起"),
        ("on" = Option<String>, Query, description = "某日所知的日期，不填为发布日"),
        ("part" = Option<String>, Query, description = "翻页时要看的部分：late、reversed、reclassified、restated、redefined"),
        ("after" = Option<String>, Query, description = "该部分的翻页位置：它的 `next`"),
        ("limit" = Option<usize>, Query, description = "各部分每页行数 1 至 1000，不填为 200"),
    ),
    responses(
        (status = 200, body = PublishedFigureAnswer),
        (status = 404, description = "没有这个数字，或您不能查看"),
        (status = 422, description = "有参数填错"),
    ),
)]
pub(super) async fn figure(ui: Ui, Path((id, seq)): Path<(String, String)>) -> Response {
    answer(told(&ui, &id, &seq).await)
}

async fn told(ui: &Ui, id: &str, seq: &str) -> web::Result<PublishedFigureAnswer> {
    let read = ui.read().await?;
    let seq: i64 = link::id(seq)?;
    let mut found = publication::find(&read, &ui.scope(PUBLICATION_READ), link::id(id)?).await?;
    let figure = found.figures.iter().find(|f| f.seq == seq).ok_or(Error::NotFound)?.clone();
    let (drift, alarms) = drift(&read, &found, &figure).await?;
    let limit = link::number::<usize>(ui.query(), "limit", "每页行数")?.unwrap_or(200).clamp(1, 1000);
    let (part, after) = (link::asked(ui.query(), "part"), link::asked(ui.query(), "after"));
    let steps = drift.iter().flat_map(|d| &d.steps).filter(|step| part.is_empty() || part == anchor(step.cause));
    let steps = steps.map(|step| told_step(step, if part.is_empty() { "" } else { after }, limit));
    let steps = steps.collect::<Result<Vec<_>>>()?;
    let on = browse::position_on(&read, day(ui, &found)?).await?;
    found.figures.retain(|f| f.seq == seq);
    let rows = three(&read, &found, on).await?;
    Ok(PublishedFigureAnswer {
        reading: ReadingAnswer::of(rows.first().ok_or(Error::NotFound)?),
        definition: Definition::of(figure.definition.thaw()?.indicator, read.catalog()),
        parts: figure.parts.iter().map(told_part).collect(),
        alarms: alarms.into_iter().map(|alarm| alarm.what).collect(),
        steps,
    })
}

fn told_step(step: &Step, after: &str, limit: usize) -> Result<StepAnswer> {
    let (rows, next) = parts::page(step, after, limit)?;
    Ok(StepAnswer {
        cause: anchor(step.cause),
        label: step.cause.label(),
        before: Exact::of(&step.before),
        after: Exact::of(&step.after),
        count: step.count,
        rows: rows.iter().map(|row| StepRowAnswer { row: key_text(&row.key), by: row.by }).collect(),
        next,
    })
}

fn told_part(part: &Part) -> PartAnswer {
    let (code, digest) = (part.code.clone(), part.digest.clone());
    PartAnswer { code, published: Exact::of(&part.number), rows: part.rows, digest }
}
