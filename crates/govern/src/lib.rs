//! Governing: proposals and their answers, meetings, plans and their tasks.
//!
//! Each slice is a folder; it is reached only through its `module()` or `slice()`.

mod meetings;
mod plans;
pub mod proposals;

use kernel::module::Module;

/// The modules of this crate that have no pages, in the order of the menu.
pub fn modules() -> Vec<Module> {
    vec![meetings::module(), plans::module()]
}

/// The slices of this crate with pages.
pub fn slices() -> Vec<web::Slice> {
    vec![proposals::slice()]
}
