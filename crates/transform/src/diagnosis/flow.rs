//! The flow of an order (诊断单): asked for, sent to an institution, taken, done on site, reported, confirmed by the
//! enterprise, accepted by the bureau, settled. What is declined, sent back or cancelled says why.

use kernel::case::{Action, Bodies, By, Field, FieldKind, Fill, Flow, Note, State, Waits, When, Writes};

use super::{ACCEPT, ASSIGN, CONFIRM, READ, REQUEST, SERVE, SETTLE, actions, institutions, order};

/// States in which an order keeps a place of its institution.
pub(super) const PLACED: &[&str] =
    &["assigned", "taken", "on_site", "rework", "reported", "confirmed", "accepted", "settled"];

/// The flow.
pub const ORDER: Flow = Flow {
    code: "diagnosis.order",
    version: 1,
    label: "智能化诊断",
    read: READ,
    tells: Some(order::tells),
    states: STATES,
    fields: FIELDS,
    actions: ACTIONS,
};

const STATES: &[State] = &[
    State { code: "requested", label: "待派单", waits: Waits::On(ASSIGN), clock: Some("diagnosis.assign") },
    State {
        code: "assigned", label: "待机构接单", waits: Waits::Counterparty(SERVE), clock: Some("diagnosis.take")
    },
    State {
        code: "declined", label: "已退单，待重派", waits: Waits::On(ASSIGN), clock: Some("diagnosis.assign")
    },
    State { code: "taken", label: "待进场", waits: Waits::Counterparty(SERVE), clock: Some("diagnosis.visit") },
    State { code: "on_site", label: "诊断中", waits: Waits::Counterparty(SERVE), clock: Some("diagnosis.report") },
    State { code: "reported", label: "待企业确认", waits: Waits::On(CONFIRM), clock: Some("diagnosis.confirm") },
    State { code: "rework", label: "返工中", waits: Waits::Counterparty(SERVE), clock: Some("diagnosis.rework") },
    State { code: "confirmed", label: "待验收", waits: Waits::On(ACCEPT), clock: Some("diagnosis.accept") },
    // Subsidies are settled in batches, from the sheet of an institution.
    State { code: "accepted", label: "已验收，待结算", waits: Waits::Rest, clock: None },
    State { code: "settled", label: "已结算", waits: Waits::Nobody, clock: None },
    State { code: "cancelled", label: "已取消", waits: Waits::Nobody, clock: None },
];

const FIELDS: &[Field] = &[
    Field {
        code: "plan_year", label: "计划年度", kind: FieldKind::Whole("年"), help: "四位数字，例如 2021"
    },
    Field { code: "wish", label: "希望解决的问题", kind: FieldKind::Lines(500), help: "" },
    Field {
        code: "institution",
        label: "诊断服务机构",
        kind: FieldKind::Counterparty(Bodies(institutions::offered)),
        help: "有效期内、还有名额的机构，排在前面的轮到派单；企业可以不选，由市局派单",
    },
    Field { code: "visit_on", label: "约定进场日期", kind: FieldKind::Day, help: "" },
    Field { code: "on_site_on", label: "进场日期", kind: FieldKind::Day, help: "" },
    Field { code: "report_no", label: "报告编号", kind: FieldKind::Text(60), help: "" },
    Field { code: "reported_on", label: "报告日期", kind: FieldKind::Day, help: "" },
    Field {
        code: "completed_on", label: "完成日期", kind: FieldKind::Day, help: "验收通过的日期，完成数按这一天统计"
    },
    Field {
        code: "subsidy", label: "补助金额", kind: FieldKind::Money, help: "单位万元，不超过本年度的补助标准"
    },
    Field { code: "settled_on", label: "结算日期", kind: FieldKind::Day, help: "" },
];

const COMPLETED: Writes = Writes { on: When::Field("completed_on"), ..Writes::today("diagnosis.completed") };
const SETTLED: Writes =
    Writes { on: When::Field("settled_on"), amount: Some("subsidy"), ..Writes::today("diagnosis.settled") };

const ACTIONS: &[Action] = &[
    Action::new("request", "申请诊断", &[], "requested", By::May(REQUEST))
        .fills(&[Fill::must("plan_year"), Fill::may("wish"), Fill::may("institution")])
        .check(actions::only_one_a_year),
    Action::new("assign", "派单", &["requested", "declined"], "assigned", By::May(ASSIGN))
        .fills(&[Fill::must("institution")]),
    Action::new("take", "接单", &["assigned"], "taken", By::Counterparty(SERVE))
        .fills(&[Fill::may("visit_on")])
        .check(actions::institution_is_valid),
    Action::new("decline", "退单", &["assigned"], "declined", By::Counterparty(SERVE)).note(Note::Must("退单理由")),
    Action::new("enter", "进场诊断", &["taken"], "on_site", By::Counterparty(SERVE))
        .fills(&[Fill::must("on_site_on")])
        .check(actions::days_in_order),
    Action::new("deliver", "交付报告", &["on_site", "rework"], "reported", By::Counterparty(SERVE))
        .fills(&[Fill::must("report_no"), Fill::must("reported_on")])
        .check(actions::days_in_order)
        .effect(actions::report_is_whole),
    Action::new("confirm", "企业确认报告", &["reported"], "confirmed", By::May(CONFIRM))
        .writes(&[Writes::today("diagnosis.confirmed")]),
    Action::new("return", "退回返工", &["reported"], "rework", By::May(CONFIRM)).note(Note::Must("哪里不符合实际")),
    Action::new("accept", "验收通过", &["confirmed"], "accepted", By::May(ACCEPT))
        .fills(&[Fill::must("completed_on")])
        .check(actions::days_in_order)
        .writes(&[COMPLETED]),
    Action::new("send_back", "验收不通过，返工", &["confirmed"], "rework", By::May(ACCEPT))
        .note(Note::Must("不通过的理由"))
        .takes_back(),
    Action::new("revoke", "撤销验收，请企业重新确认", &["accepted"], "reported", By::May(ACCEPT))
        .note(Note::Must("撤销的原因"))
        .takes_back(),
    Action::new("settle", "结算补助", &["accepted"], "settled", By::May(SETTLE))
        .fills(&[Fill::must("subsidy"), Fill::must("settled_on")])
        .check(actions::within_subsidy)
        .writes(&[SETTLED]),
    Action::new(
        "cancel",
        "取消",
        &["requested", "assigned", "declined", "taken", "on_site", "rework"],
        "cancelled",
        By::May(ASSIGN),
    )
    .note(Note::Must("取消的原因")),
    Action::new("withdraw", "撤回申请", &["requested", "assigned", "declined"], "cancelled", By::May(REQUEST))
        .note(Note::Must("撤回的原因")),
];
