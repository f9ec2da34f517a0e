//! The list of the cases of a flow, and the same as a file.

use askama::Template;
use axum::response::Response;
use kernel::Error;
use kernel::case::{self, Flow, listing};
use kernel::list::List;
use kernel::store::Read;
use web::list::{Dress, Format, Table, dressed_case, export, is_over};
use web::{Frame, Result, Ui};

use super::queries::newest;
use crate::link::asked;
use crate::units::Units;

#[derive(Template)]
#[template(path = "cases/templates/list.html")]
struct ListPage {
    cx: Frame,
    /// Flows the reader may list: code, label, chosen.
    flows: Vec<(&'static str, &'static str, bool)>,
    flow: &'static str,
    table: Table,
    /// Actions that can be done to many: code, label.
    actions: Vec<(&'static str, &'static str)>,
    /// What the list is narrowed to, as an address has it.
    query: String,
    /// Unit, cases that run, late ones.
    units: Vec<(String, i64, i64)>,
}

/// The flow an address names, else the first the reader may list.
pub(super) fn chosen(ui: &Ui, read: &Read, wanted: &str) -> Result<&'static Flow> {
    let readable: Vec<&'static Flow> = newest(read).into_iter().filter(|flow| ui.actor().may(flow.read)).collect();
    let found = readable.iter().find(|f| f.code == wanted).or(readable.first().filter(|_| wanted.is_empty()));
    Ok(found.copied().ok_or(Error::NotFound)?)
}

/// The list of a flow, with the units whose cases the reader may see.
pub(super) async fn list_of(ui: &Ui, read: &Read, flow: &'static Flow) -> Result<List> {
    let units = Units::load(read).await?;
    let units = units.choices(&ui.scope(flow.read)).into_iter().map(|u| (u.id.to_string(), u.name.clone())).collect();
    Ok(listing(read.catalog(), flow, units))
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let flow = chosen(&ui, &read, asked(ui.query(), "flow"))?;
    let page = list_page(&ui, &read, flow).await?;
    if page.table.is_refused() { ui.refused(&page) } else { ui.page(&page) }
}

async fn list_page(ui: &Ui, read: &Read, flow: &'static Flow) -> Result<ListPage> {
    let (scope, list) = (ui.scope(flow.read), list_of(ui, read, flow).await?);
    let actions = super::bulk::actions(ui.actor(), flow);
    let dress = Dress {
        href: &|row| format!("/cases/{}", row.id),
        cell: &dressed_case(flow, read.today()),
        off: &|row| is_over(flow, row),
        picks: !actions.is_empty(),
    };
    let table = Table::of(ui, read, &list, &scope, &dress).await?;
    let names = Units::load(read).await?;
    let counted = case::running_by_unit(read, &scope, flow.code, read.today()).await?;
    let readable = newest(read).into_iter().filter(|flow| ui.actor().may(flow.read));
    Ok(ListPage {
        cx: ui.frame(read).await?,
        flows: readable.map(|f| (f.code, f.label, f.code == flow.code)).collect(),
        flow: flow.code,
        actions,
        query: table.here.split_once('?').map_or(String::new(), |(_, query)| query.to_owned()),
        table,
        units: counted.into_iter().map(|(unit, n, late)| (names.name(unit.0), n, late)).collect(),
    })
}

pub(super) async fn xlsx(ui: Ui) -> Result<Response> {
    file(&ui, Format::Xlsx).await
}

pub(super) async fn csv(ui: Ui) -> Result<Response> {
    file(&ui, Format::Csv).await
}

async fn file(ui: &Ui, format: Format) -> Result<Response> {
    let read = ui.read().await?;
    let flow = chosen(ui, &read, asked(ui.query(), "flow"))?;
    let list = list_of(ui, &read, flow).await?;
    drop(read);
    export(ui, &list, &ui.scope(flow.read), format).await
}
