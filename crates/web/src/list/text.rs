//! Lines of a file for a spreadsheet: UTF-8 with its mark, every cell quoted, none of them a formula.

use std::io::{self, Write};

/// What such a file begins with.
pub const MARK: &str = "\u{feff}";

/// Writes a line.
///
/// # Errors
/// As whatever is written to says.
pub fn write_line(out: &mut impl Write, cells: impl IntoIterator<Item = String>) -> io::Result<()> {
    for (at, cell) in cells.into_iter().enumerate() {
        out.write_all(if at == 0 { b"\"" } else { b",\"" })?;
        out.write_all(harmless(&cell).replace('"', "\"\"").as_bytes())?;
        out.write_all(b"\"")?;
    }
    out.write_all(b"\r\n")
}

/// A cell that a spreadsheet would run as a formula is marked as text. A negative number is none.
fn harmless(cell: &str) -> String {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_marked_as_text_and_a_number_is_not() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+8613", "'+8613"),
            ("-cmd", "'-cmd"),
            ("@x", "'@x"),
            ("\t=1", "'\t=1"),
            ("-12.50", "-12.50"),
            ("甲厂", "甲厂"),
            ("", ""),
            ("--1", "'--1"),
        ] {
            assert_eq!(harmless(cell), written, "{cell:?}");
        }
    }

    #[test]
    fn quotes_and_line_ends_stay_inside_their_cell() {
        let mut out = Vec::new();
        write_line(&mut out, ["他说\"好\"".to_owned(), "两\n行".to_owned()]).expect("memory takes it");
        assert_eq!(String::from_utf8(out).expect("text"), "\"他说\"\"好\"\"\",\"两\n行\"\r\n");
    }
}
