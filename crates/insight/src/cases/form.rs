//! Opening a case about an organisation.

use askama::Template;
use axum::response::Response;
use kernel::access::Scope;
use kernel::case::{self, By, Flow, Values};
use kernel::id::OrgId;
use kernel::org::{self, Organisation};
use kernel::store::Read;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::model::Typed;
use super::view::{Input, elsewhere, inputs, note};
use crate::link::{self, asked};

#[derive(Template)]
#[template(path = "cases/templates/new.html")]
struct Form {
    cx: Frame,
    flow: &'static Flow,
    action: &'static str,
    label: &'static str,
    subject: Organisation,
    inputs: Vec<Input>,
    note: Input,
    conflict: String,
}

/// The flow and the subject an address names, as far as the actor may open such a case about it.
async fn named(ui: &Ui, read: &Read) -> Result<(&'static Flow, Organisation)> {
    let named = read.catalog().newest_flow(asked(ui.query(), "flow"));
    let flow = named.ok_or_else(|| Error::invalid("flow", "没有这种办件，请从企业的档案页面上提交"))?;
    let Some(By::May(permission)) = flow.opening().map(|action| action.by) else { return Err(Error::NotFound.into()) };
    if !ui.actor().may(permission) {
        return Err(Error::Forbidden(permission.0).into());
    }
    let scope = ui.scope(permission);
    let subject = match (link::number::<OrgId>(ui.query(), "org", "主体编号")?, &scope) {
        (Some(org), _) => org,
        // An enterprise's own case needs no number.
        (None, Scope::Own(org)) => *org,
        (None, _) => return Err(Error::invalid("org", "请从企业的档案页面上提交").into()),
    };
    Ok((flow, org::find_within(read, &scope, subject).await?))
}

async fn page(ui: &Ui, read: &Read, typed: Option<&Typed>, faults: &Faults) -> Result<Form> {
    let (flow, subject) = named(ui, read).await?;
    let opening = flow.opening().ok_or(Error::NotFound)?;
    let bodies = case::bodies(read, flow, subject.id).await?;
    let prefilled = prefilled(ui.query());
    Ok(Form {
        cx: ui.frame(read).await?,
        flow,
        action: opening.code,
        label: opening.label,
        subject,
        inputs: inputs((flow, opening), &prefilled, &bodies, typed, faults),
        note: note(opening, typed, faults),
        conflict: String::new(),
    })
}

/// Values out of the address, named `f.code`: for links that lead here from something that says them already.
fn prefilled(query: &[(String, String)]) -> Values {
    let named = query.iter().filter_map(|(name, value)| Some((name.strip_prefix("f.")?.to_owned(), value.clone())));
    named.collect()
}

pub(super) async fn form(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&page(&ui, &read, None, &Faults::new()).await?)
}

pub(super) async fn open(ui: Ui, Posted(fields): Posted<Vec<(String, String)>>) -> Result<Response> {
    let read = ui.read().await?;
    let (flow, subject) = named(&ui, &read).await?;
    drop(read);
    let typed = Typed::of(fields);
    let done = ui.write(async |tx| case::open(tx, flow.code, subject.id, &typed.values, &typed.note).await).await;
    let (faults, conflict) = match done {
        Ok(id) => {
            return ui
                .done(&format!("/cases/{id}"), "已提交；有扫描件等材料可在下面的“附件”里上传，办理情况也在这里看")
                .await;
        }
        Err(Error::Invalid(faults)) => {
            let told = elsewhere(flow.opening(), &faults);
            (faults, told)
        }
        Err(Error::Conflict(conflict)) => (Faults::new(), conflict),
        Err(other) => return Err(other.into()),
    };
    let read = ui.read().await?;
    ui.refused(&Form { conflict, ..page(&ui, &read, Some(&typed), &faults).await? })
}
