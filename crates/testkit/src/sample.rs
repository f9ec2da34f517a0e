//! A module with one indicator of every sort, for tests of the kernel.

use kernel::access::{Actor, Scope};
use kernel::id::{OrgId, RecordId, UnitId};
use kernel::indicator::{Display, Indicator, Measure, Of, Window};
use kernel::ledger::{Class, FactKind, NewFact, Select};
use kernel::module::Module;
use kernel::org::{self, NewOrg};
use kernel::store::Store;
use kernel::value::credit_code::CreditCode;
use kernel::value::day::Day;

/// Kinds: a flow, a flow with money and classes, a stock.
pub const KINDS: &[FactKind] = &[
    FactKind::flow("sample.visited", "走访", "次"),
    FactKind::flow("sample.paid", "拨付", "笔")
        .money()
        .classes(&[Class { code: "a", label: "甲类" }, Class { code: "b", label: "乙类" }]),
    FactKind::stock("sample.joined", "入驻", "家").money(),
    FactKind::stock("sample.stayed", "在册", "家"),
];

const fn indicator(code: &'static str, measure: Measure, window: Window, unit: &'static str) -> Indicator {
    let display = match measure {
        Measure::Amount(_) => Display::WAN,
        Measure::Ratio(..) => Display::PERCENT,
        _ => Display::WHOLE,
    };
    Indicator {
        code,
        version: 1,
        name: code,
        definition: "用于测试的指标。",
        unit,
        measure,
        window,
        owner: "测试",
        display,
    }
}

const VISITED: Select = Select::of(&["sample.visited"]);
const PAID: Select = Select::of(&["sample.paid"]);
const JOINED: Select = Select::of(&["sample.joined"]);
const BOTH: Select = Select::of(&["sample.visited", "sample.paid"]);

/// One indicator of every sort of measure and window.
pub const INDICATORS: &[Indicator] = &[
    indicator("sample.visits", Measure::Count(VISITED), Window::YearToDate, "次"),
    indicator("sample.visited_above", Measure::Distinct(VISITED.above_scale(), Of::Subject), Window::YearToDate, "家"),
    indicator("sample.visited_half", Measure::Distinct(BOTH, Of::Subject), Window::HalfToDate, "家"),
    indicator("sample.visited_month", Measure::Distinct(VISITED, Of::Subject), Window::MonthToDate, "家"),
    indicator("sample.visited_plan", Measure::Distinct(VISITED, Of::Subject), Window::Plan(2020, 2021), "家"),
    indicator("sample.paid_a", Measure::Amount(PAID.classes(&["a"])), Window::Since(2020, 3, 16), "万元"),
    indicator("sample.paid_unclassified", Measure::Amount(PAID.classes(&[""])), Window::AsOf, "万元"),
    indicator("sample.paid_all", Measure::Amount(PAID), Window::HalfToDate, "万元"),
    indicator("sample.paid_quantity", Measure::Quantity(PAID), Window::AsOf, "笔"),
    indicator("sample.paid_classes", Measure::Distinct(PAID, Of::Class), Window::YearToDate, "类"),
    indicator("sample.paid_units", Measure::Distinct(PAID, Of::Unit), Window::AsOf, "个"),
    indicator("sample.in", Measure::Distinct(JOINED, Of::Subject), Window::AsOf, "家"),
    indicator("sample.in_stock", Measure::Quantity(JOINED), Window::AsOf, "家"),
    indicator("sample.balance", Measure::Amount(JOINED), Window::AsOf, "万元"),
    indicator("sample.first", Measure::FirstDay(VISITED), Window::AsOf, "日期"),
    indicator("sample.share", Measure::Ratio("sample.visited_above", "sample.visits"), Window::YearToDate, "%"),
    indicator("sample.total", Measure::Total(&["sample.paid_a", "sample.balance"]), Window::AsOf, "万元"),
    indicator("sample.target", Measure::Target("sample.visits"), Window::YearToDate, "次"),
    indicator("sample.declared", Measure::Declared, Window::AsOf, "名"),
];

/// The module.
pub const MODULE: Module = Module {
    kinds: KINDS,
    indicators: INDICATORS,
    flows: &[crate::sample_case::FLOW, crate::sample_errand::FLOW],
    ..Module::new("sample", "样例")
};

/// A day.
///
/// # Panics
/// When there is no such day.
pub fn day(year: i32, month: u32, day: u32) -> Day {
    Day::from_ymd_opt(year, month, day).expect("a day")
}

/// The actor tests act as.
pub fn actor() -> Actor {
    Actor::system("测试")
}

/// Everything, for questions.
pub const ALL: Scope = Scope::All;

/// Three units and `n` enterprises spread over them; every third is above scale. Returns them with one record to cite.
///
/// # Panics
/// When the store refuses.
pub async fn city(store: &Store, n: i64) -> (Vec<OrgId>, RecordId) {
    store
        .write(&actor(), async |tx| {
            for (id, code, name) in [(1, "east", "东区"), (2, "west", "西区"), (3, "north", "北区")] {
                org::create_unit(tx, UnitId(id), code, name).await?;
            }
            let record = kernel::ledger::record::enter(tx, "sample", "测试台账", "", "").await?;
            let mut orgs = Vec::new();
            for i in 0..n {
                // Every ninth belongs to no unit, as a bureau does.
                let unit = if i % 9 == 8 { 0 } else { i % 3 + 1 };
                orgs.push(enterprise(tx, i, unit, i % 3 == 0).await?);
            }
            Ok((orgs, record))
        })
        .await
        .expect("a sample city")
}

/// Registers one enterprise.
///
/// # Errors
/// As the registry says.
pub async fn enterprise(tx: &kernel::store::Tx, number: i64, unit: i64, above_scale: bool) -> kernel::Result<OrgId> {
    let code = CreditCode::compose("91420299", &format!("MADT{number:04}"))
        .map_err(|e| kernel::Error::Internal(e.to_string()))?;
    let text = |code: &str, value: String| (code.to_owned(), value);
    org::register(
        tx,
        NewOrg {
            kind: "enterprise".into(),
            credit_code: Some(code.to_string()),
            local_code: None,
            since: day(2019, 1, 1),
            attributes: vec![
                text("name", format!("样例企业{number:04}有限公司")),
                text("unit", unit.to_string()),
                text("region", "420202".into()),
                text("industry", if number % 2 == 0 { "3451" } else { "1512" }.into()),
                text("above_scale", i64::from(above_scale).to_string()),
                text("status", "存续".into()),
            ],
            source: "测试".into(),
        },
    )
    .await
}

/// A visit, the simplest fact.
pub fn visit(org: OrgId, on: Day, record: RecordId) -> NewFact {
    NewFact::new("sample.visited", org, on, record)
}
