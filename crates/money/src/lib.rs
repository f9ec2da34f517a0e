//! Money towards firms: the financing platform, guarantee and bridge loans, special funds.
//!
//! Each slice is a folder; it is reached only through its `module()`.

mod finance;
mod funds;
pub mod guarantee;

use kernel::module::Module;

/// The modules of this crate, in the order of the menu.
pub fn modules() -> Vec<Module> {
    vec![finance::module(), guarantee::module(), funds::module()]
}
