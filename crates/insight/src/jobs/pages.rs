//! The list of jobs, and what is done with one.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::id::JobId;
use kernel::job::{self, Outcome, Row, When, here};
use kernel::store::Read;
use kernel::value::day;
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use crate::link::{self, Link, asked};

/// Jobs of a page.
const PAGE: i64 = 50;

/// A job in the list.
struct Line {
    id: JobId,
    label: String,
    asked: String,
    state: &'static str,
    class: &'static str,
    /// Per cent done; nothing when that is not known or it does not run.
    percent: Option<i64>,
    /// When it ended, or comes next.
    at: String,
    attempts: i64,
    answer: String,
    can_stop: bool,
    can_again: bool,
}

impl Line {
    fn of(read: &Read, row: &Row) -> Self {
        let running = row.is_running(read.now());
        let (state, class) = match (row.outcome, running) {
            (Some(Outcome::Done), _) => ("已完成", "state-ok"),
            (Some(Outcome::Failed), _) => ("没有办成", "state-bad"),
            (Some(Outcome::Stopped), _) => ("已取消", "state-off"),
            (None, _) if !row.stop_by.is_empty() => ("正在取消", "state-warn"),
            (None, true) => ("正在办理", "state-info"),
            (None, false) if row.attempts > 0 => ("等待重试", "state-warn"),
            (None, false) => ("等待办理", "state-off"),
        };
        let (done, total) = job_here(read, row).unwrap_or((row.done, row.total));
        Self {
            id: row.id,
            label: read.catalog().job(&row.kind).map_or_else(|| row.kind.clone(), |job| job.label.to_owned()),
            asked: format!("{} {}", day::minute(row.asked_at), row.asked_by),
            state,
            class,
            percent: (running && total > 0).then(|| (done.saturating_mul(100) / total).clamp(0, 100)),
            at: at(row, running),
            attempts: row.attempts,
            answer: row.answer.clone(),
            can_stop: row.ended_at.is_none() && row.stop_by.is_empty(),
            can_again: matches!(row.outcome, Some(Outcome::Failed | Outcome::Stopped)),
        }
    }
}

fn job_here(read: &Read, row: &Row) -> Option<(i64, i64)> {
    here(read.store(), row.id).map(|far| far.steps())
}

fn at(row: &Row, running: bool) -> String {
    match (row.ended_at, running) {
        (Some(ended), _) => day::minute(ended),
        (None, true) => String::new(),
        (None, false) => format!("不早于 {}", day::minute(row.next_at)),
    }
}

#[derive(Template)]
#[template(path = "jobs/templates/list.html")]
struct List {
    cx: Frame,
    /// What the clock asks for: label, when, code.
    planned: Vec<(&'static str, String, &'static str)>,
    open: bool,
    kind: String,
    rows: Vec<Line>,
    next: String,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let before = link::number::<JobId>(ui.query(), "before", "编号")?;
    let (kind, open) = (asked(ui.query(), "kind"), asked(ui.query(), "open") == "1");
    let only = Some(kind).filter(|kind| !kind.is_empty());
    let mut found = job::list(&read, only, open, before, PAGE + 1).await?;
    let next = link::cut(&mut found, PAGE).map(|last| last.id);
    let kept = Link::to("/jobs").with("kind", kind).with("open", if open { "1" } else { "" });
    ui.page(&List {
        cx: ui.frame(&read).await?,
        planned: planned(&read),
        open,
        kind: kind.to_owned(),
        rows: found.iter().map(|row| Line::of(&read, row)).collect(),
        next: next.map(|id| kept.with("before", id).to_string()).unwrap_or_default(),
    })
}

fn planned(read: &Read) -> Vec<(&'static str, String, &'static str)> {
    let jobs = read.catalog().jobs().iter();
    jobs.map(|job| {
        let when = match job.when {
            When::Asked => "有人提出时".to_owned(),
            When::Night((hour, minute), _) => format!("每夜 {hour:02}:{minute:02}"),
            When::WorkingDay => "每个工作日上午".to_owned(),
        };
        (job.label, when, job.code)
    })
    .collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Nothing {}

pub(super) async fn stop(ui: Ui, Path(id): Path<String>, Posted(Nothing {}): Posted<Nothing>) -> Result<Response> {
    let id: JobId = link::id(&id)?;
    job::stop_here(ui.store(), id);
    ui.write(async |tx| job::stop(tx, id).await).await?;
    ui.done("/jobs", "已取消；正在办理的会在下一步停下").await
}

pub(super) async fn again(ui: Ui, Path(id): Path<String>, Posted(Nothing {}): Posted<Nothing>) -> Result<Response> {
    let id: JobId = link::id(&id)?;
    ui.write(async |tx| job::again(tx, id).await).await?;
    ui.done("/jobs", "已重新安排").await
}
