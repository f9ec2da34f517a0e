//! A flow with every sort of action, and people who act in it.

use kernel::access::{Actor, At, Grant, Permission, Role};
use kernel::case::{Action, By, Field, FieldKind, Fill, Flow, Note, STAY, State, Waits, When, Writes};
use kernel::id::{AccountId, OrgId, UnitId};
use kernel::ledger::Class;

/// To ask for an order.
pub const ASK: Permission = Permission("sample.ask");
/// To read orders.
pub const READ: Permission = Permission("sample.read");
/// To work on orders.
pub const WORK: Permission = Permission("sample.work");
/// To decide about orders.
pub const LEAD: Permission = Permission("sample.lead");

/// An order that is asked for, may be sent back, is worked on, may be paused, is signed by two and accepted by a third.
pub const FLOW: Flow = Flow {
    code: "sample.order",
    version: 1,
    label: "样例订单",
    read: READ,
    tells: None,
    states: &[
        State { code: "asked", label: "待受理", waits: Waits::On(WORK), clock: Some("registry.change.review") },
        State { code: "mending", label: "待补正", waits: Waits::Opener, clock: None },
        State { code: "doing", label: "办理中", waits: Waits::On(WORK), clock: Some("registry.change.mend") },
        State { code: "paused", label: "暂停", waits: Waits::Paused, clock: None },
        State { code: "done", label: "待验收", waits: Waits::On(LEAD), clock: None },
        State { code: "accepted", label: "已验收", waits: Waits::Nobody, clock: None },
        State { code: "cancelled", label: "已撤回", waits: Waits::Nobody, clock: None },
    ],
    fields: &[
        Field { code: "what", label: "事项", kind: FieldKind::Text(20), help: "一句话" },
        Field {
            code: "class",
            label: "类别",
            kind: FieldKind::Choice(&[Class { code: "a", label: "甲类" }, Class { code: "b", label: "乙类" }]),
            help: "",
        },
        Field { code: "done_on", label: "完成日期", kind: FieldKind::Day, help: "" },
        Field { code: "cost", label: "费用", kind: FieldKind::Money, help: "" },
    ],
    actions: &[
        Action::new("ask", "提交", &[], "asked", By::May(ASK)).fills(&[Fill::must("what"), Fill::may("class")]),
        Action::new("return", "退回补正", &["asked"], "mending", By::May(WORK)).note(Note::Must("退回理由")).remarks(),
        Action::new("mend", "补正后提交", &["mending"], "asked", By::Opener)
            .fills(&[Fill::must("what"), Fill::may("class")]),
        Action::new("take", "受理", &["asked"], "doing", By::May(WORK)).writes(&[Writes::today("sample.visited")]),
        Action::new("pause", "暂停", &["doing"], "paused", By::May(WORK))
            .note(Note::Must("暂停原因"))
            .undone_by("resume", 24),
        Action::new("resume", "恢复", &["paused"], "doing", By::May(WORK)),
        Action::new("sign", "会签完成", &["doing"], "done", By::May(WORK))
            .fills(&[Fill::must("done_on"), Fill::must("cost")])
            .signers(2)
            .writes(&[Writes {
                kind: "sample.paid",
                on: When::Field("done_on"),
                class: Some("class"),
                quantity: None,
                amount: Some("cost"),
            }]),
        Action::new("report", "记录进展", &["asked", "doing"], STAY, By::May(WORK)).fills(&[Fill::must("what")]),
        Action::new("stop", "会签终止", &["doing"], "cancelled", By::May(WORK)).signers(2),
        Action::new("accept", "验收", &["done"], "accepted", By::May(LEAD)).apart_from(&["sign", "take"]),
        Action::new("reject", "验收不通过", &["done"], "doing", By::May(LEAD))
            .note(Note::Must("不通过的理由"))
            .takes_back(),
        Action::new("cancel", "撤回", &["asked", "mending"], "cancelled", By::Opener),
    ],
};

pub(crate) fn person(account: i64, name: &str, (code, label, at): (&str, &str, At), grants: &[(&str, &str)]) -> Actor {
    let grants = grants.iter().filter_map(|(permission, reach)| Grant::parse(permission, reach).ok()).collect();
    let role = Role { code: code.into(), label: label.into(), at, grants };
    Actor::in_role(AccountId(account), &format!("{name}{account}"), role.into(), vec![], None)
}

/// Somebody of an enterprise.
pub fn applicant(account: i64, org: OrgId) -> Actor {
    let role = ("applicant", "申请人", At::Organisation);
    let grants = [("sample.ask", "own"), ("sample.read", "own")];
    Actor { org: Some(org), ..person(account, "企业", role, &grants) }
}

/// An officer of a unit.
pub fn worker(account: i64, unit: i64) -> Actor {
    let grants = [("sample.work", "units"), ("sample.read", "units")];
    Actor { units: vec![UnitId(unit)], ..person(account, "经办", ("worker", "经办", At::Unit), &grants) }
}

/// Somebody of the bureau who works and decides.
pub fn leader(account: i64) -> Actor {
    let grants = [("sample.work", "all"), ("sample.lead", "all"), ("sample.read", "all")];
    person(account, "领导", ("leader", "领导", At::City), &grants)
}
