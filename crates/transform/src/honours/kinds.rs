//! Facts about honours.

use kernel::ledger::{Class, FactKind};

/// Which honour. Titles that a source lists together without saying who holds which share one class.
static HONOURS: &[Class] = &[
    Class { code: "prov_smart_demo", label: "省级智能制造示范项目" },
    Class { code: "prov_cloud_benchmark", label: "湖北省首批上云标杆企业" },
    Class { code: "nat_cloud_case", label: "工信部企业上云典型案例" },
    Class { code: "nat_platform_pilot", label: "国家工业互联网试点示范项目" },
    Class { code: "nat_demo", label: "国家级试点示范、新模式或融合示范（未细分）" },
];

/// The city's leading industries, as demonstration projects are sorted.
static INDUSTRIES: &[Class] = &[
    Class { code: "electronics", label: "电子信息" },
    Class { code: "equipment", label: "装备制造" },
    Class { code: "steel", label: "钢铁" },
    Class { code: "building_materials", label: "建材" },
    Class { code: "food", label: "食品饮料" },
    Class { code: "textile", label: "纺织服装" },
    Class { code: "chemicals", label: "化工医药" },
];

pub(super) static KINDS: &[FactKind] = &[
    FactKind::stock("honours.awarded", "获得荣誉", "项").classes(HONOURS),
    FactKind::flow("honours.round_opened", "示范项目遴选启动", "次"),
    FactKind::flow("honours.demo_announced", "示范项目公布", "个").classes(INDUSTRIES),
    FactKind::flow("honours.casebook_published", "优秀案例集发布", "批次"),
];
