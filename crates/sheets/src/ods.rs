//! A look at an OpenDocument sheet before it is laid out: one written cell may stand for a flood of them.
//!
//! Owns the bound on boxes and texts, and the merged cells, which the parser leaves out. Never interprets a cell.

use std::io::{Cursor, Read};

use kernel::Result;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::book::Merged;
use crate::guard::{LAST, Limits, refused};

const BROKEN: &str = "文件已损坏或不完整，请重新保存后上传";

/// The merged cells of each table, in order.
///
/// # Errors
/// [`kernel::Error::Invalid`] at `file` when the box around the filled cells, or their text, exceeds the limits.
pub(crate) fn look(bytes: &[u8], limits: &Limits) -> Result<Vec<Vec<Merged>>> {
    let mut xml = String::new();
    let read = ZipArchive::new(Cursor::new(bytes)).ok().and_then(|mut archive| {
        let part = archive.by_name("content.xml").ok()?;
        part.take(limits.inflated).read_to_string(&mut xml).ok()
    });
    if read.is_none() {
        return refused(BROKEN);
    }
    let mut reader = Reader::from_str(&xml);
    let mut scan = Scan { limits, boxes: 0, text: 0, depth: 0, table: Table::default(), tables: Vec::new() };
    loop {
        match reader.read_event() {
            Ok(Event::Start(e)) => scan.start(&e, true)?,
            Ok(Event::Empty(e)) => scan.start(&e, false)?,
            Ok(Event::End(e)) if e.name().as_ref() == "table:table" => scan.end(),
            Ok(Event::Text(text)) => scan.says(text.len() as u64)?,
            Ok(Event::GeneralRef(_)) => scan.says(4)?,
            Ok(Event::Eof) => return Ok(scan.tables),
            Ok(_) => {}
            Err(_) => return refused(BROKEN),
        }
    }
}

#[derive(Default)]
struct Table {
    /// Rows before the one being read, and how often it is repeated.
    before: u64,
    rows: u64,
    /// Columns before the next cell of the row.
    cols: u64,
    /// The widest row, and the last row with something in it.
    wide: u64,
    high: u64,
    /// How many cells the last written one stands for.
    copies: u64,
    merged: Vec<Merged>,
}

struct Scan<'a> {
    limits: &'a Limits,
    /// Cells in the boxes of the tables before.
    boxes: u64,
    text: u64,
    depth: u32,
    table: Table,
    tables: Vec<Vec<Merged>>,
}

impl Scan<'_> {
    fn start(&mut self, element: &BytesStart<'_>, holds: bool) -> Result<()> {
        match element.name().as_ref() {
            "table:table" if self.depth > 0 => refused("表格中还有表格，没有打开；请另存为 .xlsx 后上传"),
            "table:table" => {
                self.depth += u32::from(holds);
                self.table = Table::default();
                Ok(())
            }
            "table:table-row" => {
                let rows = number(element, "table:number-rows-repeated")?;
                let table = &mut self.table;
                table.before = table.before.saturating_add(table.rows);
                (table.rows, table.cols) = (rows, 0);
                Ok(())
            }
            "table:table-cell" | "table:covered-table-cell" => self.cell(element, holds),
            "text:s" => self.says(number(element, "text:c")?),
            _ => Ok(()),
        }
    }

    fn cell(&mut self, element: &BytesStart<'_>, holds: bool) -> Result<()> {
        let repeated = number(element, "table:number-columns-repeated")?;
        let (across, down) =
            (number(element, "table:number-columns-spanned")?, number(element, "table:number-rows-spanned")?);
        let said = ["office:value-type", "office:value", "office:string-value", "table:formula"]
            .into_iter()
            .filter_map(|name| element.try_get_attribute(name).ok().flatten())
            .map(|attribute| attribute.value.len() as u64 + 1)
            .sum::<u64>();
        let table = &mut self.table;
        table.copies = table.rows.saturating_mul(repeated);
        let left = table.cols;
        table.cols = left.saturating_add(repeated);
        if across > 1 || down > 1 {
            let at = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            let (top, bottom) = (table.before + 1, table.before.saturating_add(down));
            let right = left.saturating_add(across - 1);
            table.merged.push(Merged { top: at(top), left: at(left), bottom: at(bottom), right: at(right) });
        }
        if holds || said > 0 {
            table.wide = table.wide.max(table.cols);
            table.high = table.before.saturating_add(table.rows);
        }
        let boxed = self.boxes.saturating_add(table.wide.saturating_mul(table.high));
        let beyond = table.wide > u64::from(LAST.1) + 1 || table.high > u64::from(LAST.0);
        if boxed > self.limits.cells as u64 || beyond {
            return refused(
                "工作表中的单元格过多，或有一格离其他内容太远，没有打开；请删除多余的行列，或拆成几个文件上传",
            );
        }
        self.says(said)
    }

    /// So many bytes of text in the last written cell.
    fn says(&mut self, bytes: u64) -> Result<()> {
        self.text = self.text.saturating_add(bytes.saturating_mul(self.table.copies.max(1)));
        match self.text > self.limits.text as u64 {
            true => refused("工作表中的文字过多，没有打开；请拆成几个文件上传"),
            false => Ok(()),
        }
    }

    fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        let table = std::mem::take(&mut self.table);
        self.boxes = self.boxes.saturating_add(table.wide.saturating_mul(table.high));
        self.tables.push(table.merged);
    }
}

/// A count in an attribute, 1 without it. What is written otherwise than as plain digits might be read otherwise.
fn number(element: &BytesStart<'_>, name: &str) -> Result<u64> {
    match element.try_get_attribute(name) {
        Ok(None) => Ok(1),
        Ok(Some(found)) => found.value.parse().or_else(|_| refused(BROKEN)),
        Err(_) => refused(BROKEN),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn sheet(rows: &str) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("content.xml", SimpleFileOptions::default()).expect("a part");
        let xml = format!("<office:spreadsheet><table:table>{rows}</table:table></office:spreadsheet>");
        zip.write_all(xml.as_bytes()).expect("a part");
        zip.finish().expect("a package").into_inner()
    }

    const CELL: &str = "<table:table-cell office:value-type=\"string\"><text:p>甲</text:p></table:table-cell>";

    #[test]
    fn a_far_cell_and_a_flood_of_text_are_refused() {
        let row = |inner: &str| format!("<table:table-row>{inner}</table:table-row>");
        let plain = row(CELL);
        assert!(look(&sheet(&plain), &Limits::UPLOAD).is_ok());
        let far = format!(
            "{plain}<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell/></table:table-row>{}",
            row(&format!("<table:table-cell table:number-columns-repeated=\"16000\"/>{CELL}"))
        );
        let lied = row("<table:table-cell table:number-columns-repeated=\"1&#48;\"/>");
        let spaces = row(
            "<table:table-cell office:value-type=\"string\"><text:p><text:s text:c=\"900000000\"/></text:p></table:table-cell>",
        );
        for rows in [far, lied, spaces] {
            assert!(look(&sheet(&rows), &Limits::UPLOAD).is_err(), "{rows}");
        }
        let merged = row(
            "<table:table-cell table:number-rows-spanned=\"2\" office:value-type=\"string\"><text:p>甲</text:p></table:table-cell>",
        );
        let found = look(&sheet(&merged), &Limits::UPLOAD).expect("a sheet");
        assert_eq!(found, [[Merged { top: 1, left: 0, bottom: 2, right: 0 }]]);
    }
}
