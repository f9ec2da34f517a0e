//! 审计日志: the log for the auditor with filters and a file for the yearly audit, and for an organisation its own trail:
//! who looked at its data, took it away or changed it, and what for.
//!
//! Owns no table and writes nothing but the note that the log itself was taken away.

mod filter;
mod pages;
mod view;

use kernel::audit::{OWN, READ, TRAIL};
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

const MODULE: Module = Module { permissions: &[READ, TRAIL, OWN], ..Module::new("audit", "审计日志") };

const MENU: &[MenuEntry] = &[
    MenuEntry { href: "/audit", label: "审计日志", icon: "fingerprint", permission: READ, order: 90, under: &[] },
    MenuEntry { href: "/trail", label: "谁看过我的数据", icon: "eye", permission: OWN, order: 91, under: &[] },
];

/// The slice.
pub fn slice() -> Slice {
    let all = Need::May(READ);
    let routes = Routes::new()
        .get("/audit", all, pages::list)
        .get("/audit.csv", all, pages::download)
        .get("/audit/{number}", all, pages::show)
        .get("/trail", Need::May(OWN), pages::own)
        .get("/orgs/{id}/trail", Need::May(TRAIL), pages::trail);
    Slice { module: MODULE, routes, menu: MENU, api: None }
}
