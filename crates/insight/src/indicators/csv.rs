//! The rows of a figure as a file for a spreadsheet: UTF-8 with its mark, every cell quoted.

use std::collections::BTreeSet;

use kernel::Result;
use kernel::id::OrgId;
use kernel::indicator::drill;
use kernel::store::Read;

use super::queries::names;
use super::table::{Cell, Reading, Table};
use super::{Asked, FigureView};

/// Rows of one file at most.
const MOST: usize = 100_000;
/// Rows read at a time.
const PAGE: usize = 5_000;

/// A file and whose data it holds.
pub(super) struct Taken {
    pub text: String,
    pub rows: usize,
    pub orgs: BTreeSet<OrgId>,
}

/// All rows behind the figure, or the first [`MOST`] and a last line that says so.
///
/// # Errors
/// As the database says.
pub(super) async fn text(read: &Read, asked: &Asked) -> Result<Taken> {
    let figure = FigureView::of(&asked.figure(read).await?, asked.unit);
    let reading = Reading {
        indicator: asked.indicator,
        catalog: read.catalog(),
        units: &asked.units,
        figure: &figure,
        all_open: false,
    };
    let mut out = String::from("\u{feff}");
    let mut after: Option<String> = None;
    let (mut written, mut orgs) = (0, BTreeSet::new());
    loop {
        let limit = PAGE.min(MOST - written);
        let page = drill(read, asked.indicator, &asked.question(), &asked.within, after.as_deref(), limit).await?;
        let table = reading.table(&page.rows, &names(read, &page.rows).await?);
        if after.is_none() {
            push_line(&mut out, table.columns.iter().map(|column| column.label.to_owned()));
        }
        push_rows(&mut out, &table);
        orgs.extend(page.rows.orgs());
        written += table.rows.len();
        match page.next {
            Some(_) if written >= MOST => {
                let note = format!("只导出前 {MOST} 行，后面还有：请按填报单元或月份分开下载");
                push_line(&mut out, [note].into_iter());
                return Ok(Taken { text: out, rows: written, orgs });
            }
            Some(next) => after = Some(next),
            None => return Ok(Taken { text: out, rows: written, orgs }),
        }
    }
}

/// Lines as a file for a spreadsheet.
pub(crate) fn written(lines: Vec<Vec<String>>) -> String {
    let mut out = String::from("\u{feff}");
    lines.into_iter().for_each(|line| push_line(&mut out, line.into_iter()));
    out
}

fn push_rows(out: &mut String, table: &Table) {
    for row in &table.rows {
        push_line(out, row.iter().map(plain));
    }
}

/// Numbers without separators, so that a spreadsheet reads them as numbers.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Money(_) | Cell::Number(_) => cell.text().replace(',', ""),
        _ => cell.text(),
    }
}

fn push_line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        out.push_str(if at == 0 { "\"" } else { ",\"" });
        out.push_str(&harmless(&cell).replace('"', "\"\""));
        out.push('"');
    }
    out.push_str("\r\n");
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
    use kernel::value::money::Fen;

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
        let mut out = String::new();
        push_line(&mut out, ["他说\"好\"".to_owned(), "两\n行".to_owned()].into_iter());
        assert_eq!(out, "\"他说\"\"好\"\"\",\"两\n行\"\r\n");
    }

    #[test]
    fn money_has_no_separators() {
        assert_eq!(plain(&Cell::Money(Fen(-123_456_789))), "-1234567.89");
    }
}
