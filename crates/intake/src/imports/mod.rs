//! Imports (导入): a workbook is looked through first, then saved whole or in part, and can be taken back.
//!
//! Owns the uploads, the traces from stored values to their cells, and the templates.
//! Never decides what a value may be: rows become forms, and forms have rules.

mod actions;
mod check;
mod columns;
mod desk;
mod facts;
mod known;
mod mapping;
mod model;
mod numbers;
mod orgs;
mod pages;
mod peers;
mod prefill;
mod queries;
mod stretches;
mod templates;
mod undo;
mod view;
mod work;
mod write;
mod years;

pub use columns::described;
pub use desk::{
    blank, blank_for, carry_out, carry_out_told, dry_run, examine, receive, receive_mapped, returned, take_back,
};
pub use model::{Done, Mode, Report, What};
pub use work::{work, work_once};

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use kernel::access::Permission;
use kernel::module::Module;
use kernel::store::Migration;
use web::{MenuEntry, Need, Routes, Slice};

/// Sending workbooks and downloading templates; what a row may touch is asked of its own permission.
pub const IMPORT: Permission = Permission("intake.import");
/// Recording facts from a workbook.
const FACTS: Permission = Permission("ledger.enter");
/// Reversing them.
const CORRECT: Permission = Permission("ledger.correct");
/// Setting targets from a workbook.
const TARGETS: Permission = Permission("target.edit");
/// Declaring figures from a workbook.
const DECLARED: Permission = Permission("figure.declare");

const MENU: &[MenuEntry] =
    &[MenuEntry { href: "/imports", label: "导入", icon: "file-import", permission: IMPORT, order: 45, under: &[] }];

const MIGRATIONS: &[Migration] = &[
    Migration { name: "intake_0001_import", sql: include_str!("../../migrations/intake_0001_import.sql") },
    Migration { name: "intake_0002_mapping", sql: include_str!("../../migrations/intake_0002_mapping.sql") },
    Migration { name: "intake_0003_work", sql: include_str!("../../migrations/intake_0003_work.sql") },
    Migration { name: "intake_0004_seat", sql: include_str!("../../migrations/intake_0004_seat.sql") },
];

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module { permissions: &[IMPORT], migrations: MIGRATIONS, ..Module::new("intake", "导入") }
}

/// The slice with its routes and menu.
pub fn slice() -> Slice {
    let may = Need::May(IMPORT);
    // The file and the form around it.
    let room = DefaultBodyLimit::max(sheets::Limits::UPLOAD.bytes + (1 << 20));
    let routes = Routes::new()
        .get("/imports", may, pages::list)
        .post("/imports", may, pages::upload.layer(room))
        .get("/imports/templates/{what}", may, pages::template)
        .get("/imports/mappings/{id}", may, pages::mapping)
        .post("/imports/mappings/{id}", may, pages::remap)
        .post("/imports/mappings/{id}/forget", may, pages::forget)
        .get("/imports/{id}", may, pages::show)
        .get("/imports/{id}/columns", may, pages::columns)
        .post("/imports/{id}/columns", may, pages::describe)
        .post("/imports/{id}/check", may, pages::check)
        .post("/imports/{id}/cancel", may, pages::cancel)
        .post("/imports/{id}/save", may, pages::save)
        .post("/imports/{id}/undo", may, pages::undo)
        .get("/imports/{id}/returned", may, pages::returned)
        .get("/imports/{id}/file", may, pages::file);
    Slice { module: module(), routes, menu: MENU, api: None }
}
