//! Fields of a case: how a typed value is read, kept and shown. One form of each value, so that events compare.

use std::collections::BTreeMap;

use super::counterparty::{Bodies, org_of};
use crate::ledger::Class;
use crate::value::day::parse_day;
use crate::value::money::{Fen, MoneyUnit};
use crate::value::text::compact;

/// The values of a case by field code, each in its kept form; an empty field has no entry.
pub type Values = BTreeMap<String, String>;

/// A field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Stable code, and its name in forms.
    pub code: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// What to write, in a few words; empty for none.
    pub help: &'static str,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of at most so many characters.
    Text(usize),
    /// Several lines of at most so many characters.
    Lines(usize),
    /// One of these.
    Choice(&'static [Class]),
    /// A day.
    Day,
    /// A whole number, not negative, in this unit.
    Whole(&'static str),
    /// Money; typed in 万元 or with its unit, kept in fen.
    Money,
    /// The other side of the case, out of those that can be chosen; kept as number and name.
    Counterparty(Bodies),
}

impl FieldKind {
    /// Whether the other is of the same sort.
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// The kept form of what was typed; empty for nothing.
    ///
    /// # Errors
    /// What to do about it, in Chinese.
    pub fn read(&self, typed: &str) -> Result<String, String> {
        let text = typed.trim();
        if text.is_empty() {
            return Ok(String::new());
        }
        match self {
            Self::Text(most) => bounded(text.split_whitespace().collect::<Vec<_>>().join(" "), *most),
            Self::Lines(most) => bounded(text.replace("\r\n", "\n"), *most),
            Self::Choice(choices) => match choices.iter().find(|c| c.code == text || c.label == text) {
                Some(choice) => Ok(choice.code.to_owned()),
                None => Err(format!("没有“{text}”这个选项，请从列表中选择")),
            },
            Self::Day => parse_day(text).map(|day| day.to_string()).map_err(|e| e.to_string()),
            Self::Whole(unit) => match compact(text).replace(',', "").parse::<i64>() {
                Ok(n) if (0..=1_000_000_000).contains(&n) => Ok(n.to_string()),
                _ => Err(format!("请填不为负、不超过十亿的整数，单位为{unit}")),
            },
            Self::Counterparty(_) => match org_of(text) {
                Some(_) => Ok(text.to_owned()),
                None => Err("请从列表中选择".to_owned()),
            },
            Self::Money => match Fen::parse(text, MoneyUnit::Wan).map_err(|e| e.to_string())? {
                fen if fen.0 < 0 => Err("金额不能为负".to_owned()),
                fen => Ok(fen.0.to_string()),
            },
        }
    }
}

fn bounded(text: String, most: usize) -> Result<String, String> {
    match text.chars().count() {
        n if n > most => Err(format!("最多 {most} 个字，现有 {n} 个")),
        _ => Ok(text),
    }
}

/// A kept value as people read it.
pub fn show(kind: &FieldKind, kept: &str) -> String {
    match kind {
        FieldKind::Choice(choices) => {
            choices.iter().find(|c| c.code == kept).map_or(kept, |choice| choice.label).to_owned()
        }
        FieldKind::Whole(unit) if !kept.is_empty() => format!("{kept} {unit}").trim_end().to_owned(),
        FieldKind::Counterparty(_) => kept.split_once(' ').map_or(kept, |(_, name)| name).to_owned(),
        FieldKind::Money => kept.parse().map_or_else(|_| kept.to_owned(), |fen| format!("{} 元", Fen(fen).yuan())),
        _ => kept.to_owned(),
    }
}

/// A kept value as it stands in a form to be edited; reading it gives the kept value again.
pub fn typed_again(kind: &FieldKind, kept: &str) -> String {
    match (kind, kept.parse()) {
        (FieldKind::Money, Ok(fen)) => format!("{}元", Fen(fen).yuan()),
        _ => kept.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAYS: FieldKind = FieldKind::Choice(&[Class { code: "visit", label: "上门" }]);

    #[test]
    fn a_typed_value_has_one_kept_form() {
        for (kind, typed, kept) in [
            (FieldKind::Text(10), "  一个　名称 ", "一个 名称"),
            (FieldKind::Day, "2021年8月1日", "2021-08-01"),
            (FieldKind::Whole("家"), "１,０４０", "1040"),
            (FieldKind::Money, "12.5", "12500000"),
            (FieldKind::Money, "1,234.56元", "123456"),
            (WAYS, "上门", "visit"),
            (WAYS, " visit ", "visit"),
            (FieldKind::Day, "  ", ""),
        ] {
            assert_eq!(kind.read(typed).as_deref(), Ok(kept), "{typed}");
            assert_eq!(kind.read(&typed_again(&kind, kept)).as_deref(), Ok(kept), "{typed}: shown to be edited");
        }
    }

    #[test]
    fn what_cannot_be_read_says_what_to_do() {
        for (kind, typed, told) in [
            (FieldKind::Text(2), "三个字", "最多 2 个字"),
            (FieldKind::Day, "2021-02-30", "没有30日"),
            (FieldKind::Whole("家"), "-1", "不为负"),
            (FieldKind::Money, "-3", "不能为负"),
            (WAYS, "电话", "没有“电话”"),
        ] {
            let error = kind.read(typed).expect_err("refused");
            assert!(error.contains(told), "{error}");
        }
    }
}
