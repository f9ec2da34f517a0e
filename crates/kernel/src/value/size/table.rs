//! Reads `data/size-class.toml` and finds the rule of an industry code.

use super::{Bounds, Measure, SizeEdition};
use crate::value::day;
use crate::value::money::MoneyUnit;
use serde::Deserialize;
use std::collections::BTreeMap;
use thiserror::Error;

/// A file of size classes that cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SizeFileError {
    /// Not TOML, or not of this shape.
    #[error("划型标准文件格式有误：{0}")]
    Toml(String),
    /// A date that cannot be read.
    #[error("划型标准“{edition}”的施行日期有误：{fault}")]
    Day {
        /// Code of the edition.
        edition: String,
        /// What is wrong with it.
        fault: day::DayError,
    },
    /// An industry without measures, or with bounds that do not descend from large to small.
    #[error("“{industry}”的划型界限有误，应至少有一项指标，且大型、中型、小型的下限依次降低")]
    Bounds {
        /// The rule's industry.
        industry: String,
    },
    /// An industry code claimed twice within one edition.
    #[error("行业代码“{code}”在同一版划型标准中重复，请只保留一处")]
    Twice {
        /// The code.
        code: String,
    },
}

/// One row of the rule: an industry and the bounds it is held to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) industry: String,
    pub(super) bounds: Vec<(Measure, Bounds)>,
}

/// The rows of one edition, found by the beginning of an industry code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table {
    rules: Vec<Rule>,
    /// Division or group → place in `rules`, or `None` where the rule does not cover it.
    by_code: BTreeMap<String, Option<usize>>,
}

/// What an edition says of an industry code.
pub(super) enum Coverage<'a> {
    /// Classified by this row.
    By(&'a Rule),
    /// Left out by the rule.
    NotCovered,
    /// No code of the classification, or too short to tell.
    Unknown,
}

impl Table {
    /// The row for a division, group or class code; the longest known beginning decides.
    pub(super) fn find(&self, code: &str) -> Coverage<'_> {
        if !(2..=4).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Coverage::Unknown;
        }
        let known = (2..=code.len()).rev().find_map(|length| self.by_code.get(code.get(..length)?));
        match known {
            None => Coverage::Unknown,
            Some(None) => Coverage::NotCovered,
            Some(Some(index)) => self.rules.get(*index).map_or(Coverage::Unknown, Coverage::By),
        }
    }

    fn claim(&mut self, code: String, rule: Option<usize>) -> Result<(), SizeFileError> {
        match self.by_code.insert(code.clone(), rule) {
            None => Ok(()),
            Some(_) => Err(SizeFileError::Twice { code }),
        }
    }
}

/// Reads every edition of a file; its format is told at the top of `data/size-class.toml`.
pub(super) fn parse(text: &str) -> Result<Vec<SizeEdition>, SizeFileError> {
    let file: File = toml::from_str(text).map_err(|error| SizeFileError::Toml(error.to_string()))?;
    file.edition.into_iter().map(Edition::checked).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edition: Vec<Edition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edition {
    code: String,
    document: String,
    title: String,
    source: String,
    in_force_from: String,
    in_force_to: Option<String>,
    not_covered: Vec<String>,
    industry: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    codes: Vec<String>,
    employees: Option<[i64; 3]>,
    revenue_wan: Option<[i64; 3]>,
    assets_wan: Option<[i64; 3]>,
}

impl Edition {
    fn checked(self) -> Result<SizeEdition, SizeFileError> {
        let on = |text: &String| {
            let unreadable = |fault| SizeFileError::Day { edition: self.code.clone(), fault };
            day::parse_day(text).map_err(unreadable)
        };
        let in_force_from = on(&self.in_force_from)?;
        let in_force_to = self.in_force_to.as_ref().map(on).transpose()?;
        let mut table = Table::default();
        for code in self.not_covered {
            table.claim(code, None)?;
        }
        for row in self.industry {
            let bounds = row.bounds()?;
            for code in row.codes {
                table.claim(code, Some(table.rules.len()))?;
            }
            table.rules.push(Rule { industry: row.name, bounds });
        }
        let Edition { code, document, title, source, .. } = self;
        Ok(SizeEdition { code, document, title, source, in_force_from, in_force_to, table })
    }
}

impl Row {
    fn bounds(&self) -> Result<Vec<(Measure, Bounds)>, SizeFileError> {
        let wan = MoneyUnit::Wan.fen();
        let given = [
            (Measure::Employees, self.employees, 1),
            (Measure::Revenue, self.revenue_wan, wan),
            (Measure::Assets, self.assets_wan, wan),
        ];
        let fault = || SizeFileError::Bounds { industry: self.name.clone() };
        let mut bounds = Vec::new();
        for (measure, numbers, unit) in given {
            let Some(numbers) = numbers else { continue };
            let [large, medium, small] = numbers.map(|number| number.checked_mul(unit));
            match (large, medium, small) {
                (Some(large), Some(medium), Some(small)) if large > medium && medium > small => {
                    bounds.push((measure, Bounds { large, medium, small }));
                }
                _ => return Err(fault()),
            }
        }
        if bounds.is_empty() { Err(fault()) } else { Ok(bounds) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::industry::{self, Level};

    #[test]
    fn ships_one_edition_without_an_end() {
        let open = SizeEdition::all().iter().filter(|edition| edition.in_force_to.is_none());
        assert_eq!(open.count(), 1);
        let current = SizeEdition::current();
        assert_eq!(current.document, "工信部联企业〔2011〕300号");
        assert_eq!(current.table.rules.len(), 16);
        let first = day::parse_day("2011-06-18").expect("a day");
        assert_eq!(SizeEdition::in_force_on(first), Some(current));
        assert_eq!(SizeEdition::in_force_on(first.pred_opt().expect("a day")), None);
    }

    #[test]
    fn every_class_of_the_industry_table_is_covered_or_left_out() {
        let table = &SizeEdition::current().table;
        for class in industry::industries().iter().filter(|it| it.level == Level::Class) {
            assert!(!matches!(table.find(class.code), Coverage::Unknown), "{class:?}");
        }
    }

    #[test]
    fn every_code_of_the_rule_is_in_the_industry_table() {
        for code in SizeEdition::current().table.by_code.keys() {
            assert!(industry::find(code).is_some(), "{code}");
        }
    }

    #[test]
    fn only_industry_proper_is_under_industry() {
        let table = &SizeEdition::current().table;
        for class in industry::industries().iter().filter(|it| it.level == Level::Class) {
            let by_rule = matches!(table.find(class.code), Coverage::By(rule) if rule.industry == "工业");
            assert_eq!(by_rule, industry::is_industrial(class.code), "{class:?}");
        }
    }

    #[test]
    fn refuses_a_file_that_cannot_be_right() {
        let file = |from: &str, row: &str| {
            format!(
                "[[edition]]\ncode = \"x\"\ndocument = \"\"\ntitle = \"\"\nsource = \"\"\n\
                 in_force_from = \"{from}\"\nnot_covered = [\"53\"]\n\
                 [[edition.industry]]\nname = \"甲\"\n{row}\n"
            )
        };
        let bounds = SizeFileError::Bounds { industry: "甲".to_owned() };
        let twice = SizeFileError::Twice { code: "53".to_owned() };
        for (row, expected) in [
            ("codes = [\"01\"]", bounds.clone()),
            ("codes = [\"01\"]\nemployees = [1, 2, 3]", bounds.clone()),
            ("codes = [\"01\"]\nrevenue_wan = [9223372036854775807, 2, 1]", bounds),
            ("codes = [\"53\"]\nemployees = [3, 2, 1]", twice),
        ] {
            assert_eq!(parse(&file("2011-06-18", row)), Err(expected), "{row}");
        }
        let row = "codes = [\"01\"]\nemployees = [3, 2, 1]";
        assert!(parse(&file("2011-06-18", row)).is_ok());
        assert!(matches!(parse(&file("2011-06-31", row)), Err(SizeFileError::Day { .. })));
        assert!(matches!(parse("edition = 1"), Err(SizeFileError::Toml(_))));
    }
}
