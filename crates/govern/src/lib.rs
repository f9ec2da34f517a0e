//! Governing: meetings, plans and their tasks.
//!
//! Each slice is a folder; it is reached only through its `module()`.

mod meetings;
mod plans;

use kernel::module::Module;

/// The modules of this crate, in the order of the menu.
pub fn modules() -> Vec<Module> {
    vec![meetings::module(), plans::module()]
}
