//! Facts about events.

use kernel::ledger::{Class, FactKind};

static EVENTS: &[Class] = &[
    Class { code: "conference", label: "大会" },
    Class { code: "site_meeting", label: "现场会" },
    Class { code: "study_tour", label: "外出考察" },
    Class { code: "cloud_training", label: "上云培训" },
];

static INDUSTRIES: &[Class] = &[
    Class { code: "electronics", label: "电子行业" },
    Class { code: "equipment", label: "装备行业" },
    Class { code: "steel", label: "钢铁行业" },
    Class { code: "building_materials", label: "建材行业" },
    Class { code: "food", label: "食品饮料行业" },
    Class { code: "textile", label: "纺织服装行业" },
    Class { code: "chemicals", label: "化工医药行业" },
];

pub(super) static KINDS: &[FactKind] = &[
    FactKind::flow("training.event_held", "活动举办", "场次").classes(EVENTS),
    FactKind::flow("training.event_attended", "参加活动", "家次").classes(EVENTS),
    FactKind::flow("training.leader_led", "市领导带队", "人").classes(EVENTS),
    FactKind::flow("training.site_visited", "接待现场参观", "次"),
    FactKind::flow("training.industry_covered", "现场会面向行业", "个行业").classes(INDUSTRIES),
];
