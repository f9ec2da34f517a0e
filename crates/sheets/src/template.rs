//! Templates: what a worksheet is for and what each of its columns takes.
//!
//! Other names of a head are data (`data/sheet-heads.toml`), so that a city adds its own without code.

use std::collections::HashMap;
use std::sync::OnceLock;

use kernel::value::money::MoneyUnit;
use kernel::value::text::compact;

/// What a column takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A code without spaces.
    Code,
    /// A credit code, or a code of one's own.
    CreditCode,
    /// A day.
    Day,
    /// A year of four digits.
    Year,
    /// A whole number.
    Count,
    /// Money; a plain number is in this unit.
    Money(MoneyUnit),
    /// One of several; its code is kept.
    Choice(Vec<Choice>),
    /// Yes or no.
    YesNo,
}

/// An entry of a drop-down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is kept.
    pub code: String,
    /// What people read; unique in its list.
    pub label: String,
}

impl Choice {
    /// An entry.
    pub fn new(code: impl ToString, label: impl ToString) -> Self {
        Self { code: code.to_string(), label: label.to_string() }
    }
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Stable name; the field of the form that takes the same thing.
    pub key: &'static str,
    /// What the head says, without its unit.
    pub head: &'static str,
    /// What the cells take.
    pub kind: Kind,
    /// Whether a row needs it.
    pub required: bool,
    /// Whether it says who or what a row is about: what the template held counts only while it says the same.
    pub names_row: bool,
    /// What a whole number counts, as the head says it; empty for none.
    pub counts: &'static str,
    /// Shown at the head.
    pub note: &'static str,
}

impl Column {
    /// A column that may be left empty.
    pub fn new(key: &'static str, head: &'static str, kind: Kind) -> Self {
        Self { key, head, kind, required: false, names_row: false, counts: "", note: "" }
    }

    /// The same, needed in every row.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same, with a note at its head.
    #[must_use]
    pub fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    /// The same, saying who or what a row is about.
    #[must_use]
    pub fn names_row(mut self) -> Self {
        self.names_row = true;
        self
    }

    /// The same, counting these.
    #[must_use]
    pub fn counts(mut self, counts: &'static str) -> Self {
        self.counts = counts;
        self
    }

    /// The head as written: its unit stands here once.
    pub fn title(&self) -> String {
        match &self.kind {
            Kind::Money(unit) => format!("{}（{}）", self.head, unit.label()),
            _ if !self.counts.is_empty() => format!("{}（{}）", self.head, self.counts),
            _ => self.head.to_owned(),
        }
    }

    /// All names of its head, made plain.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        std::iter::once(plain(self.head)).chain(synonyms(self.key).iter().cloned())
    }

    /// Whether a unit of money can be said for its plain numbers.
    pub fn takes_unit(&self) -> bool {
        crate::mapping::takes_unit(self)
    }

    /// Whether a head of a sheet means this column.
    pub(crate) fn is_meant_by(&self, head: &str) -> bool {
        let plain = plain(head);
        plain == self::plain(self.head) || synonyms(self.key).contains(&plain)
    }
}

/// A template.
#[derive(Debug, Clone)]
pub struct Template {
    /// Stable name.
    pub code: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// Version of its columns.
    pub version: u32,
    /// How to fill it in, in a sentence or two.
    pub note: &'static str,
    /// Its columns, in order.
    pub columns: Vec<Column>,
}

impl Template {
    /// The column with this name.
    pub fn column(&self, key: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.key == key)
    }
}

/// A head without its unit, marks, spaces and letter case.
pub(crate) fn plain(head: &str) -> String {
    let text = compact(head);
    let text = text.split(['(', '（', '[', '【']).next().unwrap_or("");
    text.trim_matches(['*', ':', '：', '＊']).to_lowercase()
}

/// The other names of a column's head, made plain.
fn synonyms(key: &str) -> &'static [String] {
    static HELD: OnceLock<HashMap<String, Vec<String>>> = OnceLock::new();
    let held = HELD.get_or_init(|| {
        let of = |names: Vec<String>| names.iter().map(|n| plain(n)).collect();
        data("heads").into_iter().map(|(key, names)| (key, of(names))).collect()
    });
    held.get(key).map_or(&[], Vec::as_slice)
}

/// A section of the shipped names.
pub(crate) fn data(section: &str) -> HashMap<String, Vec<String>> {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/sheet-heads.toml"));
    let mut file: HashMap<String, HashMap<String, Vec<String>>> =
        toml::from_str(text).expect("invariant: the shipped names of heads are read by a test");
    file.remove(section).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_known_by_its_other_names_and_without_its_unit() {
        let code = Column::new("credit_code", "统一社会信用代码", Kind::CreditCode);
        for head in ["统一社会信用代码", " 社会信用 代码 ", "信用代码*", "统一社会信用代码（18位）"]
        {
            assert!(code.is_meant_by(head), "{head}");
        }
        assert!(!code.is_meant_by("名称"));
    }
}
