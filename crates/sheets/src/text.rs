//! Text with separators, in the encodings that spreadsheets of this country write.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, GB18030, UTF_8};
use kernel::Result;

use crate::book::{Book, Format, Page};
use crate::guard::{Limits, Room, refused};
use crate::open::{put, text_cell};

/// Bytes from the beginning by which the separator is found.
const SAMPLE: usize = 64 << 10;

/// Reads a file with separators: comma, tab or semicolon; UTF-8 with or without mark, UTF-16 with one, GB18030.
///
/// # Errors
/// [`kernel::Error::Invalid`] at `file` for what is no text, or too much of it.
pub(crate) fn csv(bytes: &[u8], limits: &Limits) -> Result<Book> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => GB18030,
    };
    let (text, _, had_errors) = encoding.decode(bytes);
    if had_errors || text.contains('\0') {
        return refused("认不出文件格式，请上传 .xlsx、.ods，或 UTF-8、GB18030 编码的 .csv");
    }
    let separator = separator(&text);
    if let Some(line) = cut(&text, separator, |_| {}) {
        return refused(format!("第 {line} 行的引号没有结束，后面的内容会混成一格；请补上引号，或另存为 .xlsx 后上传"));
    }
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut page = Page { name: "CSV".into(), ..Page::default() };
    let (mut room, mut folded) = (Room::new(limits), 0_u32);
    for record in reader.records() {
        let Ok(record) = record else { return refused("文件不是有效的 .csv，请重新导出后上传") };
        // A line break inside quotes begins no row of its own.
        let (line, byte) = record.position().map_or((1, 0), |p| (p.line(), p.byte()));
        // A record is said to begin at the blank lines before it.
        let ahead = text.as_bytes().get(usize::try_from(byte).unwrap_or(0)..).unwrap_or_default();
        let blank = ahead.iter().take_while(|b| matches!(b, b'\r' | b'\n')).filter(|b| **b == b'\n').count();
        let row = u32::try_from(line + blank as u64).unwrap_or(u32::MAX).saturating_sub(1 + folded);
        folded += record.iter().map(|field| u32::try_from(field.matches('\n').count()).unwrap_or(0)).sum::<u32>();
        for (col, field) in record.iter().enumerate() {
            if let Some(cell) = text_cell(field, &mut room)? {
                put(&mut page, (row, u32::try_from(col).unwrap_or(u32::MAX)), cell)?;
            }
        }
    }
    let notices = if encoding == UTF_8 { vec![] } else { vec![format!("文件按 {} 编码读取", encoding.name())] };
    Ok(Book { format: Format::Csv, pages: vec![page], from_1904: false, notices })
}

/// The separator that cuts the most lines into equally many fields: a title or an amount may hold any of them.
fn separator(text: &str) -> u8 {
    let sample = text.get(..text.floor_char_boundary(SAMPLE)).unwrap_or(text);
    let evenness = |separator: &u8| {
        let mut lines: BTreeMap<usize, usize> = BTreeMap::new();
        cut(sample, *separator, |fields| *lines.entry(fields).or_default() += 1);
        lines.into_iter().filter(|(fields, _)| *fields > 1).map(|(fields, lines)| (lines, fields)).max()
    };
    [b';', b'\t', b','].into_iter().max_by_key(evenness).unwrap_or(b',')
}

/// Tells the number of fields of every line that is not blank, as the reader cuts them.
/// The answer is the line in which a quote begins that is never closed.
fn cut(text: &str, separator: u8, mut tell: impl FnMut(usize)) -> Option<usize> {
    #[derive(PartialEq)]
    enum At {
        Start,
        Plain,
        Quoted,
        /// Behind a quote inside quotes: the end, or the first half of a quote that is meant.
        Ended,
    }
    let (mut at, mut fields, mut line, mut opened) = (At::Start, 1, 1, 0);
    let mut is_blank = true;
    for byte in text.bytes() {
        at = match (at, byte) {
            (At::Start, b'"') => {
                opened = line;
                At::Quoted
            }
            (At::Quoted, b'"') => At::Ended,
            (At::Quoted, _) | (At::Ended, b'"') => At::Quoted,
            (_, b'\n') => {
                if !is_blank {
                    tell(fields);
                }
                (fields, is_blank) = (1, true);
                At::Start
            }
            (_, byte) if byte == separator => {
                fields += 1;
                At::Start
            }
            (before, b'\r') => before,
            _ => At::Plain,
        };
        is_blank &= matches!(byte, b'\r' | b'\n');
        line += usize::from(byte == b'\n');
    }
    if !is_blank {
        tell(fields);
    }
    (at == At::Quoted).then_some(opened)
}
