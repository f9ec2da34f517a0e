//! The county's workbook: its columns, and what a row of it means for a project.

use std::collections::BTreeMap;

use chrono::Months;
use kernel::case::Values;
use kernel::value::day::Day;
use kernel::value::money::{Fen, MoneyUnit};
use sheets::{Choice, Column, Filled, Kind, ReadRow, Template, Value};

use super::flow::SOURCES;
use super::kinds::TYPES;
use super::model::Milestone;
use super::months::{Month, due_month};
use super::report::ReportForm;
use super::rules::{month, month_code};

const WAN: Kind = Kind::Money(MoneyUnit::Wan);

/// What is filled in for a month, beside the month itself.
const FILLED: [&str; 6] = ["invested", "reached", "problem", "problem_unit", "evidence", "reason"];

/// Columns of a new project and the fields of its filing.
const FIELDS: [(&str, &str); 10] = [
    ("project", "name"),
    ("type", "type"),
    ("invest", "invest"),
    ("start_on", "start_on"),
    ("end_on", "end_on"),
    ("milestones", "milestones"),
    ("from", "source"),
    ("diagnosis", "diagnosis"),
    ("contact", "contact"),
    ("phone", "phone"),
];

/// The template.
pub(super) fn template() -> Template {
    let choices = |classes: &[kernel::ledger::Class]| {
        Kind::Choice(classes.iter().map(|class| Choice::new(class.code, class.label)).collect())
    };
    Template {
        code: "projects.county",
        label: "改造项目月报",
        version: 1,
        note: "一行一个项目。在建项目填报送月份和本月完成投资；没有编号的行是新项目，按企业信用代码申报。",
        columns: vec![
            Column::new("number", "项目编号", Kind::Code).names_row().note("平台编号；新项目留空"),
            Column::new("credit_code", "统一社会信用代码", Kind::CreditCode).required().names_row(),
            Column::new("firm", "企业", Kind::Text).note("只供核对"),
            Column::new("project", "改造项目", Kind::Text).required(),
            Column::new("state", "项目状态", Kind::Text).note("只供核对；只有在建项目报送月度进度"),
            Column::new("month", "报送月份", Kind::Text).note("例如 2021-07"),
            Column::new("before", "上月完成投资", WAN).note("只供核对"),
            Column::new("sum", "累计完成投资", WAN).note("只供核对，不含本月"),
            Column::new("invested", "本月完成投资", WAN).note("没有的填 0；冲减以前多报的填负数并写明原因"),
            Column::new("open", "未完成的里程碑", Kind::Text).note("只供核对"),
            Column::new("reached", "本月完成的里程碑", Kind::Text)
                .note("写名称和日期，例如 设备安装 2021-07-15；多个用分号分开"),
            Column::new("problem", "存在问题", Kind::Text),
            Column::new("problem_unit", "问题责任单位", Kind::Text),
            Column::new("evidence", "投资凭证", Kind::Text).note("发票号、照片编号等"),
            Column::new("reason", "情况说明", Kind::Text).note("更正、冲减、超计划投资时必填"),
            Column::new("type", "项目类型", choices(TYPES)).note("新项目填；不能确定的空着，统计为未分类"),
            Column::new("invest", "计划总投资", WAN).note("新项目必填"),
            Column::new("start_on", "计划开工", Kind::Day).note("新项目必填"),
            Column::new("end_on", "计划竣工", Kind::Day).note("新项目必填"),
            Column::new("milestones", "里程碑", Kind::Text).note("新项目填：名称 日期；多个用分号分开"),
            Column::new("from", "项目来源", choices(SOURCES)).note("新项目必填"),
            Column::new("diagnosis", "对应的诊断建议", Kind::Text),
            Column::new("contact", "联系人", Kind::Text).note("新项目必填"),
            Column::new("phone", "联系电话", Kind::Text),
        ],
    }
}

/// A project as a row. Its key says the number and the last report, so that what others reported since is seen.
pub(super) fn filled(held: &Month, code: &str, today: Day) -> Filled {
    let text = |field: &str| held.case.values.get(field).cloned().unwrap_or_default();
    let against = held.against(today);
    let month = due_month(held, today);
    let before = held.of(month - Months::new(1)).map(|report| report.invested);
    let (sum, _) = super::report::sums(&held.reports, month);
    let open = held.milestones.iter().filter(|one| one.state != "done");
    let open: Vec<String> = open.map(|one| format!("{} {}", one.name, one.due_on)).collect();
    let mut values = BTreeMap::from([
        ("number", Value::Text(held.case.id.to_string())),
        ("credit_code", Value::Text(code.to_owned())),
        ("firm", Value::Text(held.case.subject_name.clone())),
        ("project", Value::Text(text("name"))),
        ("state", Value::Text(held.case.flow.state_label(&held.case.state).to_owned())),
        ("sum", Value::Money(sum)),
        ("open", Value::Text(open.join("；"))),
        ("invest", Value::Money(against.planned)),
    ]);
    if held.takes_reports() {
        values.insert("month", Value::Text(month_code(month)));
        values.insert("before", Value::Money(before.unwrap_or(Fen(0))));
    }
    if !text("type").is_empty() {
        values.insert("type", Value::Text(text("type")));
    }
    for field in ["start_on", "end_on"] {
        if let Ok(day) = kernel::value::day::parse_day(&text(field)) {
            values.insert(field, Value::Day(day));
        }
    }
    Filled { key: key(held), values }
}

/// The key of a row: the project and its last report.
pub(super) fn key(held: &Month) -> String {
    format!("p{}-{}", held.case.id, held.seen())
}

/// Number and last report out of a key.
pub(super) fn of_key(key: &str) -> Option<(i64, i64)> {
    let (id, seen) = key.strip_prefix('p')?.split_once('-')?;
    Some((id.parse().ok()?, seen.parse().ok()?))
}

/// Whether a row says something about a month.
pub(super) fn says_something(row: &ReadRow) -> bool {
    FILLED.iter().any(|key| !row.typed(key).is_empty())
}

/// The report of a row, as the form would take it.
///
/// # Errors
/// What is wrong with the milestones, in Chinese.
pub(super) fn report(row: &ReadRow, milestones: &[Milestone], seen: i64) -> Result<ReportForm, String> {
    let text = |key: &str| row.typed(key);
    Ok(ReportForm {
        month: month(&text("month")).map(month_code).unwrap_or_else(|| text("month")),
        seen: seen.to_string(),
        invested: text("invested"),
        problem: text("problem"),
        problem_unit: text("problem_unit"),
        evidence: text("evidence"),
        reason: text("reason"),
        milestones: reached(&text("reached"), milestones)?,
    })
}

/// Milestones that a row says were reached.
fn reached(typed: &str, milestones: &[Milestone]) -> Result<Vec<(usize, String, String)>, String> {
    let mut found = Vec::new();
    for part in typed.split(['；', ';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let (name, day) = part.rsplit_once(char::is_whitespace).unwrap_or((part, ""));
        let Some(place) = milestones.iter().position(|one| one.name == name.trim()) else {
            let names: Vec<&str> = milestones.iter().map(|one| one.name.as_str()).collect();
            let known = if names.is_empty() {
                "本项目没有登记里程碑".to_owned()
            } else {
                format!("有：{}", names.join("、"))
            };
            return Err(format!("没有里程碑“{}”，{known}；写作“名称 日期”", name.trim()));
        };
        found.push((place, "done".to_owned(), day.to_owned()));
    }
    Ok(found)
}

/// What a row says of a new project, as the form of its filing would take it.
pub(super) fn filing(row: &ReadRow) -> Values {
    let mut values = Values::new();
    for (column, field) in FIELDS {
        let typed = row.typed(column);
        let typed = if field == "milestones" { typed.replace(['；', ';'], "\n") } else { typed };
        values.insert(field.to_owned(), typed);
    }
    values
}

/// The column at which a fault of a form is shown.
pub(super) fn column_of(field: &str) -> &'static str {
    if field.starts_with("m.") || field.starts_with("d.") {
        return "reached";
    }
    let filed = FIELDS.iter().find(|(_, name)| *name == field).map(|(column, _)| *column);
    let told = ["month", "problem", "problem_unit", "evidence", "reason"].into_iter().find(|column| *column == field);
    filed.or(told).unwrap_or("invested")
}
