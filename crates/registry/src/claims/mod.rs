//! How an organisation's people come in (企业账号): somebody claims the registry's record by credit code, an officer of
//! its unit accepts or refuses, and the first person in invites the others.
//!
//! Owns `org_claim` and the pages under `/register`, `/claims` and `/staff`.
//! Never tells the public whether a code is in the registry, or who has an account.

mod actions;
mod model;
mod pages;
mod queries;
mod staff;

use kernel::access::Permission;
use kernel::module::Module;
use kernel::store::Migration;
use web::{MenuEntry, Need, Routes, Slice};

/// Accepting or refusing claims to organisations of the scope.
pub const DECIDE: Permission = Permission("claim.decide");
/// Inviting people of the own organisation.
pub const INVITE: Permission = Permission("staff.invite");

const MIGRATIONS: &[Migration] =
    &[Migration { name: "claims_0001_claim", sql: include_str!("../../migrations/claims_0001_claim.sql") }];

const MENU: &[MenuEntry] = &[
    MenuEntry {
        href: "/claims", label: "企业账号申请", icon: "inbox", permission: DECIDE, order: 22, under: &[]
    },
    MenuEntry {
        href: "/staff", label: "本单位人员", icon: "users-group", permission: INVITE, order: 23, under: &[]
    },
];

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module { permissions: &[DECIDE, INVITE], migrations: MIGRATIONS, ..Module::new("claims", "企业账号") }
}

/// The slice with its routes and menu.
pub fn slice() -> Slice {
    let (decide, invite) = (Need::May(DECIDE), Need::May(INVITE));
    let routes = Routes::new()
        .get("/register", Need::Open, pages::form)
        .post("/register", Need::Open, pages::claim)
        .get("/register/mine", Need::SignedIn, pages::mine)
        .get("/claims", decide, pages::list)
        .get("/claims/{id}", decide, pages::show)
        .post("/claims/{id}", decide, pages::decide)
        .get("/staff", invite, staff::list)
        .post("/staff", invite, staff::invite)
        .post("/staff/end", invite, staff::end);
    Slice { module: module(), routes, menu: MENU, api: None }
}
