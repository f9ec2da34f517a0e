//! Pages of consents: given, received, one with its reads, the form.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use chrono::Months;
use kernel::consent::{self, Edition, Item, PROFILE, State};
use kernel::id::ConsentId;
use kernel::store::Read;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::model::{ConsentForm, RevokeForm, Row};

/// Consents and reads that a page shows.
const SHOWN: i64 = 200;

#[derive(Template)]
#[template(path = "consents/templates/list.html")]
struct ListPage {
    cx: Frame,
    rows: Vec<Row>,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let given = consent::list_given(&read, ui.actor(), SHOWN).await?;
    let rows = given.iter().map(|c| Row::of(c, read.catalog().items(), read.today())).collect();
    ui.page(&ListPage { cx: ui.frame(&read).await?, rows })
}

#[derive(Template)]
#[template(path = "consents/templates/received.html")]
struct ReceivedPage {
    cx: Frame,
    rows: Vec<Row>,
}

pub(super) async fn received(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let received = consent::list_received(&read, ui.actor(), SHOWN).await?;
    let mut rows: Vec<Row> = received.iter().map(|c| Row::of(c, read.catalog().items(), read.today())).collect();
    rows.sort_by_key(|row| !row.is_live);
    ui.page(&ReceivedPage { cx: ui.frame(&read).await?, rows })
}

#[derive(Template)]
#[template(path = "consents/templates/new.html")]
struct FormPage {
    cx: Frame,
    recipients: Vec<(i64, String)>,
    items: Vec<&'static Item>,
    profile: &'static Item,
    edition: &'static Edition,
    digest: String,
    form: ConsentForm,
    faults: Faults,
}

impl FormPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    /// What is said at the text: that it was not read, or has changed.
    fn text_fault(&self) -> &str {
        if self.fault("text").is_empty() { self.fault("agreed") } else { self.fault("text") }
    }
}

async fn form_page(ui: &Ui, read: &Read, form: ConsentForm, faults: Faults) -> Result<FormPage> {
    let edition = Edition::on(read.today()).ok_or(Error::NotFound)?;
    let own = ui.actor().org;
    let recipients = consent::recipients(read).await?.into_iter().filter(|(id, _)| Some(*id) != own);
    Ok(FormPage {
        cx: ui.frame(read).await?,
        recipients: recipients.map(|(id, name)| (id.0, name)).collect(),
        items: read.catalog().items().iter().copied().filter(|item| **item != PROFILE).collect(),
        profile: &PROFILE,
        edition,
        digest: edition.digest(),
        form,
        faults,
    })
}

pub(super) async fn form(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let today = read.today();
    let form = ConsentForm {
        valid_from: today.to_string(),
        valid_to: today.checked_add_months(Months::new(3)).unwrap_or(today).to_string(),
        ..ConsentForm::default()
    };
    ui.page(&form_page(&ui, &read, form, Faults::new()).await?)
}

pub(super) async fn give(ui: Ui, Posted(form): Posted<ConsentForm>) -> Result<Response> {
    let given = match form.consent() {
        Ok(new) => ui.write(async |tx| consent::give(tx, &new).await).await,
        Err(error) => Err(error),
    };
    match given {
        Ok(id) => ui.done(&format!("/consents/{id}"), "已授权，对方现在可以查看所勾选的内容；随时可以撤回").await,
        Err(Error::Invalid(faults)) => {
            let read = ui.read().await?;
            ui.refused(&form_page(&ui, &read, form, faults).await?)
        }
        Err(other) => Err(other.into()),
    }
}

/// A read under a consent.
struct ReadRow {
    at: String,
    person: String,
    what: String,
    purpose: String,
}

#[derive(Template)]
#[template(path = "consents/templates/show.html")]
struct ShowPage {
    cx: Frame,
    row: Row,
    may_revoke: bool,
    version: String,
    title: String,
    lines: Vec<String>,
    digest: String,
    reads: Vec<ReadRow>,
    form: RevokeForm,
    faults: Faults,
}

impl ShowPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

async fn show_page(ui: &Ui, id: &str, form: RevokeForm, faults: Faults) -> Result<ShowPage> {
    let read = ui.read().await?;
    let id: ConsentId = id.parse().map_err(|_| Error::NotFound)?;
    let found = consent::find(&read, ui.actor(), id).await?;
    let reads = consent::reads(&read, &found, SHOWN).await?;
    let what = |entry: &kernel::audit::Entry| {
        entry.changes.iter().find(|c| c.label() == "查看").map(|c| c.after().to_owned()).unwrap_or_default()
    };
    let (version, title, body, digest) = found.text.clone();
    Ok(ShowPage {
        cx: ui.frame(&read).await?,
        row: Row::of(&found, read.catalog().items(), read.today()),
        may_revoke: matches!(found.state(read.today()), State::Live | State::Waiting),
        version,
        title,
        lines: body.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        digest,
        reads: reads
            .iter()
            .map(|e| ReadRow { at: e.at_china(), person: e.person.clone(), what: what(e), purpose: e.purpose.clone() })
            .collect(),
        form,
        faults,
    })
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    ui.page(&show_page(&ui, &id, RevokeForm::default(), Faults::new()).await?)
}

pub(super) async fn revoke(ui: Ui, Path(id): Path<String>, Posted(form): Posted<RevokeForm>) -> Result<Response> {
    let number: ConsentId = id.parse().map_err(|_| Error::NotFound)?;
    match ui.write(async |tx| consent::revoke(tx, number, &form.reason).await).await {
        Ok(()) => ui.done(&format!("/consents/{number}"), "已撤回，对方从现在起不能再查看").await,
        Err(Error::Invalid(faults)) => ui.refused(&show_page(&ui, &id, form, faults).await?),
        Err(other) => Err(other.into()),
    }
}
