//! Services to firms: events and training, published content, talent and partners.
//!
//! Each slice is a folder; it is reached only through its `module()`.

mod content;
mod talent;
mod training;

use kernel::module::Module;

/// The modules of this crate, in the order of the menu.
pub fn modules() -> Vec<Module> {
    vec![training::module(), content::module(), talent::module()]
}
