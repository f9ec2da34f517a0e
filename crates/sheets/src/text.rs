//! Text with separators, in the encodings that spreadsheets of this country write.

use encoding_rs::{Encoding, GB18030, UTF_8};
use kernel::Result;

use crate::book::{Book, Cell, Format, Page};
use crate::guard::{Limits, refused};
use crate::open::{put, take};

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
        return refused("认不出文件格式，请上传 .xlsx、.xls、.ods，或 UTF-8、GB18030 编码的 .csv");
    }
    let first = text.lines().next().unwrap_or("");
    let separator = [b',', b'\t', b';'].into_iter().max_by_key(|s| first.bytes().filter(|b| b == s).count());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator.unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut page = Page { name: "CSV".into(), ..Page::default() };
    let (mut left, mut folded) = (limits.cells, 0_u32);
    for record in reader.records() {
        let Ok(record) = record else { return refused("文件不是有效的 .csv，请重新导出后上传") };
        // A line break inside quotes begins no row of its own.
        let (line, byte) = record.position().map_or((1, 0), |p| (p.line(), p.byte()));
        // A record is said to begin at the blank lines before it.
        let ahead = text.as_bytes().get(usize::try_from(byte).unwrap_or(0)..).unwrap_or_default();
        let blank = ahead.iter().take_while(|b| matches!(b, b'\r' | b'\n')).filter(|b| **b == b'\n').count();
        let row = u32::try_from(line + blank as u64).unwrap_or(u32::MAX).saturating_sub(1 + folded);
        folded += record.iter().map(|field| u32::try_from(field.matches('\n').count()).unwrap_or(0)).sum::<u32>();
        for (col, field) in record.iter().enumerate().filter(|(_, field)| !field.trim().is_empty()) {
            left = take(left)?;
            put(&mut page, (row, u32::try_from(col).unwrap_or(u32::MAX)), Cell::Text(field.to_owned()));
        }
    }
    let notices = if encoding == UTF_8 { vec![] } else { vec![format!("文件按 {} 编码读取", encoding.name())] };
    Ok(Book { format: Format::Csv, pages: vec![page], notices })
}
