//! What is asked for, what is typed, and what a comparison shows.

use kernel::id::{OrgId, UnitId};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use serde::Deserialize;

/// The form that registers an organisation, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RegisterForm {
    /// Code of the kind.
    pub kind: String,
    /// Credit code.
    pub credit_code: String,
    /// The code whose warning the person has already read.
    pub warned: String,
    /// Local code of a body without one.
    pub local_code: String,
    /// Name.
    pub name: String,
    /// Number of the reporting unit.
    pub unit: String,
    /// GB/T 2260 code or name.
    pub region: String,
    /// GB/T 4754 code or name.
    pub industry: String,
    /// Business status.
    pub status: String,
    /// Day of founding.
    pub founded_on: String,
    /// In 万元.
    pub capital: String,
    /// Address.
    pub address: String,
    /// 1 or 0.
    pub above_scale: String,
    /// First day all this holds.
    pub since: String,
    /// Where it is from.
    pub source: String,
}

/// The form that changes an attribute, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChangeForm {
    /// Code of the attribute.
    pub attribute: String,
    /// New value.
    pub value: String,
    /// First day.
    pub valid_from: String,
    /// Last day; empty while open.
    pub valid_to: String,
    /// Where it is from.
    pub source: String,
}

/// A change that may be asserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Code of the attribute.
    pub attribute: String,
    /// In its stored form.
    pub value: String,
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Option<Day>,
    /// Where it is from.
    pub source: String,
}

/// The form that records the figures of a year, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct YearForm {
    /// The year.
    pub year: String,
    /// Persons employed.
    pub employees: String,
    /// In 万元.
    pub revenue: String,
    /// In 万元.
    pub assets: String,
    /// Named apart from the other form's source, since both stand on one page.
    pub year_source: String,
}

/// The form that merges an organisation into another.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct MergeForm {
    /// Credit or local code of the one that stays.
    pub into: String,
    pub reason: String,
}

/// The form that takes a merge back.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct UnmergeForm {
    pub reason: String,
}

/// How an attribute is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// Free text.
    Text,
    /// Text with usual words to choose from.
    Status,
    /// A day.
    Day,
    /// An amount in 万元.
    Money,
    /// A code or name of GB/T 4754.
    Industry,
    /// A code or name of GB/T 2260.
    Region,
    /// A reporting unit of the actor's.
    Unit,
    /// A size class.
    Size,
    /// Yes or no.
    YesNo,
}

/// Usual words for the business status.
pub const STATUSES: [&str; 6] = ["存续", "停业", "迁出", "吊销", "撤销", "注销"];

/// Whether a status says that the organisation no longer does business here.
pub(super) fn is_gone(status: &str) -> bool {
    matches!(status, "迁出" | "吊销" | "撤销" | "注销")
}

/// Which contradiction is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// The computed size class against the declared one.
    Size,
    /// The above-scale mark against last year's revenue.
    AboveScale,
}

/// An organisation that contradicts itself, as of a day.
#[derive(Debug, Clone)]
pub(super) struct Mismatch {
    pub id: OrgId,
    pub name: String,
    pub code: String,
    pub unit: UnitId,
    pub industry: String,
    pub size: i64,
    pub declared_size: i64,
    pub above_scale: bool,
    /// Revenue of the year before.
    pub revenue: Option<Fen>,
}

/// One stretch of a comparison.
pub(super) struct Compared {
    pub rows: Vec<Mismatch>,
    /// Organisations looked at.
    pub looked_at: i64,
    /// Where to go on; `None` when all have been looked at.
    pub next: Option<OrgId>,
}
