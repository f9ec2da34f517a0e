//! The page of the reply, and the form that publishes it.

use std::collections::HashMap;

use askama::Template;
use axum::response::Response;
use kernel::Error;
use kernel::id::Position;
use kernel::ledger::browse;
use kernel::publication;
use kernel::store::Read;
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use super::REPLY_READ;
use super::citation::{City, Front};
use super::cited::cited;
use super::publish::{Prepared, prepare};
use super::view::{Line, Paragraph, Piece, lines, paragraphs};
use crate::publications::PUBLICATION_PUBLISH;
use crate::publications::document::{assembled, of_letter};
use crate::publications::file::{Kind, file};
use crate::reconcile::view::{NoteRow, notes};

#[derive(Template)]
#[template(path = "reply/templates/reply.html")]
struct Reply<'c> {
    cx: Frame,
    front: &'c Front,
    paragraphs: Vec<Paragraph>,
    lines: Vec<Line>,
    warnings: Vec<String>,
    may_publish: bool,
}

#[derive(Template)]
#[template(path = "reply/templates/none.html")]
struct NoReply {
    cx: Frame,
}

pub(super) async fn show(ui: Ui, city: Option<&'static City>) -> Result<Response> {
    let read = ui.read().await?;
    let cx = ui.frame(&read).await?;
    let Some(city) = city else { return ui.page(&NoReply { cx }) };
    // Every figure is about its own day; only the position it is known at comes from the page.
    let (_, known) = ui.clocks(&read).await?;
    let cited = cited(&read, city, &ui.scope(REPLY_READ), known).await?;
    let (paragraphs, lines) = (paragraphs(&city.reply.blocks, &cited), lines(city, &cited));
    let may_publish = ui.actor().may(PUBLICATION_PUBLISH);
    let warnings = warnings(&paragraphs, &lines);
    ui.page(&Reply { cx, front: &city.reply.front, warnings, paragraphs, lines, may_publish })
}

#[derive(Template)]
#[template(path = "reply/templates/publish.html")]
struct Publish {
    cx: Frame,
    title: String,
    figures: usize,
    known: Position,
    /// Facts recorded since.
    since: i64,
    notes: Vec<NoteRow>,
    broken: usize,
    conflict: String,
}

/// What is typed to publish: the position that was seen, and for each break its key and a reason, in one order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    known: String,
    rule: Vec<String>,
    reason: Vec<String>,
}

pub(super) async fn publish_form(ui: Ui, city: Option<&'static City>) -> Result<Response> {
    let read = ui.read().await?;
    let (_, known) = ui.clocks(&read).await?;
    ui.page(&publish_page(&ui, &read, city.ok_or(Error::NotFound)?, known).await?.0)
}

async fn publish_page(ui: &Ui, read: &Read, city: &City, known: Position) -> Result<(Publish, Option<Prepared>)> {
    let cx = ui.frame(read).await?;
    let title = city.reply.front.title.clone();
    let since = browse::count_after(read, known).await?;
    match prepare(read, city, read.today(), known).await {
        Ok(prepared) => {
            let (notes, figures) = (notes(&prepared.notes), prepared.figures.len());
            let broken = notes.iter().filter(|note| !note.holds).count();
            Ok((Publish { cx, title, figures, known, since, notes, broken, conflict: String::new() }, Some(prepared)))
        }
        Err(Error::Conflict(conflict)) => {
            Ok((Publish { cx, title, figures: 0, known, since, notes: Vec::new(), broken: 0, conflict }, None))
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn publish(ui: Ui, Posted(typed): Posted<Typed>, city: Option<&'static City>) -> Result<Response> {
    let read = ui.read().await?;
    let unknown = |_| Error::invalid("known", "提交的已知时点不是序号，请重新打开发布页");
    let known = typed.known.parse::<Position>().map_err(unknown)?.min(read.head()?);
    let (mut page, prepared) = publish_page(&ui, &read, city.ok_or(Error::NotFound)?, known).await?;
    let Some(Prepared { draft, figures, notes, .. }) = prepared else { return ui.refused(&page) };
    drop(read);
    let reasons: HashMap<String, String> = typed.rule.into_iter().zip(typed.reason).collect();
    match ui.write(async |tx| publication::enter(tx, &draft, figures, notes, &reasons).await).await {
        Ok(id) => ui.done(&format!("/publications/{id}"), "已发布：数字连同口径、时点和明细摘要已固定").await,
        Err(Error::Invalid(faults)) => {
            for note in &mut page.notes {
                note.reason = reasons.get(&note.key).cloned().unwrap_or_default();
                note.fault = faults.at(&note.key).unwrap_or_default().to_owned();
            }
            ui.refused(&page)
        }
        Err(Error::Conflict(conflict)) => ui.refused(&Publish { conflict, ..page }),
        Err(other) => Err(other.into()),
    }
}

/// The reply as it would be published now, to be read on paper before it is signed.
pub(super) async fn draft(ui: Ui, city: Option<&'static City>, kind: Kind) -> Result<Response> {
    let read = ui.read().await?;
    let (_, known) = ui.clocks(&read).await?;
    let Prepared { letter, figures, notes, .. } =
        prepare(&read, city.ok_or(Error::NotFound)?, read.today(), known).await?;
    drop(read);
    file(assembled(of_letter(&letter), &figures, &notes, None), kind).await
}

/// Everything that is wrong with the letter, each once.
fn warnings(paragraphs: &[Paragraph], lines: &[Line]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let pieces = paragraphs.iter().flat_map(|paragraph| &paragraph.pieces);
    let in_text = pieces.filter_map(|piece| match piece {
        Piece::Words(_) => None,
        Piece::Figure(cite) => Some(cite.warning.clone()),
        Piece::Unknown(id) => Some(format!("文中引用了清单里没有的数字 {id}")),
    });
    for warning in in_text.chain(lines.iter().map(|line| line.warning.clone())).filter(|warning| !warning.is_empty()) {
        if !found.contains(&warning) {
            found.push(warning);
        }
    }
    found
}
