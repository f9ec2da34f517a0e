//! A project as the library keeps it, its milestones and its monthly reports.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::case::Light;
use kernel::id::{CaseId, OrgId, RecordId, UnitId};
use kernel::ledger::Class;
use kernel::value::day::Day;
use kernel::value::money::Fen;
use serde::{Deserialize, Serialize};

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Number of its case.
    pub id: CaseId,
    /// Whose it is.
    pub subject: OrgId,
    /// Their name today.
    pub firm: String,
    /// Their credit code or local code.
    pub code: String,
    /// The reporting unit that handles it.
    pub unit: UnitId,
    /// What it is called.
    pub name: String,
    /// Code of its type; empty while unclassified.
    pub class: String,
    /// Division of GB/T 4754; empty when unknown.
    pub industry: String,
    /// Planned total investment.
    pub planned: Fen,
    /// Investment reported so far.
    pub invested: Fen,
    /// Planned start.
    pub start_on: Day,
    /// Planned end.
    pub end_on: Day,
    /// State of its case.
    pub state: String,
    /// First day of the last month reported.
    pub last_month: Option<Day>,
    /// What lights look at.
    pub marks: Marks,
    /// What stands in its way, as last reported.
    pub problem: String,
    /// Who is to solve that.
    pub problem_unit: String,
}

/// What lights compare with a day; empty for a project that is not being built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// The earliest unfinished milestone; without one the planned end.
    pub next_due: Option<Day>,
    /// The first month without a report, by its first day.
    pub silent_from: Option<Day>,
    /// The day whose planned investment is reached; empty when all of it is.
    pub paid_until: Option<Day>,
}

/// States of a milestone.
pub(super) static STEPS: &[Class] = &[
    Class { code: "todo", label: "未开始" },
    Class { code: "doing", label: "进行中" },
    Class { code: "done", label: "已完成" },
];

/// A milestone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    /// What is to be reached.
    pub name: String,
    /// Until when.
    pub due_on: Day,
    /// A code of [`STEPS`].
    pub state: String,
    /// When it was reached.
    pub done_on: Option<Day>,
}

/// What a report says of milestones it changed, by their names: state and day.
pub(super) type Moves = BTreeMap<String, Move>;

/// A change of a milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// A code of [`STEPS`].
    pub state: String,
    /// When it was reached.
    pub done_on: Option<Day>,
}

/// What was reported of a month.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its number.
    pub id: i64,
    /// First day of the month.
    pub month: Day,
    /// Investment done in it; negative when too much had been reported.
    pub invested: Fen,
    /// Milestones it changed.
    pub moves: Moves,
    /// What stands in the way.
    pub problem: String,
    /// Who is to solve that.
    pub problem_unit: String,
    /// What proves it.
    pub evidence: String,
    /// Why it is out of the ordinary.
    pub reason: String,
    /// The record its fact cites.
    pub record: RecordId,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

/// How a project stands, with the rules that say so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lit {
    /// The light.
    pub light: Light,
    /// Each rule that applies, in words.
    pub why: Vec<String>,
}

/// The reports that count: of each month the last one, in the order of months.
pub(super) fn standing(reports: &[Report]) -> Vec<&Report> {
    let mut of: BTreeMap<Day, &Report> = BTreeMap::new();
    for report in reports {
        match of.get(&report.month) {
            Some(held) if held.id > report.id => {}
            _ => drop(of.insert(report.month, report)),
        }
    }
    of.into_values().collect()
}

/// Milestones after what a report says of them.
pub(super) fn moved(milestones: &[Milestone], moves: &Moves) -> Vec<Milestone> {
    let after = |one: &Milestone| match moves.get(&one.name) {
        Some(to) => Milestone { state: to.state.clone(), done_on: to.done_on, ..one.clone() },
        None => one.clone(),
    };
    milestones.iter().map(after).collect()
}
