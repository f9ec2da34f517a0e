//! The workbook engine: templates with typed columns, written for people and read back with every fault at its cell.
//!
//! Owns the shape of a template, the tolerant reading of cells, the limits on what is opened, and the
//! marking of a person's own workbook.
//! Never knows an organisation or a fact: what a row means is decided by whoever asked for it.

mod book;
mod cell;
mod foreign;
mod guard;
mod head;
mod mapping;
mod mark;
mod ods;
mod open;
mod plain;
mod read;
mod rows;
mod stretches;
mod template;
mod text;
mod unit;
mod write;

pub use book::{Book, Cell, Format, Merged, Page, Row, a1};
pub use cell::Value;
pub use foreign::{Foreign, Theirs, candidates, foreign};
pub use guard::Limits;
pub use mapping::{Mapped, Mapping};
pub use mark::{Returned, mark};
pub use open::{glance, open};
pub use plain::{MOST_ROWS, Plain, PlainCell};
pub use read::{Finding, Held, Level, ReadCell, ReadPage, ReadRow, Reading, read};
pub use stretches::read_in_stretches;
pub use template::{Choice, Column, Kind, Template};
pub use unit::Stated;
pub use write::{Filled, Issued, write};
