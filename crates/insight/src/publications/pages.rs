//! Pages of publications: the list, one with its three readings, its print, one figure.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::id::PublicationId;
use kernel::ledger::browse;
use kernel::publication::{self, Publication};
use kernel::store::Read;
use kernel::value::day::{self, parse_day};
use serde::Deserialize;
use web::{Failure, Frame, Posted, Result, Ui};

use super::figure::FigurePage;
use super::letter::{Letter, Piece};
use super::view::{CheckRow, Found, ListRow, Reading, Repeat, readings, repeats};
use super::waterfall::Waterfall;
use super::{PUBLICATION_READ, PUBLICATION_VERIFY};
use crate::link::{self, Link};
use crate::reconcile::view::{NoteRow, notes};

#[derive(Template)]
#[template(path = "publications/templates/list.html")]
struct List {
    cx: Frame,
    rows: Vec<ListRow>,
    first: String,
    next: String,
}

/// Publications of a page.
const PAGE: i64 = 50;

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let after = link::number(ui.query(), "after", "翻页位置").map_err(from_the_start)?.map(PublicationId);
    let found = publication::list(&read, &ui.scope(PUBLICATION_READ), after, PAGE + 1).await;
    let mut found = found.map_err(from_the_start)?;
    let link = || Link::to("/publications");
    let next = link::cut(&mut found, PAGE).map(|last| link().with("after", last.id).to_string());
    ui.page(&List {
        cx: ui.frame(&read).await?,
        rows: found.into_iter().map(ListRow::from).collect(),
        first: after.map(|_| link().to_string()).unwrap_or_default(),
        next: next.unwrap_or_default(),
    })
}

fn from_the_start(error: kernel::Error) -> Failure {
    Failure::from(error).from_the_start("/publications")
}

/// What heads a publication on all its pages.
struct Head {
    id: PublicationId,
    title: String,
    on: String,
    /// The day as a letter writes it.
    dated: String,
    known: i64,
    by: String,
    at: String,
    digest: String,
}

impl Head {
    fn of(publication: &Publication) -> Self {
        Self {
            id: publication.id,
            title: publication.title.clone(),
            on: publication.published_on.to_string(),
            dated: kernel::value::day::chinese(publication.published_on),
            known: publication.known.0,
            by: publication.published_by.clone(),
            at: day::minute(publication.published_at),
            digest: publication.digest.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "publications/templates/show.html")]
struct Show {
    cx: Frame,
    head: Head,
    /// The day asked about, or that of the publication.
    on: String,
    /// What is wrong with the day typed.
    on_fault: String,
    rows: Vec<Reading>,
    moved: usize,
    repeats: Vec<Repeat>,
    notes: Vec<NoteRow>,
    checks: Vec<CheckRow>,
    found: Option<Found>,
    may_verify: bool,
}

async fn asked(ui: &Ui, read: &Read, id: &str) -> Result<Publication> {
    Ok(publication::find(read, &ui.scope(PUBLICATION_READ), link::id(id)?).await?)
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let found = asked(&ui, &read, &id).await?;
    let page = show_page(&ui, &read, &found).await?;
    if page.on_fault.is_empty() { ui.page(&page) } else { ui.refused(&page) }
}

async fn show_page(ui: &Ui, read: &Read, found: &Publication) -> Result<Show> {
    let typed = link::asked(ui.query(), "on");
    let (day, on_fault) = match parse_day(typed) {
        _ if typed.is_empty() => (found.published_on, String::new()),
        Ok(day) => (day, String::new()),
        Err(fault) => (found.published_on, fault.to_string()),
    };
    let then = browse::position_on(read, day).await?;
    let rows = readings(read, found, then).await?;
    let (checks, last) = publication::verifications(read, &ui.scope(PUBLICATION_READ), found.id).await?;
    Ok(Show {
        cx: ui.frame(read).await?,
        head: Head::of(found),
        on: day.to_string(),
        on_fault,
        moved: rows.iter().filter(|row| !row.change.is_empty()).count(),
        rows,
        repeats: repeats(found),
        notes: notes(&found.notes),
        checks: checks.iter().map(CheckRow::of).collect(),
        found: last.map(|last| Found::of(found, &last)),
        may_verify: ui.actor().may(PUBLICATION_VERIFY),
    })
}

/// A form with nothing but its token.
#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn verify(ui: Ui, Path(id): Path<String>, Posted(Nothing {}): Posted<Nothing>) -> Result<Response> {
    let read = ui.read().await?;
    let published = publication::find(&read, &ui.scope(PUBLICATION_VERIFY), link::id(&id)?).await?;
    let found = publication::rederive(&read, &published, read.head()?).await?;
    drop(read);
    ui.write(async |tx| publication::record_verification(tx, published.id, &found).await).await?;
    let said = match (found.alarms.len(), found.drifts.len()) {
        (0, 0) => "复核完毕：发布的数字可以重现，账上没有变化".to_owned(),
        (0, moved) => format!("复核完毕：发布的数字可以重现；有 {moved} 个数字的明细有变化，见下"),
        (alarms, _) => format!("复核完毕：有 {alarms} 项警报，见下"),
    };
    ui.done(&format!("/publications/{}#found", published.id), &said).await
}

#[derive(Template)]
#[template(path = "publications/templates/print.html")]
struct Print {
    cx: Frame,
    head: Head,
    letter: Letter,
    notes: Vec<NoteRow>,
    figures: Vec<PrintedFigure>,
}

/// A figure in the list under the printed document.
struct PrintedFigure {
    /// Where the document's links lead: the first figure of each citation.
    anchor: String,
    citation: String,
    name: String,
    value: String,
    about: String,
    rows: i64,
    digest: String,
}

fn printed(published: &Publication) -> Vec<PrintedFigure> {
    let mut above = "";
    let mut found = Vec::with_capacity(published.figures.len());
    for figure in &published.figures {
        let value = kernel::indicator::number_text(&figure.number, figure.definition.display);
        found.push(PrintedFigure {
            anchor: if above == figure.citation { String::new() } else { format!("fig-{}", figure.citation) },
            citation: figure.citation.clone(),
            name: figure.definition.name.clone(),
            value: format!("{value} {}", figure.definition.unit),
            about: figure.about.to_string(),
            rows: figure.rows,
            digest: figure.digest.clone(),
        });
        above = &figure.citation;
    }
    found
}

pub(super) async fn print(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let found = asked(&ui, &read, &id).await?;
    let letter: Letter = serde_json::from_str(&found.body).unwrap_or_default();
    let figures = printed(&found);
    let cx = ui.frame(&read).await?;
    ui.page(&Print { cx, head: Head::of(&found), letter, notes: notes(&found.notes), figures })
}

#[derive(Template)]
#[template(path = "publications/templates/figure.html")]
struct One {
    cx: Frame,
    head: Head,
    page: FigurePage,
}

pub(super) async fn figure(ui: Ui, Path((id, seq)): Path<(String, String)>) -> Result<Response> {
    let read = ui.read().await?;
    let found = asked(&ui, &read, &id).await?;
    let rows = link::number(ui.query(), "rows", "已知至")?;
    let turned = (link::asked(ui.query(), "part"), link::asked(ui.query(), "after"));
    let page = super::figure::page(&read, &found, link::id(&seq)?, rows, turned).await;
    let page = page.map_err(|e| Failure::from(e).from_the_start(ui.path()))?;
    ui.page(&One { cx: ui.frame(&read).await?, head: Head::of(&found), page })
}
