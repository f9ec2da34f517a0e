//! The three ledgers of 新型政银担: guaranteed loans, start-up loans, bridge loans, and what the operator takes in.
//!
//! Owns contracts and their events (`contracts`), what guarantors are held to (`agreements`), totals and the bulletin
//! (`totals`), and the cases of large entries and compensations (`flows`).
//! What is in force is a stock at a date and never part of the flows of a period.

pub mod agreements;
pub mod contracts;
mod flows;
pub mod id;
mod indicators;
mod kinds;
mod link;
pub mod rules;
mod tabs;
#[cfg(test)]
mod tests;
pub mod totals;

pub use flows::{CHECK_FLOW, COMPENSATION_FLOW};

use kernel::access::Permission;
use kernel::consent::Item;
use kernel::module::Module;
use kernel::store::Migration;
use web::{MenuEntry, Need, Routes, Slice};

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("guarantee", "担保、转贷业务")];

/// Seeing contracts: one's own as guarantor, bank or firm, those of one's unit, or all.
pub const READ: Permission = Permission("guarantee.read");
/// Registering contracts and entering events.
pub const ENTER: Permission = Permission("guarantee.enter");
/// Agreeing to large entries and compensations of others.
pub const CHECK: Permission = Permission("guarantee.check");
/// Reading the cases of the ledgers.
pub const CASE: Permission = Permission("guarantee.case");
/// Entering agreements, net assets and related groups.
pub const BASE: Permission = Permission("guarantee.base");
/// Totals and the bulletin.
pub const TOTALS: Permission = Permission("guarantee.totals");

const MENU: &[MenuEntry] = &[MenuEntry {
    href: "/guarantee",
    label: "政银担台账",
    icon: "shield-check",
    permission: READ,
    order: 45,
    under: &[],
}];

/// The slice with its routes and menu.
pub fn slice() -> Slice {
    let (read, enter, base) = (Need::May(READ), Need::May(ENTER), Need::May(BASE));
    let totals = Need::May(TOTALS);
    let routes = Routes::new()
        .get("/guarantee", read, contracts::pages::list)
        .get("/guarantee/due", read, contracts::pages::due)
        .get("/guarantee/contracts/new", enter, contracts::pages::new)
        .post("/guarantee/contracts/new", enter, contracts::pages::sign)
        .get("/guarantee/contracts/{id}", read, contracts::pages::show)
        .post("/guarantee/contracts/{id}/events", enter, contracts::pages::enter)
        .post("/guarantee/contracts/{id}/events/{event}/reverse", enter, contracts::pages::take_back)
        .get("/guarantee/limits", Need::May(CASE), agreements::pages::limits)
        .post("/guarantee/operators/{id}/agreements", base, agreements::pages::agree)
        .post("/guarantee/operators/{id}/standings", base, agreements::pages::stand)
        .post("/guarantee/related", base, agreements::pages::relate)
        .get("/guarantee/totals", totals, totals::pages::totals)
        .get("/guarantee/bulletin", totals, totals::pages::bulletin)
        .get("/guarantee/bulletin.xlsx", totals, totals::pages::bulletin_file);
    Slice { module: module(), routes, menu: MENU, api: None }
}

/// What the slice declares to the kernel.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        items: ITEMS,
        flows: &[CHECK_FLOW, COMPENSATION_FLOW],
        permissions: &[READ, ENTER, CHECK, CASE, BASE, TOTALS],
        migrations: &[Migration {
            name: "guarantee_0001_ledgers",
            sql: include_str!("../../migrations/guarantee_0001_ledgers.sql"),
        }],
        ..Module::new("guarantee", "政银担业务")
    }
}
