//! Facts of diagnosis, the figures over them, and what these must keep with each other.
//!
//! Confirmed, accepted, settled and funded are four counts; each has its own definition.

use kernel::indicator::{Check, Display, Indicator, Measure, Of, Rule, Window};
use kernel::ledger::{FactKind, Select};

const OWNER: &str = "市经信局信息化科";

/// Kinds of fact.
pub(super) static KINDS: &[FactKind] = &[
    FactKind::stock("diagnosis.institution_selected", "诊断服务机构入选", "家"),
    FactKind::flow("diagnosis.confirmed", "企业确认诊断报告", "次"),
    FactKind::flow("diagnosis.completed", "完成智能化诊断", "次"),
    FactKind::flow("diagnosis.settled", "诊断补助结算", "笔").money(),
];

const COMPLETED: Select = Select::of(&["diagnosis.completed"]).above_scale();
const CONFIRMED: Select = Select::of(&["diagnosis.confirmed"]).above_scale();
const SETTLED: Select = Select::of(&["diagnosis.settled"]);

const fn firms(code: &'static str, name: &'static str, definition: &'static str, measure: Measure) -> Indicator {
    Indicator {
        code,
        version: 1,
        name,
        definition,
        unit: "家",
        measure,
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    }
}

/// Indicators.
pub(super) static INDICATORS: &[Indicator] = &[
    Indicator {
        window: Window::AsOf,
        ..firms(
            "diagnosis.institutions",
            "智能化改造诊断服务机构",
            "截至当日经公开遴选入选且未退出的智能化改造诊断服务机构，按机构去重计数。",
            Measure::Distinct(Select::of(&["diagnosis.institution_selected"]), Of::Subject),
        )
    },
    firms(
        "diagnosis.confirmed",
        "企业已确认诊断报告的规上企业",
        "本年1月1日至当日确认了智能化诊断报告、且确认当日为规模以上的企业，同一企业只计一次；还未验收的也在内。",
        Measure::Distinct(CONFIRMED, Of::Subject),
    ),
    firms(
        "diagnosis.completed",
        "完成智能化诊断的规上企业",
        "本年1月1日至当日完成智能化诊断并通过验收、且完成当日为规模以上的企业，同一企业只计一次。",
        Measure::Distinct(COMPLETED, Of::Subject),
    ),
    firms(
        "diagnosis.settled",
        "诊断补助已结算的规上企业",
        "本年1月1日至当日结算了诊断补助、且结算当日为规模以上的企业，同一企业只计一次；结算不等于列入专项资金支持。",
        Measure::Distinct(SETTLED.above_scale(), Of::Subject),
    ),
    Indicator {
        unit: "万元",
        display: Display::WAN,
        ..firms(
            "diagnosis.settled_amount",
            "诊断补助结算金额",
            "本年1月1日至当日结算给诊断服务机构的补助金额之和。",
            Measure::Amount(SETTLED),
        )
    },
    firms(
        "diagnosis.year_plan",
        "智能化诊断年度计划",
        "本年度下达的规上企业智能化诊断计划家数，各填报单元计划之和。",
        Measure::Target("diagnosis.completed"),
    ),
    Indicator {
        unit: "%",
        display: Display::PERCENT,
        ..firms(
            "diagnosis.year_plan_rate",
            "智能化诊断年度计划完成率",
            "完成智能化诊断的规上企业家数除以智能化诊断年度计划家数，保留两位小数。",
            Measure::Ratio("diagnosis.completed", "diagnosis.year_plan"),
        )
    },
    Indicator {
        window: Window::Plan(2021, 2023),
        ..firms(
            "diagnosis.plan_coverage",
            "三年行动计划期内诊断覆盖的规上企业",
            "2021年至2023年三年行动计划期内、截至当日完成智能化诊断且完成当日为规模以上的企业，同一企业在整个计划期只计一次。",
            Measure::Distinct(COMPLETED, Of::Subject),
        )
    },
    Indicator {
        window: Window::Plan(2021, 2023),
        ..firms(
            "diagnosis.plan_coverage_target",
            "三年行动计划诊断覆盖目标",
            "三年行动计划提出的2021年至2023年智能化诊断覆盖规上企业的目标家数，为下限，含本数。",
            Measure::Target("diagnosis.plan_coverage"),
        )
    },
];

/// What the counts keep with each other; the list of the difference says who is between two of them.
pub(super) static RULES: &[Rule] = &[
    Rule {
        code: "diagnosis.confirmed_are_accepted",
        name: "企业确认的诊断与验收的诊断",
        statement: "企业已确认诊断报告的规上企业家数，应等于完成智能化诊断的规上企业家数；差额为待验收，或跨年度确认的企业。",
        check: Check::Equal { left: "diagnosis.confirmed", right: "diagnosis.completed" },
    },
    Rule {
        code: "diagnosis.accepted_are_settled",
        name: "验收的诊断与结算的诊断",
        statement: "完成智能化诊断的规上企业家数，应等于诊断补助已结算的规上企业家数；差额为已验收尚未结算的企业。",
        check: Check::Equal { left: "diagnosis.completed", right: "diagnosis.settled" },
    },
];
