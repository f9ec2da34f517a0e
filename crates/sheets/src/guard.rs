//! What a file may cost to open. Looks before anything is parsed; nothing is executed or fetched.

use std::io::{Cursor, Read, Write, copy};

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
    /// Cells that hold something; of an OpenDocument file, the boxes around them, since those are laid out whole.
    pub cells: usize,
    /// Bytes of the texts of all cells.
    pub text: usize,
}

impl Limits {
    /// For uploads: 50 MB, 600 MB unpacked, 3 million cells with 200 MB of text.
    pub const UPLOAD: Self =
        Self { bytes: 50 << 20, inflated: 600 << 20, ratio: 400, cells: 3_000_000, text: 200 << 20 };
}

/// Characters that a cell of a workbook may hold, by the format itself.
const LONGEST: usize = 32_767;
/// The last row, from 1, and column, from 0, that may hold something; one column is left for the verdicts.
pub(crate) const LAST: (u32, u32) = (1_048_576, 16_382);

/// What may still be taken out of a file.
#[derive(Debug)]
pub(crate) struct Room {
    cells: usize,
    text: usize,
}

impl Room {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { cells: limits.cells, text: limits.text }
    }

    /// Makes room for `count` more cells with this text, before any of them is copied.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `file`.
    pub(crate) fn take(&mut self, count: usize, text: &str) -> Result<()> {
        if text.len() > LONGEST && text.encode_utf16().count() > LONGEST {
            return refused(format!("有一格超过 {LONGEST} 个字，没有读取；请缩短该格后上传"));
        }
        match (self.cells.checked_sub(count), self.text.checked_sub(text.len().saturating_mul(count))) {
            (Some(cells), Some(text)) => {
                (self.cells, self.text) = (cells, text);
                Ok(())
            }
            (None, _) => refused("工作表中的单元格过多，没有读完；请拆成几个文件上传"),
            (_, None) => refused("工作表中的文字过多，没有读完；请拆成几个文件上传"),
        }
    }
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
    /// Whether any part speaks of merged cells; looking for them costs another reading of a whole worksheet.
    pub has_merged: bool,
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
        let mut look = Look::default();
        let Ok(size) = copy(&mut part.take(room + 1), &mut look) else {
            return refused("文件已损坏或不完整，请重新保存后上传");
        };
        total += size;
        if name == "xl/sharedStrings.xml" && size > limits.text as u64 {
            return refused("工作表中的文字过多，没有打开；请拆成几个文件上传");
        }
        if size > room || (size > 1 << 20 && size / written > limits.ratio) {
            return refused("文件解压后异常庞大，没有打开；请删除多余的空行空列后另存为新文件");
        }
        packed.has_merged |= look.found;
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

/// Takes the bytes of a part and keeps none; notes whether they speak of merged cells.
#[derive(Default)]
struct Look {
    found: bool,
    /// The end of what was taken before: the word may stand across two takings.
    tail: Vec<u8>,
}

const MERGED: &[u8] = b"mergeC";

impl Write for Look {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let keep = MERGED.len() - 1;
        self.tail.extend(bytes.iter().take(keep));
        self.found |= holds(&self.tail) || holds(bytes);
        if let Some(end) = bytes.len().checked_sub(keep).and_then(|from| bytes.get(from..)) {
            self.tail.clear();
            self.tail.extend(end);
        } else {
            self.tail.drain(..self.tail.len().saturating_sub(keep));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Whether bytes hold the word; its last letter is the rarest of it in a worksheet.
fn holds(bytes: &[u8]) -> bool {
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'C');
    ends.any(|(at, _)| bytes.get(..=at).is_some_and(|before| before.ends_with(MERGED)))
}

/// Whether an OLE container holds an encrypted workbook.
pub(crate) fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_found_wherever_the_bytes_are_cut() {
        let text = b"<sheetData/><mergeCells count=\"1\"><C>";
        for cut in 0..text.len() {
            let mut look = Look::default();
            for part in [&text[..cut], &text[cut..]] {
                assert_eq!(look.write(part).expect("takes all"), part.len());
            }
            assert!(look.found, "{cut}");
        }
        let mut look = Look::default();
        for part in text.chunks(1) {
            look.write_all(part).expect("takes all");
        }
        assert!(look.found, "byte by byte");
        let mut look = Look::default();
        look.write_all(b"<c r=\"C17\"/><merged/>C merge C").expect("takes all");
        assert!(!look.found);
    }
}
