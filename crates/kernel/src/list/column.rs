//! Columns of a list and the cells under them.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::access::Permission;
use crate::case::FieldKind;
use crate::store;
use crate::value::day::{self, Day};
use crate::value::money::Fen;
use crate::value::thousands;
use crate::{Error, Result};

/// A value to choose from: as stored, and as people read it.
pub type Choice = (String, String);

/// What a column holds.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// Money, stored in fen.
    Money,
    /// A day.
    Day,
    /// An instant.
    Instant,
    /// One of these, stored as text.
    Choice(Vec<Choice>),
    /// One of these, stored as a number.
    Code(Vec<Choice>),
    /// A field of a case, kept under this code in a JSON object.
    Kept(&'static str, FieldKind),
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Stable code: its name in addresses.
    pub code: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The expression that yields it.
    pub sql: &'static str,
    /// Whether rows can be sorted by it.
    pub sorts: bool,
    /// Whether rows can be filtered by it.
    pub filters: bool,
    /// Whether a row may be without it.
    pub nullable: bool,
    /// Who sees it at all; everybody who sees the list without one.
    pub needs: Option<Permission>,
    /// Whether it is shown before anybody chooses.
    pub shown: bool,
}

impl Column {
    /// A column that is only shown.
    pub const fn new(code: &'static str, label: &'static str, kind: Kind, sql: &'static str) -> Self {
        Self { code, label, kind, sql, sorts: false, filters: false, nullable: false, needs: None, shown: true }
    }

    /// Rows can be sorted by it.
    #[must_use]
    pub fn sorts(mut self) -> Self {
        self.sorts = true;
        self
    }

    /// Rows can be filtered by it.
    #[must_use]
    pub fn filters(mut self) -> Self {
        self.filters = true;
        self
    }

    /// A row may be without it.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Only for those who hold this permission.
    #[must_use]
    pub fn needs(mut self, permission: Permission) -> Self {
        self.needs = Some(permission);
        self
    }

    /// Not shown until somebody chooses it.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.shown = false;
        self
    }

    /// What there is to choose from; nothing for other sorts.
    pub fn choices(&self) -> &[Choice] {
        match &self.kind {
            Kind::Choice(choices) | Kind::Code(choices) => choices,
            _ => &[],
        }
    }

    /// Whether its cells stand flush right.
    pub fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Whole | Kind::Money | Kind::Kept(_, FieldKind::Money | FieldKind::Whole(_)))
    }

    /// The cell of this column in a row that was read.
    pub(super) fn cell(&self, row: &store::Row, name: &str) -> Result<Cell> {
        let cell = match self.kind {
            Kind::Text | Kind::Choice(_) => row.get::<Option<String>>(name)?.map(Cell::Text),
            Kind::Whole | Kind::Code(_) => row.get::<Option<i64>>(name)?.map(Cell::Number),
            Kind::Money => row.get::<Option<i64>>(name)?.map(|fen| Cell::Money(Fen(fen))),
            Kind::Day => row.get::<Option<Day>>(name)?.map(Cell::Day),
            Kind::Instant => row.get::<Option<DateTime<Utc>>>(name)?.map(Cell::Instant),
            Kind::Kept(code, kind) => kept(&row.text(name)?, code, kind)?,
        };
        Ok(cell.unwrap_or(Cell::None))
    }

    /// A cell as people read it.
    pub fn show(&self, cell: &Cell) -> String {
        match (&self.kind, cell) {
            (Kind::Kept(_, kind), Cell::Text(kept)) => crate::case::show(kind, kept),
            (_, Cell::None) => String::new(),
            (_, Cell::Text(text)) => self.label_of(text).into_owned(),
            (Kind::Code(_), Cell::Number(n)) => self.label_of(&n.to_string()).into_owned(),
            (_, Cell::Number(n)) => thousands(n),
            (_, Cell::Money(fen)) => format!("{} 元", fen.yuan()),
            (_, Cell::Day(on)) => on.to_string(),
            (_, Cell::Instant(at)) => day::minute(*at),
        }
    }

    /// The label of a stored choice; what is stored itself where there is none.
    pub fn label_of<'a>(&'a self, stored: &'a str) -> Cow<'a, str> {
        let found = self.choices().iter().find(|(value, _)| value == stored);
        Cow::Borrowed(found.map_or(stored, |(_, label)| label.as_str()))
    }
}

/// A field of a case out of the object it is kept in: money and numbers as such, the rest as kept.
fn kept(object: &str, code: &str, kind: FieldKind) -> Result<Option<Cell>> {
    let values: crate::case::Values = serde_json::from_str(object).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(values.get(code).map(|text| match (kind, text.parse::<i64>()) {
        (FieldKind::Money, Ok(fen)) => Cell::Money(Fen(fen)),
        (FieldKind::Whole(_), Ok(n)) => Cell::Number(n),
        _ => Cell::Text(text.clone()),
    }))
}

/// What stands in a column of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    None,
    /// Text, or a stored choice.
    Text(String),
    /// A whole number, or a stored choice.
    Number(i64),
    /// Money.
    Money(Fen),
    /// A day.
    Day(Day),
    /// An instant.
    Instant(DateTime<Utc>),
}

impl Cell {
    /// The text of a text cell; empty for others.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }
}

/// A row of a list: its number, and a cell for each column the reader may see.
#[derive(Debug, Clone)]
pub struct Row {
    /// The number.
    pub id: i64,
    pub(super) cells: Vec<(&'static str, Cell)>,
}

impl Row {
    /// The cell of a column; nothing for one that is not seen.
    pub fn cell(&self, code: &str) -> &Cell {
        self.cells.iter().find(|(c, _)| *c == code).map_or(&Cell::None, |(_, cell)| cell)
    }
}
