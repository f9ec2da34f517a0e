//! Lists (列表): columns that are declared once, and what an address asks of them.
//!
//! A list is a value: where its rows come from, the gate of the scope, its columns with what may be done with each.
//! From that follow the page of rows in keyset order, the count, the stretch of a download and the numbers of a bulk
//! action, which is why all four always hold the same rows. A column that an actor may not see is neither selected nor
//! filtered nor sorted by; asking for it is refused.

mod ask;
mod column;
mod rows;

pub use ask::{Asked, Edge, Order};
pub use column::{Cell, Choice, Column, Kind, Row};
pub use rows::{COUNTED, Page, count, ids, page};

use crate::access::{Permission, Scope};
use crate::consent::Shown;
use crate::store::{Read, Sql, Value};

/// Whether somebody holds a permission.
pub type May<'a> = &'a (dyn Fn(Permission) -> bool + Send + Sync);

/// Appends the condition of a scope on the rows of a list.
pub type Gate = fn(&Scope, &mut Sql);

/// Appends "the row matches what was typed".
pub type Search = fn(&Read, &mut Sql, &str);

/// A list.
#[derive(Debug, Clone)]
pub struct List {
    /// Stable code, by which saved views are kept.
    pub code: String,
    /// What people call it.
    pub label: &'static str,
    /// The tables after `FROM`, with their aliases.
    pub from: &'static str,
    /// The number of a row: unique, and what its order falls back to.
    pub id: &'static str,
    /// The gate.
    pub gate: Gate,
    /// Conditions that always hold: text, and the value behind it.
    pub fixed: Vec<(&'static str, Value)>,
    /// Its columns; the first one names the row.
    pub columns: Vec<Column>,
    /// Search by what is typed into one field.
    pub search: Option<Search>,
    /// The order when nobody asks for another.
    pub order: Order,
    /// The order instead, when this is searched for: that of an index which holds what is found together.
    pub order_when: Option<fn(&str) -> Option<Order>>,
    /// What the list is narrowed to while nobody narrows it otherwise: a parameter and its value.
    pub first: Option<(&'static str, &'static str)>,
    /// What a row shows of whom, where rows may be seen under consents.
    pub rests: Option<fn(&Row) -> Shown>,
}

impl List {
    /// The columns that somebody may see, in their order.
    pub fn visible<'a>(&'a self, may: May<'_>) -> Vec<&'a Column> {
        self.columns.iter().filter(|column| column.needs.is_none_or(may)).collect()
    }

    /// The column with this code.
    pub fn column(&self, code: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.code == code)
    }
}
