//! Transformation projects (智能化改造项目库): filed, checked, in the library, built, reported month by month, accepted.
//!
//! Owns the flow of a project, its monthly reports, the lights and the library's pages. A project is a case; its steps
//! write the facts by which it counts. Never counts anything itself: figures are indicators over these facts.
//! The library holds all projects, finished ones too; the yearly plan is a target beside it, and both completion rates
//! are shown, each with its own denominator.

mod actions;
mod changes;
mod flow;
mod gantt;
mod indicators;
mod kinds;
mod model;
mod months;
mod pages;
mod plan;
mod queries;
mod report;
mod rules;
mod sheet;
mod totals;
mod uploads;
mod workbook;

#[cfg(test)]
mod tests;

pub use flow::FLOW;
pub use model::Project;
pub use months::{file_report, last_report, take_over};
pub use queries::{Filters, list, sum};
pub use report::ReportForm;
pub use totals::{Table, Totals, totals};
pub use uploads::{receive as receive_workbook, save as save_workbook};
pub use workbook::county_workbook;

use kernel::access::Permission;
use kernel::consent::Item;
use kernel::module::Module;
use kernel::store::Migration;
use web::{MenuEntry, Need, Routes, Slice};

/// Seeing projects.
pub const READ: Permission = Permission("projects.read");
/// Filing projects and mending them.
pub const FILE: Permission = Permission("projects.file");
/// Starting, reporting each month, reporting completion.
pub const REPORT: Permission = Permission("projects.report");
/// Checking what is filed, suspending, adjusting, accepting.
pub const CHECK: Permission = Permission("projects.check");

const MENU: &[MenuEntry] =
    &[MenuEntry { href: "/projects", label: "改造项目", icon: "tools", permission: READ, order: 30, under: &[] }];

const MIGRATIONS: &[Migration] =
    &[Migration { name: "projects_0001_library", sql: include_str!("../../migrations/projects_0001_library.sql") }];

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("projects", "技改项目情况")];

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        items: ITEMS,
        flows: &[FLOW],
        permissions: &[READ, FILE, REPORT, CHECK],
        migrations: MIGRATIONS,
        ..Module::new("projects", "智能化改造项目")
    }
}

/// The slice with its routes and menu.
pub fn slice() -> Slice {
    let (read, report) = (Need::May(READ), Need::May(REPORT));
    let routes = Routes::new()
        .get("/projects", read, pages::library::list)
        .get("/projects/export", read, pages::library::export)
        .get("/projects/board", read, pages::library::board)
        .get("/projects/gantt", read, pages::library::gantt)
        .get("/projects/changes", read, pages::overview::changes)
        .get("/projects/totals", read, pages::overview::totals)
        .get("/projects/{id}", read, pages::one::show)
        .get("/projects/{id}/report", report, pages::one::form)
        .post("/projects/{id}/report", report, pages::one::report)
        .get("/projects/workbook", report, pages::workbook::list)
        .post("/projects/workbook", report, pages::workbook::upload)
        .get("/projects/workbook/blank", report, pages::workbook::blank)
        .get("/projects/workbook/{id}", report, pages::workbook::show)
        .get("/projects/workbook/{id}/returned", report, pages::workbook::returned)
        .post("/projects/workbook/{id}/save", report, pages::workbook::save);
    Slice { module: module(), routes, menu: MENU, api: None }
}
