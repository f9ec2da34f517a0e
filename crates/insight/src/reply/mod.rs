//! The reply: a letter whose every figure comes out of the ledger and opens its rows.
//!
//! The definition (which figure stands for which indicator, about which day, and the text around them) is
//! handed in by the binary. Nothing here holds a number.

mod api;
pub mod citation;
mod cited;
mod pages;
pub mod publish;
mod view;

use kernel::access::Permission;
use kernel::module::Module;
use web::{MenuEntry, Need, Posted, Routes, Slice, Ui};

use citation::City;

use crate::publications::PUBLICATION_PUBLISH;
use crate::publications::file::Kind;

/// Reading the reply.
pub const REPLY_READ: Permission = Permission("reply.read");

const MODULE: Module = Module { permissions: &[REPLY_READ], ..Module::new("reply", "答复件") };

const MENU: &[MenuEntry] =
    &[MenuEntry {
        href: "/reply", label: "答复件", icon: "file-text", permission: REPLY_READ, order: 15, under: &[]
    }];

/// The slice, over the reply that is loaded.
pub fn slice(city: Option<&'static City>) -> Slice {
    let need = Need::May(REPLY_READ);
    let routes = Routes::new().get("/reply", need, move |ui: Ui| pages::show(ui, city)).get(
        "/api/v1/figures",
        need,
        move |ui: Ui| api::figures(ui, city),
    );
    let publish = Need::May(PUBLICATION_PUBLISH);
    let routes = routes.get("/reply/draft.docx", publish, move |ui: Ui| pages::draft(ui, city, Kind::Docx)).get(
        "/reply/draft.pdf",
        publish,
        move |ui: Ui| pages::draft(ui, city, Kind::Pdf),
    );
    let routes = routes.get("/reply/publish", publish, move |ui: Ui| pages::publish_form(ui, city)).post(
        "/reply/publish",
        publish,
        move |ui: Ui, typed: Posted<pages::Typed>| pages::publish(ui, typed, city),
    );
    Slice { module: MODULE, routes, menu: MENU, api: Some(api::description) }
}
