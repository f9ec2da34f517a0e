//! Organisations: one identity for every body, and what it is, bitemporally.
//!
//! An attribute is true from a day to a day and known from a position on.
//! The ledger stamps facts from here, which is why identity lives in the kernel and not in the registry module.

mod attribute;
mod dims;
mod identity;
mod merge;
mod origin;
mod sensitive;
mod unit;
mod year;

pub(crate) use attribute::project_expired;
pub use attribute::{
    ATTRIBUTES, Asserted, Assertion, Attribute, LONGEST_NAME, assert, attributes, display, histories, history,
    next_change, size_label, value_on, values_between, withdraw,
};
pub use dims::{current_dims, dims_on};
pub use identity::{
    KINDS, NewOrg, ORG_COLUMNS, Organisation, find, find_by_code, find_by_codes, find_within, hold, kind_label,
    register,
};
pub use merge::{merge, movable_facts, movable_outside, unmerge};
pub use origin::{Origin, keep_origins, origins, year_origins};
pub use sensitive::{is_sensitive, masked, reveal};
pub use unit::{Unit, create_unit, units};
pub use year::{RecordedYear, YearFigures, record_year, size_of, years, years_of};
