//! The templates: which columns each kind of import takes. Choices are what the store knows.

use std::collections::HashMap;

use kernel::Result;
use kernel::access::Scope;
use kernel::indicator::{Measure, entry};
use kernel::ledger::Catalog;
use kernel::org::{self, ATTRIBUTES, KINDS, Unit};
use kernel::store::Read;
use kernel::value::money::MoneyUnit;
use registry::orgs::{STATUSES, holds_unit};
use sheets::{Choice, Column, Kind, Template};

use super::model::What;

const WAN: Kind = Kind::Money(MoneyUnit::Wan);

/// The template of a kind of import, with the units the scope holds.
///
/// # Errors
/// As the database says.
pub(super) async fn of(read: &Read, what: What, scope: &Scope) -> Result<Template> {
    let units = org::units(read).await?;
    let (note, columns) = match what {
        What::Orgs => {
            ("一行一个主体。已有的主体只改动填过的格；新主体和有改动的行要填起始日期和依据。", orgs(&units, scope))
        }
        What::Years => ("一行一个主体的一个年度。数据全年结束后登记；营业收入、资产总额以万元为单位。", years()),
        What::Marks => ("一行一个标记。填授予的起止日期和依据文件。", marks()),
        What::Facts => ("一行一条事实：某日，某主体，做了某事，多少个、多少钱。", facts(read.catalog())),
        What::Declared => ("一行一个来自外部的数字。", declared(read.catalog())),
        What::Targets => (
            "一行一个目标。单元留空表示全市。金额类指标的目标请写明单位，例如 1200万元。",
            targets(read.catalog(), &units),
        ),
    };
    Ok(Template { code: what.code(), label: what.label(), version: 1, note, columns })
}

fn org_column() -> Column {
    Column::new("credit_code", "统一社会信用代码", Kind::CreditCode)
        .note("18 位信用代码；没有信用代码的填本地编号")
        .required()
        .names_row()
}

fn source() -> Column {
    Column::new("source", "依据", Kind::Text).note("例如 营业执照、2020 年年报、文件名称")
}

fn unit_choices(units: &[Unit], scope: &Scope) -> Kind {
    let held = units.iter().filter(|u| holds_unit(scope, u.id));
    Kind::Choice(held.map(|u| Choice::new(u.id, &u.name)).collect())
}

fn orgs(units: &[Unit], scope: &Scope) -> Vec<Column> {
    let kinds = KINDS.iter().map(|(code, label)| Choice::new(code, label)).collect();
    // Any word may be a status; the usual ones are offered in the note.
    let statuses: &'static str = "例如 存续、停业、迁出、吊销、撤销、注销";
    debug_assert!(STATUSES.iter().all(|s| statuses.contains(s)));
    vec![
        Column::new("credit_code", "统一社会信用代码", Kind::CreditCode)
            .names_row()
            .note("18 位；没有的在本地编号栏填写"),
        Column::new("local_code", "本地编号", Kind::Code).names_row().note("没有信用代码的主体（如团队）才填"),
        Column::new("name", "名称", Kind::Text).required().note("与营业执照或批准文件一致"),
        Column::new("kind", "主体类型", Kind::Choice(kinds)).note("不填为企业；登记后不再改变"),
        Column::new("unit", "填报单元", unit_choices(units, scope)).note("由谁填报和考核，与行政区划分开登记"),
        Column::new("region", "行政区划", Kind::Text).note("六位代码或名称，例如 420281 大冶市"),
        Column::new("industry", "行业", Kind::Text).note("GB/T 4754-2017 代码或名称，例如 3130 或 钢压延加工"),
        Column::new("status", "经营状态", Kind::Text).note(statuses),
        Column::new("founded_on", "成立日期", Kind::Day),
        Column::new("capital", "注册资本", WAN),
        Column::new("address", "住所", Kind::Text),
        Column::new("above_scale", "规模以上", Kind::YesNo),
        Column::new("since", "起始日期", Kind::Day).note("从这一天起有效；新主体和有改动的行要填"),
        source(),
    ]
}

fn years() -> Vec<Column> {
    vec![
        org_column(),
        Column::new("name", "名称", Kind::Text).note("只供核对，不改动档案中的名称"),
        Column::new("year", "年度", Kind::Year).required().names_row(),
        Column::new("employees", "从业人员", Kind::Count).counts("人"),
        Column::new("revenue", "营业收入", WAN),
        Column::new("assets", "资产总额", WAN),
        source().required(),
    ]
}

fn marks() -> Vec<Column> {
    let marks = ATTRIBUTES.iter().filter(|a| a.code.starts_with("mark."));
    let marks = marks.map(|a| Choice::new(a.code, a.label)).collect();
    vec![
        org_column(),
        Column::new("name", "名称", Kind::Text).note("只供核对"),
        Column::new("mark", "标记", Kind::Choice(marks)).required(),
        Column::new("value", "内容", Kind::Text).note("等级或批次，例如 国家级；不填为 是"),
        Column::new("valid_from", "起始日期", Kind::Day).required(),
        Column::new("valid_to", "截止日期", Kind::Day).note("长期有效的留空"),
        source().required(),
    ]
}

fn facts(catalog: &Catalog) -> Vec<Column> {
    let mut labels: HashMap<&str, usize> = HashMap::new();
    for kind in catalog.kinds() {
        *labels.entry(kind.decl.label).or_default() += 1;
    }
    let label = |kind: &kernel::ledger::Kind| match labels.get(kind.decl.label) {
        Some(1) => kind.decl.label.to_owned(),
        _ => format!("{}（{}）", kind.decl.label, catalog.module_label(kind.module)),
    };
    let kinds = catalog.kinds().iter().map(|k| Choice::new(k.decl.code, label(k))).collect();
    vec![
        Column::new("number", "编号", Kind::Text).note("台账中的编号或合同号；有编号的行按编号只保存一次"),
        Column::new("fact", "事实种类", Kind::Choice(kinds)).required(),
        Column::new("class", "分类", Kind::Text),
        org_column(),
        Column::new("name", "名称", Kind::Text).note("只供核对"),
        Column::new("on", "发生日期", Kind::Day).required(),
        Column::new("quantity", "数量", Kind::Count).note("不填为 1"),
        Column::new("amount", "金额", WAN).note("记金额的事实必填，没有金额填 0；其他的留空"),
        Column::new("counterparty", "对方代码", Kind::CreditCode),
        Column::new("title", "记录名称", Kind::Text).note("必填；例如 诊断报告、放款凭证、会议纪要、合同的名称"),
        Column::new("document", "文号", Kind::Text),
    ]
}

fn declared(catalog: &Catalog) -> Vec<Column> {
    let declared = catalog.indicators().iter().filter(|i| matches!(i.measure, Measure::Declared));
    vec![
        Column::new("indicator", "指标", Kind::Choice(declared.map(|i| Choice::new(i.code, i.name)).collect()))
            .required()
            .names_row(),
        Column::new("value", "数值", Kind::Text).required(),
        Column::new("as_on", "截至日期", Kind::Day).required(),
        source().required(),
        Column::new("person", "责任人", Kind::Text).required(),
    ]
}

fn targets(catalog: &Catalog, units: &[Unit]) -> Vec<Column> {
    let set = catalog.indicators().iter().filter(|i| entry::sort(i, catalog).is_some());
    vec![
        Column::new("indicator", "指标", Kind::Choice(set.map(|i| Choice::new(i.code, i.name)).collect()))
            .required()
            .names_row(),
        Column::new("period", "时期", Kind::Code)
            .required()
            .names_row()
            .note("年度，例如 2021；规划期，例如 2021-2023"),
        Column::new("unit", "填报单元", unit_choices(units, &Scope::All)).names_row().note("留空为全市"),
        Column::new("value", "目标值", Kind::Text).required(),
        source().required().note("下达目标的文件"),
    ]
}
