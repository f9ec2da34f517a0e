//! Rows of declared figures and targets.

use kernel::Result;
use kernel::access::Scope;
use kernel::id::UnitId;
use kernel::indicator::Measure;
use kernel::value::money::{Fen, MoneyUnit};
use kernel::value::text::compact;
use registry::orgs::holds_unit;
use sheets::{ReadRow, Value};

use super::check::Desk;
use super::model::{RowPlan, Step};
use super::queries;

/// What a row of declared figures does.
///
/// # Errors
/// As the database says.
pub(super) async fn declared(desk: &Desk<'_>, row: &ReadRow) -> Result<RowPlan> {
    let indicator = row.typed("indicator");
    let mut plan = RowPlan { label: name(desk, &indicator), ..RowPlan::default() };
    if *desk.scope != Scope::All {
        plan.fault("indicator", "申明数字由市局登记，请报市局办理");
    }
    let Some(as_on) = row.value("as_on").and_then(Value::day) else { return Ok(plan) };
    plan.key = format!("{indicator}|{as_on}");
    let value = row.typed("value");
    let (source, person) = (row.typed("source"), row.typed("person"));
    let stored = queries::declared(desk.read, &indicator, as_on).await?;
    if !row.faulty && stored != Some((value.clone(), source.clone(), person.clone())) {
        plan.steps.push((Step::Declare { indicator, value, as_on, source, person }, "value"));
    }
    Ok(plan)
}

/// What a row of targets does.
///
/// # Errors
/// As the database says.
pub(super) async fn target(desk: &Desk<'_>, row: &ReadRow) -> Result<RowPlan> {
    let (indicator, period) = (row.typed("indicator"), compact(&row.typed("period")));
    let period = period.trim_end_matches('年').to_owned();
    let unit: i64 = row.typed("unit").parse().unwrap_or(0);
    let mut plan = RowPlan { label: format!("{} {period}", name(desk, &indicator)), ..RowPlan::default() };
    if *desk.scope != Scope::All && !holds_unit(desk.scope, UnitId(unit)) {
        plan.fault("unit", "您只能登记自己填报单元的目标；全市目标请报市局办理");
    }
    let years: Vec<&str> = period.split('-').collect();
    let is_period = years.len() <= 2 && years.iter().all(|y| y.len() == 4 && y.parse::<u16>().is_ok());
    // An empty cell has been told by the reader.
    if !is_period && !period.is_empty() {
        plan.fault("period", "时期请填年度（如 2021）或规划期（如 2021-2023）");
    }
    plan.key = format!("{indicator}|{period}|{unit}");
    let value = match number(desk, &indicator, &row.typed("value")) {
        Ok(value) => value,
        Err(message) => {
            plan.fault("value", message);
            return Ok(plan);
        }
    };
    let source = row.typed("source");
    if !row.faulty && queries::target(desk.read, &indicator, &period, unit).await? != Some((value, source.clone())) {
        plan.steps.push((Step::Target { indicator, period, unit, value, source }, "value"));
    }
    Ok(plan)
}

fn name(desk: &Desk<'_>, indicator: &str) -> String {
    desk.read.catalog().indicator(indicator).map(|i| i.name.to_owned()).unwrap_or_default()
}

/// A target in the whole unit of its indicator: fen for money.
fn number(desk: &Desk<'_>, indicator: &str, typed: &str) -> std::result::Result<i64, String> {
    let money = desk.read.catalog().indicator(indicator).is_some_and(|i| matches!(i.measure, Measure::Amount(_)));
    let number = match money {
        true => Fen::parse(typed, MoneyUnit::Wan).map(|fen| fen.0).map_err(|e| e.to_string())?,
        false => compact(typed).replace(',', "").parse().map_err(|_| "目标应为整数，例如 120".to_owned())?,
    };
    if number < 0 { Err("目标不能为负".into()) } else { Ok(number) }
}
