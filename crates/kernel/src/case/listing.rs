//! The cases of a flow as a list.

use super::flow::Flow;
use crate::access::Scope;
use crate::ledger::Catalog;
use crate::list::{Choice, Column, Kind, List, Order};
use crate::store::{Read, Sql, case_matches};

fn gate(scope: &Scope, sql: &mut Sql) {
    scope.on_cases(sql, "c");
}

fn search(read: &Read, sql: &mut Sql, typed: &str) {
    case_matches(read, sql, "c", typed);
}

/// The list of the cases of a flow, in whatever version; `units` are the reporting units to choose from.
pub fn listing(catalog: &Catalog, flow: &'static Flow, units: Vec<Choice>) -> List {
    let mut columns = vec![
        Column::new("title", "事项", Kind::Text, "c.title"),
        Column::new("state", "状态", Kind::Choice(states(catalog, flow)), "c.state").filters(),
        Column::new("due", "办理期限", Kind::Day, "c.due_on").sorts().filters().nullable(),
        Column::new("opened", "提交时间", Kind::Instant, "c.opened_at").sorts().filters(),
        Column::new("by", "提交人", Kind::Text, "c.opened_by").filters(),
        Column::new("unit", "填报单元", Kind::Code(units), "c.unit_id").filters(),
        Column::new("ended", "办结", Kind::Code(yes_no("已办结", "在办")), "c.ended").filters().hidden(),
        Column::new("number", "编号", Kind::Whole, "c.id").hidden(),
        Column::new("subject", "主体", Kind::Text, "o.name").hidden(),
        Column::new("code", "信用代码", Kind::Text, "COALESCE(o.credit_code, o.local_code)").nullable().hidden(),
        Column::new("since", "进入现状态", Kind::Instant, "c.state_since").hidden(),
        Column::new("revision", "办理次数", Kind::Whole, "c.revision").hidden(),
    ];
    let fields = flow.fields.iter().map(|field| {
        let kind = Kind::Kept(field.code, field.kind);
        Column::new(field.code, field.label, kind, "c.field_values").nullable().hidden()
    });
    // A field that is called like a column of all cases stands behind that one.
    let fields: Vec<Column> = fields.filter(|field| !columns.iter().any(|c| c.code == field.code)).collect();
    columns.extend(fields);
    List {
        code: format!("cases.{}", flow.code),
        label: flow.label,
        from: "case_file c JOIN organisation o ON o.id = c.subject_id",
        id: "c.id",
        gate,
        fixed: vec![("c.flow = ", flow.code.into())],
        columns,
        search: Some(search),
        order: Order { column: None, descending: true },
        order_when: None,
        first: None,
        rests: None,
    }
}

/// The list of a flow as its module shows it: these columns first and in this order, the others to be chosen. A field of
/// the flow stands before a column of all cases that has its code.
pub fn own_listing(catalog: &Catalog, flow: &'static Flow, units: Vec<Choice>, shown: &[&str]) -> List {
    let mut list = listing(catalog, flow, units);
    for column in &mut list.columns {
        if let Some(field) = flow.fields.iter().find(|field| field.code == column.code) {
            *column =
                Column::new(field.code, field.label, Kind::Kept(field.code, field.kind), "c.field_values").nullable();
        }
        column.shown = shown.contains(&column.code);
    }
    list.columns.sort_by_key(|column| shown.iter().position(|code| *code == column.code).unwrap_or(shown.len()));
    list
}

/// States of all versions, each once.
fn states(catalog: &Catalog, flow: &Flow) -> Vec<Choice> {
    let mut states: Vec<Choice> = Vec::new();
    for state in catalog.flows().iter().filter(|f| f.code == flow.code).flat_map(|f| f.states) {
        if !states.iter().any(|(code, _)| code == state.code) {
            states.push((state.code.to_owned(), state.label.to_owned()));
        }
    }
    states
}

fn yes_no(yes: &str, no: &str) -> Vec<Choice> {
    vec![("0".to_owned(), no.to_owned()), ("1".to_owned(), yes.to_owned())]
}
