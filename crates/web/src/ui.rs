//! The request context of a handler: who asks, about when, and how to answer.

use std::time::Duration;

use askama::Template;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Redirect, Response};
use kernel::Error;
use kernel::access::{Actor, Permission, Person, Scope, door, is_password};
use kernel::audit::{Note, Origin, Verb, note};
use kernel::consent::{self, Used};
use kernel::id::Position;
use kernel::store::{Read, Store, Tx};
use kernel::value::day::Day;
use serde::de::DeserializeOwned;
use tower_sessions::Session;

use crate::app::App;
use crate::clock::Clock;
use crate::dress::told_origin;
use crate::edge::Caller;
use crate::error::{Failure, Result};
use crate::frame::Frame;
use crate::lost::{Kept, MOST};
use crate::session::{FLASH, Visitor};

/// Who asks, about when, and how to answer.
pub struct Ui {
    app: App,
    visitor: Visitor,
    session: Option<Session>,
    clock: Clock,
    clock_set: bool,
    path: String,
    query: Vec<(String, String)>,
    is_api: bool,
    address: String,
    agent: String,
    host: String,
    is_https: bool,
}

impl FromRequestParts<App> for Ui {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let visitor = parts
            .extensions
            .get::<Visitor>()
            .cloned()
            .ok_or_else(|| Error::Internal("a route was mounted without its gate".into()))?;
        let (clock, clock_set) = Clock::of(parts);
        let query = axum_extra::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map(|q| q.0)
            .unwrap_or_default();
        Ok(Self {
            app: app.clone(),
            visitor,
            session: parts.extensions.get::<Session>().cloned(),
            clock,
            clock_set,
            path: parts.uri.path().to_owned(),
            query,
            is_api: parts.uri.path().starts_with("/api/"),
            address: address(parts),
            host: parts.headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned(),
            is_https: parts.extensions.get::<Caller>().is_some_and(|caller| caller.is_https),
            agent: parts
                .headers
                .get(header::USER_AGENT)
                .and_then(|v| v.to_str().ok())
                .map(|agent| agent.chars().take(200).collect())
                .unwrap_or_default(),
        })
    }
}

/// Where a request comes from, as the edge found; empty where it does not know.
fn address(parts: &Parts) -> String {
    let caller = parts.extensions.get::<Caller>().and_then(|caller| caller.address);
    caller.map(|address| address.to_string()).unwrap_or_default()
}

impl Ui {
    /// The account with its seats; nothing for the public and for programs.
    pub fn person(&self) -> Option<&Person> {
        self.visitor.person.as_deref()
    }

    /// The network address a request comes from; empty where it is not known.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A path of ours as somebody else has to type it: under the address people know the platform by, else under the one
    /// that whoever asks came to himself.
    pub fn whole(&self, path: &str) -> String {
        match &self.app.edges().own {
            Some(own) => format!("{own}{path}"),
            None if self.host.is_empty() => path.to_owned(),
            None => format!("{}://{}{path}", if self.is_https { "https" } else { "http" }, self.host),
        }
    }

    /// What a browser says of itself.
    pub(crate) fn agent(&self) -> &str {
        &self.agent
    }

    /// The secret of the session, by which its row is found.
    pub fn session_id(&self) -> String {
        self.session.as_ref().and_then(Session::id).map(|id| id.to_string()).unwrap_or_default()
    }

    /// The actor.
    pub fn actor(&self) -> &Actor {
        &self.visitor.actor
    }

    /// What the other platform is called through which people may sign in; nothing without one.
    pub fn identity_provider(&self) -> Option<String> {
        self.app.edges().oidc.as_ref().map(|oidc| oidc.label.clone())
    }

    /// What is typed to sign in; empty for the public.
    pub fn login(&self) -> &str {
        &self.visitor.login
    }

    /// The store.
    pub fn store(&self) -> &Store {
        self.app.store()
    }

    /// The session, for signing in and out.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// A snapshot to read from.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub async fn read(&self) -> Result<Read> {
        Ok(self.app.store().read().await?)
    }

    /// The rows the actor may touch for a permission.
    pub fn scope(&self, permission: Permission) -> Scope {
        self.visitor.actor.scope(permission)
    }

    /// The day and position this page is about.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the address names neither day nor position.
    pub async fn clocks(&self, read: &Read) -> Result<(Day, Position)> {
        let about = self.clock.about(self.app.default_about(read.today()))?;
        let known = self.clock.known(read).await?;
        Ok((about, known))
    }

    /// The query parameters of the address.
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// The path of the address.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Runs an act in one transaction.
    ///
    /// # Errors
    /// What the act says; [`Error::Conflict`] for whoever looks through somebody else's eyes, by whatever way they came
    /// here: it would be the other's act.
    pub async fn write<T>(&self, act: impl AsyncFnOnce(&mut Tx) -> kernel::Result<T>) -> kernel::Result<T> {
        if self.is_viewed() {
            return Err(Error::Conflict(crate::seat::ONLY_LOOKS.into()));
        }
        self.app.store().write(&self.visitor.actor, act).await
    }

    /// Writes down what changes nothing but is of note, and returns when that is durable: what is taken away is not
    /// handed over without.
    ///
    /// # Errors
    /// As the store says.
    pub async fn note(&self, entry: Note) -> Result<()> {
        Ok(note(self.app.store(), &self.visitor.on_record(), entry).await?)
    }

    /// Counts an attempt to sign in that failed and writes it down; while an account rests, it is only written down.
    pub(crate) async fn failed(&self, attempt: &door::Attempt, rests: bool, entry: Note) -> kernel::Result<()> {
        if !rests {
            self.store().upkeep("登录", async |tx| door::failed(tx, attempt).await).await?;
        }
        note(self.app.store(), &self.visitor.on_record(), entry.refused()).await
    }

    /// Makes sure that whoever is signed in also knows the password. Failures count like those at the door, so that
    /// whoever found an open desk cannot guess on.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `field`.
    pub async fn confirm_password(&self, field: &str, typed: &str) -> kernel::Result<()> {
        let account = &self.person().ok_or(Error::NotFound)?.account;
        let attempt = door::Attempt::new(&account.login, self.address());
        let rests = door::rests(&self.store().read().await?, &attempt).await?;
        if is_password(self.store(), account.id, typed).await? && !rests {
            return Ok(());
        }
        let entry = Note::of(Verb::SIGN_IN_FAILED, "account", account.id.0).detail("步骤", "确认口令");
        self.failed(&attempt, rests, entry).await?;
        Err(Error::invalid(field, "现在的口令不对，或连续出错太多正在暂停；请核对后重试，仍然不行请过一会儿再来"))
    }

    /// Writes down what is about to be shown under consents, and returns when that is durable.
    ///
    /// # Errors
    /// As the store says; what was asked for is not handed over then.
    pub async fn note_consents(&self, what: &str, used: &[Used]) -> Result<()> {
        Ok(consent::note_reads(self.app.store(), &self.visitor.on_record(), what, used).await?)
    }

    /// As [`Ui::note`] for what is only looked at: a long act that holds the one writer does not keep the page waiting.
    pub async fn note_soon(&self, entry: Note) {
        note_soon(&self.app, &self.visitor.on_record(), entry).await;
    }

    /// Has a file looked through for viruses, if the server has a scanner.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `file` when something was found; [`Error::Unavailable`] when it could not look.
    pub async fn scan(&self, bytes: &[u8]) -> kernel::Result<kernel::case::Scanned> {
        crate::scan::scan(self.app.edges().scan.as_deref(), bytes).await
    }

    /// The frame of this page.
    ///
    /// # Errors
    /// As [`Ui::clocks`].
    pub async fn frame(&self, read: &Read) -> Result<Frame> {
        let (about, known) = self.clocks(read).await?;
        let known_words =
            if known == read.head()? { format!("第 {known} 号（最新）") } else { format!("第 {known} 号") };
        let keep = self.query.iter().filter(|(n, _)| n != "about" && n != "known" && n != "clock").cloned().collect();
        Ok(Frame {
            keep,
            about: about.to_string(),
            known: known_words,
            known_value: self.clock.known.clone(),
            flash: self.visitor.flash.clone(),
            unread: kernel::notice::unread(read, self.visitor.actor.account).await?,
            ..Frame::of(&self.app, &self.visitor, &self.path)
        })
    }

    /// Answers with a page.
    ///
    /// # Errors
    /// [`Error::Internal`] when the template does not render.
    pub fn page(&self, template: &impl Template) -> Result<Response> {
        let html = template.render().map_err(|e| Error::Internal(e.to_string()))?;
        let mut response = Html(html).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        if self.clock_set
            && let Ok(cookie) = self.clock.cookie().parse()
        {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// Answers a refused form: the page again, with status 422.
    ///
    /// # Errors
    /// As [`Ui::page`].
    pub fn refused(&self, template: &impl Template) -> Result<Response> {
        let mut response = self.page(template)?;
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    }

    /// Goes on to another page with a message shown once.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the session cannot be kept.
    pub async fn done(&self, to: &str, message: &str) -> Result<Response> {
        if let Some(session) = &self.session {
            session.insert(FLASH, message).await.map_err(|e| Error::Unavailable(e.to_string()))?;
        }
        Ok(Redirect::to(to).into_response())
    }

    /// Whether a security administrator looks through this person's eyes.
    pub fn is_viewed(&self) -> bool {
        self.visitor.viewer.is_some()
    }

    /// Whether the answer is for a program.
    pub fn is_api(&self) -> bool {
        self.is_api
    }
}

/// How long a page waits until it is written down that it was looked at; the entry follows all the same.
const NOTE_WAIT: Duration = Duration::from_millis(500);

/// Writes a note down in a task of its own, which ends even when whoever asked goes away.
pub(crate) async fn note_soon(app: &App, actor: &Actor, entry: Note) {
    let (store, actor) = (app.store().clone(), actor.clone());
    let origin = Origin::clone(&Origin::here());
    let noting = tokio::spawn(origin.around(async move {
        if let Err(error) = note(&store, &actor, entry).await {
            tracing::error!(detail = %error.detail(), "a note for the audit log could not be written");
        }
    }));
    tokio::time::timeout(NOTE_WAIT, noting).await.ok();
}

/// A posted form whose token matches the session's.
pub struct Posted<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        // A program with a token has no page that somebody else could make it send.
        let expected = request.extensions().get::<Visitor>().map(|v| (v.person.is_some(), v.csrf.clone()));
        let action = request.uri().path_and_query().map(|p| p.as_str().to_owned()).unwrap_or_default();
        let is_ours = told_origin(request.headers()) == Some(true);
        let bytes = axum::body::Bytes::from_request(request, app)
            .await
            .map_err(|_| Error::invalid("form", "提交的内容过大或不完整，请重试"))?;
        let fields: Vec<(String, String)> = parse(&bytes)?;
        if let Some((name, _)) =
            fields.iter().find(|(name, value)| crate::routes::is_unfit(name) || crate::routes::is_unfit(value))
        {
            return Err(Error::invalid(name, crate::routes::NUL).into());
        }
        let sent = fields.iter().find(|(name, _)| name == "csrf").map(|(_, value)| value.as_str()).unwrap_or("");
        if let Some((true, token)) = expected
            && (token.is_empty() || token != sent)
        {
            // The page is of an earlier session: what was typed is shown to be sent again.
            let kept = Kept { action, fields: fields.into_iter().filter(|(name, _)| name != "csrf").collect() };
            return Err(Failure::stale(
                Some(kept).filter(|kept| is_ours && bytes.len() <= MOST && app.takes_forms(&kept.action)),
            ));
        }
        Ok(Self(parse(&bytes)?))
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_html_form::from_bytes(bytes).map_err(|e| Error::invalid("form", format!("提交的内容格式不对（{e}）")).into())
}
