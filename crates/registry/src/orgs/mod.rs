//! Organisations (企业库): finding, registering, changing, comparing and merging them.
//!
//! Owns the pages under `/orgs` except the dossier, the API of organisations, and the line of 规模以上.
//! Owns no table: identity and attributes live in `kernel::org`, because the ledger stamps facts from there.
//! Never counts anything for a report: figures are indicators over facts.

mod above_scale;
mod actions;
mod api;
mod model;
mod pages;
mod queries;
mod rules;

pub use actions::{change, record_year, register};
pub use model::{Change, ChangeForm, RegisterForm, STATUSES, YearForm};
pub use queries::search_orgs;
pub use rules::{change as check_change, code, holds_unit, new_org as check_new, year as check_year};

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Routes, Slice};

/// Seeing organisations and their dossiers.
pub const READ: Permission = Permission("registry.read");
/// Registering, changing and merging organisations.
pub const EDIT: Permission = Permission("registry.edit");
/// Comparing what organisations declare with what their figures say: office work.
pub const CHECK: Permission = Permission("registry.check");
/// Correcting facts, which a merge does to all facts of the duplicate; asked for by the ledger's own pages too.
const FACTS: Permission = Permission("ledger.correct");

const MENU: &[MenuEntry] = &[
    MenuEntry { href: "/orgs", label: "企业库", icon: "building", permission: READ, order: 20, under: &[] },
    MenuEntry {
        href: "/orgs/mismatches", label: "划型核对", icon: "scale", permission: CHECK, order: 21, under: &[]
    },
];

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module { permissions: &[READ, EDIT, CHECK], ..Module::new("registry", "企业库") }
}

/// The slice with its routes, menu and API.
pub fn slice() -> Slice {
    Slice { module: module(), routes: routes(), menu: MENU, api: Some(api::description) }
}

fn routes() -> Routes {
    let (read, edit) = (Need::May(READ), Need::May(EDIT));
    Routes::new()
        .get("/orgs", read, pages::list)
        .get("/orgs.xlsx", read, pages::xlsx)
        .get("/orgs.csv", read, pages::csv)
        .get("/orgs/mismatches", Need::May(CHECK), pages::mismatches)
        .get("/orgs/new", edit, pages::register::form)
        .post("/orgs", edit, pages::register::register)
        .get("/orgs/{id}/edit", edit, pages::edit::form)
        .post("/orgs/{id}/attributes", edit, pages::edit::change)
        .post("/orgs/{id}/years", edit, pages::edit::record_year)
        .get("/orgs/{id}/merge", edit, pages::merge::preview)
        .post("/orgs/{id}/merge", edit, pages::merge::merge)
        .post("/orgs/{id}/unmerge", edit, pages::merge::unmerge)
        .get("/api/v1/organisations", read, api::list)
        .get("/api/v1/organisations/{id}", read, api::show)
}
