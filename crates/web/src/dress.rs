//! Puts the frame around answers that were made where nobody knew the visitor: errors, and forms to send again.
//!
//! Owns what a wrong method is told. Never changes an answer of the API beyond its wording.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use tower_sessions::Session;

use crate::app::App;
use crate::error::{ErrorPage, Failure};
use crate::frame::Frame;
use crate::lost::{Kept, ResendPage};
use crate::session;

/// What an answer still lacks its frame around; rides with the answer to [`dress`].
#[derive(Clone)]
pub(crate) enum Undressed {
    /// An error page.
    Error(Box<ErrorPage>),
    /// A form to be sent again.
    Resend(Kept),
}

/// Gives errors the menu and the person they belong to, and tells a wrong method in words.
pub(crate) async fn dress(State(app): State<App>, request: Request, next: Next) -> Response {
    let session = request.extensions().get::<Session>().cloned();
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response = wrong_method(&app, &path, &response);
    }
    match response.extensions_mut().remove::<Undressed>() {
        Some(undressed) => dressed(&app, session, &path, undressed, response).await,
        None => response,
    }
}

fn wrong_method(app: &App, path: &str, found: &Response) -> Response {
    let failure = Failure::wrong_method(path.starts_with("/api/")).way(app.nearest_page(path), "回到相关页面");
    let mut response = failure.into_response();
    if let Some(allow) = found.headers().get(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    response
}

async fn dressed(
    app: &App,
    session: Option<Session>,
    path: &str,
    undressed: Undressed,
    mut bare: Response,
) -> Response {
    // Whoever cannot be told apart just now sees the page without a menu.
    let Ok(visitor) = session::visitor(app, session, false).await else { return bare };
    let cx = Frame::of(app, &visitor, path);
    let html = match undressed {
        Undressed::Error(page) => page.dressed(cx).render(),
        Undressed::Resend(kept) => ResendPage { cx, of: app.nearest_page(&kept.action), kept }.render(),
    };
    match html {
        Ok(html) => {
            bare.headers_mut().remove(header::CONTENT_LENGTH);
            *bare.body_mut() = Html(html).into_response().into_body();
            bare
        }
        Err(error) => {
            tracing::error!(%error, "a page does not render");
            bare
        }
    }
}

/// Whether a request that changes something comes from somewhere else than our own pages.
pub(crate) fn is_foreign(request: &Request) -> bool {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    !reads && told_origin(request.headers()) == Some(false)
}

/// Whether the browser says that a request comes from our own pages; nothing where it says nothing.
pub(crate) fn told_origin(headers: &axum::http::HeaderMap) -> Option<bool> {
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN), text(header::HOST)) {
        (Some(site), _, _) => Some(matches!(site, "same-origin" | "none")),
        (None, Some(origin), Some(host)) => Some(origin.split_once("://").is_some_and(|(_, from)| from == host)),
        _ => None,
    }
}
