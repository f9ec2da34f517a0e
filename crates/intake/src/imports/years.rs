//! Rows of yearly figures: merged cell by cell with what is on record, and held against last year.

use kernel::Result;
use kernel::org::{Organisation, YearFigures};
use kernel::value::money::Fen;
use registry::orgs::{YearForm, check_year};
use sheets::{Level, ReadRow, Value};

use super::check::{Desk, at_columns, compare_names, subject};
use super::model::{RowPlan, Step};
use super::orgs::{By, conflict};
use super::peers::far;

/// The figures of a year as cells of the template read.
pub(super) fn cells(figures: &YearFigures) -> [(&'static str, Option<Value>); 3] {
    [
        ("employees", figures.employees.map(Value::Count)),
        ("revenue", figures.revenue.map(Value::Money)),
        ("assets", figures.assets.map(Value::Money)),
    ]
}

/// What a row of yearly figures does.
///
/// # Errors
/// As the database says.
pub(super) async fn plan(desk: &Desk<'_>, row: &ReadRow) -> Result<RowPlan> {
    let (year, code) = (row.typed("year"), registry::orgs::code(&row.typed("credit_code")));
    let mut plan = RowPlan { label: format!("{code} {year} 年"), ..RowPlan::default() };
    if year.is_empty() || code.is_empty() {
        return Ok(plan);
    }
    plan.key = format!("{code}|{year}");
    let known = match subject(desk, &code).await? {
        Ok(known) => known,
        Err(message) => {
            plan.fault("credit_code", message);
            return Ok(plan);
        }
    };
    plan.label = format!("{} {year} 年", known.name);
    compare_names(row, &known, &mut plan);
    let years = desk.known.years(known.id);
    let recorded = year.parse().ok().and_then(|year| desk.known.year(known.id, year));
    let mut form = YearForm { year, year_source: row.typed("source"), ..YearForm::default() };
    let mut changed = false;
    let now = recorded.map(|recorded| cells(&recorded.figures)).unwrap_or_default();
    let by = recorded.map(|recorded| By { at: recorded.recorded_at, who: &recorded.recorded_by });
    for (index, column) in ["employees", "revenue", "assets"].into_iter().enumerate() {
        let stored = now.get(index).and_then(|(_, v)| v.as_ref()).map(Value::typed).unwrap_or_default();
        // A cell left empty, or left as the template held it, keeps what is on record.
        let touched = row.value(column).is_some() && row.touched(column);
        let taken = if touched { row.typed(column) } else { stored.clone() };
        if touched && taken != stored {
            changed = true;
            if let Some(message) = conflict(row, column, &stored, by) {
                plan.told.push((Level::Conflict, column, message));
            }
            slip(desk, row, column, (&known, &years), &mut plan);
        }
        match column {
            "employees" => form.employees = taken,
            "revenue" => form.revenue = taken,
            _ => form.assets = taken,
        }
    }
    // A row of the template that nobody filled in is left for later.
    if !changed && (recorded.is_some() || !row.held.is_empty()) {
        return Ok(plan);
    }
    match check_year(&form).and_then(|figures| figures.check(desk.read.today())) {
        Ok(()) => plan.steps.push((Step::Year { org: known.id, form }, "year")),
        Err(error) => at_columns(error, &mut plan, |field| match field {
            "year" => "year",
            "revenue" => "revenue",
            "assets" => "assets",
            "year_source" => "source",
            _ => "employees",
        })?,
    }
    Ok(plan)
}

/// Warns when an amount looks like the last one, or like those of its peers, in another unit.
fn slip(
    desk: &Desk<'_>,
    row: &ReadRow,
    column: &'static str,
    (org, years): (&Organisation, &[&YearFigures]),
    plan: &mut RowPlan,
) {
    let Some(new) = row.value(column).and_then(Value::money) else { return };
    let of = |y: &YearFigures| if column == "revenue" { y.revenue } else { y.assets };
    let unit = "疑似单位写错（应以万元为单位），请核对";
    if let Some((last, fen)) = years.iter().find_map(|y| Some((y.year, of(y)?))) {
        if let Some(times) = factor(fen, new) {
            let wan = fen.exact_wan();
            plan.warn(column, format!("是 {last} 年登记的 {wan} 万元的约 {times}，{unit}"));
        }
        // What the firm had itself says more than what others have.
        return;
    }
    let Some(peer) = desk.peers.of(org, column) else { return };
    if let Some(times) = far(peer.median, new) {
        let (wan, group, firms) = (peer.median.exact_wan(), &peer.group, peer.firms);
        plan.warn(column, format!("约为同类企业（{group}，{firms} 家）中位数 {wan} 万元的 {times}，{unit}"));
    }
}

/// Which slip of unit lies between two amounts: a thousand or ten thousand times, either way.
fn factor(last: Fen, new: Fen) -> Option<&'static str> {
    let near = |a: i64, b: i64, times: i64| {
        // From half to twice the factor: firms grow, units jump.
        let (a, b, times) = (i128::from(a), i128::from(b), i128::from(times));
        a * times <= 2 * b && b <= 2 * a * times
    };
    if last.0 <= 0 || new.0 <= 0 {
        return None;
    }
    match () {
        () if near(last.0, new.0, 1000) => Some("1000 倍"),
        () if near(last.0, new.0, 10_000) => Some("1 万倍"),
        () if near(new.0, last.0, 1000) => Some("千分之一"),
        () if near(new.0, last.0, 10_000) => Some("万分之一"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_unit_is_told_from_growth() {
        for (last, new, told) in [
            (100, 100_000, Some("1000 倍")),
            (100, 1_100_000, Some("1 万倍")),
            (1_000_000, 950, Some("千分之一")),
            (1_000_000, 100, Some("万分之一")),
            (100, 150, None),
            (100, 10_000, None),
            (0, 10_000, None),
        ] {
            assert_eq!(factor(Fen(last), Fen(new)), told, "{last} {new}");
        }
    }
}
