//! The second step of signing in: a code of the authenticator, or binding one where the city asks for it.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::Utc;
use kernel::access::{Account, Person, door, find_person, second};
use kernel::audit::{Note, Verb};
use kernel::id::AccountId;
use kernel::store::Tx;
use kernel::{Error, Faults};
use serde::Deserialize;
use tower_sessions::session::Id;

use crate::error::{Failure, Result};
use crate::frame::Frame;
use crate::lost::Kept;
use crate::picture;
use crate::session::{ACCOUNT, CSRF, FROM};
use crate::sign_in::local;
use crate::ui::{Posted, Ui};

/// Session key of who has shown the password and not yet the second factor, and since when.
const PENDING: &str = "pending";
/// Session key of a secret that is not bound yet.
const SECRET: &str = "secret";
/// Seconds in which the second step follows the first.
const PATIENCE: i64 = 600;

fn kept(error: tower_sessions::session::Error) -> Error {
    Error::Unavailable(format!("会话暂时无法保存（{error}）"))
}

/// Where somebody goes on after signing in, with what was typed before the session was lost.
#[derive(Deserialize)]
pub(crate) struct Onward {
    #[serde(default)]
    pub next: Option<String>,
    #[serde(default)]
    pub kept: String,
}

#[derive(Template)]
#[template(path = "second.html")]
struct SecondPage {
    cx: Frame,
    next: String,
    kept: String,
    fault: &'static str,
}

#[derive(Template)]
#[template(path = "bind.html")]
struct BindPage {
    cx: Frame,
    next: String,
    secret: String,
    squares: String,
    width: usize,
    faults: Faults,
}

impl BindPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    cx: Frame,
    next: String,
    codes: Vec<String>,
}

/// Goes on with somebody whose password is right: in, or to the second step.
pub(crate) async fn after_password(ui: &Ui, account: &Account, onward: Onward) -> Result<Response> {
    let read = ui.read().await?;
    let person = find_person(&read, account.id, "").await?;
    drop(read);
    if !account.has_second_factor && !person.needs_second_factor() {
        come_in(ui, account).await?;
        return Ok(onward.into_response(ui));
    }
    let session = ui.session().ok_or_else(|| Error::Internal("sessions are mounted".into()))?;
    session.cycle_id().await.map_err(kept)?;
    session.insert(PENDING, (account.id.0, Utc::now().timestamp())).await.map_err(kept)?;
    match account.has_second_factor {
        true => ask(ui, onward, "").await,
        false => bind_page(ui, &person, onward.next, Faults::new()).await,
    }
}

impl Onward {
    fn into_response(self, ui: &Ui) -> Response {
        let next = local(self.next.as_deref());
        match Kept::read(next.clone(), &self.kept) {
            Some(kept) => kept.into_page(ui.app()),
            None => Redirect::to(&next).into_response(),
        }
    }
}

/// Makes the session of somebody who has shown all that is asked.
async fn come_in(ui: &Ui, account: &Account) -> Result<()> {
    let session = ui.session().ok_or_else(|| Error::Internal("sessions are mounted".into()))?;
    let attempt = door::Attempt::new(&account.login, ui.address());
    let id = account.id;
    let person = find_person(&ui.read().await?, id, "").await?;
    let came = async |tx: &mut Tx| {
        tx.act(Verb::SIGNED_IN, "account", id.0);
        door::came_in(tx, &attempt, id).await
    };
    ui.store().write(&person.actor(), came).await?;
    session.clear().await;
    session.insert(FROM, (ui.address(), ui.agent())).await.map_err(kept)?;
    session.insert(ACCOUNT, account.id.0).await.map_err(kept)?;
    session.insert(CSRF, Id::default().to_string()).await.map_err(kept)?;
    session.cycle_id().await.map_err(kept)?;
    Ok(())
}

async fn ask(ui: &Ui, onward: Onward, fault: &'static str) -> Result<Response> {
    let read = ui.read().await?;
    let cx = ui.frame(&read).await?;
    let page = SecondPage { cx, next: onward.next.unwrap_or_default(), kept: onward.kept, fault };
    if fault.is_empty() { ui.page(&page) } else { ui.refused(&page) }
}

async fn bind_page(ui: &Ui, person: &Person, next: Option<String>, faults: Faults) -> Result<Response> {
    let (secret, squares, width) = ui.binding(&person.account.login).await?;
    let read = ui.read().await?;
    let cx = ui.frame(&read).await?;
    let is_bad = !faults.0.is_empty();
    let page = BindPage { cx, next: next.unwrap_or_default(), secret, squares, width, faults };
    if is_bad { ui.refused(&page) } else { ui.page(&page) }
}

impl Ui {
    /// The secret that this session may bind to an account with this login, with the picture an authenticator reads:
    /// a path and its width.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the session cannot be kept.
    pub async fn binding(&self, login: &str) -> Result<(String, String, usize)> {
        let session = self.session().ok_or(Error::NotFound)?;
        let secret = match session.get::<String>(SECRET).await.map_err(kept)? {
            Some(secret) => secret,
            None => {
                let fresh = second::new_secret()?;
                session.insert(SECRET, &fresh).await.map_err(kept)?;
                fresh
            }
        };
        let issuer = format!("{}企枢", self.app().city());
        let (squares, width) = picture::code(&second::address(&issuer, login, &secret))?;
        Ok((secret, squares, width))
    }

    /// Forgets the secret once it is bound.
    ///
    /// # Errors
    /// As [`Ui::binding`].
    pub async fn forget_binding(&self) -> Result<()> {
        let session = self.session().ok_or(Error::NotFound)?;
        session.remove::<String>(SECRET).await.map_err(kept)?;
        Ok(())
    }
}

/// Who has shown the password a short while ago; else the way back to the first step.
async fn pending(ui: &Ui) -> Result<Person> {
    let again =
        || Failure::from(Error::Conflict("登录已超时，请重新输入登录名和口令".into())).way("/sign-in", "重新登录");
    let session = ui.session().ok_or_else(again)?;
    let (id, since) = session.get::<(i64, i64)>(PENDING).await.map_err(kept)?.ok_or_else(again)?;
    if Utc::now().timestamp() - since > PATIENCE {
        return Err(again());
    }
    let read = ui.read().await?;
    find_person(&read, AccountId(id), "").await.map_err(|_| again())
}

#[derive(Deserialize)]
pub(crate) struct TypedCode {
    code: String,
    #[serde(flatten)]
    onward: Onward,
}

const WRONG: &str = "验证码不对、已用过，或连续出错太多正在暂停；请用最新的 6 位数字，或过一会儿再试";

pub(crate) async fn enter(ui: Ui, Posted(typed): Posted<TypedCode>) -> Result<Response> {
    let person = pending(&ui).await?;
    let account = &person.account;
    let attempt = door::Attempt::new(&account.login, ui.address());
    let failed = Note::of(Verb::SIGN_IN_FAILED, "account", account.id.0).detail("步骤", "第二步验证");
    if door::rests(&ui.read().await?, &attempt).await? {
        ui.failed(&attempt, true, failed).await?;
        return ask(&ui, typed.onward, WRONG).await;
    }
    let id = account.id;
    if !ui.store().upkeep("登录", async |tx| second::check(tx, id, &typed.code).await).await? {
        ui.failed(&attempt, false, failed).await?;
        return ask(&ui, typed.onward, WRONG).await;
    }
    come_in(&ui, account).await?;
    Ok(typed.onward.into_response(&ui))
}

pub(crate) async fn bind(ui: Ui, Posted(typed): Posted<TypedCode>) -> Result<Response> {
    let person = pending(&ui).await?;
    let session = ui.session().ok_or(Error::NotFound)?;
    let secret = session.get::<String>(SECRET).await.map_err(kept)?.ok_or(Error::NotFound)?;
    // Whoever knows only the password of somebody else's account cannot put another authenticator in place.
    if person.account.has_second_factor {
        return Err(Error::NotFound.into());
    }
    let id = person.account.id;
    let bind = async |tx: &mut Tx| second::bind(tx, id, &secret, &typed.code).await;
    match ui.store().write(&person.actor(), bind).await {
        Ok(codes) => {
            come_in(&ui, &person.account).await?;
            recovery(&ui, codes, local(typed.onward.next.as_deref())).await
        }
        Err(Error::Invalid(faults)) => bind_page(&ui, &person, typed.onward.next, faults).await,
        Err(other) => Err(other.into()),
    }
}

async fn recovery(ui: &Ui, codes: Vec<String>, next: String) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&RecoveryPage { cx: ui.frame(&read).await?, next, codes })
}
