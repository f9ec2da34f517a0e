//! Opening a file of any accepted format. A damaged file is a refusal, never the end of the process.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, SheetVisible, Xlsx};
use chrono::{Datelike, NaiveTime};
use kernel::{Error, Result};

use crate::book::{Book, Cell, Format, Merged, Page, Row, fifteen_digits};
use crate::guard::{self, LAST, Limits, Room, refused};
use crate::ods;

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
    guarded(|| by_content(bytes, limits, usize::MAX))
}

/// Rows of each page that a glance takes.
const GLANCE: usize = 60;

/// Opens a file as [`open`] does, for the first rows of each page: enough to find heads and show samples.
///
/// # Errors
/// As [`open`].
pub fn glance(bytes: &[u8], limits: &Limits) -> Result<Book> {
    if bytes.is_empty() || bytes.len() > limits.bytes {
        return open(bytes, limits);
    }
    let mut book = guarded(|| by_content(bytes, limits, GLANCE))?;
    for page in &mut book.pages {
        page.rows.truncate(GLANCE);
    }
    Ok(book)
}

/// The parsers of foreign formats meet hostile input: what they cannot read is the file's fault.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| refused(BROKEN))
}

fn by_content(bytes: &[u8], limits: &Limits, most: usize) -> Result<Book> {
    if bytes.starts_with(b"PK\x03\x04") {
        let packed = guard::look(bytes, limits)?;
        return match (packed.is_xlsx, packed.is_ods, packed.is_xlsb) {
            (true, _, _) => xlsx(bytes, limits, packed, most),
            (_, true, _) => open_ods(bytes, limits, packed.notices),
            (_, _, true) => refused("不读 .xlsb 格式，请另存为 .xlsx 后上传"),
            _ => refused("这不是工作簿，请上传 .xlsx、.ods 或 .csv 文件"),
        };
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        if guard::is_encrypted(bytes) {
            return refused("文件设了打开密码，请去掉密码、另存为 .xlsx 后上传");
        }
        // Its parser lays out whatever box two numbers in the file claim, before anybody can count.
        return refused("不读旧的 .xls 格式，请另存为 .xlsx 再上传");
    }
    crate::text::csv(bytes, limits)
}

fn broken(error: impl std::fmt::Display) -> Error {
    let text = error.to_string();
    let message =
        if text.contains("password") { "文件设了打开密码，请去掉密码后上传" } else { BROKEN };
    Error::invalid("file", message)
}

fn xlsx(bytes: &[u8], limits: &Limits, packed: guard::Packed, most: usize) -> Result<Book> {
    let mut notices = packed.notices;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let (mut pages, mut room) = (Vec::new(), Room::new(limits));
    for sheet in worksheets(&book) {
        let mut page = blank(&sheet);
        let formulas = xlsx_rows(&mut book, &sheet.name, &mut room, |row| {
            page.rows.push(row);
            Ok(page.rows.len() < most)
        })?;
        notices.extend((!page.hidden).then(|| computed(&page.name, formulas)).flatten());
        // A program may write rows in any order, and one row in pieces.
        page.rows.sort_by_key(|r| r.number);
        page.merged = if packed.has_merged { merged(&mut book, &sheet.name)? } else { Vec::new() };
        pages.push(page);
    }
    Ok(Book { format: Format::Xlsx, pages, from_1904: book.has_1904_epoch(), notices })
}

/// An open workbook of the common format.
pub(crate) type Package<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Opens the common format for reading row by row; `None` for any other. What it costs has been looked at.
///
/// # Errors
/// As [`open`].
pub(crate) fn package<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Option<(Package<'a>, guard::Packed)>> {
    if bytes.len() > limits.bytes || !bytes.starts_with(b"PK\x03\x04") {
        return Ok(None);
    }
    let packed = guard::look(bytes, limits)?;
    if !packed.is_xlsx {
        return Ok(None);
    }
    Ok(Some((Xlsx::new(Cursor::new(bytes)).map_err(broken)?, packed)))
}

/// The worksheets of a package, in order.
pub(crate) fn worksheets(book: &Package<'_>) -> Vec<calamine::Sheet> {
    book.sheets_metadata().iter().filter(|s| s.typ == calamine::SheetType::WorkSheet).cloned().collect()
}

/// What is told of formulas.
pub(crate) fn computed(page: &str, formulas: usize) -> Option<String> {
    let words = "个公式，没有重新计算，用的是文件里保存的结果";
    (formulas > 0).then(|| format!("工作表“{page}”有 {formulas} {words}"))
}

/// Hands over the rows of a worksheet as they stand in the file until it is told to stop; the answer is how many
/// formulas there were.
///
/// # Errors
/// [`Error::Invalid`] at `file` for a damaged or oversized worksheet, or as `each` says.
pub(crate) fn xlsx_rows(
    book: &mut Package<'_>,
    name: &str,
    room: &mut Room,
    mut each: impl FnMut(Row) -> Result<bool>,
) -> Result<usize> {
    let mut formulas = 0_usize;
    let mut page = Page { name: name.to_owned(), ..Page::default() };
    let mut cells = book.worksheet_cells_reader(name).map_err(broken)?;
    while let Some(found) = cells.next_cell_with_formula_metadata().map_err(broken)? {
        let is_formula = found.formula.is_some();
        formulas += usize::from(is_formula);
        // A formula may well result in an empty text; without any result it was never computed.
        let cell = match found.value {
            DataRef::Empty if is_formula => Some(Cell::Uncomputed),
            value => of_ref(value, room)?,
        };
        let Some(cell) = cell else { continue };
        put(&mut page, found.pos, cell)?;
        if page.rows.len() > 1 && !each(page.rows.remove(0))? {
            return Ok(formulas);
        }
    }
    for row in page.rows {
        each(row)?;
    }
    Ok(formulas)
}

/// The merged cells of a worksheet.
///
/// # Errors
/// [`Error::Invalid`] at `file` for a damaged worksheet.
pub(crate) fn merged(book: &mut Package<'_>, name: &str) -> Result<Vec<Merged>> {
    let found = book.merge_cells_by_sheet_name(name).map_err(broken)?;
    let merged = found.iter().map(|m| Merged {
        top: m.start.0.saturating_add(1),
        left: m.start.1,
        bottom: m.end.0.saturating_add(1),
        right: m.end.1,
    });
    Ok(merged.collect())
}

fn blank(sheet: &calamine::Sheet) -> Page {
    Page { name: sheet.name.clone(), hidden: sheet.visible != SheetVisible::Visible, ..Page::default() }
}

fn open_ods(bytes: &[u8], limits: &Limits, notices: Vec<String>) -> Result<Book> {
    let mut merged = ods::look(bytes, limits)?.into_iter();
    let mut book = Ods::new(Cursor::new(bytes)).map_err(broken)?;
    let (mut pages, mut room) = (Vec::new(), Room::new(limits));
    for sheet in book.sheets_metadata().to_vec() {
        let mut page = blank(&sheet);
        page.merged = merged.next().unwrap_or_default();
        let range = book.worksheet_range(&sheet.name).map_err(broken)?;
        let (top, first) = range.start().unwrap_or((0, 0));
        for (row, col, data) in range.used_cells() {
            if let Some(cell) = of_data(data, &mut room)? {
                let place = |start: u32, by: usize| start.saturating_add(u32::try_from(by).unwrap_or(u32::MAX));
                put(&mut page, (place(top, row), place(first, col)), cell)?;
            }
        }
        pages.push(page);
    }
    Ok(Book { format: Format::Ods, pages, from_1904: false, notices })
}

/// Puts a cell to its place. Cells come in order, so a row that is not the last one is a new one.
///
/// # Errors
/// [`Error::Invalid`] at `file` for a place that no worksheet has.
pub(crate) fn put(page: &mut Page, (row, col): (u32, u32), cell: Cell) -> Result<()> {
    let number = row.saturating_add(1);
    let (Ok(col), true) = (u16::try_from(col), number <= LAST.0 && col <= LAST.1) else {
        return refused(format!("工作表“{}”的行或列过多，没有打开；请拆成几个文件上传", page.name));
    };
    match page.rows.last_mut().filter(|r| r.number == number) {
        Some(last) => last.cells.push((col, cell)),
        None => page.rows.push(Row { number, cells: vec![(col, cell)] }),
    }
    Ok(())
}

fn of_ref(data: DataRef<'_>, room: &mut Room) -> Result<Option<Cell>> {
    match data {
        DataRef::SharedString(text) => text_cell(text, room),
        other => of_data(&Data::from(other), room),
    }
}

fn of_data(data: &Data, room: &mut Room) -> Result<Option<Cell>> {
    let cell = match data {
        Data::Empty => return Ok(None),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => return text_cell(text, room),
        Data::Int(number) => Cell::Number(number.to_string()),
        Data::Float(number) => Cell::Number(fifteen_digits(&number.to_string())),
        Data::Bool(flag) => Cell::Flag(*flag),
        Data::DateTime(moment) => moment_cell(moment),
        Data::Error(error) => Cell::Failed(error.to_string()),
    };
    room.take(1, "")?;
    Ok(Some(cell))
}

/// A text of nothing but white space holds nothing.
pub(crate) fn text_cell(text: &str, room: &mut Room) -> Result<Option<Cell>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    room.take(1, text)?;
    Ok(Some(Cell::Text(text.to_owned())))
}

/// A day; with its time of day as text, which the reader of days tells about; and as the number it is when it is
/// no moment that people write, as the eight digits of a day in a cell that shows days.
fn moment_cell(moment: &ExcelDateTime) -> Cell {
    match moment.as_datetime() {
        Some(at) if moment.is_datetime() && (1900..=9999).contains(&at.year()) => match at.time() {
            NaiveTime::MIN => Cell::Day(at.date()),
            time => Cell::Text(format!("{} {}", at.date(), time.format("%H:%M:%S"))),
        },
        _ => Cell::Number(fifteen_digits(&moment.to_string())),
    }
}
