//! Cases (办件) of every flow: the desk with what waits for whom, one case with what can be done, opening one.
//!
//! Owns the pages; flows are declared by modules, the engine and its tables are the kernel's (`kernel::case`).
//! Who may read or do something is decided there for each case: these routes only ask for someone who signed in.

mod api;
mod attach;
mod bulk;
mod form;
mod list;
mod model;
mod pages;
mod queries;
mod told;
mod view;

pub(crate) use queries::{newest, openable};
pub(crate) use view::DeskLine;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

/// Lists of cases beyond one's own desk.
pub const CASE_LIST: Permission = Permission("case.list");

const MODULE: Module = Module { permissions: &[CASE_LIST], ..Module::new("case", "办件") };

const MENU: &[MenuEntry] = &[MenuEntry {
    href: "/cases",
    label: "办件",
    icon: "clipboard-check",
    permission: CASE_LIST,
    order: 12,
    under: &["/bulks"],
}];

/// The slice.
pub fn slice() -> Slice {
    // The file and the form around it.
    let room = DefaultBodyLimit::max(kernel::case::LARGEST + (1 << 20));
    let listed = Need::May(CASE_LIST);
    let routes = Routes::new()
        .get("/desk", Need::SignedIn, pages::desk)
        .get("/cases", listed, list::list)
        .get("/cases.xlsx", listed, list::xlsx)
        .get("/cases.csv", listed, list::csv)
        .get("/bulks", listed, bulk::list)
        .post("/bulks", listed, bulk::draft)
        .get("/bulks/{id}", listed, bulk::show)
        .post("/bulks/{id}/run", listed, bulk::start)
        .post("/bulks/{id}/undo", listed, bulk::undo)
        .get("/cases/new", Need::SignedIn, form::form)
        .post("/cases/new", Need::SignedIn, form::open)
        .get("/cases/{id}", Need::SignedIn, pages::show)
        .post("/cases/{id}/act", Need::SignedIn, pages::act)
        .post("/cases/{id}/comments", Need::SignedIn, pages::comment)
        .post("/cases/{id}/attachments", Need::SignedIn, attach::attach.layer(room))
        .get("/cases/{id}/attachments/{file}", Need::SignedIn, attach::take)
        .get("/api/v1/cases", Need::SignedIn, api::cases)
        .post("/api/v1/cases", Need::SignedIn, api::open)
        .get("/api/v1/cases/{id}", Need::SignedIn, api::show)
        .post("/api/v1/cases/{id}/actions", Need::SignedIn, api::act)
        .post("/api/v1/cases/{id}/comments", Need::SignedIn, api::comment)
        .get("/flows/{code}", Need::SignedIn, pages::flow);
    Slice { module: MODULE, routes, menu: MENU, api: Some(api::description) }
}
