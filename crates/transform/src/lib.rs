//! Transformation of firms: diagnosis, projects, honours, platforms and apps, the cloud.
//!
//! Each slice is a folder; it is reached only through its `slice()` or `module()`.

mod catalog;
mod cloud;
pub mod diagnosis;
mod honours;
mod projects;

use kernel::module::Module;

/// The slices of this crate that have pages.
pub fn slices() -> Vec<web::Slice> {
    vec![diagnosis::slice()]
}

/// The modules of this crate that only declare facts and indicators so far.
pub fn modules() -> Vec<Module> {
    vec![projects::module(), honours::module(), catalog::module(), cloud::module()]
}
