//! Pages of the ledger: the list, one fact and its reversal, the record it cites.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::access::Scope;
use kernel::consent::{self, Used};
use kernel::id::{Position, RecordId};
use kernel::indicator::used_by;
use kernel::ledger::browse::{self, Query};
use kernel::ledger::{Catalog, Fact, record};
use kernel::org::Unit;
use kernel::publication::{Corrected, Proposal, Published, corrections, impact, seen};
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::{Error, Faults};
use serde::Deserialize;
use web::{Failure, Frame, Result, Ui};

use super::filter::Typed;
use super::view::{FactRow, FactView, RecordView, Use, uses};
use super::{LEDGER_CORRECT, LEDGER_ENTER, LEDGER_READ, actions};
use crate::amendments::{AMENDMENT_READ, AMENDMENT_REQUEST};
use crate::indicators::FIGURE_READ;
use crate::link::{self, Link};
use crate::moves::MoveRow;
use crate::publications::PUBLICATION_READ;
use crate::units::Units;

/// Facts of a page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "ledger/templates/list.html")]
struct List {
    cx: Frame,
    kept: Vec<(String, String)>,
    typed: Typed,
    faults: Faults,
    kinds: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
    units: Vec<Unit>,
    rows: Vec<FactRow>,
    first: String,
    next: String,
    may_enter: bool,
}

impl List {
    /// The page with its filters and no rows yet.
    async fn unfilled(ui: &Ui, read: &Read, typed: Typed, units: &Units) -> Result<Self> {
        Ok(Self {
            cx: without_cursor(ui.frame(read).await?),
            kept: link::kept(ui.query(), &["about", "known"]),
            kinds: kinds(read.catalog()),
            units: units.choices(&ui.scope(LEDGER_READ)).into_iter().cloned().collect(),
            faults: Faults::new(),
            rows: Vec::new(),
            first: String::new(),
            next: String::new(),
            may_enter: ui.actor().may(LEDGER_ENTER),
            typed,
        })
    }

    /// The same page with its facts and the ways to the others.
    fn filled(self, Turned { rows, next, .. }: Turned, about: Day, known: Position) -> Self {
        let link = || self.typed.link().at(about, known);
        Self {
            first: if self.typed.before.is_empty() { String::new() } else { link().to_string() },
            next: next.map(|before| link().with("before", before).to_string()).unwrap_or_default(),
            rows,
            ..self
        }
    }

    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }

    fn is_unit(&self, unit: &Unit) -> bool {
        self.typed.unit == unit.id.to_string()
    }
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, known) = ui.clocks(&read).await?;
    let (scope, units, typed) = (ui.scope(LEDGER_READ), Units::load(&read).await?, Typed::of(ui.query()));
    let asked = typed.query(&read, &scope, known).await;
    let page = List::unfilled(&ui, &read, typed, &units).await?;
    match asked {
        Ok(query) => {
            let found = facts(&read, &scope, query, &units, known).await?;
            drop(read);
            ui.note_consents("事实账", &found.used).await?;
            ui.page(&page.filled(found, about, known))
        }
        Err(Error::Invalid(faults)) => ui.refused(&List { faults, ..page }),
        Err(other) => Err(other.into()),
    }
}

/// Another clock means another list, which begins at its beginning.
fn without_cursor(mut cx: Frame) -> Frame {
    cx.keep.retain(|(name, _)| name != "before");
    cx
}

/// Kinds by module, in their order.
pub(super) fn kinds(catalog: &Catalog) -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let mut groups: Vec<(&'static str, Vec<(&'static str, &'static str)>)> = Vec::new();
    for kind in catalog.kinds() {
        let module = catalog.module_label(kind.module);
        let one = (kind.decl.code, kind.decl.label);
        match groups.iter_mut().find(|(label, _)| *label == module) {
            Some((_, members)) => members.push(one),
            None => groups.push((module, vec![one])),
        }
    }
    groups
}

/// One page of facts.
struct Turned {
    rows: Vec<FactRow>,
    /// The position it ends at when there are more.
    next: Option<Position>,
    /// The consents it rests on.
    used: Vec<Used>,
}

async fn facts(read: &Read, scope: &Scope, query: Query, units: &Units, known: Position) -> Result<Turned> {
    let found = browse::list(read, scope, &Query { limit: PAGE as i64 + 1, ..query }).await?;
    let rows: Vec<FactRow> = found.iter().take(PAGE).map(|fact| FactRow::of(fact, units, known, scope)).collect();
    let next = rows.last().filter(|_| found.len() > PAGE).map(|last| last.position);
    let used = consent::behind(read, scope, found.iter().take(PAGE)).await?;
    Ok(Turned { rows, next, used })
}

#[derive(Template)]
#[template(path = "ledger/templates/fact.html")]
struct FactPage {
    cx: Frame,
    fact: FactView,
    uses: Vec<Use>,
    /// The published figures it stands behind.
    moves: Vec<MoveRow>,
    /// The corrections it takes part in.
    corrections: Vec<Corrected>,
    /// Number of the block it is sealed in.
    block: Option<i64>,
    seen: String,
    /// Whether a published figure was signed with it: then it takes two to reverse it.
    is_signed: bool,
    may_reverse: bool,
    may_request: bool,
    may_read_requests: bool,
    reason: String,
    fault: String,
    conflict: String,
}

pub(super) async fn fact(ui: Ui, Path(position): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let position = link::id(&position)?;
    let page = fact_page(&ui, &read, position).await?;
    let used = used_for(&ui, &read, position).await?;
    drop(read);
    ui.note_consents(&format!("事实第 {position} 号"), &used).await?;
    ui.page(&page)
}

/// The consents that showing one fact rests on.
pub(super) async fn used_for(ui: &Ui, read: &Read, position: Position) -> Result<Vec<Used>> {
    let scope = ui.scope(LEDGER_READ);
    let found = browse::find(read, &scope, position).await?;
    Ok(consent::behind(read, &scope, [&found]).await?)
}

async fn fact_page(ui: &Ui, read: &Read, position: Position) -> Result<FactPage> {
    let scope = ui.scope(LEDGER_READ);
    let clocks = ui.clocks(read).await?;
    let found = browse::find(read, &scope, position).await?;
    let reason = match found.reversed_by {
        Some(by) => browse::find(read, &scope, by).await?.reason,
        None => None,
    };
    let used = used_by(read, &found, clocks.0, clocks.1);
    let in_effect = can_be_reversed(&found);
    // Firms and banks read their facts; what a correction would move is the office's matter.
    let concerned = [LEDGER_CORRECT, AMENDMENT_REQUEST, PUBLICATION_READ].iter().any(|p| ui.actor().may(*p));
    let moves = if in_effect && concerned { impact(read, &found, &Proposal::REVERSE).await? } else { Vec::new() };
    Ok(FactPage {
        cx: ui.frame(read).await?,
        block: kernel::seal::covering(read, position).await?.map(|mark| mark.header.number),
        uses: uses(&used, clocks, ui.actor().may(FIGURE_READ)),
        may_reverse: ui.actor().may(LEDGER_CORRECT) && in_effect,
        may_request: ui.actor().may(AMENDMENT_REQUEST) && in_effect,
        seen: seen(&moves)?,
        is_signed: !moves.is_empty() && Published::load(read).await?.rests_on(&found),
        may_read_requests: ui.actor().may(AMENDMENT_READ),
        corrections: corrections(read, &scope, &found).await?,
        moves: moves.iter().map(|m| MoveRow::of(m, ui.actor().may(PUBLICATION_READ))).collect(),
        fact: FactView::of(&found, &Units::load(read).await?, clocks.1, reason, &ui.scope(LEDGER_READ)),
        reason: String::new(),
        fault: String::new(),
        conflict: String::new(),
    })
}

fn can_be_reversed(fact: &Fact) -> bool {
    fact.reverses.is_none() && fact.reversed_by.is_none()
}

#[derive(Deserialize)]
pub(super) struct Correction {
    #[serde(default)]
    reason: String,
    /// The published figures that the person was shown to move.
    #[serde(default)]
    seen: String,
}

pub(super) async fn reverse(
    ui: Ui,
    Path(position): Path<String>,
    web::Posted(typed): web::Posted<Correction>,
) -> Result<Response> {
    let position: Position = link::id(&position)?;
    let scope = ui.scope(LEDGER_CORRECT);
    let mut page = fact_page(&ui, &ui.read().await?, position).await?;
    page.reason = typed.reason;
    // Whoever reverses has seen what it moves in what was published.
    if page.may_reverse && !page.is_signed && typed.seen != page.seen {
        page.conflict = "它会改变的已发布数字与您看到的不同，请核对下面的清单后再确认冲销".to_owned();
        return ui.refused(&page);
    }
    match ui.write(async |tx| actions::reverse(tx, &scope, position, &page.reason).await).await {
        Ok(()) => ui.done(&format!("/facts/{position}"), "已冲销：原事实保留，账上追加了一条反向记录").await,
        Err(Error::Invalid(faults)) => {
            page.fault = faults.at("reason").unwrap_or("请写明冲销原因").to_owned();
            ui.refused(&page)
        }
        Err(Error::Conflict(conflict)) => {
            page.conflict = conflict;
            let mut response = ui.refused(&page)?;
            *response.status_mut() = StatusCode::CONFLICT;
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "ledger/templates/record.html")]
struct RecordPage {
    cx: Frame,
    record: RecordView,
    rows: Vec<FactRow>,
    first: String,
    next: String,
}

/// The facts that cite a record; it may be seen by who may see one of them.
async fn citing(read: &Read, scope: &Scope, record: RecordId) -> Result<Query> {
    let citing = Query { record: Some(record), limit: 1, ..Query::default() };
    if browse::list(read, scope, &citing).await?.is_empty() { Err(Error::NotFound.into()) } else { Ok(citing) }
}

pub(super) async fn record(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let read = ui.read().await?;
    let (scope, record_id) = (ui.scope(LEDGER_READ), link::id::<RecordId>(&id)?);
    let citing = citing(&read, &scope, record_id).await?;
    let (about, known) = ui.clocks(&read).await?;
    let first = format!("/records/{record_id}");
    let before = link::number::<Position>(ui.query(), "before", "翻页位置")
        .map_err(|e| Failure::from(e).from_the_start(first))?;
    let query = Query { before, known: Some(known), ..citing };
    let Turned { rows, next, used } = facts(&read, &scope, query, &Units::load(&read).await?, known).await?;
    let here = || Link::to(format!("/records/{record_id}")).at(about, known);
    let page = RecordPage {
        cx: without_cursor(ui.frame(&read).await?),
        record: RecordView::of(record::find(&read, record_id).await?, read.catalog()),
        rows,
        first: before.map(|_| here().to_string()).unwrap_or_default(),
        next: next.map(|next| here().with("before", next).to_string()).unwrap_or_default(),
    };
    drop(read);
    ui.note_consents(&format!("台账记录第 {record_id} 号"), &used).await?;
    ui.page(&page)
}
