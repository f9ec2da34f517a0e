//! Pages of imports: what was sent, what was found, what was saved.

mod columns;

pub(super) use columns::{columns, describe, forget, mapping, remap};

use askama::Template;
use axum::extract::Path;
use axum::http::header::HeaderValue;
use axum::http::header::REFRESH;
use axum::response::Response;
use chrono::Datelike;
use kernel::Error;
use kernel::audit::{Note, Verb};
use serde::Deserialize;
use web::{Frame, Posted, Result, Sent, Ui, download};

use super::desk;
use super::model::{Import, Mode, What};
use super::view::{DoneView, ImportRow, Refusal, ReportView, WorkView};
use super::work::{self, Act, LONG};
use super::{IMPORT, mapping as saved, queries};
use kernel::value::day;

#[derive(Template)]
#[template(path = "imports/templates/list.html")]
struct ListPage {
    cx: Frame,
    kinds: Vec<(&'static str, &'static str, bool)>,
    imports: Vec<ImportRow>,
    mappings: Vec<MappingRow>,
    /// The last year that is over.
    last_year: i32,
    fault: String,
}

/// A remembered mapping as a line of the list.
struct MappingRow {
    id: i64,
    what: &'static str,
    file: String,
    said: String,
    at: String,
    by: String,
}

impl MappingRow {
    fn of(saved: &saved::Saved) -> Result<Self> {
        let mapping = sheets::Mapping::of_toml(&saved.columns)?;
        let said = format!("{} 列，读 {} 列", mapping.columns.len(), mapping.taken().count());
        let (file, at, by) = (saved.file_name.clone(), day::minute(saved.saved_at), saved.saved_by.clone());
        Ok(Self { id: saved.id, what: saved.what.label(), file, said, at, by })
    }
}

async fn list_page(ui: &Ui, chosen: &str, fault: String) -> Result<ListPage> {
    let read = ui.read().await?;
    let kinds = What::ALL.into_iter().filter(|w| w.open_to(ui.actor()));
    Ok(ListPage {
        cx: ui.frame(&read).await?,
        kinds: kinds.map(|w| (w.code(), w.label(), w.code() == chosen)).collect(),
        imports: queries::list(&read, &ui.scope(IMPORT)).await?.iter().map(ImportRow::of).collect(),
        last_year: read.today().year() - 1,
        mappings: saved::list(&read, ui.actor()).await?.iter().map(MappingRow::of).collect::<Result<_>>()?,
        fault,
    })
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    ui.page(&list_page(&ui, "", String::new()).await?)
}

pub(super) async fn upload(ui: Ui, sent: Sent) -> Result<Response> {
    let what = sent.field("what").to_owned();
    let is_long = i64::try_from(sent.bytes.len()).is_ok_and(|size| size > LONG);
    let received = match What::find(&what) {
        Some(what) => desk::keep(ui.store(), ui.actor(), what, (&sent.file_name, sent.bytes), None, true).await,
        None => Err(Error::invalid("what", "请选择导入种类")),
    };
    match received {
        Ok(kept) if !kept.is_known => {
            ui.done(&format!("/imports/{}/columns", kept.id), "已上传。表头与模板不同，请指明各列").await
        }
        Ok(kept) if is_long => {
            ui.write(async |tx| work::ask(tx, kept.id, Act::Check, (Mode::Whole, "")).await).await?;
            ui.done(&format!("/imports/{}", kept.id), "已上传，正在核对，还没有保存").await
        }
        Ok(kept) => ui.done(&format!("/imports/{}", kept.id), "已上传并核对，还没有保存").await,
        Err(Error::Invalid(faults)) => {
            let words = faults.0.into_iter().map(|f| f.message).collect::<Vec<_>>().join("；");
            ui.refused(&list_page(&ui, &what, words).await?)
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn template(ui: Ui, Path(what): Path<String>) -> Result<Response> {
    let what = What::find(&what).ok_or(Error::NotFound)?;
    let year = ui.query().iter().find(|(name, _)| name == "year").and_then(|(_, year)| year.parse().ok());
    let (name, bytes) = desk::blank_for(ui.store(), ui.actor(), what, year).await?;
    ui.note(Note::of(Verb::FILE_EXPORTED, "template", None).detail("文件", name.as_str())).await?;
    Ok(attachment(&name, bytes))
}

#[derive(Template)]
#[template(path = "imports/templates/show.html")]
struct ShowPage {
    cx: Frame,
    import: ImportRow,
    digest: String,
    size_kb: i64,
    report: Option<ReportView>,
    done: Option<DoneView>,
    work: Option<WorkView>,
    /// Whether it is looked through on demand and not each time the page is opened.
    is_long: bool,
    refusal: Refusal,
}

async fn show_page(ui: &Ui, id: &str, mut refusal: Refusal) -> Result<ShowPage> {
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let read = ui.read().await?;
    let import = queries::find(&read, &ui.scope(IMPORT), id).await?;
    let scopes = (&ui.scope(import.what.permission()), &ui.scope(import.what.undo_permission()));
    let done = DoneView::of(&read, scopes, &import).await?;
    let is_long = import.size > LONG;
    let (mut report, mut under_way) = (None, None);
    match (&done, is_long) {
        (Some(_), _) => {}
        (None, true) => (report, under_way) = long(ui, &import, &mut refusal).await?,
        (None, false) => {
            report = match desk::dry_run(ui.store(), ui.actor(), id, false).await {
                Ok(report) => Some(ReportView::of(&report)),
                // Its heads are not known.
                Err(Error::Invalid(_)) => None,
                Err(other) => return Err(other.into()),
            };
        }
    }
    Ok(ShowPage {
        cx: ui.frame(&read).await?,
        digest: import.digest.clone(),
        size_kb: (import.size + 1023) / 1024,
        import: ImportRow::of(&import),
        report,
        done,
        work: under_way,
        is_long,
        refusal,
    })
}

/// What the last looking through of a long import found, or how far work on it is.
async fn long(ui: &Ui, import: &Import, refusal: &mut Refusal) -> Result<(Option<ReportView>, Option<WorkView>)> {
    let all = work::of_import(&ui.read().await?, import.id).await?;
    let report = all.iter().find(|work| work.act == Act::Check).and_then(work::Work::report);
    let Some(last) = all.first() else { return Ok((None, None)) };
    if last.ended_at.is_none() {
        let rows = work::running(ui.store(), import.id).map_or(last.rows.unsigned_abs(), |progress| progress.rows());
        let total = report.as_ref().map_or(0, ReportView::total) as u64;
        let percent = (rows * 100).checked_div(total).unwrap_or(0).min(100);
        let act = if last.act == Act::Save { "正在保存" } else { "正在核对" };
        return Ok((None, Some(WorkView { act, rows, total, percent })));
    }
    if refusal.conflict.is_empty() {
        refusal.conflict = last.failure.clone();
    }
    Ok((report, None))
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let page = show_page(&ui, &id, Refusal::default()).await?;
    if page.report.is_none() && page.done.is_none() && !page.is_long {
        return ui.done(&format!("/imports/{id}/columns"), "表头与模板不同，请指明各列").await;
    }
    let mut response = ui.page(&page)?;
    if page.work.is_some() {
        response.headers_mut().insert(REFRESH, HeaderValue::from_static("2"));
    }
    Ok(response)
}

/// Looks a long import through once more.
pub(super) async fn check(
    ui: Ui,
    Path(id): Path<String>,
    Posted(_): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    asked(&ui, &id, Act::Check, (Mode::Whole, "")).await
}

/// Asks for work in the background.
async fn asked(ui: &Ui, id: &str, act: Act, how: (Mode, &str)) -> Result<Response> {
    let number: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let import = queries::find(&ui.read().await?, &ui.scope(IMPORT), number).await?;
    if !import.what.open_to(ui.actor()) {
        return Err(Error::Forbidden(import.what.permission().0).into());
    }
    match ui.write(async |tx| work::ask(tx, import.id, act, how).await).await {
        Ok(()) => ui.done(&format!("/imports/{id}"), "已开始，可以离开本页").await,
        Err(Error::Conflict(conflict)) => {
            ui.refused(&show_page(ui, id, Refusal { conflict, ..Refusal::default() }).await?)
        }
        Err(other) => Err(other.into()),
    }
}

/// Stops work in the background.
pub(super) async fn cancel(
    ui: Ui,
    Path(id): Path<String>,
    Posted(_): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let number: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let import = queries::find(&ui.read().await?, &ui.scope(IMPORT), number).await?;
    let words = match work::stop(ui.store(), ui.actor(), import.id).await? {
        true => "正在取消，什么都不会保存",
        false => "没有正在办理的；已经保存的请在下面撤销",
    };
    ui.done(&format!("/imports/{id}"), words).await
}

#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct SaveForm {
    mode: String,
    /// The digest of the conflicts over which the sheet wins.
    overwrite: String,
}

pub(super) async fn save(ui: Ui, Path(id): Path<String>, Posted(form): Posted<SaveForm>) -> Result<Response> {
    let number: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let mode = if form.mode == "good" { Mode::Good } else { Mode::Whole };
    if queries::find(&ui.read().await?, &ui.scope(IMPORT), number).await?.size > LONG {
        return asked(&ui, &id, Act::Save, (mode, &form.overwrite)).await;
    }
    match desk::carry_out(ui.store(), ui.actor(), number, mode, &form.overwrite).await {
        Ok(done) => {
            let words =
                format!("已保存 {} 行；{} 行与现有内容相同，{} 行没有保存", done.saved, done.unchanged, done.refused);
            ui.done(&format!("/imports/{id}"), &words).await
        }
        Err(error) => refused(&ui, &id, error, String::new()).await,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UndoForm {
    reason: String,
}

pub(super) async fn undo(ui: Ui, Path(id): Path<String>, Posted(form): Posted<UndoForm>) -> Result<Response> {
    let number: i64 = id.parse().map_err(|_| Error::NotFound)?;
    match desk::take_back(ui.store(), ui.actor(), number, &form.reason).await {
        Ok(left) if left.is_empty() => ui.done(&format!("/imports/{id}"), "已撤销").await,
        Ok(left) => ui.done(&format!("/imports/{id}"), &format!("已撤销，{} 处说明见下", left.len())).await,
        Err(error) => refused(&ui, &id, error, form.reason).await,
    }
}

/// The page of an import with what keeps something from being done; what was typed stays.
async fn refused(ui: &Ui, id: &str, error: Error, reason: String) -> Result<Response> {
    let refusal = match error {
        Error::Invalid(faults) => Refusal { faults, reason, ..Refusal::default() },
        Error::Conflict(conflict) => Refusal { conflict, reason, ..Refusal::default() },
        other => return Err(other.into()),
    };
    ui.refused(&show_page(ui, id, refusal).await?)
}

pub(super) async fn returned(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let number: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let (name, returned) = desk::returned(ui.store(), ui.actor(), number).await?;
    ui.note(Note::of(Verb::FILE_EXPORTED, "import", number).detail("文件", name.as_str())).await?;
    Ok(attachment(&name, returned.bytes))
}

pub(super) async fn file(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let import = queries::find(&read, &ui.scope(IMPORT), id).await?;
    let bytes = queries::content(&read, &import.digest).await?;
    drop(read);
    ui.note(Note::of(Verb::FILE_EXPORTED, "import", id).detail("文件", import.file_name.as_str())).await?;
    Ok(attachment(&import.file_name, bytes))
}

/// The answer that saves a workbook under its name.
fn attachment(name: &str, bytes: Vec<u8>) -> Response {
    let kind = match name.rsplit_once('.') {
        Some((_, "xlsx")) => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    };
    download(name, kind, bytes)
}
