//! The inbox and its settings.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::background::Rhythm;
use kernel::id::NoticeId;
use kernel::notice::{self, Choice, Notice};
use kernel::value::day;
use kernel::{Error, Faults};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui};

use crate::link::{self, Link, asked};

/// Notices of a page.
const PAGE: i64 = 50;

/// A notice in the inbox.
struct Line {
    id: NoticeId,
    title: String,
    /// Lines of more about it.
    body: Vec<String>,
    at: String,
    is_new: bool,
}

impl Line {
    fn of(notice: &Notice) -> Self {
        Self {
            id: notice.id,
            title: notice.title.clone(),
            body: notice.body.lines().map(str::to_owned).collect(),
            at: day::minute(notice.written_at),
            is_new: notice.read_at.is_none(),
        }
    }
}

#[derive(Template)]
#[template(path = "notices/templates/list.html")]
struct Inbox {
    cx: Frame,
    rows: Vec<Line>,
    unread_only: bool,
    /// The newest notice of the page, up to which all can be marked as read.
    newest: i64,
    next: String,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let before = link::number::<NoticeId>(ui.query(), "before", "编号")?;
    let unread_only = asked(ui.query(), "unread") == "1";
    let mut found = notice::list(&read, ui.actor().account, unread_only, before, PAGE + 1).await?;
    let next = link::cut(&mut found, PAGE).map(|last| last.id);
    let only = if unread_only { "1" } else { "" };
    let next = next.map(|id| Link::to("/notices").with("unread", only).with("before", id).to_string());
    ui.page(&Inbox {
        cx: ui.frame(&read).await?,
        rows: found.iter().map(Line::of).collect(),
        unread_only,
        newest: found.first().map_or(0, |one| one.id.0),
        next: next.unwrap_or_default(),
    })
}

pub(super) async fn open(ui: Ui, Path(id): Path<String>) -> Result<Response> {
    let id: NoticeId = link::id(&id)?;
    // Whoever looks through somebody's eyes has not read it for them.
    let href = match ui.is_viewed() {
        true => notice::href(&ui.read().await?, ui.actor().account, id).await?,
        false => notice::open(ui.store(), ui.actor().account, id).await?,
    };
    Ok(Redirect::to(&href).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UpTo {
    newest: String,
}

pub(super) async fn read_all(ui: Ui, Posted(up_to): Posted<UpTo>) -> Result<Response> {
    let newest: NoticeId = link::id(&up_to.newest)?;
    notice::read_all(ui.store(), ui.actor().account, newest).await?;
    ui.done("/notices", "已全部标为已读").await
}

#[derive(Template)]
#[template(path = "notices/templates/settings.html")]
struct Settings {
    cx: Frame,
    form: Typed,
    faults: Faults,
    /// When anything is sent, in words.
    hours: String,
    /// Where these hours come from, while they are to be confirmed.
    unconfirmed: String,
}

impl Settings {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    mail: String,
    phone: String,
    daily: String,
}

async fn settings_page(ui: &Ui, typed: Option<Typed>, faults: Faults) -> Result<Settings> {
    let read = ui.read().await?;
    let rhythm = Rhythm::read(&read).await?;
    let form = match typed {
        Some(typed) => typed,
        None => {
            let chosen = notice::choice(&read, ui.actor().account).await?;
            let daily = if chosen.daily { "1" } else { "" };
            Typed { mail: chosen.mail, phone: chosen.phone, daily: daily.into() }
        }
    };
    let hours = &rhythm.hours;
    Ok(Settings {
        cx: ui.frame(&read).await?,
        form,
        faults,
        hours: format!(
            "工作日 {}—{} 之间发出，其余时间顺延；提醒在 {} 汇总成一条",
            hours.opens.format("%H:%M"),
            hours.closes.format("%H:%M"),
            hours.digest.format("%H:%M")
        ),
        unconfirmed: if rhythm.confirmed { String::new() } else { format!("{}，待确认", rhythm.source) },
    })
}

pub(super) async fn settings(ui: Ui) -> Result<Response> {
    ui.page(&settings_page(&ui, None, Faults::new()).await?)
}

pub(super) async fn choose(ui: Ui, Posted(typed): Posted<Typed>) -> Result<Response> {
    let chosen = Choice { mail: typed.mail.clone(), phone: typed.phone.clone(), daily: typed.daily == "1" };
    match ui.write(async |tx| notice::choose(tx, &chosen).await).await {
        Ok(()) => ui.done("/notices/settings", "已保存").await,
        Err(Error::Invalid(faults)) => ui.refused(&settings_page(&ui, Some(typed), faults).await?),
        Err(other) => Err(other.into()),
    }
}
