//! Instruments (问卷): questionnaires as data, and what a filled one comes to.
//!
//! Pure: text in, an instrument or its faults out; answers in, an outcome out. All numbers are exact decimals.
//! Never judges the same answers differently for the same edition: results keep both.

mod answers;
mod assess;
mod blocks;
mod brackets;
mod check;
mod file;
mod number;
mod shipped;

use kernel::value::day::Day;
use rust_decimal::Decimal;

pub(super) use answers::{Answers, kept, read_kept};
pub(super) use assess::{Outcome, SceneLevel, assess};
pub(super) use file::read;
pub(super) use number::show;
pub(super) use shipped::shipped;

/// One edition of a questionnaire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instrument {
    /// Which one; the same in all its editions.
    pub code: String,
    /// Which edition.
    pub edition: String,
    /// What people call it.
    pub name: String,
    /// Where it comes from.
    pub source: String,
    /// The first day it is used.
    pub in_force_from: Day,
    /// What all parts on top add up to.
    pub points: Decimal,
    /// Shown beside every result.
    pub note: String,
    /// Parts, those above before those within.
    pub parts: Vec<Part>,
    /// Items, in the order of the page.
    pub items: Vec<Item>,
    /// Scenes.
    pub scenes: Vec<Scene>,
    /// Levels, from the lowest to the highest.
    pub levels: Vec<Level>,
}

/// A part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Its code.
    pub code: String,
    /// The part above; empty for one on top.
    pub within: String,
    /// What people read.
    pub label: String,
    /// The most that its items bring.
    pub points: Decimal,
    /// What a part on top counts instead of its points.
    pub weight: Option<Decimal>,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// Its code, also the name of its field.
    pub code: String,
    /// The part it stands in.
    pub part: String,
    /// What is asked.
    pub label: String,
    /// What it takes.
    pub kind: ItemKind,
    /// The most it brings; 0 for a number.
    pub points: Decimal,
    /// Its options.
    pub options: Vec<Choice>,
    /// The unit of a number.
    pub unit: String,
}

/// What an item takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ItemKind {
    /// One option; when the named item has a value, that chooses.
    Single { by: Option<String> },
    /// Several options.
    Multi,
    /// A number that does not exceed another.
    Number { at_most: Option<String> },
    /// Worked out from others.
    Computed(Formula),
}

/// How a computed item is worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Formula {
    /// One sum over another, times a number.
    Quotient { sum: Vec<String>, over: Vec<String>, times: Decimal },
    /// One less another.
    Difference { of: String, less: String },
}

impl Formula {
    /// The items it needs.
    pub(super) fn needs(&self) -> Vec<&str> {
        match self {
            Self::Quotient { sum, over, .. } => sum.iter().chain(over).map(String::as_str).collect(),
            Self::Difference { of, less } => vec![of, less],
        }
    }
}

/// An option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// What it brings.
    pub points: Decimal,
    /// Whether it excludes the others.
    pub none: bool,
    /// The values it stands for, where a value chooses.
    pub bounds: Bounds,
}

/// A stretch of numbers; a bound that is missing is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    /// The lower bound, and whether it belongs to the stretch.
    pub low: Option<(Decimal, bool)>,
    /// The upper bound, and whether it belongs to the stretch.
    pub high: Option<(Decimal, bool)>,
}

/// A scene with its levels; level 0 is "not begun".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scene {
    /// Its code, also the name of its field.
    pub code: String,
    /// The group it stands in.
    pub group: String,
    /// What people read.
    pub label: String,
    /// Whether it is a constraint scene (约束场景).
    pub constraint: bool,
    /// What each level means, from 1 on.
    pub levels: Vec<String>,
}

/// A level and all it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Level {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// All of these hold.
    pub needs: Vec<Need>,
}

/// Something a level needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// So many points in all.
    Score(Decimal),
    /// So many points in a part.
    Part { part: String, score: Decimal },
    /// So many scenes at a level or above it.
    Scenes { count: usize, at: usize, constraint: bool },
    /// A certain option of an item.
    Option { item: String, option: String },
}

impl Instrument {
    /// The part with this code.
    pub(super) fn part(&self, code: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.code == code)
    }

    /// The item with this code.
    pub(super) fn item(&self, code: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.code == code)
    }

    /// Parts directly within one; those on top within "".
    pub(super) fn within<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Part> {
        self.parts.iter().filter(move |part| part.within == code)
    }

    /// Items that stand in a part itself.
    pub(super) fn items_of<'a>(&'a self, part: &'a str) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |item| item.part == part)
    }
}

impl Item {
    /// The option with this code.
    pub(super) fn option(&self, code: &str) -> Option<&Choice> {
        self.options.iter().find(|option| option.code == code)
    }

    /// Whether it takes or gives a number.
    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind, ItemKind::Number { .. } | ItemKind::Computed(_))
    }
}

#[cfg(test)]
mod tests;
