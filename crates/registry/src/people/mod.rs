//! Accounts, for the system administrator: who can sign in at all.
//!
//! Owns the pages under `/people` and no table: accounts live in `kernel::access`.
//! Never grants a role: that is the security administrator's, so that nobody opens an account and its doors alone.

mod actions;
mod pages;

pub(crate) use pages::{place, term};

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

/// Opening accounts, taking them out of use, sending one-time links.
pub const MANAGE: Permission = Permission("people.manage");

const MENU: &[MenuEntry] =
    &[MenuEntry { href: "/people", label: "账号", icon: "users", permission: MANAGE, order: 90, under: &[] }];

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module { permissions: &[MANAGE], ..Module::new("people", "账号") }
}

/// The slice with its routes and menu.
pub fn slice() -> Slice {
    let manage = Need::May(MANAGE);
    let routes = Routes::new()
        .get("/people", manage, pages::list)
        .get("/people/new", manage, pages::form)
        .post("/people", manage, pages::open)
        .get("/people/{id}", manage, pages::show)
        .post("/people/{id}/link", manage, pages::link)
        .post("/people/{id}/disable", manage, pages::disable)
        .post("/people/{id}/enable", manage, pages::enable);
    Slice { module: module(), routes, menu: MENU, api: None }
}
