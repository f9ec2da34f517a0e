//! Roles and grants, for the security administrator: who may do what where, and who sees a row by which rule.
//!
//! Owns the pages under `/roles`, `/grants`, `/who-sees` and `/access-log`, and no table.
//! Never opens an account: that is the system administrator's.

mod grants;
mod model;
mod pages;
mod who;

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

/// Editing roles and what is asked of signing in; granting roles and taking them back.
pub const MANAGE: Permission = Permission("roles.manage");
/// Asking who sees a row; viewing as somebody.
pub const EXPLAIN: Permission = Permission("roles.explain");

const MENU: &[MenuEntry] = &[
    MenuEntry { href: "/grants", label: "授权", icon: "key", permission: MANAGE, order: 91, under: &[] },
    MenuEntry { href: "/roles", label: "角色", icon: "shield", permission: MANAGE, order: 92, under: &[] },
    MenuEntry {
        href: "/sign-in-policy", label: "登录要求", icon: "lock", permission: MANAGE, order: 93, under: &[]
    },
    MenuEntry { href: "/who-sees", label: "谁能看到", icon: "eye", permission: EXPLAIN, order: 94, under: &[] },
    MenuEntry {
        href: "/access-log", label: "核查记录", icon: "history", permission: EXPLAIN, order: 95, under: &[]
    },
];

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module { permissions: &[MANAGE, EXPLAIN], ..Module::new("roles", "角色与授权") }
}

/// The slice with its routes and menu.
pub fn slice() -> Slice {
    let (manage, explain) = (Need::May(MANAGE), Need::May(EXPLAIN));
    let routes = Routes::new()
        .get("/roles", manage, pages::list)
        .post("/roles", manage, pages::create)
        .get("/roles/{role}", manage, pages::show)
        .post("/roles/{role}", manage, pages::set)
        .get("/sign-in-policy", manage, pages::policy)
        .post("/sign-in-policy", manage, pages::set_policy)
        .get("/grants", manage, grants::list)
        .get("/grants/{id}", manage, grants::show)
        .post("/grants/{id}", manage, grants::grant)
        .post("/grants/{id}/end", manage, grants::end)
        .get("/who-sees", explain, who::ask)
        .post("/who-sees", explain, who::answer)
        .get("/access-log", explain, who::log);
    Slice { module: module(), routes, menu: MENU, api: None }
}
