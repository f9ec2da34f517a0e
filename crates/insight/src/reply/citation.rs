//! Citations: a letter in which every figure is named, never written.
//!
//! A figure stands as `{{A03}}`, or with a phrase as `{{B08|超过}}`; what it says comes from the ledger.
//! Pure: texts in, texts out.
//!
//! Phrases: `超过` and `拟超过` print the floor and hold only above it, `以上` also at it;
//! `数字` and `中文` print the bare number, `实数` the exact one;
//! `年月日`, `月日` and `年月` print a day.

use chrono::Datelike;
use kernel::indicator::{Display, Figure, Number, Scale, over, plain};
use kernel::value::day::Day;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

/// Which figure a citation names, about which day, and how it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitationDef {
    /// Its number in the list of figures, such as `A03`.
    pub id: String,
    /// Codes of the indicators behind it, usually one.
    pub indicators: Vec<String>,
    /// The end of this day is asked about.
    pub about: Day,
    /// The floor printed instead of the value, in the printed unit.
    pub over: Option<i64>,
    /// How the floor is worded: 超过, 拟超过 or 以上.
    pub floor_phrase: Option<String>,
    /// What is printed instead of a number.
    pub printed: Option<String>,
    /// How several values are joined: `{0}`, `{0.num}`, `{0.den}`.
    pub form: Option<String>,
    /// Unit as the list of figures words it.
    pub unit: String,
    /// Time as the list of figures words it.
    pub as_of: String,
}

/// A letter and the figures it may cite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct City {
    /// Every citable figure, in the order of the list.
    pub figures: Vec<CitationDef>,
    /// The letter.
    pub reply: Letter,
}

impl City {
    /// The definition of a citation.
    pub fn figure(&self, id: &str) -> Option<&CitationDef> {
        self.figures.iter().find(|f| f.id == id)
    }
}

/// What stands around the text of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Front {
    /// Title.
    pub title: String,
    /// Number of the proposal.
    pub number: String,
    /// Year of the proposal.
    pub year: String,
    /// Class of the answer (A, B, C).
    pub mark: String,
    /// Title of the proposal.
    pub proposal: String,
    /// To whom.
    pub addressee: String,
    /// From whom.
    pub sender: String,
    /// The office to ask; never a person.
    pub contact: String,
}

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What stands around the text.
    pub front: Front,
    /// The text.
    pub blocks: Vec<Block>,
}

/// What a block of a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockKind {
    /// A heading of the first level (一、).
    Section,
    /// A heading of the second level (1.).
    Item,
    /// A paragraph.
    Text,
}

impl BlockKind {
    /// Whether it is a heading of the first level.
    pub(crate) fn is_section(self) -> bool {
        self == Self::Section
    }

    /// Whether it is a heading of the second level.
    pub(crate) fn is_item(self) -> bool {
        self == Self::Item
    }
}

/// A heading or paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text in pieces.
    pub segments: Vec<Segment>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Words.
    Text(String),
    /// A figure.
    Figure {
        /// Its number in the list of figures.
        id: String,
        /// How it is worded.
        phrase: Option<String>,
    },
}

impl Letter {
    /// Reads a letter: `name: value` lines between two `---`, then headings and paragraphs apart by blank lines.
    /// `{{year}}`, `{{number}}`, `{{title}}` and `{{proposal}}` stand for what the front says.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the line that cannot be read.
    pub fn parse(source: &str) -> Result<Self> {
        let mut lines = source.lines().enumerate();
        if lines.next().map(|(_, line)| line.trim()) != Some("---") {
            return Err(fault(1, "信函应以 --- 开始的说明部分开头"));
        }
        let mut front = Front::default();
        for (n, line) in lines.by_ref() {
            if line.trim() == "---" {
                break;
            }
            front.set(n + 1, line)?;
        }
        let mut blocks = Vec::new();
        for (n, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            blocks.push(block(n + 1, line.trim(), &front)?);
        }
        Ok(Self { front, blocks })
    }

    /// The numbers of all figures cited, in order, each once.
    pub fn cited(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for segment in self.blocks.iter().flat_map(|b| &b.segments) {
            if let Segment::Figure { id, .. } = segment
                && !ids.contains(&id.as_str())
            {
                ids.push(id);
            }
        }
        ids
    }
}

impl Front {
    fn set(&mut self, n: usize, line: &str) -> Result<()> {
        let (name, value) = line.split_once(':').ok_or_else(|| fault(n, "应为“名称: 内容”"))?;
        let value = value.trim().to_owned();
        match name.trim() {
            "title" => self.title = value,
            "number" => self.number = value,
            "year" => self.year = value,
            "mark" => self.mark = value,
            "proposal" => self.proposal = value,
            "addressee" => self.addressee = value,
            "sender" => self.sender = value,
            "contact" => self.contact = value,
            other => return Err(fault(n, &format!("说明部分没有“{other}”这一项"))),
        }
        Ok(())
    }

    fn value(&self, name: &str) -> Option<&str> {
        match name {
            "title" => Some(&self.title),
            "number" => Some(&self.number),
            "year" => Some(&self.year),
            "proposal" => Some(&self.proposal),
            _ => None,
        }
    }
}

fn fault(line: usize, message: &str) -> Error {
    Error::invalid("reply", format!("第 {line} 行：{message}"))
}

fn block(n: usize, line: &str, front: &Front) -> Result<Block> {
    let (kind, text) = if let Some(text) = line.strip_prefix("### ") {
        (BlockKind::Item, text)
    } else if let Some(text) = line.strip_prefix("## ") {
        (BlockKind::Section, text)
    } else {
        (BlockKind::Text, line)
    };
    let segments = segments(text, front).map_err(|message| fault(n, &message))?;
    Ok(Block { kind, segments })
}

/// Cuts a text at its citations.
fn segments(text: &str, front: &Front) -> std::result::Result<Vec<Segment>, String> {
    let mut found = Vec::new();
    let mut words = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, after) = after.split_once("}}").ok_or("引用缺少结尾的 }}")?;
        words.push_str(before);
        if let Some(value) = front.value(inside.trim()) {
            words.push_str(value);
        } else {
            if !words.is_empty() {
                found.push(Segment::Text(std::mem::take(&mut words)));
            }
            found.push(citation(inside)?);
        }
        rest = after;
    }
    words.push_str(rest);
    if !words.is_empty() {
        found.push(Segment::Text(words));
    }
    Ok(found)
}

fn citation(inside: &str) -> std::result::Result<Segment, String> {
    let (id, phrase) = match inside.split_once('|') {
        Some((id, phrase)) => (id.trim(), Some(phrase.trim())),
        None => (inside.trim(), None),
    };
    let well_formed = id.starts_with(|c: char| c.is_ascii_uppercase()) && id.chars().all(|c| c.is_ascii_alphanumeric());
    if !well_formed {
        return Err(format!("“{inside}”不是图表编号，应如 A03"));
    }
    Ok(Segment::Figure { id: id.to_owned(), phrase: phrase.map(str::to_owned) })
}

/// A figure in words. Joined, it is what the letter prints and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The value as the list of figures prints it.
    pub value: String,
    /// The exact value behind it.
    pub exact: String,
    /// Words before the number, such as 超过.
    pub lead: &'static str,
    /// The number.
    pub number: String,
    /// Its unit; empty where none is printed.
    pub unit: &'static str,
    /// Words after the unit, such as 以上.
    pub tail: &'static str,
}

impl Rendered {
    /// The pieces in order, with `gap` around the number.
    pub fn text(&self, gap: &str) -> String {
        let pieces = [self.lead, &self.number, self.unit];
        pieces.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(gap) + self.tail
    }
}

/// Words a citation from the figures of its indicators, given in the order of the definition.
/// Without a phrase the one of the definition counts.
///
/// # Errors
/// [`Error::Conflict`] when a floor does not hold; [`Error::Invalid`] for a phrase that does not fit the figure.
pub fn render(def: &CitationDef, figures: &[Figure], phrase: Option<&str>) -> Result<Rendered> {
    let first = figures.first().ok_or(Error::NotFound)?;
    let value = printed(def, figures, first);
    let exact = figures.iter().map(exact).collect::<Vec<_>>().join(" / ");
    let unit = first.indicator.unit;
    let unit = if matches!(first.number, Number::Day(_)) || value.ends_with(unit) { "" } else { unit };
    let words = Rendered { number: value.clone(), value, exact, lead: "", unit, tail: "" };
    let phrase = phrase.or(def.floor_phrase.as_deref());
    let unfit = || Error::invalid("reply", format!("引用 {} 不能用“{}”表述", def.id, phrase.unwrap_or_default()));
    Ok(match (phrase, &first.number) {
        (None, Number::Day(day)) => Rendered { number: dated(*day, first.indicator.display), ..words },
        (None, _) => words,
        (Some("超过" | "拟超过" | "以上"), _) => floor(def, first, phrase.unwrap_or_default(), words)?,
        (Some("实数"), Number::Count(n)) => Rendered { number: n.to_string(), ..words },
        (Some("数字"), _) => Rendered { unit: "", ..words },
        (Some("中文"), Number::Count(n)) => Rendered { number: chinese(*n).ok_or_else(unfit)?, unit: "", ..words },
        (Some("年月日"), Number::Day(day)) => Rendered { number: kernel::value::day::chinese(*day), ..words },
        (Some("月日"), Number::Day(day)) => {
            Rendered { number: format!("{}月{}日", day.month(), day.day()), ..words }
        }
        (Some("年月"), Number::Day(day)) => {
            Rendered { number: format!("{}年{}月", day.year(), day.month()), ..words }
        }
        _ => return Err(unfit()),
    })
}

/// The value as the list of figures prints it.
fn printed(def: &CitationDef, figures: &[Figure], first: &Figure) -> String {
    match (&def.printed, def.over, &def.form) {
        (Some(text), ..) => text.clone(),
        (_, Some(floor), _) => floor.to_string(),
        (_, _, Some(form)) => filled(form, figures),
        _ => plain(first),
    }
}

fn filled(form: &str, figures: &[Figure]) -> String {
    let mut text = form.to_owned();
    for (i, figure) in figures.iter().enumerate() {
        text = text.replace(&format!("{{{i}}}"), &plain(figure));
        for (name, part) in ["num", "den"].into_iter().zip(&figure.parts) {
            text = text.replace(&format!("{{{i}.{name}}}"), &plain(part));
        }
    }
    text
}

fn floor(def: &CitationDef, figure: &Figure, phrase: &str, words: Rendered) -> Result<Rendered> {
    let Some(floor) = def.over else {
        return Err(Error::invalid("reply", format!("引用 {} 没有下限，不能用“{phrase}”表述", def.id)));
    };
    if phrase == "以上" {
        if !matches!(figure.number, Number::Count(n) if n >= floor) {
            return Err(Error::Conflict(format!("“{}”不足 {floor}，不能表述为 {floor} 以上", figure.indicator.name)));
        }
        return Ok(Rendered { number: floor.to_string(), tail: "以上", ..words });
    }
    over(figure, floor)?;
    let lead = if phrase == "拟超过" { "拟超过" } else { "超过" };
    Ok(Rendered { number: floor.to_string(), lead, ..words })
}

/// The exact value, in the unit the figure is printed in.
fn exact(figure: &Figure) -> String {
    match &figure.number {
        Number::Money(fen) if figure.indicator.display.scale == Scale::Yi => fen.exact_yi(),
        Number::Money(fen) if figure.indicator.display.scale == Scale::Wan => fen.exact_wan(),
        Number::Ratio { .. } => figure.parts.iter().map(exact).collect::<Vec<_>>().join("/"),
        Number::Day(day) => day.to_string(),
        _ => plain(figure),
    }
}

fn dated(day: Day, display: Display) -> String {
    match display.scale {
        Scale::Month => format!("{}年{}月", day.year(), day.month()),
        _ => kernel::value::day::chinese(day),
    }
}

/// A number up to 99 in Chinese.
fn chinese(n: i64) -> Option<String> {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |d: i64| usize::try_from(d).ok().and_then(|d| DIGITS.get(d).copied());
    match n {
        0..=9 => Some(digit(n)?.to_owned()),
        10..=99 => {
            let tens = if n < 20 { "" } else { digit(n / 10)? };
            let ones = if n % 10 == 0 { "" } else { digit(n % 10)? };
            Some(format!("{tens}十{ones}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
