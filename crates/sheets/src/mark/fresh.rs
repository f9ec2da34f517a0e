//! The cells of a file that is not `.xlsx`, as an `.xlsx` with the same marks.

use std::collections::{HashMap, HashSet};

use kernel::{Error, Result};
use rust_xlsxwriter::{Color, Format, Note, Workbook, Worksheet, XlsxError};

use super::{AUTHOR, PageMarks};
use crate::book::{Book, Cell, Page, Row};
use crate::head::VERDICTS;

/// Writes every page with its marks. Hidden ones stay hidden, and with them what the template held.
///
/// # Errors
/// [`Error::Internal`] when the workbook cannot be made.
pub(super) fn write(book: &Book, marks: &[PageMarks]) -> Result<Vec<u8>> {
    let mut out = Workbook::new();
    let made = |error: XlsxError| Error::Internal(error.to_string());
    let mut taken = HashSet::new();
    let (visible, hidden): (Vec<&Page>, Vec<&Page>) = book.pages.iter().partition(|p| !p.hidden);
    for page in visible.into_iter().chain(hidden) {
        let sheet = out.add_worksheet();
        sheet.set_name(free_name(&page.name, &mut taken)).map_err(made)?;
        sheet.set_hidden(page.hidden);
        fill(sheet, page, marks.iter().find(|m| m.name == page.name)).map_err(made)?;
    }
    out.save_to_buffer().map_err(made)
}

/// A name that `.xlsx` allows; other formats allow more.
fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let fits = |c: &char| !c.is_control() && !"[]:*?/\\".contains(*c);
    let base: String = name.chars().filter(fits).take(26).collect::<String>().trim_matches('\'').to_owned();
    let base = if base.is_empty() { "表".to_owned() } else { base };
    let numbered = (2..).map(|number| format!("{base} {number}"));
    let mut free = std::iter::once(base.clone()).chain(numbered).filter(|name| taken.insert(name.to_lowercase()));
    free.next().unwrap_or(base)
}

fn fill(sheet: &mut Worksheet, page: &Page, marks: Option<&PageMarks>) -> std::result::Result<(), XlsxError> {
    let red = Format::new().set_background_color(Color::RGB(0x00FF_D9DA));
    let plain = Format::new();
    let look = |row: u32, col: u16| match marks.is_some_and(|m| m.cells.contains_key(&(row, col))) {
        true => red.clone(),
        false => plain.clone(),
    };
    for row in &page.rows {
        for (col, cell) in &row.cells {
            // Days and codes stay readable as text, which reads back to the same value.
            let shown = match cell {
                Cell::Uncomputed => String::new(),
                other => other.shown(),
            };
            sheet.write_string_with_format(row.number - 1, *col, shown, &look(row.number, *col))?;
        }
    }
    let Some(marks) = marks else { return Ok(()) };
    let rows: HashMap<u32, &Row> = page.rows.iter().map(|row| (row.number, row)).collect();
    for ((row, col), words) in &marks.cells {
        if rows.get(row).is_none_or(|r| r.at(*col).is_none()) {
            sheet.write_blank(row - 1, *col, &red)?;
        }
        sheet.insert_note(row - 1, *col, &Note::new(words).set_author(AUTHOR).add_author_prefix(false))?;
    }
    sheet.write_string(marks.head - 1, marks.verdicts, VERDICTS)?;
    for (row, words) in &marks.rows {
        sheet.write_string(row - 1, marks.verdicts, words)?;
    }
    sheet.set_column_width(marks.verdicts, 60)?;
    Ok(())
}
