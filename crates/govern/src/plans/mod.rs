//! Plans: the years they cover, their tasks, their ladder of levels, the dates they promise.

use kernel::indicator::{Display, Indicator, Measure, Window};
use kernel::ledger::{Class, FactKind, Select};
use kernel::module::Module;

const OWNER: &str = "市经信局信息化科";

/// What the slice declares.
pub fn module() -> Module {
    Module { kinds: KINDS, indicators: INDICATORS, ..Module::new("plans", "规划任务") }
}

/// The projects (工程) of the three-year action plan.
static TASKS: &[Class] = &[
    Class { code: "foundation", label: "基础能力提升" },
    Class { code: "platform", label: "平台体系建设" },
    Class { code: "renewal", label: "企业智能化改造" },
    Class { code: "fusion", label: "融合发展创新" },
    Class { code: "ecology", label: "产业生态构建" },
];

static YEARS: &[Class] = &[
    Class { code: "2021", label: "2021年" },
    Class { code: "2022", label: "2022年" },
    Class { code: "2023", label: "2023年" },
];

static LADDER: &[Class] = &[
    Class { code: "automation", label: "自动化推进" },
    Class { code: "digital", label: "数字化集成" },
    Class { code: "network", label: "网络化提升" },
    Class { code: "intelligence", label: "智能化突破" },
];

static KINDS: &[FactKind] = &[
    FactKind::flow("plans.task_adopted", "规划任务确定", "项工程").classes(TASKS),
    FactKind::flow("plans.year_covered", "规划年度确定", "年").classes(YEARS),
    FactKind::flow("plans.ladder_level_adopted", "标杆层次确定", "个层次").classes(LADDER),
];

static INDICATORS: &[Indicator] = &[
    Indicator {
        code: "plans.years",
        version: 1,
        name: "行动计划年数",
        definition: "截至当日《黄石市工业互联网创新发展三年行动计划》所确定的计划年度个数。",
        unit: "年",
        measure: Measure::Count(Select::of(&["plans.year_covered"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "plans.tasks",
        version: 1,
        name: "行动计划重点工程",
        definition: "截至当日《黄石市工业互联网创新发展三年行动计划》所确定的一级任务（工程）个数。",
        unit: "项工程",
        measure: Measure::Count(Select::of(&["plans.task_adopted"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "plans.ladder_levels",
        version: 1,
        name: "标杆示范推进层次",
        definition: "截至当日标杆示范工作所采用的智能化推进层次个数。",
        unit: "个层次",
        measure: Measure::Count(Select::of(&["plans.ladder_level_adopted"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "plans.monitor_platform_due",
        version: 1,
        name: "中小企业运行监测平台建成日期（计划）",
        definition: "服务中小企业的运行监测平台计划建成的日期，为申明的计划节点，登记来源、日期和责任单位。",
        unit: "日期",
        measure: Measure::Declared,
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
];
