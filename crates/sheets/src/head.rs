//! Finding the head of a worksheet: below merged titles, in any order, under other names.

use std::collections::BTreeMap;

use crate::book::{Page, Row};
use crate::template::{Template, plain};
use crate::unit::{self, Stated};

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
    /// Where each column of the template stands: its index there and the column here; the first, if it stands twice.
    pub columns: Vec<(usize, u16)>,
    /// All heads as written, by column.
    pub texts: BTreeMap<u16, String>,
    /// The unit that the rows above state for all of them.
    pub above: Stated,
    /// Where the row keys stand.
    pub keys: Option<u16>,
    /// Where an earlier return has put its verdicts.
    pub verdicts: Option<u16>,
    /// Columns whose head stands more than once, each with where it stands first.
    pub doubled: BTreeMap<u16, u16>,
    /// Required columns that are missing.
    pub missing: Vec<String>,
}

/// The row that names the most columns of the template; `None` when no row names two.
pub(crate) fn find(page: &Page, template: &Template) -> Option<Head> {
    let candidates = page.rows.iter().take(ABOVE).map(|row| read(row, template));
    let needed = template.columns.len().min(2);
    // Of two rows that name equally many, the upper one is the head.
    let head = candidates.rev().max_by_key(|h| h.columns.len()).filter(|h| h.columns.len() >= needed)?;
    let above = unit::above(page.rows.iter().take_while(|row| row.number < head.row));
    Some(Head { above, ..head })
}

fn read(row: &Row, template: &Template) -> Head {
    let mut head = Head {
        row: row.number,
        columns: Vec::new(),
        texts: row.cells.iter().map(|(col, cell)| (*col, cell.shown())).collect(),
        above: Stated::Nothing,
        keys: None,
        verdicts: None,
        doubled: BTreeMap::new(),
        missing: Vec::new(),
    };
    for (col, text) in &head.texts {
        if plain(text) == plain(KEYS) {
            head.keys = Some(*col);
        } else if plain(text) == plain(VERDICTS) {
            head.verdicts = Some(*col);
        } else if let Some(index) = template.columns.iter().position(|c| c.is_meant_by(text)) {
            match head.columns.iter().find(|(i, _)| *i == index) {
                Some((_, first)) => head.doubled.extend([(*col, *first), (*first, *first)]),
                None => head.columns.push((index, *col)),
            }
        }
    }
    let has = |index: usize| head.columns.iter().any(|(i, _)| *i == index);
    let required = template.columns.iter().enumerate().filter(|(_, c)| c.required);
    head.missing = required.filter(|(i, _)| !has(*i)).map(|(_, c)| c.title()).collect();
    head
}
