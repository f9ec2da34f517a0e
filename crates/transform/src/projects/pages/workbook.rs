//! Workbooks of monthly reports: downloaded, sent back, looked at, saved.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::Error;
use kernel::audit::{Note, Verb};
use sheets::{Finding, Level};
use web::link::id;
use web::{Frame, Posted, Result, Sent, Ui, download};

use super::super::uploads::{self, Upload, receive};
use super::super::workbook::{Looked, county_workbook, look_through, opened};
use super::library::XLSX;
use super::tabs;

/// Findings shown on the page; the marked workbook holds them all.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "projects/templates/workbooks.html")]
struct ListPage {
    cx: Frame,
    tabs: Vec<(String, &'static str, bool)>,
    uploads: Vec<Upload>,
    fault: String,
}

async fn list_page(ui: &Ui, fault: String) -> Result<ListPage> {
    let read = ui.read().await?;
    Ok(ListPage {
        cx: ui.frame(&read).await?,
        tabs: tabs(&[], "workbook", true),
        uploads: uploads::uploads(&read, ui.actor()).await?,
        fault,
    })
}

pub(in super::super) async fn list(ui: Ui) -> Result<Response> {
    ui.page(&list_page(&ui, String::new()).await?)
}

pub(in super::super) async fn blank(ui: Ui) -> Result<Response> {
    let (name, bytes) = county_workbook(ui.store(), ui.actor()).await?;
    ui.note(Note::of(Verb::FILE_EXPORTED, "template", None).detail("文件", name.as_str())).await?;
    Ok(download(&name, XLSX, bytes))
}

pub(in super::super) async fn upload(ui: Ui, sent: Sent) -> Result<Response> {
    match receive(ui.store(), ui.actor(), &sent.file_name, sent.bytes).await {
        Ok(id) => ui.done(&format!("/projects/workbook/{id}"), "已上传并核对，还没有保存").await,
        Err(Error::Invalid(faults)) => {
            let words = faults.0.into_iter().map(|f| f.message).collect::<Vec<_>>().join("；");
            ui.refused(&list_page(&ui, words).await?)
        }
        Err(other) => Err(other.into()),
    }
}

/// A finding as the page shows it.
struct Told {
    level: &'static str,
    class: &'static str,
    place: String,
    head: String,
    raw: String,
    message: String,
}

impl Told {
    fn of(finding: &Finding) -> Self {
        let (level, class) = match finding.level {
            Level::Fault => ("错误", "state-bad"),
            Level::Conflict => ("冲突", "state-bad"),
            Level::Warning => ("请核对", "state-warn"),
            Level::Repair => ("已规整", "state-info"),
        };
        let (head, raw, message) = (finding.head.clone(), finding.raw.clone(), finding.message.clone());
        Self { level, class, place: finding.place(), head, raw, message }
    }
}

#[derive(Template)]
#[template(path = "projects/templates/workbook.html")]
struct ShowPage {
    cx: Frame,
    tabs: Vec<(String, &'static str, bool)>,
    upload: Upload,
    reports: usize,
    filings: usize,
    unchanged: usize,
    faults: usize,
    findings: Vec<Told>,
    notices: Vec<String>,
    conflict: String,
}

async fn show_page(ui: &Ui, id: i64, conflict: String) -> Result<ShowPage> {
    let read = ui.read().await?;
    let (upload, bytes) = uploads::upload(&read, ui.actor(), id).await?;
    let (_, reading) = opened(bytes).await?;
    let mut looked: Looked = look_through(&read, ui.actor(), reading).await?;
    looked.reading.findings.sort_by_key(|finding| (finding.level, finding.row, finding.col));
    Ok(ShowPage {
        cx: ui.frame(&read).await?,
        tabs: tabs(&[], "workbook", true),
        reports: looked.reports(),
        filings: looked.filings(),
        unchanged: looked.unchanged,
        faults: looked.faults(),
        findings: looked.reading.findings.iter().take(SHOWN).map(Told::of).collect(),
        notices: looked.reading.notices.clone(),
        upload,
        conflict,
    })
}

pub(in super::super) async fn show(ui: Ui, Path(number): Path<String>) -> Result<Response> {
    ui.page(&show_page(&ui, id(&number)?, String::new()).await?)
}

pub(in super::super) async fn returned(ui: Ui, Path(number): Path<String>) -> Result<Response> {
    let number: i64 = id(&number)?;
    let (name, returned) = uploads::returned(ui.store(), ui.actor(), number).await?;
    ui.note(Note::of(Verb::FILE_EXPORTED, "project_upload", number).detail("文件", name.as_str())).await?;
    Ok(download(&name, XLSX, returned.bytes))
}

pub(in super::super) async fn save(
    ui: Ui,
    Path(number): Path<String>,
    Posted(_): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let number: i64 = id(&number)?;
    match uploads::save(ui.store(), ui.actor(), number).await {
        Ok(n) => ui.done(&format!("/projects/workbook/{number}"), &format!("已保存 {n} 行")).await,
        Err(Error::Conflict(conflict)) => ui.refused(&show_page(&ui, number, conflict).await?),
        Err(other) => Err(other.into()),
    }
}
