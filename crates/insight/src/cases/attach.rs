//! Files of a case: attaching one, and taking one away. Whoever reads the case may do both.

use axum::extract::{Path, Request, State};
use axum::response::Response;
use kernel::audit::{Note, Verb};
use kernel::case::{self, Attachment, NewFile, Scanned};
use kernel::id::CaseId;
use kernel::value::day;
use kernel::{Error, Faults};
use web::{App, Result, Sent, Ui, download};

use super::pages::show_page;
use crate::link;

/// A file as the page of a case shows it.
pub(super) struct File {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Sort and size in words.
    pub about: String,
    /// When and by whom.
    pub added: String,
    /// Digest of the content.
    pub digest: String,
    /// What a scanner said.
    pub scanned: &'static str,
}

impl File {
    /// In words.
    pub(super) fn of(one: &Attachment) -> Self {
        Self {
            id: one.id,
            name: one.name.clone(),
            about: format!("{}，{}", one.sort.label, size(one.size)),
            added: format!("{} {}", day::minute(one.at), one.by),
            digest: one.digest.clone(),
            scanned: if one.scanned == Scanned::Clean { "已查毒" } else { "未查毒" },
        }
    }
}

fn size(bytes: i64) -> String {
    match bytes {
        n if n >= 1 << 20 => format!("{}.{} MB", n >> 20, ((n % (1 << 20)) * 10) >> 20),
        n => format!("{} KB", (n + 1023) >> 10),
    }
}

pub(super) async fn attach(
    ui: Ui,
    State(app): State<App>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response> {
    let id: CaseId = link::id(&id)?;
    // Whoever may not read the case has no file looked at.
    case::find(&ui.read().await?, ui.actor(), id).await?;
    let done = match Sent::taken(request, &app, case::LARGEST >> 20).await {
        Ok(sent) => kept(&ui, id, &sent).await,
        Err(error) => Err(error),
    };
    let fault = match done {
        Ok(()) => return ui.done(&format!("/cases/{id}#files"), "已上传附件").await,
        Err(Error::Invalid(faults)) => faults.at("file").unwrap_or("请选择文件").to_owned(),
        Err(Error::Conflict(message) | Error::Unavailable(message)) => message,
        Err(other) => return Err(other.into()),
    };
    let read = ui.read().await?;
    let mut page = show_page(&ui, &read, id, None, &Faults::new()).await?;
    page.file_fault = fault;
    ui.refused(&page)
}

async fn kept(ui: &Ui, id: CaseId, sent: &Sent) -> kernel::Result<()> {
    case::sort_of(&sent.file_name, &sent.bytes)?;
    let scanned = ui.scan(&sent.bytes).await?;
    let file = NewFile { name: &sent.file_name, bytes: &sent.bytes, scanned };
    ui.write(async |tx| case::attach(tx, id, file).await).await.map(drop)
}

pub(super) async fn take(ui: Ui, Path((id, file)): Path<(String, String)>) -> Result<Response> {
    let (id, file): (CaseId, i64) = (link::id(&id)?, link::id(&file)?);
    let read = ui.read().await?;
    let (found, bytes) = case::attached(&read, ui.actor(), id, file).await?;
    drop(read);
    ui.note(Note::of(Verb::FILE_EXPORTED, "case", id.0).detail("文件", found.name.as_str())).await?;
    Ok(download(&found.name, found.sort.media, bytes))
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_size_has_its_unit() {
        assert_eq!([1, 2048, 1 << 20, (5 << 20) + (1 << 19)].map(size), ["1 KB", "2 KB", "1.0 MB", "5.5 MB"]);
    }
}
