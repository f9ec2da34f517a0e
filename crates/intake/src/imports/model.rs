//! What can be imported, what a row will do, and what is told about it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::access::{Actor, Permission, Scope};
use kernel::id::{OrgId, Position};
use kernel::indicator::entry::{NewDeclared, NewTarget};
use kernel::ledger::entry::Happened;
use registry::orgs::{ChangeForm, RegisterForm, YearForm};
use sheets::{Finding, Level, Reading};
use sm3::{Digest, Sm3};

use super::{CORRECT, DECLARED, FACTS, TARGETS, desk};

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Organisations with their attributes.
    Orgs,
    /// Yearly figures.
    Years,
    /// Marks that an authority grants.
    Marks,
    /// Facts of any kind: a historical ledger.
    Facts,
    /// Declared figures.
    Declared,
    /// Targets.
    Targets,
}

impl What {
    /// All of them, in the order of pages.
    pub const ALL: [Self; 6] = [Self::Orgs, Self::Years, Self::Marks, Self::Facts, Self::Targets, Self::Declared];

    /// Stable name, in addresses and commands.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Orgs => "orgs",
            Self::Years => "years",
            Self::Marks => "marks",
            Self::Facts => "facts",
            Self::Declared => "declared",
            Self::Targets => "targets",
        }
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Orgs => "主体名录",
            Self::Years => "年度数据",
            Self::Marks => "标记",
            Self::Facts => "历史台账",
            Self::Declared => "申明数字",
            Self::Targets => "目标",
        }
    }

    /// The one with this code.
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.code() == code)
    }

    /// Whose scope its rows stand under.
    pub(super) const fn permission(self) -> Permission {
        match self {
            Self::Orgs | Self::Years | Self::Marks => registry::orgs::EDIT,
            Self::Facts => FACTS,
            Self::Declared => DECLARED,
            Self::Targets => TARGETS,
        }
    }

    /// Whose scope their taking back stands under.
    pub(super) const fn undo_permission(self) -> Permission {
        match self {
            Self::Facts => CORRECT,
            other => other.permission(),
        }
    }

    /// Whether somebody may import such rows. Targets and declared figures are the city's: a workbook of them is for
    /// those who answer for the whole of it.
    pub fn open_to(self, actor: &Actor) -> bool {
        let permission = self.permission();
        match self {
            Self::Declared | Self::Targets => matches!(actor.scope(permission), Scope::All),
            _ => actor.may(permission),
        }
    }
}

/// How much of a workbook with faults is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything or nothing.
    Whole,
    /// Rows without faults.
    Good,
}

/// What a row will do.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Register(Box<RegisterForm>),
    /// Takes back the 撤销 that an earlier undoing asserted at `position`.
    Lift {
        org: OrgId,
        position: Position,
        source: String,
    },
    Change {
        org: OrgId,
        form: ChangeForm,
    },
    Year {
        org: OrgId,
        form: YearForm,
    },
    Fact(Box<FactRow>),
    Declare {
        indicator: String,
        new: NewDeclared,
    },
    Target {
        indicator: String,
        new: NewTarget,
    },
}

/// A fact of a historical ledger.
#[derive(Debug, Clone)]
pub(super) struct FactRow {
    pub kind: String,
    pub subject: OrgId,
    pub counterparty: Option<OrgId>,
    pub what: Happened,
}

/// What is told about a row: at which column, how grave, in which words.
pub(super) type Told = (Level, &'static str, String);

/// What became of a row when it was looked through.
#[derive(Debug, Default)]
pub(super) struct RowPlan {
    /// The same for the same row, whoever sends it; empty when the row has no identity.
    pub key: String,
    /// Other things that no second row may claim, each with its column.
    pub claims: Vec<(String, &'static str)>,
    /// What people call the row.
    pub label: String,
    /// What it will do, each from a column.
    pub steps: Vec<(Step, &'static str)>,
    pub told: Vec<Told>,
}

impl RowPlan {
    pub fn warn(&mut self, key: &'static str, message: impl Into<String>) {
        self.told.push((Level::Warning, key, message.into()));
    }

    pub fn fault(&mut self, key: &'static str, message: impl Into<String>) {
        self.told.push((Level::Fault, key, message.into()));
    }
}

/// A row that may be saved.
#[derive(Debug)]
pub(super) struct Plan {
    /// Index among the rows of its stretch.
    pub row: usize,
    pub key: String,
    pub label: String,
    pub steps: Vec<(Step, &'static str)>,
}

/// A stretch of rows that was looked through.
#[derive(Debug)]
pub(super) struct Checked {
    /// Its rows, with every finding about them.
    pub reading: Reading,
    /// Rows that change something.
    pub plans: Vec<Plan>,
    /// Rows that hold what is stored already.
    pub unchanged: usize,
    /// Rows that cannot be saved.
    pub refused: usize,
}

/// Findings of a level that are kept; all are counted.
const KEPT: usize = 50_000;
/// Names of rows that are kept for showing.
const FIRST: usize = 20;

/// A workbook that was looked through.
#[derive(Debug, Default)]
pub struct Report {
    /// Its pages, notices and findings, without the rows; of very many findings of a level the first.
    pub reading: Reading,
    /// Names of the first rows that will be saved.
    pub(super) first: Vec<String>,
    to_save: usize,
    /// Rows that hold what is stored already.
    pub unchanged: usize,
    /// Rows that cannot be saved.
    pub refused: usize,
    counts: BTreeMap<Level, usize>,
    conflicts: Sm3,
}

impl Report {
    /// Takes in what a stretch turned out to be.
    pub(super) fn take_in(&mut self, checked: &mut Checked) {
        self.to_save += checked.plans.len();
        self.unchanged += checked.unchanged;
        self.refused += checked.refused;
        let room = FIRST - self.first.len();
        self.first.extend(checked.plans.iter().take(room).map(|plan| plan.label.clone()));
        self.find(std::mem::take(&mut checked.reading.findings));
    }

    /// Ends with what the reading says of pages and the file.
    pub(super) fn end(&mut self, last: Reading) {
        self.reading.pages = last.pages;
        self.reading.notices = last.notices;
        self.reading.held = last.held;
        self.reading.format = last.format;
        // What is said at heads comes to light at the end of a page and belongs before its rows.
        self.reading.findings.sort_by_key(|f| (f.page, f.row));
    }

    fn find(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            if finding.level == Level::Conflict {
                self.conflicts.update(format!("{} {} {}\n", finding.page, finding.place(), finding.message));
            }
            let count = self.counts.entry(finding.level).or_default();
            *count += 1;
            if *count <= KEPT {
                self.reading.findings.push(finding);
            }
        }
    }

    /// Rows that will be saved.
    pub fn to_save(&self) -> usize {
        self.to_save
    }

    /// What names the conflicts that were shown: who lets the sheet win says over which. Empty without any.
    pub fn conflicts(&self) -> String {
        match self.count(Level::Conflict) {
            0 => String::new(),
            _ => desk::hexadecimal(&self.conflicts.clone().finalize()),
        }
    }

    /// Findings of a level.
    pub fn count(&self, level: Level) -> usize {
        self.counts.get(&level).copied().unwrap_or(0)
    }
}

/// What an import saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Rows saved.
    pub saved: usize,
    /// Rows that held what was stored already.
    pub unchanged: usize,
    /// Rows left out.
    pub refused: usize,
}

/// An upload and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Import {
    pub id: i64,
    pub what: What,
    pub file_name: String,
    pub digest: String,
    pub size: i64,
    pub uploaded_at: DateTime<Utc>,
    pub uploaded_by: String,
    pub done_at: Option<DateTime<Utc>>,
    pub done_by: String,
    pub saved: i64,
    pub unchanged: i64,
    pub refused: i64,
    pub undone_at: Option<DateTime<Utc>>,
    pub undone_by: String,
    pub undo_reason: String,
    /// What the undoing left as it was, and why.
    pub undo_left: String,
    /// What the sender has said about its columns, as a file of that; empty for nothing.
    pub columns: String,
    /// When what was said was saved, if it was taken from an earlier workbook.
    pub columns_at: Option<DateTime<Utc>>,
}

/// A stored value with its cell.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    pub what: String,
    pub position: Option<i64>,
    pub record: Option<i64>,
    pub org: Option<OrgId>,
    pub field: String,
    pub value: String,
    pub sheet: String,
    pub cell: String,
    pub label: String,
}
