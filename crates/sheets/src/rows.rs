//! Reading one page: what is wrong with whole columns, then row by row.
//!
//! A column that cannot be trusted (an unknown unit, a head that stands twice) keeps every row out that has something
//! in it. What is left unread is told, never dropped in silence.

use std::collections::BTreeMap;

use kernel::value::text::compact;

use crate::book::{Book, Cell, Format, Merged, Page, Row};
use crate::cell::{self, Context};
use crate::head::Head;
use crate::read::{Finding, HeldValues, Level, ReadCell, ReadPage, ReadRow, Reading};
use crate::template::{Column, Kind, Template};
use crate::unit::{self, Stated};

/// A page being read.
pub(crate) struct Sheet<'a> {
    reading: &'a mut Reading,
    book: &'a Book,
    page: &'a Page,
    template: &'a Template,
    head: &'a Head,
    /// Its index among the pages read.
    index: usize,
    /// What is said about the unit of each column.
    units: BTreeMap<u16, Stated>,
    /// Columns that cannot be trusted, and what is said at each of their cells.
    closed: BTreeMap<u16, String>,
    /// Merged cells by column of the template, in order of their first row.
    merged: BTreeMap<u16, Vec<Merged>>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(
        reading: &'a mut Reading,
        book: &'a Book,
        page: &'a Page,
        template: &'a Template,
        head: &'a Head,
    ) -> Self {
        let index = reading.pages.len();
        let of = |col: u16| {
            let covers = page.merged.iter().filter(|m| (m.left..=m.right).contains(&u32::from(col)));
            let mut merged: Vec<Merged> = covers.filter(|m| m.bottom > head.row).copied().collect();
            merged.sort_by_key(|m| m.top);
            merged
        };
        let merged = head.columns.iter().map(|(_, col)| (*col, of(*col))).collect();
        let stated = |col: u16| match unit::in_head(head.texts.get(&col).map_or("", String::as_str)) {
            Stated::Nothing => head.above.clone(),
            stated => stated,
        };
        let units = head.columns.iter().map(|(_, col)| (*col, stated(*col))).collect();
        Self { reading, book, page, template, head, index, units, closed: BTreeMap::new(), merged }
    }

    /// Reads the page into the reading.
    pub(crate) fn read(mut self, held: Option<&HeldValues>) {
        let (page, head) = (self.page, self.head);
        let columns: Vec<(&'a Column, u16)> =
            head.columns.iter().filter_map(|(i, col)| Some((self.template.columns.get(*i)?, *col))).collect();
        let units =
            columns.iter().filter_map(|(column, col)| Some((column.key, self.units.get(col)?.clone()))).collect();
        self.reading.pages.push(ReadPage {
            name: page.name.clone(),
            head: head.row,
            last: page.rows.iter().flat_map(|r| r.cells.iter().map(|(c, _)| *c)).max().unwrap_or(0),
            columns: columns.iter().map(|(column, col)| (column.key, *col)).collect(),
            units,
        });
        let (totals, rows): (Vec<&Row>, Vec<&Row>) =
            page.rows.iter().filter(|r| r.number > head.row).partition(|row| is_total(row));
        for row in totals {
            self.reading.notices.push(format!("工作表“{}”第 {} 行是合计，没有读取", page.name, row.number));
        }
        if held.is_some() && head.keys.is_none() {
            let words = "缺少模板的隐藏标识列，按自己的表读取，与现有内容不同的都算改动";
            self.reading.notices.push(format!("工作表“{}”{words}", page.name));
        }
        let mut filled: BTreeMap<u16, usize> = BTreeMap::new();
        for (col, _) in rows.iter().flat_map(|row| &row.cells) {
            *filled.entry(*col).or_default() += 1;
        }
        self.left_out(&columns, &filled);
        for (column, col) in &columns {
            if filled.contains_key(col) {
                self.unit_of(column, *col);
            }
        }
        for row in rows {
            self.row(row, &columns, held);
        }
    }

    /// Tells of columns with content that are not read, and closes those whose head stands twice.
    fn left_out(&mut self, columns: &[(&Column, u16)], filled: &BTreeMap<u16, usize>) {
        let head = self.head;
        for (col, rows) in filled {
            let known = columns.iter().any(|(_, c)| c == col) || head.keys == Some(*col) || head.verdicts == Some(*col);
            if head.doubled.contains_key(col) {
                self.close(*col, "这一列的表头重复，分不清以哪一列为准；请删除或改名其中一列", "表头重复，没有读取");
            } else if !known {
                let message = match head.texts.contains_key(col) {
                    true => format!("不认识这一列，{rows} 行内容没有读取"),
                    false => format!("这一列没有表头，{rows} 行内容没有读取"),
                };
                self.at_head(Level::Warning, *col, message);
            }
        }
    }

    /// Settles the unit of a money column, or closes it.
    fn unit_of(&mut self, column: &Column, col: u16) {
        let head = self.head.texts.get(&col).cloned().unwrap_or_default();
        let own = match (&column.kind, self.units.get(&col).cloned().unwrap_or_default()) {
            (Kind::Money(own), Stated::Nothing) => {
                let words =
                    format!("表头没有写单位，按{}读取；不是的请在表头写明，例如 {}（元）", own.label(), column.head);
                return self.at_head(Level::Warning, col, words);
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
        let place = if unit::in_head(&head) == Stated::Nothing { "表头上方" } else { "表头" };
        let (page, label) = (&self.page.name, own.label());
        self.reading.notices.push(format!("工作表“{page}”的“{}”按{place}所写以{label}为单位读取", column.head));
    }

    fn close(&mut self, col: u16, at_head: &str, at_cells: &str) {
        self.closed.insert(col, at_cells.to_owned());
        self.at_head(Level::Fault, col, at_head.to_owned());
    }

    fn at_head(&mut self, level: Level, col: u16, message: String) {
        let head = self.head.texts.get(&col).cloned().unwrap_or_default();
        self.find(level, (self.head.row, col), head.clone(), head, message);
    }

    fn find(&mut self, level: Level, (row, col): (u32, u16), head: String, raw: String, message: String) {
        self.reading.findings.push(Finding { level, page: self.index, row, col: Some(col), head, raw, message });
    }

    fn row(&mut self, row: &Row, columns: &[(&Column, u16)], held: Option<&HeldValues>) {
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
            self.find(level, (row.number, col), head, raw, message);
        }
        self.reading.rows.push(read);
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
        match cell::parse(cell, &column.kind, Context { unit, from_1904: self.book.from_1904 }) {
            Ok(parsed) => {
                told.extend(parsed.repair.map(|words| (Level::Repair, col, words)));
                told.extend(parsed.warning.map(|words| (Level::Warning, col, words)));
                if self.book.format != Format::Csv && is_number_as_text(cell, &column.kind) {
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
