//! The unit that a sheet states for its money: in the head of a column, or once above all heads.
//!
//! Names of units are data (`data/sheet-heads.toml`). Never guesses: what is no known name is told as unknown.

use std::sync::OnceLock;

use kernel::value::money::MoneyUnit;
use kernel::value::text::{compact, normalise};

use crate::book::{Cell, Row};
use crate::template::data;

/// What is said about the unit of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Stated {
    /// Nothing.
    #[default]
    Nothing,
    /// A known unit of money.
    Unit(MoneyUnit),
    /// Something that is no known unit of money, as written.
    Unknown(String),
}

/// Signs that stand around and between units and remarks.
const SIGNS: [char; 15] = ['(', ')', '[', ']', '【', '】', '〔', '〕', ',', '、', ';', '/', '*', '|', ' '];
/// What a statement of the unit may begin with; before another word, 单位 is an office.
const LEADS: [&str; 5] = ["", "金额", "货币", "计量", "数据"];

/// What the brackets of a head state.
pub(crate) fn in_head(head: &str) -> Stated {
    let text = compact(head);
    match text.find(['(', '[', '【', '〔']) {
        Some(at) => of(text.get(at..).unwrap_or(""), true),
        None => Stated::Nothing,
    }
}

/// What the rows above a head state, as `单位：元` at the end of a title.
pub(crate) fn above<'a>(rows: impl Iterator<Item = &'a Row>) -> Stated {
    let mut found: Vec<Stated> = Vec::new();
    for row in rows {
        let texts: Vec<String> = row.cells.iter().map(|(_, cell)| line(cell)).collect();
        for (index, text) in texts.iter().enumerate() {
            let bracketed = text.starts_with('(') && text.ends_with(')') && !text.contains("单位");
            let next = texts.get(index + 1).map_or("", String::as_str);
            found.extend(statements(text, next).map(|said| of(said, false)));
            found.extend(bracketed.then(|| of(text, false)));
        }
    }
    found.retain(|stated| *stated != Stated::Nothing);
    found.dedup();
    match <[Stated; 1]>::try_from(found) {
        Ok([only]) => only,
        Err(none) if none.is_empty() => Stated::Nothing,
        Err(several) => Stated::Unknown(several.iter().map(Stated::label).collect::<Vec<_>>().join("、")),
    }
}

/// A line in the regular form in which a statement is looked for.
fn line(cell: &Cell) -> String {
    normalise(&cell.shown()).replace("单 位", "单位").replace(" :", ":").replace(": ", ":")
}

/// What stands behind each 单位 that means a unit and no office; `next` is the cell to the right.
fn statements<'a>(text: &'a str, next: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices("单位:").filter_map(move |(at, sign)| {
        let before = text.get(..at)?.rsplit(SIGNS).next().unwrap_or("");
        let said = text.get(at + sign.len()..)?.split([' ', ')']).next().unwrap_or("");
        let said = if said.is_empty() { next } else { said };
        LEADS.contains(&before).then_some(said)
    })
}

/// The unit in a text; with `only`, everything beside it has to be known.
fn of(text: &str, only: bool) -> Stated {
    let bare = |part: &'_ str| part.rsplit_once("单位").map_or(part, |(_, rest)| rest).trim_matches(':').to_owned();
    let parts: Vec<String> = text.split(SIGNS).map(bare).filter(|part| !part.is_empty()).collect();
    let mut units: Vec<MoneyUnit> = parts.iter().filter_map(|part| unit(part)).collect();
    units.dedup();
    let is_strange = |part: &&String| unit(part).is_none() && !is_harmless(part) && (only || is_money(part));
    let strange = parts.iter().find(is_strange).is_some();
    match (units.as_slice(), strange) {
        ([], false) => Stated::Nothing,
        ([only], false) => Stated::Unit(*only),
        _ => Stated::Unknown(text.trim_matches(SIGNS).to_owned()),
    }
}

/// Whether a word above a table speaks of money at all; others count persons or name offices.
fn is_money(part: &str) -> bool {
    part.ends_with(['元', '币', '金', '镑']) || part.bytes().all(|b| b.is_ascii_alphabetic())
}

fn unit(part: &str) -> Option<MoneyUnit> {
    static NAMES: OnceLock<Vec<(String, MoneyUnit)>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let mut held = data("units");
        let mut of = |key: &str, unit| held.remove(key).unwrap_or_default().into_iter().map(move |name| (name, unit));
        let (yuan, wan, yi) = (of("yuan", MoneyUnit::Yuan), of("wan", MoneyUnit::Wan), of("yi", MoneyUnit::Yi));
        yuan.chain(wan).chain(yi).collect()
    });
    names.iter().find(|(name, _)| name == part).map(|(_, unit)| *unit)
}

fn is_harmless(part: &str) -> bool {
    static WORDS: OnceLock<Vec<String>> = OnceLock::new();
    WORDS.get_or_init(|| data("annotations").remove("harmless").unwrap_or_default()).iter().any(|word| word == part)
}

/// Whether the brackets of a head count in thousands or more what is to be counted one by one.
pub(crate) fn counts_in_heaps(head: &str) -> bool {
    let text = compact(head);
    let inner = text.find(['(', '[', '【', '〔']).and_then(|at| text.get(at..)).unwrap_or("");
    inner
        .split(SIGNS)
        .any(|part| part.trim_start_matches("单位").trim_matches(':').starts_with(['十', '百', '千', '万', '亿']))
}

impl Stated {
    /// What is said, in Chinese; empty for nothing.
    pub fn label(&self) -> &str {
        match self {
            Self::Nothing => "",
            Self::Unit(unit) => unit.label(),
            Self::Unknown(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&[&str]]) -> Vec<Row> {
        let cells = |texts: &[&str]| (0..).zip(texts.iter().map(|t| Cell::Text((*t).to_owned()))).collect();
        (1..).zip(lines).map(|(number, texts)| Row { number, cells: cells(texts) }).collect()
    }

    #[test]
    fn a_head_states_a_known_unit_nothing_or_something_unknown() {
        for (head, unit) in [
            ("营业收入（元）", MoneyUnit::Yuan),
            ("营业收入（人民币元）", MoneyUnit::Yuan),
            ("营业收入(单位：亿元)*", MoneyUnit::Yi),
            ("营业收入（含税）（万元）", MoneyUnit::Wan),
            ("营业收入【人民币，万元】", MoneyUnit::Wan),
        ] {
            assert_eq!(in_head(head), Stated::Unit(unit), "{head}");
        }
        for head in ["营业收入", "营业收入（含税）", "营业收入*"] {
            assert_eq!(in_head(head), Stated::Nothing, "{head}");
        }
        for head in [
            "营业收入（千元）",
            "营业收入（美元）",
            "营业收入（百万元）",
            "营业收入（万元）（千元）",
            "营业收入（元/人）",
        ] {
            assert!(matches!(in_head(head), Stated::Unknown(_)), "{head}");
        }
        assert!(counts_in_heaps("从业人员（千人）") && !counts_in_heaps("从业人员（人）"));
    }

    #[test]
    fn a_line_above_the_head_states_the_unit_of_all() {
        let of = |lines: &[&[&str]]| above(rows(lines).iter());
        for lines in [
            &[["某县情况表", "单位：元"].as_slice()] as &[&[&str]],
            &[&["填报单位：开元局　　　　单　位：元"]],
            &[&["（金额单位: 元、人）"]],
            &[&["单位：", "元"]],
            &[&["（元）"]],
        ] {
            assert_eq!(of(lines), Stated::Unit(MoneyUnit::Yuan), "{lines:?}");
        }
        assert_eq!(of(&[&["填报单位：某局", "二〇二一年"]]), Stated::Nothing);
        assert_eq!(of(&[&["单位：千元"]]), Stated::Unknown("千元".into()));
        assert_eq!(of(&[&["单位：元"], &["单位：万元"]]), Stated::Unknown("元、万元".into()));
    }
}
