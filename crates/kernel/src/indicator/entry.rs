//! What a typed target or declared figure means, or which field is at fault. Pure, and the same for pages and
//! workbooks: what one refuses the other refuses, in the same words.

use serde::Deserialize;

use super::{Indicator, Measure, Scale, Window};
use crate::access::Scope;
use crate::id::UnitId;
use crate::ledger::Catalog;
use crate::value::day::{Day, parse_day};
use crate::value::money::{Fen, MoneyUnit};
use crate::value::text::{LONGEST, compact};
use crate::{Faults, Result};

/// In what a target of an indicator is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Whole numbers.
    Whole,
    /// Money, a plain number being in this unit.
    Money(MoneyUnit),
}

/// In what targets of an indicator are written; nothing for what has none: ratios, days, declared figures.
pub fn sort(indicator: &Indicator, catalog: &Catalog) -> Option<Sort> {
    match &indicator.measure {
        Measure::Count(_) | Measure::Quantity(_) | Measure::Distinct(..) => Some(Sort::Whole),
        Measure::Amount(_) => Some(Sort::Money(match indicator.display.scale {
            Scale::Wan => MoneyUnit::Wan,
            Scale::Yi => MoneyUnit::Yi,
            _ => MoneyUnit::Yuan,
        })),
        Measure::Total(parts) => sort(catalog.indicator(parts.first()?)?, catalog),
        _ => None,
    }
}

/// The form that sets a target, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TargetForm {
    /// A year, or the years of the plan.
    pub period: String,
    /// Number of the unit; 0 for the whole city.
    pub unit: String,
    /// In the unit the indicator is printed in.
    pub value: String,
    /// The document that sets it.
    pub source: String,
}

/// A target that may be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTarget {
    /// A year, or the years of the plan.
    pub period: String,
    /// 0 for the whole city.
    pub unit: i64,
    /// Whole, or in fen.
    pub value: i64,
    /// The document that sets it.
    pub source: String,
}

/// A target as the form takes it, unambiguous: money with its unit.
pub fn typed(value: i64, sort: Sort) -> String {
    match sort {
        Sort::Whole => value.to_string(),
        Sort::Money(MoneyUnit::Yi) => format!("{}亿元", Fen(value).exact_yi()),
        Sort::Money(_) => format!("{}万元", Fen(value).exact_wan()),
    }
}

/// The target that a form asks for, within the units that `scope` holds.
///
/// # Errors
/// [`crate::Error::Invalid`] with every fault at its field.
pub fn target(form: &TargetForm, window: Window, sort: Sort, scope: &Scope) -> Result<NewTarget> {
    let mut faults = Faults::new();
    let period = compact(&form.period).trim_end_matches('年').to_owned();
    let is_year = period.len() == 4 && period.starts_with("20") && period.bytes().all(|b| b.is_ascii_digit());
    match window {
        Window::Plan(first, last) if period != format!("{first}-{last}") => {
            faults.add("period", format!("本指标按规划期统计，请填 {first}-{last}"));
        }
        Window::Plan(..) => {}
        _ if !is_year => faults.add("period", "请填四位数的年度，例如 2021"),
        _ => {}
    }
    let unit = compact(&form.unit).parse::<i64>().unwrap_or(-1);
    let may = if unit == 0 { *scope == Scope::All } else { unit > 0 && scope.holds(UnitId(unit)) };
    if !may {
        faults.add("unit", "请从列表中选择；只能设定本单元的目标，全市目标由市局设定");
    }
    let value = value(&form.value, sort).unwrap_or_else(|message| {
        faults.add("value", message);
        0
    });
    let source = text(&form.source, "source", "请写明下达目标的文件", &mut faults);
    faults.or(NewTarget { period, unit, value, source })
}

fn value(typed: &str, sort: Sort) -> std::result::Result<i64, String> {
    let value = match sort {
        Sort::Money(unit) => Fen::parse(typed, unit).map_err(|error| error.to_string())?.0,
        Sort::Whole => compact(typed).replace(',', "").parse().map_err(|_| "目标应为整数，例如 1,040".to_owned())?,
    };
    if value < 0 { Err("目标不能为负".into()) } else { Ok(value) }
}

/// The form that declares a figure from outside, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DeclareForm {
    /// A number, a day, or words.
    pub value: String,
    /// The day it is about.
    pub as_on: String,
    /// Where it was found.
    pub source: String,
    /// Who answers for it.
    pub person: String,
}

/// A figure that may be declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeclared {
    /// A number, a day, or words.
    pub value: String,
    /// The day it is about.
    pub as_on: Day,
    /// Where it was found.
    pub source: String,
    /// Who answers for it.
    pub person: String,
}

/// The figure that a form declares.
///
/// # Errors
/// [`crate::Error::Invalid`] with every fault at its field.
pub fn declared(form: &DeclareForm, today: Day) -> Result<NewDeclared> {
    let mut faults = Faults::new();
    let typed = text(&form.value, "value", "请填写数值", &mut faults);
    // Numbers and days are kept in the form they are read back in.
    let number = compact(&typed).replace(',', "").parse::<i64>().map(|n| n.to_string());
    let value = number.ok().or_else(|| parse_day(&typed).ok().map(|day| day.to_string())).unwrap_or(typed);
    let as_on = parse_day(&form.as_on).unwrap_or_else(|error| {
        faults.add("as_on", error.to_string());
        today
    });
    if as_on > today {
        faults.add("as_on", format!("{as_on} 在今天之后，请核对"));
    }
    let source = text(&form.source, "source", "请写明来源，例如 省厅通报的文号", &mut faults);
    let person = text(&form.person, "person", "请写明谁对这个数字负责", &mut faults);
    faults.or(NewDeclared { value, as_on, source, person })
}

fn text(typed: &str, field: &str, missing: &str, faults: &mut Faults) -> String {
    let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        faults.add(field, missing);
    } else if text.chars().count() > LONGEST {
        faults.add(field, format!("最多 {LONGEST} 个字"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    fn typed(period: &str, unit: &str, value: &str) -> TargetForm {
        TargetForm { period: period.into(), unit: unit.into(), value: value.into(), source: "文件".into() }
    }

    fn fields(refused: Result<impl Sized>) -> Vec<String> {
        match refused {
            Err(Error::Invalid(faults)) => faults.0.into_iter().map(|fault| fault.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_target_is_written_in_the_unit_of_its_indicator() {
        let of = |form, sort| target(&form, Window::YearToDate, sort, &Scope::All).expect("a target").value;
        assert_eq!(of(typed("2021年", "0", "1,040"), Sort::Whole), 1040);
        assert_eq!(of(typed("2021", "1", "2.5"), Sort::Money(MoneyUnit::Yi)), 25_000_000_000);
    }

    #[test]
    fn a_target_names_every_fault() {
        let county = Scope::Units(vec![UnitId(1)]);
        let wrong = typed("今年", "2", "-1");
        assert_eq!(fields(target(&wrong, Window::YearToDate, Sort::Whole, &county)), ["period", "unit", "value"]);
        let whole = typed("2021", "0", "1");
        assert_eq!(fields(target(&whole, Window::YearToDate, Sort::Whole, &county)), ["unit"]);
        let plan = typed("2021", "1", "1");
        assert_eq!(fields(target(&plan, Window::Plan(2021, 2023), Sort::Whole, &county)), ["period"]);
    }

    #[test]
    fn a_declared_number_or_day_is_kept_in_its_plain_form() {
        let today = parse_day("2021-08-11").expect("a day");
        let of = |value: &str| {
            let text = |text: &str| text.to_owned();
            let (as_on, source, person) = (text("2021年6月1日"), text("通报"), text("某科"));
            declared(&DeclareForm { value: text(value), as_on, source, person }, today).expect("a figure").value
        };
        assert_eq!([of("1,040"), of("2021年6月30日"), of("第 4 名")], ["1040", "2021-06-30", "第 4 名"]);
        assert_eq!(fields(declared(&DeclareForm::default(), today)), ["value", "as_on", "source", "person"]);
    }
}
