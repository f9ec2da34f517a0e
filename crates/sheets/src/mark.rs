//! A person's own workbook, returned: faulty cells coloured and commented, and a column that says what is wrong.
//!
//! Of an `.xlsx` file only the parts that carry the marks are edited, everything else is copied as it is
//! (`docs/adr/0008-a-returned-workbook-is-edited-in-place.md`). Files of other formats come back as `.xlsx`.

mod comments;
mod fresh;
mod package;
mod sheet;
mod styles;

use std::collections::BTreeMap;

use kernel::Result;

use crate::book::Format;
use crate::guard::Limits;
use crate::open::open;
use crate::read::{Finding, Level, Reading};

/// Who the comments are from; by it they are found and replaced when the file comes again.
pub(crate) const AUTHOR: &str = "企枢核对";
/// The colour behind a faulty cell. No palette has it, so it tells our marks from the person's own.
pub(crate) const COLOUR: &str = "FFFFD9DA";

/// A returned workbook.
#[derive(Debug)]
pub struct Returned {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its extension, without a dot.
    pub extension: &'static str,
    /// Whether it is the person's own file with marks, or a copy of its cells.
    pub own: bool,
}

/// What is to be marked on one page.
#[derive(Debug, Default)]
pub(crate) struct PageMarks {
    /// Name of the page.
    pub name: String,
    /// Row of the head, from 1.
    pub head: u32,
    /// Where the column of verdicts stands, from 0.
    pub verdicts: u16,
    /// What is said at cells, by row and column.
    pub cells: BTreeMap<(u32, u16), String>,
    /// What is said of rows.
    pub rows: BTreeMap<u32, String>,
}

/// Marks faults, conflicts and warnings in the file they were found in.
///
/// # Errors
/// [`kernel::Error::Internal`] when the file cannot be written; as [`open`] for a file that is not `.xlsx`.
pub fn mark(bytes: &[u8], reading: &Reading) -> Result<Returned> {
    let pages = pages(reading);
    if reading.format == Format::Xlsx
        && let Some(bytes) = package::edit(bytes, &pages)
    {
        return Ok(Returned { bytes, extension: "xlsx", own: true });
    }
    let book = open(bytes, &Limits::UPLOAD)?;
    Ok(Returned { bytes: fresh::write(&book, &pages)?, extension: "xlsx", own: false })
}

fn pages(reading: &Reading) -> Vec<PageMarks> {
    let mut pages: Vec<PageMarks> = reading.pages.iter().map(blank).collect();
    for finding in reading.findings.iter().filter(|f| f.level != Level::Repair) {
        let Some(page) = pages.get_mut(finding.page) else { continue };
        if let Some(col) = finding.col {
            join(page.cells.entry((finding.row, col)).or_default(), &finding.message);
        }
        // The column of verdicts is known by its head, so what is wrong with heads stands in comments only.
        if finding.row != page.head {
            join(page.rows.entry(finding.row).or_default(), &said_of_row(finding));
        }
    }
    pages
}

fn blank(page: &crate::ReadPage) -> PageMarks {
    let verdicts = page.verdicts.unwrap_or_else(|| page.last.saturating_add(1));
    PageMarks { name: page.name.clone(), head: page.head, verdicts, ..PageMarks::default() }
}

fn said_of_row(finding: &Finding) -> String {
    let level = if finding.level == Level::Warning { "请核对 " } else { "" };
    match finding.head.as_str() {
        "" => format!("{level}{}", finding.message),
        head => format!("{level}{head}：{}", finding.message),
    }
}

/// Letters after which no more is joined; a cell and a comment hold a few times as many.
const ENOUGH: usize = 6000;

fn join(text: &mut String, more: &str) {
    if text.len() > ENOUGH {
        return;
    }
    if !text.is_empty() {
        text.push('；');
    }
    text.push_str(more);
}
