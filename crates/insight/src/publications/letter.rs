//! The letter as it was printed: kept as data with its publication.

use serde::{Deserialize, Serialize};

use crate::reply::citation::{BlockKind, Front};

/// A printed letter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// What stands around the text.
    pub front: Front,
    /// The text.
    pub paragraphs: Vec<Paragraph>,
}

/// A heading or paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Paragraph {
    /// What it is.
    pub kind: BlockKind,
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Piece {
    /// Words.
    Words(String),
    /// A figure.
    Figure {
        /// Its number in the list of figures.
        citation: String,
        /// What was printed.
        text: String,
    },
}
