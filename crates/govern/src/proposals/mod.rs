//! Proposals (提案、建议): what members of the CPPCC and deputies propose, from receipt to the opinion about the answer.
//!
//! Owns the flow, the contact log, the drafts of replies, the register of issue numbers and the promises.
//! A reply is frozen as a publication; its file and every figure in it are shown there. States change in the engine
//! of cases only, and the pages on which they do are those of all cases.

mod actions;
mod declared;
mod difference;
mod flow;
mod issue;
mod model;
mod opinion;
mod pages;
mod proposer;
mod queries;
mod reply;
mod rules;
mod settings;
mod similar;
#[cfg(test)]
mod tests;
mod view;

pub use actions::{Contact, Promised, keep_promise, log_contact, save_draft};
pub use flow::FLOW;
pub use issue::{Issue, Ready, issue, prepare};
pub use reply::BEGINNING;

use kernel::access::Permission;
use kernel::module::Module;
use kernel::store::Migration;
use web::{MenuEntry, Need, Routes, Slice};

/// Seeing proposals and their replies.
pub const READ: Permission = Permission("proposals.read");
/// Registering, working on and answering proposals.
pub const EDIT: Permission = Permission("proposals.edit");
/// Countersigning a reply.
pub const COUNTERSIGN: Permission = Permission("proposals.countersign");
/// Approving a reply.
pub const APPROVE: Permission = Permission("proposals.approve");

const MENU: &[MenuEntry] =
    &[MenuEntry {
        href: "/proposals", label: "提案建议", icon: "messages", permission: READ, order: 18, under: &[]
    }];

const MIGRATIONS: &[Migration] = &[
    Migration { name: "proposals_0001_proposal", sql: include_str!("../../migrations/proposals_0001_proposal.sql") },
    Migration { name: "proposals_0002_links", sql: include_str!("../../migrations/proposals_0002_links.sql") },
];

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module {
        kinds: declared::KINDS,
        indicators: declared::INDICATORS,
        flows: &[FLOW],
        permissions: &[READ, EDIT, COUNTERSIGN, APPROVE],
        migrations: MIGRATIONS,
        ..Module::new("proposals", "提案建议")
    }
}

/// The slice with its pages.
pub fn slice() -> Slice {
    let (read, edit) = (Need::May(READ), Need::May(EDIT));
    let routes = Routes::new()
        .get("/proposals", read, pages::list)
        .get("/proposals.xlsx", read, pages::xlsx)
        .get("/proposals.csv", read, pages::csv)
        .get("/proposals/new", edit, pages::new)
        .get("/proposals/statistics", read, pages::statistics)
        .get("/open/proposals", Need::Open, pages::open)
        .get("/open/opinion/{link}", Need::Open, proposer::form)
        .post("/open/opinion/{link}", Need::Open, proposer::answer)
        .post("/proposals/{id}/link", edit, proposer::link)
        .get("/proposals/{id}", read, pages::show)
        .get("/proposals/{id}/draft.docx", read, pages::draft_docx)
        .get("/proposals/{id}/draft.pdf", read, pages::draft_pdf)
        .get("/proposals/{id}/opinion.docx", read, pages::opinion_docx)
        .get("/proposals/{id}/opinion.pdf", read, pages::opinion_pdf)
        .post("/proposals/{id}/contacts", edit, pages::contact)
        .post("/proposals/{id}/draft", edit, pages::draft)
        .post("/proposals/{id}/promises", edit, pages::promise)
        .post("/proposals/{id}/issue", edit, pages::issue)
        .post("/proposals/{id}/paper", edit, pages::paper);
    Slice { module: module(), routes, menu: MENU, api: None }
}
