//! The application: a list of slices over one store.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kernel::Error;
use kernel::id::UnitId;
use kernel::module::Module;
use kernel::store::Store;
use kernel::value::day::{Day, parse_day};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{ExpiredDeletion, Expiry, SessionManagerLayer};

use crate::assets::Assets;
use crate::display;
use crate::dress::{dress, is_foreign};
use crate::edge::{Edges, Limits, Metrics, SESSION_COOKIE, edge};
use crate::error::Failure;
use crate::frame::{self, MenuEntry};
use crate::routes::{Need, Routes};
use crate::session::Rows;
use crate::{join, list, oidc, seat, sign_in};

/// What a slice hands to the application.
#[derive(Clone)]
pub struct Slice {
    /// Its kernel side.
    pub module: Module,
    /// Its routes.
    pub routes: Routes,
    /// Its menu entries.
    pub menu: &'static [MenuEntry],
    /// Its part of the API description.
    pub api: Option<fn() -> utoipa::openapi::OpenApi>,
}

impl Slice {
    /// A slice without pages: it only declares facts and indicators.
    pub fn without_pages(module: Module) -> Self {
        Self { module, routes: Routes::new(), menu: &[], api: None }
    }
}

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: Store,
    menu: Vec<MenuEntry>,
    settings: RwLock<Settings>,
    openapi: utoipa::openapi::OpenApi,
    table: Vec<(&'static str, &'static str, Need)>,
    edges: Edges,
    limits: Limits,
    metrics: Metrics,
}

/// What hardly changes, read once.
#[derive(Default)]
struct Settings {
    city: String,
    demo: bool,
    default_about: Option<Day>,
    units: Vec<kernel::org::Unit>,
    sign_ins: Vec<(String, String)>,
    password: String,
}

impl App {
    /// Puts slices over a store, with no limits: inside one process, or behind something that limits.
    ///
    /// # Errors
    /// As the database says.
    pub async fn new(store: Store, slices: &[Slice]) -> kernel::Result<Self> {
        Self::at_edges(store, slices, Edges::default()).await
    }

    /// Puts slices over a store, towards a network.
    ///
    /// # Errors
    /// As the database says.
    pub async fn at_edges(store: Store, slices: &[Slice], edges: Edges) -> kernel::Result<Self> {
        let mut menu: Vec<MenuEntry> = slices.iter().flat_map(|s| s.menu.iter().copied()).collect();
        menu.sort_by_key(|e| e.order);
        let mut openapi = crate::api::base();
        for part in slices.iter().filter_map(|s| s.api) {
            openapi.merge(part());
        }
        let table = slices
            .iter()
            .flat_map(|s| s.routes.0.iter())
            .chain(own_routes().0.iter())
            .map(|r| (r.method, r.path, r.need))
            .collect();
        let (settings, limits, metrics) = (RwLock::default(), Limits::new(&edges), Metrics::default());
        let app = Self(Arc::new(Inner { store, menu, settings, openapi, table, edges, limits, metrics }));
        app.reload().await?;
        Ok(app)
    }

    /// Reads the settings again.
    ///
    /// # Errors
    /// As the database says.
    pub async fn reload(&self) -> kernel::Result<()> {
        let read = self.0.store.read().await?;
        let mut settings = Settings { units: kernel::org::units(&read).await?, ..Settings::default() };
        for row in read.all("SELECT name, value FROM setting").await? {
            let value: String = row.get("value")?;
            match row.get::<String>("name")?.as_str() {
                "city.name" => settings.city = value,
                "demo" => settings.demo = value == "1",
                "demo.password" => settings.password = value,
                "about.default" => settings.default_about = parse_day(&value).ok(),
                _ => {}
            }
        }
        if settings.demo {
            let accounts = kernel::access::list_accounts(&read, "", "", 100).await?;
            settings.sign_ins = accounts.into_iter().map(|a| (a.login, a.name)).collect();
        }
        if let Ok(mut held) = self.0.settings.write() {
            *held = settings;
        }
        Ok(())
    }

    fn settings<T>(&self, get: impl FnOnce(&Settings) -> T) -> T {
        match self.0.settings.read() {
            Ok(settings) => get(&settings),
            Err(poisoned) => get(&poisoned.into_inner()),
        }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn edges(&self) -> &Edges {
        &self.0.edges
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// `/metrics` for Prometheus, to be served where the public does not come.
    pub fn metrics_router(&self) -> Router {
        Router::new().route("/metrics", get(measured)).with_state(self.clone())
    }

    /// All routes with their needs.
    pub fn route_table(&self) -> &[(&'static str, &'static str, Need)] {
        &self.0.table
    }

    /// The description of the API.
    pub fn openapi(&self) -> &utoipa::openapi::OpenApi {
        &self.0.openapi
    }

    /// The page nearest to a path: itself, or the first above it that can be opened.
    pub(crate) fn nearest_page(&self, path: &str) -> String {
        let opens =
            |path: &str| self.0.table.iter().any(|(method, pattern, _)| *method == "GET" && leads_to(pattern, path));
        let mut path = path.trim_end_matches('/');
        while !path.is_empty() && (path.starts_with("/api/") || !opens(path)) {
            path = path.rsplit_once('/').map_or("", |(above, _)| above);
        }
        if path.is_empty() { "/".to_owned() } else { path.to_owned() }
    }

    /// Whether a form may be posted to an address of ours.
    pub(crate) fn takes_forms(&self, address: &str) -> bool {
        let path = address.split('?').next().unwrap_or_default();
        // Signing in and out is no form to send again: it holds a password, or does what nobody sees.
        if path.starts_with("/sign-")
            || path.starts_with("/join/")
            || path.starts_with("/open/opinion/")
            || path == "/register"
            || path.starts_with("/view-as")
        {
            return false;
        }
        self.0.table.iter().any(|(method, pattern, _)| *method == "POST" && leads_to(pattern, path))
    }

    /// Deletes the sessions that have rested too long; to be called now and then.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store cannot write.
    pub async fn forget_expired_sessions(&self) -> kernel::Result<()> {
        Rows(self.0.store.clone()).delete_expired().await.map_err(|e| Error::Unavailable(e.to_string()))
    }

    /// Forgets expired sessions, at once and every hour; never ends by itself.
    pub async fn keep_house(self) {
        let mut hours = tokio::time::interval(Duration::from_secs(3600));
        loop {
            hours.tick().await;
            if let Err(error) = self.forget_expired_sessions().await {
                tracing::warn!(detail = %error.detail(), "expired sessions stay for now");
            }
        }
    }

    pub(crate) fn menu(&self) -> &[MenuEntry] {
        &self.0.menu
    }

    pub(crate) fn city(&self) -> String {
        self.settings(|s| s.city.clone())
    }

    pub(crate) fn is_demo(&self) -> bool {
        self.settings(|s| s.demo)
    }

    pub(crate) fn default_about(&self, today: Day) -> Day {
        self.settings(|s| s.default_about).unwrap_or(today)
    }

    pub(crate) fn unit_name(&self, unit: UnitId) -> String {
        self.settings(|s| s.units.iter().find(|u| u.id == unit).map(|u| u.name.clone())).unwrap_or_default()
    }

    /// The password of a demonstration's accounts.
    pub(crate) fn demo_password(&self) -> String {
        self.settings(|s| s.password.clone())
    }

    /// Logins and names of a demonstration; empty elsewhere.
    pub(crate) fn demo_sign_ins(&self) -> Vec<(String, String)> {
        self.settings(|s| s.sign_ins.clone())
    }

    /// The router over all slices.
    pub fn router(&self, slices: Vec<Slice>) -> Router {
        let (files, assets) = Assets::load();
        frame::set_assets(assets);
        let mut pages: Router<App> = Router::new();
        for slice in slices {
            pages = slice.routes.mount(pages, self);
        }
        pages = own_routes().mount(pages, self);
        let sessions = SessionManagerLayer::new(Rows(self.0.store.clone()))
            .with_name(SESSION_COOKIE)
            .with_same_site(SameSite::Lax)
            .with_http_only(true)
            // The edge adds Secure where the request came by TLS.
            .with_secure(false)
            // How long a visit may rest is kept in the row (see `session`), so that reading renews it too.
            .with_expiry(Expiry::OnSessionEnd);
        pages
            .route("/healthz", get(async || "ok"))
            .route("/readyz", get(ready))
            .route("/api/openapi.json", get(describe))
            .fallback(unknown)
            .layer(from_fn(same_origin))
            .layer(from_fn(in_time))
            .layer(from_fn_with_state(self.clone(), dress))
            .layer(sessions)
            .layer(CompressionLayer::new())
            .layer(DefaultBodyLimit::max(2 * 1024 * 1024))
            .nest("/static", files)
            .layer(fixed("content-security-policy", CSP))
            .layer(fixed("x-content-type-options", "nosniff"))
            .layer(fixed("x-frame-options", "DENY"))
            .layer(fixed("referrer-policy", "same-origin"))
            .layer(fixed("permissions-policy", "camera=(), microphone=(), geolocation=()"))
            .layer(fixed("cross-origin-opener-policy", "same-origin"))
            .layer(fixed("cross-origin-resource-policy", "same-origin"))
            .layer(fixed("x-permitted-cross-domain-policies", "none"))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn_with_state(self.clone(), edge))
            .with_state(self.clone())
    }
}

/// The routes of the application itself.
fn own_routes() -> Routes {
    let own =
        [sign_in::routes(), oidc::routes(), seat::routes(), join::routes(), list::views::routes(), display::routes()];
    Routes(own.into_iter().flat_map(|routes| routes.0).collect())
}

const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn fixed(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// Whether a pattern of the route table stands for a path.
fn leads_to(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut found) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(name), Some(part)) if name == part || (name.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}

async fn ready(axum::extract::State(app): axum::extract::State<App>) -> Response {
    match app.store().ready().await {
        Ok(()) => match app.store().mirror_state() {
            None => "ready".into_response(),
            // A second disk that refuses keeps nobody from working: whoever watches reads it in the second line.
            Some(mirror) => format!("ready\nmirror: {mirror}\n").into_response(),
        },
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

async fn measured(axum::extract::State(app): axum::extract::State<App>) -> Response {
    match app.metrics().text(app.store()).await {
        Ok(text) => ([("content-type", "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

async fn describe(axum::extract::State(app): axum::extract::State<App>) -> Response {
    axum::Json(app.openapi()).into_response()
}

async fn unknown(OriginalUri(uri): OriginalUri) -> Failure {
    Failure::new(Error::NotFound, uri.path().starts_with("/api/"))
}

/// A request that changes something must come from our own pages.
async fn same_origin(request: Request, next: Next) -> Response {
    if is_foreign(&request) {
        let is_api = request.uri().path().starts_with("/api/");
        return Failure::new(Error::Forbidden("same_origin"), is_api).into_response();
    }
    next.run(request).await
}

/// Ends what takes longer than a person or a proxy waits; an act that is cut off writes nothing.
async fn in_time(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    match tokio::time::timeout(LONGEST_REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let message = "办理超过一分钟，已停止，没有保存任何内容；内容很多时请分几次办理，或由管理员用命令办理";
            Failure::new(Error::Unavailable(message.into()), is_api).into_response()
        }
    }
}

const LONGEST_REQUEST: Duration = Duration::from_secs(60);

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_default();
    Failure::from(Error::Internal(format!("panic: {text}"))).into_response()
}
