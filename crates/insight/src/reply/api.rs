//! The JSON side: the figures of the reply.

use axum::response::Response;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use web::Ui;
use web::api::answer;

use super::REPLY_READ;
use super::citation::City;
use super::cited::{Cited, cited};
use crate::indicators::api::FigureAnswer;

#[derive(OpenApi)]
#[openapi(paths(figures))]
struct Api;

/// This slice's part of the API description.
pub(super) fn description() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

/// A figure that the reply cites.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CitationAnswer {
    /// Its number in the list of figures, such as `A03`.
    pub id: String,
    /// What the reply prints.
    pub value: String,
    /// Unit as the list words it.
    pub unit: String,
    /// Time as the list words it.
    pub as_of: String,
    /// The day asked about.
    pub about: NaiveDate,
    /// The exact value, in the unit it is printed in.
    pub exact: String,
    /// What is wrong with how it is worded; absent when nothing is.
    pub warning: Option<String>,
    /// The figures behind it, in order.
    pub figures: Vec<FigureAnswer>,
}

impl CitationAnswer {
    fn of(cited: &Cited<'_>) -> Self {
        let (words, warning) = cited.words(None);
        Self {
            id: cited.def.id.clone(),
            value: words.value,
            unit: cited.def.unit.clone(),
            as_of: cited.def.as_of.clone(),
            about: cited.def.about,
            exact: words.exact,
            warning: Some(warning).filter(|warning| !warning.is_empty()),
            figures: cited.figures.iter().map(FigureAnswer::of).collect(),
        }
    }
}

/// The figures of the reply, each about its own day; none when no reply is loaded.
#[utoipa::path(
    get, path = "/api/v1/figures", tag = "答复件", summary = "答复件中的数字，各按自己的日期；没有装入答复件时为空",
    params(("known" = Option<String>, Query, description = "已知至：日期，或账上序号")),
    responses((status = 200, body = Vec<CitationAnswer>)),
)]
pub(super) async fn figures(ui: Ui, city: Option<&'static City>) -> Response {
    answer(all(&ui, city).await)
}

async fn all(ui: &Ui, city: Option<&'static City>) -> web::Result<Vec<CitationAnswer>> {
    let Some(city) = city else { return Ok(Vec::new()) };
    let read = ui.read().await?;
    let (_, known) = ui.clocks(&read).await?;
    let found = cited(&read, city, &ui.scope(REPLY_READ), known).await?;
    Ok(city.figures.iter().filter_map(|def| found.get(def.id.as_str())).map(CitationAnswer::of).collect())
}
