//! Looking a workbook through: every row by the rules of its form, against the store as it is.

use std::collections::{BTreeSet, HashMap};

use kernel::access::Scope;
use kernel::org::{self, Organisation};
use kernel::store::Read;
use kernel::value::text::compact;
use kernel::{Error, Result};
use sheets::{Level, ReadRow, Reading, Stated, Template};

use super::known::Known;
use super::model::{Checked, Plan, RowPlan, What};
use super::peers::Peers;
use super::{facts, numbers, orgs, years};

/// What a stretch of rows is held against.
pub(super) struct Desk<'a> {
    pub read: &'a Read,
    pub scope: &'a Scope,
    /// Whether the sheet wins where two people changed the same value.
    pub overwrite: bool,
    /// What is on record about the bodies in these rows.
    pub known: Known,
    /// What firms of the same sort have.
    pub peers: &'a Peers,
}

/// What the rows so far claim, each with its page and row: no second row may.
pub(super) type Seen = HashMap<String, (usize, u32)>;

/// Cells: page, row, column.
type Places = BTreeSet<(usize, u32, Option<u16>)>;

/// Looks the rows of a stretch through. Reads only.
///
/// # Errors
/// As the database says; what is wrong with rows stands in the findings.
pub(super) async fn check(
    desk: &Desk<'_>,
    what: What,
    template: &Template,
    mut reading: Reading,
    seen: &mut Seen,
) -> Result<Checked> {
    let rows = std::mem::take(&mut reading.rows);
    let mut plans = Vec::with_capacity(rows.len());
    for row in &rows {
        plans.push(plan(desk, what, row, &reading).await?);
    }
    if what == What::Facts {
        facts::settle(desk, &rows, &mut plans).await?;
    }
    let mut checked = Checked { reading, plans: Vec::new(), unchanged: 0, refused: 0 };
    let at_fault = checked.reading.findings.iter().filter(|f| f.level == Level::Fault);
    let at_fault: Places = at_fault.map(|f| (f.page, f.row, f.col)).collect();
    for (index, (row, mut plan)) in rows.iter().zip(plans).enumerate() {
        claim(what, row, &mut plan, &checked.reading, seen);
        let blocked = tell(&mut checked.reading, template, row, &mut plan, (desk.overwrite, &at_fault));
        match (row.faulty || blocked, plan.steps.is_empty()) {
            (true, _) => checked.refused += 1,
            (false, true) => checked.unchanged += 1,
            (false, false) => {
                checked.plans.push(Plan { row: index, key: plan.key, label: plan.label, steps: plan.steps });
            }
        }
    }
    checked.reading.rows = rows;
    checked.reading.findings.sort_by_key(|f| (f.page, f.row, f.col, f.level));
    Ok(checked)
}

/// Notes what a row claims, or says which row has claimed it before.
fn claim(what: What, row: &ReadRow, plan: &mut RowPlan, reading: &Reading, seen: &mut Seen) {
    let own = Some((plan.key.clone(), identity(what))).filter(|(key, _)| !key.is_empty());
    for (claim, column) in own.into_iter().chain(std::mem::take(&mut plan.claims)) {
        match seen.get(&claim) {
            Some((page, number)) => {
                let page = reading.pages.get(*page).map_or("", |page| page.name.as_str());
                let first = format!("工作表“{page}”第 {number} 行");
                plan.fault(column, format!("与{first}重复，请删除其中一行{}", twice(what)));
            }
            None => {
                seen.insert(claim, (row.page, row.row));
            }
        }
    }
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
    let Some(found) = desk.known.held(&code) else {
        return Ok(Err(format!("企业库中没有代码为“{code}”的主体，或不在您的管理范围内；请先登记主体")));
    };
    Ok(match found.merged_into {
        None => Ok(found.clone()),
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
