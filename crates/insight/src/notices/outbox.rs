//! How deliveries went, for those who run the platform: whom, when, what the receiver said; never what was written.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::Error;
use kernel::notice::{self, Delivery, DeliveryState};
use kernel::value::day;
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use crate::link::{self, Link, asked};

/// Deliveries of a page.
const PAGE: i64 = 50;

/// A delivery in the list.
struct Line {
    id: i64,
    channel: &'static str,
    person: String,
    written: String,
    attempts: i64,
    /// When it was sent, given up, or comes next.
    at: String,
    answer: String,
}

impl Line {
    fn of(one: &Delivery) -> Self {
        let at = match one.ended_at {
            Some(at) => day::minute(at),
            None => format!("下次 {}", day::minute(one.next_at)),
        };
        Self {
            id: one.id,
            channel: if one.channel == "mail" { "邮件" } else { "短信、即时消息" },
            person: format!("{}（{}）", one.name, one.login),
            written: day::minute(one.written_at),
            attempts: one.attempts,
            at,
            answer: one.answer.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "notices/templates/outbox.html")]
struct Outbox {
    cx: Frame,
    state: DeliveryState,
    /// State, how many, whether it is the one shown.
    states: Vec<(DeliveryState, i64, bool)>,
    rows: Vec<Line>,
    next: String,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let counted = notice::counted(&read).await?;
    let failed = counted.iter().any(|(state, n)| *state == DeliveryState::Failed && *n > 0);
    let first = if failed { DeliveryState::Failed } else { DeliveryState::Waiting };
    let state = match asked(ui.query(), "state") {
        "" => first,
        code => DeliveryState::parse(code).ok_or_else(|| Error::invalid("state", "没有这种状态"))?,
    };
    let before = link::number::<i64>(ui.query(), "before", "编号")?;
    let mut found = notice::deliveries(&read, state, before, PAGE + 1).await?;
    let next = link::cut(&mut found, PAGE).map(|last| last.id);
    let next = next.map(|id| Link::to("/outbox").with("state", state.code()).with("before", id).to_string());
    ui.page(&Outbox {
        cx: ui.frame(&read).await?,
        state,
        states: counted.into_iter().map(|(each, n)| (each, n, each == state)).collect(),
        rows: found.iter().map(Line::of).collect(),
        next: next.unwrap_or_default(),
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Nothing {}

pub(super) async fn again(ui: Ui, Path(id): Path<String>, Posted(Nothing {}): Posted<Nothing>) -> Result<Response> {
    let id: i64 = link::id(&id)?;
    ui.write(async |tx| notice::send_again(tx, id).await).await?;
    ui.done("/outbox", "已排入发送").await
}
