//! What a file may cost to open. Looks before anything is parsed; nothing is executed or fetched.

use std::io::{Cursor, Read, copy, sink};

use kernel::{Error, Result};
use zip::ZipArchive;

/// Upper bounds for one file.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Size of the file in bytes.
    pub bytes: usize,
    /// Size of everything packed in it, in bytes.
    pub inflated: u64,
    /// How many times a packed part may grow.
    pub ratio: u64,
    /// Cells that hold something.
    pub cells: usize,
}

impl Limits {
    /// For uploads: 50 MB, 600 MB unpacked, 3 million cells.
    pub const UPLOAD: Self = Self { bytes: 50 << 20, inflated: 600 << 20, ratio: 400, cells: 3_000_000 };
}

/// A refusal of the file as a whole.
pub(crate) fn refused<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::invalid("file", message))
}

/// What a packed workbook turned out to be.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    pub is_xlsx: bool,
    pub is_ods: bool,
    pub is_xlsb: bool,
    pub notices: Vec<String>,
}

/// Measures every part by unpacking it into nothing: sizes written in the file may lie.
///
/// # Errors
/// [`Error::Invalid`] at `file` for a broken, encrypted or oversized package.
pub(crate) fn look(bytes: &[u8], limits: &Limits) -> Result<Packed> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return refused("文件已损坏或不完整，请重新保存后上传");
    };
    let (mut packed, mut total) = (Packed::default(), 0_u64);
    let (mut links, mut pictures, mut macros) = (false, false, false);
    for index in 0..archive.len() {
        let Ok(part) = archive.by_index(index) else {
            return refused("文件已加密或已损坏，请去掉打开密码、另存为 .xlsx 后上传");
        };
        let Ok(name) = part.name().map(|n| n.into_owned()) else {
            return refused("文件已损坏或不完整，请重新保存后上传");
        };
        let written = part.compressed_size().max(1);
        let room = limits.inflated - total;
        let Ok(size) = copy(&mut part.take(room + 1), &mut sink()) else {
            return refused("文件已损坏或不完整，请重新保存后上传");
        };
        total += size;
        if size > room || (size > 1 << 20 && size / written > limits.ratio) {
            return refused("文件解压后异常庞大，没有打开；请删除多余的空行空列后另存为新文件");
        }
        packed.is_xlsx |= name == "xl/workbook.xml";
        packed.is_xlsb |= name == "xl/workbook.bin";
        packed.is_ods |= name == "content.xml";
        links |= name.starts_with("xl/externalLinks/");
        pictures |= name.starts_with("xl/media/") || name.starts_with("Pictures/");
        macros |= name.ends_with("vbaProject.bin");
    }
    let said = [
        (links, "文件引用了其他工作簿，没有打开那些文件，只用表中已有的值"),
        (pictures, "文件中的图片没有读取"),
        (macros, "文件中的宏没有运行"),
    ];
    packed.notices = said.into_iter().filter(|(is, _)| *is).map(|(_, words)| words.to_owned()).collect();
    Ok(packed)
}

/// Whether an OLE container holds an encrypted workbook.
pub(crate) fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}

/// Refuses an OpenDocument sheet in which one written cell stands for a flood of them.
///
/// # Errors
/// [`Error::Invalid`] at `file`.
pub(crate) fn look_at_repeats(bytes: &[u8], limits: &Limits) -> Result<()> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| Error::invalid("file", e.to_string()))?;
    let mut xml = String::new();
    let read = archive.by_name("content.xml").map(|part| part.take(limits.inflated).read_to_string(&mut xml));
    if !matches!(read, Ok(Ok(_))) {
        return refused("文件已损坏或不完整，请重新保存后上传");
    }
    let mut reader = quick_xml::Reader::from_str(&xml);
    let (mut rows, mut cells) = (1_u64, 0_u64);
    loop {
        use quick_xml::events::Event;
        let (element, holds) = match reader.read_event() {
            Ok(Event::Start(e)) => (e, true),
            Ok(Event::Empty(e)) => (e, false),
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => continue,
            Err(_) => return refused("文件已损坏或不完整，请重新保存后上传"),
        };
        let repeated = |name: &str| {
            let found = element.try_get_attribute(name).ok().flatten();
            found.and_then(|a| a.value.parse::<u64>().ok()).unwrap_or(1)
        };
        match element.name().as_ref() {
            "table:table-row" => rows = repeated("table:number-rows-repeated"),
            "table:table-cell" if holds => {
                cells = cells.saturating_add(rows.saturating_mul(repeated("table:number-columns-repeated")));
                if cells > limits.cells as u64 {
                    return refused("工作表中的单元格过多，没有打开；请拆成几个文件上传");
                }
            }
            _ => {}
        }
    }
}
