//! The ledger of facts as people read it: lists, one fact with everything about it, the record it cites,
//! the form that enters one by hand, the reversal that corrects it, and the proof on paper that it is sealed.
//!
//! Owns no table: facts are appended by modules, read through `kernel::ledger::browse` under a scope.

mod actions;
mod api;
mod enter;
mod filter;
mod pages;
mod proof;
mod rules;
mod view;

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

pub(crate) use api::FactAnswer;

/// Reading facts.
pub const LEDGER_READ: Permission = Permission("ledger.read");
/// Reversing facts.
pub const LEDGER_CORRECT: Permission = Permission("ledger.correct");

/// Entering facts by hand.
pub const LEDGER_ENTER: Permission = Permission("ledger.enter");

const MODULE: Module =
    Module { permissions: &[LEDGER_READ, LEDGER_CORRECT, LEDGER_ENTER], ..Module::new("ledger", "事实账") };

const MENU: &[MenuEntry] = &[MenuEntry {
    href: "/ledger",
    label: "事实账",
    icon: "list-details",
    permission: LEDGER_READ,
    order: 40,
    under: &["/facts", "/records"],
}];

/// The slice.
pub fn slice() -> Slice {
    let (read, enter) = (Need::May(LEDGER_READ), Need::May(LEDGER_ENTER));
    let routes = Routes::new()
        .get("/ledger", read, pages::list)
        .get("/facts/new", enter, enter::form)
        .post("/facts", enter, enter::enter)
        .get("/facts/{position}", read, pages::fact)
        .get("/facts/{position}/proof", read, proof::proof)
        .post("/facts/{position}/reverse", Need::May(LEDGER_CORRECT), pages::reverse)
        .get("/records/{id}", read, pages::record)
        .get("/api/v1/facts", read, api::list)
        .get("/api/v1/facts/{position}", read, api::fact);
    Slice { module: MODULE, routes, menu: MENU, api: Some(api::description) }
}
