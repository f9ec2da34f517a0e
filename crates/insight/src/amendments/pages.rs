//! Pages of requests: the form on a fact, the list, one request and its decision.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::id::{AmendmentId, Position};
use kernel::ledger::{Fact, browse};
use kernel::publication::{self, Amendment, Asked, Decision, Moves, Proposal, seen};
use kernel::store::Read;
use kernel::{Error, Faults};
use web::{Failure, Frame, Posted, Result, Ui};

use super::model::{Decided, Typed};
use super::view::{Compared, Row, State, compared};
use super::{AMENDMENT_DECIDE, AMENDMENT_READ, AMENDMENT_REQUEST, queries};
use crate::link::{self, Link};
use crate::moves::MoveRow;
use crate::publications::PUBLICATION_READ;
use kernel::value::day;

#[derive(Template)]
#[template(path = "amendments/templates/list.html")]
struct List {
    cx: Frame,
    rows: Vec<Row>,
    first: String,
    next: String,
}

/// Requests of a page.
const PAGE: i64 = 50;

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let after = link::number(ui.query(), "after", "翻页位置").map_err(from_the_start)?.map(AmendmentId);
    let asked = Asked { fact: None, after, limit: PAGE + 1 };
    let found = publication::list_amendments(&read, &ui.scope(AMENDMENT_READ), asked).await;
    let mut found = found.map_err(from_the_start)?;
    let link = || Link::to("/amendments");
    let next = link::cut(&mut found, PAGE).map(|last| link().with("after", last.id).to_string());
    ui.page(&List {
        cx: ui.frame(&read).await?,
        rows: found.iter().map(Row::of).collect(),
        first: after.map(|_| link().to_string()).unwrap_or_default(),
        next: next.unwrap_or_default(),
    })
}

fn from_the_start(error: Error) -> Failure {
    Failure::from(error).from_the_start("/amendments")
}

#[derive(Template)]
#[template(path = "amendments/templates/form.html")]
struct Form {
    cx: Frame,
    fact: Fact,
    classes: Vec<(&'static str, &'static str)>,
    typed: Typed,
    faults: Faults,
    conflict: String,
    /// What the correction would move; nothing before the first look.
    moves: Option<Vec<MoveRow>>,
}

impl Form {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    async fn of(ui: &Ui, read: &Read, fact: Fact, typed: Typed) -> Result<Self> {
        let declared = read.catalog().kind(&fact.kind).map(|k| k.decl.classes).unwrap_or_default();
        let classes = declared.iter().map(|c| (c.code, c.label)).collect();
        let cx = ui.frame(read).await?;
        Ok(Self { cx, fact, classes, typed, faults: Faults::new(), conflict: String::new(), moves: None })
    }
}

pub(super) async fn form(ui: Ui, Path(position): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let fact = browse::find(&read, &ui.scope(AMENDMENT_REQUEST), link::id(&position)?).await?;
    let typed = Typed::of(&fact, queries::code_of(&read, &fact).await?);
    ui.page(&Form::of(&ui, &read, fact, typed).await?)
}

/// The first time shows what the correction would move; the second, with just that seen, requests it.
pub(super) async fn request(ui: Ui, Path(position): Path<String>, Posted(typed): Posted<Typed>) -> Result<Response> {
    let read = ui.read().await?;
    let position: Position = link::id(&position)?;
    let fact = browse::find(&read, &ui.scope(AMENDMENT_REQUEST), position).await?;
    let proposal = match queries::proposal(&read, &ui.scope(AMENDMENT_REQUEST), &fact, &typed).await {
        Ok(proposal) => proposal,
        Err(Error::Invalid(faults)) => {
            return ui.refused(&Form { faults, ..Form::of(&ui, &read, fact, typed).await? });
        }
        Err(other) => return Err(other.into()),
    };
    let moves = publication::impact(&read, &fact, &proposal).await?;
    let mut page = Form::of(&ui, &read, fact, typed).await?;
    drop(read);
    let shown = format!("seen:{}", seen(&moves)?);
    if page.typed.seen == shown {
        return asked(&ui, page, position, &proposal, &moves).await;
    }
    page.typed.seen = shown;
    page.moves = Some(rows(&ui, &moves));
    ui.page(&page)
}

async fn asked(ui: &Ui, mut page: Form, fact: Position, proposal: &Proposal, moves: &[Moves]) -> Result<Response> {
    let scope = ui.scope(AMENDMENT_REQUEST);
    let reason = page.typed.reason.clone();
    match ui.write(async |tx| publication::request(tx, &scope, fact, &reason, proposal, moves).await).await {
        Ok(id) => return ui.done(&format!("/amendments/{id}"), "已提出更正申请，等另一人审核").await,
        Err(Error::Invalid(faults)) => page.faults = faults,
        Err(Error::Conflict(conflict)) => page.conflict = conflict,
        Err(other) => return Err(other.into()),
    }
    ui.refused(&page)
}

fn rows(ui: &Ui, moves: &[Moves]) -> Vec<MoveRow> {
    moves.iter().map(|m| MoveRow::of(m, ui.actor().may(PUBLICATION_READ))).collect()
}

#[derive(Template)]
#[template(path = "amendments/templates/show.html")]
struct Show {
    cx: Frame,
    row: Row,
    fact: Fact,
    lines: Vec<Compared>,
    reverses: bool,
    decision: Option<(Decision, String)>,
    moves: Vec<MoveRow>,
    seen: String,
    may_decide: bool,
    is_own: bool,
    note: String,
    fault: String,
    conflict: String,
}

impl Show {
    fn is_waiting(&self) -> bool {
        self.row.state == State::Waiting
    }
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&show_page(&ui, &read, link::id(&id)?).await?)
}

async fn show_page(ui: &Ui, read: &Read, id: AmendmentId) -> Result<Show> {
    let scope = ui.scope(AMENDMENT_READ);
    let found: Amendment = publication::find_amendment(read, &scope, id).await?;
    let fact = browse::find(read, &scope, found.fact).await?;
    // What waits is told as of now; what is decided as it was requested.
    let moves = match &found.decision {
        None => publication::impact(read, &fact, &found.proposal).await?,
        Some(_) => found.moves.clone(),
    };
    Ok(Show {
        cx: ui.frame(read).await?,
        lines: compared(read, &scope, &fact, &found.proposal).await?,
        row: Row::of(&found),
        reverses: found.proposal.reverse,
        decision: found.decision.clone().map(|d| (d.clone(), day::minute(d.at))),
        seen: seen(&moves)?,
        moves: rows(ui, &moves),
        may_decide: ui.actor().may(AMENDMENT_DECIDE),
        is_own: found.account == ui.actor().account,
        fact,
        note: String::new(),
        fault: String::new(),
        conflict: String::new(),
    })
}

pub(super) async fn accept(ui: Ui, Path(id): Path<String>, Posted(typed): Posted<Decided>) -> Result<Response> {
    decide(&ui, link::id(&id)?, typed, true).await
}

pub(super) async fn refuse(ui: Ui, Path(id): Path<String>, Posted(typed): Posted<Decided>) -> Result<Response> {
    decide(&ui, link::id(&id)?, typed, false).await
}

async fn decide(ui: &Ui, id: AmendmentId, typed: Decided, accepted: bool) -> Result<Response> {
    let read = ui.read().await?;
    let mut page = show_page(ui, &read, id).await?;
    drop(read);
    page.note = typed.note;
    if accepted && page.is_waiting() && typed.seen != page.seen {
        page.conflict = "它会改变的已发布数字与您看到的不同，请核对下面的清单后再同意".to_owned();
        return ui.refused(&page);
    }
    let scope = ui.scope(AMENDMENT_DECIDE);
    let done = ui
        .write(async |tx| match accepted {
            true => publication::accept(tx, &scope, id, &page.note).await,
            false => publication::refuse(tx, &scope, id, &page.note).await,
        })
        .await;
    match done {
        Ok(fact) if accepted => ui.done(&format!("/facts/{fact}"), "已同意：更正已记入事实账").await,
        Ok(_) => ui.done(&format!("/amendments/{id}"), "已退回，事实不变").await,
        Err(Error::Invalid(faults)) => {
            page.fault = faults.at("note").map_or_else(|| faults.to_string(), str::to_owned);
            ui.refused(&page)
        }
        Err(Error::Conflict(conflict)) => {
            page.conflict = conflict;
            let mut response = ui.refused(&page)?;
            *response.status_mut() = axum::http::StatusCode::CONFLICT;
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}
