//! The dossier (一企一档): everything the platform knows about one organisation, on one page, at the two clocks.
//!
//! Owns the page `/orgs/{id}`, the one that shows sensitive values in full, and nothing else: it reads identity from `kernel::org`, facts of every module from the
//! ledger and figures from the indicators, so a new module appears here without a line being changed.
//! Never writes but into the audit log: who had sensitive values shown in full, and what for.

mod model;
mod pages;
mod queries;
mod reveal;
mod rules;

use kernel::access::Permission;
use kernel::module::Module;
use web::{Need, Routes, Slice};

/// Seeing an organisation; declared by the registry.
pub(crate) const READ: Permission = Permission("registry.read");
/// Changing or merging it; declared by the registry.
const EDIT: Permission = Permission("registry.edit");
/// Entering facts about it; declared by the ledger's pages.
const ENTER: Permission = Permission("ledger.enter");
/// Having sensitive values shown in full, for a purpose that is written down.
const REVEAL: Permission = Permission("sensitive.read");
/// Seeing its facts; declared by the ledger's pages.
const FACTS: Permission = Permission("ledger.read");

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module { permissions: &[REVEAL], ..Module::new("dossier", "一企一档") }
}

/// The slice with its routes.
pub fn slice() -> Slice {
    Slice {
        module: module(),
        routes: Routes::new().get("/orgs/{id}", Need::May(READ), pages::show).post(
            "/orgs/{id}/reveal",
            Need::May(REVEAL),
            reveal::reveal,
        ),
        menu: &[],
        api: None,
    }
}
