//! Change requests (档案变更申请): an enterprise or an officer proposes what an organisation's record should say,
//! with its basis; an officer of its unit accepts, and the change is asserted with the day it holds from.
//!
//! Owns the flow; its pages are those of all cases. Never asserts anything itself: accepting does, by `orgs::change`.

mod actions;
mod queries;

use kernel::access::Permission;
use kernel::case::{Action, By, Field, FieldKind, Fill, Flow, Note, State, Waits};
use kernel::ledger::Class;
use kernel::module::Module;
use web::{Routes, Slice};

/// Asking for a change.
pub const REQUEST: Permission = Permission("change.request");
/// Reading requests.
pub const READ: Permission = Permission("change.read");
/// Accepting, refusing and sending back.
pub const REVIEW: Permission = Permission("change.review");
/// Being told of what is late.
pub const OVERSEE: Permission = Permission("change.oversee");

/// Attributes that can be asked for. The computed size class and marks that others confer are not among them.
const ASKED_FOR: &[Class] = &[
    Class { code: "name", label: "名称" },
    Class { code: "alias", label: "简称" },
    Class { code: "status", label: "经营状态" },
    Class { code: "type", label: "主体类型" },
    Class { code: "founded_on", label: "成立日期" },
    Class { code: "capital_fen", label: "注册资本" },
    Class { code: "address", label: "住所" },
    Class { code: "region", label: "行政区划" },
    Class { code: "park", label: "园区" },
    Class { code: "industry", label: "行业" },
];

const FILLS: &[Fill] = &[Fill::must("attribute"), Fill::must("value"), Fill::must("valid_from"), Fill::must("source")];

/// The flow.
pub const FLOW: Flow = Flow {
    code: "registry.change",
    version: 1,
    label: "档案变更申请",
    read: READ,
    tells: Some(queries::tells),
    states: &[
        State { code: "asked", label: "待审核", waits: Waits::On(REVIEW), clock: Some("registry.change.review") },
        State { code: "mending", label: "待补正", waits: Waits::Opener, clock: Some("registry.change.mend") },
        State { code: "accepted", label: "已变更", waits: Waits::Nobody, clock: None },
        State { code: "refused", label: "不予变更", waits: Waits::Nobody, clock: None },
        State { code: "withdrawn", label: "已撤回", waits: Waits::Nobody, clock: None },
    ],
    fields: &[
        Field { code: "attribute", label: "变更事项", kind: FieldKind::Choice(ASKED_FOR), help: "" },
        Field {
            code: "value",
            label: "变更为",
            kind: FieldKind::Text(200),
            help: "注册资本单位万元；行业、行政区划填代码或名称",
        },
        Field {
            code: "valid_from",
            label: "生效日期",
            kind: FieldKind::Day,
            help: "从这一天起是新的内容，例如 核准日期",
        },
        // Shorter than the source of an attribute: accepting adds the number of the request.
        Field {
            code: "source", label: "依据", kind: FieldKind::Text(160), help: "例如 变更登记通知书及文号"
        },
    ],
    actions: &[
        Action::new("ask", "提交申请", &[], "asked", By::May(REQUEST)).fills(FILLS).check(actions::check),
        Action::new("accept", "同意变更", &["asked"], "accepted", By::May(REVIEW))
            .apart_from(&["ask", "mend"])
            .effect(actions::assert),
        Action::new("return", "退回补正", &["asked"], "mending", By::May(REVIEW))
            .note(Note::Must("要补正什么"))
            .remarks(),
        Action::new("refuse", "不予变更", &["asked"], "refused", By::May(REVIEW)).note(Note::Must("理由")),
        Action::new("close", "不再等候，终止", &["mending"], "refused", By::May(REVIEW)).note(Note::Must("理由")),
        Action::new("mend", "补正后提交", &["mending"], "asked", By::Opener).fills(FILLS).check(actions::check),
        Action::new("withdraw", "撤回", &["asked", "mending"], "withdrawn", By::Opener),
    ],
};

/// What the slice declares to the kernel.
pub const fn module() -> Module {
    Module {
        permissions: &[REQUEST, READ, REVIEW, OVERSEE], flows: &[FLOW], ..Module::new("change", "档案变更申请")
    }
}

/// The slice: no pages of its own.
pub fn slice() -> Slice {
    Slice { module: module(), routes: Routes::new(), menu: &[], api: None }
}
