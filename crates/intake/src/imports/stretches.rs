//! A workbook on its way through the checks: read on a thread of its own, a stretch of rows at a time.
//!
//! Owns the bound on what is held of it. Never asks the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kernel::{Error, Result};
use sheets::{Mapping, Reading, Template};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Rows of a stretch.
const ROWS: usize = 2000;

/// A workbook being read.
pub(super) struct Stretches {
    coming: mpsc::Receiver<Reading>,
    task: Option<JoinHandle<Result<Option<Reading>>>>,
}

/// What is next.
pub(super) enum Next {
    /// Rows with what was found in them.
    Rows(Reading),
    /// The last rows, with what is said of pages and the file.
    Last(Reading),
}

/// The rows to look at, and after the last ones what is said of pages and the file.
pub(super) fn parted(next: Next) -> (Reading, Option<Reading>) {
    match next {
        Next::Rows(rows) => (rows, None),
        Next::Last(rows) => {
            let last = Reading { rows: Vec::new(), findings: Vec::new(), ..rows.clone() };
            (rows, Some(last))
        }
    }
}

impl Stretches {
    /// Begins to read. One stretch waits while another is looked through; dropping this ends the reading.
    pub fn read(bytes: Vec<u8>, template: Template, mapping: Mapping) -> Self {
        let (hand_over, coming) = mpsc::channel(1);
        let task = tokio::task::spawn_blocking(move || {
            sheets::read_in_stretches(&bytes, &template, &mapping, ROWS, |rows| hand_over.blocking_send(rows).is_ok())
        });
        Self { coming, task: Some(task) }
    }

    /// The next rows; `None` behind the last.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `file` for what cannot be read.
    pub async fn next(&mut self) -> Result<Option<Next>> {
        if let Some(rows) = self.coming.recv().await {
            return Ok(Some(Next::Rows(rows)));
        }
        let Some(task) = self.task.take() else { return Ok(None) };
        let last = task.await.map_err(|e| Error::Internal(e.to_string()))??;
        Ok(last.map(Next::Last))
    }
}

/// How far a workbook has come, and whether somebody wants it stopped. Shared between who works and who looks on.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    rows: AtomicU64,
    stopped: AtomicBool,
}

impl Progress {
    /// Rows looked through so far.
    pub fn rows(&self) -> u64 {
        self.0.rows.load(Ordering::Relaxed)
    }

    /// Asks for an end at the next stretch.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    /// Notes rows that were looked through.
    ///
    /// # Errors
    /// [`Error::Conflict`] when somebody has asked for an end.
    pub fn add(&self, rows: usize) -> Result<()> {
        self.0.rows.fetch_add(rows as u64, Ordering::Relaxed);
        match self.0.stopped.load(Ordering::Relaxed) {
            true => Err(Error::Conflict(CANCELLED.into())),
            false => Ok(()),
        }
    }
}

/// What is said of an import that was stopped.
pub(super) const CANCELLED: &str = "已取消，什么都没有保存";
