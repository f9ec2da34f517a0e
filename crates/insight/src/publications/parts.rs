//! The rows of a part of a change, page by page. Pure: what is listed is known, a page is cut out of it.

use kernel::indicator::RowKey;
use kernel::publication::{Step, StepRow};
use kernel::{Error, Result};

/// A row as an address names it: `fact:812`.
pub(super) fn key_text(key: &RowKey) -> String {
    match key {
        RowKey::Fact(position) => format!("fact:{position}"),
        RowKey::Org(org) => format!("org:{org}"),
        RowKey::Class(class) => format!("class:{class}"),
        RowKey::Unit(unit) => format!("unit:{unit}"),
        RowKey::Target(position) => format!("target:{position}"),
        RowKey::Declared(position) => format!("declared:{position}"),
    }
}

/// The rows of a part after the one that `after` names, and the row with which the page ends when there are more.
///
/// # Errors
/// [`Error::Invalid`] at `after` for a row that the part does not have.
pub(super) fn page<'a>(step: &'a Step, after: &str, limit: usize) -> Result<(&'a [StepRow], Option<String>)> {
    let from = match after {
        "" => 0,
        after => {
            let at = step.rows.iter().position(|row| key_text(&row.key) == after);
            at.ok_or_else(|| Error::invalid("after", "翻页位置不在这一部分里，请从第一页看起"))? + 1
        }
    };
    let rows = step.rows.get(from..).unwrap_or_default();
    let shown = &rows[..rows.len().min(limit)];
    let next = shown.last().filter(|_| rows.len() > shown.len()).map(|row| key_text(&row.key));
    Ok((shown, next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::indicator::Number;
    use kernel::publication::Cause;

    #[test]
    fn pages_follow_each_other_to_the_last_row() {
        let rows: Vec<StepRow> = (1..=5).map(|n| StepRow { key: RowKey::Fact(n), by: 1 }).collect();
        let step = Step { cause: Cause::Late, before: Number::Count(0), after: Number::Count(5), count: 5, rows };
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let (rows, next) = page(&step, &after, 2).expect("a page");
            seen.extend(rows.iter().map(|row| key_text(&row.key)));
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        assert_eq!(seen, ["fact:1", "fact:2", "fact:3", "fact:4", "fact:5"]);
        assert!(page(&step, "fact:9", 2).is_err(), "a cursor that no page gave");
    }
}
