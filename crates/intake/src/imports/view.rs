//! What pages show of an import: its state, what was found in it, what was saved.

use kernel::access::Scope;
use kernel::id::Position;
use kernel::store::Read;
use kernel::{Faults, Result};
use serde::{Deserialize, Serialize};
use sheets::{Finding, Level, Mapping, Reading};

use super::model::{Import, Report, Trace};
use super::queries;
use kernel::value::day;

/// Findings shown on the page; all of them stand in the returned workbook.
const SHOWN: usize = 200;

/// An import as a line of the list.
pub(super) struct ImportRow {
    pub id: i64,
    pub what: &'static str,
    pub file: String,
    pub at: String,
    pub by: String,
    pub state: &'static str,
    pub look: &'static str,
    pub saved: String,
    /// How its columns were made known; empty when by their heads alone.
    pub mapped: String,
}

impl ImportRow {
    pub fn of(import: &Import) -> Self {
        let (state, look) = match (import.done_at, import.undone_at) {
            (_, Some(_)) => ("已撤销", "state-off"),
            (Some(_), None) => ("已保存", "state-ok"),
            (None, None) => ("待核对", "state-warn"),
        };
        Self {
            id: import.id,
            what: import.what.label(),
            file: import.file_name.clone(),
            at: day::minute(import.uploaded_at),
            by: import.uploaded_by.clone(),
            state,
            look,
            saved: if import.done_at.is_some() { format!("{} 行", import.saved) } else { String::new() },
            mapped: mapped(import),
        }
    }
}

/// Says by which mapping an import is read.
fn mapped(import: &Import) -> String {
    let Ok(mapping) = Mapping::of_toml(&import.columns) else { return String::new() };
    let (all, taken) = (mapping.columns.len(), mapping.taken().count());
    match import.columns_at {
        _ if all == 0 => String::new(),
        Some(at) => format!("按 {} 记住的认列读取：{all} 列中读 {taken} 列", day::minute(at)),
        None => format!("按本次的认列读取：{all} 列中读 {taken} 列"),
    }
}

/// What was found when a workbook was looked through.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReportView {
    pub to_save: usize,
    pub unchanged: usize,
    pub refused: usize,
    pub conflicts: usize,
    /// What names the conflicts shown.
    pub seen: String,
    pub notices: Vec<String>,
    pub grave: Vec<FindingRow>,
    pub grave_left: usize,
    pub repairs: Vec<FindingRow>,
    pub repairs_left: usize,
    pub rows: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FindingRow {
    pub level: String,
    pub look: String,
    pub place: String,
    pub head: String,
    pub raw: String,
    pub message: String,
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
            level: level.to_owned(),
            look: look.to_owned(),
            place: format!("{page} {}", finding.place()),
            head: finding.head.clone(),
            raw: finding.raw.clone(),
            message: finding.message.clone(),
        }
    }
}

impl ReportView {
    pub fn of(report: &Report) -> Self {
        let rows = |levels: &[Level]| {
            let wanted = report.reading.findings.iter().filter(|f| levels.contains(&f.level));
            let shown: Vec<FindingRow> = wanted.take(SHOWN).map(|f| FindingRow::of(f, &report.reading)).collect();
            let left = levels.iter().map(|level| report.count(*level)).sum::<usize>() - shown.len();
            (shown, left)
        };
        let (grave, grave_left) = rows(&[Level::Fault, Level::Conflict, Level::Warning]);
        let (repairs, repairs_left) = rows(&[Level::Repair]);
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
            rows: report.first.clone(),
        }
    }

    /// All rows that were looked through.
    pub fn total(&self) -> usize {
        self.to_save + self.unchanged + self.refused
    }
}

/// What was saved.
pub(super) struct DoneView {
    pub at: String,
    pub by: String,
    pub saved: i64,
    pub unchanged: i64,
    pub refused: i64,
    pub traces: Vec<TraceRow>,
    /// Values that are not listed.
    pub traces_left: i64,
    pub undone: String,
    pub left: Vec<String>,
    /// Facts that taking back will leave, since they stand behind published figures: the first ones.
    pub behind: Vec<Position>,
    /// How many there are.
    pub behind_all: usize,
}

/// Facts named one by one before taking back.
const NAMED: usize = 20;

pub(super) struct TraceRow {
    pub label: String,
    pub value: String,
    pub place: String,
    pub href: String,
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

impl DoneView {
    /// What became of a saved import; `None` before.
    ///
    /// # Errors
    /// As the database says.
    pub async fn of(read: &Read, (scope, undoing): (&Scope, &Scope), import: &Import) -> Result<Option<Self>> {
        let Some(at) = import.done_at else { return Ok(None) };
        let traces = queries::traces(read, scope, import.id, SHOWN as i64).await?;
        let undone = import
            .undone_at
            .map(|at| format!("{} 由{}撤销：{}", day::minute(at), import.undone_by, import.undo_reason));
        let behind = match import.undone_at {
            None => queries::behind_published(read, undoing, import.id).await?,
            Some(_) => Vec::new(),
        };
        Ok(Some(Self {
            behind_all: behind.len(),
            behind: behind.into_iter().take(NAMED).collect(),
            at: day::minute(at),
            by: import.done_by.clone(),
            saved: import.saved,
            unchanged: import.unchanged,
            refused: import.refused,
            traces_left: queries::count_traces(read, import.id).await? - traces.len() as i64,
            traces: traces.into_iter().map(TraceRow::of).collect(),
            undone: undone.unwrap_or_default(),
            left: import.undo_left.lines().map(str::to_owned).collect(),
        }))
    }
}

/// How far work in the background is.
pub(super) struct WorkView {
    /// What is done, in Chinese.
    pub act: &'static str,
    pub rows: u64,
    /// Rows in all; 0 while nobody knows.
    pub total: u64,
    /// Of a hundred.
    pub percent: u64,
}

/// What keeps something from being saved.
#[derive(Default)]
pub(super) struct Refusal {
    pub faults: Faults,
    pub conflict: String,
    pub reason: String,
}

impl Refusal {
    pub fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    /// What keeps it from being saved, at whatever field: none of it may get lost.
    pub fn refusals(&self) -> Vec<&str> {
        self.faults.0.iter().filter(|f| f.field != "reason").map(|f| f.message.as_str()).collect()
    }
}
