//! Transformation of firms: diagnosis, projects, honours, platforms and apps, the cloud.
//!
//! Each slice is a folder; it is reached only through what its `mod.rs` names.

mod catalog;
mod cloud;
pub mod diagnosis;
mod honours;
pub mod projects;

use kernel::module::Module;
use web::Slice;

/// The slices with pages, in the order of the menu.
pub fn slices() -> Vec<Slice> {
    vec![diagnosis::slice(), projects::slice()]
}

/// The modules that only declare so far.
pub fn modules() -> Vec<Module> {
    vec![honours::module(), catalog::module(), cloud::module()]
}
