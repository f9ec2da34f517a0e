//! Reading a long workbook in stretches: of its rows only as many are held as one stretch has.
//!
//! Owns the order of reading. Never keeps a row that was handed over.

use kernel::Result;

use crate::book::{Book, Format, Page};
use crate::guard::{Limits, Packed, Room, refused};
use crate::head::HELD;
use crate::mapping::Mapping;
use crate::open::{self, Package, guarded};
use crate::read::{Reader, Reading, is_read};
use crate::rows::Source;
use crate::template::Template;

/// Reads a workbook as [`crate::read`] does and hands over its rows in stretches of `rows`, each with the findings of
/// those rows; `each` says whether to go on. The answer holds the pages, the last rows, what is said at heads and the
/// notices; `None` when `each` has stopped it.
///
/// # Errors
/// As [`crate::open`] and [`crate::read`], and [`kernel::Error::Invalid`] at `file` for rows out of order.
pub fn read_in_stretches(
    bytes: &[u8],
    template: &Template,
    mapping: &Mapping,
    rows: usize,
    mut each: impl FnMut(Reading) -> bool,
) -> Result<Option<Reading>> {
    let limits = Limits::UPLOAD;
    guarded(|| match open::package(bytes, &limits)? {
        Some((package, packed)) => xlsx(package, packed, &limits, (template, mapping), rows, &mut each),
        // Other formats are laid out whole by their parsers; what they may cost is bounded.
        None => laid_out(open::open(bytes, &limits)?, (template, mapping), rows, &mut each),
    })
}

type By<'a> = (&'a Template, &'a Mapping);

fn xlsx(
    mut book: Package<'_>,
    packed: Packed,
    limits: &Limits,
    (template, mapping): By<'_>,
    rows: usize,
    each: &mut impl FnMut(Reading) -> bool,
) -> Result<Option<Reading>> {
    let source = Source { format: Format::Xlsx, from_1904: book.has_1904_epoch() };
    let mut room = Room::new(limits);
    let sheets = open::worksheets(&book);
    let held = match sheets.iter().any(|sheet| sheet.name == HELD) {
        true => Some(whole(&mut book, HELD, &mut room)?),
        false => None,
    };
    let mut reader = Reader::new(source, template, mapping, held.as_ref(), packed.notices)?;
    drop(held);
    for sheet in sheets.iter().filter(|sheet| is_read(&sheet.name)) {
        if sheet.visible != calamine::SheetVisible::Visible {
            reader.skip(&sheet.name);
            continue;
        }
        let merged = if packed.has_merged { open::merged(&mut book, &sheet.name)? } else { Vec::new() };
        let mut on = reader.begin(&sheet.name, &merged);
        let (mut last, mut goes_on) = (0, true);
        let formulas = open::xlsx_rows(&mut book, &sheet.name, &mut room, |row| {
            if row.number <= last {
                return refused(format!("工作表“{}”的行没有按次序保存，请用表格软件打开、另存后上传", sheet.name));
            }
            last = row.number;
            reader.feed(&mut on, &row);
            goes_on = reader.reading.rows.len() < rows || each(stretch(&mut reader.reading));
            Ok(goes_on)
        })?;
        if !goes_on {
            return Ok(None);
        }
        reader.reading.notices.extend(open::computed(&sheet.name, formulas));
        reader.end(on);
    }
    reader.finish().map(Some)
}

fn laid_out(
    book: Book,
    (template, mapping): By<'_>,
    rows: usize,
    each: &mut impl FnMut(Reading) -> bool,
) -> Result<Option<Reading>> {
    let source = Source { format: book.format, from_1904: book.from_1904 };
    let held = book.pages.iter().find(|page| page.name == HELD);
    let mut reader = Reader::new(source, template, mapping, held, book.notices.clone())?;
    for page in book.pages.into_iter().filter(|page| is_read(&page.name)) {
        if page.hidden {
            reader.skip(&page.name);
            continue;
        }
        let mut on = reader.begin(&page.name, &page.merged);
        for row in page.rows {
            reader.feed(&mut on, &row);
            if reader.reading.rows.len() >= rows && !each(stretch(&mut reader.reading)) {
                return Ok(None);
            }
        }
        reader.end(on);
    }
    reader.finish().map(Some)
}

/// All rows of one worksheet.
fn whole(book: &mut Package<'_>, name: &str, room: &mut Room) -> Result<Page> {
    let mut page = Page { name: name.to_owned(), ..Page::default() };
    open::xlsx_rows(book, name, room, |row| {
        page.rows.push(row);
        Ok(true)
    })?;
    Ok(page)
}

/// Takes the rows out with what was found in them.
fn stretch(reading: &mut Reading) -> Reading {
    Reading {
        pages: reading.pages.clone(),
        rows: std::mem::take(&mut reading.rows),
        findings: std::mem::take(&mut reading.findings),
        notices: Vec::new(),
        held: reading.held.clone(),
        format: reading.format,
    }
}
