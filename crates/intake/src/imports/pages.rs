//! Pages of imports: what was sent, what was found, what was saved.

use askama::Template;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use kernel::id::Position;
use kernel::{Error, Faults};
use serde::Deserialize;
use sheets::{Finding, Level, Reading};
use web::{Frame, Posted, Result, Sent, Ui};

use super::desk::{self, shown};
use super::model::{Import, Mode, Report, Trace, What};
use super::{IMPORT, queries};

/// Findings shown on the page; all of them stand in the returned workbook.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "imports/templates/list.html")]
struct ListPage {
    cx: Frame,
    kinds: Vec<(&'static str, &'static str, bool)>,
    imports: Vec<ImportRow>,
    fault: String,
}

struct ImportRow {
    id: i64,
    what: &'static str,
    file: String,
    at: String,
    by: String,
    state: &'static str,
    look: &'static str,
    saved: String,
}

impl ImportRow {
    fn of(import: &Import) -> Self {
        let (state, look) = match (import.done_at, import.undone_at) {
            (_, Some(_)) => ("已撤销", "state-off"),
            (Some(_), None) => ("已保存", "state-ok"),
            (None, None) => ("待核对", "state-warn"),
        };
        Self {
            id: import.id,
            what: import.what.label(),
            file: import.file_name.clone(),
            at: shown(import.uploaded_at),
            by: import.uploaded_by.clone(),
            state,
            look,
            saved: if import.done_at.is_some() { format!("{} 行", import.saved) } else { String::new() },
        }
    }
}

async fn list_page(ui: &Ui, chosen: &str, fault: String) -> Result<ListPage> {
    let read = ui.read().await?;
    let kinds = What::ALL.into_iter().filter(|w| w.open_to(ui.actor()));
    Ok(ListPage {
        cx: ui.frame(&read).await?,
        kinds: kinds.map(|w| (w.code(), w.label(), w.code() == chosen)).collect(),
        imports: queries::list(&read, &ui.scope(IMPORT)).await?.iter().map(ImportRow::of).collect(),
        fault,
    })
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    ui.page(&list_page(&ui, "", String::new()).await?)
}

pub(super) async fn upload(ui: Ui, sent: Sent) -> Result<Response> {
    let what = sent.field("what").to_owned();
    let received = match What::find(&what) {
        Some(what) => desk::receive(ui.store(), ui.actor(), what, &sent.file_name, sent.bytes).await,
        None => Err(Error::invalid("what", "请选择导入种类")),
    };
    match received {
        Ok(id) => ui.done(&format!("/imports/{id}"), "已上传并核对，还没有保存").await,
        Err(Error::Invalid(faults)) => {
            let words = faults.0.into_iter().map(|f| f.message).collect::<Vec<_>>().join("；");
            ui.refused(&list_page(&ui, &what, words).await?)
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn template(ui: Ui, Path(what): Path<String>) -> Result<Response> {
    let what = What::find(&what).ok_or(Error::NotFound)?;
    let (name, bytes) = desk::blank(ui.store(), ui.actor(), what).await?;
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
    faults: Faults,
    conflict: String,
    reason: String,
}

impl ShowPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    /// What keeps it from being saved, at whatever field: none of it may get lost.
    fn refusals(&self) -> Vec<&str> {
        self.faults.0.iter().filter(|f| f.field != "reason").map(|f| f.message.as_str()).collect()
    }
}

struct ReportView {
    to_save: usize,
    unchanged: usize,
    refused: usize,
    conflicts: usize,
    /// What names the conflicts shown.
    seen: String,
    notices: Vec<String>,
    grave: Vec<FindingRow>,
    grave_left: usize,
    repairs: Vec<FindingRow>,
    repairs_left: usize,
    rows: Vec<String>,
}

struct FindingRow {
    level: &'static str,
    look: &'static str,
    place: String,
    head: String,
    raw: String,
    message: String,
}

impl FindingRow {
    fn of(finding: &Finding, reading: &Reading) -> Self {
        let (level, look) = match finding.level {
            Level::Fault => ("错误", "state-bad"),
            Level::Conflict => ("冲突", "state-bad"),
            Level::Warning => ("请核对", "state-warn"),
            Level::Repair => ("已规整", "state-info"),
        };
        let page = reading.pages.get(finding.page).map_or("", |p| p.name.as_str());
        Self {
            level,
            look,
            place: format!("{page} {}", finding.place()),
            head: finding.head.clone(),
            raw: finding.raw.clone(),
            message: finding.message.clone(),
        }
    }
}

impl ReportView {
    fn of(report: &Report) -> Self {
        let rows = |repairs: bool| {
            let wanted = report.reading.findings.iter().filter(move |f| (f.level == Level::Repair) == repairs);
            let all = wanted.clone().count();
            let shown: Vec<FindingRow> = wanted.take(SHOWN).map(|f| FindingRow::of(f, &report.reading)).collect();
            let left = all - shown.len();
            (shown, left)
        };
        let ((grave, grave_left), (repairs, repairs_left)) = (rows(false), rows(true));
        Self {
            to_save: report.to_save(),
            unchanged: report.unchanged,
            refused: report.refused,
            conflicts: report.count(Level::Conflict),
            seen: report.conflicts(),
            notices: report.reading.notices.clone(),
            grave,
            grave_left,
            repairs,
            repairs_left,
            rows: report.plans.iter().take(20).map(|p| p.label.clone()).collect(),
        }
    }
}

struct DoneView {
    at: String,
    by: String,
    saved: i64,
    unchanged: i64,
    refused: i64,
    traces: Vec<TraceRow>,
    /// Values that are not listed.
    traces_left: i64,
    undone: String,
    left: Vec<String>,
    /// Facts that taking back will leave, since they stand behind published figures: the first ones.
    behind: Vec<Position>,
    /// How many there are.
    behind_all: usize,
}

/// Facts named one by one before taking back.
const NAMED: usize = 20;

struct TraceRow {
    label: String,
    value: String,
    place: String,
    href: String,
}

impl TraceRow {
    fn of(trace: Trace) -> Self {
        let href = match (trace.record, trace.org) {
            (Some(record), _) => format!("/records/{record}"),
            (None, Some(org)) => format!("/orgs/{org}"),
            (None, None) => format!("/figures/{}", trace.field),
        };
        Self { label: trace.label, value: trace.value, place: format!("{} {}", trace.sheet, trace.cell), href }
    }
}

async fn show_page(ui: &Ui, id: &str) -> Result<ShowPage> {
    let read = ui.read().await?;
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let import = queries::find(&read, &ui.scope(IMPORT), id).await?;
    let (mut report, mut done) = (None, None);
    match import.done_at {
        None => report = Some(ReportView::of(&desk::dry_run(ui.store(), ui.actor(), id, false).await?)),
        Some(at) => {
            let traces = queries::traces(&read, &ui.scope(import.what.permission()), id, SHOWN as i64).await?;
            let undone =
                import.undone_at.map(|at| format!("{} 由{}撤销：{}", shown(at), import.undone_by, import.undo_reason));
            let behind = match import.undone_at {
                None => queries::behind_published(&read, &ui.scope(import.what.undo_permission()), id).await?,
                Some(_) => Vec::new(),
            };
            done = Some(DoneView {
                behind_all: behind.len(),
                behind: behind.into_iter().take(NAMED).collect(),
                at: shown(at),
                by: import.done_by.clone(),
                saved: import.saved,
                unchanged: import.unchanged,
                refused: import.refused,
                traces_left: queries::count_traces(&read, id).await? - traces.len() as i64,
                traces: traces.into_iter().map(TraceRow::of).collect(),
                undone: undone.unwrap_or_default(),
                left: import.undo_left.lines().map(str::to_owned).collect(),
            });
        }
    }
    Ok(ShowPage {
        cx: ui.frame(&read).await?,
        import: ImportRow::of(&import),
        digest: import.digest.clone(),
        size_kb: (import.size + 1023) / 1024,
        report,
        done,
        faults: Faults::new(),
        conflict: String::new(),
        reason: String::new(),
    })
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    ui.page(&show_page(&ui, &id).await?)
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
    match desk::carry_out(ui.store(), ui.actor(), number, mode, &form.overwrite).await {
        Ok(done) => {
            let words =
                format!("已保存 {} 行；{} 行与现有内容相同，{} 行没有保存", done.saved, done.unchanged, done.refused);
            ui.done(&format!("/imports/{id}"), &words).await
        }
        Err(Error::Invalid(faults)) => ui.refused(&ShowPage { faults, ..show_page(&ui, &id).await? }),
        Err(Error::Conflict(conflict)) => ui.refused(&ShowPage { conflict, ..show_page(&ui, &id).await? }),
        Err(other) => Err(other.into()),
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
        Err(Error::Invalid(faults)) => {
            ui.refused(&ShowPage { faults, reason: form.reason, ..show_page(&ui, &id).await? })
        }
        Err(Error::Conflict(conflict)) => ui.refused(&ShowPage { conflict, ..show_page(&ui, &id).await? }),
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn returned(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let number: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let (name, returned) = desk::returned(ui.store(), ui.actor(), number).await?;
    Ok(attachment(&name, returned.bytes))
}

pub(super) async fn file(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let id: i64 = id.parse().map_err(|_| Error::NotFound)?;
    let import = queries::find(&read, &ui.scope(IMPORT), id).await?;
    Ok(attachment(&import.file_name, queries::content(&read, &import.digest).await?))
}

/// The answer that saves bytes under a name, never shown inside a page.
fn attachment(name: &str, bytes: Vec<u8>) -> Response {
    let encoded: String = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"._-".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    let kind = match name.rsplit_once('.') {
        Some((_, "xlsx")) => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    };
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{encoded}")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
