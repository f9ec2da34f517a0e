//! Registering an organisation.

use askama::Template;
use axum::response::Response;
use kernel::access::Scope;
use kernel::org::{self, KINDS};
use kernel::value::region::regions;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::super::model::{RegisterForm, STATUSES};
use super::super::{EDIT, actions, rules};
use super::{Choice, choices, unit_choices};

#[derive(Template)]
#[template(path = "orgs/templates/register.html")]
struct RegisterPage {
    cx: Frame,
    form: RegisterForm,
    faults: Faults,
    kinds: Vec<Choice>,
    units: Vec<Choice>,
    /// Someone who registers for the whole city may leave the unit open.
    unit_required: bool,
    regions: Vec<Choice>,
    statuses: Vec<Choice>,
    above_scale: Vec<Choice>,
}

impl RegisterPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    /// Faults a person has to correct; the warning only asks to look again.
    fn to_correct(&self) -> usize {
        self.faults.0.iter().filter(|f| f.field != "warned").count()
    }

    /// The credit code in its regular form, sent back when its warning has been read.
    fn code_warned_of(&self) -> String {
        rules::code(&self.form.credit_code)
    }
}

pub(in crate::orgs) async fn form(ui: Ui) -> Result<Response> {
    let units = &ui.actor().units;
    let form = RegisterForm {
        kind: "enterprise".into(),
        status: "存续".into(),
        unit: units.first().map(|u| u.to_string()).unwrap_or_default(),
        ..RegisterForm::default()
    };
    let page = page(&ui, form, Faults::new()).await?;
    ui.page(&page)
}

pub(in crate::orgs) async fn register(ui: Ui, Posted(form): Posted<RegisterForm>) -> Result<Response> {
    match ui.write(async |tx| actions::register(tx, &form).await).await {
        Ok(id) => ui.done(&format!("/orgs/{id}"), "已登记到企业库").await,
        Err(Error::Invalid(faults)) => {
            let page = page(&ui, form, faults).await?;
            ui.refused(&page)
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(ui: &Ui, form: RegisterForm, faults: Faults) -> Result<RegisterPage> {
    let read = ui.read().await?;
    let scope = ui.scope(EDIT);
    Ok(RegisterPage {
        cx: ui.frame(&read).await?,
        kinds: choices(KINDS.iter().copied(), &form.kind),
        units: unit_choices(&org::units(&read).await?, &scope, &form.unit),
        unit_required: scope != Scope::All,
        regions: choices(regions().iter().map(|r| (r.code, r.name)), &form.region),
        statuses: choices(STATUSES.map(|s| (s, s)), &form.status),
        above_scale: choices([("0", "否"), ("1", "是")], &form.above_scale),
        form,
        faults,
    })
}
