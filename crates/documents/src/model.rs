//! The model of a document: what stands in it, never how it looks. Plain data, kept with publications as JSON.

use serde::{Deserialize, Serialize};

use crate::card::Card;
use crate::chart::Chart;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// What stands around the text.
    pub head: Head,
    /// The text.
    pub blocks: Vec<Block>,
    /// Footnotes that belong to the whole document, such as released breaks of rules.
    pub notes: Vec<String>,
    /// The annex “figures and sources”: one line for each figure.
    pub sources: Vec<Source>,
    /// What the file says about itself to programs; absent for a document that was not published.
    pub card: Option<Card>,
}

/// Which of the formats of official documents is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Letter (信函格式): red double lines above and below the first page.
    #[default]
    Letter,
    /// Red-head document (文件式).
    RedHead,
    /// Neither head nor lines: forms, lists, reports.
    Plain,
}

/// What stands around the text. Empty fields print nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Head {
    /// The format.
    pub layout: Layout,
    /// Mark at the top right, such as the class of an answer (A, B, C).
    pub mark: String,
    /// 发文机关标志.
    pub issuer: String,
    /// 发文字号, such as 黄经信函〔2021〕12号.
    pub number: String,
    /// Title; `\n` breaks it by sense.
    pub title: String,
    /// 主送, without the colon.
    pub addressee: String,
    /// 附件说明: names of the annexes.
    pub annexes: Vec<String>,
    /// Who signs.
    pub signed_by: String,
    /// 成文日期, as printed.
    pub dated: String,
    /// Lines under the signature, such as whom to ask.
    pub contact: Vec<String>,
    /// 版记.
    pub imprint: Option<Imprint>,
}

/// 版记: copies, and who printed it when.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Imprint {
    /// 抄送; empty for none.
    pub copies: String,
    /// 印发机关.
    pub office: String,
    /// 印发日期, as printed.
    pub on: String,
}

/// A part of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A heading.
    Heading(Heading),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A table.
    Table(Table),
    /// A chart, drawn from its numbers.
    Chart(Chart),
    /// A picture.
    Picture(Picture),
    /// A footnote-like remark in small type.
    Note(Vec<Inline>),
    /// What follows begins on a new page.
    PageBreak,
}

/// A heading. Its number is counted by the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 1 一、 2 （一） 3 1. 4 （1）.
    pub level: u8,
    /// Its text, without the number.
    pub text: Vec<Inline>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// Words.
    Text(String),
    /// A cited or declared figure.
    Figure {
        /// Its number in the document, such as `A03`: the key of a [`Source`].
        key: String,
        /// What is printed.
        text: String,
    },
}

impl Inline {
    /// What is printed.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Figure { text, .. } => text,
        }
    }
}

/// How a column or a cell is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// Words.
    #[default]
    Start,
    /// Labels.
    Center,
    /// Numbers.
    End,
}

/// A table. Its heads are repeated on every page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    /// Above the table; empty for none.
    pub caption: String,
    /// Columns; a table whose heads are all empty has no row of heads.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
    /// Whether it is set in the small type of annexes.
    pub small: bool,
}

impl Table {
    /// Whether the table has a row of heads.
    pub(crate) fn has_heads(&self) -> bool {
        self.columns.iter().any(|column| !column.head.is_empty())
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    /// Its head.
    pub head: String,
    /// Its share of the width.
    pub share: u32,
    /// How its cells are set.
    pub align: Align,
}

impl Column {
    /// A column of words.
    pub fn new(head: impl Into<String>, share: u32) -> Self {
        Self { head: head.into(), share, align: Align::Start }
    }

    /// Set otherwise.
    #[must_use]
    pub fn align(self, align: Align) -> Self {
        Self { align, ..self }
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Row {
    /// Its cells.
    pub cells: Vec<Cell>,
    /// Lowest height in lines of the grid; 0 for as high as its text.
    pub lines: u32,
    /// Where the row is known again in annexes; empty for an ordinary row.
    pub anchor: String,
}

impl Row {
    /// A row of single cells.
    pub fn new(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self { cells: cells.into_iter().collect(), ..Self::default() }
    }
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// Its text; `\n` in words begins a new line.
    pub text: Vec<Inline>,
    /// How many columns it covers; 0 and 1 mean one.
    pub span: u32,
    /// How it is set, where not as its column.
    pub align: Option<Align>,
}

impl Cell {
    /// A cell of words.
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: vec![Inline::Text(text.into())], ..Self::default() }
    }

    /// Over so many columns.
    #[must_use]
    pub fn span(self, span: u32) -> Self {
        Self { span, ..self }
    }

    /// In the middle.
    #[must_use]
    pub fn centred(self) -> Self {
        Self { align: Some(Align::Center), ..self }
    }
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// PNG.
    pub bytes: Vec<u8>,
    /// Under the picture; also what is read instead of it.
    pub caption: String,
    /// Width in hundredths of the text's width.
    pub width: u32,
}

/// A figure of the document and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Source {
    /// Its number in the document; several lines may share one, the first is where links lead.
    pub key: String,
    /// Name of the indicator, or what a declared figure says.
    pub name: String,
    /// What exactly is counted; for a declared figure its source, day and person.
    pub definition: String,
    /// The day it is about.
    pub about: String,
    /// The exact value with its unit.
    pub value: String,
    /// How many rows stand behind it; absent for a declared figure.
    pub rows: Option<i64>,
    /// By which it can be compared with the register.
    pub code: String,
    /// Its page; empty for none.
    pub href: String,
}

impl Document {
    /// The first line of a figure in the annex.
    pub fn source(&self, key: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.key == key)
    }

    /// Every piece of the text, also in tables, in order.
    pub fn inlines(&self) -> impl Iterator<Item = &Inline> {
        self.blocks.iter().flat_map(|block| match block {
            Block::Heading(Heading { text, .. }) | Block::Paragraph(text) | Block::Note(text) => {
                text.iter().collect::<Vec<_>>()
            }
            Block::Table(table) => table.rows.iter().flat_map(|r| &r.cells).flat_map(|c| &c.text).collect(),
            Block::Chart(_) | Block::Picture(_) | Block::PageBreak => Vec::new(),
        })
    }
}
