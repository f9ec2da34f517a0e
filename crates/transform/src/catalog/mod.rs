//! The catalogue of platforms and industrial apps: the 1+N+N of the city.

use kernel::indicator::{Display, Indicator, Measure, Window};
use kernel::ledger::{Class, FactKind, Select};
use kernel::module::Module;

const OWNER: &str = "市经信局信息化科";
const LISTED: &[&str] = &["catalog.platform_listed"];

/// What the slice declares.
pub fn module() -> Module {
    Module { kinds: KINDS, indicators: INDICATORS, ..Module::new("catalog", "平台与工业APP") }
}

static LEVELS: &[Class] = &[
    Class { code: "industry", label: "行业级" },
    Class { code: "enterprise", label: "企业级" },
    Class { code: "introduced", label: "引进" },
];

static KINDS: &[FactKind] = &[
    FactKind::stock("catalog.platform_listed", "工业互联网平台入册", "个").classes(LEVELS),
    FactKind::stock("catalog.app_launched", "工业APP上线", "个"),
];

static INDICATORS: &[Indicator] = &[
    Indicator {
        code: "catalog.industry_platforms",
        version: 1,
        name: "行业级工业互联网平台",
        definition: "截至当日入册且未停用的行业级工业互联网平台个数。",
        unit: "个",
        measure: Measure::Quantity(Select::of(LISTED).classes(&["industry"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "catalog.enterprise_platforms",
        version: 1,
        name: "企业级工业互联网平台",
        definition: "截至当日入册且未停用的企业级工业互联网平台个数。",
        unit: "个",
        measure: Measure::Quantity(Select::of(LISTED).classes(&["enterprise"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "catalog.introduced_platforms",
        version: 1,
        name: "引进的工业互联网平台",
        definition: "截至当日由市外平台企业引进落户且未停用的工业互联网平台项目个数。",
        unit: "个",
        measure: Measure::Quantity(Select::of(LISTED).classes(&["introduced"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "catalog.apps",
        version: 1,
        name: "工业APP",
        definition: "截至当日已上线且未下线的工业APP个数。",
        unit: "个",
        measure: Measure::Quantity(Select::of(&["catalog.app_launched"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
];
