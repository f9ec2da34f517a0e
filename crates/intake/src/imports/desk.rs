//! What pages and commands ask for: a template, a dry run, the saving, the taking back.
//!
//! Opening a workbook is work for a thread of its own; the transaction begins when it is read.

use kernel::access::Actor;
use kernel::store::{Read, Store, Tx};
use kernel::{Error, Result};
use sheets::{Book, Issued, Limits, Mapping, Returned, Template};
use sm3::{Digest, Sm3};

use super::check::{Desk, Seen, check};
use super::known::Known;
use super::mapping;
use super::model::{Done, Import, Mode, Report, What};
use super::peers::Peers;
use super::stretches::{Progress, Stretches, parted};
use super::work::LONG;
use super::{IMPORT, actions, prefill, queries, templates, undo};

/// The SM3 digest of bytes, in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sm3::digest(bytes))
}

/// Bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A template, prefilled with what the actor may touch: name of the file and content.
///
/// # Errors
/// [`Error::Forbidden`] without the permission of its rows.
pub async fn blank(store: &Store, actor: &Actor, what: What) -> Result<(String, Vec<u8>)> {
    blank_for(store, actor, what, None).await
}

/// As [`blank`], with the yearly figures of this year.
///
/// # Errors
/// As [`blank`].
pub async fn blank_for(store: &Store, actor: &Actor, what: What, year: Option<i32>) -> Result<(String, Vec<u8>)> {
    allowed(actor, what)?;
    let scope = actor.scope(what.permission());
    let read = store.read().await?;
    let template = templates::of(&read, what, &scope).await?;
    let rows = prefill::rows(&read, what, &scope, year).await?;
    let owner = match i64::try_from(rows.len()).is_ok_and(|rows| rows < prefill::PREFILLED) {
        true => actor.name.clone(),
        false => format!("{}（现有内容过多，只填了前 {} 行）", actor.name, rows.len()),
    };
    let issued = Issued { owner, at: format!("{}，第 {} 号", read.today(), read.head()?) };
    let name = format!("{}-{}.xlsx", what.label(), read.today());
    drop(read);
    Ok((name, off_thread(move || sheets::write(&template, &rows, &issued)).await?))
}

/// What was kept of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    pub id: i64,
    /// Whether its heads are known; else somebody has to say which column is which.
    pub is_known: bool,
}

/// Keeps an uploaded workbook once it can be opened and has the head, or heads that this sender has described;
/// returns the number of the import.
///
/// # Errors
/// [`Error::Invalid`] at `file` for a file that cannot be read; then nothing is kept.
pub async fn receive(store: &Store, actor: &Actor, what: What, name: &str, bytes: Vec<u8>) -> Result<i64> {
    Ok(keep(store, actor, what, (name, bytes), None, false).await?.id)
}

/// As [`receive`], read by what is said here about its columns; that is remembered for this sender.
///
/// # Errors
/// As [`receive`], and [`Error::Invalid`] for a mapping that no workbook can be read by.
pub async fn receive_mapped(
    store: &Store,
    actor: &Actor,
    what: What,
    (name, bytes): (&str, Vec<u8>),
    said: &Mapping,
) -> Result<i64> {
    Ok(keep(store, actor, what, (name, bytes), Some(said), false).await?.id)
}

/// Keeps an upload; with `foreign` also one whose heads nobody has described yet, if it has any.
///
/// # Errors
/// As [`receive`].
pub(super) async fn keep(
    store: &Store,
    actor: &Actor,
    what: What,
    (name, bytes): (&str, Vec<u8>),
    said: Option<&Mapping>,
    foreign: bool,
) -> Result<Kept> {
    allowed(actor, what)?;
    let template = template_for(&store.read().await?, actor, what).await?;
    let name: String = name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\')).take(120).collect();
    let name = if name.is_empty() { "未命名".to_owned() } else { name };
    // A short file is read whole before it is kept; of a long one the first rows have to do.
    let (bytes, book) = match i64::try_from(bytes.len()).is_ok_and(|size| size <= LONG) {
        true => whole(bytes).await?,
        false => glanced(bytes).await?,
    };
    let saved = match said {
        Some(_) => None,
        None => mapping::find(&store.read().await?, actor, what, &sheets::candidates(&book)).await?,
    };
    let mapping = match (said, &saved) {
        (Some(said), _) => said.clone(),
        (None, Some(saved)) => Mapping::of_toml(&saved.columns)?,
        (None, None) => Mapping::default(),
    };
    let heads = sheets::read(&book, &template, &mapping);
    let is_known = heads.is_ok();
    if let Err(error) = heads
        && !(foreign && is_foreign(&book) && sheets::foreign(&book, &template, None).is_some())
    {
        return Err(error);
    }
    let (columns, columns_at) = (mapping.to_toml(), saved.map(|saved| saved.saved_at));
    let id = store
        .write(actor, async |tx| {
            if let Some(said) = said {
                mapping::remember(tx, &template, said, &name).await?;
            }
            actions::receive(tx, what, &name, &bytes, (&columns, columns_at)).await
        })
        .await?;
    Ok(Kept { id, is_known })
}

/// Whether a workbook is of nobody's template: one of ours has heads of ours, whatever was done to them.
fn is_foreign(book: &Book) -> bool {
    !book.pages.iter().any(|page| page.name.starts_with("_qishu"))
}

/// Looks a workbook through that is not kept, and marks it on demand; nothing is written at all.
///
/// # Errors
/// As [`receive`].
pub async fn examine(
    store: &Store,
    actor: &Actor,
    what: What,
    (bytes, said): (Vec<u8>, Option<&Mapping>),
    (overwrite, marked): (bool, bool),
) -> Result<(Report, Option<Returned>)> {
    allowed(actor, what)?;
    let (mut bytes, mut mapping) = (bytes, said.cloned().unwrap_or_default());
    if said.is_none() {
        let (whole, book) = glanced(bytes).await?;
        let saved = mapping::find(&store.read().await?, actor, what, &sheets::candidates(&book)).await?;
        mapping = saved.map_or(Ok(mapping), |saved| Mapping::of_toml(&saved.columns))?;
        bytes = whole;
    }
    let template = template_for(&store.read().await?, actor, what).await?;
    let kept = if marked { bytes.clone() } else { Vec::new() };
    let stretches = Stretches::read(bytes, template.clone(), mapping);
    let report = look_through(store, actor, what, &template, stretches, overwrite, &Progress::default()).await?;
    if !marked {
        return Ok((report, None));
    }
    off_thread(move || {
        let returned = sheets::mark(&kept, &report.reading)?;
        Ok((report, Some(returned)))
    })
    .await
}

/// Looks a workbook through against the store as it is; nothing is written.
///
/// # Errors
/// [`Error::NotFound`] outside the scope.
pub async fn dry_run(store: &Store, actor: &Actor, id: i64, overwrite: bool) -> Result<Report> {
    looked_at(store, actor, id, overwrite, &Progress::default()).await
}

/// As [`dry_run`], telling how far it has come and stopping when it is asked to.
pub(super) async fn looked_at(
    store: &Store,
    actor: &Actor,
    id: i64,
    overwrite: bool,
    progress: &Progress,
) -> Result<Report> {
    let opened = opened(store, actor, id).await?;
    let stretches = Stretches::read(opened.bytes, opened.template.clone(), opened.mapping);
    look_through(store, actor, opened.import.what, &opened.template, stretches, overwrite, progress).await
}

async fn look_through(
    store: &Store,
    actor: &Actor,
    what: What,
    template: &Template,
    mut stretches: Stretches,
    overwrite: bool,
    progress: &Progress,
) -> Result<Report> {
    let scope = actor.scope(what.permission());
    let read = store.read().await?;
    let peers = Peers::load(&read, what).await?;
    let (mut report, mut seen) = (Report::default(), Seen::new());
    while let Some(next) = stretches.next().await? {
        let (reading, last) = parted(next);
        progress.add(reading.rows.len())?;
        let known = Known::load(&read, &scope, what, &reading).await?;
        let desk = Desk { read: &read, scope: &scope, overwrite, known, peers: &peers };
        report.take_in(&mut check(&desk, what, template, reading, &mut seen).await?);
        last.into_iter().for_each(|last| report.end(last));
    }
    Ok(report)
}

/// Saves what a workbook says. Over conflicts the sheet wins only if `overwrite` is what [`Report::conflicts`] said of
/// those that were seen; empty lets it win over none.
///
/// # Errors
/// As [`dry_run`], and [`Error::Invalid`] or [`Error::Conflict`] when it cannot be saved; then nothing is.
pub async fn carry_out(store: &Store, actor: &Actor, id: i64, mode: Mode, overwrite: &str) -> Result<Done> {
    Ok(carry_out_told(store, actor, id, mode, overwrite).await?.0)
}

/// As [`carry_out`], with what was found on the way.
///
/// # Errors
/// As [`carry_out`].
pub async fn carry_out_told(
    store: &Store,
    actor: &Actor,
    id: i64,
    mode: Mode,
    overwrite: &str,
) -> Result<(Done, Report)> {
    saved(store, actor, id, (mode, overwrite), &Progress::default(), async |_| Ok(())).await
}

/// As [`carry_out`], telling how far it has come and stopping when it is asked to; `last` is done in the same act.
pub(super) async fn saved(
    store: &Store,
    actor: &Actor,
    id: i64,
    how: (Mode, &str),
    progress: &Progress,
    last: impl AsyncFnOnce(&Tx) -> Result<()>,
) -> Result<(Done, Report)> {
    let Opened { import, bytes, template, mapping } = opened(store, actor, id).await?;
    let mut stretches = Stretches::read(bytes, template.clone(), mapping);
    store
        .write(actor, async |tx| {
            let done = actions::save(tx, &import, &template, &mut stretches, how, progress).await?;
            last(tx).await?;
            Ok(done)
        })
        .await
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
    let report = dry_run(store, actor, id, false).await?;
    let Opened { import, bytes, .. } = opened(store, actor, id).await?;
    let returned = off_thread(move || sheets::mark(&bytes, &report.reading)).await?;
    let stem = import.file_name.rsplit_once('.').map_or(import.file_name.as_str(), |(stem, _)| stem);
    Ok((format!("{stem}-核对.{}", returned.extension), returned))
}

/// An import with its file.
pub(super) struct Opened {
    pub import: Import,
    pub bytes: Vec<u8>,
    pub template: Template,
    pub mapping: Mapping,
}

/// An import with its file, its template and what was said of its columns.
///
/// # Errors
/// [`Error::NotFound`] outside the scope, [`Error::Forbidden`] without the permission of its rows.
pub(super) async fn opened(store: &Store, actor: &Actor, id: i64) -> Result<Opened> {
    let read = store.read().await?;
    let import = queries::find(&read, &actor.scope(IMPORT), id).await?;
    allowed(actor, import.what)?;
    let bytes = queries::content(&read, &import.digest).await?;
    let template = template_for(&read, actor, import.what).await?;
    let mapping = Mapping::of_toml(&import.columns)?;
    Ok(Opened { import, bytes, template, mapping })
}

/// The template of a kind of import as an actor fills it in.
///
/// # Errors
/// As the database says.
pub(super) async fn template_for(read: &Read, actor: &Actor, what: What) -> Result<Template> {
    templates::of(read, what, &actor.scope(what.permission())).await
}

/// The first rows of each page, and the file again.
///
/// # Errors
/// [`Error::Invalid`] at `file` for a file that cannot be opened.
pub(super) async fn glanced(bytes: Vec<u8>) -> Result<(Vec<u8>, Book)> {
    off_thread(move || {
        let book = sheets::glance(&bytes, &Limits::UPLOAD)?;
        Ok((bytes, book))
    })
    .await
}

/// A workbook, and the file again.
async fn whole(bytes: Vec<u8>) -> Result<(Vec<u8>, Book)> {
    off_thread(move || {
        let book = sheets::open(&bytes, &Limits::UPLOAD)?;
        Ok((bytes, book))
    })
    .await
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))?
}

/// Whether an actor may import such rows.
///
/// # Errors
/// [`Error::Forbidden`].
pub(super) fn allowed(actor: &Actor, what: What) -> Result<()> {
    match actor.may(IMPORT) && what.open_to(actor) {
        true => Ok(()),
        false => Err(Error::Forbidden(what.permission().0)),
    }
}
