//! The page of what was found.

use askama::Template;
use axum::response::Response;
use kernel::store::{TOO_BROAD, too_broad, too_long};
use web::{Frame, Result, Ui};

use super::queries::{Group, cases, organisations};
use crate::cases::CASE_LIST;
use crate::dossier;
use crate::link::asked;

#[derive(Template)]
#[template(path = "search/templates/search.html")]
struct Search {
    cx: Frame,
    typed: String,
    fault: String,
    groups: Vec<Group>,
}

pub(super) async fn search(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let typed = asked(ui.query(), "q").to_owned();
    let fault = too_long(&typed).or(too_broad(&typed).then(|| TOO_BROAD.to_owned())).unwrap_or_default();
    let mut page = Search { cx: ui.frame(&read).await?, fault, groups: Vec::new(), typed };
    if !page.fault.is_empty() {
        page.typed = page.typed.chars().take(100).collect();
        return ui.refused(&page);
    }
    let mut used = Vec::new();
    if !page.typed.is_empty() {
        let (found, rests) = organisations(&read, &ui.scope(dossier::READ), &page.typed).await?;
        page.groups.push(found);
        used = rests;
        page.groups.extend(cases(&read, ui.actor(), &page.typed, ui.actor().may(CASE_LIST)).await?);
        page.groups.retain(|group| !group.rows.is_empty());
    }
    drop(read);
    ui.note_consents("查找", &used).await?;
    ui.page(&page)
}
