//! Firms on the cloud: what they moved there, and what lapsed.

use kernel::consent::Item;
use kernel::indicator::{Display, Indicator, Measure, Of, Window};
use kernel::ledger::{Class, FactKind, Select};
use kernel::module::Module;

const OWNER: &str = "市经信局信息化科";
const ADOPTED: &[&str] = &["cloud.adopted"];

/// What an enterprise can consent to be seen.
const ITEMS: &[Item] = &[Item::facts("cloud", "上云情况")];

/// What the slice declares.
pub fn module() -> Module {
    Module { kinds: KINDS, indicators: INDICATORS, items: ITEMS, ..Module::new("cloud", "企业上云") }
}

static SERVICES: &[Class] = &[
    Class { code: "infrastructure", label: "基础设施上云" },
    Class { code: "business", label: "业务系统上云" },
    Class { code: "equipment", label: "设备产品上云" },
];

/// A lapse is the same kind with a negative quantity.
static KINDS: &[FactKind] = &[FactKind::stock("cloud.adopted", "企业上云登记", "项").classes(SERVICES)];

static INDICATORS: &[Indicator] = &[
    Indicator {
        code: "cloud.firms",
        version: 1,
        name: "上云企业",
        definition: "截至当日基础设施、业务系统、设备产品任一类别登记上云且未全部停用的企业，按企业去重计数。",
        unit: "家",
        measure: Measure::Distinct(Select::of(ADOPTED), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "cloud.equipment_firms",
        version: 1,
        name: "设备产品上云企业",
        definition: "截至当日登记设备产品上云且未停用的企业，按企业去重计数。",
        unit: "家",
        measure: Measure::Distinct(Select::of(ADOPTED).classes(&["equipment"]), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
];
