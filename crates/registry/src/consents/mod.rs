//! Consents (授权): an enterprise lets a bank or a guarantor see parts of its data for a purpose and a time, sees every
//! read, and takes it back; the receiver sees whom it may read and until when.
//!
//! Owns the pages under `/consents` and no table: consents live in `kernel::consent`, because scopes rest on them.

mod model;
mod pages;

use kernel::consent::{GIVE, RECEIVED};
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

const MENU: &[MenuEntry] = &[
    MenuEntry { href: "/consents", label: "数据授权", icon: "signature", permission: GIVE, order: 24, under: &[] },
    MenuEntry {
        href: "/consents/received",
        label: "收到的授权",
        icon: "signature",
        permission: RECEIVED,
        order: 24,
        under: &[],
    },
];

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module { permissions: &[GIVE, RECEIVED], ..Module::new("consents", "数据授权") }
}

/// The slice with its routes and menu.
pub fn slice() -> Slice {
    let give = Need::May(GIVE);
    let routes = Routes::new()
        .get("/consents", give, pages::list)
        .get("/consents/new", give, pages::form)
        .post("/consents", give, pages::give)
        .get("/consents/received", Need::May(RECEIVED), pages::received)
        .get("/consents/{id}", give, pages::show)
        .post("/consents/{id}/revoke", give, pages::revoke);
    Slice { module: module(), routes, menu: MENU, api: None }
}
