//! Meetings that move projects on: one every month is promised, and counted.

use kernel::indicator::{Display, Indicator, Measure, Scale, Window};
use kernel::ledger::{FactKind, Select};
use kernel::module::Module;

const OWNER: &str = "市经信局办公室";

/// What the slice declares.
pub fn module() -> Module {
    Module { kinds: KINDS, indicators: INDICATORS, ..Module::new("meetings", "调度会议") }
}

static KINDS: &[FactKind] = &[FactKind::flow("meetings.dispatch_held", "项目推进调度会召开", "次")];

static INDICATORS: &[Indicator] = &[
    Indicator {
        code: "meetings.dispatches",
        version: 1,
        name: "项目推进调度会",
        definition: "本年1月1日至当日召开的项目推进调度会次数。",
        unit: "次",
        measure: Measure::Count(Select::of(&["meetings.dispatch_held"])),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "meetings.months_elapsed",
        version: 1,
        name: "本年已开始月数",
        definition: "本年1月至当日所在月的月数，当月不足月按一个月计。",
        unit: "个月",
        measure: Measure::MonthsElapsed,
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "meetings.dispatches_per_month",
        version: 1,
        name: "调度会月均次数",
        definition: "本年召开的项目推进调度会次数除以本年已开始月数，低于1即有缺会。",
        unit: "次/月",
        measure: Measure::Ratio("meetings.dispatches", "meetings.months_elapsed"),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display { scale: Scale::One, decimals: 2 },
    },
];
