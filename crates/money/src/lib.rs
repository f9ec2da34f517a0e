//! Money towards firms: the financing platform, guarantee and bridge loans, special funds.
//!
//! Each slice is a folder; it is reached only through its `module()`.

pub mod finance;
mod funds;
pub mod guarantee;

use kernel::module::Module;
use web::Slice;

/// The modules of this crate that only declare so far.
pub fn modules() -> Vec<Module> {
    vec![funds::module()]
}

/// The slices of this crate with pages, in the order of the menu.
pub fn slices() -> Vec<Slice> {
    vec![finance::slice(), guarantee::slice()]
}
