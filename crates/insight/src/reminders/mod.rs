//! Reminders (催办): of which cases people were reminded, and what came of it; what the reader was reminded of himself.
//!
//! Owns pages only; ladders are data, and the kernel climbs them (`kernel::case`). Effects are read from the events.

mod pages;
mod view;

use kernel::module::Module;
use web::{Need, Routes, Slice};

use crate::cases::CASE_LIST;

const MODULE: Module = Module::new("reminder", "催办");

/// The slice; its pages are reached from the cases, the desk and the notices.
pub fn slice() -> Slice {
    let routes = Routes::new().get("/reminders", Need::May(CASE_LIST), pages::effect).get(
        "/reminders/mine",
        Need::SignedIn,
        pages::mine,
    );
    Slice { module: MODULE, routes, menu: &[], api: None }
}
