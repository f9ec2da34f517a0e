//! The JSON API: what all its answers share.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::error::Failure;
pub use crate::once::{Said, Written, once};
use crate::routes::is_unfit;

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

/// What a program posts, as JSON. A page of somebody else's cannot send this type without asking first, so no token
/// is needed beside the session.
pub struct Told<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Told<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> crate::Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().unwrap_or_default().trim() != "application/json" {
            return Err(refused("提交的内容应为 JSON，请写明 Content-Type: application/json".into()));
        }
        let bytes = Bytes::from_request(request, app).await.map_err(|_| refused("提交的内容过大或不完整".into()))?;
        let wrong = |e: serde_json::Error| refused(format!("提交的 JSON 不对（{e}）"));
        let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(wrong)?;
        if holds_unfit(&value) {
            return Err(refused(crate::routes::NUL.into()));
        }
        Ok(Self(serde_json::from_value(value).map_err(wrong)?))
    }
}

/// Whether any text in it is unfit.
fn holds_unfit(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => is_unfit(text),
        Value::Array(parts) => parts.iter().any(holds_unfit),
        Value::Object(members) => members.iter().any(|(name, part)| is_unfit(name) || holds_unfit(part)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn refused(message: String) -> Failure {
    Failure::new(Error::invalid("body", message), true)
}

/// As [`answer`], for what an act has made: 201.
pub fn created<T: Serialize>(result: crate::Result<T>) -> Response {
    match result {
        Ok(value) => (StatusCode::CREATED, Json(value)).into_response(),
        Err(failure) => Failure::api(failure).into_response(),
    }
}

/// Turns a result into JSON or problem+json.
pub fn answer<T: Serialize>(result: crate::Result<T>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(failure) => Failure::api(failure).into_response(),
    }
}
