//! Saying which column of a workbook is which of ours (认列): for an import, for a remembered mapping, for a command.
//!
//! Never reads rows: what is said here is what they are read by.

use kernel::access::Actor;
use kernel::audit::Verb;
use kernel::store::Store;
use kernel::{Error, Result};
use sheets::{Foreign, Mapping, Template};

use super::desk::{Opened, allowed, glanced, opened, template_for};
use super::mapping::{self, Saved};
use super::model::{Import, What};

/// Reads what is said about columns in a file that a person has written: a column of ours by its name or its head.
///
/// # Errors
/// [`Error::Invalid`] at `file` or at the head that is wrong; [`Error::Forbidden`] as [`blank`].
pub async fn described(store: &Store, actor: &Actor, what: What, text: &str) -> Result<Mapping> {
    allowed(actor, what)?;
    let template = template_for(&store.read().await?, actor, what).await?;
    let mapping = Mapping::of_toml(text)?.resolved(&template);
    mapping.check(&template)?;
    Ok(mapping)
}

/// The columns of an import as they stand in its workbook, with what has been said of them or is guessed.
pub(super) struct Columns {
    pub import: Import,
    pub template: Template,
    pub foreign: Foreign,
    pub mapping: Mapping,
    /// Names of its pages, and the rows of the shown one that may be a head.
    pub pages: Vec<String>,
}

/// The columns of an import; `at` says on which page and in which row the head stands, where a person has said so.
///
/// # Errors
/// [`Error::NotFound`] outside the scope, or for a page or row that is not there.
pub(super) async fn columns(store: &Store, actor: &Actor, id: i64, at: Option<(&str, u32)>) -> Result<Columns> {
    let Opened { import, bytes, template, mapping } = opened(store, actor, id).await?;
    let (_, book) = glanced(bytes).await?;
    let foreign = sheets::foreign(&book, &template, at).ok_or(Error::NotFound)?;
    let pages = book.pages.iter().filter(|page| !page.hidden && !page.rows.is_empty());
    let pages = pages.map(|page| page.name.clone()).collect();
    let mapping = foreign.mapping(&mapping);
    Ok(Columns { import, template, foreign, mapping, pages })
}

/// Reads an import by what is said about its columns, and remembers it for this sender.
///
/// # Errors
/// [`Error::Invalid`] with every fault at the head it is about; [`Error::Conflict`] when it is saved already.
pub(super) async fn describe(store: &Store, actor: &Actor, import: &Import, mapping: &Mapping) -> Result<()> {
    let template = template_for(&store.read().await?, actor, import.what).await?;
    store
        .write(actor, async |tx| {
            tx.act(Verb::COLUMNS_DESCRIBED, "import", import.id);
            mapping::remember(tx, &template, mapping, &import.file_name).await?;
            mapping::apply(tx, import.id, mapping).await
        })
        .await
}

/// Changes what a sender has said before.
///
/// # Errors
/// As [`describe`].
pub(super) async fn redescribe(store: &Store, actor: &Actor, saved: &Saved, mapping: &Mapping) -> Result<()> {
    let template = template_for(&store.read().await?, actor, saved.what).await?;
    store
        .write(actor, async |tx| {
            tx.act(Verb::COLUMNS_DESCRIBED, "mapping", saved.id);
            mapping::remember(tx, &template, mapping, &saved.file_name).await
        })
        .await
}
