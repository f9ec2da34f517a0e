//! An action on many cases: choosing, looking at what it would do, asking for it, following it, taking it back.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::access::Actor;
use kernel::case::{self, Action, Bulk, BulkRow, BulkState, By, Counted, Flow, MOST_AT_ONCE, Values, Way};
use kernel::id::{BulkId, CaseId};
use kernel::list::{self, List};
use kernel::store::Read;
use kernel::value::day;
use kernel::{Error, Faults};
use web::{Frame, Posted, Result, Ui};

use super::list::{chosen, list_of};
use super::model::Typed;
use super::view::{Input, inputs, note};
use crate::link::{self, Link};

/// Rows of a page.
const PAGE: i64 = 200;
/// Bulks of the page of one's own.
const LISTED: i64 = 50;

/// Actions of a flow that an actor could do to many, wherever they are possible.
pub(super) fn actions(actor: &Actor, flow: &'static Flow) -> Vec<(&'static str, &'static str)> {
    let opens = flow.opening().is_some_and(|action| matches!(action.by, By::May(p) if actor.may(p)));
    let may = |by: By| match by {
        By::May(permission) | By::Counterparty(permission) => actor.may(permission),
        By::Opener => opens,
    };
    // The other side is chosen case by case.
    let other = flow.counterparty().map_or("", |(field, _)| field);
    let chooses = |action: &Action| action.fills.iter().any(|fill| fill.field == other);
    let many = flow.actions.iter().filter(|action| !action.from.is_empty() && may(action.by) && !chooses(action));
    many.map(|action| (action.code, action.label)).collect()
}

/// What is chosen, as posted.
#[derive(Debug, Default)]
struct Choice {
    flow: String,
    query: String,
    which: String,
    codes: String,
    action: String,
    ids: Vec<CaseId>,
}

impl Choice {
    fn of(fields: Vec<(String, String)>) -> Self {
        let mut choice = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "flow" => choice.flow = value,
                "query" => choice.query = value,
                "which" => choice.which = value,
                "codes" => choice.codes = value,
                "action" => choice.action = value,
                "id" => choice.ids.extend(value.parse::<CaseId>()),
                _ => {}
            }
        }
        choice
    }
}

pub(super) async fn draft(ui: Ui, Posted(fields): Posted<Vec<(String, String)>>) -> Result<Response> {
    let choice = Choice::of(fields);
    let read = ui.read().await?;
    let flow = chosen(&ui, &read, &choice.flow)?;
    let back = format!("/cases?{}", choice.query);
    if !actions(ui.actor(), flow).iter().any(|(code, _)| *code == choice.action) {
        return Err(web::Failure::from(Error::invalid("action", "请选择要办什么")).way(back, "回到列表"));
    }
    let meant = meant(&ui, &read, flow, &choice).await;
    drop(read);
    let (ids, words) = meant.map_err(|e| e.way(back.clone(), "回到列表"))?;
    let drafted = ui.write(async |tx| case::draft(tx, flow.code, &choice.action, &ids, &words).await).await;
    let id = drafted.map_err(|e| web::Failure::from(e).way(back, "回到列表"))?;
    Ok(axum::response::IntoResponse::into_response(axum::response::Redirect::to(&format!("/bulks/{id}"))))
}

/// The cases that are meant, and how they were chosen in words.
async fn meant(ui: &Ui, read: &Read, flow: &'static Flow, choice: &Choice) -> Result<(Vec<CaseId>, String)> {
    let scope = ui.scope(flow.read);
    let list: List = list_of(ui, read, flow).await?;
    match choice.which.as_str() {
        "all" => {
            let pairs: Vec<(String, String)> = serde_html_form::from_str(&choice.query).unwrap_or_default();
            let asked = list.asked(&pairs, &|p| ui.actor().may(p))?;
            let ids = list::ids(read, &list, &scope, &asked, MOST_AT_ONCE).await?;
            Ok((ids.into_iter().map(CaseId).collect(), format!("符合筛选的全部（{}）", told(&asked.typed))))
        }
        "codes" => {
            let codes: Vec<String> = choice.codes.split_whitespace().map(str::to_uppercase).collect();
            if codes.len() as i64 > MOST_AT_ONCE {
                return Err(Error::invalid("codes", format!("一次最多 {MOST_AT_ONCE} 个信用代码")).into());
            }
            let (ids, unknown) = case::running_of_codes(read, &scope, flow.code, &codes).await?;
            let mut words = format!("粘贴的 {} 个信用代码", codes.len());
            if !unknown.is_empty() {
                let named: Vec<&str> = unknown.iter().take(10).map(String::as_str).collect();
                words.push_str(&format!("，其中 {} 个没有在办的件：{}", unknown.len(), named.join("、")));
                words.push_str(if unknown.len() > named.len() { " 等" } else { "" });
            }
            Ok((ids, words))
        }
        _ => Ok((choice.ids.clone(), format!("勾选的 {} 件", choice.ids.len()))),
    }
}

fn told(typed: &[(String, String)]) -> String {
    let words: Vec<String> = typed.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if words.is_empty() { "未筛选".to_owned() } else { words.join("，") }
}

#[derive(Template)]
#[template(path = "cases/templates/bulk.html")]
struct BulkPage {
    cx: Frame,
    bulk: Bulk,
    counted: Counted,
    rows: Vec<BulkRow>,
    way: &'static str,
    next: String,
    inputs: Vec<Input>,
    note: Input,
    asked_at: String,
    undo_until: String,
    conflict: String,
}

impl BulkPage {
    fn is_draft(&self) -> bool {
        self.bulk.state == BulkState::Draft
    }

    fn is_running(&self) -> bool {
        self.bulk.state == BulkState::Running
    }

    /// How much of it has its answer, in percent.
    fn percent(&self) -> i64 {
        let answered = self.counted.done + self.counted.refused;
        answered * 100 / (answered + self.counted.hopeful + self.counted.hopeless).max(1)
    }
}

fn way_of(code: &str, state: BulkState) -> (Way, &'static str) {
    match (code, state) {
        ("hopeless", BulkState::Draft) => (Way::Hopeless, "hopeless"),
        (_, BulkState::Draft) => (Way::Hopeful, "hopeful"),
        ("done", _) => (Way::Done, "done"),
        _ => (Way::Refused, "refused"),
    }
}

async fn page(ui: &Ui, id: BulkId, typed: Option<&Typed>, faults: &Faults) -> Result<BulkPage> {
    let read = ui.read().await?;
    let bulk = case::find_bulk(&read, ui.actor(), id).await?;
    let (way, code) = way_of(link::asked(ui.query(), "rows"), bulk.state);
    let after = link::number::<CaseId>(ui.query(), "after", "翻页位置")?.unwrap_or(CaseId(0));
    let mut rows = case::list_rows(&read, ui.actor(), &bulk, way, after, PAGE + 1).await?;
    let next = link::cut(&mut rows, PAGE)
        .map(|last| Link::to(format!("/bulks/{id}")).with("rows", code).with("after", last.case).to_string());
    let now = read.now();
    Ok(BulkPage {
        cx: ui.frame(&read).await?,
        counted: bulk.count(&read).await?,
        next: next.unwrap_or_default(),
        way: code,
        rows,
        inputs: inputs((bulk.flow, bulk.action), &Values::new(), &[], typed, faults),
        note: note(bulk.action, typed, faults),
        asked_at: day::minute(bulk.asked_at),
        undo_until: bulk.undo_until().filter(|until| *until > now).map(day::minute).unwrap_or_default(),
        conflict: String::new(),
        bulk,
    })
}

pub(super) async fn show(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    ui.page(&page(&ui, link::id(&id)?, None, &Faults::new()).await?)
}

pub(super) async fn start(
    ui: Ui,
    Path(id): Path<String>,
    Posted(fields): Posted<Vec<(String, String)>>,
) -> Result<Response> {
    let id: BulkId = link::id(&id)?;
    let typed = Typed::of(fields);
    match ui.write(async |tx| case::start(tx, id, &typed.values, &typed.note).await).await {
        Ok(()) => ui.done(&format!("/bulks/{id}"), "已开始批量办理，可以离开本页，办完后在这里看结果").await,
        Err(Error::Invalid(faults)) => ui.refused(&page(&ui, id, Some(&typed), &faults).await?),
        Err(Error::Conflict(conflict)) => {
            ui.refused(&BulkPage { conflict, ..page(&ui, id, Some(&typed), &Faults::new()).await? })
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn undo(ui: Ui, Path(id): Path<String>, Posted(_): Posted<Vec<(String, String)>>) -> Result<Response> {
    let id: BulkId = link::id(&id)?;
    match ui.write(async |tx| case::undo(tx, id).await).await {
        Ok(back) => ui.done(&format!("/bulks/{back}"), "请核对要撤销的件，再确认").await,
        Err(Error::Conflict(conflict)) => {
            ui.refused(&BulkPage { conflict, ..page(&ui, id, None, &Faults::new()).await? })
        }
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "cases/templates/bulks.html")]
struct BulksPage {
    cx: Frame,
    /// A bulk, when it was asked for, how it stands.
    rows: Vec<(Bulk, String, Counted)>,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let mut rows = Vec::new();
    for bulk in case::list_bulks(&read, ui.actor(), LISTED).await? {
        let counted = bulk.count(&read).await?;
        rows.push((bulk.clone(), day::minute(bulk.asked_at), counted));
    }
    ui.page(&BulksPage { cx: ui.frame(&read).await?, rows })
}
