//! Publications: documents whose figures were frozen when they were signed, and what became of the figures since.
//!
//! Owns how a publication is shown; freezing, re-deriving and the tables are the kernel's (`kernel::publication`).

mod api;
pub(crate) mod document;
mod figure;
pub(crate) mod file;
pub(crate) mod letter;
mod pages;
mod parts;
mod proof;
mod readings;
mod view;
mod waterfall;

pub use document::document;
use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

/// Reading what was published.
pub const PUBLICATION_READ: Permission = Permission("publication.read");
/// Publishing, and letting a break of a rule pass.
pub const PUBLICATION_PUBLISH: Permission = Permission("publication.publish");
/// Re-deriving a publication.
pub const PUBLICATION_VERIFY: Permission = Permission("publication.verify");

const MODULE: Module = Module {
    permissions: &[PUBLICATION_READ, PUBLICATION_PUBLISH, PUBLICATION_VERIFY],
    ..Module::new("publication", "已发布数字")
};

const MENU: &[MenuEntry] = &[MenuEntry {
    href: "/publications",
    label: "已发布数字",
    icon: "rubber-stamp",
    permission: PUBLICATION_READ,
    order: 16,
    under: &[],
}];

/// The slice.
pub fn slice() -> Slice {
    let read = Need::May(PUBLICATION_READ);
    let routes = Routes::new()
        .get("/publications", read, pages::list)
        .get("/publications/{id}", read, pages::show)
        .get("/publications/{id}/print", read, pages::print)
        .get("/publications/{id}/document.docx", read, file::docx)
        .get("/publications/{id}/document.pdf", read, file::pdf)
        .post("/publications/{id}/verify", Need::May(PUBLICATION_VERIFY), pages::verify)
        .get("/publications/{id}/figures/{seq}", read, pages::figure)
        .get("/publications/{id}/figures/{seq}/proof", read, proof::proof)
        .get("/publications/{id}/figures/{seq}/rows.jsonl", Need::May(PUBLICATION_VERIFY), proof::rows)
        .get("/api/v1/publications", read, api::list)
        .get("/api/v1/publications/{id}", read, api::show)
        .get("/api/v1/publications/{id}/figures/{seq}", read, api::figure);
    Slice { module: MODULE, routes, menu: MENU, api: Some(api::description) }
}
