//! Reading one page: what is wrong with whole columns, then row by row.
//!
//! A column that cannot be trusted (an unknown unit, a head that stands twice) keeps every row out that has something
//! in it. What is left unread is told, never dropped in silence.

use std::collections::BTreeMap;

use kernel::value::text::compact;

use crate::book::{Cell, Format, Merged, Row};
use crate::cell::{self, Context};
use crate::head::Head;
use crate::read::{Finding, HeldValues, Level, ReadCell, ReadPage, ReadRow, Reading};
use crate::template::{Column, Kind, Template};
use crate::unit::{self, Stated};

/// What is the same for all pages of a workbook.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    pub format: Format,
    pub from_1904: bool,
}

/// A page whose head was found, fed row by row.
pub(crate) struct Sheet<'a> {
    source: Source,
    name: String,
    template: &'a Template,
    head: Head,
    /// Its index among the pages read.
    index: usize,
    columns: Vec<(&'a Column, u16)>,
    /// What is said about the unit of each column.
    units: BTreeMap<u16, Stated>,
    /// Columns that cannot be trusted, and what is said at each of their cells.
    closed: BTreeMap<u16, String>,
    /// What is to be said at the head of a column, if anything stands below it.
    remarks: Vec<(Level, u16, String)>,
    /// Merged cells by column of the template, in order of their first row.
    merged: BTreeMap<u16, Vec<Merged>>,
    /// How many rows hold something in a column.
    filled: BTreeMap<u16, usize>,
    last: u16,
}

impl<'a> Sheet<'a> {
    /// Begins a page; `merged` are all merged cells of it.
    pub(crate) fn new(
        reading: &mut Reading,
        source: Source,
        (name, merged): (&str, &[Merged]),
        template: &'a Template,
        head: Head,
    ) -> Self {
        let of = |col: u16| {
            let covers = merged.iter().filter(|m| (m.left..=m.right).contains(&u32::from(col)));
            let mut merged: Vec<Merged> = covers.filter(|m| m.bottom > head.row).copied().collect();
            merged.sort_by_key(|m| m.top);
            merged
        };
        let merged = head.columns.iter().map(|(_, col)| (*col, of(*col))).collect();
        let stated =
            |col: u16| match (head.units.get(&col), unit::in_head(head.texts.get(&col).map_or("", String::as_str))) {
                (Some(said), _) => Stated::Unit(*said),
                (None, Stated::Nothing) => head.above.clone(),
                (None, stated) => stated,
            };
        let units: BTreeMap<u16, Stated> = head.columns.iter().map(|(_, col)| (*col, stated(*col))).collect();
        let columns: Vec<(&'a Column, u16)> =
            head.columns.iter().filter_map(|(i, col)| Some((template.columns.get(*i)?, *col))).collect();
        reading.pages.push(ReadPage {
            name: name.to_owned(),
            head: head.row,
            last: 0,
            verdicts: head.verdicts,
            columns: columns.iter().map(|(column, col)| (column.key, *col)).collect(),
            units: columns.iter().filter_map(|(column, col)| Some((column.key, units.get(col)?.clone()))).collect(),
        });
        let mut sheet = Self {
            source,
            name: name.to_owned(),
            template,
            index: reading.pages.len() - 1,
            columns,
            units,
            closed: BTreeMap::new(),
            remarks: Vec::new(),
            merged,
            filled: BTreeMap::new(),
            last: head.texts.keys().copied().max().unwrap_or(0),
            head,
        };
        sheet.settle(reading);
        sheet
    }

    /// Settles what is to be said of whole columns, and closes those that cannot be trusted.
    fn settle(&mut self, reading: &mut Reading) {
        for col in self.head.doubled.keys().copied().collect::<Vec<_>>() {
            self.close(col, "这一列的表头重复，分不清以哪一列为准；请删除或改名其中一列", "表头重复，没有读取");
        }
        for (column, col) in self.columns.clone() {
            self.unit_of(reading, column, col);
        }
    }

    /// Takes the next row below the head.
    pub(crate) fn feed(&mut self, reading: &mut Reading, row: &Row, held: Option<&HeldValues>) {
        self.last = self.last.max(row.cells.iter().map(|(col, _)| *col).max().unwrap_or(0));
        if is_total(row) {
            reading.notices.push(format!("工作表“{}”第 {} 行是合计，没有读取", self.name, row.number));
            return;
        }
        for (col, _) in &row.cells {
            *self.filled.entry(*col).or_default() += 1;
        }
        self.row(reading, row, held);
    }

    /// Ends the page: tells what was said of columns that turned out to hold something, and of those left unread.
    pub(crate) fn end(mut self, reading: &mut Reading, is_ours: bool) {
        if let Some(page) = reading.pages.get_mut(self.index) {
            page.last = self.last;
        }
        if is_ours && self.head.keys.is_none() {
            let words = "缺少模板的隐藏标识列，按自己的表读取，与现有内容不同的都算改动";
            reading.notices.push(format!("工作表“{}”{words}", self.name));
        }
        self.left_out(reading);
        let remarks = std::mem::take(&mut self.remarks);
        for (level, col, message) in remarks {
            if self.filled.contains_key(&col) {
                self.at_head(reading, level, col, message);
            }
        }
    }

    /// Tells of columns with content that nobody has named.
    fn left_out(&self, reading: &mut Reading) {
        let head = &self.head;
        let title = |col: &u16| head.texts.get(col).cloned().unwrap_or_default();
        let unwanted: Vec<String> = head.left.iter().filter(|col| self.filled.contains_key(col)).map(title).collect();
        if !unwanted.is_empty() {
            reading.notices.push(format!("工作表“{}”按认列不读取：{}", self.name, unwanted.join("、")));
        }
        for (col, rows) in &self.filled {
            let known = self.columns.iter().any(|(_, c)| c == col)
                || [head.keys, head.verdicts].contains(&Some(*col))
                || head.left.contains(col)
                || head.doubled.contains_key(col);
            if !known {
                let message = match head.texts.contains_key(col) {
                    true => format!("不认识这一列，{rows} 行内容没有读取"),
                    false => format!("这一列没有表头，{rows} 行内容没有读取"),
                };
                self.at_head(reading, Level::Warning, *col, message);
            }
        }
    }

    /// Settles the unit of a money column, or closes it.
    fn unit_of(&mut self, reading: &mut Reading, column: &Column, col: u16) {
        let head = self.head.texts.get(&col).cloned().unwrap_or_default();
        let own = match (&column.kind, self.units.get(&col).cloned().unwrap_or_default()) {
            (Kind::Money(own), Stated::Nothing) => {
                let words =
                    format!("表头没有写单位，按{}读取；不是的请在表头写明，例如 {}（元）", own.label(), column.head);
                return self.remarks.push((Level::Warning, col, words));
            }
            (Kind::Money(_), Stated::Unknown(said)) => {
                let words = format!("不认识单位“{said}”，这一列没有读取；请换算成元、万元或亿元，并在表头写明");
                return self.close(col, &words, "表头的单位不认识，没有读取");
            }
            (Kind::Count, _) if unit::counts_in_heaps(&head) => {
                let words = "这一列按个位数读取；请换算成个位数，并改正表头的单位";
                return self.close(col, words, "表头的单位不认识，没有读取");
            }
            (Kind::Money(own), Stated::Unit(unit)) if unit != *own => unit,
            _ => return,
        };
        let place = match (self.head.units.contains_key(&col), unit::in_head(&head)) {
            (true, _) => "认列",
            (false, Stated::Nothing) => "表头上方",
            (false, _) => "表头",
        };
        let (page, label) = (&self.name, own.label());
        reading.notices.push(format!("工作表“{page}”的“{}”按{place}所写以{label}为单位读取", column.head));
    }

    fn close(&mut self, col: u16, at_head: &str, at_cells: &str) {
        self.closed.insert(col, at_cells.to_owned());
        self.remarks.push((Level::Fault, col, at_head.to_owned()));
    }

    fn at_head(&self, reading: &mut Reading, level: Level, col: u16, message: String) {
        let head = self.head.texts.get(&col).cloned().unwrap_or_default();
        let (page, row) = (self.index, self.head.row);
        reading.findings.push(Finding { level, page, row, col: Some(col), head: head.clone(), raw: head, message });
    }

    fn row(&self, reading: &mut Reading, row: &Row, held: Option<&HeldValues>) {
        let columns = &self.columns;
        if !columns.iter().any(|(_, col)| row.at(*col).is_some()) {
            return;
        }
        let key = self.head.keys.and_then(|col| row.at(col)).map(Cell::shown);
        let held = key.as_ref().and_then(|key| held?.get(key)).cloned().unwrap_or_default();
        let mut read = ReadRow { page: self.index, row: row.number, key, cells: BTreeMap::new(), held, faulty: false };
        let mut told = self.untrusted(row);
        let mut missing = Vec::new();
        for (column, col) in columns {
            let is_closed = self.closed.contains_key(col);
            if self.is_covered(row.number, *col) {
                told.push((Level::Fault, *col, "合并的单元格请拆开，每格各填内容".to_owned()));
            } else if let (Some(cell), false) = (row.at(*col), is_closed) {
                let kept = self.cell(cell, column, *col, &mut told);
                read.cells.insert(column.key, kept);
            } else if column.required && !is_closed {
                missing.push((Level::Fault, *col, format!("请填写{}", column.head)));
            }
        }
        if !read.held.is_empty() && !is_the_same(&read, self.template) {
            let words = "本行的隐藏标识与所填内容对不上（行被复制或移动过），按自己的表读取，请核对";
            let first = columns.iter().find(|(column, _)| column.names_row).map_or(0, |(_, col)| *col);
            told.push((Level::Warning, first, words.to_owned()));
            (read.key, read.held) = (None, BTreeMap::new());
        }
        // Nobody has filled anything in: it is left for later and keeps no other row out.
        if !is_as_sent(&read, columns) {
            told.append(&mut missing);
            told.sort_by_key(|(_, col, _)| *col);
        }
        read.faulty = told.iter().any(|(level, _, _)| *level == Level::Fault);
        for (level, col, message) in told {
            let head = columns.iter().find(|(_, c)| *c == col).map(|(column, _)| column.title());
            let head = head.or_else(|| self.head.texts.get(&col).cloned()).unwrap_or_default();
            let raw = row.at(col).map(Cell::shown).unwrap_or_default();
            let (page, row, col) = (self.index, row.number, Some(col));
            reading.findings.push(Finding { level, page, row, col, head, raw, message });
        }
        reading.rows.push(read);
    }

    /// What a row holds in columns that cannot be trusted.
    fn untrusted(&self, row: &Row) -> Vec<(Level, u16, String)> {
        let filled = row.cells.iter().filter_map(|(col, _)| Some((*col, self.closed.get(col)?)));
        filled.map(|(col, words)| (Level::Fault, col, words.clone())).collect()
    }

    /// Whether a cell lies under merged ones, so that nobody can say whether it has the content of the first.
    fn is_covered(&self, row: u32, col: u16) -> bool {
        let merged = self.merged.get(&col).map_or(&[] as &[Merged], Vec::as_slice);
        let before = merged.partition_point(|m| m.top <= row);
        let around = before.checked_sub(1).and_then(|last| merged.get(last)).filter(|m| row <= m.bottom);
        around.is_some_and(|m| (row, u32::from(col)) != (m.top, m.left))
    }

    fn cell(&self, cell: &Cell, column: &Column, col: u16, told: &mut Vec<(Level, u16, String)>) -> ReadCell {
        let unit = if let Some(Stated::Unit(unit)) = self.units.get(&col) { Some(*unit) } else { None };
        let mut kept = ReadCell { col, raw: cell.shown(), value: None };
        match cell::parse(cell, &column.kind, Context { unit, from_1904: self.source.from_1904 }) {
            Ok(parsed) => {
                told.extend(parsed.repair.map(|words| (Level::Repair, col, words)));
                told.extend(parsed.warning.map(|words| (Level::Warning, col, words)));
                if self.source.format != Format::Csv && is_number_as_text(cell, &column.kind) {
                    let words = format!("文本形式的数字：按数字“{}”读取", kept.raw.trim());
                    told.push((Level::Repair, col, words));
                }
                kept.value = Some(parsed.value);
            }
            Err(message) => told.push((Level::Fault, col, message)),
        }
        kept
    }
}

fn is_total(row: &Row) -> bool {
    let mut first = row.cells.iter().take(2).map(|(_, cell)| compact(&cell.shown()));
    first.any(|text| matches!(text.as_str(), "合计" | "总计" | "小计"))
}

/// Whether the visible cells name what the hidden key names. A cell at fault says nothing yet.
fn is_the_same(row: &ReadRow, template: &Template) -> bool {
    template.columns.iter().filter(|column| column.names_row).all(|column| {
        let is_unread = row.cells.get(column.key).is_some_and(|cell| cell.value.is_none());
        is_unread || row.typed(column.key) == row.held.get(column.key).map_or("", String::as_str)
    })
}

/// Whether a row of a template came back as it went out.
fn is_as_sent(row: &ReadRow, columns: &[(&Column, u16)]) -> bool {
    let is_same = |(column, _): &(&Column, u16)| match row.cells.get(column.key) {
        Some(cell) => cell.value.is_some() && !row.touched(column.key),
        None => !row.held.contains_key(column.key),
    };
    !row.held.is_empty() && columns.iter().all(is_same)
}

/// A plain number that the sheet keeps as text: it sums to nothing there, so the person should know.
fn is_number_as_text(cell: &Cell, kind: &Kind) -> bool {
    let numeric = matches!(kind, Kind::Count | Kind::Money(_));
    numeric && matches!(cell, Cell::Text(text) if text.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}
