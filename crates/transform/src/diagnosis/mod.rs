//! Diagnosis of firms by selected institutions: who is selected, who has been diagnosed.
//!
//! Completed is not awarded: money for a diagnosis is a fact of `funds`, and the two counts differ.

mod instrument;

use kernel::indicator::{Display, Indicator, Measure, Of, Window};
use kernel::ledger::{FactKind, Select};
use kernel::module::Module;

const OWNER: &str = "市经信局信息化科";

/// What the slice declares.
pub fn module() -> Module {
    Module { kinds: KINDS, indicators: INDICATORS, ..Module::new("diagnosis", "智能化诊断") }
}

static KINDS: &[FactKind] = &[
    FactKind::stock("diagnosis.institution_selected", "诊断服务机构入选", "家"),
    FactKind::flow("diagnosis.completed", "完成智能化诊断", "次"),
];

static INDICATORS: &[Indicator] = &[
    Indicator {
        code: "diagnosis.institutions",
        version: 1,
        name: "智能化改造诊断服务机构",
        definition: "截至当日经公开遴选入选且未退出的智能化改造诊断服务机构，按机构去重计数。",
        unit: "家",
        measure: Measure::Distinct(Select::of(&["diagnosis.institution_selected"]), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "diagnosis.completed",
        version: 1,
        name: "完成智能化诊断的规上企业",
        definition: "本年1月1日至当日完成智能化诊断并通过验收、且完成当日为规模以上的企业，同一企业只计一次。",
        unit: "家",
        measure: Measure::Distinct(Select::of(&["diagnosis.completed"]).above_scale(), Of::Subject),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "diagnosis.year_plan",
        version: 1,
        name: "智能化诊断年度计划",
        definition: "本年度下达的规上企业智能化诊断计划家数，各填报单元计划之和。",
        unit: "家",
        measure: Measure::Target("diagnosis.completed"),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "diagnosis.year_plan_rate",
        version: 1,
        name: "智能化诊断年度计划完成率",
        definition: "完成智能化诊断的规上企业家数除以智能化诊断年度计划家数，保留两位小数。",
        unit: "%",
        measure: Measure::Ratio("diagnosis.completed", "diagnosis.year_plan"),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::PERCENT,
    },
    Indicator {
        code: "diagnosis.plan_coverage",
        version: 1,
        name: "三年行动计划期内诊断覆盖的规上企业",
        definition: "2021年至2023年三年行动计划期内、截至当日完成智能化诊断且完成当日为规模以上的企业，同一企业在整个计划期只计一次。",
        unit: "家",
        measure: Measure::Distinct(Select::of(&["diagnosis.completed"]).above_scale(), Of::Subject),
        window: Window::Plan(2021, 2023),
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "diagnosis.plan_coverage_target",
        version: 1,
        name: "三年行动计划诊断覆盖目标",
        definition: "三年行动计划提出的2021年至2023年智能化诊断覆盖规上企业的目标家数，为下限，含本数。",
        unit: "家",
        measure: Measure::Target("diagnosis.plan_coverage"),
        window: Window::Plan(2021, 2023),
        owner: OWNER,
        display: Display::WHOLE,
    },
];
