//! Looking a workbook through: every row by the rules of its form, against the store as it is.

use std::collections::{BTreeSet, HashMap};

use kernel::access::Scope;
use kernel::org::{self, Organisation};
use kernel::store::Read;
use kernel::value::text::compact;
use kernel::{Error, Result};
use sheets::{Level, ReadRow, Reading, Stated, Template};

use super::model::{Plan, Report, RowPlan, What};
use super::{facts, numbers, orgs, years};

/// What is the same for all rows.
pub(super) struct Desk<'a> {
    pub read: &'a Read,
    pub scope: &'a Scope,
    /// Whether the sheet wins where two people changed the same value.
    pub overwrite: bool,
}

/// Cells: page, row, column.
type Places = BTreeSet<(usize, u32, Option<u16>)>;

/// Looks every row through. Reads only.
///
/// # Errors
/// As the database says; what is wrong with rows stands in the report.
pub(super) async fn check(desk: &Desk<'_>, what: What, template: &Template, mut reading: Reading) -> Result<Report> {
    let rows = std::mem::take(&mut reading.rows);
    let mut report = Report { reading, plans: Vec::new(), unchanged: 0, refused: 0 };
    let mut seen: HashMap<String, String> = HashMap::new();
    let at_fault: Places =
        report.reading.findings.iter().filter(|f| f.level == Level::Fault).map(|f| (f.page, f.row, f.col)).collect();
    for (index, row) in rows.iter().enumerate() {
        let mut plan = plan(desk, what, row, &report.reading).await?;
        let place = format!("工作表“{}”第 {} 行", page_name(&report.reading, row), row.row);
        let own = Some((plan.key.clone(), identity(what))).filter(|(key, _)| !key.is_empty());
        for (claim, column) in own.into_iter().chain(std::mem::take(&mut plan.claims)) {
            if let Some(first) = seen.get(&claim) {
                plan.fault(column, format!("与{first}重复，请删除其中一行{}", twice(what)));
            } else {
                seen.insert(claim, place.clone());
            }
        }
        let blocked = tell(&mut report.reading, template, row, &mut plan, (desk.overwrite, &at_fault));
        match (row.faulty || blocked, plan.steps.is_empty()) {
            (true, _) => report.refused += 1,
            (false, true) => report.unchanged += 1,
            (false, false) => {
                report.plans.push(Plan { row: index, key: plan.key, label: plan.label, steps: plan.steps });
            }
        }
    }
    report.reading.rows = rows;
    report.reading.findings.sort_by_key(|f| (f.page, f.row, f.col, f.level));
    Ok(report)
}

async fn plan(desk: &Desk<'_>, what: What, row: &ReadRow, reading: &Reading) -> Result<RowPlan> {
    match what {
        What::Orgs => orgs::plan(desk, row).await,
        What::Years => years::plan(desk, row).await,
        What::Marks => orgs::mark(desk, row).await,
        What::Facts => facts::plan(desk, row).await,
        What::Declared => numbers::declared(desk, row).await,
        What::Targets => {
            let stated = reading.pages.get(row.page).and_then(|page| page.units.get("value"));
            numbers::target(desk, row, stated.unwrap_or(&Stated::Nothing)).await
        }
    }
}

/// Puts what is told about a row to its cells, once for each cell; the answer is whether it keeps the row out.
fn tell(
    reading: &mut Reading,
    template: &Template,
    row: &ReadRow,
    plan: &mut RowPlan,
    (overwrite, at_fault): (bool, &Places),
) -> bool {
    let mut blocked = false;
    let mut told: BTreeSet<(&str, String)> = BTreeSet::new();
    for (level, key, message) in std::mem::take(&mut plan.told) {
        let col = reading.pages.get(row.page).and_then(|p| p.columns.get(key)).copied();
        blocked |= level == Level::Fault || (level == Level::Conflict && !overwrite);
        if col.is_some() && at_fault.contains(&(row.page, row.row, col)) {
            continue;
        }
        if told.insert((key, message.clone())) {
            reading.find(level, row, template, key, message);
        }
    }
    blocked
}

fn page_name(reading: &Reading, row: &ReadRow) -> String {
    reading.pages.get(row.page).map(|p| p.name.clone()).unwrap_or_default()
}

/// The column that says who or what a row is about.
fn identity(what: What) -> &'static str {
    match what {
        What::Facts => "number",
        What::Declared | What::Targets => "indicator",
        _ => "credit_code",
    }
}

fn twice(what: What) -> &'static str {
    if what == What::Facts { "；确有两笔的，请在“编号”栏分别填写编号" } else { "" }
}

/// The organisation with a typed code that rows may be written about, or what keeps it out.
///
/// # Errors
/// As the database says.
pub(super) async fn subject(desk: &Desk<'_>, typed: &str) -> Result<std::result::Result<Organisation, String>> {
    let code = registry::orgs::code(typed);
    let found = match org::find_by_code(desk.read, desk.scope, &code).await {
        Ok(found) => found,
        Err(Error::NotFound) => {
            return Ok(Err(format!("企业库中没有代码为“{code}”的主体，或不在您的管理范围内；请先登记主体")));
        }
        Err(other) => return Err(other),
    };
    Ok(match found.merged_into {
        None => Ok(found),
        Some(into) => match org::find_within(desk.read, desk.scope, into).await {
            Ok(into) => Err(format!("该主体已并入“{}”，请改用保留档案的代码 {}", into.name, into.code())),
            Err(Error::NotFound) => Err("该主体已并入其他填报单元的档案，请报市局办理".to_owned()),
            Err(other) => return Err(other),
        },
    })
}

/// Warns when the name that stands beside a code is not the one on record: the code may belong to somebody else.
pub(super) fn compare_names(row: &ReadRow, known: &Organisation, plan: &mut RowPlan) {
    let typed = row.typed("name");
    if !typed.is_empty() && compact(&typed) != compact(&known.name) {
        plan.warn("name", format!("该代码在企业库中的名称是“{}”，请核对代码是否填错", known.name));
    }
}

/// The faults of a form at the columns they belong to; any other error goes on.
///
/// # Errors
/// What is no fault of the input.
pub(super) fn at_columns(error: Error, plan: &mut RowPlan, column: impl Fn(&str) -> &'static str) -> Result<()> {
    match error {
        Error::Invalid(faults) => {
            for fault in faults.0 {
                plan.fault(column(&fault.field), fault.message);
            }
            Ok(())
        }
        other => Err(other),
    }
}
