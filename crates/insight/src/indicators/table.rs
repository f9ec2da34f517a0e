//! The rows behind a figure as one table: the page and the download read the same columns.

use std::collections::HashMap;

use kernel::indicator::{By, DeclaredRow, DrillRows, GroupRow, Indicator, Measure, SubjectRow, TargetRow};
use kernel::ledger::{Catalog, Fact};
use kernel::value::day::{self, Day};
use kernel::value::money::Fen;
use kernel::value::thousands;

use super::FigureView;
use crate::units::Units;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its name.
    pub label: &'static str,
    /// How its cells are set.
    pub class: &'static str,
    /// Whether its cells add up.
    pub adds_up: bool,
}

/// A cell.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    /// Words.
    Text(String),
    /// Words that open a page.
    Link(String, String),
    /// A whole number.
    Number(i64),
    /// Yuan, to the fen.
    Money(Fen),
    /// A day.
    Day(Day),
}

impl Cell {
    /// As a page shows it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Link(text, _) => text.clone(),
            Self::Number(n) => thousands(n),
            Self::Money(fen) => fen.yuan(),
            Self::Day(day) => day.to_string(),
        }
    }

    /// The page it opens; empty when it opens none.
    pub(crate) fn href(&self) -> &str {
        if let Self::Link(_, href) = self { href } else { "" }
    }
}

/// Columns and rows.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, one cell per column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The sum of each column that adds up, under its column.
    pub(crate) fn sums(&self) -> Vec<String> {
        (0..self.columns.len()).map(|at| self.sum(at).map(|cell| cell.text()).unwrap_or_default()).collect()
    }

    fn sum(&self, at: usize) -> Option<Cell> {
        self.columns.get(at).filter(|column| column.adds_up)?;
        self.rows.iter().filter_map(|row| row.get(at)).fold(None, |sum, cell| match (sum, cell) {
            (None, Cell::Number(_) | Cell::Money(_)) => Some(cell.clone()),
            (Some(Cell::Number(a)), Cell::Number(b)) => Some(Cell::Number(a.saturating_add(*b))),
            (Some(Cell::Money(a)), Cell::Money(b)) => Some(Cell::Money(Fen(a.0.saturating_add(b.0)))),
            (sum, _) => sum,
        })
    }
}

const fn words(label: &'static str) -> Column {
    Column { label, class: "roomy", adds_up: false }
}

const fn short(label: &'static str) -> Column {
    Column { label, class: "short", adds_up: false }
}

const fn title(label: &'static str) -> Column {
    Column { label, class: "cell-title", adds_up: false }
}

const fn number(label: &'static str) -> Column {
    Column { label, class: "num", adds_up: false }
}

const fn sum(label: &'static str) -> Column {
    Column { label, class: "num", adds_up: true }
}

/// What the rows are read with: names of units, labels of classes, the parts of a composed figure.
pub(crate) struct Reading<'a> {
    /// The indicator.
    pub indicator: &'static Indicator,
    /// Kinds and their classes.
    pub catalog: &'a Catalog,
    /// Names of units.
    pub units: &'a Units,
    /// The figure whose parts are its rows.
    pub figure: &'a FigureView,
    /// Whether the dossier of any organisation opens: who reads a part of the city reads the other side's name only.
    pub all_open: bool,
}

impl Reading<'_> {
    /// The table of one page of rows; `names` are those of organisations listed by number.
    pub(crate) fn table(&self, rows: &DrillRows, names: &HashMap<String, String>) -> Table {
        match rows {
            DrillRows::Facts(rows) => self.facts(rows),
            DrillRows::Subjects(rows) => self.subjects(rows),
            DrillRows::Groups(by, rows) => self.groups(*by, rows, names),
            DrillRows::Targets(rows) => self.targets(rows),
            DrillRows::Declared(rows) => declared(rows),
            DrillRows::Parts(_) => self.parts(),
        }
    }

    /// Whether any kind of the indicator carries money: the columns are the same on every page of a list.
    fn has_money(&self) -> bool {
        let kinds = self.indicator.select().map(|s| s.kinds).unwrap_or_default();
        kinds.iter().filter_map(|k| self.catalog.kind(k)).any(|k| k.decl.money)
    }

    fn facts(&self, facts: &[Fact]) -> Table {
        let money = self.has_money();
        let mut columns = vec![
            title("主体"),
            short("序号"),
            short("发生日期"),
            short("事实"),
            short("分类"),
            words("对方"),
            short("填报单元"),
            sum("数量"),
            short("计量单位"),
            words("依据"),
            short("登记时间"),
        ];
        if money {
            columns.insert(9, sum("金额（元）"));
        }
        let rows = facts.iter().map(|fact| {
            let mut row = vec![
                Cell::Link(fact.subject_name.clone(), format!("/orgs/{}", fact.subject)),
                Cell::Link(fact.position.to_string(), format!("/facts/{}", fact.position)),
                Cell::Day(fact.occurred_on),
                Cell::Text(fact.kind_label.to_owned()),
                Cell::Text(fact.class_label.to_owned()),
                self.counterparty(fact),
                Cell::Text(self.units.name(fact.unit.0)),
                Cell::Number(fact.quantity),
                Cell::Text(fact.unit_of_quantity.to_owned()),
                Cell::Link(fact.record_title.clone(), format!("/records/{}", fact.record)),
                Cell::Text(day::minute(fact.recorded_at)),
            ];
            if money {
                row.insert(9, Cell::Money(fact.amount));
            }
            row
        });
        Table { rows: rows.collect(), columns }
    }

    fn subjects(&self, subjects: &[SubjectRow]) -> Table {
        let money = self.has_money();
        let mut columns = vec![
            title("主体"),
            short("代码"),
            short("填报单元"),
            sum("净数量"),
            sum("事实数"),
            short("首次"),
            short("最近"),
        ];
        if money {
            columns.insert(5, sum("金额（元）"));
        }
        let rows = subjects.iter().map(|subject| {
            let mut row = vec![
                Cell::Link(subject.name.clone(), format!("/orgs/{}", subject.org)),
                Cell::Text(subject.code.clone()),
                Cell::Text(self.units.name(subject.unit)),
                Cell::Number(subject.quantity),
                Cell::Number(subject.facts),
                Cell::Day(subject.first_on),
                Cell::Day(subject.last_on),
            ];
            if money {
                row.insert(5, Cell::Money(subject.amount));
            }
            row
        });
        Table { rows: rows.collect(), columns }
    }

    fn groups(&self, by: By, groups: &[GroupRow], names: &HashMap<String, String>) -> Table {
        let rows = groups.iter().map(|group| {
            let name = match by {
                By::Counterparty => {
                    let name = names.get(&group.key).cloned().unwrap_or_else(|| format!("编号 {}", group.key));
                    self.other(name, &group.key)
                }
                By::Unit => {
                    Cell::Text(group.key.parse().map_or_else(|_| group.key.clone(), |unit| self.units.name(unit)))
                }
                _ => Cell::Text(self.class_label(&group.key)),
            };
            vec![name, Cell::Number(group.quantity), Cell::Number(group.facts)]
        });
        Table { columns: vec![title(by.label()), sum("净数量"), sum("事实数")], rows: rows.collect() }
    }

    fn counterparty(&self, fact: &Fact) -> Cell {
        match fact.counterparty {
            Some(org) => self.other(fact.counterparty_name.clone(), &org.to_string()),
            None => Cell::Text(String::new()),
        }
    }

    /// The other side of facts.
    fn other(&self, name: String, id: &str) -> Cell {
        if self.all_open { Cell::Link(name, format!("/orgs/{id}")) } else { Cell::Text(name) }
    }

    fn class_label(&self, class: &str) -> String {
        let kinds = self.indicator.select().map(|s| s.kinds).unwrap_or_default();
        let declared = kinds.iter().filter_map(|k| self.catalog.kind(k)).flat_map(|k| k.decl.classes);
        declared.into_iter().find(|c| c.code == class).map_or_else(|| "未分类".to_owned(), |c| c.label.to_owned())
    }

    /// Whether the targets listed are money, kept in fen.
    fn targets_are_money(&self) -> bool {
        let Measure::Target(of) = self.indicator.measure else { return false };
        self.catalog.indicator(of).is_some_and(|i| matches!(i.measure, Measure::Amount(_)))
    }

    fn targets(&self, targets: &[TargetRow]) -> Table {
        let money = self.targets_are_money();
        let value = number(if money { "目标（元）" } else { "目标" });
        let columns =
            vec![title("填报单元"), short("期间"), value, words("下达依据"), short("登记时间"), short("登记人")];
        let rows = targets.iter().map(|target| {
            vec![
                Cell::Text(if target.unit == 0 { "全市".to_owned() } else { self.units.name(target.unit) }),
                Cell::Text(target.period.clone()),
                if money { Cell::Money(Fen(target.value)) } else { Cell::Number(target.value) },
                Cell::Text(target.source.clone()),
                Cell::Text(day::minute(target.recorded_at)),
                Cell::Text(target.recorded_by.clone()),
            ]
        });
        Table { columns, rows: rows.collect() }
    }

    fn parts(&self) -> Table {
        let role = |at: usize| match (self.figure.sign, at) {
            ("÷", 0) => "分子",
            ("÷", _) => "分母",
            _ => "加项",
        };
        let rows = self.figure.parts.iter().enumerate().map(|(at, part)| {
            vec![
                Cell::Link(part.name.to_owned(), part.rows_href.clone()),
                Cell::Text(role(at).to_owned()),
                Cell::Text(format!("{} {}", part.value, part.unit)),
                Cell::Text(part.exact.clone()),
                Cell::Number(part.rows),
            ]
        });
        let columns = vec![title("指标"), short("位置"), number("数值"), words("精确值"), number("行数")];
        Table { columns, rows: rows.collect() }
    }
}

fn declared(rows: &[DeclaredRow]) -> Table {
    let columns = vec![title("数值"), short("所指日期"), words("来源"), short("责任人"), short("登记时间")];
    let rows = rows.iter().map(|row| {
        vec![
            Cell::Text(row.value.clone()),
            Cell::Day(row.as_on),
            Cell::Text(row.source.clone()),
            Cell::Text(row.person.clone()),
            Cell::Text(day::minute(row.recorded_at)),
        ]
    });
    Table { columns, rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_columns_that_add_up_are_added_up() {
        let row = |n, fen| vec![Cell::Text("甲".into()), Cell::Number(n), Cell::Money(Fen(fen)), Cell::Number(n)];
        let table = Table {
            columns: vec![title("主体"), sum("数量"), sum("金额（元）"), number("年")],
            rows: vec![row(2, 150), row(3, 1)],
        };
        assert_eq!(table.sums(), ["", "5", "1.51", ""]);
    }
}
