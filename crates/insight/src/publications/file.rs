//! A publication as a Word file or a PDF, to be saved; and the reply as it would be published.

use axum::extract::Path;
use axum::response::Response;
use documents::Document;
use kernel::audit::{Note, Verb};
use kernel::{Error, publication};
use web::{Result, Ui, download};

use super::PUBLICATION_READ;
use super::document::document;
use crate::link;

/// What a file is made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Word.
    Docx,
    /// PDF.
    Pdf,
}

/// Makes a file in a thread of its own: laying out takes the time of many pages.
pub(crate) async fn file(document: Document, kind: Kind) -> Result<Response> {
    let name = document.head.title.replace(['\n', '/', '\\'], "");
    let made = tokio::task::spawn_blocking(move || match kind {
        Kind::Docx => documents::docx(&document),
        Kind::Pdf => documents::pdf(&document),
    });
    let bytes = made.await.map_err(|e| Error::Internal(e.to_string()))??;
    Ok(match kind {
        Kind::Docx => download(&format!("{name}.docx"), documents::DOCX, bytes),
        Kind::Pdf => download(&format!("{name}.pdf"), documents::PDF, bytes),
    })
}

async fn published(ui: &Ui, id: &str, kind: Kind) -> Result<Response> {
    let read = ui.read().await?;
    let found = publication::find(&read, &ui.scope(PUBLICATION_READ), link::id(id)?).await?;
    drop(read);
    let made = document(&found);
    let word = if kind == Kind::Docx { "Word" } else { "PDF" };
    let detail = format!("{}（{word}）", found.title);
    ui.note(Note::of(Verb::FILE_EXPORTED, "publication", found.id.0).detail("文件", detail)).await?;
    file(made, kind).await
}

pub(super) async fn docx(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    published(&ui, &id, Kind::Docx).await
}

pub(super) async fn pdf(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    published(&ui, &id, Kind::Pdf).await
}
