//! Reading a workbook by a template: every cell to a value, every fault and every repair at its cell.

use std::collections::{BTreeMap, HashMap};

use kernel::Result;

use crate::book::{Book, Cell, Page, Row, a1};
use crate::cell::Value;
use crate::guard::refused;
use crate::head::{self, HELD, LISTS};
use crate::rows::Sheet;
use crate::template::Template;
use crate::unit::Stated;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The row cannot be taken.
    Fault,
    /// Two people changed the same value.
    Conflict,
    /// Doubtful; taken unless corrected.
    Warning,
    /// Read otherwise than written.
    Repair,
}

/// Something to tell about a cell or a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How grave.
    pub level: Level,
    /// Index of the page among [`Reading::pages`].
    pub page: usize,
    /// Row, from 1.
    pub row: u32,
    /// Column, from 0; `None` when it is about the whole row.
    pub col: Option<u16>,
    /// Head of the column; empty for a row.
    pub head: String,
    /// What the cell holds, as written.
    pub raw: String,
    /// What is wrong and what to do, or what was repaired.
    pub message: String,
}

impl Finding {
    /// The cell as `C17`, or the row as `第17行`.
    pub fn place(&self) -> String {
        self.col.map_or_else(|| format!("第{}行", self.row), |col| a1(col, self.row))
    }
}

/// A cell that was read.
#[derive(Debug, Clone)]
pub struct ReadCell {
    /// Column, from 0.
    pub col: u16,
    /// As written.
    pub raw: String,
    /// What it means; `None` when it is at fault.
    pub value: Option<Value>,
}

/// A row that was read.
#[derive(Debug, Clone)]
pub struct ReadRow {
    /// Index of its page.
    pub page: usize,
    /// Row, from 1.
    pub row: u32,
    /// The key the template gave it.
    pub key: Option<String>,
    /// Its cells by column key; what is empty is absent.
    pub cells: BTreeMap<&'static str, ReadCell>,
    /// What the template held for it, by column key, as typed text.
    pub held: BTreeMap<String, String>,
    /// Whether a cell of it is at fault.
    pub faulty: bool,
}

impl ReadRow {
    /// The value of a column.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.cells.get(key)?.value.as_ref()
    }

    /// The value of a column as the field of a form takes it; empty when there is none.
    pub fn typed(&self, key: &str) -> String {
        self.value(key).map(Value::typed).unwrap_or_default()
    }

    /// Whether the sheet says something else than the template held.
    pub fn touched(&self, key: &str) -> bool {
        self.value(key).is_some_and(|v| self.held.get(key) != Some(&v.typed()))
    }
}

/// A page whose head was found.
#[derive(Debug, Clone)]
pub struct ReadPage {
    /// Its name.
    pub name: String,
    /// Row of its head, from 1.
    pub head: u32,
    /// Last column that holds something, from 0.
    pub last: u16,
    /// Where each column stands.
    pub columns: BTreeMap<&'static str, u16>,
    /// What is said about the unit of each column, in its head or above all heads.
    pub units: BTreeMap<&'static str, Stated>,
}

/// Which template a workbook came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Code of the template.
    pub template: String,
    /// Its version.
    pub version: u32,
    /// When it was written, as shown.
    pub issued: String,
}

/// A workbook read by a template.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Pages that were read.
    pub pages: Vec<ReadPage>,
    /// Their rows.
    pub rows: Vec<ReadRow>,
    /// What to tell about cells and rows.
    pub findings: Vec<Finding>,
    /// What to tell about the file.
    pub notices: Vec<String>,
    /// The template it came from; `None` for a foreign workbook.
    pub held: Option<Held>,
}

impl Reading {
    /// Adds a finding at a column of a row, or at the row when the sheet has no such column.
    pub fn find(&mut self, level: Level, at: &ReadRow, template: &Template, key: &str, message: impl Into<String>) {
        let col = self.pages.get(at.page).and_then(|p| p.columns.get(key)).copied();
        let head = template.column(key).map(crate::Column::title).unwrap_or_default();
        let raw = at.cells.get(key).map(|c| c.raw.clone()).unwrap_or_default();
        let (page, row, message) = (at.page, at.row, message.into());
        self.findings.push(Finding { level, page, row, col, head, raw, message });
    }
}

/// Reads every visible page that has the head of the template.
///
/// # Errors
/// [`kernel::Error::Invalid`] at `file` when no page has the head, or the workbook is of another template.
pub fn read(book: &Book, template: &Template) -> Result<Reading> {
    let mut reading = Reading { notices: book.notices.clone(), ..Reading::default() };
    let held = book.pages.iter().find(|p| p.name == HELD).map(held_values);
    if let Some((from, _)) = &held {
        if from.template != template.code {
            return refused(format!("这是另一种模板（{}），请选择对应的导入种类", from.template));
        }
        if from.version != template.version {
            let words = "模板是旧版（第 {} 版，现为第 {} 版），已按列名读取；新增的列为空";
            let words = words.replacen("{}", &from.version.to_string(), 1);
            reading.notices.push(words.replacen("{}", &template.version.to_string(), 1));
        }
    }
    let mut missing = Vec::new();
    for page in book.pages.iter().filter(|p| p.name != HELD && p.name != LISTS) {
        match head::find(page, template) {
            _ if page.hidden => reading.notices.push(format!("隐藏的工作表“{}”没有读取", page.name)),
            Some(head) if head.missing.is_empty() => {
                Sheet::new(&mut reading, book, page, template, &head).read(held.as_ref().map(|(_, values)| values));
            }
            Some(head) => {
                missing.push(format!("工作表“{}”第 {} 行缺少列：{}", page.name, head.row, head.missing.join("、")))
            }
            None if page.rows.is_empty() => {}
            None => reading.notices.push(format!("工作表“{}”中没有找到表头，没有读取", page.name)),
        }
    }
    reading.held = held.map(|(from, _)| from);
    match (reading.pages.is_empty(), missing.is_empty()) {
        (false, _) => {
            reading.notices.append(&mut missing);
            Ok(reading)
        }
        (true, false) => refused(format!("{}。请补上这些列，或下载模板填写", missing.join("；"))),
        (true, true) => {
            let heads: Vec<String> = template.columns.iter().filter(|c| c.required).map(crate::Column::title).collect();
            refused(format!("没有找到表头。表头应有：{}。请下载模板填写", heads.join("、")))
        }
    }
}

/// What the template held, by row key and column key.
pub(crate) type HeldValues = HashMap<String, BTreeMap<String, String>>;

fn held_values(page: &Page) -> (Held, HeldValues) {
    let text = |row: &Row, col: u16| row.at(col).map(Cell::shown).unwrap_or_default();
    let mut rows = page.rows.iter();
    let from = rows.next().map(|r| Held {
        template: text(r, 1),
        version: text(r, 2).parse().unwrap_or(0),
        issued: text(r, 3),
    });
    let keys: Vec<(u16, String)> =
        rows.next().map(|r| r.cells.iter().map(|(c, cell)| (*c, cell.shown())).collect()).unwrap_or_default();
    let values = rows.map(|row| {
        let held = keys.iter().skip(1).filter_map(|(col, key)| Some((key.clone(), row.at(*col)?.shown())));
        (text(row, 0), held.collect())
    });
    (from.unwrap_or_default(), values.collect())
}
