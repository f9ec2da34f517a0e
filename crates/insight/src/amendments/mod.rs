//! Corrections (更正申请): someone asks to correct a fact, sees what published figures it would move,
//! and another person accepts or refuses.
//!
//! Owns the pages; the tables and the acts are the kernel's (`kernel::publication`).

mod api;
mod model;
mod pages;
mod queries;
mod view;

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

/// Seeing requests.
pub const AMENDMENT_READ: Permission = Permission("amendment.read");
/// Requesting a correction.
pub const AMENDMENT_REQUEST: Permission = Permission("amendment.request");
/// Accepting or refusing what somebody else requested.
pub const AMENDMENT_DECIDE: Permission = Permission("amendment.decide");

const MODULE: Module = Module {
    permissions: &[AMENDMENT_READ, AMENDMENT_REQUEST, AMENDMENT_DECIDE],
    ..Module::new("amendment", "更正申请")
};

const MENU: &[MenuEntry] = &[MenuEntry {
    href: "/amendments",
    label: "更正申请",
    icon: "clipboard-check",
    permission: AMENDMENT_READ,
    order: 42,
    under: &[],
}];

/// The slice.
pub fn slice() -> Slice {
    let (read, request, decide) =
        (Need::May(AMENDMENT_READ), Need::May(AMENDMENT_REQUEST), Need::May(AMENDMENT_DECIDE));
    let routes = Routes::new()
        .get("/amendments", read, pages::list)
        .get("/amendments/{id}", read, pages::show)
        .post("/amendments/{id}/accept", decide, pages::accept)
        .post("/amendments/{id}/refuse", decide, pages::refuse)
        .get("/facts/{position}/amend", request, pages::form)
        .post("/facts/{position}/amend", request, pages::request)
        .get("/api/v1/amendments", read, api::list)
        .get("/api/v1/amendments/{id}", read, api::show)
        .post("/api/v1/amendments/{id}/accept", decide, api::accept)
        .post("/api/v1/amendments/{id}/refuse", decide, api::refuse)
        .post("/api/v1/facts/{position}/amendments", request, api::request);
    Slice { module: MODULE, routes, menu: MENU, api: Some(api::description) }
}
