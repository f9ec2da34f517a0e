//! What a dossier shows, ready to be printed.

use kernel::id::{OrgId, Position, RecordId};

/// An attribute as of the day asked about, with all that was ever asserted of it.
pub(super) struct AttributeView {
    pub label: &'static str,
    /// What holds on the day; `None` when nothing does.
    pub now: Option<Asserted>,
    /// Everything asserted and known, newest first.
    pub history: Vec<Asserted>,
}

impl AttributeView {
    /// Whether there is more to tell than what holds on the day.
    pub fn has_past(&self) -> bool {
        self.history.len() > usize::from(self.now.is_some())
    }
}

/// One assertion.
pub(super) struct Asserted {
    pub position: Position,
    pub value: String,
    pub from: String,
    /// Last day; empty while open.
    pub to: String,
    pub source: String,
    /// The cell of a workbook it was taken from; empty when it was typed in.
    pub origin: String,
    pub recorded_on: String,
    pub recorded_by: String,
}

/// A name the organisation had.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FormerName {
    pub name: String,
    pub from: String,
    pub until: String,
}

/// Figures of a year with the size class they give.
pub(super) struct YearView {
    pub year: i32,
    pub employees: String,
    pub revenue_wan: String,
    pub assets_wan: String,
    pub source: String,
    /// The cell of a workbook they were taken from; empty when they were typed in.
    pub origin: String,
    /// Computed class, 不适用, or what is missing.
    pub size: String,
    /// Which measures decided; empty when there is no class.
    pub decided_by: String,
    /// Document and industry of the rule, then one sentence for each measure.
    pub proof: Option<Proof>,
    /// Declared class; empty when none is declared.
    pub declared: &'static str,
    /// Both are there and are not the same.
    pub differs: bool,
}

/// Why a year gives its class.
pub(super) struct Proof {
    pub document: String,
    pub industry: String,
    pub measures: Vec<String>,
}

/// A fact on the timeline.
pub(super) struct Entry {
    pub position: Position,
    /// Set on the first entry of a year.
    pub new_year: Option<i32>,
    pub on: String,
    /// Month and day.
    pub short_on: String,
    pub title: String,
    /// Quantity and amount with their units; empty when the fact is one of its kind without money.
    pub how_much: String,
    pub counterparty: Option<(OrgId, String)>,
    pub unit: String,
    pub record: RecordId,
    pub record_title: String,
    pub recorded_on: String,
    pub recorded_by: String,
    /// The reversal that took it back, and why.
    pub reversed: Option<(Position, String)>,
    /// The fact that this one takes back, and why.
    pub reverses: Option<(Position, String)>,
}

/// A page of the timeline.
pub(super) struct Timeline {
    pub entries: Vec<Entry>,
    /// Reversals told at the fact they take back instead of standing by themselves.
    pub folded: usize,
    /// Below which position the next page goes on.
    pub before: Option<Position>,
}

/// A figure that counts facts of the organisation.
pub(super) struct CountedIn {
    pub code: &'static str,
    pub name: &'static str,
    pub definition: &'static str,
    pub window: String,
    pub facts: usize,
}

/// An organisation that was merged into this one.
pub(super) struct MergedHere {
    pub id: OrgId,
    pub name: String,
    pub on: String,
    pub by: String,
    pub reason: String,
}

/// A count that stops counting at a bound.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub n: i64,
    /// There are more.
    pub more: bool,
}
