//! 审计日志: the log for the auditor with filters and a file for the yearly audit, and for an organisation its own trail:
//! who looked at its data, took it away or changed it, and what for.
//!
//! Owns no table and writes nothing but the note that the log itself was taken away.

mod filter;
mod pages;
mod view;

use kernel::audit::{READ, TRAIL};
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

const MODULE: Module = Module { permissions: &[READ, TRAIL], ..Module::new("audit", "审计日志") };

const MENU: &[MenuEntry] = &[
    MenuEntry { href: "/audit", label: "审计日志", icon: "fingerprint", permission: READ, order: 90, under: &[] },
    MenuEntry { href: "/trail", label: "谁看过我的数据", icon: "eye", permission: TRAIL, order: 91, under: &[] },
];

/// The slice.
pub fn slice() -> Slice {
    let (all, own) = (Need::May(READ), Need::May(TRAIL));
    let routes = Routes::new()
        .get("/audit", all, pages::list)
        .get("/audit.csv", all, pages::download)
        .get("/audit/{number}", all, pages::show)
        .get("/trail", own, pages::own)
        .get("/orgs/{id}/trail", own, pages::trail);
    Slice { module: MODULE, routes, menu: MENU, api: None }
}
