//! The financing platform 东楚融通: institutions and products, what firms ask for, how institutions answer, what is
//! granted, paid out and paid back.
//!
//! Owns no table: everything that moves between people is a case, and what it comes to are facts.
//! Firms that were granted credit are among those that asked, and those among the registered;
//! of a firm no more is disbursed than was granted. What a firm's data says is seen only under its consent.

mod actions;
mod flows;
mod indicators;
mod kinds;
mod pages;
mod queries;
mod rules;
mod statistics;
mod tells;

use kernel::access::Permission;
use kernel::consent::Item;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

pub use flows::{ADMISSION, ANSWERS, DEMANDS, PRODUCT, REGISTRATION};

/// Seeing demands, offers and products: one's own as firm or institution, those of one's unit, or all.
pub const READ: Permission = Permission("finance.read");
/// Registering a firm and publishing its demands.
pub const DEMAND: Permission = Permission("finance.demand");
/// Asking institutions to answer a demand.
pub const INVITE: Permission = Permission("finance.invite");
/// Ending demands that nobody answered.
pub const ASSIGN: Permission = Permission("finance.assign");
/// Answering demands as an institution.
pub const ANSWER: Permission = Permission("finance.answer");
/// Keeping products as an institution.
pub const OFFER: Permission = Permission("finance.offer");
/// Admitting institutions and publishing their products.
pub const APPROVE: Permission = Permission("finance.approve");
/// The funnel of all institutions.
pub const FUNNEL: Permission = Permission("finance.funnel");

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("finance", "融资平台上的申请和放款")];

const MENU: &[MenuEntry] = &[MenuEntry {
    href: "/finance",
    label: "融资对接",
    icon: "building-bank",
    permission: READ,
    order: 44,
    under: &[],
}];

/// What the slice declares.
pub fn module() -> Module {
    Module {
        kinds: kinds::KINDS,
        indicators: indicators::INDICATORS,
        rules: indicators::RULES,
        items: ITEMS,
        flows: &[REGISTRATION, ADMISSION, PRODUCT, DEMANDS, ANSWERS],
        permissions: &[READ, DEMAND, INVITE, ASSIGN, ANSWER, OFFER, APPROVE, FUNNEL],
        ..Module::new("finance", "金融信息服务平台")
    }
}

/// The slice with its pages.
pub fn slice() -> Slice {
    let read = Need::May(READ);
    let routes = Routes::new()
        .get("/finance", read, pages::list)
        .get("/finance/products", read, pages::products)
        .get("/finance/funnel", Need::May(FUNNEL), pages::funnel)
        .get("/finance/demands/{id}", read, pages::demand)
        .get("/open/finance/products", Need::Open, pages::on_sale)
        .get("/open/finance/statistics", Need::Open, statistics::open);
    Slice { module: module(), routes, menu: MENU, api: None }
}

#[cfg(test)]
mod tests;
