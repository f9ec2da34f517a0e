//! Pages of grants: who holds which role where, granting and taking back.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::{self, Account, Membership, Roles, Scope, Seat};
use kernel::id::AccountId;
use kernel::org::{self, Unit};
use kernel::store::Read;
use kernel::{Error, Faults};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use super::model::MemberForm;
use super::pages::at_label;
use crate::people::{place, term};

/// Accounts on one page.
const SHOWN: i64 = 50;

struct Row {
    id: AccountId,
    who: String,
    disabled: bool,
    held: Vec<String>,
}

#[derive(Template)]
#[template(path = "roles/templates/grants.html")]
struct ListPage {
    cx: Frame,
    text: String,
    rows: Vec<Row>,
    first: String,
    next: String,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let asked = |name: &str| ui.query().iter().find(|(n, _)| n == name).map(|(_, v)| v.trim().to_owned());
    let (text, after) = (asked("q").unwrap_or_default(), asked("after").unwrap_or_default());
    let mut found = access::list_accounts(&read, &text, &after, SHOWN + 1).await?;
    let more = found.len() as i64 > SHOWN;
    found.truncate(usize::try_from(SHOWN).unwrap_or(0));
    let address = |pairs: &[(&str, &str)]| format!("/grants?{}", serde_html_form::to_string(pairs).unwrap_or_default());
    let next = found.last().filter(|_| more).map(|last| address(&[("q", &text), ("after", &last.login)]));
    ui.page(&ListPage {
        cx: ui.frame(&read).await?,
        rows: rows(&read, &found).await?,
        first: if after.is_empty() { String::new() } else { address(&[("q", &text)]) },
        next: next.unwrap_or_default(),
        text,
    })
}

async fn rows(read: &Read, accounts: &[Account]) -> kernel::Result<Vec<Row>> {
    let ids: Vec<AccountId> = accounts.iter().map(|a| a.id).collect();
    let held = access::list_live(read, &ids).await?;
    let (roles, units) = (Roles::read(read).await?, org::units(read).await?);
    let told = |m: &Membership| format!("{} · {}", role_label(&roles, &m.role), place(m, &units));
    let row = |account: &Account| Row {
        id: account.id,
        who: format!("{}（{}）", account.name, account.login),
        disabled: account.disabled_at.is_some(),
        held: held.get(&account.id).map(|all| all.iter().map(told).collect()).unwrap_or_default(),
    };
    Ok(accounts.iter().map(row).collect())
}

fn role_label(roles: &Roles, code: &str) -> String {
    roles.find(code).map_or_else(|| code.to_owned(), |r| r.label.clone())
}

struct Held {
    id: i64,
    role: String,
    place: String,
    term: String,
    reason: String,
    by: String,
    live: bool,
}

#[derive(Template)]
#[template(path = "roles/templates/member.html")]
struct ShowPage {
    cx: Frame,
    id: AccountId,
    name: String,
    login: String,
    disabled: bool,
    held: Vec<Held>,
    roles: Vec<(String, String, bool)>,
    units: Vec<Unit>,
    seats: Vec<Seat>,
    form: MemberForm,
    faults: Faults,
}

impl ShowPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn page(ui: &Ui, id: AccountId, form: MemberForm, faults: Faults) -> Result<ShowPage> {
    let read = ui.read().await?;
    let account = access::find_account(&read, id).await?;
    let (roles, units) = (Roles::read(&read).await?, org::units(&read).await?);
    let today = read.today();
    let held = |m: Membership| Held {
        id: m.id,
        role: role_label(&roles, &m.role),
        place: place(&m, &units),
        term: term(&m),
        live: m.is_live(today),
        reason: m.reason,
        by: m.granted_by,
    };
    let choice = |r: &std::sync::Arc<access::Role>| {
        (r.code.clone(), format!("{}（{}）", r.label, at_label(r.at)), r.code == form.role)
    };
    Ok(ShowPage {
        cx: ui.frame(&read).await?,
        id,
        disabled: account.disabled_at.is_some(),
        held: access::list_memberships(&read, id).await?.into_iter().map(held).collect(),
        roles: roles.held().map(choice).collect(),
        seats: access::seats_of(&read, id).await?,
        name: account.name,
        login: account.login,
        units,
        form,
        faults,
    })
}

fn id(text: &str) -> kernel::Result<AccountId> {
    text.parse().map_err(|_| Error::NotFound)
}

pub(super) async fn show(ui: Ui, Path(account): Path<String>) -> Result<Response> {
    let today = ui.read().await?.today();
    let form = MemberForm { valid_from: today.to_string(), ..MemberForm::default() };
    ui.page(&page(&ui, id(&account)?, form, Faults::new()).await?)
}

pub(super) async fn grant(ui: Ui, Path(account): Path<String>, Posted(form): Posted<MemberForm>) -> Result<Response> {
    let id = id(&account)?;
    let granted = ui
        .write(async |tx| {
            access::find_account(tx, id).await?;
            let org = org_of(tx, &form.org).await?;
            access::grant(tx, id, &form.membership(org)?).await
        })
        .await;
    match granted {
        Ok(_) => ui.done(&format!("/grants/{id}"), "角色已授予").await,
        Err(Error::Invalid(faults)) => ui.refused(&page(&ui, id, form, faults).await?),
        Err(other) => Err(other.into()),
    }
}

/// The organisation with a typed code. The security administrator reads no register: a code is right or not.
async fn org_of(read: &Read, typed: &str) -> kernel::Result<Option<kernel::id::OrgId>> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    match org::find_by_code(read, &Scope::All, &crate::orgs::code(typed)).await {
        Ok(found) => Ok(Some(found.id)),
        Err(Error::NotFound) => Err(Error::invalid("org", "企业库中没有这个代码，请核对统一社会信用代码或本地编号")),
        Err(other) => Err(other),
    }
}

/// Which membership is taken back.
#[derive(Deserialize)]
pub(super) struct Ended {
    membership: i64,
}

pub(super) async fn end(ui: Ui, Path(account): Path<String>, Posted(ended): Posted<Ended>) -> Result<Response> {
    let id = id(&account)?;
    ui.write(async |tx| access::end_membership(tx, id, ended.membership).await).await?;
    ui.done(&format!("/grants/{id}"), "任职已收回，立即生效").await
}
