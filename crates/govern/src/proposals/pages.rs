//! Pages of proposals: the list, one with its log, drafts, form and promises, and the figures over all.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use documents::Document;
use kernel::case::{self, Case, FieldKind};
use kernel::id::CaseId;
use kernel::list::{Cell, Column, Kind, List, Row};
use kernel::store::Read;
use kernel::{Error, Faults};
use serde::Deserialize;
use web::list::{CellView, Dress, Format, Table, dressed_case, export, is_over};
use web::{Frame, Posted, Result, Ui, download};

use super::actions::{self, Contact, Promised};
use super::issue::{self, Issue};
use super::model::Proposal;
use super::rules::{Paper, Slip, check_paper};
use super::settings::{Office, office};
use super::view::{Answered, Everything, Stat};
use super::{EDIT, FLOW, READ, opinion, queries, rules, view};

#[derive(Template)]
#[template(path = "proposals/templates/list.html")]
struct ListPage {
    cx: Frame,
    table: Table,
    may_edit: bool,
}

/// Proposals as a list: what stands in front, the other fields to be chosen.
fn listing(read: &Read) -> List {
    let shown = ["title", "number", "proposer", "lead", "state", "due"];
    let mut list = List { label: "提案建议", ..case::own_listing(read.catalog(), &FLOW, Vec::new(), &shown) };
    // An official number is a name, not a quantity.
    for column in list.columns.iter_mut().filter(|column| column.code == "number") {
        column.kind = Kind::Kept("number", FieldKind::Text(20));
    }
    list
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let case_cell = dressed_case(&FLOW, read.today());
    let cell = |row: &Row, column: &Column, view: &mut CellView| match column.code {
        "number" => {
            let kept = |code: &str| match row.cell(code) {
                Cell::Number(year) => year.to_string(),
                cell => cell.text().to_owned(),
            };
            view.text = rules::number(&kept("kind"), &kept("year"), &kept("number"));
        }
        _ => case_cell(row, column, view),
    };
    let (href, off) = (|row: &Row| format!("/proposals/{}", row.id), |row: &Row| is_over(&FLOW, row));
    let dress = Dress { href: &href, cell: &cell, off: &off, picks: false };
    let table = Table::of(&ui, &read, &listing(&read), &ui.scope(READ), &dress).await?;
    let page = ListPage { cx: ui.frame(&read).await?, table, may_edit: ui.actor().may(EDIT) };
    if page.table.is_refused() { ui.refused(&page) } else { ui.page(&page) }
}

pub(super) async fn xlsx(ui: Ui) -> Result<Response> {
    let list = listing(&ui.read().await?);
    export(&ui, &list, &ui.scope(READ), Format::Xlsx).await
}

pub(super) async fn csv(ui: Ui) -> Result<Response> {
    let list = listing(&ui.read().await?);
    export(&ui, &list, &ui.scope(READ), Format::Csv).await
}

#[derive(Template)]
#[template(path = "proposals/templates/new.html")]
struct New {
    cx: Frame,
    offices: Vec<(i64, String)>,
}

pub(super) async fn new(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let offices = queries::offices(&read, &ui.scope(EDIT)).await?;
    ui.page(&New { cx: ui.frame(&read).await?, offices })
}

#[derive(Template)]
#[template(path = "proposals/templates/statistics.html")]
struct Statistics {
    cx: Frame,
    stats: Vec<Stat>,
    office: &'static Office,
}

pub(super) async fn statistics(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, known) = ui.clocks(&read).await?;
    let stats = view::stats(&read, &ui.scope(READ), about, known).await?;
    ui.page(&Statistics { cx: ui.frame(&read).await?, stats, office: office() })
}

#[derive(Template)]
#[template(path = "proposals/templates/show.html")]
struct Show {
    cx: Frame,
    all: Everything,
    contact: Contact,
    promise: Promised,
    typed: Typed,
    paper: Paper,
    issue: Issue,
    slips: Option<Vec<Slip>>,
    faults: Faults,
    conflict: String,
    may_edit: bool,
}

impl Show {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

/// A draft as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    about: String,
    template: String,
}

async fn found(ui: &Ui, read: &Read, id: &str) -> Result<Case> {
    let id = id.parse::<CaseId>().map_err(|_| Error::NotFound)?;
    let case = case::find(read, ui.actor(), id).await?;
    if case.flow.code != FLOW.code {
        return Err(Error::NotFound.into());
    }
    Ok(case)
}

async fn page(ui: &Ui, id: &str) -> Result<Show> {
    let read = ui.read().await?;
    let case = found(ui, &read, id).await?;
    let all = Everything::of(&read, &ui.scope(READ), &case, ui.clocks(&read).await?.0).await?;
    let may_edit = ui.scope(EDIT).holds_case(case.unit, case.subject) && !all.proposal.ended;
    Ok(Show {
        cx: ui.frame(&read).await?,
        typed: Typed { about: all.about.clone(), template: all.template.clone() },
        all,
        contact: Contact::default(),
        promise: Promised::default(),
        paper: Paper::default(),
        issue: Issue::default(),
        slips: None,
        faults: Faults::new(),
        conflict: String::new(),
        may_edit,
    })
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    ui.page(&page(&ui, &id).await?)
}

/// The page again, with what was typed and what is wrong with it.
async fn again(ui: &Ui, id: &str, error: Error, keep: impl FnOnce(&mut Show)) -> Result<Response> {
    let mut page = page(ui, id).await?;
    keep(&mut page);
    match error {
        Error::Invalid(faults) => page.faults = faults,
        Error::Conflict(conflict) => page.conflict = conflict,
        other => return Err(other.into()),
    }
    ui.refused(&page)
}

fn number(id: &str) -> Result<CaseId> {
    Ok(id.parse::<CaseId>().map_err(|_| Error::NotFound)?)
}

pub(super) async fn contact(ui: Ui, Path(id): Path<String>, Posted(typed): Posted<Contact>) -> Result<Response> {
    let case = number(&id)?;
    match ui.write(async |tx| actions::log_contact(tx, case, &typed).await).await {
        Ok(()) => ui.done(&format!("/proposals/{case}#contacts"), "已登记沟通").await,
        Err(error) => again(&ui, &id, error, |page| page.contact = typed).await,
    }
}

pub(super) async fn draft(ui: Ui, Path(id): Path<String>, Posted(typed): Posted<Typed>) -> Result<Response> {
    let case = number(&id)?;
    match ui.write(async |tx| actions::save_draft(tx, case, &typed.about, &typed.template).await).await {
        Ok(version) => ui.done(&format!("/proposals/{case}#draft"), &format!("已保存第 {version} 稿")).await,
        Err(error) => again(&ui, &id, error, |page| page.typed = typed).await,
    }
}

pub(super) async fn promise(ui: Ui, Path(id): Path<String>, Posted(typed): Posted<Promised>) -> Result<Response> {
    let case = number(&id)?;
    match ui.write(async |tx| actions::keep_promise(tx, case, &typed).await).await {
        Ok(()) => ui.done(&format!("/proposals/{case}#promises"), "已登记承诺").await,
        Err(error) => again(&ui, &id, error, |page| page.promise = typed).await,
    }
}

pub(super) async fn issue(ui: Ui, Path(id): Path<String>, Posted(typed): Posted<Issue>) -> Result<Response> {
    let case = number(&id)?;
    let read = ui.read().await?;
    let ready = issue::prepare(&read, ui.actor(), case, &typed).await;
    drop(read);
    let done = match ready {
        Ok(ready) => ui.write(async |tx| issue::issue(tx, ready).await).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(number) => ui.done(&format!("/proposals/{case}"), &format!("已印发：{number}，数字已固定")).await,
        Err(error) => again(&ui, &id, error, |page| page.issue = typed).await,
    }
}

/// Holds what a signed paper says against the record; nothing is written.
pub(super) async fn paper(ui: Ui, Path(id): Path<String>, Posted(typed): Posted<Paper>) -> Result<Response> {
    let mut page = page(&ui, &id).await?;
    page.slips = Some(check_paper(&page.all.record(), &typed));
    page.paper = typed;
    ui.page(&page)
}

#[derive(Template)]
#[template(path = "proposals/templates/open.html")]
struct Open {
    cx: Frame,
    rows: Vec<Answered>,
}

/// What everybody may read.
pub(super) async fn open(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let rows = view::answered(&read, ui.clocks(&read).await?.0).await?;
    ui.page(&Open { cx: ui.frame(&read).await?, rows })
}

/// Makes a file in a thread of its own.
async fn file(document: Document, name: &str, word: bool) -> Result<Response> {
    let made = tokio::task::spawn_blocking(move || match word {
        true => documents::docx(&document),
        false => documents::pdf(&document),
    });
    let bytes = made.await.map_err(|e| Error::Internal(e.to_string()))??;
    Ok(match word {
        true => download(&format!("{name}.docx"), documents::DOCX, bytes),
        false => download(&format!("{name}.pdf"), documents::PDF, bytes),
    })
}

async fn opinion_form(ui: &Ui, id: &str, word: bool) -> Result<Response> {
    let read = ui.read().await?;
    let case = found(ui, &read, id).await?;
    let (proposal, contacts) = (Proposal::of(&case), queries::contacts(&read, case.id).await?);
    drop(read);
    let name = format!("征询意见表 {}", proposal.number());
    file(opinion::form(&proposal, &contacts), &name, word).await
}

pub(super) async fn opinion_docx(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    opinion_form(&ui, &id, true).await
}

pub(super) async fn opinion_pdf(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    opinion_form(&ui, &id, false).await
}

async fn draft_file(ui: &Ui, id: &str, word: bool) -> Result<Response> {
    let read = ui.read().await?;
    let case = found(ui, &read, id).await?;
    let document = view::draft(&read, &ui.scope(READ), &case).await?;
    drop(read);
    file(document, &format!("答复稿 {}", Proposal::of(&case).number()), word).await
}

pub(super) async fn draft_docx(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    draft_file(&ui, &id, true).await
}

pub(super) async fn draft_pdf(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    draft_file(&ui, &id, false).await
}
