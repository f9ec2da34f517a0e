//! What an action fills in: every fault at its field, and what changed. Pure.

use std::collections::BTreeMap;

use super::field::Values;
use super::flow::{Action, Flow, Note, When};
use super::store::Change;
use crate::value::day::{Day, parse_day};
use crate::value::text::LONGEST;
use crate::{Faults, Result};

/// The values after an action, and which it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// All values.
    pub values: Values,
    /// Those that changed, before and after.
    pub changes: BTreeMap<String, Change>,
}

/// Longest word said with an action, in characters.
const LONGEST_NOTE: usize = 1000;

/// Reads what was typed with an action over what is kept. Fields the action does not fill in are left alone.
///
/// # Errors
/// [`crate::Error::Invalid`] with every fault at its field.
pub fn filled(flow: &Flow, action: &Action, kept: &Values, typed: &Values, note: &str, today: Day) -> Result<Filled> {
    let mut faults = Faults::new();
    let (mut values, mut changes) = (kept.clone(), BTreeMap::new());
    for fill in action.fills {
        let Some(field) = flow.field(fill.field) else { continue };
        let before = kept.get(field.code).cloned().unwrap_or_default();
        let after = match typed.get(field.code).map(|text| field.kind.read(text)) {
            Some(Ok(text)) => text,
            Some(Err(message)) => {
                faults.add(field.code, message);
                continue;
            }
            None if fill.anew => String::new(),
            None => before.clone(),
        };
        if after.is_empty() && fill.must {
            faults.add(field.code, format!("请填写{}", field.label));
        }
        // What is said each time is told each time, the same amount too.
        if after != before || fill.anew {
            changes.insert(field.code.to_owned(), (before, after.clone()));
        }
        match after.is_empty() {
            true => values.remove(field.code),
            false => values.insert(field.code.to_owned(), after),
        };
    }
    for code in action.writes.iter().chain(action.leaves).filter_map(|fact| match fact.on {
        When::Field(code) => Some(code),
        When::Today => None,
    }) {
        let day = values.get(code).and_then(|text| parse_day(text).ok());
        if day.is_none() && faults.at(code).is_none() {
            faults.add(code, "请填写日期，数字按这一天统计");
        }
        if let Some(day) = day.filter(|day| *day > today) {
            faults.add(code, format!("{day} 在今天（{today}）之后，请核对"));
        }
    }
    check_note(action, note, &mut faults);
    faults.or(Filled { values, changes })
}

pub(super) fn check_note(action: &Action, note: &str, faults: &mut Faults) {
    if let Note::Must(what) = action.note
        && note.trim().is_empty()
    {
        faults.add("note", format!("请写明{what}"));
    }
    if note.chars().count() > LONGEST_NOTE {
        faults.add("note", format!("最多 {LONGEST_NOTE} 个字"));
    }
}

/// Remarks at fields, trimmed; those at unknown fields and empty ones fall away.
///
/// # Errors
/// [`crate::Error::Invalid`] for one that is too long.
pub(super) fn remarks(flow: &Flow, action: &Action, typed: &Values) -> Result<Values> {
    let mut faults = Faults::new();
    let mut kept = Values::new();
    for (code, text) in typed.iter().filter(|_| action.remarks) {
        let text = text.trim();
        if text.is_empty() || flow.field(code).is_none() {
            continue;
        }
        if text.chars().count() > LONGEST {
            faults.add(code, format!("最多 {LONGEST} 个字"));
        }
        kept.insert(code.clone(), text.to_owned());
    }
    faults.or(kept)
}
