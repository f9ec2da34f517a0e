//! The ledger of facts (事实账): "on day D, subject S did KIND, so many, so much, by record R".
//!
//! Append-only, ordered by position. A correction is a reversal plus a new fact.
//! Dimensions (unit, region, industry, size, above-scale) are copied as they were valid on the day.
//! Sums are kept beside it in the same transaction ([`tally`]), and can be recounted ([`rebuild`]).

pub(crate) mod append;
pub mod browse;
mod catalog;
pub mod entry;
mod fact;
mod presence;
pub mod rebuild;
pub mod record;
mod select;
pub(crate) mod tally;

pub(crate) use catalog::Keyed;
pub use catalog::{Catalog, Kind, Series, SeriesKind};
pub use fact::{Class, Dims, Fact, FactKind, MOST_FEN, MOST_QUANTITY, Motion, NewFact};
pub(crate) use fact::{FACT_COLUMNS, FACT_JOINS};
pub use presence::Partition;
pub use select::{Filters, Select};
