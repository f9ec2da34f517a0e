//! Talent and partners: university bodies, teams, cooperation with firms, service providers.

use kernel::indicator::{Display, Indicator, Measure, Of, Window};
use kernel::ledger::{Class, FactKind, Select};
use kernel::module::Module;

const OWNER: &str = "市经信局信息化科";
const PROVIDERS: &[&str] = &["talent.provider_listed"];

/// What the slice declares.
pub fn module() -> Module {
    Module { kinds: KINDS, indicators: INDICATORS, ..Module::new("talent", "人才与服务商") }
}

static ORIGINS: &[Class] = &[Class { code: "local", label: "本地" }, Class { code: "outside", label: "外地" }];

static KINDS: &[FactKind] = &[
    FactKind::stock("talent.university_unit_founded", "高校成立研究服务机构", "所"),
    FactKind::stock("talent.team_registered", "专家团队入库", "个团队"),
    FactKind::flow("talent.cooperation_signed", "产学研合作建立", "项"),
    FactKind::stock("talent.provider_listed", "服务商列名", "家").classes(ORIGINS),
];

static INDICATORS: &[Indicator] = &[
    Indicator {
        code: "talent.university_units",
        version: 1,
        name: "成立研究服务机构的高校",
        definition: "截至当日成立工业互联网研究服务机构的在黄高校，按高校去重计数。",
        unit: "所",
        measure: Measure::Distinct(Select::of(&["talent.university_unit_founded"]), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "talent.teams",
        version: 1,
        name: "产学研专家团队",
        definition: "截至当日入库的工业互联网产学研团队，按团队去重计数。",
        unit: "个团队",
        measure: Measure::Distinct(Select::of(&["talent.team_registered"]), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "talent.cooperating_firms",
        version: 1,
        name: "建立产学研合作的企业",
        definition: "截至当日与入库团队建立项目合作的企业，按企业去重计数。",
        unit: "家企业",
        measure: Measure::Distinct(Select::of(&["talent.cooperation_signed"]), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "talent.local_providers",
        version: 1,
        name: "列名的本地服务商",
        definition: "截至当日在对外答复和宣传材料中列名的本地工业信息化服务商，按服务商去重计数，是列名数，不是本地服务商总数。",
        unit: "家",
        measure: Measure::Distinct(Select::of(PROVIDERS).classes(&["local"]), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "talent.outside_providers",
        version: 1,
        name: "列名的外地服务商",
        definition: "截至当日在对外答复和宣传材料中列名的外地工业软件服务商，按服务商去重计数，是列名数，不是外地服务商总数。",
        unit: "家",
        measure: Measure::Distinct(Select::of(PROVIDERS).classes(&["outside"]), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
];
