//! Finding the head of a worksheet: below merged titles, in any order, under other names.

use kernel::value::money::MoneyUnit;

use crate::book::{Page, Row};
use crate::template::{Template, plain, unit_in};

/// How many rows may stand above the head.
const ABOVE: usize = 30;
/// The head of the column that a returned workbook carries its faults in.
pub(crate) const VERDICTS: &str = "企枢核对结果";
/// The head of the hidden column of row keys.
pub(crate) const KEYS: &str = "行标识（勿改）";
/// The hidden page with version and held values.
pub(crate) const HELD: &str = "_qishu";
/// The hidden page with long lists.
pub(crate) const LISTS: &str = "_choices";

/// A found head.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// Number of its row, from 1.
    pub row: u32,
    /// Where each column of the template stands: its index there, the column here, and the unit the head states.
    pub columns: Vec<(usize, u16, Option<MoneyUnit>)>,
    /// Where the row keys stand.
    pub keys: Option<u16>,
    /// Heads that mean nothing here.
    pub unknown: Vec<String>,
    /// Heads that stand twice.
    pub doubled: Vec<String>,
    /// Required columns that are missing.
    pub missing: Vec<String>,
}

/// The row that names the most columns of the template; `None` when no row names two.
pub(crate) fn find(page: &Page, template: &Template) -> Option<Head> {
    let candidates = page.rows.iter().take(ABOVE).map(|row| read(row, template));
    let needed = template.columns.len().min(2);
    // Of two rows that name equally many, the upper one is the head.
    candidates.rev().max_by_key(|h| h.columns.len()).filter(|h| h.columns.len() >= needed)
}

fn read(row: &Row, template: &Template) -> Head {
    let mut head = Head {
        row: row.number,
        columns: Vec::new(),
        keys: None,
        unknown: Vec::new(),
        doubled: Vec::new(),
        missing: Vec::new(),
    };
    for (col, cell) in &row.cells {
        let text = cell.shown();
        if plain(&text) == plain(KEYS) {
            head.keys = Some(*col);
        } else if let Some(index) = template.columns.iter().position(|c| c.is_meant_by(&text)) {
            match head.columns.iter().any(|(i, _, _)| *i == index) {
                true => head.doubled.push(text),
                false => head.columns.push((index, *col, unit_in(&text))),
            }
        } else if plain(&text) != plain(VERDICTS) {
            head.unknown.push(text);
        }
    }
    let has = |index: usize| head.columns.iter().any(|(i, _, _)| *i == index);
    let required = template.columns.iter().enumerate().filter(|(_, c)| c.required);
    head.missing = required.filter(|(i, _)| !has(*i)).map(|(_, c)| c.title()).collect();
    head
}
