//! Search (查找) over organisations and cases: one field, each sort within its own scope, the same index as the lists.
//!
//! Owns one page and writes nothing. What is found here and what the lists find is the same, since both ask the kernel.

mod pages;
mod queries;

use kernel::module::Module;
use web::{Need, Routes, Slice};

/// The slice.
pub fn slice() -> Slice {
    let routes = Routes::new().get("/search", Need::SignedIn, pages::search);
    Slice { module: Module::new("search", "查找"), routes, menu: &[], api: None }
}
