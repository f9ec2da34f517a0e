//! What pages and commands ask for: a template, a dry run, the saving, the taking back.
//!
//! Opening a workbook is work for a thread of its own; the transaction begins when it is read.

use kernel::access::Actor;
use kernel::store::Store;
use kernel::value::day;
use kernel::{Error, Result};
use sheets::{Book, Issued, Limits, Reading, Returned, Template};
use sm3::{Digest, Sm3};

use super::check::{Desk, check};
use super::model::{Done, Import, Mode, Report, What};
use super::{IMPORT, actions, prefill, queries, templates, undo};

/// The SM3 digest of bytes, in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sm3::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A template, prefilled with what the actor may touch: name of the file and content.
///
/// # Errors
/// [`Error::Forbidden`] without the permission of its rows.
pub async fn blank(store: &Store, actor: &Actor, what: What) -> Result<(String, Vec<u8>)> {
    allowed(actor, what)?;
    let scope = actor.scope(what.permission());
    let read = store.read().await?;
    let template = templates::of(&read, what, &scope).await?;
    let rows = prefill::rows(&read, what, &scope).await?;
    let issued = Issued { owner: actor.name.clone(), at: format!("{}，第 {} 号", read.today(), read.head()?) };
    let name = format!("{}-{}.xlsx", what.label(), read.today());
    drop(read);
    Ok((name, off_thread(move || sheets::write(&template, &rows, &issued)).await?))
}

/// Keeps an uploaded workbook once it can be opened and has the head; returns the number of the import.
///
/// # Errors
/// [`Error::Invalid`] at `file` for a file that cannot be read; then nothing is kept.
pub async fn receive(store: &Store, actor: &Actor, what: What, name: &str, bytes: Vec<u8>) -> Result<i64> {
    allowed(actor, what)?;
    let template = {
        let read = store.read().await?;
        templates::of(&read, what, &actor.scope(what.permission())).await?
    };
    let name: String = name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\')).take(120).collect();
    let name = if name.is_empty() { "未命名".to_owned() } else { name };
    let kept = bytes.clone();
    off_thread(move || parse(&bytes, &template)).await?;
    store.write(actor, async |tx| actions::receive(tx, what, &name, &kept).await).await
}

/// Looks a workbook through that is not kept, and marks it on demand; nothing is written at all.
///
/// # Errors
/// As [`receive`].
pub async fn examine(
    store: &Store,
    actor: &Actor,
    what: What,
    bytes: Vec<u8>,
    (overwrite, marked): (bool, bool),
) -> Result<(Report, Option<Returned>)> {
    allowed(actor, what)?;
    let scope = actor.scope(what.permission());
    let template = templates::of(&store.read().await?, what, &scope).await?;
    let (bytes, template, book, reading) = off_thread(move || {
        let (book, reading) = parse(&bytes, &template)?;
        Ok((bytes, template, book, reading))
    })
    .await?;
    let report = {
        let read = store.read().await?;
        check(&Desk { read: &read, scope: &scope, overwrite }, what, &template, reading).await?
    };
    if !marked {
        return Ok((report, None));
    }
    off_thread(move || {
        let returned = sheets::mark(&bytes, &book, &report.reading)?;
        Ok((report, Some(returned)))
    })
    .await
}

/// Looks a workbook through against the store as it is; nothing is written.
///
/// # Errors
/// [`Error::NotFound`] outside the scope.
pub async fn dry_run(store: &Store, actor: &Actor, id: i64, overwrite: bool) -> Result<Report> {
    let (import, _, template, _, reading) = opened(store, actor, id).await?;
    let scope = actor.scope(import.what.permission());
    let read = store.read().await?;
    check(&Desk { read: &read, scope: &scope, overwrite }, import.what, &template, reading).await
}

/// Saves what a workbook says. Over conflicts the sheet wins only if `overwrite` is what [`Report::conflicts`] said of
/// those that were seen; empty lets it win over none.
///
/// # Errors
/// As [`dry_run`], and [`Error::Invalid`] or [`Error::Conflict`] when it cannot be saved; then nothing is.
pub async fn carry_out(store: &Store, actor: &Actor, id: i64, mode: Mode, overwrite: &str) -> Result<Done> {
    let (import, _, template, _, reading) = opened(store, actor, id).await?;
    store.write(actor, async |tx| actions::save(tx, &import, &template, reading, (mode, overwrite)).await).await
}

/// Takes an import back; the answer names what had to be left.
///
/// # Errors
/// [`Error::NotFound`] outside the scope, [`Error::Invalid`] without a reason, [`Error::Conflict`] when there is
/// nothing to take back, [`Error::Forbidden`] without the permission to reverse facts.
pub async fn take_back(store: &Store, actor: &Actor, id: i64, reason: &str) -> Result<Vec<String>> {
    let import = queries::find(&store.read().await?, &actor.scope(IMPORT), id).await?;
    allowed(actor, import.what)?;
    if !actor.may(import.what.undo_permission()) {
        return Err(Error::Forbidden(import.what.undo_permission().0));
    }
    store.write(actor, async |tx| undo::take_back(tx, &import, reason).await).await
}

/// The workbook with its faults marked: name of the file and content.
///
/// # Errors
/// [`Error::NotFound`] outside the scope.
pub async fn returned(store: &Store, actor: &Actor, id: i64) -> Result<(String, Returned)> {
    let (import, bytes, template, book, reading) = opened(store, actor, id).await?;
    let scope = actor.scope(import.what.permission());
    let report = {
        let read = store.read().await?;
        check(&Desk { read: &read, scope: &scope, overwrite: false }, import.what, &template, reading).await?
    };
    let returned = off_thread(move || sheets::mark(&bytes, &book, &report.reading)).await?;
    let stem = import.file_name.rsplit_once('.').map_or(import.file_name.as_str(), |(stem, _)| stem);
    Ok((format!("{stem}-核对.{}", returned.extension), returned))
}

type Opened = (Import, Vec<u8>, Template, Book, Reading);

async fn opened(store: &Store, actor: &Actor, id: i64) -> Result<Opened> {
    let (import, bytes, template) = {
        let read = store.read().await?;
        let import = queries::find(&read, &actor.scope(IMPORT), id).await?;
        allowed(actor, import.what)?;
        let bytes = queries::content(&read, &import.digest).await?;
        let template = templates::of(&read, import.what, &actor.scope(import.what.permission())).await?;
        (import, bytes, template)
    };
    off_thread(move || {
        let (book, reading) = parse(&bytes, &template)?;
        Ok((import, bytes, template, book, reading))
    })
    .await
}

fn parse(bytes: &[u8], template: &Template) -> Result<(Book, Reading)> {
    let book = sheets::open(bytes, &Limits::UPLOAD)?;
    let reading = sheets::read(&book, template)?;
    Ok((book, reading))
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))?
}

fn allowed(actor: &Actor, what: What) -> Result<()> {
    match actor.may(IMPORT) && what.open_to(actor) {
        true => Ok(()),
        false => Err(Error::Forbidden(what.permission().0)),
    }
}

/// The day of an instant, as shown.
pub(super) fn shown(at: chrono::DateTime<chrono::Utc>) -> String {
    let time = at + chrono::TimeDelta::hours(8);
    format!("{} {}", day::today(at), time.format("%H:%M"))
}
