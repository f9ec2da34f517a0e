//! The one page of a dossier.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::Error;
use kernel::access::{Permission, Scope};
use kernel::audit::{Note, TRAIL, Verb};
use kernel::consent::{self, CONTACT, YEARS};
use kernel::id::{OrgId, Position};
use kernel::org::{self, Assertion, Organisation, kind_label};
use kernel::store::Read;
use kernel::value::day::Day;
use web::{Failure, Frame, Result, Ui};

use super::model::{AttributeView, Counted, CountedIn, FormerName, MergedHere, Timeline, YearView};
use super::{EDIT, ENTER, FACTS, READ, REVEAL, queries, rules};
use crate::indicators::FIGURE_READ;

#[derive(Template)]
#[template(path = "dossier/templates/show.html")]
struct Dossier {
    cx: Frame,
    id: OrgId,
    name: String,
    code: String,
    kind: &'static str,
    badges: Badges,
    merged_into: Option<Option<(OrgId, String)>>,
    merged_here: Vec<MergedHere>,
    may_edit: bool,
    /// Cases the reader may open about it: code and label of the flow.
    openable: Vec<(&'static str, &'static str)>,
    may_trail: bool,
    may_enter: bool,
    /// Something is masked that the reader may have shown in full.
    may_reveal: bool,
    identity: Vec<AttributeView>,
    former_names: Vec<FormerName>,
    years: Vec<YearView>,
    /// The reader sees it by a consent that leaves them out.
    years_withheld: bool,
    /// The reader sees it by a consent.
    by_consent: bool,
    timeline: Timeline,
    /// A later page of the timeline.
    turned: bool,
    /// Names of counterparties lead somewhere only for those who see every organisation.
    all_open: bool,
    may_read_figures: bool,
    figures: Vec<CountedIn>,
    /// The figures rest on the newest facts only.
    figures_partly: bool,
    as_counterparty: Counted,
}

/// What stands beside the name.
struct Badges {
    status: String,
    gone: bool,
    above_scale: bool,
    marks: Vec<&'static str>,
    size_differs: bool,
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let id: OrgId = id.parse().map_err(|_| Error::NotFound)?;
    let read = ui.read().await?;
    let org = queries::find(&read, &ui.scope(READ), id).await?;
    let clocks = ui.clocks(&read).await?;
    let used = consent::behind(&read, &ui.scope(READ), [&org]).await?;
    let page = dossier(&ui, &read, org, clocks).await?;
    drop(read);
    ui.note_consents("一企一档", &used).await?;
    if used.is_empty() && ui.actor().org != Some(id) {
        ui.note_soon(Note::of(Verb::DOSSIER_READ, "org", id.0).about([id])).await;
    }
    ui.page(&page)
}

async fn dossier(ui: &Ui, read: &Read, org: Organisation, clocks: (Day, Position)) -> Result<Dossier> {
    let (id, (about, known)) = (org.id, clocks);
    let units = org::units(read).await?;
    let mut history = org::history(read, id, Some(known)).await?;
    let of_years = org::year_origins(read, id, known).await?;
    let (visible, facts) = (ui.scope(READ), ui.scope(FACTS));
    let shown = consent::items_shown(read, &visible, &org).await?;
    let withheld = |item: &str| shown.as_ref().is_some_and(|items| !items.contains(item));
    if withheld(CONTACT.code) {
        history.retain(|a| !org::is_sensitive(&a.attribute));
    }
    let years_withheld = withheld(YEARS.code);
    let years = if years_withheld { Vec::new() } else { org::years(read, id, Some(known)).await? };
    let years = rules::years(years, &history, about, &of_years);
    let origins = org::origins(read, id).await?;
    let before = before(ui).map_err(|e| Failure::from(e).from_the_start(format!("/orgs/{id}")))?;
    let page = queries::facts(read, &facts, id, clocks, before, queries::PAGE + 1).await?;
    let reasons = queries::reasons(read, &facts, &rules::reversals(&page, known)).await?;
    let newest = queries::facts(read, &facts, id, clocks, None, queries::LOOKED_AT).await?;
    Ok(Dossier {
        cx: ui.frame(read).await?,
        id,
        code: org.code().to_owned(),
        kind: kind_label(&org.kind),
        badges: badges(&history, about),
        merged_into: merged_into(read, &visible, org.merged_into).await?,
        merged_here: queries::merged_here(read, &visible, id).await?,
        may_edit: may(ui, read, EDIT, id).await?,
        openable: crate::cases::openable(read, ui.actor(), id).await?,
        may_trail: may(ui, read, TRAIL, id).await?,
        may_enter: may(ui, read, ENTER, id).await?,
        may_reveal: history.iter().any(|a| org::is_sensitive(&a.attribute)) && may(ui, read, REVEAL, id).await?,
        identity: rules::identity(&history, about, &units, &origins, &queries::masks(read, id, &history).await),
        former_names: rules::former_names(&history, about),
        years,
        years_withheld,
        by_consent: shown.is_some(),
        timeline: rules::timeline(page, queries::PAGE as usize, &reasons, known, &units),
        turned: before.is_some(),
        all_open: visible == Scope::All,
        may_read_figures: ui.actor().may(FIGURE_READ),
        figures: queries::counted_in(read, &newest, clocks),
        figures_partly: newest.len() as i64 == queries::LOOKED_AT,
        as_counterparty: queries::as_counterparty(read, &facts, id, clocks).await?,
        name: org::value_on(&history, "name", about).map_or(org.name, |a| a.value.clone()),
    })
}

fn before(ui: &Ui) -> kernel::Result<Option<Position>> {
    let typed = ui.query().iter().find(|(n, v)| n == "before" && !v.is_empty()).map(|(_, v)| v.parse());
    typed.transpose().map_err(|_| Error::invalid("before", "翻页位置应为序号，请从第一页重新开始"))
}

fn badges(history: &[Assertion], about: Day) -> Badges {
    let value = |code: &str| org::value_on(history, code, about).map_or("", |a| a.value.as_str());
    let marks =
        org::ATTRIBUTES.iter().filter(|a| a.code.starts_with("mark.") && !matches!(value(a.code), "" | "0" | "否"));
    let (size, declared) = (value("size"), value("declared_size"));
    Badges {
        status: value("status").to_owned(),
        gone: matches!(value("status"), "迁出" | "吊销" | "撤销" | "注销"),
        above_scale: value("above_scale") == "1",
        marks: marks.map(|a| a.label).collect(),
        size_differs: !matches!(size, "" | "0") && !declared.is_empty() && size != declared,
    }
}

/// Where a merged organisation went: outside when not merged, inside empty when the reader may not see the survivor.
async fn merged_into(
    read: &Read,
    scope: &Scope,
    into: Option<OrgId>,
) -> kernel::Result<Option<Option<(OrgId, String)>>> {
    match into {
        None => Ok(None),
        Some(into) => Ok(Some(queries::visible(read, scope, into).await?.map(|o| (o.id, o.name)))),
    }
}

async fn may(ui: &Ui, read: &Read, permission: Permission, id: OrgId) -> kernel::Result<bool> {
    Ok(ui.actor().may(permission) && queries::visible(read, &ui.scope(permission), id).await?.is_some())
}
