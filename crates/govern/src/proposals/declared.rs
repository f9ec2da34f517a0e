//! Facts that the steps of a proposal write, and the figures over them.

use kernel::indicator::{Display, Indicator, Measure, Scale, Window};
use kernel::ledger::{Class, FactKind, Select};

const OWNER: &str = "市经信局办公室";

/// Kinds of proposal.
pub(super) const PROPOSAL_KINDS: &[Class] =
    &[Class { code: "cppcc", label: "政协委员提案" }, Class { code: "npc", label: "人大代表建议" }];
/// Marks of an answer (DOMAIN: A–D; the words are those of the opinion form).
pub(super) const MARKS: &[Class] = &[
    Class { code: "a", label: "A 解决或基本解决" },
    Class { code: "b", label: "B 正在解决" },
    Class { code: "c", label: "C 以后解决" },
    Class { code: "d", label: "D 无法解决" },
];
/// What the proposer says of the answer.
pub(super) const EVALUATIONS: &[Class] = &[
    Class { code: "satisfied", label: "满意" },
    Class { code: "fairly", label: "基本满意" },
    Class { code: "unsatisfied", label: "不满意" },
];
/// Means of contact, in the order of the opinion form.
pub(super) const MEANS: &[Class] = &[
    Class { code: "visit", label: "上门走访" },
    Class { code: "appointment", label: "约见" },
    Class { code: "phone", label: "电话联系" },
    Class { code: "letter", label: "信函" },
    Class { code: "forum", label: "座谈会" },
    Class { code: "other", label: "其他" },
];

pub(super) static KINDS: &[FactKind] = &[
    FactKind::flow("proposals.received", "收到提案建议", "件").classes(PROPOSAL_KINDS),
    FactKind::flow("proposals.assigned", "提案建议交办", "件"),
    FactKind::flow("proposals.contacted", "与提案人沟通", "次").classes(MEANS),
    FactKind::flow("proposals.answered", "提案建议答复", "件").classes(MARKS),
    FactKind::flow("proposals.answered_in_time", "提案建议按期答复", "件"),
    FactKind::flow("proposals.evaluated", "提案人评价", "件").classes(EVALUATIONS),
    FactKind::flow("proposals.closed", "提案建议办结", "件"),
];

const fn counted(code: &'static str, name: &'static str, definition: &'static str, select: Select) -> Indicator {
    Indicator {
        code,
        version: 1,
        name,
        definition,
        unit: "件",
        measure: Measure::Count(select),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display::WHOLE,
    }
}

const fn rate(
    code: &'static str,
    name: &'static str,
    definition: &'static str,
    of: &'static str,
    by: &'static str,
) -> Indicator {
    Indicator {
        code,
        version: 1,
        name,
        definition,
        unit: "%",
        measure: Measure::Ratio(of, by),
        window: Window::YearToDate,
        owner: OWNER,
        display: Display { scale: Scale::Percent, decimals: 1 },
    }
}

pub(super) static INDICATORS: &[Indicator] = &[
    counted(
        "proposals.received",
        "收到提案建议",
        "本年1月1日至当日收到的提案和建议件数。",
        Select::of(&["proposals.received"]),
    ),
    counted(
        "proposals.answered",
        "提案建议答复",
        "本年1月1日至当日印发答复的提案和建议件数，二次办理另计。",
        Select::of(&["proposals.answered"]),
    ),
    counted(
        "proposals.answered_in_time",
        "提案建议按期答复",
        "本年1月1日至当日印发的答复中，成文日期在交办后三个月内的件数。",
        Select::of(&["proposals.answered_in_time"]),
    ),
    rate(
        "proposals.in_time_rate",
        "提案建议按期答复率",
        "按期答复件数除以答复件数。",
        "proposals.answered_in_time",
        "proposals.answered",
    ),
    counted(
        "proposals.evaluated",
        "提案人评价",
        "本年1月1日至当日收到的征询意见件数。",
        Select::of(&["proposals.evaluated"]),
    ),
    counted(
        "proposals.satisfied",
        "提案人满意",
        "本年1月1日至当日收到的征询意见中评价为满意或基本满意的件数。",
        Select::of(&["proposals.evaluated"]).classes(&["satisfied", "fairly"]),
    ),
    rate(
        "proposals.satisfied_rate",
        "提案人满意率",
        "评价为满意或基本满意的件数除以收到的征询意见件数。",
        "proposals.satisfied",
        "proposals.evaluated",
    ),
    Indicator {
        unit: "次",
        ..counted(
            "proposals.contacts",
            "与提案人沟通",
            "本年1月1日至当日与提案人、代表沟通的次数。",
            Select::of(&["proposals.contacted"]),
        )
    },
    counted(
        "proposals.closed",
        "提案建议办结",
        "本年1月1日至当日由代表室或提案委签收的件数。",
        Select::of(&["proposals.closed"]),
    ),
];
