//! Pages of accounts.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::{self, Account, Membership};
use kernel::id::AccountId;
use kernel::org::{self, Unit};
use kernel::value::day::{Day, minute};
use kernel::{Error, Faults};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use super::{Found, actions};

/// An account in the list and on its page.
struct Row {
    id: AccountId,
    login: String,
    name: String,
    state: &'static str,
    state_class: &'static str,
    signed_in: String,
    second_factor: bool,
}

impl Row {
    fn of(account: &Account) -> Self {
        let (state, state_class) = match account {
            Account { disabled_at: Some(_), .. } => ("已停用", "state-off"),
            Account { has_password: false, .. } => ("待设置口令", "state-warn"),
            _ => ("在用", "state-ok"),
        };
        Self {
            id: account.id,
            login: account.login.clone(),
            name: account.name.clone(),
            state,
            state_class,
            signed_in: account.signed_in_at.map_or_else(|| "从未".to_owned(), minute),
            second_factor: account.has_second_factor,
        }
    }
}

#[derive(Template)]
#[template(path = "people/templates/list.html")]
struct ListPage {
    cx: Frame,
    text: String,
    rows: Vec<Row>,
    first: String,
    next: String,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let found = Found::asked(&ui, &read).await?;
    let rows = found.accounts.iter().map(Row::of).collect();
    let Found { text, first, next, .. } = found;
    ui.page(&ListPage { cx: ui.frame(&read).await?, text, rows, first, next })
}

/// A new account, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    login: String,
    name: String,
}

#[derive(Template)]
#[template(path = "people/templates/new.html")]
struct NewPage {
    cx: Frame,
    typed: Typed,
    faults: Faults,
}

impl NewPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

pub(super) async fn form(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&NewPage { cx: ui.frame(&read).await?, typed: Typed::default(), faults: Faults::new() })
}

#[derive(Template)]
#[template(path = "people/templates/link.html")]
struct LinkPage {
    cx: Frame,
    name: String,
    link: String,
}

pub(super) async fn open(ui: Ui, Posted(typed): Posted<Typed>) -> Result<Response> {
    match ui.write(async |tx| actions::open(tx, &typed.login, &typed.name).await).await {
        Ok(link) => shown(&ui, typed.name, link).await,
        Err(Error::Invalid(faults)) => {
            let read = ui.read().await?;
            ui.refused(&NewPage { cx: ui.frame(&read).await?, typed, faults })
        }
        Err(other) => Err(other.into()),
    }
}

/// The link is told once: it is nowhere to be read again.
async fn shown(ui: &Ui, name: String, link: String) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&LinkPage { cx: ui.frame(&read).await?, name, link: ui.whole(&format!("/join/{link}")) })
}

#[derive(Template)]
#[template(path = "people/templates/show.html")]
struct ShowPage {
    cx: Frame,
    row: Row,
    created: String,
    held: Vec<Held>,
    is_self: bool,
    administrator: bool,
    visits: usize,
}

/// A membership as it is told to somebody who cannot change it.
struct Held {
    role: String,
    place: String,
    term: String,
    holds: bool,
}

impl Held {
    fn of(one: &Membership, units: &[Unit], roles: &access::Roles, today: Day) -> Self {
        Self {
            role: roles.find(&one.role).map_or_else(|| one.role.clone(), |r| r.label.clone()),
            place: place(one, units),
            term: term(one),
            holds: one.holds_on(today),
        }
    }
}

/// Where a membership is held.
pub(crate) fn place(one: &Membership, units: &[Unit]) -> String {
    let place = match (&one.unit, &one.org) {
        (Some(unit), _) => units.iter().find(|u| u.id == *unit).map_or_else(|| unit.to_string(), |u| u.name.clone()),
        (None, Some((_, name))) => name.clone(),
        (None, None) => "全市".to_owned(),
    };
    if one.industries.is_empty() { place } else { format!("{place}，行业大类 {}", one.industries.join("、")) }
}

/// From when to when it holds.
pub(crate) fn term(one: &Membership) -> String {
    let to = one.valid_to.map_or_else(|| "长期".to_owned(), |to| format!("至 {to}"));
    match one.ended_at {
        Some(at) => format!("{} 起，{} 收回", one.valid_from, minute(at)),
        None => format!("{} 起，{to}", one.valid_from),
    }
}

fn id(text: &str) -> kernel::Result<AccountId> {
    text.parse().map_err(|_| Error::NotFound)
}

pub(super) async fn show(ui: Ui, Path(account): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let account = access::find_account(&read, id(&account)?).await?;
    let held = access::list_memberships(&read, account.id).await?;
    let (roles, today) = (ui.store().roles(), read.today());
    let units = org::units(&read).await?;
    ui.page(&ShowPage {
        cx: ui.frame(&read).await?,
        created: minute(account.created_at),
        administrator: actions::is_administrator(&roles, &held, |m| m.is_live(today))?,
        held: held.iter().map(|one| Held::of(one, &units, &roles, today)).collect(),
        is_self: account.id == ui.actor().account,
        visits: access::list_visits(&read, account.id).await?.len(),
        row: Row::of(&account),
    })
}

/// A form that only confirms.
#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn link(ui: Ui, Path(account): Path<String>, Posted(Nothing {}): Posted<Nothing>) -> Result<Response> {
    let id = id(&account)?;
    let roles = ui.store().roles();
    let (name, link) = ui
        .write(async |tx| Ok((access::find_account(tx, id).await?.name, actions::link(tx, &roles, id).await?)))
        .await?;
    shown(&ui, name, link).await
}

pub(super) async fn disable(
    ui: Ui,
    Path(account): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response> {
    let id = id(&account)?;
    ui.write(async |tx| access::disable(tx, id).await).await?;
    ui.done(&format!("/people/{id}"), "账号已停用，已登录的会话和令牌立即失效").await
}

pub(super) async fn enable(
    ui: Ui,
    Path(account): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response> {
    let id = id(&account)?;
    ui.write(async |tx| access::enable(tx, id).await).await?;
    ui.done(&format!("/people/{id}"), "账号已启用，任职照旧").await
}
