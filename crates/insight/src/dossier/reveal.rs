//! Sensitive values in full: an act with a purpose, written down before anything is shown.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::audit::{Note, Verb};
use kernel::consent::{self, CONTACT};
use kernel::id::OrgId;
use kernel::org::{self, ATTRIBUTES, Attribute};
use kernel::value::text::too_long;
use kernel::{Error, Faults};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use super::{REVEAL, queries};

/// What it is wanted for, as typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    purpose: String,
}

#[derive(Template)]
#[template(path = "dossier/templates/reveal.html")]
struct RevealPage {
    cx: Frame,
    id: OrgId,
    name: String,
    /// Labels with the values in full; nothing while no purpose is given.
    values: Vec<(&'static str, String)>,
    purpose: String,
    fault: String,
}

pub(super) async fn reveal(ui: Ui, Path(id): Path<String>, Posted(typed): Posted<Typed>) -> Result<Response> {
    let id: OrgId = id.parse().map_err(|_| Error::NotFound)?;
    let read = ui.read().await?;
    let scope = ui.scope(REVEAL);
    let found = queries::find(&read, &scope, id).await?;
    let shown = consent::items_shown(&read, &scope, &found).await?;
    if shown.is_some_and(|items| !items.contains(CONTACT.code)) {
        return Err(Error::NotFound.into());
    }
    let mut used = consent::behind(&read, &scope, [&found]).await?;
    used.retain(|one| one.items.iter().any(|item| item == CONTACT.code));
    let (cx, name) = (ui.frame(&read).await?, found.name.clone());
    let page = RevealPage { cx, id, name, values: Vec::new(), purpose: typed.purpose, fault: String::new() };
    if let Err(Error::Invalid(faults)) = purpose(&page.purpose) {
        let fault = faults.at("purpose").unwrap_or_default().to_owned();
        return ui.refused(&RevealPage { fault, ..page });
    }
    let values = values(&ui, &read, id).await?;
    drop(read);
    let labels: Vec<&str> = values.iter().map(|(label, _)| *label).collect();
    let note = Note::of(Verb::SENSITIVE_READ, "org", id.0).about([id]).detail("内容", labels.join("、"));
    ui.note(note.purpose(page.purpose.trim())).await?;
    ui.note_consents("联系方式全部内容", &used).await?;
    ui.page(&RevealPage { values, ..page })
}

fn purpose(typed: &str) -> kernel::Result<()> {
    let mut faults = Faults::new();
    if typed.trim().chars().count() < 2 {
        faults.add("purpose", "请写明查看的用途，会记入审计日志，对方看得到");
    } else if let Some(said) = too_long(typed) {
        faults.add("purpose", said);
    }
    faults.or(())
}

/// The sensitive values that hold on the day of the page.
async fn values(ui: &Ui, read: &kernel::store::Read, id: OrgId) -> Result<Vec<(&'static str, String)>> {
    let (about, known) = ui.clocks(read).await?;
    let history = org::history(read, id, Some(known)).await?;
    let sensitive = |a: &&Attribute| org::is_sensitive(a.code);
    let mut values = Vec::new();
    for attribute in ATTRIBUTES.iter().filter(sensitive) {
        if let Some(now) = org::value_on(&history, attribute.code, about).filter(|a| !a.value.is_empty()) {
            values.push((attribute.label, org::reveal(read, id, now).await?));
        }
    }
    Ok(values)
}
