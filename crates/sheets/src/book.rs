//! A workbook as it was found: pages, rows and cells by their place, whatever the file format.
//!
//! Sparse: only cells that hold something are kept. Never interprets a cell.

use kernel::value::day::Day;

/// The format a file turned out to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Office Open XML.
    #[default]
    Xlsx,
    /// OpenDocument.
    Ods,
    /// Text with separators.
    Csv,
}

/// A workbook.
#[derive(Debug, Clone)]
pub struct Book {
    /// The format it was read from.
    pub format: Format,
    /// Its worksheets, in their order.
    pub pages: Vec<Page>,
    /// Whether its days are counted from 1904, as old programs for the Macintosh did.
    pub from_1904: bool,
    /// What was left aside and the person should know, in Chinese.
    pub notices: Vec<String>,
}

/// A worksheet.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Its name.
    pub name: String,
    /// Whether it is hidden from its reader.
    pub hidden: bool,
    /// Rows that hold something, in order.
    pub rows: Vec<Row>,
    /// Its merged cells.
    pub merged: Vec<Merged>,
}

/// Cells that were merged into one: the first holds the content, the others nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// First row, from 1.
    pub top: u32,
    /// First column, from 0.
    pub left: u32,
    /// Last row.
    pub bottom: u32,
    /// Last column.
    pub right: u32,
}

/// A row.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Its number as the person sees it, from 1.
    pub number: u32,
    /// Cells that hold something: column from 0, and content.
    pub cells: Vec<(u16, Cell)>,
}

impl Row {
    /// The cell in a column.
    pub fn at(&self, col: u16) -> Option<&Cell> {
        self.cells.iter().find(|(c, _)| *c == col).map(|(_, cell)| cell)
    }
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number, as plain decimal text of at most 15 significant digits.
    Number(String),
    /// A day.
    Day(Day),
    /// A truth value.
    Flag(bool),
    /// The error a formula ended in, such as `#REF!`.
    Failed(String),
    /// A formula that no program has computed yet.
    Uncomputed,
}

impl Cell {
    /// The content as a person reads it.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Failed(text) => text.clone(),
            Self::Day(day) => day.to_string(),
            Self::Flag(flag) => if *flag { "TRUE" } else { "FALSE" }.to_owned(),
            Self::Uncomputed => "（未计算的公式）".to_owned(),
        }
    }
}

/// The name of a cell as `C17`: column from 0, row from 1.
pub fn a1(col: u16, row: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u32::from(col) + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect::<String>() + &row.to_string()
}

/// Plain decimal text rounded to the 15 significant digits that a workbook promises, so that `0.1 + 0.2` reads 0.3.
pub(crate) fn fifteen_digits(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let lead = if whole == "0" { rest.len() - rest.trim_start_matches('0').len() } else { 0 };
    let keep = if whole == "0" { 15 + lead } else { 15_usize.saturating_sub(whole.len()) };
    if rest.len() <= keep || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return text.to_owned();
    }
    let kept = format!("{whole}{}", rest.get(..keep).unwrap_or(""));
    let up = rest.as_bytes().get(keep).is_some_and(|b| *b >= b'5');
    let Ok(number) = kept.parse::<u128>() else { return text.to_owned() };
    let rounded = format!("{:0>width$}", number + u128::from(up), width = keep + 1);
    let (whole, rest) = rounded.split_at(rounded.len() - keep);
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_in_a_workbook() {
        for (col, name) in [(0, "A7"), (25, "Z7"), (26, "AA7"), (701, "ZZ7"), (702, "AAA7"), (16_383, "XFD7")] {
            assert_eq!(a1(col, 7), name);
        }
    }

    #[test]
    fn a_computed_number_loses_its_binary_dust() {
        for (text, expected) in [
            ("0.30000000000000004", "0.3"),
            ("1234.5600000000001", "1234.56"),
            ("-2.9999999999999996", "-3"),
            ("0.000012345678901234567", "0.0000123456789012346"),
            ("99999999999999999999", "99999999999999999999"),
            ("12.5", "12.5"),
            ("NaN", "NaN"),
        ] {
            assert_eq!(fifteen_digits(text), expected);
        }
    }
}
