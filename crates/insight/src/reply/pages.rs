//! The page of the reply.

use askama::Template;
use axum::response::Response;
use web::{Frame, Result, Ui};

use super::REPLY_READ;
use super::citation::{City, Front};
use super::cited::cited;
use super::view::{Line, Paragraph, Piece, lines, paragraphs};

#[derive(Template)]
#[template(path = "reply/templates/reply.html")]
struct Reply<'c> {
    cx: Frame,
    front: &'c Front,
    paragraphs: Vec<Paragraph>,
    lines: Vec<Line>,
    warnings: Vec<String>,
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
    ui.page(&Reply { cx, front: &city.reply.front, warnings: warnings(&paragraphs, &lines), paragraphs, lines })
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
