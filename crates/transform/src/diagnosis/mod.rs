//! Diagnosis (智能化诊断) of firms by selected institutions: who is selected, who orders, who is diagnosed with what result,
//! what is paid for it.
//!
//! Owns the flows of institutions and orders, filled questionnaires, reports with their recommendations, ratings, and the
//! facts they come to. Never pays: money for a diagnosis is a fact of `funds`, and the two counts differ.

mod actions;
mod assessment;
mod flow;
pub mod history;
mod indicators;
mod institutions;
mod instrument;
mod order;
mod pages;
mod queries;
mod radar;
mod ranking;
mod report;
mod rules;
mod selection;
mod subsidy;
pub mod trial;

use kernel::access::Permission;
use kernel::consent::Item;
use kernel::module::Module;
use kernel::store::Migration;
use web::{MenuEntry, Need, Routes, Slice};

pub use flow::ORDER;
pub use selection::SELECTION;

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("diagnosis", "智能化诊断情况")];

/// Reading orders, institutions and results.
pub const READ: Permission = Permission("diagnosis.read");
/// Asking for a diagnosis.
pub const REQUEST: Permission = Permission("diagnosis.request");
/// Sending orders to institutions, and cancelling them.
pub const ASSIGN: Permission = Permission("diagnosis.assign");
/// Working on orders as an institution.
pub const SERVE: Permission = Permission("diagnosis.serve");
/// Confirming a report as the enterprise, and rating the institution.
pub const CONFIRM: Permission = Permission("diagnosis.confirm");
/// Accepting reports.
pub const ACCEPT: Permission = Permission("diagnosis.accept");
/// Settling subsidies.
pub const SETTLE: Permission = Permission("diagnosis.settle");
/// Applying to be a diagnosis institution.
pub const APPLY: Permission = Permission("diagnosis.apply");
/// Deciding about institutions.
pub const SELECT: Permission = Permission("diagnosis.select");
/// Adding editions of questionnaires.
pub const INSTRUMENT: Permission = Permission("diagnosis.instrument");

const MIGRATIONS: &[Migration] =
    &[Migration { name: "diagnosis_0001_reports", sql: include_str!("../../migrations/diagnosis_0001_reports.sql") }];

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module {
        kinds: indicators::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        flows: &[SELECTION, ORDER],
        permissions: &[READ, REQUEST, ASSIGN, SERVE, CONFIRM, ACCEPT, SETTLE, APPLY, SELECT, INSTRUMENT],
        items: ITEMS,
        migrations: MIGRATIONS,
        ..Module::new("diagnosis", "智能化诊断")
    }
}

const MENU: &[MenuEntry] = &[MenuEntry {
    href: "/diagnosis",
    label: "智能化诊断",
    icon: "stethoscope",
    permission: READ,
    order: 30,
    under: &[],
}];

/// The slice with its pages.
pub fn slice() -> Slice {
    let read = Need::May(READ);
    let routes = Routes::new()
        .get("/diagnosis", read, pages::list)
        .post("/diagnosis/assign", Need::May(ASSIGN), pages::assign)
        .get("/diagnosis/items", read, pages::open_items)
        .get("/diagnosis/plan", read, pages::plan)
        .get("/diagnosis/instruments", read, pages::instrument_list)
        .post("/diagnosis/instruments", Need::May(INSTRUMENT), pages::add_instrument)
        .get("/diagnosis/institutions", read, pages::institution_list)
        .get("/diagnosis/institutions/{id}/settlement", read, pages::settlement)
        .get("/diagnosis/institutions/{id}/settlement.xlsx", read, pages::settlement_sheet)
        .post("/diagnosis/institutions/{id}/settlement", Need::May(SETTLE), pages::settle)
        .get("/diagnosis/orders/{id}", read, pages::show)
        .get("/diagnosis/orders/{id}/questionnaire", read, pages::questionnaire_form)
        .post("/diagnosis/orders/{id}/questionnaire", read, pages::fill)
        .get("/diagnosis/orders/{id}/report", read, pages::report_form)
        .post("/diagnosis/orders/{id}/report", Need::May(SERVE), pages::save_report)
        .post("/diagnosis/orders/{id}/items", Need::May(CONFIRM), pages::take_up)
        .post("/diagnosis/orders/{id}/rating", Need::May(CONFIRM), pages::rate);
    Slice { module: module(), routes, menu: MENU, api: None }
}

#[cfg(test)]
mod tests;
