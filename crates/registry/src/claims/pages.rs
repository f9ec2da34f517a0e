//! Pages of claims: the public form, the own claims, the officer's list and decision.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::{self, Actor};
use kernel::id::OrgId;
use kernel::value::day::minute;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::model::{Claim, ClaimForm, DecisionForm, login_of};
use super::{DECIDE, actions, queries};

#[derive(Template)]
#[template(path = "claims/templates/register.html")]
struct RegisterPage {
    cx: Frame,
    form: ClaimForm,
    faults: Faults,
    hint: String,
}

impl RegisterPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn register_page(ui: &Ui, form: ClaimForm, faults: Faults) -> Result<RegisterPage> {
    let read = ui.read().await?;
    let hint = format!("至少 {} 个字符，可以用一句话或几个不相干的词", ui.store().roles().policy.password_min);
    // Passwords are not sent back.
    let form = ClaimForm { password: String::new(), again: String::new(), ..form };
    Ok(RegisterPage { cx: ui.frame(&read).await?, form, faults, hint })
}

pub(super) async fn form(ui: Ui) -> Result<Response> {
    ui.page(&register_page(&ui, ClaimForm::default(), Faults::new()).await?)
}

#[derive(Template)]
#[template(path = "claims/templates/filed.html")]
struct FiledPage {
    cx: Frame,
    login: String,
}

pub(super) async fn claim(ui: Ui, Posted(form): Posted<ClaimForm>) -> Result<Response> {
    match filed(&ui, &form).await {
        Ok(login) => {
            let read = ui.read().await?;
            ui.page(&FiledPage { cx: ui.frame(&read).await?, login })
        }
        Err(Error::Invalid(faults)) => ui.refused(&register_page(&ui, form, faults).await?),
        Err(other) => Err(other.into()),
    }
}

async fn filed(ui: &Ui, form: &ClaimForm) -> kernel::Result<String> {
    let read = ui.store().read().await?;
    let code = actions::check(&read, form, "").await?;
    drop(read);
    let id = ui.write(async |tx| actions::claim(tx, form, &code).await).await?;
    let new = access::prepare_password(&ui.store().read().await?, id, &form.password).await;
    let set = match new {
        Ok(new) => ui.write(async |tx| access::set_password(tx, new, None).await).await,
        Err(error) => Err(error),
    };
    // Without a password nobody could come back to the claim.
    if let Err(error) = set {
        ui.store().write(&Actor::system("企业账号申请"), async |tx| actions::withdraw(tx, id).await).await?;
        return Err(error);
    }
    Ok(login_of(&form.login, &code))
}

struct Row {
    id: i64,
    person: String,
    org: String,
    org_id: Option<OrgId>,
    code: String,
    at: String,
    state: &'static str,
    state_class: &'static str,
    statement: String,
    reason: String,
    decided: String,
}

impl Row {
    fn of(claim: Claim) -> Self {
        let (state, state_class) = claim.state();
        Self {
            id: claim.id,
            person: format!("{}（{}）", claim.person, claim.login),
            org: claim.org.as_ref().map(|(_, name, _)| name.clone()).unwrap_or_default(),
            org_id: claim.org.as_ref().map(|(id, ..)| *id),
            at: minute(claim.requested_at),
            decided: claim.decided.map(|(at, by)| format!("{}，{by}", minute(at))).unwrap_or_default(),
            code: claim.credit_code,
            statement: claim.statement,
            reason: claim.reason,
            state,
            state_class,
        }
    }
}

#[derive(Template)]
#[template(path = "claims/templates/mine.html")]
struct MinePage {
    cx: Frame,
    rows: Vec<Row>,
}

pub(super) async fn mine(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let own = queries::list_own(&read, ui.actor().account).await?;
    // Whether the registry knows the code is told by the decision only.
    let unnamed = |row: Row| Row { org: String::new(), org_id: None, ..row };
    ui.page(&MinePage { cx: ui.frame(&read).await?, rows: own.into_iter().map(Row::of).map(unnamed).collect() })
}

#[derive(Template)]
#[template(path = "claims/templates/list.html")]
struct ListPage {
    cx: Frame,
    rows: Vec<Row>,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let found = queries::list(&read, &ui.scope(DECIDE)).await?;
    ui.page(&ListPage { cx: ui.frame(&read).await?, rows: found.into_iter().map(Row::of).collect() })
}

#[derive(Template)]
#[template(path = "claims/templates/show.html")]
struct ShowPage {
    cx: Frame,
    row: Row,
    waits: bool,
    members: Vec<String>,
    form: DecisionForm,
    faults: Faults,
}

impl ShowPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn show_page(ui: &Ui, id: &str, form: DecisionForm, faults: Faults) -> Result<ShowPage> {
    let read = ui.read().await?;
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let claim = queries::find(&read, &ui.scope(DECIDE), id).await?;
    let members = match &claim.org {
        Some((org, ..)) => access::list_org_members(&read, *org).await?,
        None => Vec::new(),
    };
    let waits = claim.decided.is_none();
    let members = members.into_iter().map(|m| format!("{}（{}）", m.person, m.login)).collect();
    Ok(ShowPage { cx: ui.frame(&read).await?, row: Row::of(claim), waits, members, form, faults })
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    ui.page(&show_page(&ui, &id, DecisionForm::default(), Faults::new()).await?)
}

pub(super) async fn decide(ui: Ui, Path(id): Path<String>, Posted(form): Posted<DecisionForm>) -> Result<Response> {
    let number = id.parse().map_err(|_| Error::NotFound)?;
    match ui.write(async |tx| actions::decide(tx, number, &form).await).await {
        Ok(true) => ui.done("/claims", "已同意，申请人重新登录后可以办理本单位的事").await,
        Ok(false) => ui.done("/claims", "已退回，申请人登录后能看到原因").await,
        Err(Error::Invalid(faults)) => ui.refused(&show_page(&ui, &id, form, faults).await?),
        Err(other) => Err(other.into()),
    }
}
