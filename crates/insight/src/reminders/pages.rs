//! Pages of reminders.

use askama::Template;
use axum::response::Response;
use chrono::TimeDelta;
use kernel::Error;
use kernel::case::{self, Flow};
use web::{Frame, Result, Ui};

use super::view::{Row, Rung, rows, rungs};
use crate::cases::{DeskLine, newest};
use crate::link::{self, asked};

/// How far back effects are counted, in days.
const DAYS: i64 = 90;
/// Steps looked at at most; a page says when there are more.
const MOST: i64 = 20_000;

#[derive(Template)]
#[template(path = "reminders/templates/effect.html")]
struct EffectPage {
    cx: Frame,
    days: i64,
    /// Flows the reader may list: code, label, chosen.
    flows: Vec<(&'static str, &'static str, bool)>,
    flow: &'static str,
    rungs: Vec<Rung>,
    rows: Vec<Row>,
}

pub(super) async fn effect(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let readable: Vec<&'static Flow> = newest(&read).into_iter().filter(|flow| ui.actor().may(flow.read)).collect();
    let wanted = asked(ui.query(), "flow");
    let chosen = readable.iter().find(|f| f.code == wanted).or(readable.first().filter(|_| wanted.is_empty()));
    let flow: &'static Flow = chosen.copied().ok_or(Error::NotFound)?;
    let since = read.now() - TimeDelta::days(DAYS);
    let stays = case::reminded(&read, &ui.scope(flow.read), flow.code, since, MOST).await?;
    let rung = link::number::<i64>(ui.query(), "rung", "级别")?.unwrap_or(0);
    let step = (asked(ui.query(), "clock"), rung);
    ui.page(&EffectPage {
        cx: ui.frame(&read).await?,
        days: DAYS,
        flows: readable.iter().map(|f| (f.code, f.label, f.code == flow.code)).collect(),
        flow: flow.code,
        rungs: rungs(&stays, step),
        rows: rows(&stays, step),
    })
}

#[derive(Template)]
#[template(path = "reminders/templates/mine.html")]
struct Mine {
    cx: Frame,
    rows: Vec<DeskLine>,
}

pub(super) async fn mine(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let found = case::told_me(&read, ui.actor(), 200).await?;
    let rows = found.iter().map(|case| DeskLine::of(case, read.today())).collect();
    ui.page(&Mine { cx: ui.frame(&read).await?, rows })
}
