//! The way to the provider and back, and binding an identity to one's own account.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Utc;
use kernel::Error;
use kernel::access::{bind_identity, find_by_identity, has_identity, unbind_identity};
use kernel::audit::{Note, Verb};
use serde::Deserialize;
use tower_sessions::Session;

use super::Oidc;
use super::provider::Question;
use crate::error::{Failure, Result};
use crate::frame::Frame;
use crate::routes::{Need, Routes};
use crate::second::{Onward, after_password};
use crate::sign_in::local;
use crate::ui::{Posted, Ui};

/// Session key of the question that is under way.
const QUESTION: &str = "oidc";
/// Session key of the account that is to be bound: its owner has shown the password.
const BINDS: &str = "oidc_binds";
/// Seconds in which somebody comes back.
const PATIENCE: i64 = 600;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/sign-in/oidc", Need::Open, begin)
        .get("/sign-in/oidc/back", Need::Open, back)
        .get("/me/identity", Need::SignedIn, identity)
        .post("/me/identity", Need::SignedIn, bind)
        .post("/me/identity/off", Need::SignedIn, unbind)
}

fn kept(error: tower_sessions::session::Error) -> Error {
    Error::Unavailable(format!("会话暂时无法保存（{error}）"))
}

/// The provider that is set.
fn provider(ui: &Ui) -> Result<Oidc> {
    let none = || Error::Conflict("没有设置统一身份登录，请用口令登录".into());
    Ok(ui.app().edges().oidc.clone().ok_or_else(none)?)
}

fn session(ui: &Ui) -> Result<&Session> {
    Ok(ui.session().ok_or_else(|| Error::Internal("sessions are mounted".into()))?)
}

#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
}

async fn begin(ui: Ui, Query(asked): Query<Asked>) -> Result<Response> {
    let (provider, session) = (provider(&ui)?, session(&ui)?);
    let binds = session.remove::<i64>(BINDS).await.map_err(kept)?;
    let question = Question::new(local(asked.next.as_deref()), Utc::now().timestamp(), binds)?;
    let address = provider.address(&question).await?;
    session.insert(QUESTION, &question).await.map_err(kept)?;
    Ok(Redirect::to(&address).into_response())
}

/// What the provider sends along; `error` when somebody said no there.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    error: String,
}

/// The question that an answer belongs to; it is answered once.
async fn asked(ui: &Ui, answer: &Answer, now: i64) -> Result<Option<Question>> {
    let question = session(ui)?.remove::<Question>(QUESTION).await.map_err(kept)?;
    Ok(question.filter(|q| q.state == answer.state && now - q.since <= PATIENCE))
}

async fn back(ui: Ui, Query(answer): Query<Answer>) -> Result<Response> {
    let provider = provider(&ui)?;
    let again = |said: &str| Failure::from(Error::Conflict(said.into())).way("/sign-in", "重新登录");
    let now = Utc::now().timestamp();
    let question = asked(&ui, &answer, now).await?;
    let question = question.ok_or_else(|| again("统一身份登录已超时或不是从这里开始的，请重新登录"))?;
    if !answer.error.is_empty() || answer.code.is_empty() {
        return Err(again("统一身份平台没有登录成功，请重新登录"));
    }
    let subject = provider.subject(&question, &answer.code, now).await?;
    if let Some(owner) = question.binds {
        return bound(&ui, owner, &provider.issuer, &subject).await;
    }
    let found = find_by_identity(&ui.read().await?, &provider.issuer, &subject).await;
    match found {
        Ok(account) => after_password(&ui, &account, Onward { next: Some(question.next), kept: String::new() }).await,
        Err(Error::NotFound) => {
            ui.note(Note::of(Verb::SIGN_IN_FAILED, "account", None).detail("方式", "统一身份").refused()).await?;
            Err(again("这个统一身份还没有绑定账号：请先用口令登录，再在“我的账号”里绑定"))
        }
        Err(other) => Err(other.into()),
    }
}

/// Binds an identity to the account that asked for it, as long as that is the one at this desk.
async fn bound(ui: &Ui, owner: i64, issuer: &str, subject: &str) -> Result<Response> {
    if ui.is_viewed() || ui.person().is_none_or(|person| person.account.id.0 != owner) {
        return Err(Error::Conflict("绑定期间账号变了，没有绑定；请重新登录后再绑定".into()).into());
    }
    ui.write(async |tx| bind_identity(tx, issuer, subject).await).await?;
    ui.done("/me", "已绑定统一身份，以后可以用它登录").await
}

#[derive(Template)]
#[template(path = "identity.html")]
struct IdentityPage {
    cx: Frame,
    label: String,
    is_bound: bool,
    /// The way to the provider is open: whoever asked has shown the password.
    is_ready: bool,
    fault: String,
}

async fn page(ui: &Ui, is_ready: bool, fault: &str) -> Result<Response> {
    let provider = provider(ui)?;
    let person = ui.person().ok_or(Error::NotFound)?;
    let read = ui.read().await?;
    let is_bound = has_identity(&read, person.account.id, &provider.issuer).await?;
    let (cx, fault) = (ui.frame(&read).await?, fault.to_owned());
    let page = IdentityPage { cx, label: provider.label, is_bound, is_ready, fault };
    if page.fault.is_empty() { ui.page(&page) } else { ui.refused(&page) }
}

async fn identity(ui: Ui) -> Result<Response> {
    page(&ui, false, "").await
}

#[derive(Deserialize)]
struct Nothing {}

/// The password, so that nobody binds an identity of their own at a desk left alone.
#[derive(Deserialize)]
struct Confirmed {
    #[serde(default)]
    current: String,
}

async fn bind(ui: Ui, Posted(typed): Posted<Confirmed>) -> Result<Response> {
    provider(&ui)?;
    let account = ui.person().ok_or(Error::NotFound)?.account.id;
    match ui.confirm_password("current", &typed.current).await {
        Ok(()) => {
            session(&ui)?.insert(BINDS, account.0).await.map_err(kept)?;
            page(&ui, true, "").await
        }
        Err(Error::Invalid(faults)) => page(&ui, false, faults.at("current").unwrap_or_default()).await,
        Err(other) => Err(other.into()),
    }
}

async fn unbind(ui: Ui, Posted(Nothing {}): Posted<Nothing>) -> Result<Response> {
    let provider = provider(&ui)?;
    ui.write(async |tx| unbind_identity(tx, &provider.issuer).await).await?;
    ui.done("/me", "已解除统一身份的绑定").await
}
