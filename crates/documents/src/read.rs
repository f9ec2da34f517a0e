//! Reading a file back: of which publication it is a copy, and what it says now. Takes any bytes; what is broken,
//! too large or no file of ours is refused in words.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use kernel::{Error, Result};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::card::{Card, LARGEST};

mod pdf;

/// Largest file that is read, in bytes.
const LARGEST_FILE: usize = 32 * 1024 * 1024;
/// Largest part of a Word file, unpacked.
const LARGEST_PART: u64 = 24 * 1024 * 1024;
/// Parts of a Word file that are looked at.
const MOST_PARTS: usize = 2000;

/// What a file says, paragraph by paragraph (of a PDF: page by page), without white space around it.
pub type Paragraphs = Vec<String>;

/// Reads a Word or PDF file that was made here.
///
/// # Errors
/// [`Error::Invalid`] for a file that is too large, broken, or says nothing about a publication.
pub fn read(bytes: &[u8]) -> Result<(Card, Paragraphs)> {
    if bytes.len() > LARGEST_FILE {
        return Err(refused("文件超过 32 MB，不是由企枢生成的文件"));
    }
    let (card, text) = match bytes {
        [b'P', b'K', ..] => word(bytes)?,
        [b'%', b'P', b'D', b'F', ..] => pdf::read(bytes)?,
        _ => return Err(refused("只能核对 Word（.docx）和 PDF 文件")),
    };
    match card {
        Some(card) => Ok((card, text)),
        None => Err(refused("文件里没有发布标识：不是由企枢发布的文件，或者标识已在另存时丢失")),
    }
}

fn refused(message: &str) -> Error {
    Error::invalid("file", message)
}

fn word(bytes: &[u8]) -> Result<(Option<Card>, Paragraphs)> {
    let broken = || refused("Word 文件损坏，不能读取");
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if parts.len() > MOST_PARTS {
        return Err(broken());
    }
    let names: Vec<String> = parts.file_names().filter_map(|name| name.ok().map(|name| name.into_owned())).collect();
    let mut card = None;
    for name in names.iter().filter(|name| name.starts_with("customXml/item") && !name.contains("Props")) {
        let part = part(&mut parts, name, LARGEST as u64)?;
        card = card.or_else(|| Card::parse(&paragraphs(&part, "card").concat()));
    }
    let text = paragraphs(&part(&mut parts, "word/document.xml", LARGEST_PART)?, "p");
    Ok((card, text.into_iter().filter(|line| !line.is_empty()).collect()))
}

fn part(parts: &mut zip::ZipArchive<Cursor<&[u8]>>, name: &str, most: u64) -> Result<Vec<u8>> {
    let broken = || refused("Word 文件损坏，不能读取");
    let part = parts.by_name(name).map_err(|_| broken())?;
    let mut bytes = Vec::new();
    // The size a part claims is not believed.
    part.take(most + 1).read_to_end(&mut bytes).map_err(|_| broken())?;
    if bytes.len() as u64 > most {
        return Err(refused("Word 文件中有过大的部分，不是由企枢生成的文件"));
    }
    Ok(bytes)
}

/// The text within each element of a name, in order; of nested ones only the innermost. What cannot be read ends it.
fn paragraphs(xml: &[u8], element: &str) -> Vec<String> {
    let mut reader = Reader::from_reader(xml);
    let (mut found, mut text, mut within) = (Vec::new(), String::new(), false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) if tag.local_name().as_ref() == element => {
                text.clear();
                within = true;
            }
            Ok(Event::End(tag)) if tag.local_name().as_ref() == element => {
                found.push(squeezed(&text));
                text.clear();
                within = false;
            }
            Ok(Event::Text(words)) if within => {
                text.push_str(&words);
            }
            Ok(Event::GeneralRef(name)) if within => {
                text.push_str(&entity(&name));
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

fn entity(name: &str) -> String {
    match name {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        other => {
            let digits = other.strip_prefix('#').unwrap_or_default();
            let code = match digits.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => digits.parse().ok(),
            };
            code.and_then(char::from_u32).map(String::from).unwrap_or_default()
        }
    }
}

/// Without white space: programs that save a file again set it as they like.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A place at which a file says something else than the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the register says; empty where the file adds something.
    pub expected: String,
    /// What the file says; empty where something is missing in it.
    pub found: String,
}

/// Characters of a difference that are shown.
const SHOWN: usize = 60;

/// Where two texts differ: lines that only one of them has, brought together in their order.
pub fn differences(expected: &[String], found: &[String]) -> Vec<Difference> {
    let mut count: HashMap<&str, i64> = HashMap::new();
    expected.iter().for_each(|line| *count.entry(line).or_default() += 1);
    found.iter().for_each(|line| *count.entry(line).or_default() -= 1);
    let missing = only(expected, &mut count, 1);
    let added = only(found, &mut count, -1);
    let longest = missing.len().max(added.len());
    let at = |lines: &[String], n: usize| lines.get(n).cloned().unwrap_or_default();
    (0..longest).map(|n| around(&at(&missing, n), &at(&added, n))).collect()
}

/// The lines of which one side has more than the other.
fn only<'l>(lines: &'l [String], count: &mut HashMap<&'l str, i64>, sign: i64) -> Vec<String> {
    let mut taken = Vec::new();
    for line in lines {
        let left = count.entry(line).or_default();
        if *left * sign > 0 {
            *left -= sign;
            taken.push(line.clone());
        }
    }
    taken
}

/// The first place at which two lines part, with a few characters around it.
fn around(expected: &str, found: &str) -> Difference {
    let same = expected.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
    let cut = |text: &str| {
        let skip = if same > 12 && !expected.is_empty() && !found.is_empty() { same - 12 } else { 0 };
        let lead = if skip > 0 { "…" } else { "" };
        let shown: String = text.chars().skip(skip).take(SHOWN).collect();
        let tail = if text.chars().count() > skip + SHOWN { "…" } else { "" };
        format!("{lead}{shown}{tail}")
    };
    Difference { expected: cut(expected), found: cut(found) }
}
