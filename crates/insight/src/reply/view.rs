//! The letter in pieces to print, and the list of all its figures.

use std::collections::BTreeMap;

use super::citation::{Block, BlockKind, City, Segment};
use super::cited::Cited;
use crate::indicators::FigureView;

/// A heading or paragraph.
pub(super) struct Paragraph {
    /// What it is.
    pub kind: BlockKind,
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a paragraph.
pub(super) enum Piece {
    /// Words.
    Words(String),
    /// A figure that opens its rows.
    Figure(Box<Cite>),
    /// A citation that the list of figures does not have.
    Unknown(String),
}

/// A figure as the letter prints it.
pub(super) struct Cite {
    /// What is printed.
    pub text: String,
    /// The figures behind it, the first opens.
    pub figures: Vec<FigureView>,
    /// What is wrong with how it is worded; empty when nothing is.
    pub warning: String,
}

/// One line of 本文数字一览.
pub(super) struct Line {
    /// Number in the list of figures.
    pub id: String,
    /// Where it stands in the letter; empty when the letter does not cite it.
    pub fragment: String,
    /// What is printed.
    pub printed: String,
    /// Unit as the list words it.
    pub unit: String,
    /// The exact value.
    pub exact: String,
    /// Time as the list words it.
    pub as_of: String,
    /// The figures behind it.
    pub figures: Vec<FigureView>,
    /// What is wrong with it; empty when nothing is.
    pub warning: String,
}

fn figures(cited: &Cited<'_>) -> Vec<FigureView> {
    cited.figures.iter().map(|figure| FigureView::of(figure, None)).collect()
}

/// The letter in pieces.
pub(super) fn paragraphs(blocks: &[Block], cited: &BTreeMap<&str, Cited<'_>>) -> Vec<Paragraph> {
    let piece = |segment: &Segment| match segment {
        Segment::Text(words) => Piece::Words(words.clone()),
        Segment::Figure { id, phrase } => match cited.get(id.as_str()) {
            Some(cited) => {
                let (words, warning) = cited.words(phrase.as_deref());
                Piece::Figure(Box::new(Cite { text: words.text(""), figures: figures(cited), warning }))
            }
            None => Piece::Unknown(id.clone()),
        },
    };
    blocks
        .iter()
        .map(|block| Paragraph { kind: block.kind, pieces: block.segments.iter().map(piece).collect() })
        .collect()
}

/// The list of all figures, in the order of the definition.
pub(super) fn lines(city: &City, cited: &BTreeMap<&str, Cited<'_>>) -> Vec<Line> {
    let places = places(&city.reply.blocks);
    let line = |def: &super::citation::CitationDef| {
        let found = cited.get(def.id.as_str())?;
        let place = places.get(def.id.as_str());
        let (words, warning) = found.words(place.and_then(|place| place.phrase));
        let around = |place: &Place<'_>| format!("…{}{}{}…", place.before, words.text(""), place.after);
        Some(Line {
            id: def.id.clone(),
            fragment: place.map(around).unwrap_or_default(),
            printed: words.value,
            unit: def.unit.clone(),
            exact: words.exact,
            as_of: def.as_of.clone(),
            figures: figures(found),
            warning,
        })
    };
    city.figures.iter().filter_map(line).collect()
}

/// Where a citation first stands in the letter.
struct Place<'c> {
    before: String,
    after: String,
    phrase: Option<&'c str>,
}

/// Words shown before and after a figure at most.
const AROUND: usize = 14;

fn places(blocks: &[Block]) -> BTreeMap<&str, Place<'_>> {
    let mut found: BTreeMap<&str, Place<'_>> = BTreeMap::new();
    for block in blocks {
        for (at, segment) in block.segments.iter().enumerate() {
            let Segment::Figure { id, phrase } = segment else { continue };
            let words = |at: Option<usize>| match at.and_then(|at| block.segments.get(at)) {
                Some(Segment::Text(words)) => words.as_str(),
                _ => "",
            };
            let place = Place {
                before: end_of(words(at.checked_sub(1))),
                after: start_of(words(Some(at + 1))),
                phrase: phrase.as_deref(),
            };
            found.entry(id).or_insert(place);
        }
    }
    found
}

const STOPS: [char; 7] = ['，', '。', '；', '：', '、', '（', '）'];

/// The last words before a figure, from the last stop on.
fn end_of(words: &str) -> String {
    let words = words.rsplit_once(STOPS).map_or(words, |(_, end)| end);
    let skip = words.chars().count().saturating_sub(AROUND);
    words.chars().skip(skip).collect()
}

/// The first words after a figure, up to the first stop.
fn start_of(words: &str) -> String {
    words.split(STOPS).next().unwrap_or_default().chars().take(AROUND).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_quoted_with_the_words_around_it() {
        assert_eq!(end_of("本年度下达的任务是为"), "本年度下达的任务是为");
        assert_eq!(end_of("找准路径，到目前通过验收的已有"), "到目前通过验收的已有");
        assert_eq!(end_of("这是一段很长很长没有停顿的文字一直到数字"), "很长没有停顿的文字一直到数字");
        assert_eq!(start_of("规上企业开展诊断，到目前"), "规上企业开展诊断");
        assert_eq!(start_of(""), "");
    }

    #[test]
    fn only_the_first_place_of_a_figure_is_quoted() {
        let figure = |id: &str| Segment::Figure { id: id.into(), phrase: None };
        let text = |words: &str| Segment::Text(words.into());
        let blocks = [
            Block { kind: BlockKind::Text, segments: vec![text("已有"), figure("A03"), text("企业")] },
            Block { kind: BlockKind::Text, segments: vec![figure("A03")] },
        ];
        let places = places(&blocks);
        assert_eq!(places.len(), 1);
        assert_eq!(places.get("A03").map(|p| (p.before.as_str(), p.after.as_str())), Some(("已有", "企业")));
    }
}
