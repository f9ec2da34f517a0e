//! What a sender says about the columns of a worksheet of their own: which of ours each is, and in which unit.
//!
//! Owns the names by which heads are told apart and the file form. Never guesses (`foreign.rs` does) and never stores.

use std::collections::BTreeSet;

use kernel::value::money::MoneyUnit;
use kernel::value::text::compact;
use kernel::{Faults, Result};

use crate::book::Row;
use crate::guard::refused;
use crate::head::{KEYS, VERDICTS};
use crate::template::{Column, Kind, Template, plain};

/// What is said about all columns of a worksheet. Empty: heads are known by their names alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// One entry for each head, in the order of the worksheet.
    pub columns: Vec<Mapped>,
}

/// What is said about one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The head as told apart: without spaces; of heads that stand more than once, the second ends in `#2`.
    pub head: String,
    /// Which column of the template it is; empty when it is not read.
    pub key: String,
    /// The unit of its plain numbers; `None` leaves it to the head.
    pub unit: Option<MoneyUnit>,
}

/// The names of a row's heads, by column; our own service columns are left out.
pub(crate) fn names(row: &Row) -> Vec<(u16, String)> {
    let mut seen: Vec<String> = Vec::new();
    let mut names = Vec::new();
    for (col, cell) in &row.cells {
        let text = compact(&cell.shown());
        if plain(&text) == plain(KEYS) || plain(&text) == plain(VERDICTS) {
            continue;
        }
        let before = seen.iter().filter(|name| **name == text).count();
        seen.push(text.clone());
        names.push((*col, if before == 0 { text } else { format!("{text}#{}", before + 1) }));
    }
    names
}

impl Mapping {
    /// What is said about a head.
    pub(crate) fn of(&self, head: &str) -> Option<&Mapped> {
        self.columns.iter().find(|column| column.head == head)
    }

    /// Whether a row with these heads is the one that was meant: it has all of them.
    pub(crate) fn fits(&self, names: &[(u16, String)]) -> bool {
        !self.columns.is_empty() && self.columns.iter().all(|c| names.iter().any(|(_, name)| *name == c.head))
    }

    /// Columns that are read.
    pub fn taken(&self) -> impl Iterator<Item = &Mapped> {
        self.columns.iter().filter(|column| !column.key.is_empty())
    }

    /// The same with columns of the template named by their heads instead of their keys, as a person writes them.
    #[must_use]
    pub fn resolved(mut self, template: &Template) -> Self {
        for mapped in self.columns.iter_mut().filter(|mapped| !mapped.key.is_empty()) {
            let meant = template.columns.iter().find(|c| c.key == mapped.key || c.is_meant_by(&mapped.key));
            mapped.key = meant.map_or_else(|| mapped.key.clone(), |column| column.key.to_owned());
        }
        self
    }

    /// What stays the same for the same set of heads, in whatever order they stand.
    pub fn heads(&self) -> String {
        heads(self.columns.iter().map(|column| column.head.as_str()))
    }

    /// Sees that it can be read by: each of our columns once, the needed ones at all, a unit only for money.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] with every fault: at the head it is about, or at `columns`.
    pub fn check(&self, template: &Template) -> Result<()> {
        let mut faults = Faults::new();
        let mut seen = BTreeSet::new();
        for mapped in self.taken() {
            match template.column(&mapped.key) {
                None => faults.add(&mapped.head, format!("模板中没有“{}”这一列", mapped.key)),
                Some(column) if !seen.insert(&mapped.key) => {
                    faults.add(&mapped.head, format!("“{}”选了不止一次，请只保留一列", column.head));
                }
                Some(column) if mapped.unit.is_some() && !takes_unit(column) => {
                    faults.add(&mapped.head, format!("“{}”不是金额，请不要选单位", column.head));
                }
                Some(_) => {}
            }
        }
        let missing = template.columns.iter().filter(|c| c.required && !seen.iter().any(|key| *key == c.key));
        let missing: Vec<&str> = missing.map(|column| column.head).collect();
        if !missing.is_empty() {
            faults.add("columns", format!("还没有指明：{}；请在对应的列上选择", missing.join("、")));
        }
        faults.or(())
    }

    /// The form it is kept in and handed over as a file.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for column in &self.columns {
            let said = |text: &str| toml::Value::from(text).to_string();
            text += &format!("[[column]]\nhead = {}\nis = {}\n", said(&column.head), said(&column.key));
            text += &column.unit.map(|unit| format!("unit = {}\n", said(unit.label()))).unwrap_or_default();
        }
        text
    }

    /// Reads [`Mapping::to_toml`], as a person may have written it by hand; an empty text says nothing.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] at `file` with the place of what cannot be read.
    pub fn of_toml(text: &str) -> Result<Self> {
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => return refused(format!("认列文件读不懂：{error}")),
        };
        let entries = table.get("column").and_then(toml::Value::as_array).map_or(&[] as &[_], Vec::as_slice);
        if entries.is_empty() && !text.trim().is_empty() {
            return refused("认列文件里没有 [[column]]，每一列应写 head 和 is 两项");
        }
        let mut columns = Vec::new();
        for entry in entries {
            let said = |name: &str| entry.get(name).and_then(toml::Value::as_str).unwrap_or("");
            let unit = match said("unit") {
                "" => None,
                label => match unit_called(label) {
                    Some(unit) => Some(unit),
                    None => return refused(format!("认列文件中的单位“{label}”不认识，请写 元、万元或亿元")),
                },
            };
            if said("head").is_empty() {
                return refused("认列文件里有一列没有写 head（表头）");
            }
            columns.push(Mapped { head: compact(said("head")), key: said("is").to_owned(), unit });
        }
        Ok(Self { columns })
    }
}

/// The names of heads in one order, for comparing.
pub(crate) fn heads<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.join("\n")
}

/// Whether a unit can be said of a column: money, or a value that may be money.
pub(crate) fn takes_unit(column: &Column) -> bool {
    matches!(column.kind, Kind::Money(_)) || (column.key == "value" && column.kind == Kind::Text)
}

fn unit_called(label: &str) -> Option<MoneyUnit> {
    [MoneyUnit::Yuan, MoneyUnit::Wan, MoneyUnit::Yi].into_iter().find(|unit| unit.label() == label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Cell;

    fn mapped(head: &str, key: &str, unit: Option<MoneyUnit>) -> Mapped {
        Mapped { head: head.into(), key: key.into(), unit }
    }

    #[test]
    fn a_mapping_comes_back_from_its_file() {
        let columns = vec![
            mapped("企业代码\"甲\"", "credit_code", None),
            mapped("产值", "revenue", Some(MoneyUnit::Yuan)),
            mapped("备注#2", "", None),
        ];
        let mapping = Mapping { columns };
        assert_eq!(Mapping::of_toml(&mapping.to_toml()).expect("its own form"), mapping);
        assert_eq!(Mapping::of_toml("").expect("nothing said"), Mapping::default());
        for text in ["[[column]]\nis = \"name\"", "column = 3", "[[column]]\nhead=\"x\"\nunit=\"千元\"", "x ="] {
            assert!(Mapping::of_toml(text).is_err(), "{text}");
        }
    }

    #[test]
    fn heads_that_stand_twice_are_told_apart_and_ours_are_left_out() {
        let texts = [KEYS, "单 位", "产值", "产值", VERDICTS];
        let cells = (0..).zip(texts).map(|(col, text)| (col, Cell::Text(text.into()))).collect();
        let names = names(&Row { number: 1, cells });
        assert_eq!(names, [(1, "单位".into()), (2, "产值".into()), (3, "产值#2".into())]);
    }

    #[test]
    fn what_is_said_twice_missing_or_of_no_money_is_told_at_its_head() {
        let needed = Column::new("credit_code", "信用代码", Kind::CreditCode).required();
        let columns = vec![needed, Column::new("name", "名称", Kind::Text)];
        let template = Template { code: "t", label: "表", version: 1, note: "", columns };
        let columns = vec![
            mapped("甲", "name", None),
            mapped("乙", "name", None),
            mapped("丙", "nothing", None),
            mapped("丁", "name", Some(MoneyUnit::Yuan)),
        ];
        let Err(kernel::Error::Invalid(faults)) = (Mapping { columns }).check(&template) else { panic!("is refused") };
        let at: Vec<&str> = faults.0.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(at, ["乙", "丙", "丁", "columns"]);
    }
}
