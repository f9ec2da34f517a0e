//! The JSON API: what all its answers share.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::error::Failure;

/// The API's title and version, before the slices add their paths.
pub(crate) fn base() -> utoipa::openapi::OpenApi {
    let info = utoipa::openapi::InfoBuilder::new()
        .title("企枢 Qishu API")
        .version("1")
        .description(Some("Organisations, facts, indicators and figures. Amounts are whole fen; days are ISO 8601; errors are problem+json."))
        .build();
    utoipa::openapi::OpenApiBuilder::new().info(info).build()
}

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Cursor of the next page; absent on the last.
    pub next: Option<String>,
}

/// Turns a result into JSON or problem+json.
pub fn answer<T: Serialize>(result: crate::Result<T>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(failure) => Failure::api(failure).into_response(),
    }
}
