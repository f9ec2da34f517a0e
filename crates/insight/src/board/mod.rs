//! The board: every indicator with its value, its target and a way to its rows, in one question.

mod pages;
mod queries;
mod view;

use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

use crate::indicators::FIGURE_READ;

const MODULE: Module = Module::new("board", "看板");

const MENU: &[MenuEntry] = &[MenuEntry {
    href: "/board",
    label: "看板",
    icon: "layout-dashboard",
    permission: FIGURE_READ,
    order: 10,
    under: &[],
}];

/// The slice.
pub fn slice() -> Slice {
    let routes =
        Routes::new().get("/", Need::SignedIn, pages::home).get("/board", Need::May(FIGURE_READ), pages::board);
    Slice { module: MODULE, routes, menu: MENU, api: None }
}
