//! The document engine: one small model, rendered to HTML, Word (DOCX) and PDF.
//!
//! Owns the model, the format of official documents, the templates that officials write, charts for documents, and
//! the machine-readable part inside every file, by which it is known again.
//! Knows no module, no page and no database: figures arrive as what they print and what stands behind them.

mod annex;
pub mod card;
pub mod chart;
mod docx;
mod fonts;
mod format;
mod html;
mod markup;
mod model;
mod number;
mod pdf;
mod read;
pub mod template;
#[cfg(test)]
mod tests;

pub use docx::docx;
pub use fonts::{Found, Missing, fonts, use_folder};
pub use html::html;
pub use model::{
    Align, Block, Cell, Column, Document, Head, Heading, Imprint, Inline, Layout, Picture, Row, Source, Table,
};
pub use number::typed as typed_heading;
pub use pdf::pdf;
pub use read::{Difference, Paragraphs, differences, read};

/// The type of a Word file, as browsers are told.
pub const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// The type of a PDF file.
pub const PDF: &str = "application/pdf";
