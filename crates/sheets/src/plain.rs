//! A list as a workbook: a head and rows, nothing to fill in. Rows go to a file without a name, one after the other, so
//! memory does not grow with them.

use std::io::{Seek, Write};

use crate::write::{DIGITS, binary};
use kernel::{Error, Result};
use rust_xlsxwriter::{Color, Format, FormatBorder, Workbook, Worksheet, XlsxError};

/// Rows that a worksheet can hold under its head.
pub const MOST_ROWS: u32 = 1_048_575;

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainCell {
    /// Text, never a formula.
    Text(String),
    /// Digits with at most one point and a sign.
    Number(String),
}

/// A workbook that is being written.
pub struct Plain {
    book: Workbook,
    sheet: Worksheet,
    rows: u32,
}

fn made(error: XlsxError) -> Error {
    Error::Internal(error.to_string())
}

impl Plain {
    /// Begins with a head.
    ///
    /// # Errors
    /// [`Error::Internal`] when the workbook cannot be made.
    pub fn new(name: &str, heads: &[&str]) -> Result<Self> {
        let mut book = Workbook::new();
        let mut sheet = book.new_worksheet_with_constant_memory().map_err(made)?;
        // The engine refuses these in the name of a sheet, and more than 31 characters.
        let name: String = name.chars().filter(|c| !r"[]:*?/\'".contains(*c)).take(31).collect();
        sheet.set_name(name).map_err(made)?;
        let look = Format::new().set_bold().set_background_color(Color::RGB(0xE7_EE_F7)).set_border(FormatBorder::Thin);
        for (at, head) in (0..).zip(heads) {
            sheet.set_column_width(at, if at == 0 { 36 } else { 16 }).map_err(made)?;
            sheet.write_string_with_format(0, at, *head, &look).map_err(made)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(made)?;
        Ok(Self { book, sheet, rows: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the sheet is full; [`Error::Internal`] when it cannot be written.
    pub fn push(&mut self, cells: &[PlainCell]) -> Result<()> {
        if self.rows == MOST_ROWS {
            return Err(Error::invalid("form", "超过一张工作表能放的行数，请缩小筛选范围，或导出 CSV"));
        }
        self.rows += 1;
        for (at, cell) in (0..).zip(cells) {
            let (text, is_number) = match cell {
                PlainCell::Number(text) => (text, true),
                PlainCell::Text(text) => (text, false),
            };
            match binary(text) {
                Ok(number) if is_number && text.len() <= DIGITS => self.sheet.write_number(self.rows, at, number),
                _ => self.sheet.write_string(self.rows, at, text),
            }
            .map_err(made)?;
        }
        Ok(())
    }

    /// Writes it all.
    ///
    /// # Errors
    /// [`Error::Internal`] when the workbook cannot be made.
    pub fn save(mut self, to: impl Write + Seek + Send) -> Result<()> {
        self.book.push_worksheet(self.sheet);
        self.book.save_to_writer(to).map_err(made)
    }
}
