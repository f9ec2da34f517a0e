//! Pages of one's own account.

use askama::Template;
use axum::response::Response;
use kernel::access::{self, Deputy, Person, Visit, second};
use kernel::value::day::{minute, parse_day};
use kernel::{Error, Faults};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

/// A session as it is told to its owner.
struct Session {
    mark: String,
    started: String,
    expires: String,
    address: String,
    agent: String,
    current: bool,
}

impl Session {
    fn of(visit: Visit, current: &str) -> Self {
        Self {
            current: visit.mark == current,
            started: minute(visit.started_at),
            expires: minute(visit.expires_at),
            address: visit.address,
            agent: browser(&visit.agent),
            mark: visit.mark,
        }
    }
}

/// Which browser on what, as far as its own words tell.
fn browser(agent: &str) -> String {
    let first = |of: &[(&str, &'static str)]| of.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    let names = [
        ("Edg/", "Edge"),
        ("360SE", "360"),
        ("QQBrowser", "QQ 浏览器"),
        ("MicroMessenger", "微信"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems =
        [("Android", "安卓"), ("iPhone", "iPhone"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux")];
    match (first(&names), first(&systems)) {
        (Some(name), Some(system)) => format!("{system} 上的 {name}"),
        (Some(name), None) => name.to_owned(),
        _ => "其他浏览器".to_owned(),
    }
}

/// Everything typed on the page; one form of it at a time.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    current: String,
    password: String,
    again: String,
    deputy: String,
    valid_from: String,
    valid_to: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "me/templates/show.html")]
struct ShowPage {
    cx: Frame,
    login: String,
    seats: Vec<(String, String, String)>,
    has_second_factor: bool,
    must_have_it: bool,
    sessions: Vec<Session>,
    deputies: Vec<(Deputy, bool)>,
    least: String,
    typed: Typed,
    faults: Faults,
}

impl ShowPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

/// The account signed in with; a program has none.
pub(super) fn person(ui: &Ui) -> kernel::Result<&Person> {
    ui.person().ok_or(Error::NotFound)
}

async fn page(ui: &Ui, typed: Typed, faults: Faults) -> Result<ShowPage> {
    let person = person(ui)?;
    let read = ui.read().await?;
    let cx = ui.frame(&read).await?;
    let id = person.account.id;
    let current = access::mark(&ui.session_id());
    let until = |seat: &access::Seat| seat.until.map_or_else(|| "长期".to_owned(), |day| format!("至 {day}"));
    let units = kernel::org::units(&read).await?;
    let place = |seat: &access::Seat| match (&seat.unit, &seat.org) {
        (Some(unit), _) => units.iter().find(|u| u.id == *unit).map_or_else(String::new, |u| u.name.clone()),
        (None, Some((_, name))) => name.clone(),
        (None, None) => "全市".to_owned(),
    };
    let label = |seat: &access::Seat| match &seat.behalf {
        Some((_, absent)) => format!("{}（代{absent}）", seat.role.label),
        None => seat.role.label.clone(),
    };
    let visits = access::list_visits(&read, id).await?;
    let deputies = access::list_substitutes(&read, id).await?;
    Ok(ShowPage {
        cx,
        login: person.account.login.clone(),
        seats: person.seats.iter().map(|s| (label(s), place(s), until(s))).collect(),
        has_second_factor: person.account.has_second_factor,
        must_have_it: person.needs_second_factor(),
        sessions: visits.into_iter().map(|v| Session::of(v, &current)).collect(),
        deputies: deputies.into_iter().map(|d| (d.absent.0 == id, d)).map(|(own, d)| (d, own)).collect(),
        least: format!("至少 {} 个字符，可以用一句话或几个不相干的词", person.roles.policy.password_min),
        typed,
        faults,
    })
}

/// The page again with faults at its fields; what was typed of a password is not sent back.
async fn refused(ui: &Ui, typed: Typed, error: Error) -> Result<Response> {
    let Error::Invalid(faults) = error else { return Err(error.into()) };
    ui.refused(&page(ui, typed, faults).await?)
}

pub(super) async fn show(ui: Ui) -> Result<Response> {
    let today = ui.read().await?.today().to_string();
    ui.page(&page(&ui, Typed { valid_from: today, ..Typed::default() }, Faults::new()).await?)
}

pub(super) async fn change_password(ui: Ui, Posted(typed): Posted<Typed>) -> Result<Response> {
    let id = person(&ui)?.account.id;
    let read = ui.read().await?;
    let prepared = async {
        access::confirm_password(&read, id, &typed.current).await?;
        if typed.password != typed.again {
            return Err(Error::invalid("again", "两次输入的口令不一样，请重新输入"));
        }
        access::prepare_password(&read, id, &typed.password).await
    };
    let prepared = prepared.await;
    drop(read);
    match prepared {
        Ok(new) => {
            let keep = ui.session_id();
            ui.write(async |tx| access::set_password(tx, new, Some(&keep)).await).await?;
            ui.done("/me", "口令已修改，其他地方的登录已退出").await
        }
        Err(error) => refused(&ui, typed, error).await,
    }
}

/// Which session ends; without a mark, all the others.
#[derive(Deserialize)]
pub(super) struct Ended {
    #[serde(default)]
    mark: String,
}

pub(super) async fn end_sessions(ui: Ui, Posted(ended): Posted<Ended>) -> Result<Response> {
    let (mark, keep) = (Some(ended.mark.as_str()).filter(|m| !m.is_empty()), ui.session_id());
    ui.write(async |tx| access::end_visits(tx, mark, &keep).await).await?;
    ui.done("/me", if mark.is_some() { "这个会话已退出" } else { "其他地方的登录已全部退出" }).await
}

#[derive(Template)]
#[template(path = "me/templates/second.html")]
struct SecondPage {
    cx: Frame,
    secret: String,
    squares: String,
    width: usize,
    faults: Faults,
}

impl SecondPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn second_page(ui: &Ui, faults: Faults) -> Result<SecondPage> {
    let login = &person(ui)?.account.login;
    let read = ui.read().await?;
    let (secret, squares, width) = ui.binding(login).await?;
    Ok(SecondPage { cx: ui.frame(&read).await?, secret, squares, width, faults })
}

pub(super) async fn second_factor(ui: Ui) -> Result<Response> {
    ui.page(&second_page(&ui, Faults::new()).await?)
}

/// A code of the authenticator, and the password, so that nobody binds one at a desk left alone.
#[derive(Deserialize)]
pub(super) struct Code {
    #[serde(default)]
    code: String,
    current: String,
}

#[derive(Template)]
#[template(path = "me/templates/recovery.html")]
struct RecoveryPage {
    cx: Frame,
    codes: Vec<String>,
}

pub(super) async fn bind(ui: Ui, Posted(typed): Posted<Code>) -> Result<Response> {
    let id = person(&ui)?.account.id;
    let (secret, ..) = ui.binding(&person(&ui)?.account.login).await?;
    let read = ui.read().await?;
    let confirmed = access::confirm_password(&read, id, &typed.current).await;
    drop(read);
    let bound = match confirmed {
        Ok(()) => ui.write(async |tx| second::bind(tx, id, &secret, &typed.code).await).await,
        Err(error) => Err(error),
    };
    match bound {
        Ok(codes) => {
            ui.forget_binding().await?;
            let read = ui.read().await?;
            ui.page(&RecoveryPage { cx: ui.frame(&read).await?, codes })
        }
        Err(Error::Invalid(faults)) => ui.refused(&second_page(&ui, faults).await?),
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn unbind(ui: Ui, Posted(typed): Posted<Code>) -> Result<Response> {
    let person = person(&ui)?;
    if person.needs_second_factor() {
        return Err(Error::Conflict("您的角色必须使用验证器，可以换绑，不能取消".into()).into());
    }
    let id = person.account.id;
    let read = ui.read().await?;
    let confirmed = access::confirm_password(&read, id, &typed.current).await;
    drop(read);
    match confirmed {
        Ok(()) => {
            ui.write(async |tx| second::unbind(tx, id).await).await?;
            ui.done("/me", "验证器已取消").await
        }
        Err(error) => refused(&ui, Typed::default(), error).await,
    }
}

pub(super) async fn substitute(ui: Ui, Posted(typed): Posted<Typed>) -> Result<Response> {
    let day = |field: &str, text: &str| parse_day(text).map_err(|e| Error::invalid(field, e.to_string()));
    let term = day("valid_from", &typed.valid_from).and_then(|from| Ok((from, day("valid_to", &typed.valid_to)?)));
    let set = match term {
        Ok(term) => ui.write(async |tx| access::substitute(tx, &typed.deputy, term, &typed.reason).await).await,
        Err(error) => Err(error),
    };
    match set {
        Ok(()) => ui.done("/me", "代办已设定，期间由代办人以您的名义办理").await,
        Err(error) => refused(&ui, typed, error).await,
    }
}

/// Which substitution ends.
#[derive(Deserialize)]
pub(super) struct EndedDeputy {
    substitute: i64,
}

pub(super) async fn end_substitute(ui: Ui, Posted(ended): Posted<EndedDeputy>) -> Result<Response> {
    ui.write(async |tx| access::end_substitute(tx, ended.substitute).await).await?;
    ui.done("/me", "代办已结束").await
}
