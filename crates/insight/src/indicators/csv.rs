//! The rows of a figure as a file for a spreadsheet: UTF-8 with its mark, every cell quoted.

use std::collections::BTreeSet;

use kernel::Result;
use kernel::id::OrgId;
use kernel::indicator::drill;
use kernel::store::Read;
use web::list::{MARK, write_line};

use super::queries::names;
use super::table::{Cell, Reading, Table};
use super::{Asked, FigureView};

/// Rows of one file at most.
const MOST: usize = 100_000;
/// Rows read at a time.
const PAGE: usize = 5_000;

/// A file and whose data it holds.
pub(super) struct Taken {
    pub text: Vec<u8>,
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
    let mut out = MARK.as_bytes().to_vec();
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
pub(crate) fn written(lines: Vec<Vec<String>>) -> Vec<u8> {
    let mut out = MARK.as_bytes().to_vec();
    lines.into_iter().for_each(|line| push_line(&mut out, line.into_iter()));
    out
}

fn push_rows(out: &mut Vec<u8>, table: &Table) {
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

/// Memory takes every line, and cells of text make text.
fn push_line(out: &mut Vec<u8>, cells: impl Iterator<Item = String>) {
    write_line(out, cells).ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::value::money::Fen;

    #[test]
    fn money_has_no_separators() {
        assert_eq!(plain(&Cell::Money(Fen(-123_456_789))), "-1234567.89");
    }
}
