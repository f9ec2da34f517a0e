//! The register of publications: entering one, reading them back, and what re-derivations found.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::drift::Verification;
use super::frozen::{Draft, Note, PublishedFigure, released};
use crate::access::Scope;
use crate::audit::Verb;
use crate::id::{Position, PublicationId};
use crate::indicator::rowset::digest_of_text;
use crate::store::{Read, Row, Tx};
use crate::value::day::Day;
use crate::{Error, Result, args};

/// A publication with all its figures.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Number.
    pub id: PublicationId,
    /// Title of the document.
    pub title: String,
    /// The day it was published.
    pub published_on: Day,
    /// The position its figures were known at.
    pub known: Position,
    /// The document as printed.
    pub body: String,
    /// What the rules said.
    pub notes: Vec<Note>,
    /// SM3 of everything in it.
    pub digest: String,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// By whom.
    pub published_by: String,
    /// Its figures, in order.
    pub figures: Vec<PublishedFigure>,
}

impl Publication {
    /// The digest that its contents have.
    ///
    /// # Errors
    /// [`Error::Internal`] when they cannot be written as text.
    pub(super) fn recomputed_digest(&self) -> Result<String> {
        let text = written(&(
            &self.title,
            self.published_on,
            self.known,
            &self.body,
            &self.notes,
            self.published_at.timestamp_micros(),
            &self.published_by,
            &self.figures,
        ))?;
        Ok(digest_of_text(&text))
    }
}

/// A re-derivation that was done.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Number.
    pub id: i64,
    /// The position that was known.
    pub known: Position,
    /// How many alarms.
    pub alarms: i64,
    /// How many figures have moved.
    pub drifted: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

fn written(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| Error::Internal(e.to_string()))
}

fn parsed<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T> {
    serde_json::from_str(&row.get::<String>(column)?).map_err(|e| Error::Internal(format!("{column}: {e}")))
}

/// Enters a publication: figures frozen and rules checked in a snapshot before, breaks released by whoever acts.
/// `reasons` go by [`Note::key`].
///
/// # Errors
/// [`Error::Invalid`] without a title or figures, and at each break without a reason;
/// [`Error::Conflict`] when the same was published already.
pub async fn enter(
    tx: &Tx,
    draft: &Draft,
    figures: Vec<PublishedFigure>,
    notes: Vec<Note>,
    reasons: &HashMap<String, String>,
) -> Result<PublicationId> {
    if draft.title.trim().is_empty() {
        return Err(Error::invalid("title", "请填写文件标题"));
    }
    if figures.is_empty() {
        return Err(Error::invalid("figures", "文件没有引用任何数字，不需要发布"));
    }
    let by = tx.actor().name.clone();
    let mut publication = Publication {
        id: PublicationId(0),
        title: draft.title.trim().to_owned(),
        published_on: draft.published_on,
        known: draft.known,
        body: draft.body.clone(),
        notes: released(notes, reasons, &by)?,
        digest: String::new(),
        published_at: tx.now(),
        published_by: by,
        figures,
    };
    publication.digest = publication.recomputed_digest()?;
    let p = &publication;
    let id = tx
        .insert((
            "INSERT INTO publication (title, published_on, known, body, notes, digest, published_at, published_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![
                p.title.clone(),
                p.published_on,
                p.known,
                p.body.clone(),
                written(&p.notes)?,
                p.digest.clone(),
                p.published_at,
                p.published_by.clone()
            ],
        ))
        .await
        .map_err(|error| match error {
            Error::Conflict(_) => Error::Conflict("这份文件今天已按同样的时点发布过，没有再发布一次".into()),
            other => other,
        })?;
    tx.act(Verb::PUBLISHED, "publication", id);
    tx.changes("文件", "", &p.title);
    tx.changes("引用的数字", "", &p.figures.len().to_string());
    for figure in &publication.figures {
        enter_figure(tx, id, figure).await?;
    }
    Ok(PublicationId(id))
}

async fn enter_figure(tx: &Tx, id: i64, f: &PublishedFigure) -> Result<()> {
    let kinds: String = f.definition.kinds().iter().map(|k| format!(",{k}")).collect::<String>() + ",";
    tx.run((
        "INSERT INTO publication_figure (publication_id, seq, citation, printed, indicator, version, definition, filter, \
         about, value, row_count, digest, kinds) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        args![
            id,
            f.seq,
            f.citation.clone(),
            f.printed.clone(),
            f.definition.code.clone(),
            i64::from(f.definition.version),
            written(&f.definition)?,
            written(&f.filter)?,
            f.about,
            written(&(&f.number, &f.parts))?,
            f.rows,
            f.digest.clone(),
            kinds
        ],
    ))
    .await?;
    Ok(())
}

/// A publication is about the whole city, and read by who may see the whole city.
pub(super) fn is_visible(scope: &Scope) -> bool {
    *scope == Scope::All
}

pub(super) fn verified(row: &Row) -> Result<Verified> {
    Ok(Verified {
        id: row.get("id")?,
        known: Position(row.get("known")?),
        alarms: row.get("alarms")?,
        drifted: row.get("drifted")?,
        at: row.get("verified_at")?,
        by: row.get("verified_by")?,
    })
}

/// The numbers of all publications, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn ids(read: &Read, scope: &Scope) -> Result<Vec<PublicationId>> {
    if !is_visible(scope) {
        return Ok(Vec::new());
    }
    read.all("SELECT id FROM publication ORDER BY id").await?.iter().map(|r| Ok(PublicationId(r.get("id")?))).collect()
}

/// A publication with its figures.
///
/// # Errors
/// [`Error::NotFound`], also outside the scope.
pub async fn find(read: &Read, scope: &Scope, id: PublicationId) -> Result<Publication> {
    if !is_visible(scope) {
        return Err(Error::NotFound);
    }
    let row = read
        .one((
            "SELECT title, published_on, known, body, notes, digest, published_at, published_by FROM publication WHERE id = $1",
            args![id],
        ))
        .await?;
    let figures = read
        .all((
            "SELECT seq, citation, printed, definition, filter, about, value, row_count, digest FROM publication_figure \
             WHERE publication_id = $1 ORDER BY seq",
            args![id],
        ))
        .await?;
    Ok(Publication {
        id,
        title: row.get("title")?,
        published_on: row.get("published_on")?,
        known: Position(row.get("known")?),
        body: row.get("body")?,
        notes: parsed(&row, "notes")?,
        digest: row.get("digest")?,
        published_at: row.get("published_at")?,
        published_by: row.get("published_by")?,
        figures: figures.iter().map(figure_of).collect::<Result<_>>()?,
    })
}

pub(super) fn figure_of(row: &Row) -> Result<PublishedFigure> {
    let (number, parts) = parsed(row, "value")?;
    Ok(PublishedFigure {
        seq: row.get("seq")?,
        citation: row.get("citation")?,
        printed: row.get("printed")?,
        definition: parsed(row, "definition")?,
        filter: parsed(row, "filter")?,
        about: row.get("about")?,
        number,
        parts,
        rows: row.get("row_count")?,
        digest: row.get("digest")?,
    })
}

/// Writes down what a re-derivation found.
///
/// # Errors
/// As the database says.
pub async fn record_verification(tx: &Tx, id: PublicationId, found: &Verification) -> Result<()> {
    tx.run((
        "INSERT INTO verification (publication_id, known, alarms, drifted, result, verified_at, verified_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![
            id,
            found.known,
            found.alarms.len() as i64,
            found.drifts.len() as i64,
            written(found)?,
            tx.now(),
            tx.actor().name.clone()
        ],
    ))
    .await?;
    tx.act(Verb::VERIFIED, "publication", id.0);
    tx.changes("不能重现", "", &found.alarms.len().to_string());
    tx.changes("有变动", "", &found.drifts.len().to_string());
    Ok(())
}

/// The last re-derivations of a publication, the newest first, and what the newest found.
///
/// # Errors
/// As the database says.
pub async fn verifications(
    read: &Read,
    scope: &Scope,
    id: PublicationId,
) -> Result<(Vec<Verified>, Option<Verification>)> {
    if !is_visible(scope) {
        return Ok((Vec::new(), None));
    }
    let rows = read
        .all((
            "SELECT id, known, alarms, drifted, result, verified_at, verified_by FROM verification \
             WHERE publication_id = $1 ORDER BY id DESC LIMIT 20",
            args![id],
        ))
        .await?;
    let newest = rows.first().map(|row| parsed(row, "result")).transpose()?;
    Ok((rows.iter().map(verified).collect::<Result<_>>()?, newest))
}
