//! Published content: the public account and how often it is read.

use kernel::indicator::{Display, Indicator, Measure, Window};
use kernel::ledger::{FactKind, Select};
use kernel::module::Module;

const OWNER: &str = "市经信局信息化科";

/// What the slice declares.
pub fn module() -> Module {
    Module { kinds: KINDS, indicators: INDICATORS, ..Module::new("content", "宣传内容") }
}

static KINDS: &[FactKind] = &[
    FactKind::flow("content.account_opened", "公众号开通", "个"),
    FactKind::flow("content.article_read", "推文阅读", "人次"),
];

static INDICATORS: &[Indicator] = &[
    Indicator {
        code: "content.months_open",
        version: 1,
        name: "公众号开通月数",
        definition: "自“黄石工业互联网”公众号开通之日起至当日的整月数。",
        unit: "个月",
        measure: Measure::MonthsSince(Select::of(&["content.account_opened"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
    Indicator {
        code: "content.reads",
        version: 1,
        name: "公众号总阅读量",
        definition: "截至当日“黄石工业互联网”公众号推文阅读人次之和，同一人多次阅读重复计。",
        unit: "人次",
        measure: Measure::Quantity(Select::of(&["content.article_read"])),
        window: Window::AsOf,
        owner: OWNER,
        display: Display::WHOLE,
    },
];
