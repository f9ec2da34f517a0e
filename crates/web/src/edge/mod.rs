//! The outermost edge: where a request comes from, its number, how many are taken, what is measured and logged of it.
//!
//! Never logs an address with its query, a header, a cookie or a body: those may hold what nobody else should read.

mod limits;
mod metrics;
mod network;

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::access::Actor;
use kernel::audit::{Note, Origin, Verb, note};
use kernel::seal::Hash;
use tower_sessions::session::Id;

pub use network::Network;

pub(crate) use limits::Limits;
pub(crate) use metrics::Metrics;

use crate::app::App;
use crate::error::Failure;

/// How the application stands towards the network.
#[derive(Debug, Clone, Default)]
pub struct Edges {
    /// Proxies whose word about address and protocol of a client is believed.
    pub proxies: Vec<Network>,
    /// Whether this server speaks TLS itself.
    pub tls: bool,
    /// Requests that one address or account may send in a minute; 0 for any number.
    pub requests: u32,
    /// Attempts to sign in that one address may make in a minute; a third of them on one login. 0 for any number.
    pub sign_ins: u32,
    /// Command that looks through uploaded files for viruses (see `scan`); none for nobody.
    pub scan: Option<String>,
    /// Another platform through which people may sign in.
    pub oidc: Option<crate::oidc::Oidc>,
    /// The address people know this platform by, such as `https://qishu.example.cn`.
    pub own: Option<String>,
}

/// The name of the session's cookie.
pub(crate) const SESSION_COOKIE: &str = "qishu_session";
/// The answer's header with the number of the request.
const REQUEST_ID: &str = "x-request-id";

/// Who a request comes from, as far as the edge knows.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub address: Option<IpAddr>,
    pub is_https: bool,
}

impl Caller {
    fn of(request: &Request, edges: &Edges) -> Self {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
        let believed = peer.is_some_and(|peer| edges.proxies.iter().any(|p| p.holds(peer)));
        if !believed {
            return Self { address: peer, is_https: edges.tls };
        }
        let told = text(request.headers(), "x-forwarded-for");
        let proto = text(request.headers(), "x-forwarded-proto");
        Self {
            address: network::client(peer, told, &edges.proxies),
            is_https: edges.tls || proto.is_some_and(|p| p.trim().eq_ignore_ascii_case("https")),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

/// Surrounds every request.
pub(crate) async fn edge(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let caller = Caller::of(&request, app.edges());
    let id = format!("{:016x}", Id::default().0 as u64);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let origin = Origin {
        address: caller.address.map(|a| a.to_string()).unwrap_or_default(),
        session: session_digest(request.headers()),
        request: id.clone(),
    };
    let is_https = caller.is_https;
    let wait = throttle(&app, &caller, &method, &path);
    request.extensions_mut().insert(caller);
    let handled = origin.around(async {
        match wait {
            Some(wait) => refused_for_now(&app, &path, wait).await,
            None => next.run(request).await,
        }
    });
    let mut response = handled.await;
    let route = response.extensions().get::<MatchedRoute>().map_or("other", |r| r.0);
    let (status, took) = (response.status().as_u16(), began.elapsed());
    app.metrics().count(method.as_str(), route, status, took);
    tracing::info!(target: "qishu::request", request = %id, %method, route, status, ms = took.as_millis() as u64);
    finish(&mut response, &id, is_https);
    response
}

/// The pattern that a request was answered by; rides with the answer to the edge.
#[derive(Clone, Copy)]
pub(crate) struct MatchedRoute(pub &'static str);

/// A digest by which requests of one session are told to belong together; it is no key to the session.
fn session_digest(headers: &HeaderMap) -> String {
    let cookies = text(headers, header::COOKIE.as_str()).unwrap_or_default();
    let held = cookies.split(';').find_map(|c| c.trim().strip_prefix(SESSION_COOKIE)?.strip_prefix('='));
    held.map(|value| Hash::of(value.as_bytes()).to_string()[..16].to_owned()).unwrap_or_default()
}

/// How long an address has to wait before more is taken from it.
fn throttle(app: &App, caller: &Caller, method: &axum::http::Method, path: &str) -> Option<Duration> {
    // Assets are cached and cost nothing; a probe must not be turned away.
    if path.starts_with("/static/") || matches!(path, "/healthz" | "/readyz") {
        return None;
    }
    let address = caller.address?;
    let limits = app.limits();
    // What asks for a password's hash costs a core for a while, and is what somebody guesses at.
    let hashes = ["/sign-in", "/register", "/join/", "/me/password", "/me/identity", "/me/second-factor"];
    let is_costly = *method == axum::http::Method::POST && hashes.iter().any(|start| path.starts_with(start));
    let stricter = if is_costly { limits.sign_in_from(address) } else { None };
    stricter.or_else(|| limits.from(address))
}

/// The answer to more than is taken; the first of a minute is written down.
pub(crate) async fn refused_for_now(app: &App, path: &str, wait: Duration) -> Response {
    if app.limits().is_news() {
        // A one-time link is a secret.
        let secret = ["/join/", "/open/opinion/"].into_iter().find(|start| path.starts_with(start));
        let path = secret.map_or_else(|| path.to_owned(), |start| format!("{start}…"));
        let entry = Note::of(Verb::THROTTLED, "route", None).detail("地址", path).refused();
        if let Err(error) = note(app.store(), &Actor::public(), entry).await {
            tracing::warn!(detail = %error.detail(), "a throttled address could not be noted");
        }
    }
    let seconds = wait.as_secs().max(1);
    let mut response = Failure::too_many(seconds, path.starts_with("/api/")).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Puts on what only the edge knows: the number of the request, and what holds for TLS alone.
fn finish(response: &mut Response, id: &str, is_https: bool) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    if !is_https {
        return;
    }
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    let cookies: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        let secure = cookie.to_str().ok().and_then(|c| HeaderValue::from_str(&format!("{c}; Secure")).ok());
        headers.append(header::SET_COOKIE, secure.unwrap_or(cookie));
    }
}
