//! The route table: every route says what it needs, and a test walks over all of them.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use kernel::Error;
use kernel::access::{Actor, Permission};
use kernel::audit::{Note, Verb};

use crate::app::App;
use crate::edge::{MatchedRoute, refused_for_now};
use crate::error::Failure;
use crate::lost::Kept;
use crate::{seat, session, sign_in};

/// What a route asks of whoever calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: sign-in, health, published things.
    Open,
    /// Someone signed in.
    SignedIn,
    /// A permission; the scope it gives is applied by the queries.
    May(Permission),
}

/// One route.
#[derive(Clone)]
pub struct Route {
    /// HTTP method.
    pub method: &'static str,
    /// Path pattern.
    pub path: &'static str,
    /// What it needs.
    pub need: Need,
    handler: MethodRouter<App>,
}

/// The routes of a slice.
#[derive(Clone, Default)]
pub struct Routes(pub Vec<Route>);

impl Routes {
    /// No route yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A page or answer.
    #[must_use]
    pub fn get<H: Handler<T, App>, T: 'static>(mut self, path: &'static str, need: Need, handler: H) -> Self {
        self.0.push(Route { method: "GET", path, need, handler: get(handler) });
        self
    }

    /// An act.
    #[must_use]
    pub fn post<H: Handler<T, App>, T: 'static>(mut self, path: &'static str, need: Need, handler: H) -> Self {
        self.0.push(Route { method: "POST", path, need, handler: post(handler) });
        self
    }

    pub(crate) fn mount(self, mut router: Router<App>, app: &App) -> Router<App> {
        for route in self.0 {
            let state = (app.clone(), route.need, MatchedRoute(route.path));
            let gated = route.handler.route_layer(from_fn_with_state(state, gate));
            router = router.route(route.path, gated);
        }
        router
    }
}

/// What is said of a character that no text holds and one of the databases refuses.
pub(crate) const NUL: &str = "内容中有无法保存的控制字符，请删除后重新提交";

/// Finds out who calls and turns away those who lack what the route needs, before any handler runs.
/// The answer carries the pattern it was answered by; what was refused is written down.
async fn gate(State((app, need, route)): State<(App, Need, MatchedRoute)>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let (visitor, mut response) = let_in(&app, need, request, next).await;
    if let Some(actor) = visitor
        && matches!(response.status(), StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
    {
        let entry = Note::of(Verb::REFUSED, "route", None)
            .detail("请求", format!("{method} {path}"))
            .detail("状态", response.status().as_u16().to_string())
            .refused();
        crate::ui::note_soon(&app, &actor, entry).await;
    }
    response.extensions_mut().insert(route);
    response
}

/// Who called, when signed in, and the answer.
async fn let_in(app: &App, need: Need, request: Request, next: Next) -> (Option<Actor>, Response) {
    let is_api = request.uri().path().starts_with("/api/");
    if request.uri().query().is_some_and(|q| q.contains("%00")) {
        return (None, Failure::new(Error::invalid("query", NUL), is_api).into_response());
    }
    let session = request.extensions().get::<tower_sessions::Session>().cloned();
    let shows = request.method() == axum::http::Method::GET;
    let (mut parts, body) = request.into_parts();
    let visitor = match who(app, &parts, is_api, session, shows).await {
        Ok(visitor) => visitor,
        Err(failure) => return (None, failure.into_response()),
    };
    if visitor.viewer.is_some() && !shows && !matches!(parts.uri.path(), seat::END_VIEW | "/sign-out") {
        let told = "正在以他人身份查看，只能看，不能办理；请先退出查看".to_owned();
        return (None, Failure::new(Error::Conflict(told), is_api).into_response());
    }
    parts.extensions.insert(visitor.clone());
    let request = Request::from_parts(parts, body);
    let signed_in = visitor.signed_in;
    let actor = signed_in.then(|| visitor.on_record());
    if let Some(wait) = actor.as_ref().and_then(|actor| app.limits().by(actor.account.0)) {
        return (None, refused_for_now(app, request.uri().path(), wait).await);
    }
    let allowed = match need {
        Need::Open => true,
        Need::SignedIn => signed_in,
        Need::May(permission) => visitor.actor.may(permission),
    };
    if !allowed {
        let response = match need {
            _ if !signed_in && is_api => Failure::unauthorised().into_response(),
            _ if !signed_in => at_the_door(app, request).await,
            Need::May(permission) => Failure::new(Error::Forbidden(permission.0), is_api).into_response(),
            _ => Failure::new(Error::NotFound, is_api).into_response(),
        };
        return (actor, response);
    }
    (actor, next.run(request).await)
}

/// Programs come with a token, people with a session.
async fn who(
    app: &App,
    parts: &axum::http::request::Parts,
    is_api: bool,
    session: Option<tower_sessions::Session>,
    shows: bool,
) -> Result<session::Visitor, Failure> {
    let told = |error| Failure::new(error, is_api);
    if is_api {
        match session::bearer(app, parts).await {
            Ok(Some(visitor)) => return Ok(visitor),
            Ok(None) => {}
            Err(Error::NotFound) => return Err(Failure::unauthorised()),
            Err(other) => return Err(told(other)),
        }
    }
    session::visitor(app, session, shows).await.map_err(told)
}

/// Leads to the sign-in page, which leads back; a form that was filled in meanwhile stays in it.
async fn at_the_door(app: &App, request: Request) -> Response {
    if request.method() != axum::http::Method::POST {
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        return Redirect::to(&format!("/sign-in?next={}", url_encode(path))).into_response();
    }
    let page = app.nearest_page(request.uri().path());
    if request.uri().path() == "/sign-out" {
        return Redirect::to("/sign-in").into_response();
    }
    match Kept::of(request).await {
        Some(kept) => sign_in::with_kept(app, kept).into_response(),
        None => Redirect::to(&format!("/sign-in?lost=1&next={}", url_encode(&page))).into_response(),
    }
}

/// Percent-encodes a value for a query string.
pub(crate) fn url_encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
