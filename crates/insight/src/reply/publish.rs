//! The letter as a draft to publish: what is printed, which figures it cites, and what the rules say about them.

use std::collections::BTreeMap;

use kernel::access::Scope;
use kernel::id::Position;
use kernel::indicator::Filter;
use kernel::publication::{self, Cited, Draft, Note, PublishedFigure};
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::{Error, Result};

use super::citation::{City, Segment};
use super::cited::{Cited as Answered, cited};
use crate::publications::letter::{Letter, Paragraph, Piece};

/// A draft with its figures frozen and its rules checked, ready to be entered.
pub struct Prepared {
    /// The draft.
    pub draft: Draft,
    /// Its figures.
    pub figures: Vec<PublishedFigure>,
    /// What the rules say.
    pub notes: Vec<Note>,
    /// The letter as it is printed.
    pub(crate) letter: Letter,
}

/// Prepares the letter as it reads at `known`.
///
/// # Errors
/// [`Error::Conflict`] naming what is worded against the ledger: that is mended before anything is signed.
pub async fn prepare(read: &Read, city: &City, published_on: Day, known: Position) -> Result<Prepared> {
    let answered = cited(read, city, &Scope::All, known).await?;
    let mut wrong: Vec<String> = Vec::new();
    let mut words = |found: &Answered<'_>, phrase: Option<&str>| {
        let (words, warning) = found.words(phrase);
        if !warning.is_empty() && !wrong.contains(&warning) {
            wrong.push(warning);
        }
        words
    };
    let mut paragraphs = Vec::new();
    // What the letter prints for a citation, where it first does.
    let mut printed: BTreeMap<&str, String> = BTreeMap::new();
    for block in &city.reply.blocks {
        let mut pieces = Vec::new();
        for segment in &block.segments {
            pieces.push(match segment {
                Segment::Text(text) => Piece::Words(text.clone()),
                Segment::Figure { id, phrase } => {
                    let found = answered.get(id.as_str()).ok_or_else(|| unknown(id))?;
                    let text = words(found, phrase.as_deref()).text("");
                    printed.entry(id).or_insert_with(|| text.clone());
                    Piece::Figure { citation: id.clone(), text }
                }
            });
        }
        paragraphs.push(Paragraph { kind: block.kind, pieces });
    }
    let mut figures = Vec::new();
    // Only what the letter prints is published; the list also holds figures that it does not cite.
    for def in &city.figures {
        let Some(printed) = printed.get(def.id.as_str()) else { continue };
        figures.extend(def.indicators.iter().map(|indicator| Cited {
            citation: def.id.clone(),
            printed: printed.clone(),
            indicator: indicator.clone(),
            about: def.about,
            filter: Filter::default(),
        }));
    }
    if !wrong.is_empty() {
        return Err(Error::Conflict(format!("有表述与账上不符，请先改正再发布：{}", wrong.join("；"))));
    }
    let letter = Letter { front: city.reply.front.clone(), paragraphs };
    let body = serde_json::to_string(&letter).map_err(|e| Error::Internal(e.to_string()))?;
    let draft = Draft { title: city.reply.front.title.clone(), published_on, known, body, figures };
    let figures = publication::freeze(read, &draft).await?;
    let notes = publication::reconciled(read, &draft).await?;
    Ok(Prepared { draft, figures, notes, letter })
}

fn unknown(id: &str) -> Error {
    Error::Conflict(format!("文中引用了清单里没有的数字 {id}"))
}
