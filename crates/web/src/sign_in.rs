//! Signing in and out.

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use kernel::Error;
use kernel::access::{Account, Claim, check_password, door, find_login};
use kernel::audit::{Note, Verb};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::edge::refused_for_now;
use crate::error::Result;
use crate::frame::Frame;
use crate::lost::Kept;
use crate::routes::{Need, Routes};
use crate::second::{self, Onward};
use crate::ui::{Posted, Ui};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", Need::Open, form)
        .post("/sign-in", Need::Open, enter)
        .post("/sign-in/second", Need::Open, second::enter)
        .post("/sign-in/bind", Need::Open, second::bind)
        .post("/sign-out", Need::SignedIn, leave)
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    cx: Frame,
    login: String,
    next: String,
    /// The fields of a form that was filled in before the session was lost; posted on with the sign-in.
    kept: String,
    /// Whether something was sent that could not be kept.
    is_lost: bool,
    fault: Option<&'static str>,
    accounts: Vec<(String, String)>,
    password: String,
}

impl SignIn {
    fn new(cx: Frame, app: &App, next: String) -> Self {
        let (accounts, password) = (app.demo_sign_ins(), app.demo_password());
        Self { cx, login: String::new(), next, kept: String::new(), is_lost: false, fault: None, accounts, password }
    }
}

/// The sign-in page that a form meets whose session is over: what was typed stays in the page.
pub(crate) fn with_kept(app: &App, kept: Kept) -> Result<Response> {
    let cx = Frame { city: app.city(), demo: app.is_demo(), path: "/sign-in".into(), ..Frame::bare() };
    let page = SignIn { kept: kept.encoded(), ..SignIn::new(cx, app, kept.action) };
    let html = page.render().map_err(|e| Error::Internal(e.to_string()))?;
    let cache = [(axum::http::header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::UNAUTHORIZED, cache, Html(html)).into_response())
}

#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
    /// Present where something was sent that could not be kept, such as a file.
    lost: Option<String>,
}

async fn form(ui: Ui, Query(asked): Query<Asked>) -> Result<Response> {
    let read = ui.read().await?;
    let page = SignIn::new(ui.frame(&read).await?, ui.app(), local(asked.next.as_deref()));
    ui.page(&SignIn { is_lost: asked.lost.is_some(), ..page })
}

#[derive(Deserialize)]
struct Typed {
    login: String,
    password: String,
    #[serde(default)]
    next: Option<String>,
    #[serde(default)]
    kept: String,
}

/// The same words whatever is wrong: login, password, an account out of use, or too many failures.
const WRONG: &str = "登录名或口令不对，或连续出错太多正在暂停；请核对后重试，仍然不行请过一会儿再来";

async fn enter(ui: Ui, Posted(typed): Posted<Typed>) -> Result<Response> {
    let login = typed.login.trim().to_owned();
    if let Some(wait) = ui.app().limits().sign_in_as(&login) {
        return Ok(refused_for_now(ui.app(), "/sign-in", wait).await);
    }
    let attempt = door::Attempt::new(&login, ui.address());
    let read = ui.read().await?;
    let rests = door::rests(&read, &attempt).await?;
    let claim = find_login(&read, &login).await?;
    // Nothing of the database is held while the password is checked; it is checked also while nobody is let in,
    // so that the answer takes as long.
    drop(read);
    let claimed = claim.account();
    let account = in_turn(claim, typed.password).await?.filter(|_| !rests);
    let onward = Onward { next: Some(local(typed.next.as_deref())), kept: typed.kept };
    if let Some(account) = account {
        return second::after_password(&ui, &account, onward).await;
    }
    // Not the login as typed: people type their password there.
    let entry = Note::of(Verb::SIGN_IN_FAILED, "account", claimed.map(|a| a.0));
    ui.failed(&attempt, rests, entry).await?;
    let read = ui.read().await?;
    let page = SignIn::new(ui.frame(&read).await?, ui.app(), onward.next.unwrap_or_default());
    ui.refused(&SignIn { login: typed.login, kept: onward.kept, fault: Some(WRONG), ..page })
}

/// Checks a password when its turn comes; where many wait already, whoever comes is told to come back.
async fn in_turn(claim: Claim, password: String) -> Result<Option<Account>> {
    static QUEUE: Semaphore = Semaphore::const_new(40);
    let full = |_| Error::Unavailable("同时登录的人太多，请稍后再试".into());
    let _place = QUEUE.try_acquire().map_err(full)?;
    Ok(check_password(claim, password).await?)
}

#[derive(Deserialize)]
struct Nothing {}

async fn leave(ui: Ui, Posted(Nothing {}): Posted<Nothing>) -> Result<Response> {
    ui.note(Note::of(Verb::SIGNED_OUT, "account", ui.actor().account.0)).await?;
    if let Some(session) = ui.session() {
        session.flush().await.map_err(|e| Error::Unavailable(e.to_string()))?;
    }
    Ok(Redirect::to("/sign-in").into_response())
}

/// Only addresses of our own are followed after signing in.
pub(crate) fn local(next: Option<&str>) -> String {
    match next {
        // A browser drops control characters before it looks at the address.
        Some(path)
            if path.starts_with('/')
                && !path.starts_with("//")
                && path.chars().all(|c| c.is_ascii_graphic() && c != '\\') =>
        {
            path.to_owned()
        }
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn only_our_own_addresses_are_followed() {
        assert_eq!(local(Some("/orgs/1?x=1")), "/orgs/1?x=1");
        for foreign in
            ["//evil.example", "https://evil.example", "/\\evil.example", "orgs", "/\t/evil.example", "/\n/x", "/ /x"]
        {
            assert_eq!(local(Some(foreign)), "/");
        }
    }
}
