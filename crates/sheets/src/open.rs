//! Opening a file of any accepted format. A damaged file is a refusal, never the end of the process.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, SheetVisible, Xls, Xlsx};
use kernel::{Error, Result};

use crate::book::{Book, Cell, Format, Page, Row, fifteen_digits};
use crate::guard::{self, Limits, refused};

const BROKEN: &str = "文件已损坏或不完整，请用表格软件打开、重新保存后上传";

/// Opens a file by what it holds, not by what it is called.
///
/// # Errors
/// [`Error::Invalid`] at `file` for a file that is empty, too large, encrypted, damaged or of another format.
pub fn open(bytes: &[u8], limits: &Limits) -> Result<Book> {
    if bytes.is_empty() {
        return refused("文件是空的，请选择填好的工作簿");
    }
    if bytes.len() > limits.bytes {
        return refused(format!("文件超过 {} MB，请拆成几个文件上传", limits.bytes >> 20));
    }
    // The parsers of foreign formats meet hostile input: what they cannot read is the file's fault.
    catch_unwind(AssertUnwindSafe(|| by_content(bytes, limits))).unwrap_or_else(|_| refused(BROKEN))
}

fn by_content(bytes: &[u8], limits: &Limits) -> Result<Book> {
    if bytes.starts_with(b"PK\x03\x04") {
        let packed = guard::look(bytes, limits)?;
        return match (packed.is_xlsx, packed.is_ods, packed.is_xlsb) {
            (true, _, _) => xlsx(bytes, limits, packed.notices),
            (_, true, _) => ods(bytes, limits, packed.notices),
            (_, _, true) => refused("不读 .xlsb 格式，请另存为 .xlsx 后上传"),
            _ => refused("这不是工作簿，请上传 .xlsx、.xls、.ods 或 .csv 文件"),
        };
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        if guard::is_encrypted(bytes) {
            return refused("文件设了打开密码，请去掉密码、另存为 .xlsx 后上传");
        }
        return xls(bytes, limits);
    }
    crate::text::csv(bytes, limits)
}

fn broken(error: impl std::fmt::Display) -> Error {
    let text = error.to_string();
    let message =
        if text.contains("password") { "文件设了打开密码，请去掉密码后上传" } else { BROKEN };
    Error::invalid("file", message)
}

fn xlsx(bytes: &[u8], limits: &Limits, mut notices: Vec<String>) -> Result<Book> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheets = book.sheets_metadata().to_vec();
    let (mut pages, mut left) = (Vec::new(), limits.cells);
    for sheet in sheets.iter().filter(|s| s.typ == calamine::SheetType::WorkSheet) {
        let mut page =
            Page { name: sheet.name.clone(), hidden: sheet.visible != SheetVisible::Visible, rows: Vec::new() };
        let mut formulas = 0_usize;
        let mut cells = book.worksheet_cells_reader(&sheet.name).map_err(broken)?;
        while let Some(found) = cells.next_cell_with_formula_metadata().map_err(broken)? {
            let computed = found.formula.is_some();
            formulas += usize::from(computed);
            let cell = match of_ref(found.value) {
                None if computed => Some(Cell::Uncomputed),
                cell => cell,
            };
            if let Some(cell) = cell {
                left = take(left)?;
                put(&mut page, found.pos, cell);
            }
        }
        if formulas > 0 && !page.hidden {
            notices.push(format!("工作表“{}”有 {formulas} 个公式，没有重新计算，用的是文件里保存的结果", page.name));
        }
        page.rows.sort_by_key(|r| r.number);
        pages.push(page);
    }
    Ok(Book { format: Format::Xlsx, pages, notices })
}

fn xls(bytes: &[u8], limits: &Limits) -> Result<Book> {
    let mut book = Xls::new(Cursor::new(bytes)).map_err(broken)?;
    dense(&mut book, Format::Xls, limits, Vec::new())
}

fn ods(bytes: &[u8], limits: &Limits, notices: Vec<String>) -> Result<Book> {
    guard::look_at_repeats(bytes, limits)?;
    let mut book = Ods::new(Cursor::new(bytes)).map_err(broken)?;
    dense(&mut book, Format::Ods, limits, notices)
}

fn dense<'a, R>(book: &mut R, format: Format, limits: &Limits, notices: Vec<String>) -> Result<Book>
where
    R: Reader<Cursor<&'a [u8]>>,
    R::Error: std::fmt::Display,
{
    let (mut pages, mut left) = (Vec::new(), limits.cells);
    for sheet in book.sheets_metadata().to_vec() {
        let mut page =
            Page { name: sheet.name.clone(), hidden: sheet.visible != SheetVisible::Visible, rows: Vec::new() };
        let range = book.worksheet_range(&sheet.name).map_err(broken)?;
        let (top, first) = range.start().unwrap_or((0, 0));
        for (row, col, data) in range.used_cells() {
            if let Some(cell) = of_data(data) {
                left = take(left)?;
                let place = |start: u32, by: usize| start.saturating_add(u32::try_from(by).unwrap_or(u32::MAX));
                put(&mut page, (place(top, row), place(first, col)), cell);
            }
        }
        pages.push(page);
    }
    Ok(Book { format, pages, notices })
}

/// One cell fewer may follow.
pub(crate) fn take(left: usize) -> Result<usize> {
    match left.checked_sub(1) {
        Some(left) => Ok(left),
        None => refused("工作表中的单元格过多，没有读完；请拆成几个文件上传"),
    }
}

/// Cells come in order, so a row that is not the last one is a new one.
pub(crate) fn put(page: &mut Page, (row, col): (u32, u32), cell: Cell) {
    let Ok(col) = u16::try_from(col) else { return };
    let number = row.saturating_add(1);
    match page.rows.last_mut().filter(|r| r.number == number) {
        Some(last) => last.cells.push((col, cell)),
        None => page.rows.push(Row { number, cells: vec![(col, cell)] }),
    }
}

fn of_ref(data: DataRef<'_>) -> Option<Cell> {
    match data {
        DataRef::SharedString(text) => text_cell(text),
        other => of_data(&Data::from(other)),
    }
}

fn of_data(data: &Data) -> Option<Cell> {
    match data {
        Data::Empty => None,
        Data::Int(number) => Some(Cell::Number(number.to_string())),
        Data::Float(number) => Some(Cell::Number(fifteen_digits(&number.to_string()))),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text_cell(text),
        Data::Bool(flag) => Some(Cell::Flag(*flag)),
        Data::DateTime(moment) => Some(moment_cell(moment)),
        Data::Error(error) => Some(Cell::Failed(error.to_string())),
    }
}

fn text_cell(text: &str) -> Option<Cell> {
    (!text.trim().is_empty()).then(|| Cell::Text(text.to_owned()))
}

fn moment_cell(moment: &ExcelDateTime) -> Cell {
    match moment.as_datetime() {
        Some(at) if moment.is_datetime() => Cell::Day(at.date()),
        _ => Cell::Number(fifteen_digits(&moment.to_string())),
    }
}
