//! Indicators (指标): one versioned definition over facts, from which value, breakdown, list and why-not follow.

mod breakdown;
pub(crate) mod definition;
mod direct;
mod drill;
pub mod entry;
mod figure;
pub(crate) mod later;
pub(crate) mod moved;
mod reconcile;
pub(crate) mod rowset;
mod rule;
mod show;
mod suppress;
mod target;
pub(crate) mod walk;
mod why;

pub use breakdown::{By, Cell, breakdown, breakdown_page};
pub use definition::{Counted, Definition, Selected, Thawed};
pub use drill::{DrillPage, DrillRows, GroupRow, SubjectRow, Within, drill};
pub(crate) use figure::{Definitions, combined, evaluate_beside, evaluate_by, last_kept};
pub use figure::{Figure, Number, Question, evaluate, figure, recomputed, series};
pub use reconcile::{Exception, Outcome, reconcile, reconcile_all};
pub use rowset::RowKey;
pub(crate) use rule::check as check_rule;
pub use rule::{Check, Rule};
pub use show::{number_text, over, plain, shown};
pub use suppress::{Hidden, SmallCells, suppress};
pub use target::{
    DeclaredRow, TargetRow, declare, declared_rows, set_target, target_history, target_rows, target_value,
    withdraw_declared, withdraw_target,
};
pub use walk::Filter;
pub use why::{Verdict, used_by, why, would_move};

use chrono::{Datelike, NaiveDate};

use crate::Faults;
use crate::ledger::{Catalog, Partition, Select};
use crate::value::day::Day;

/// A definition. Changing what it counts means a new version.
#[derive(Debug)]
pub struct Indicator {
    /// Stable code, `module.name`.
    pub code: &'static str,
    /// Version of the definition, from 1.
    pub version: u32,
    /// What people call it.
    pub name: &'static str,
    /// What exactly is counted, in a sentence.
    pub definition: &'static str,
    /// Unit as printed (家, 亿元, %).
    pub unit: &'static str,
    /// What is measured.
    pub measure: Measure,
    /// Over which days.
    pub window: Window,
    /// Who answers for it.
    pub owner: &'static str,
    /// How it is printed.
    pub display: Display,
}

/// What is measured.
#[derive(Debug)]
pub enum Measure {
    /// Facts in effect.
    Count(Select),
    /// Sum of quantities.
    Quantity(Select),
    /// Sum of amounts.
    Amount(Select),
    /// Different subjects, classes … with a net quantity above zero.
    Distinct(Select, Of),
    /// The day of the first fact in effect.
    FirstDay(Select),
    /// Whole months since the first fact in effect.
    MonthsSince(Select),
    /// Calendar months begun in the window, up to the day asked about.
    MonthsElapsed,
    /// One indicator divided by another; both are always shown.
    Ratio(&'static str, &'static str),
    /// Several indicators added up.
    Total(&'static [&'static str]),
    /// The target set for another indicator, in the period of this one's window.
    Target(&'static str),
    /// A figure from outside, declared with source, day and person.
    Declared,
}

/// Of what a distinct count counts different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Of {
    /// Subjects.
    Subject,
    /// Classes of the kind.
    Class,
    /// Reporting units.
    Unit,
    /// Counterparties.
    Counterparty,
}

/// Over which days an indicator looks, given the day asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Window {
    /// Everything up to the day: a stock, or all since the beginning.
    AsOf,
    /// From a fixed day.
    Since(i32, u32, u32),
    /// From 1 January.
    YearToDate,
    /// From the start of the half-year.
    HalfToDate,
    /// From the first of the month.
    MonthToDate,
    /// A plan of several years.
    Plan(i32, i32),
}

impl Window {
    /// First and last day for a question about `about`. The first may lie after the last: then nothing counts.
    pub fn range(self, about: Day) -> (Option<Day>, Day) {
        let ymd = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        let year = about.year();
        match self {
            Self::AsOf => (None, about),
            Self::Since(y, m, d) => (ymd(y, m, d), about),
            Self::YearToDate => (ymd(year, 1, 1), about),
            Self::HalfToDate => (ymd(year, if about.month() <= 6 { 1 } else { 7 }, 1), about),
            Self::MonthToDate => (about.with_day(1), about),
            Self::Plan(first, last) => (ymd(first, 1, 1), ymd(last, 12, 31).map_or(about, |end| end.min(about))),
        }
    }

    pub(crate) fn partition(self) -> Partition {
        let ymd = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        match self {
            Self::AsOf => Partition::Whole { from: None, to: None },
            Self::Since(y, m, d) => Partition::Whole { from: ymd(y, m, d), to: None },
            Self::YearToDate => Partition::Year,
            Self::HalfToDate => Partition::Half,
            Self::MonthToDate => Partition::Month,
            Self::Plan(first, last) => Partition::Whole { from: ymd(first, 1, 1), to: ymd(last, 12, 31) },
        }
    }

    /// In words, for a card.
    pub fn label(self) -> String {
        match self {
            Self::AsOf => "截至当日累计".into(),
            Self::Since(y, m, d) => format!("自 {y} 年 {m} 月 {d} 日起累计"),
            Self::YearToDate => "本年累计".into(),
            Self::HalfToDate => "本半年累计".into(),
            Self::MonthToDate => "本月累计".into(),
            Self::Plan(a, b) => format!("{a}—{b} 年规划期累计"),
        }
    }

    /// The period a target of this window is set for.
    pub fn target_period(self, about: Day) -> String {
        match self {
            Self::Plan(a, b) => format!("{a}-{b}"),
            _ => about.year().to_string(),
        }
    }
}

/// How a number is scaled when printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Scale {
    /// As it is.
    One,
    /// In units of ten thousand yuan.
    Wan,
    /// In units of a hundred million yuan.
    Yi,
    /// Per hundred.
    Percent,
    /// A month instead of a day.
    Month,
}

/// How a number is printed; the exact value always stays behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Display {
    /// Scale.
    pub scale: Scale,
    /// Digits after the point, at most; trailing zeros are dropped.
    pub decimals: u32,
}

impl Display {
    /// Whole numbers.
    pub const WHOLE: Self = Self { scale: Scale::One, decimals: 0 };
    /// 万元.
    pub const WAN: Self = Self { scale: Scale::Wan, decimals: 2 };
    /// 亿元.
    pub const YI: Self = Self { scale: Scale::Yi, decimals: 4 };
    /// Percent with two digits.
    pub const PERCENT: Self = Self { scale: Scale::Percent, decimals: 2 };
}

impl Indicator {
    /// The facts behind it, when it looks at facts itself.
    pub fn select(&self) -> Option<&Select> {
        match &self.measure {
            Measure::Count(s)
            | Measure::Quantity(s)
            | Measure::Amount(s)
            | Measure::Distinct(s, _)
            | Measure::FirstDay(s)
            | Measure::MonthsSince(s) => Some(s),
            _ => None,
        }
    }

    /// The indicators it is made of.
    pub fn parts(&self) -> Vec<&'static str> {
        match &self.measure {
            Measure::Ratio(num, den) => vec![num, den],
            Measure::Total(parts) => parts.to_vec(),
            _ => Vec::new(),
        }
    }

    /// What kind of measure it is, in words.
    pub fn measure_label(&self) -> &'static str {
        match &self.measure {
            Measure::Count(_) => "事实计数",
            Measure::Quantity(_) => "数量合计",
            Measure::Amount(_) => "金额合计",
            Measure::Distinct(_, Of::Subject) => "主体去重计数",
            Measure::Distinct(_, Of::Class) => "分类去重计数",
            Measure::Distinct(_, Of::Unit) => "单元去重计数",
            Measure::Distinct(_, Of::Counterparty) => "对方去重计数",
            Measure::FirstDay(_) => "首次发生日期",
            Measure::MonthsSince(_) => "距首次发生月数",
            Measure::MonthsElapsed => "已开始月数",
            Measure::Ratio(..) => "两项指标之比",
            Measure::Total(_) => "若干指标之和",
            Measure::Target(_) => "目标值",
            Measure::Declared => "申明的外部数字",
        }
    }
}

/// Adds a fault for everything a definition gets wrong.
pub(crate) fn check(indicator: &Indicator, catalog: &Catalog, faults: &mut Faults) {
    let mut bad = |message: String| faults.add(indicator.code, message);
    if indicator.definition.is_empty() || indicator.unit.is_empty() || indicator.owner.is_empty() {
        bad("缺少定义、单位或责任单位".into());
    }
    if let Some(select) = indicator.select() {
        if select.kinds.is_empty() {
            bad("没有选取任何事实种类".into());
        }
        for code in select.kinds {
            match catalog.kind(code) {
                None => bad(format!("未知的事实种类“{code}”")),
                Some(kind) => {
                    for class in select.filters.classes.iter().filter(|c| !c.is_empty()) {
                        if !kind.decl.classes.iter().any(|c| c.code == *class) {
                            bad(format!("事实种类“{code}”没有分类“{class}”"));
                        }
                    }
                    if matches!(indicator.measure, Measure::Amount(_)) && !kind.decl.money {
                        bad(format!("事实种类“{code}”不记金额"));
                    }
                }
            }
        }
    }
    for part in indicator.parts() {
        if catalog.indicator(part).is_none() {
            bad(format!("未知的指标“{part}”"));
        }
    }
    if let Measure::Target(of) = indicator.measure
        && catalog.indicator(of).is_none()
    {
        bad(format!("未知的指标“{of}”"));
    }
    if in_a_ring(indicator, catalog) {
        bad("指标的组成互相循环引用".into());
    }
}

fn in_a_ring(start: &Indicator, catalog: &Catalog) -> bool {
    let mut open = start.parts();
    let mut seen: Vec<&str> = Vec::new();
    while let Some(code) = open.pop() {
        if code == start.code {
            return true;
        }
        if !seen.contains(&code) {
            seen.push(code);
            open.extend(catalog.indicator(code).map(Indicator::parts).unwrap_or_default());
        }
    }
    false
}
