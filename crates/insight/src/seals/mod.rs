//! The seals as an auditor looks at them: blocks, keys, the whole recomputed at the press of a button, and the file to take away.
//!
//! Owns pages only; the seals are the kernel's (`kernel::seal`).

mod pages;

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

pub(crate) use pages::lines;

/// Looking at the seals, and taking the sealed ledger away.
pub const SEAL_READ: Permission = Permission("seal.read");
/// Having everything recomputed.
pub const SEAL_CHECK: Permission = Permission("seal.check");

const MODULE: Module = Module { permissions: &[SEAL_READ, SEAL_CHECK], ..Module::new("seal", "封存") };

const MENU: &[MenuEntry] =
    &[MenuEntry { href: "/seals", label: "封存", icon: "fingerprint", permission: SEAL_READ, order: 44, under: &[] }];

/// The slice.
pub fn slice() -> Slice {
    let read = Need::May(SEAL_READ);
    let routes = Routes::new()
        .get("/seals", read, pages::list)
        .post("/seals/check", Need::May(SEAL_CHECK), pages::check)
        .get("/seals/ledger.jsonl", read, pages::ledger);
    Slice { module: MODULE, routes, menu: MENU, api: None }
}
