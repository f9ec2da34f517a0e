//! The flow by which an institution is selected: it applies, is scored, stands in the public notice, and is selected for
//! a time with a yearly quota. Its validity is a matter of days, not of states: see `institutions`.

use kernel::case::{Action, By, Field, FieldKind, Fill, Flow, Note, State, Waits, When, Writes};

use super::{APPLY, READ, SELECT, actions};

const IN_AND_OUT: &str = "diagnosis.institution_selected";

const fn on(field: &'static str) -> Writes {
    Writes { on: When::Field(field), ..Writes::today(IN_AND_OUT) }
}

const APPLICATION: &[Fill] = &[Fill::must("round"), Fill::must("qualification")];

/// The flow.
pub const SELECTION: Flow = Flow {
    code: "diagnosis.selection",
    version: 1,
    label: "诊断服务机构遴选",
    read: READ,
    tells: None,
    states: &[
        State { code: "applied", label: "待评审", waits: Waits::On(SELECT), clock: Some("diagnosis.selection") },
        State { code: "mending", label: "待补正", waits: Waits::Opener, clock: Some("diagnosis.mend") },
        State { code: "noticed", label: "公示中", waits: Waits::On(SELECT), clock: Some("diagnosis.notice") },
        // Nobody has to do anything while it is selected; it can be changed or left any time.
        State { code: "selected", label: "已入选", waits: Waits::Rest, clock: None },
        State { code: "refused", label: "未入选", waits: Waits::Nobody, clock: None },
        State { code: "left", label: "已退出", waits: Waits::Nobody, clock: None },
    ],
    fields: &[
        Field { code: "round", label: "遴选批次", kind: FieldKind::Text(60), help: "例如 2021年公开遴选" },
        Field {
            code: "qualification",
            label: "资质、团队和案例",
            kind: FieldKind::Lines(1000),
            help: "资质证书、诊断人员、服务过的企业；材料名称和文号",
        },
        Field { code: "score", label: "评审得分", kind: FieldKind::Whole("分"), help: "百分制" },
        Field { code: "document", label: "结果公告", kind: FieldKind::Text(100), help: "名称和文号" },
        Field { code: "selected_on", label: "入选日期", kind: FieldKind::Day, help: "公告的日期" },
        Field { code: "valid_from", label: "有效期自", kind: FieldKind::Day, help: "" },
        Field { code: "valid_to", label: "有效期至", kind: FieldKind::Day, help: "这一天还有效" },
        Field {
            code: "quota", label: "年度名额", kind: FieldKind::Whole("家"), help: "一个计划年度最多承接的企业"
        },
        Field { code: "left_on", label: "退出日期", kind: FieldKind::Day, help: "" },
    ],
    actions: &[
        Action::new("apply", "提交申请", &[], "applied", By::May(APPLY)).fills(APPLICATION).check(actions::may_apply),
        Action::new("notice", "通过评审，公示", &["applied"], "noticed", By::May(SELECT)).fills(&[Fill::must("score")]),
        Action::new("return", "退回补正", &["applied"], "mending", By::May(SELECT))
            .note(Note::Must("要补正什么"))
            .remarks(),
        Action::new("mend", "补正后提交", &["mending"], "applied", By::Opener).fills(APPLICATION),
        Action::new("refuse", "不予入选", &["applied", "noticed", "mending"], "refused", By::May(SELECT))
            .note(Note::Must("理由")),
        Action::new("select", "公示无异议，入选", &["noticed"], "selected", By::May(SELECT))
            .fills(&[
                Fill::must("document"),
                Fill::must("selected_on"),
                Fill::must("valid_from"),
                Fill::must("valid_to"),
                Fill::must("quota"),
            ])
            .check(actions::validity_in_order)
            .writes(&[on("selected_on")]),
        Action::new("adjust", "调整有效期或名额", &["selected"], "selected", By::May(SELECT))
            .fills(&[Fill::must("valid_to"), Fill::must("quota")])
            .check(actions::validity_in_order)
            .note(Note::Must("依据")),
        Action::new("leave", "退出", &["selected"], "left", By::May(SELECT))
            .fills(&[Fill::must("left_on")])
            .note(Note::Must("退出原因"))
            .leaves(&[on("left_on")]),
    ],
};
