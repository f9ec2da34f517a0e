//! A document as a Word file, with the styles Word knows: headings are headings, so that contents can be made from
//! them.

mod blocks;
mod frame;
mod styles;

use std::io::Cursor;

use docx_rs::{DocGridType, Docx, PageMargin};
use kernel::{Error, Result};

use crate::card::{Card, NAMESPACE};
use crate::format::{format, twips};
use crate::model::{Document, Layout};

/// The document as a Word file. The same document gives the same text; numbers of parts may differ.
///
/// # Errors
/// [`Error::Invalid`] for a picture that is none, or a chart without numbers.
pub fn docx(document: &Document) -> Result<Vec<u8>> {
    let format = format();
    let mut file = Docx::new();
    file = styles::add(file);
    file = frame::add(file, document);
    file = blocks::add(file, document)?;
    let (page, grid) = (&format.page, &format.grid);
    let size = |length: i32| u32::try_from(twips(length)).unwrap_or_default();
    file = file.page_size(size(page.width), size(page.height)).page_margin(PageMargin {
        top: twips(page.top),
        bottom: twips(page.bottom),
        left: twips(page.left),
        right: twips(page.right),
        header: twips(format.letter.issuer_top),
        footer: twips(format.letter.rule_bottom),
        gutter: 0,
    });
    let pitch = usize::try_from(twips(grid.line)).unwrap_or_default();
    file.document = file.document.doc_grid(docx_rs::DocGrid::new().grid_type(DocGridType::Lines).line_pitch(pitch));
    if document.head.layout == Layout::Letter {
        file = file.title_pg();
    }
    if let Some(card) = &document.card {
        file = file.add_custom_item("{6F1B3C52-5A0E-4C0B-9C53-71A5B0C0D1E1}", &part(card));
    }
    let mut parts = file.build();
    parts.document = repeated_heads(parts.document);
    let mut bytes = Cursor::new(Vec::new());
    parts.pack(&mut bytes).map_err(|e| Error::Internal(format!("docx: {e}")))?;
    Ok(bytes.into_inner())
}

fn part(card: &Card) -> String {
    let text = card.json().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<card xmlns=\"{NAMESPACE}\">{text}</card>")
}

/// Marks the heads of tables as repeated, which the library cannot: rows that stay whole are written only where a
/// table has heads, so the first such row of a table is its heads.
fn repeated_heads(document: Vec<u8>) -> Vec<u8> {
    const WHOLE: &str = "<w:cantSplit />";
    let text = match String::from_utf8(document) {
        Ok(text) => text,
        Err(error) => return error.into_bytes(),
    };
    let mut tables = text.split("<w:tbl>");
    let mut marked = tables.next().unwrap_or_default().to_owned();
    for table in tables {
        marked.push_str("<w:tbl>");
        // What follows the table holds no such row.
        marked.push_str(&table.replacen(WHOLE, &format!("{WHOLE}<w:tblHeader />"), 1));
    }
    marked.into_bytes()
}
