//! Notices (通知): the inbox of whoever signed in, where else they want to be told, and for those who run the platform
//! how deliveries went.
//!
//! Owns pages only; notices and their outbox are the kernel's (`kernel::notice`). An inbox is its reader's own.

mod outbox;
mod pages;

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

/// Seeing how deliveries went, and having one sent again.
pub const OUTBOX: Permission = Permission("outbox.manage");

const MODULE: Module = Module { permissions: &[OUTBOX], ..Module::new("outbox", "通知") };

const MENU: &[MenuEntry] =
    &[MenuEntry { href: "/outbox", label: "通知发送", icon: "mail", permission: OUTBOX, order: 92, under: &[] }];

/// The slice.
pub fn slice() -> Slice {
    let routes = Routes::new()
        .get("/notices", Need::SignedIn, pages::list)
        .post("/notices/read", Need::SignedIn, pages::read_all)
        .get("/notices/settings", Need::SignedIn, pages::settings)
        .post("/notices/settings", Need::SignedIn, pages::choose)
        .get("/notices/{id}", Need::SignedIn, pages::open)
        .get("/outbox", Need::May(OUTBOX), outbox::list)
        .post("/outbox/{id}/again", Need::May(OUTBOX), outbox::again);
    Slice { module: MODULE, routes, menu: MENU, api: None }
}
