//! Rows of organisations and marks: what is new, what is changed, and where two people changed the same.

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::id::OrgId;
use kernel::org::{self, Assertion, Organisation, value_on};
use kernel::value::day::{Day, today};
use kernel::value::money::Fen;
use registry::orgs::{Change, ChangeForm, RegisterForm, check_change, check_new, holds_unit};
use sheets::{Level, ReadRow, Value};

use super::check::{Desk, at_columns, compare_names, subject};
use super::model::{RowPlan, Step};
use super::undo::STRUCK;

/// Attributes of the template: stored code, column.
pub(super) const ATTRIBUTES: [(&str, &str); 9] = [
    ("name", "name"),
    ("unit", "unit"),
    ("region", "region"),
    ("industry", "industry"),
    ("status", "status"),
    ("founded_on", "founded_on"),
    ("capital_fen", "capital"),
    ("address", "address"),
    ("above_scale", "above_scale"),
];

/// A stored value as a cell of the template reads.
pub(super) fn value_of(attribute: &str, stored: &str) -> Option<Value> {
    match attribute {
        _ if stored.is_empty() => None,
        "capital_fen" => stored.parse().ok().map(|fen| Value::Money(Fen(fen))),
        "above_scale" => Some(Value::Flag(stored == "1")),
        "founded_on" => stored.parse().ok().map(Value::Day),
        "unit" | "region" if stored == "0" => None,
        _ => Some(Value::Text(stored.to_owned())),
    }
}

fn typed_of(attribute: &str, now: Option<&Assertion>) -> String {
    now.and_then(|a| value_of(attribute, &a.value)).map(|v| v.typed()).unwrap_or_default()
}

/// What a row of the register does.
///
/// # Errors
/// As the database says.
pub(super) async fn plan(desk: &Desk<'_>, row: &ReadRow) -> Result<RowPlan> {
    let typed = [row.typed("credit_code"), row.typed("local_code")];
    let code = registry::orgs::code(typed.iter().find(|t| !t.is_empty()).map_or("", String::as_str));
    let mut plan = RowPlan { key: code.clone(), label: row.typed("name"), ..RowPlan::default() };
    if code.is_empty() {
        plan.fault("credit_code", "请填写统一社会信用代码；没有的填本地编号");
        return Ok(plan);
    }
    match desk.known.org(&code) {
        None => register(desk, row, &mut plan)?,
        Some(known) if !holds_unit(desk.scope, kernel::id::UnitId(known.unit)) => {
            plan.fault("credit_code", "该代码登记在其他填报单元，您不能改动；请报市局办理");
        }
        Some(known) => match subject(desk, &code).await? {
            Err(message) => plan.fault("credit_code", message),
            Ok(_) => changes(desk, row, known, &mut plan)?,
        },
    }
    Ok(plan)
}

fn register(desk: &Desk<'_>, row: &ReadRow, plan: &mut RowPlan) -> Result<()> {
    let typed = |key: &str| row.typed(key);
    let kind = Some(typed("kind")).filter(|k| !k.is_empty()).unwrap_or_else(|| "enterprise".into());
    let form = RegisterForm {
        kind,
        credit_code: typed("credit_code"),
        // The reader has told the warning at the cell.
        warned: typed("credit_code"),
        local_code: typed("local_code"),
        name: typed("name"),
        unit: typed("unit"),
        region: typed("region"),
        industry: typed("industry"),
        status: typed("status"),
        founded_on: typed("founded_on"),
        capital: typed("capital"),
        address: typed("address"),
        above_scale: typed("above_scale"),
        since: typed("since"),
        source: typed("source"),
    };
    match check_new(&form, desk.scope, desk.read.today()) {
        Ok(_) => plan.steps.push((Step::Register(Box::new(form)), "name")),
        Err(error) => at_columns(error, plan, column_of)?,
    }
    let local = registry::orgs::code(&typed("local_code"));
    if !local.is_empty() && local != plan.key {
        plan.claims.push((local.clone(), "local_code"));
        if desk.known.org(&local).is_some() {
            plan.fault("local_code", format!("编号“{local}”已被使用，请换一个或打开原有档案"));
        }
    }
    Ok(())
}

/// Form fields and columns have the same names.
fn column_of(field: &str) -> &'static str {
    const COLUMNS: [&str; 14] = [
        "credit_code",
        "local_code",
        "name",
        "kind",
        "unit",
        "region",
        "industry",
        "status",
        "founded_on",
        "capital",
        "address",
        "above_scale",
        "since",
        "source",
    ];
    COLUMNS.into_iter().find(|c| *c == field).unwrap_or("credit_code")
}

fn changes(desk: &Desk<'_>, row: &ReadRow, known: &Organisation, plan: &mut RowPlan) -> Result<()> {
    let today = desk.read.today();
    let mut history = desk.known.history(known.id).to_vec();
    lift(row, known.id, today, &mut history, plan);
    let since = row.value("since").and_then(Value::day);
    for (attribute, column) in ATTRIBUTES {
        if row.value(column).is_none() {
            if row.held.contains_key(column) && !row.cells.contains_key(column) {
                plan.warn(column, "空格不表示清空，原有内容没有改动");
            }
            continue;
        }
        let now = value_on(&history, attribute, today);
        // A change begins on its day, so it is held against what was true then.
        let then = value_on(&history, attribute, since.unwrap_or(today));
        let typed = row.typed(column);
        if !row.touched(column) || (typed == typed_of(attribute, now) && typed == typed_of(attribute, then)) {
            continue;
        }
        let form = ChangeForm {
            attribute: attribute.into(),
            value: typed,
            valid_from: row.typed("since"),
            valid_to: String::new(),
            source: row.typed("source"),
        };
        match check_change(&form, desk.scope, today) {
            Ok(change) => {
                cut(&history, &change, column, plan);
                if then.is_none_or(|a| a.value != change.value) {
                    let by = now.map(|a| By { at: a.recorded_at, who: &a.recorded_by });
                    if let Some(message) = conflict(row, column, &typed_of(attribute, now), by) {
                        plan.told.push((Level::Conflict, column, message));
                    }
                    plan.steps.push((Step::Change { org: known.id, form }, column));
                }
            }
            Err(error) => at_columns(error, plan, |field| match field {
                "valid_from" => "since",
                "source" => "source",
                _ => column,
            })?,
        }
    }
    Ok(())
}

/// A body that an undoing has struck off, and that is imported again, is what it was before. A row that merely came
/// back in a template is no import of the body.
fn lift(row: &ReadRow, org: OrgId, today: Day, history: &mut Vec<Assertion>, plan: &mut RowPlan) {
    if !row.held.is_empty() || row.typed("status") == "撤销" {
        return;
    }
    let Some(struck) = value_on(history, "status", today).filter(|a| a.source.starts_with(STRUCK)) else { return };
    let position = struck.position;
    let source = Some(row.typed("source")).filter(|s| !s.is_empty()).unwrap_or_else(|| "重新导入".into());
    plan.steps.push((Step::Lift { org, position, source }, "credit_code"));
    plan.warn("credit_code", "该主体曾因撤销导入记为“撤销”，保存后恢复原来的经营状态");
    history.retain(|a| a.position != position);
}

/// Says that a value without an end holds only to the day before the next one on record.
fn cut(history: &[Assertion], change: &Change, column: &'static str, plan: &mut RowPlan) {
    let next = org::next_change(history, &change.attribute, change.from).filter(|_| change.to.is_none());
    if let Some((next, last)) = next.and_then(|next| Some((next, next.pred_opt()?))) {
        let then = typed_of(&change.attribute, value_on(history, &change.attribute, next));
        let then = if then.is_empty() { "（空）".to_owned() } else { then };
        plan.warn(
            column,
            format!(
                "只到 {last}：{next} 起另有登记“{then}”，仍以那次为准；应一直有效的，起始日期请填 {next} 再导入一次"
            ),
        );
    }
}

/// Who said what is on record now, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct By<'a> {
    pub at: DateTime<Utc>,
    pub who: &'a str,
}

/// Says who changed what meanwhile, when the store no longer holds what the template held.
pub(super) fn conflict(row: &ReadRow, column: &str, now: &str, by: Option<By<'_>>) -> Option<String> {
    if row.held.is_empty() {
        return None;
    }
    let held = row.held.get(column).map_or("", String::as_str);
    let words = |text: &str| if text.is_empty() { "（空）".to_owned() } else { text.to_owned() };
    (held != now).then(|| {
        let who = by.map(|by| format!("{} 由{}", today(by.at), by.who)).unwrap_or_default();
        format!(
            "模板发出时为“{}”，{who}改为“{}”，表中改为“{}”；请核对后重新下载模板，或选择以表格为准",
            words(held),
            words(now),
            row.typed(column)
        )
    })
}

/// What a row of marks does.
///
/// # Errors
/// As the database says.
pub(super) async fn mark(desk: &Desk<'_>, row: &ReadRow) -> Result<RowPlan> {
    let (mark, code) = (row.typed("mark"), registry::orgs::code(&row.typed("credit_code")));
    let mut plan = RowPlan { label: format!("{code} {mark}"), ..RowPlan::default() };
    if mark.is_empty() || code.is_empty() {
        return Ok(plan);
    }
    plan.key = format!("{code}|{mark}|{}", row.typed("valid_from"));
    let known = match subject(desk, &code).await? {
        Ok(known) => known,
        Err(message) => {
            plan.fault("credit_code", message);
            return Ok(plan);
        }
    };
    plan.label = format!("{} {mark}", known.name);
    compare_names(row, &known, &mut plan);
    let value = Some(row.typed("value")).filter(|v| !v.is_empty()).unwrap_or_else(|| "是".into());
    let form = ChangeForm {
        attribute: mark,
        value,
        valid_from: row.typed("valid_from"),
        valid_to: row.typed("valid_to"),
        source: row.typed("source"),
    };
    match check_change(&form, desk.scope, desk.read.today()) {
        Ok(change) => {
            let history = desk.known.history(known.id);
            let held = value_on(history, &change.attribute, change.from);
            let same = held.is_some_and(|a| {
                a.value == change.value
                    && a.valid_from == change.from
                    && (change.to.is_none() || a.valid_to == change.to)
            });
            cut(history, &change, "mark", &mut plan);
            if !same {
                plan.steps.push((Step::Change { org: known.id, form }, "mark"));
            }
        }
        Err(error) => at_columns(error, &mut plan, |field| match field {
            "valid_from" => "valid_from",
            "valid_to" => "valid_to",
            "source" => "source",
            "value" => "value",
            _ => "mark",
        })?,
    }
    Ok(plan)
}
