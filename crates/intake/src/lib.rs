//! Workbooks in and out (导入): templates, dry runs, imports and their undoing.
//!
//! Writes nothing by itself: a row becomes what the forms take, and goes through the actions of the registry,
//! the ledger and the indicators.

pub mod imports;

/// The slices of this crate.
pub fn slices() -> Vec<web::Slice> {
    vec![imports::slice()]
}
