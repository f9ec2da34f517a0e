//! Transformation of firms: diagnosis, projects, honours, platforms and apps, the cloud.
//!
//! Each slice is a folder; it is reached only through its `module()`.

mod catalog;
mod cloud;
mod diagnosis;
mod honours;
mod projects;

use kernel::module::Module;

/// The modules of this crate, in the order of the menu.
pub fn modules() -> Vec<Module> {
    vec![diagnosis::module(), projects::module(), honours::module(), catalog::module(), cloud::module()]
}
