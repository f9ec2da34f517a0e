//! Pages of cases: the list, one case, and what is done in it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::case::{self, Doing, Flow, Standing, Told};
use kernel::id::CaseId;
use kernel::store::Read;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::CASE_LIST;
use super::attach::File;
use super::model::Typed;
use super::queries::{PAGE, begins, waiting};
use super::view::{Act, Beside, DeskLine, Due, Entry, Shown, acts, elsewhere, shown, timeline};
use crate::guide::Step;
use crate::link::{self, asked};
use crate::units::Units;

#[derive(Template)]
#[template(path = "cases/templates/desk.html")]
struct Desk {
    cx: Frame,
    rows: Vec<DeskLine>,
    next: String,
    /// What the reader opened and others have not ended.
    opened: Vec<DeskLine>,
    /// What somebody new does first.
    steps: Vec<Step>,
}

pub(super) async fn desk(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let after = begins(asked(ui.query(), "due"), asked(ui.query(), "after"));
    let (rows, next) = waiting(&read, ui.actor(), after).await?;
    let opened = case::opened_by_me(&read, ui.actor(), PAGE).await?;
    // What waits for the reader stands above already.
    let elsewhere = opened.iter().filter(|case| !rows.iter().any(|row| row.id == case.id));
    let opened = elsewhere.map(|case| DeskLine::of(case, read.today())).collect();
    let steps = crate::guide::steps(ui.actor());
    ui.page(&Desk { cx: ui.frame(&read).await?, rows, next, opened, steps })
}

#[derive(Template)]
#[template(path = "cases/templates/show.html")]
pub(super) struct Show {
    cx: Frame,
    id: CaseId,
    may_list: bool,
    title: String,
    flow: &'static Flow,
    state: String,
    ended: bool,
    due: Due,
    /// Working days left on a clock that stands still.
    days_left: Option<i64>,
    unit: String,
    subject: String,
    subject_href: String,
    revision: i64,
    said: Option<(String, String)>,
    fields: Vec<Shown>,
    told: Vec<Told>,
    acts: Vec<Act>,
    timeline: Vec<Entry>,
    facts: Vec<i64>,
    conflict: String,
    text: String,
    text_fault: String,
    files: Vec<File>,
    pub(super) file_fault: String,
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    ui.page(&show_page(&ui, &read, link::id(&id)?, None, &Faults::new()).await?)
}

pub(super) async fn show_page(
    ui: &Ui,
    read: &Read,
    id: CaseId,
    typed: Option<&Typed>,
    faults: &Faults,
) -> Result<Show> {
    let case = case::find(read, ui.actor(), id).await?;
    let (events, comments) = (case::events(read, id).await?, case::comments(read, id).await?);
    let (files, reminders) = (case::attachments(read, id).await?, case::reminders_of(read, id).await?);
    let standing = Standing::of(&events);
    let bodies = match case.flow.ends_in(&case.state) {
        true => Vec::new(),
        false => case::bodies(read, case.flow, case.subject).await?,
    };
    let opens = kernel::org::find_within(read, &ui.scope(crate::dossier::READ), case.subject).await.is_ok();
    Ok(Show {
        cx: ui.frame(read).await?,
        id,
        may_list: ui.actor().may(CASE_LIST),
        title: case.title.clone(),
        flow: case.flow,
        state: case.flow.state_label(&case.state).to_owned(),
        ended: case.flow.ends_in(&case.state),
        due: Due::of(&case, read.today()),
        days_left: case.days_left,
        unit: Units::load(read).await?.name(case.unit.0),
        subject: case.subject_name.clone(),
        subject_href: if opens { format!("/orgs/{}", case.subject) } else { String::new() },
        revision: case.revision,
        fields: shown(&case, &standing),
        told: match case.flow.tells {
            Some(tells) => tells(read, &case).await?,
            None => Vec::new(),
        },
        acts: acts(ui.actor(), (&case, &events), &bodies, typed, faults),
        timeline: timeline(&case, &events, &Beside { comments: &comments, files: &files, reminders: &reminders }),
        facts: case::facts_of(read, case.record).await?.into_iter().map(|position| position.0).collect(),
        said: standing.said,
        conflict: String::new(),
        text: String::new(),
        text_fault: String::new(),
        files: files.iter().map(File::of).collect(),
        file_fault: String::new(),
    })
}

pub(super) async fn act(
    ui: Ui,
    Path(id): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let id: CaseId = link::id(&id)?;
    let typed = Typed::of(fields);
    let doing = Doing {
        action: &typed.action,
        revision: typed.revision,
        values: &typed.values,
        note: &typed.note,
        remarks: &typed.remarks,
    };
    let (faults, conflict) = match ui.write(async |tx| case::act(tx, id, doing).await).await {
        Ok(case) => {
            let message = format!("已办理，现为“{}”", case.flow.state_label(&case.state));
            return ui.done(&format!("/cases/{id}"), &message).await;
        }
        Err(Error::Invalid(faults)) => (faults, None),
        Err(Error::Conflict(conflict)) => (Faults::new(), Some(conflict)),
        Err(other) => return Err(other.into()),
    };
    let read = ui.read().await?;
    let page = show_page(&ui, &read, id, Some(&typed), &faults).await?;
    let told = elsewhere(page.flow.action(&typed.action), &faults);
    let is_conflict = conflict.is_some();
    let mut response = ui.refused(&Show { conflict: conflict.unwrap_or(told), ..page })?;
    if is_conflict {
        *response.status_mut() = axum::http::StatusCode::CONFLICT;
    }
    Ok(response)
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Said {
    text: String,
}

pub(super) async fn comment(ui: Ui, Path(id): Path<String>, Posted(said): Posted<Said>) -> Result<Response> {
    let id: CaseId = link::id(&id)?;
    match ui.write(async |tx| case::comment(tx, id, &said.text).await).await {
        Ok(()) => ui.done(&format!("/cases/{id}"), "已留言").await,
        Err(Error::Invalid(faults)) => {
            let read = ui.read().await?;
            let text_fault = faults.at("text").unwrap_or_default().to_owned();
            ui.refused(&Show { text: said.text, text_fault, ..show_page(&ui, &read, id, None, &Faults::new()).await? })
        }
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "cases/templates/flow.html")]
struct FlowPage {
    cx: Frame,
    flow: &'static Flow,
    picture: String,
}

pub(super) async fn flow(ui: Ui, Path(code): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let flow = match link::number::<i64>(ui.query(), "version", "版本")? {
        Some(version) => read.catalog().flow(&code, version),
        None => read.catalog().newest_flow(&code),
    };
    let flow = flow.ok_or(Error::NotFound)?;
    ui.page(&FlowPage { cx: ui.frame(&read).await?, flow, picture: case::picture(flow) })
}
