//! The indicators: what each one means, its value at two clocks, where it comes from, and exactly its rows.
//!
//! Owns how a figure is shown and linked everywhere in this crate (`FigureView`, `Progress`).
//! Computes nothing itself: values, cells, lists and verdicts come from `kernel::indicator`.

mod actions;
pub(crate) mod api;
mod breakdown;
mod csv;
mod definition;
mod enter;
mod entries;
mod pages;
mod queries;
mod question;
mod rows;
mod rules;
mod table;
mod targets;
mod trend;
mod view;
mod why;

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

pub(crate) use csv::written as csv_text;
pub(crate) use definition::{Definition, module as module_of};
pub(crate) use queries::{names, orgs};
pub(crate) use question::Asked;
pub(crate) use table::{Reading, Table};
pub(crate) use targets::progress;
pub(crate) use view::{FigureView, Progress};

/// Reading figures, their breakdowns and their rows.
pub const FIGURE_READ: Permission = Permission("figure.read");
/// Setting targets.
pub const TARGET_EDIT: Permission = Permission("target.edit");
/// Declaring figures from outside.
pub const FIGURE_DECLARE: Permission = Permission("figure.declare");

const MODULE: Module =
    Module { permissions: &[FIGURE_READ, TARGET_EDIT, FIGURE_DECLARE], ..Module::new("figure", "指标") };

const MENU: &[MenuEntry] = &[MenuEntry {
    href: "/indicators",
    label: "指标",
    icon: "chart-bar",
    permission: FIGURE_READ,
    order: 30,
    under: &[],
}];

/// The slice.
pub fn slice() -> Slice {
    let need = Need::May(FIGURE_READ);
    let (target, declare) = (Need::May(TARGET_EDIT), Need::May(FIGURE_DECLARE));
    let routes = Routes::new()
        .get("/indicators", need, pages::list)
        .get("/indicators/{code}", need, pages::card)
        .get("/indicators/{code}/targets", target, enter::target_form)
        .post("/indicators/{code}/targets", target, enter::set_target)
        .get("/indicators/{code}/declared", declare, enter::declare_form)
        .post("/indicators/{code}/declared", declare, enter::declare)
        .get("/indicators/{code}/rows", need, pages::rows)
        .get("/indicators/{code}/rows.csv", need, pages::download)
        .get("/api/v1/indicators", need, api::list)
        .get("/api/v1/indicators/{code}/figure", need, api::figure)
        .get("/api/v1/indicators/{code}/rows", need, api::rows)
        .get("/api/v1/indicators/{code}/targets", need, entries::targets)
        .post("/api/v1/indicators/{code}/targets", target, entries::set_target)
        .get("/api/v1/indicators/{code}/declared", need, entries::declared)
        .post("/api/v1/indicators/{code}/declared", declare, entries::declare);
    Slice { module: MODULE, routes, menu: MENU, api: Some(description) }
}

/// The part of the API description that is about indicators.
fn description() -> utoipa::openapi::OpenApi {
    let mut described = api::description();
    described.merge(entries::description());
    described
}
