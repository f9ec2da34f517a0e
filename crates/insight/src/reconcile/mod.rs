//! 勾稽核对: every reconciliation rule with its result, both sides and the rows that make the difference.
//!
//! Owns no table and no rule: modules declare them, the kernel evaluates them.

mod api;
mod pages;
pub(crate) mod view;

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

pub(crate) use api::ExceptionAnswer;

/// Seeing how figures reconcile.
pub const RULE_READ: Permission = Permission("rule.read");

const MODULE: Module = Module { permissions: &[RULE_READ], ..Module::new("rule", "勾稽核对") };

const MENU: &[MenuEntry] =
    &[MenuEntry { href: "/rules", label: "勾稽核对", icon: "sum", permission: RULE_READ, order: 32, under: &[] }];

/// The slice.
pub fn slice() -> Slice {
    let need = Need::May(RULE_READ);
    let routes = Routes::new().get("/rules", need, pages::list).get("/api/v1/rules", need, api::list);
    Slice { module: MODULE, routes, menu: MENU, api: Some(api::description) }
}
