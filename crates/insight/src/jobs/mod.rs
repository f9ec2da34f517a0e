//! Jobs (作业) as those who run the platform see them: what runs, how far it is, how it ended; stopping and doing again.
//!
//! Owns pages only; jobs are declared by modules and carried out by the kernel (`kernel::job`).

mod pages;

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

/// Seeing jobs, stopping them, having them done again.
pub const MANAGE: Permission = Permission("job.manage");

const MODULE: Module = Module { permissions: &[MANAGE], ..Module::new("job", "后台作业") };

const MENU: &[MenuEntry] =
    &[MenuEntry { href: "/jobs", label: "后台作业", icon: "settings", permission: MANAGE, order: 91, under: &[] }];

/// The slice.
pub fn slice() -> Slice {
    let manage = Need::May(MANAGE);
    let routes = Routes::new().get("/jobs", manage, pages::list).post("/jobs/{id}/stop", manage, pages::stop).post(
        "/jobs/{id}/again",
        manage,
        pages::again,
    );
    Slice { module: MODULE, routes, menu: MENU, api: None }
}
