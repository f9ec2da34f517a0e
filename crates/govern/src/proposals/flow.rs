//! How a proposal goes: from receipt to the receipt of the opinion about its answer.

use kernel::case::{Action, By, Field, FieldKind, Fill, Flow, Note, State, Waits, When, Writes};
use kernel::ledger::Class;

use super::declared::{EVALUATIONS, MARKS, PROPOSAL_KINDS};
use super::{APPROVE, COUNTERSIGN, EDIT, READ, actions, queries};

const CATEGORIES: &[Class] = &[
    Class { code: "industry", label: "工业经济" },
    Class { code: "digital", label: "信息化与数字经济" },
    Class { code: "finance", label: "金融服务" },
    Class { code: "talent", label: "科技与人才" },
    Class { code: "environment", label: "营商环境" },
    Class { code: "other", label: "其他" },
];
const YES_NO: &[Class] = &[Class { code: "yes", label: "是" }, Class { code: "no", label: "否" }];

const fn text(code: &'static str, label: &'static str, most: usize, help: &'static str) -> Field {
    Field { code, label, kind: FieldKind::Text(most), help }
}

const fn choice(code: &'static str, label: &'static str, of: &'static [Class], help: &'static str) -> Field {
    Field { code, label, kind: FieldKind::Choice(of), help }
}

const fn day(code: &'static str, label: &'static str, help: &'static str) -> Field {
    Field { code, label, kind: FieldKind::Day, help }
}

const FIELDS: &[Field] = &[
    choice("kind", "类别", PROPOSAL_KINDS, "提案、建议二者取一，印出的编号由它决定"),
    text("session", "届次", 40, "例如 市政协十四届五次会议"),
    Field { code: "year", label: "年度", kind: FieldKind::Whole("年"), help: "编号〔〕内的年份" },
    Field { code: "number", label: "编号", kind: FieldKind::Whole("号"), help: "只填数字" },
    text("title", "标题", 200, "与来件完全一致；答复和意见表都由此带出"),
    text("proposer", "提案人（代表、委员、组织）", 200, "联名的以顿号分隔，或写组织全称"),
    choice("category", "内容分类", CATEGORIES, ""),
    choice("is_key", "重点提案", YES_NO, ""),
    text("suggested", "建议承办单位", 200, ""),
    text("lead", "主办单位", 100, "意见表的承办单位由此带出"),
    text("co_units", "会办单位", 300, "以顿号分隔；没有则留空"),
    day("received_on", "收件日期", ""),
    day("assigned_on", "交办日期", "三个月内答复，从这一天起算"),
    choice("mark", "答复类别", MARKS, "印在答复右上角，须与意见表的办理效果一致"),
    day("signed_on", "成文日期", "印在答复末尾"),
    day("delivered_on", "送达日期", ""),
    choice("effect", "办理效果", MARKS, "按提案人在意见表上勾选的"),
    choice("evaluation", "办理评价", EVALUATIONS, ""),
    choice("publish", "是否公开", YES_NO, "由提案人勾选，必填，不得代填"),
    Field { code: "opinion", label: "对办理情况的意见", kind: FieldKind::Lines(2000), help: "" },
    day("opinion_on", "提案人签名日期", ""),
    text("receipt", "签收单位", 100, "人大代表室或政协提案委"),
    day("receipt_on", "签收日期", ""),
];

const fn state(code: &'static str, label: &'static str, waits: Waits, clock: Option<&'static str>) -> State {
    State { code, label, waits, clock }
}

const STATES: &[State] = &[
    state("received", "待交办", Waits::On(EDIT), None),
    state("assigned", "待签收", Waits::On(EDIT), Some("proposals.accept")),
    state("returned", "已退回", Waits::On(EDIT), None),
    state("working", "办理中", Waits::On(EDIT), Some("proposals.answer")),
    state("extended", "办理中（已延期）", Waits::On(EDIT), Some("proposals.extended")),
    state("drafted", "待会签", Waits::On(COUNTERSIGN), Some("proposals.countersign")),
    state("countersigned", "待签发", Waits::On(APPROVE), Some("proposals.approve")),
    state("approved", "待印发", Waits::On(EDIT), Some("proposals.issue")),
    state("issued", "待送达", Waits::On(EDIT), Some("proposals.deliver")),
    state("delivered", "待征询意见", Waits::On(EDIT), None),
    state("opinion", "待签收意见", Waits::On(EDIT), None),
    state("second", "二次办理", Waits::On(EDIT), Some("proposals.second")),
    state("closed", "已办结", Waits::Nobody, None),
];

const ASSIGN: &[Fill] = &[Fill::must("lead"), Fill::may("co_units"), Fill::must("assigned_on")];

const fn on(kind: &'static str, day: &'static str, class: Option<&'static str>) -> Writes {
    Writes { on: When::Field(day), class, ..Writes::today(kind) }
}

const ACTIONS: &[Action] = &[
    Action::new("register", "登记来件", &[], "received", By::May(EDIT))
        .fills(&[
            Fill::must("kind"),
            Fill::may("session"),
            Fill::must("year"),
            Fill::must("number"),
            Fill::must("title"),
            Fill::must("proposer"),
            Fill::must("category"),
            Fill::may("is_key"),
            Fill::may("suggested"),
            Fill::must("received_on"),
        ])
        .check(actions::registrable)
        .writes(&[on("proposals.received", "received_on", Some("kind"))])
        .effect(actions::registered),
    Action::new("assign", "交办", &["received"], "assigned", By::May(EDIT))
        .fills(ASSIGN)
        .check(actions::in_order::<2>)
        .writes(&[on("proposals.assigned", "assigned_on", None)]),
    Action::new("accept", "签收办理", &["assigned"], "working", By::May(EDIT)),
    Action::new("return", "退回交办单位", &["assigned"], "returned", By::May(EDIT))
        .note(Note::Must("不属本单位职责的理由")),
    Action::new("reassign", "重新交办", &["returned"], "assigned", By::May(EDIT))
        .fills(ASSIGN)
        .check(actions::in_order::<2>),
    // Once, and by who answers for it: not by who is late.
    Action::new("extend", "批准延期", &["working"], "extended", By::May(APPROVE))
        .note(Note::Must("情况复杂、须延期办理的理由")),
    Action::new("draft", "提交答复稿", &["working", "extended", "second"], "drafted", By::May(EDIT))
        .fills(&[Fill::must("mark")])
        .effect(actions::drafted),
    Action::new("countersign", "会签", &["drafted"], "countersigned", By::May(COUNTERSIGN)).apart_from(&["draft"]),
    Action::new("revise", "退回修改", &["drafted", "countersigned"], "working", By::May(COUNTERSIGN))
        .note(Note::Must("要改什么")),
    Action::new("approve", "签发", &["countersigned"], "approved", By::May(APPROVE)).apart_from(&["draft"]),
    Action::new("issue", "编号印发", &["approved"], "issued", By::May(EDIT))
        .fills(&[Fill::must("signed_on")])
        .writes(&[on("proposals.answered", "signed_on", Some("mark"))])
        .effect(actions::issued),
    Action::new("deliver", "送达提案人", &["issued"], "delivered", By::May(EDIT))
        .fills(&[Fill::must("delivered_on")])
        .check(actions::in_order::<4>),
    Action::new("opinion", "登记征询意见", &["delivered"], "opinion", By::May(EDIT))
        .fills(&[
            Fill::anew("effect"),
            Fill::anew("evaluation"),
            Fill::anew("publish"),
            Fill::may("opinion"),
            Fill::anew("opinion_on"),
        ])
        .check(actions::in_order::<5>)
        .writes(&[on("proposals.evaluated", "opinion_on", Some("evaluation"))])
        .effect(actions::opinion_given),
    Action::new("close", "签收并送督查室", &["opinion"], "closed", By::May(EDIT))
        .fills(&[Fill::must("receipt"), Fill::must("receipt_on")])
        .check(actions::closable)
        .writes(&[on("proposals.closed", "receipt_on", None)]),
    Action::new("second", "二次办理", &["opinion"], "second", By::May(EDIT))
        .note(Note::Must("提案人不满意的原因和办法")),
];

/// The flow.
pub const FLOW: Flow = Flow {
    code: "proposals.proposal",
    version: 1,
    label: "提案建议",
    read: READ,
    states: STATES,
    fields: FIELDS,
    actions: ACTIONS,
    tells: Some(queries::tells),
};
