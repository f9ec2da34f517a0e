//! Figures on special funds.

use kernel::indicator::{Display, Indicator, Measure, Of, Scale, Window};
use kernel::ledger::Select;

const OWNER: &str = "市经信局技术改造科";
const ARRANGED: &[&str] = &["funds.budget_arranged"];
const AWARDS: &[&str] = &["funds.award_decided"];

pub(super) static INDICATORS: &[Indicator] = &[
    Indicator {
        code: "funds.call_month",
        version: 1,
        name: "资金申报启动月份",
        definition: "本年度首次启动技改补助、示范项目资金申报的月份。",
        unit: "年月",
        measure: Measure::FirstDay(Select::of(&["funds.call_opened"])),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display { scale: Scale::Month, decimals: 0 },
    },
    Indicator {
        code: "funds.municipal_budget",
        version: 1,
        name: "市本级智能化改造专项资金",
        definition: "本年1月1日至当日安排的市本级智能化改造专项资金之和，不含县市区安排的资金。",
        unit: "万元",
        measure: Measure::Amount(Select::of(ARRANGED).classes(&["municipal"])),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WAN,
    },
    Indicator {
        code: "funds.county_budget",
        version: 1,
        name: "县市区智能化改造资金",
        definition: "本年1月1日至当日各县市区（含开发区）比照市级政策拟安排的资金之和，不含市本级资金。",
        unit: "万元",
        measure: Measure::Amount(Select::of(ARRANGED).classes(&["county"])),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WAN,
    },
    Indicator {
        code: "funds.county_units",
        version: 1,
        name: "出台支持政策的县市区",
        definition: "本年1月1日至当日安排智能化改造资金的县市区（含开发区），按填报单元去重计数。",
        unit: "个县区",
        measure: Measure::Distinct(Select::of(ARRANGED).classes(&["county"]), Of::Unit),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "funds.project_awards",
        version: 1,
        name: "获资金支持的智能化改造项目",
        definition: "本年1月1日至当日决定给予市本级专项资金支持的智能化改造项目个数。",
        unit: "个",
        measure: Measure::Count(Select::of(AWARDS).classes(&["project"])),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "funds.demonstration_awards",
        version: 1,
        name: "获资金支持的示范项目",
        definition: "本年1月1日至当日决定给予市本级专项资金支持的示范项目个数。",
        unit: "个",
        measure: Measure::Count(Select::of(AWARDS).classes(&["demonstration"])),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "funds.diagnosis_awards",
        version: 1,
        name: "获资金支持的智能化诊断项目",
        definition: "本年1月1日至当日决定给予市本级专项资金支持的智能化诊断项目个数，不等于完成诊断的企业家数。",
        unit: "个",
        measure: Measure::Count(Select::of(AWARDS).classes(&["diagnosis"])),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    },
];
