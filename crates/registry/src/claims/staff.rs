//! Pages by which an organisation looks after its own people.

use askama::Template;
use axum::response::Response;
use kernel::access;
use kernel::{Error, Faults};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use super::actions;
use super::model::StaffForm;
use crate::people::term;

struct Row {
    membership: i64,
    who: String,
    role: String,
    term: String,
    is_self: bool,
}

#[derive(Template)]
#[template(path = "claims/templates/staff.html")]
struct StaffPage {
    cx: Frame,
    rows: Vec<Row>,
    /// A new link with its person, told once.
    link: Option<(String, String)>,
    form: StaffForm,
    faults: Faults,
}

impl StaffPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    /// What is wrong elsewhere, such as with the role that would be granted.
    fn elsewhere(&self) -> String {
        self.faults.elsewhere(|field| matches!(field, "name" | "login"))
    }
}

async fn page(ui: &Ui, form: StaffForm, faults: Faults, link: Option<(String, String)>) -> Result<StaffPage> {
    let read = ui.read().await?;
    let roles = ui.store().roles();
    let members = access::list_org_members(&read, actions::own(ui.actor())?).await?;
    let row = |m: access::Membership| Row {
        membership: m.id,
        who: format!("{}（{}）", m.person, m.login),
        role: roles.find(&m.role).map_or_else(|| m.role.clone(), |r| r.label.clone()),
        term: term(&m),
        is_self: m.account == ui.actor().account,
    };
    Ok(StaffPage { cx: ui.frame(&read).await?, rows: members.into_iter().map(row).collect(), link, form, faults })
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    ui.page(&page(&ui, StaffForm::default(), Faults::new(), None).await?)
}

pub(super) async fn invite(ui: Ui, Posted(form): Posted<StaffForm>) -> Result<Response> {
    match ui.write(async |tx| actions::invite(tx, &form).await).await {
        Ok(link) => {
            let told = Some((form.name, ui.whole(&format!("/join/{link}"))));
            ui.page(&page(&ui, StaffForm::default(), Faults::new(), told).await?)
        }
        Err(Error::Invalid(faults)) => ui.refused(&page(&ui, form, faults, None).await?),
        Err(other) => Err(other.into()),
    }
}

/// Whose membership is taken back.
#[derive(Deserialize)]
pub(super) struct Ended {
    membership: i64,
}

pub(super) async fn end(ui: Ui, Posted(ended): Posted<Ended>) -> Result<Response> {
    ui.write(async |tx| actions::end(tx, ended.membership).await).await?;
    ui.done("/staff", "已收回，立即生效").await
}
