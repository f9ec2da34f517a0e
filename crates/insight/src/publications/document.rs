//! A publication as a document: what was printed, with where each figure comes from. Out of what was frozen alone,
//! so that it reads the same at any time.

use documents::card::Card;
use documents::{Block, Document, Head, Heading, Inline, Layout, Source, typed_heading};
use kernel::indicator::number_text;
use kernel::publication::{Note, Publication, PublishedFigure};
use kernel::value;

use super::letter::{Letter, Paragraph, Piece};

/// The document that was published.
pub fn document(publication: &Publication) -> Document {
    let mut kept = kept(&publication.body);
    if kept.head.title.is_empty() {
        kept.head.title.clone_from(&publication.title);
    }
    let dated = value::day::chinese(publication.published_on);
    let card = Card::new(publication.id.0, publication.digest.clone(), publication.title.clone());
    let mut made = assembled(kept, &publication.figures, &publication.notes, Some(publication.id.0));
    if made.head.dated.is_empty() {
        made.head.dated = dated;
    }
    made.card = Some(card);
    made
}

/// What a body holds: a letter of the reply, a document as modules write them, or plain text.
fn kept(body: &str) -> Document {
    if let Ok(letter) = serde_json::from_str::<Letter>(body) {
        return of_letter(&letter);
    }
    if let Ok(document) = serde_json::from_str(body) {
        return document;
    }
    // Anything else was text.
    let paragraph = |line: &str| Block::Paragraph(vec![Inline::Text(line.to_owned())]);
    let blocks = body.lines().filter(|line| !line.trim().is_empty()).map(paragraph).collect();
    Document { blocks, ..Document::default() }
}

/// A document with its figures and the breaks that were let pass; `id` of the publication where there is one.
pub(crate) fn assembled(kept: Document, figures: &[PublishedFigure], notes: &[Note], id: Option<i64>) -> Document {
    let source = |figure: &PublishedFigure| Source {
        key: figure.citation.clone(),
        name: figure.definition.name.clone(),
        definition: figure.definition.definition.clone(),
        about: figure.about.to_string(),
        value: format!("{} {}", number_text(&figure.number, figure.definition.display), figure.definition.unit),
        rows: Some(figure.rows),
        code: figure.digest.chars().take(12).collect(),
        href: id.map(|id| format!("/publications/{id}/figures/{}", figure.seq)).unwrap_or_default(),
    };
    let declared = kept.sources.into_iter();
    Document {
        sources: figures.iter().map(source).chain(declared).collect(),
        notes: kept.notes.into_iter().chain(notes.iter().filter_map(footnote)).collect(),
        ..kept
    }
}

fn footnote(note: &Note) -> Option<String> {
    let release = note.release.as_ref()?;
    let names: Vec<&str> = note.exceptions.iter().map(|one| one.name.as_str()).collect();
    let listed = if names.is_empty() {
        String::new()
    } else {
        format!("清单（{}）：{}。", note.excepted, names.join("；"))
    };
    Some(format!("{}：{}。{}（{}放行）。{listed}", note.name, note.sides, release.reason, release.by))
}

/// A letter of the reply in the format of letters.
pub(crate) fn of_letter(letter: &Letter) -> Document {
    let front = &letter.front;
    let contact = if front.contact.is_empty() { Vec::new() } else { vec![format!("联系单位：{}", front.contact)] };
    Document {
        head: Head {
            layout: Layout::Letter,
            mark: front.mark.clone(),
            issuer: front.sender.clone(),
            title: front.title.clone(),
            addressee: front.addressee.clone(),
            signed_by: front.sender.clone(),
            contact,
            ..Head::default()
        },
        blocks: letter.paragraphs.iter().map(block).collect(),
        ..Document::default()
    }
}

fn block(paragraph: &Paragraph) -> Block {
    let mut text: Vec<Inline> = paragraph
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Words(words) => Inline::Text(words.clone()),
            Piece::Figure { citation, text } => Inline::Figure { key: citation.clone(), text: text.clone() },
        })
        .collect();
    if !paragraph.kind.is_section() && !paragraph.kind.is_item() {
        return Block::Paragraph(text);
    }
    let mut level = if paragraph.kind.is_section() { 1 } else { 3 };
    // The number was typed; the engine counts it.
    if let Some(Inline::Text(first)) = text.first_mut()
        && let Some((typed, rest)) = typed_heading(first)
    {
        level = typed;
        *first = rest.to_owned();
    }
    Block::Heading(Heading { level, text })
}
