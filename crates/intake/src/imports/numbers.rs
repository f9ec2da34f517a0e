//! Rows of declared figures and targets, by the rules of their forms.

use kernel::Result;
use kernel::access::Scope;
use kernel::indicator::Indicator;
use kernel::indicator::entry::{self, DeclareForm, Sort, TargetForm};
use sheets::{Level, ReadRow, Stated};

use super::check::{Desk, at_columns};
use super::model::{RowPlan, Step};
use super::orgs::{By, conflict};
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
    if row.is_as_held(&["value", "as_on", "source", "person"]) {
        return Ok(plan);
    }
    let form = DeclareForm {
        value: row.typed("value"),
        as_on: row.typed("as_on"),
        source: row.typed("source"),
        person: row.typed("person"),
    };
    match entry::declared(&form, desk.read.today()) {
        Ok(new) => {
            plan.key = format!("{indicator}|{}", new.as_on);
            let stored = queries::declared(desk.read, &indicator, new.as_on).await?;
            let (now, by) = match &stored {
                Some(stored) => (stored.value.as_str(), Some(By { at: stored.at, who: &stored.by })),
                None => ("", None),
            };
            // Of another day than the template held there is nothing to be held against.
            let is_of_held = row.held.get("as_on").is_some_and(|held| *held == new.as_on.to_string());
            if let (true, Some(message)) = (is_of_held, conflict(row, "value", now, by)) {
                plan.told.push((Level::Conflict, "value", message));
            }
            let same = stored.is_some_and(|stored| {
                (stored.value, stored.source, stored.person)
                    == (new.value.clone(), new.source.clone(), new.person.clone())
            });
            if !row.faulty && !same {
                plan.steps.push((Step::Declare { indicator, new }, "value"));
            }
        }
        Err(error) => at_columns(error, &mut plan, |field| match field {
            "as_on" => "as_on",
            "source" => "source",
            "person" => "person",
            _ => "value",
        })?,
    }
    Ok(plan)
}

/// What a row of targets does; `stated` is what the sheet says about the unit of its values.
///
/// # Errors
/// As the database says.
pub(super) async fn target(desk: &Desk<'_>, row: &ReadRow, stated: &Stated) -> Result<RowPlan> {
    let code = row.typed("indicator");
    let mut plan = RowPlan { label: format!("{} {}", name(desk, &code), row.typed("period")), ..RowPlan::default() };
    let Some(indicator) = desk.read.catalog().indicator(&code) else { return Ok(plan) };
    let Some(own) = entry::sort(indicator, desk.read.catalog()) else {
        plan.fault("indicator", "该指标不设目标，请删除本行");
        return Ok(plan);
    };
    let Some(sort) = unit(row, own, stated, &mut plan) else { return Ok(plan) };
    let form = TargetForm {
        period: row.typed("period"),
        unit: Some(row.typed("unit")).filter(|unit| !unit.is_empty()).unwrap_or_else(|| "0".into()),
        value: row.typed("value"),
        source: row.typed("source"),
    };
    match entry::target(&form, indicator.window, sort, desk.scope) {
        Ok(new) if !row.faulty => {
            plan.key = format!("{code}|{}|{}", new.period, new.unit);
            merge(desk, row, (indicator, own), new, &mut plan).await?;
        }
        Ok(_) => {}
        Err(error) => at_columns(error, &mut plan, |field| match field {
            "period" => "period",
            "unit" => "unit",
            "source" => "source",
            _ => "value",
        })?,
    }
    Ok(plan)
}

/// In which unit a value without one is read: as the sheet says, else as the form does.
fn unit(row: &ReadRow, own: Sort, stated: &Stated, plan: &mut RowPlan) -> Option<Sort> {
    match (own, stated) {
        (Sort::Money(_), Stated::Unit(unit)) => Some(Sort::Money(*unit)),
        (Sort::Money(_), Stated::Unknown(said)) => {
            plan.fault("value", format!("不认识单位“{said}”，请换算成元、万元或亿元，并在表头写明"));
            None
        }
        (Sort::Money(unit), Stated::Nothing) => {
            if row.typed("value").chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
                plan.warn("value", format!("没有写单位，按{}读取，请核对", unit.label()));
            }
            Some(own)
        }
        (Sort::Whole, Stated::Unit(unit)) => {
            plan.fault("value", format!("该指标不以{}为单位，请分开填写，或从表头去掉单位", unit.label()));
            None
        }
        (Sort::Whole, _) => Some(own),
    }
}

/// Holds a target against what is on record: a cell that is as the template held it never overwrites what is newer.
async fn merge(
    desk: &Desk<'_>,
    row: &ReadRow,
    (indicator, own): (&Indicator, Sort),
    mut new: entry::NewTarget,
    plan: &mut RowPlan,
) -> Result<()> {
    let last = queries::target(desk.read, indicator.code, &new.period, new.unit).await?;
    let now = last.as_ref().filter(|last| last.value >= 0);
    let (value, source) = (now.map(|n| entry::typed(n.value, own)).unwrap_or_default(), now.map(|n| n.source.clone()));
    let source = source.unwrap_or_default();
    let touched = (row.touched("value"), row.touched("source"));
    if !row.held.is_empty() && touched == (false, false) {
        return Ok(());
    }
    let by = last.as_ref().map(|last| By { at: last.at, who: &last.by });
    for (column, is_touched, now) in [("value", touched.0, &value), ("source", touched.1, &source)] {
        if let (true, Some(message)) = (is_touched, conflict(row, column, now, by)) {
            plan.told.push((Level::Conflict, column, message));
        }
    }
    if let Some(now) = now {
        new.value = if touched.0 { new.value } else { now.value };
        new.source = if touched.1 { new.source } else { now.source.clone() };
    }
    if now.is_none_or(|now| (now.value, &now.source) != (new.value, &new.source)) {
        plan.steps.push((Step::Target { indicator: indicator.code.to_owned(), new }, "value"));
    }
    Ok(())
}

fn name(desk: &Desk<'_>, indicator: &str) -> String {
    desk.read.catalog().indicator(indicator).map(|i| i.name.to_owned()).unwrap_or_default()
}
