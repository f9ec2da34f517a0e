//! Reading a workbook by a template: every cell to a value, every fault and every repair at its cell.

use std::collections::{BTreeMap, HashMap};

use kernel::Result;

use crate::book::{Book, Cell, Format, Merged, Page, Row, a1};
use crate::cell::Value;
use crate::guard::refused;
use crate::head::{self, ABOVE, HELD, LISTS};
use crate::mapping::Mapping;
use crate::rows::{Sheet, Source};
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

    /// Whether the template held the row, and these cells came back as they went out.
    pub fn is_as_held(&self, keys: &[&str]) -> bool {
        !self.held.is_empty() && keys.iter().all(|key| !self.touched(key))
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
    /// Where an earlier return has put its verdicts.
    pub verdicts: Option<u16>,
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
    /// The format of the file.
    pub format: Format,
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

/// Reads every visible page that has the head of the template, or the heads that the sender has described.
///
/// # Errors
/// [`kernel::Error::Invalid`] at `file` when no page has the head, or the workbook is of another template.
pub fn read(book: &Book, template: &Template, mapping: &Mapping) -> Result<Reading> {
    let source = Source { format: book.format, from_1904: book.from_1904 };
    let held = book.pages.iter().find(|p| p.name == HELD);
    let mut reader = Reader::new(source, template, mapping, held, book.notices.clone())?;
    for page in book.pages.iter().filter(|p| is_read(&p.name)) {
        if page.hidden {
            reader.skip(&page.name);
            continue;
        }
        let mut on = reader.begin(&page.name, &page.merged);
        for row in &page.rows {
            reader.feed(&mut on, row);
        }
        reader.end(on);
    }
    reader.finish()
}

/// Whether a page is one of the person's and none of our own.
pub(crate) fn is_read(name: &str) -> bool {
    name != HELD && name != LISTS
}

/// A workbook being read, page after page, row after row.
pub(crate) struct Reader<'a> {
    source: Source,
    template: &'a Template,
    mapping: &'a Mapping,
    held: Option<HeldValues>,
    missing: Vec<String>,
    pub reading: Reading,
}

/// Where a page stands: its head is still looked for, or was found, or is not there.
pub(crate) enum On<'a> {
    Above { name: String, merged: Vec<Merged>, rows: Vec<Row> },
    Below(Box<Sheet<'a>>),
    Lost,
}

impl<'a> Reader<'a> {
    /// Begins a workbook; `held` is the page on which its template remembers what it held.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] at `file` when it is of another template.
    pub(crate) fn new(
        source: Source,
        template: &'a Template,
        mapping: &'a Mapping,
        held: Option<&Page>,
        notices: Vec<String>,
    ) -> Result<Self> {
        let mut reading = Reading { notices, format: source.format, ..Reading::default() };
        let held = held.map(held_values);
        if let Some((from, _)) = &held {
            if from.template != template.code {
                return refused(format!("这是另一种模板（{}），请选择对应的导入种类", from.template));
            }
            if from.version != template.version {
                reading.notices.push(format!(
                    "模板是旧版（第 {} 版，现为第 {} 版），已按列名读取；新增的列为空",
                    from.version, template.version
                ));
            }
        }
        let (from, held) = held.unzip();
        reading.held = from;
        Ok(Self { source, template, mapping, held, missing: Vec::new(), reading })
    }

    /// Leaves a hidden page aside.
    pub(crate) fn skip(&mut self, name: &str) {
        self.reading.notices.push(format!("隐藏的工作表“{name}”没有读取"));
    }

    pub(crate) fn begin(&self, name: &str, merged: &[Merged]) -> On<'a> {
        On::Above { name: name.to_owned(), merged: merged.to_vec(), rows: Vec::new() }
    }

    /// Takes the next row of a page.
    pub(crate) fn feed(&mut self, on: &mut On<'a>, row: &Row) {
        match on {
            On::Above { rows, .. } => {
                rows.push(row.clone());
                if rows.len() >= ABOVE {
                    self.settle(on);
                }
            }
            On::Below(sheet) => sheet.feed(&mut self.reading, row, self.held.as_ref()),
            On::Lost => {}
        }
    }

    /// Looks for the head among the rows so far, and takes those below it.
    fn settle(&mut self, on: &mut On<'a>) {
        let On::Above { name, merged, rows } = std::mem::replace(on, On::Lost) else { return };
        match head::find(&rows, self.template, self.mapping) {
            Some(head) if head.missing.is_empty() => {
                let below: Vec<Row> = rows.into_iter().filter(|row| row.number > head.row).collect();
                let mut sheet = Sheet::new(&mut self.reading, self.source, (&name, &merged), self.template, head);
                for row in &below {
                    sheet.feed(&mut self.reading, row, self.held.as_ref());
                }
                *on = On::Below(Box::new(sheet));
            }
            Some(head) => {
                self.missing.push(format!("工作表“{name}”第 {} 行缺少列：{}", head.row, head.missing.join("、")))
            }
            None if rows.is_empty() => {}
            None => self.reading.notices.push(format!("工作表“{name}”中没有找到表头，没有读取")),
        }
    }

    pub(crate) fn end(&mut self, mut on: On<'a>) {
        if matches!(on, On::Above { .. }) {
            self.settle(&mut on);
        }
        if let On::Below(sheet) = on {
            sheet.end(&mut self.reading, self.held.is_some());
        }
    }

    /// Ends the workbook: the rows and findings that have not been taken out yet.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] at `file` when no page had the head.
    pub(crate) fn finish(mut self) -> Result<Reading> {
        match (self.reading.pages.is_empty(), self.missing.is_empty()) {
            (false, _) => {
                self.reading.notices.append(&mut self.missing);
                // What is said at heads comes to light at the end of a page and belongs before its rows.
                self.reading.findings.sort_by_key(|f| (f.page, f.row));
                Ok(self.reading)
            }
            (true, false) => refused(format!("{}。请补上这些列，或下载模板填写", self.missing.join("；"))),
            (true, true) => {
                let required = self.template.columns.iter().filter(|c| c.required);
                let heads: Vec<String> = required.map(crate::Column::title).collect();
                refused(format!("没有找到表头。表头应有：{}。请下载模板填写", heads.join("、")))
            }
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
