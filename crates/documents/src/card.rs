//! The machine-readable part of a file: of which publication it is a copy.
//!
//! In a Word file it is a custom part, in a PDF an attachment. It claims, the register proves: whoever verifies a
//! file compares it with the publication of that number.

use serde::{Deserialize, Serialize};

/// What a file says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Card {
    /// [`FORMAT`].
    pub format: String,
    /// Number of the publication.
    pub publication: i64,
    /// SM3 of everything in it, as the register has it.
    pub digest: String,
    /// Title of the document.
    pub title: String,
}

/// The form of the part.
pub const FORMAT: &str = "qishu.document/1";
/// Name of the attachment in a PDF.
pub(crate) const ATTACHMENT: &str = "qishu-card.json";
/// Namespace of the part in a Word file.
pub(crate) const NAMESPACE: &str = "urn:qishu:document:1";
/// Largest part that is read, in bytes.
pub(crate) const LARGEST: usize = 64 * 1024;

impl Card {
    /// The part of a publication.
    pub fn new(publication: i64, digest: impl Into<String>, title: impl Into<String>) -> Self {
        Self { format: FORMAT.to_owned(), publication, digest: digest.into(), title: title.into() }
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a part; nothing when it is not one of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let card: Self = serde_json::from_str(text).ok()?;
        (card.format == FORMAT).then_some(card)
    }
}
