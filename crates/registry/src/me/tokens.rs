//! Pages of tokens: by them a program acts for the account, with some of its permissions at one place.

use askama::Template;
use axum::response::Response;
use kernel::access::{self, Token, permission_label};
use kernel::value::day::{minute, parse_day};
use kernel::{Error, Faults};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use super::pages::person;

struct Row {
    id: i64,
    name: String,
    permissions: String,
    expires: String,
    used: String,
    state: &'static str,
}

impl Row {
    fn of(token: &Token, today: kernel::value::day::Day) -> Self {
        Self {
            id: token.id,
            name: token.name.clone(),
            permissions: token.permissions.iter().map(|p| permission_label(p)).collect::<Vec<_>>().join("、"),
            expires: token.expires_on.to_string(),
            used: token.used_at.map(minute).unwrap_or_default(),
            state: match token.revoked_at {
                Some(_) => "已收回",
                None if token.expires_on < today => "已到期",
                None => "有效",
            },
        }
    }
}

/// A new token, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    permissions: Vec<String>,
    expires_on: String,
}

#[derive(Template)]
#[template(path = "me/templates/tokens.html")]
struct TokensPage {
    cx: Frame,
    rows: Vec<Row>,
    permissions: Vec<(String, String, bool)>,
    /// A new token, told once.
    token: String,
    typed: Typed,
    faults: Faults,
}

impl TokensPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn page(ui: &Ui, typed: Typed, faults: Faults, token: String) -> Result<TokensPage> {
    let person = person(ui)?;
    let read = ui.read().await?;
    let mut own: Vec<&str> = ui.actor().role.grants.iter().map(|g| g.permission.as_str()).collect();
    own.sort_unstable();
    own.dedup();
    let ticked = |p: &str| typed.permissions.iter().any(|t| t == p);
    let tokens = access::list_tokens(&read, person.account.id).await?;
    Ok(TokensPage {
        cx: ui.frame(&read).await?,
        rows: tokens.iter().map(|t| Row::of(t, read.today())).collect(),
        permissions: own.iter().map(|p| ((*p).to_owned(), permission_label(p).to_owned(), ticked(p))).collect(),
        token,
        typed,
        faults,
    })
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    ui.page(&page(&ui, Typed::default(), Faults::new(), String::new()).await?)
}

pub(super) async fn make(ui: Ui, Posted(typed): Posted<Typed>) -> Result<Response> {
    let person = person(&ui)?;
    let seat = person.seats.get(person.seat).map(|s| s.key.clone()).ok_or(Error::NotFound)?;
    let until = parse_day(&typed.expires_on).ok();
    let made = ui.write(async |tx| access::make_token(tx, &typed.name, &seat, &typed.permissions, until).await).await;
    match made {
        Ok(token) => ui.page(&page(&ui, Typed::default(), Faults::new(), token).await?),
        Err(Error::Invalid(faults)) => ui.refused(&page(&ui, typed, faults, String::new()).await?),
        Err(other) => Err(other.into()),
    }
}

/// Which token is taken back.
#[derive(Deserialize)]
pub(super) struct Revoked {
    token: i64,
}

pub(super) async fn revoke(ui: Ui, Posted(revoked): Posted<Revoked>) -> Result<Response> {
    ui.write(async |tx| access::revoke_token(tx, revoked.token).await).await?;
    ui.done("/me/tokens", "令牌已收回，立即失效").await
}
