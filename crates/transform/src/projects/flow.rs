//! The flow of a project.

use kernel::case::{Action, By, Field, FieldKind, Fill, Flow, Note, STAY, State, Waits, When, Writes};
use kernel::ledger::Class;

use super::kinds::TYPES;
use super::{CHECK, FILE, READ, REPORT, actions, queries};

/// Where the idea came from.
pub(super) static SOURCES: &[Class] =
    &[Class { code: "own", label: "企业自主" }, Class { code: "diagnosis", label: "诊断建议" }];

/// What is filled in when a project is filed.
const PLAN: &[Fill] = &[
    Fill::must("name"),
    Fill::may("type"),
    Fill::must("invest"),
    Fill::must("start_on"),
    Fill::must("end_on"),
    Fill::may("milestones"),
    Fill::may("equipment"),
    Fill::must("source"),
    Fill::may("diagnosis"),
    Fill::must("contact"),
    Fill::may("phone"),
];

/// What an adjustment may change. The entry is made anew on its day, so that figures follow.
const ADJUSTED: &[Fill] = &[
    Fill::must("name"),
    Fill::may("type"),
    Fill::must("invest"),
    Fill::must("start_on"),
    Fill::must("end_on"),
    Fill::may("milestones"),
    Fill::may("equipment"),
    Fill::must("entered_on"),
];

const ENTERED: &[Writes] = &[Writes {
    kind: "projects.entered",
    on: When::Field("entered_on"),
    class: Some("type"),
    quantity: None,
    amount: Some("invest"),
}];

const COMPLETED: &[Writes] = &[Writes {
    kind: "projects.completed",
    on: When::Field("completed_on"),
    class: Some("type"),
    quantity: None,
    amount: None,
}];

const fn field(code: &'static str, label: &'static str, kind: FieldKind, help: &'static str) -> Field {
    Field { code, label, kind, help }
}

const FIELDS: &[Field] = &[
    field("name", "项目名称", FieldKind::Text(60), "例如 冲压车间自动化改造"),
    field("type", "项目类型", FieldKind::Choice(TYPES), "还不能确定的可以空着，统计为未分类"),
    field("invest", "计划总投资", FieldKind::Money, ""),
    field("start_on", "计划开工", FieldKind::Day, ""),
    field("end_on", "计划竣工", FieldKind::Day, ""),
    field("milestones", "里程碑", FieldKind::Lines(2000), "一行一个：名称 计划完成日期，例如 设备安装 2021-06-30"),
    field("equipment", "设备清单", FieldKind::Lines(4000), "一行一项：名称 台数 金额，例如 数控加工中心 3 240万元"),
    field("source", "项目来源", FieldKind::Choice(SOURCES), ""),
    field("diagnosis", "对应的诊断建议", FieldKind::Text(120), "来源为诊断建议的，写明诊断报告和建议"),
    field("contact", "联系人", FieldKind::Text(20), ""),
    field("phone", "联系电话", FieldKind::Text(20), ""),
    field("entered_on", "入库日期", FieldKind::Day, "数字按这一天统计"),
    field("began_on", "实际开工", FieldKind::Day, ""),
    field("completed_on", "竣工日期", FieldKind::Day, "验收后按这一天统计"),
];

/// States of a project that stands in the library and can still change.
pub(super) const OPEN: &[&str] = &["library", "building", "suspended"];
/// The states of the library, in the order of the board.
pub(super) const LIBRARY: &[&str] = &["library", "building", "suspended", "reported", "accepted"];

const fn state(code: &'static str, label: &'static str, waits: Waits, clock: Option<&'static str>) -> State {
    State { code, label, waits, clock }
}

const STATES: &[State] = &[
    state("filed", "待县区审核", Waits::On(CHECK), Some("projects.check")),
    state("mending", "待补正", Waits::Opener, Some("projects.mend")),
    state("library", "在库待开工", Waits::Underway, None),
    state("building", "在建", Waits::Underway, None),
    state("suspended", "停建", Waits::Underway, None),
    state("reported", "待验收", Waits::On(CHECK), Some("projects.accept")),
    state("accepted", "已验收", Waits::Nobody, None),
    state("refused", "不予入库", Waits::Nobody, None),
    state("withdrawn", "已退库", Waits::Nobody, None),
];

const ACTIONS: &[Action] = &[
    Action::new("file", "申报项目", &[], "filed", By::May(FILE))
        .fills(PLAN)
        .check(actions::check_new)
        .effect(actions::keep),
    Action::new("enter", "审核入库", &["filed"], "library", By::May(CHECK))
        .fills(&[Fill::must("entered_on"), Fill::may("type")])
        .apart_from(&["file", "mend"])
        .writes(ENTERED)
        .effect(actions::keep),
    Action::new("return", "退回补正", &["filed"], "mending", By::May(CHECK))
        .note(Note::Must("要补正什么"))
        .remarks()
        .effect(actions::keep),
    Action::new("refuse", "不予入库", &["filed", "mending"], "refused", By::May(CHECK))
        .note(Note::Must("理由"))
        .effect(actions::keep),
    Action::new("mend", "补正后提交", &["mending"], "filed", By::May(FILE))
        .fills(PLAN)
        .check(actions::check_plan)
        .effect(actions::keep),
    Action::new("start", "开工", &["library"], "building", By::May(REPORT))
        .fills(&[Fill::must("began_on")])
        .check(actions::check_days)
        .effect(actions::keep),
    Action::new("complete", "竣工申报", &["building"], "reported", By::May(REPORT))
        .fills(&[Fill::must("completed_on")])
        .check(actions::check_days)
        .effect(actions::keep),
    Action::new("suspend", "停建", &["building"], "suspended", By::May(CHECK))
        .note(Note::Must("停建原因"))
        .effect(actions::keep),
    Action::new("resume", "复建", &["suspended"], "building", By::May(CHECK))
        .note(Note::Must("复建依据"))
        .effect(actions::keep),
    Action::new("adjust", "调整计划或类型", OPEN, STAY, By::May(CHECK))
        .fills(ADJUSTED)
        .note(Note::Must("调整依据"))
        .takes_back()
        .writes(ENTERED)
        .check(actions::check_plan)
        .effect(actions::keep),
    Action::new("accept", "验收通过", &["reported"], "accepted", By::May(CHECK))
        .fills(&[Fill::must("completed_on")])
        .apart_from(&["complete"])
        .writes(COMPLETED)
        .check(actions::check_days)
        .effect(actions::keep),
    Action::new("reject", "验收不通过", &["reported"], "building", By::May(CHECK))
        .note(Note::Must("不通过的理由"))
        .remarks()
        .effect(actions::keep),
    Action::new("give_up", "撤回申报", &["filed", "mending"], "withdrawn", By::May(FILE))
        .note(Note::Must("撤回原因"))
        .effect(actions::keep),
    Action::new("withdraw", "退库", OPEN, "withdrawn", By::May(CHECK))
        .note(Note::Must("退库原因"))
        .takes_back()
        .effect(actions::keep),
];

/// The flow.
pub const FLOW: Flow = Flow {
    code: "projects.project",
    version: 1,
    label: "智能化改造项目",
    read: READ,
    tells: Some(queries::tells),
    states: STATES,
    fields: FIELDS,
    actions: ACTIONS,
};
