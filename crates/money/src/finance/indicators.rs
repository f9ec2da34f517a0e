//! Figures on the financing platform.

use kernel::indicator::{Check, Display, Indicator, Measure, Of, Rule, Window};
use kernel::ledger::Select;

const OWNER: &str = "市经信局中小企业科";
const DEMAND: &[&str] = &["finance.demand_published"];
const GRANTED: &[&str] = &["finance.credit_granted"];
const SINCE_LAUNCH: Window = Window::Since(2021, 3, 16);

pub(super) static INDICATORS: &[Indicator] = &[
    Indicator {
        code: "finance.launch_day",
        version: 1,
        name: "金融平台上线日",
        definition: "黄石市金融信息服务平台（“东楚融通”）正式上线运营的日期。",
        unit: "日期",
        measure: Measure::FirstDay(Select::of(&["finance.platform_launched"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "finance.rank",
        version: 1,
        name: "金融平台全省实际应用次序",
        definition: "本市金融信息服务平台在全省市州同类平台中投入实际应用的次序，为外部数字，登记来源、日期和责任单位。",
        unit: "名次",
        measure: Measure::Declared,
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "finance.institutions",
        version: 1,
        name: "上线金融机构",
        definition: "截至当日入驻金融平台且未退出的金融机构，按机构去重计数。",
        unit: "家",
        measure: Measure::Distinct(Select::of(&["finance.institution_joined"]), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "finance.products",
        version: 1,
        name: "发布信贷产品",
        definition: "截至当日在金融平台累计发布的信贷产品款数，含已下架产品。",
        unit: "款",
        measure: Measure::Count(Select::of(&["finance.product_published"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "finance.registered_firms",
        version: 1,
        name: "在线注册企业",
        definition: "截至当日在金融平台实名注册且未注销的企业，按企业去重计数。",
        unit: "家",
        measure: Measure::Distinct(Select::of(&["finance.enterprise_registered"]), Of::Subject),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "finance.demand_firms",
        version: 1,
        name: "发布融资需求企业",
        definition: "自平台上线（2021年3月16日）至当日在平台发布过融资需求的企业，按企业去重计数。",
        unit: "家",
        measure: Measure::Distinct(Select::of(DEMAND), Of::Subject),
        window: SINCE_LAUNCH,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "finance.demand_amount",
        version: 1,
        name: "融资需求金额",
        definition: "自平台上线（2021年3月16日）至当日企业在平台发布的融资需求金额之和。",
        unit: "亿元",
        measure: Measure::Amount(Select::of(DEMAND)),
        window: SINCE_LAUNCH,
        owner: OWNER,
        display: Display::YI,
    },
    Indicator {
        code: "finance.granted_firms",
        version: 1,
        name: "获得授信企业",
        definition: "自平台上线（2021年3月16日）至当日经平台获得金融机构授信的企业，按企业去重计数。",
        unit: "家",
        measure: Measure::Distinct(Select::of(GRANTED), Of::Subject),
        window: SINCE_LAUNCH,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "finance.granted_amount",
        version: 1,
        name: "授信金额",
        definition: "自平台上线（2021年3月16日）至当日金融机构经平台对企业授信的金额之和。",
        unit: "亿元",
        measure: Measure::Amount(Select::of(GRANTED)),
        window: SINCE_LAUNCH,
        owner: OWNER,
        display: Display::YI,
    },
    Indicator {
        code: "finance.disbursed_amount",
        version: 1,
        name: "放款金额",
        definition: "自平台上线（2021年3月16日）至当日金融机构对平台授信企业实际放款的金额之和。",
        unit: "亿元",
        measure: Measure::Amount(Select::of(&["finance.loan_disbursed"])),
        window: SINCE_LAUNCH,
        owner: OWNER,
        display: Display::YI,
    },
];

pub(super) static RULES: &[Rule] = &[
    Rule {
        code: "finance.firms_fall",
        name: "融资漏斗（家数）",
        statement: "在线注册企业、发布融资需求企业、获得授信企业，家数逐级不增。",
        check: Check::Falls(&["finance.registered_firms", "finance.demand_firms", "finance.granted_firms"]),
    },
    Rule {
        code: "finance.amounts_fall",
        name: "融资漏斗（金额）",
        statement: "融资需求、授信、放款，金额逐级不增。",
        check: Check::Falls(&["finance.demand_amount", "finance.granted_amount", "finance.disbursed_amount"]),
    },
    Rule {
        code: "finance.granted_had_asked",
        name: "获得授信的企业都发布过需求",
        statement: "获得授信的企业应都在发布融资需求的企业之内。",
        check: Check::Subset { inner: "finance.granted_firms", outer: "finance.demand_firms" },
    },
    Rule {
        code: "finance.asking_are_registered",
        name: "发布需求的企业都已注册",
        statement: "发布融资需求的企业应都在在线注册企业之内。",
        check: Check::Subset { inner: "finance.demand_firms", outer: "finance.registered_firms" },
    },
];
