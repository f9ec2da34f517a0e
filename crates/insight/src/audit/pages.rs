//! Pages of the log, and of the trail of one organisation.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::Actor;
use kernel::audit::{self, Change, Entry, Note, READ, TRAIL, VERBS, Verb};
use kernel::id::OrgId;
use kernel::org::{self, Unit};
use kernel::store::Read;
use kernel::{Error, Faults};
use web::{Frame, Result, Ui, download as saved};

use super::filter::Typed;
use super::view::{EntryRow, OrgLink, href, object};
use crate::dossier::READ as ORG_READ;
use crate::indicators::csv_text;
use crate::link::{self, Link};
use crate::units::Units;

/// Entries of a page.
const PAGE: usize = 50;
/// Entries of a file.
const MOST: i64 = 100_000;

#[derive(Template)]
#[template(path = "audit/templates/list.html")]
struct List {
    cx: Frame,
    typed: Typed,
    faults: Faults,
    units: Vec<Unit>,
    verbs: &'static [Verb],
    rows: Vec<EntryRow>,
    first: String,
    next: String,
    csv: String,
    /// Number, hash and instant of the last seal.
    sealed: Option<audit::Digest>,
}

impl List {
    /// The page without its rows.
    async fn unfilled(ui: &Ui, read: &Read) -> Result<Self> {
        let typed = Typed::of(ui.query());
        Ok(Self {
            cx: ui.frame(read).await?,
            faults: Faults::new(),
            units: org::units(read).await?,
            verbs: VERBS,
            rows: Vec::new(),
            first: if typed.is_first() { String::new() } else { typed.link("/audit").to_string() },
            next: String::new(),
            csv: typed.link("/audit.csv").to_string(),
            sealed: audit::digest(read).await?,
            typed,
        })
    }

    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let mut page = List::unfilled(&ui, &read).await?;
    match page.typed.query(PAGE as i64 + 1) {
        Ok(query) => {
            let (found, units) = (audit::list(&read, &ui.scope(READ), &query).await?, Units::load(&read).await?);
            (page.rows, page.next) = turned(&found, &units, (&read, ui.actor()), page.typed.link("/audit"));
            ui.page(&page)
        }
        Err(Error::Invalid(faults)) => ui.refused(&List { faults, ..page }),
        Err(other) => Err(other.into()),
    }
}

/// The rows of a page, and the way to the next.
fn turned(found: &[Entry], units: &Units, reader: (&Read, &Actor), link: Link) -> (Vec<EntryRow>, String) {
    let rows: Vec<EntryRow> = found.iter().take(PAGE).map(|entry| EntryRow::of(entry, units, reader)).collect();
    let last = rows.last().filter(|_| found.len() > PAGE).map(|row| row.number);
    (rows, last.map(|before| link.with("before", before).to_string()).unwrap_or_default())
}

pub(super) async fn download(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let typed = Typed::of(ui.query());
    let found = audit::list(&read, &ui.scope(READ), &typed.query(MOST)?).await?;
    let (units, day) = (Units::load(&read).await?, read.today());
    // Nothing of the database is held while the note is written.
    drop(read);
    let note = Note::of(Verb::AUDIT_EXPORTED, "audit", None)
        .detail("条数", found.len().to_string())
        .detail("条件", typed.words())
        .purpose(link::asked(ui.query(), "purpose"));
    ui.note(note).await?;
    let name = |unit: kernel::id::UnitId| if unit.0 == 0 { String::new() } else { units.name(unit.0) };
    let text = csv_text(audit::export_lines(&found, name));
    Ok(saved(&format!("审计日志-{day}.csv"), "text/csv; charset=utf-8", text))
}

#[derive(Template)]
#[template(path = "audit/templates/entry.html")]
struct Shown {
    cx: Frame,
    entry: Entry,
    object: String,
    href: String,
    unit: String,
    /// Address of the client, or that there was none.
    from: String,
    /// Organisations can be opened.
    may_open: bool,
    behalf: Option<OrgLink>,
    orgs: Vec<OrgLink>,
    orgs_left: usize,
    changes: Vec<Change>,
}

/// Organisations that a page names.
const NAMED: usize = 20;

pub(super) async fn show(ui: Ui, Path(number): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let entry = audit::find(&read, &ui.scope(READ), link::id(&number)?).await?;
    let units = Units::load(&read).await?;
    let orgs = all_named(&read, entry.orgs.iter().take(NAMED)).await?;
    let behalf = all_named(&read, entry.behalf.iter()).await?.pop();
    ui.page(&Shown {
        cx: ui.frame(&read).await?,
        object: object(&entry),
        href: href(&entry, &read, ui.actor()),
        may_open: ui.actor().may(ORG_READ),
        unit: if entry.unit.0 == 0 { String::new() } else { units.name(entry.unit.0) },
        from: if entry.address.is_empty() { "（命令或任务）".to_owned() } else { entry.address.clone() },
        behalf,
        orgs_left: entry.orgs.len().saturating_sub(NAMED),
        orgs,
        changes: entry.changes.clone(),
        entry,
    })
}

async fn all_named(read: &Read, ids: impl Iterator<Item = &OrgId>) -> Result<Vec<OrgLink>> {
    let mut links = Vec::new();
    for id in ids.copied() {
        let name = org::find(read, id).await.map_or_else(|_| format!("主体 {id}"), |o| o.name);
        links.push(OrgLink { id, name });
    }
    Ok(links)
}

#[derive(Template)]
#[template(path = "audit/templates/trail.html")]
struct Trail {
    cx: Frame,
    id: OrgId,
    name: String,
    rows: Vec<EntryRow>,
    first: String,
    next: String,
    /// Details of the log that only its keeper sees lead somewhere.
    may_read_all: bool,
}

pub(super) async fn own(ui: Ui) -> Result<Response> {
    let id = ui.actor().org.ok_or(Error::NotFound)?;
    trail_of(&ui, id, "/trail").await
}

pub(super) async fn trail(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let id: OrgId = link::id(&id)?;
    trail_of(&ui, id, &format!("/orgs/{id}/trail")).await
}

async fn trail_of(ui: &Ui, id: OrgId, path: &str) -> Result<Response> {
    let read = ui.read().await?;
    let scope = ui.scope(TRAIL);
    let before = link::number::<i64>(ui.query(), "before", "翻页位置")?;
    let found = audit::trail(&read, &scope, id, before, PAGE as i64 + 1).await?;
    let (rows, next) = turned(&found, &Units::load(&read).await?, (&read, ui.actor()), Link::to(path));
    ui.page(&Trail {
        cx: ui.frame(&read).await?,
        id,
        name: org::find_within(&read, &scope, id).await?.name,
        rows,
        first: if before.is_some() { path.to_owned() } else { String::new() },
        next,
        may_read_all: ui.actor().may(READ),
    })
}
