//! The application: a list of slices over one store.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
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
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::{SameSite, time::Duration as CookieDuration};
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::assets::Assets;
use crate::error::Failure;
use crate::frame::{self, MenuEntry};
use crate::routes::{Need, Routes};
use crate::session::Rows;
use crate::sign_in;

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
    /// Puts slices over a store.
    ///
    /// # Errors
    /// As the database says.
    pub async fn new(store: Store, slices: &[Slice]) -> kernel::Result<Self> {
        let mut menu: Vec<MenuEntry> = slices.iter().flat_map(|s| s.menu.iter().copied()).collect();
        menu.sort_by_key(|e| e.order);
        let mut openapi = crate::api::base();
        for part in slices.iter().filter_map(|s| s.api) {
            openapi.merge(part());
        }
        let table = slices
            .iter()
            .flat_map(|s| s.routes.0.iter())
            .chain(sign_in::routes().0.iter())
            .map(|r| (r.method, r.path, r.need))
            .collect();
        let app = Self(Arc::new(Inner { store, menu, settings: RwLock::default(), openapi, table }));
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
            let accounts = kernel::access::list_accounts(&read).await?;
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

    /// All routes with their needs.
    pub fn route_table(&self) -> &[(&'static str, &'static str, Need)] {
        &self.0.table
    }

    /// The description of the API.
    pub fn openapi(&self) -> &utoipa::openapi::OpenApi {
        &self.0.openapi
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
        pages = sign_in::routes().mount(pages, self);
        let sessions = SessionManagerLayer::new(Rows(self.0.store.clone()))
            .with_name("qishu_session")
            .with_same_site(SameSite::Lax)
            .with_http_only(true)
            // Behind TLS the proxy adds Secure; the embedded server speaks plain HTTP on the loopback by default.
            .with_secure(false)
            .with_expiry(Expiry::OnInactivity(CookieDuration::hours(8)));
        pages
            .route("/healthz", get(async || "ok"))
            .route("/readyz", get(ready))
            .route("/api/openapi.json", get(describe))
            .fallback(async || Failure::from(Error::NotFound))
            .layer(from_fn(same_origin))
            .layer(sessions)
            .layer(CompressionLayer::new())
            .layer(DefaultBodyLimit::max(2 * 1024 * 1024))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(60)))
            .nest("/static", files)
            .layer(fixed("content-security-policy", CSP))
            .layer(fixed("x-content-type-options", "nosniff"))
            .layer(fixed("x-frame-options", "DENY"))
            .layer(fixed("referrer-policy", "same-origin"))
            .layer(fixed("permissions-policy", "camera=(), microphone=(), geolocation=()"))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(TraceLayer::new_for_http())
            .with_state(self.clone())
    }
}

const CSP: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn fixed(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
}

async fn ready(axum::extract::State(app): axum::extract::State<App>) -> Response {
    match app.store().ready().await {
        Ok(()) => "ready".into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

async fn describe(axum::extract::State(app): axum::extract::State<App>) -> Response {
    axum::Json(app.openapi()).into_response()
}

/// A request that changes something must come from our own pages.
async fn same_origin(request: Request, next: Next) -> Response {
    if is_foreign(&request) {
        return Failure::from(Error::Forbidden("same_origin")).into_response();
    }
    next.run(request).await
}

fn is_foreign(request: &Request) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name: HeaderName| request.headers().get(name).and_then(|v| v.to_str().ok());
    match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN), text(header::HOST)) {
        (Some(site), _, _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, from)| from != host),
        _ => false,
    }
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_default();
    Failure::from(Error::Internal(format!("panic: {text}"))).into_response()
}
