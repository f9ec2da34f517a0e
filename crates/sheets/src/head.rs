//! Finding the head of a worksheet: below merged titles, in any order, under other names.

use std::collections::{BTreeMap, BTreeSet};

use kernel::value::money::MoneyUnit;

use crate::book::Row;
use crate::mapping::{Mapping, names};
use crate::template::{Template, plain};
use crate::unit::{self, Stated};

/// Among how many rows the head is looked for.
pub(crate) const ABOVE: usize = 30;
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
    /// Columns that the sender does not want read.
    pub left: BTreeSet<u16>,
    /// Units that the sender has said.
    pub units: BTreeMap<u16, MoneyUnit>,
}

/// The row that the sender has described, else the one that names the most columns of the template; `None` when no row
/// names two. Rows are the first that hold something.
pub(crate) fn find(rows: &[Row], template: &Template, mapping: &Mapping) -> Option<Head> {
    let described = rows.iter().find(|row| mapping.fits(&names(row))).map(|row| read(row, template, mapping));
    let nothing = Mapping::default();
    let candidates = || rows.iter().take(ABOVE).map(|row| read(row, template, &nothing));
    let needed = template.columns.len().min(2);
    // Of two rows that name equally many, the upper one is the head.
    let best = || candidates().rev().max_by_key(|h| h.columns.len()).filter(|h| h.columns.len() >= needed);
    let head = described.or_else(best)?;
    let above = unit::above(rows.iter().take_while(|row| row.number < head.row));
    Some(Head { above, ..head })
}

fn read(row: &Row, template: &Template, mapping: &Mapping) -> Head {
    let mut head = Head {
        row: row.number,
        columns: Vec::new(),
        texts: row.cells.iter().map(|(col, cell)| (*col, cell.shown())).collect(),
        above: Stated::Nothing,
        keys: None,
        verdicts: None,
        doubled: BTreeMap::new(),
        missing: Vec::new(),
        left: BTreeSet::new(),
        units: BTreeMap::new(),
    };
    let said: BTreeMap<u16, &crate::Mapped> =
        names(row).into_iter().filter_map(|(col, name)| Some((col, mapping.of(&name)?))).collect();
    for (col, text) in &head.texts {
        let ours = match said.get(col) {
            Some(mapped) if mapped.key.is_empty() => {
                head.left.insert(*col);
                continue;
            }
            Some(mapped) => {
                head.units.extend(mapped.unit.map(|unit| (*col, unit)));
                template.columns.iter().position(|c| c.key == mapped.key)
            }
            // A column the sender has described may go by a name of another one of ours.
            None => template.columns.iter().position(|c| c.is_meant_by(text)).filter(|index| {
                let key = template.columns.get(*index).map_or("", |c| c.key);
                said.is_empty() || !mapping.taken().any(|mapped| mapped.key == key)
            }),
        };
        if plain(text) == plain(KEYS) {
            head.keys = Some(*col);
        } else if plain(text) == plain(VERDICTS) {
            head.verdicts = Some(*col);
        } else if let Some(index) = ours {
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
