//! The flows of the marketplace: who takes part, what is on sale, what firms ask for, how an institution answers.

use kernel::case::{Action, Bodies, By, Field, FieldKind, Fill, Flow, Note, State, Waits, When, Writes};
use kernel::ledger::Class;

use super::{ANSWER, APPROVE, ASSIGN, DEMAND, INVITE, OFFER as SELL, READ, actions, tells};

const fn state(code: &'static str, label: &'static str, waits: Waits) -> State {
    State { code, label, waits, clock: None }
}

const fn timed(code: &'static str, label: &'static str, waits: Waits, clock: &'static str) -> State {
    State { code, label, waits, clock: Some(clock) }
}

const fn field(code: &'static str, label: &'static str, kind: FieldKind, help: &'static str) -> Field {
    Field { code, label, kind, help }
}

/// Ways of security.
const WAYS: &[Class] = &[
    Class { code: "credit", label: "信用" },
    Class { code: "mortgage", label: "抵押" },
    Class { code: "pledge", label: "质押" },
    Class { code: "guarantee", label: "担保" },
    Class { code: "other", label: "其他" },
];

/// Ways of repayment; `parts` is the one that lowers the balance month by month.
const REPAYMENT: &[Class] =
    &[Class { code: "end", label: "按期付息、到期还本" }, Class { code: "parts", label: "按月等额还本付息" }];

/// Why an institution refuses.
pub(super) const REASONS: &[Class] = &[
    Class { code: "industry", label: "行业不在准入范围" },
    Class { code: "credit", label: "信用记录不符合要求" },
    Class { code: "income", label: "经营状况或还款来源不足" },
    Class { code: "security", label: "担保条件不足" },
    Class { code: "papers", label: "材料不全或不实" },
    Class { code: "amount", label: "金额或期限不匹配" },
    Class { code: "quota", label: "本机构暂无额度" },
    Class { code: "other", label: "其他（请写明）" },
];

/// A firm on the platform: registered under its real name until it leaves.
pub const REGISTRATION: Flow = Flow {
    code: "finance.registration",
    version: 1,
    label: "金融平台实名注册",
    read: READ,
    tells: None,
    states: &[state("registered", "已注册", Waits::Rest), state("left", "已注销", Waits::Nobody)],
    fields: &[field("contact", "融资联系人", FieldKind::Text(60), "姓名和职务")],
    actions: &[
        Action::new("register", "实名注册", &[], "registered", By::May(DEMAND))
            .fills(&[Fill::may("contact")])
            .check(actions::may_register)
            .writes(&[Writes::today("finance.enterprise_registered")]),
        Action::new("leave", "注销", &["registered"], "left", By::May(DEMAND))
            .note(Note::Must("注销原因"))
            .check(actions::may_leave)
            .leaves(&[Writes::today("finance.enterprise_registered")]),
    ],
};

/// An institution on the platform: it applies, the bureau lets it in.
pub const ADMISSION: Flow = Flow {
    code: "finance.admission",
    version: 1,
    label: "金融机构入驻",
    read: READ,
    tells: None,
    states: &[
        timed("applied", "待审核", Waits::On(APPROVE), "finance.admit"),
        state("joined", "已入驻", Waits::Rest),
        state("refused", "未通过", Waits::Nobody),
        state("left", "已退出", Waits::Nobody),
    ],
    fields: &[field("contact", "对接部门和联系人", FieldKind::Text(100), "")],
    actions: &[
        Action::new("apply", "申请入驻", &[], "applied", By::May(SELL))
            .fills(&[Fill::must("contact")])
            .check(actions::may_join),
        Action::new("admit", "同意入驻", &["applied"], "joined", By::May(APPROVE))
            .apart_from(&["apply"])
            .writes(&[Writes::today("finance.institution_joined")]),
        Action::new("refuse", "不予入驻", &["applied"], "refused", By::May(APPROVE)).note(Note::Must("理由")),
        Action::new("leave", "退出", &["joined"], "left", By::May(APPROVE))
            .note(Note::Must("退出原因"))
            .leaves(&[Writes::today("finance.institution_joined")]),
    ],
};

/// States a product can be withdrawn from.
const SOLD_OR_ON_THE_WAY: &[&str] = &["submitted", "returned", "on_sale", "revised", "rework"];

/// What a product says.
const TERMS: &[Fill] = &[
    Fill::must("name"),
    Fill::must("least"),
    Fill::must("most"),
    Fill::must("months"),
    Fill::must("least_rate"),
    Fill::must("most_rate"),
    Fill::must("repayment"),
    Fill::must("way"),
    Fill::may("sizes"),
    Fill::may("industries"),
    Fill::may("units"),
    Fill::must("materials"),
    Fill::must("accept_days"),
    Fill::must("decide_days"),
];

/// A product of an institution. Its events are its versions: each tells what was changed, by whom and when.
pub const PRODUCT: Flow = Flow {
    code: "finance.product",
    version: 1,
    label: "信贷产品",
    read: READ,
    tells: None,
    states: &[
        timed("submitted", "待审核", Waits::On(APPROVE), "finance.admit"),
        state("returned", "待修改", Waits::Opener),
        state("on_sale", "在架", Waits::Rest),
        timed("revised", "改版待审核", Waits::On(APPROVE), "finance.admit"),
        state("rework", "改版待修改", Waits::Opener),
        state("withdrawn", "已下架", Waits::Nobody),
    ],
    fields: PRODUCT_FIELDS,
    actions: &[
        Action::new("submit", "提交产品", &[], "submitted", By::May(SELL))
            .fills(TERMS)
            .check(actions::product_is_sound),
        Action::new("publish", "同意发布", &["submitted"], "on_sale", By::May(APPROVE))
            .apart_from(&["submit", "mend"])
            .check(actions::product_is_sound)
            .writes(&[Writes::today("finance.product_published")]),
        Action::new("return", "退回修改", &["submitted"], "returned", By::May(APPROVE))
            .note(Note::Must("要修改什么"))
            .remarks(),
        Action::new("mend", "修改后提交", &["returned"], "submitted", By::Opener)
            .fills(TERMS)
            .check(actions::product_is_sound),
        Action::new("revise", "改版", &["on_sale", "rework"], "revised", By::May(SELL))
            .fills(TERMS)
            .check(actions::product_is_sound)
            .note(Note::Must("改版的原因")),
        Action::new("agree", "同意改版", &["revised"], "on_sale", By::May(APPROVE))
            .apart_from(&["revise"])
            .check(actions::product_is_sound),
        Action::new("send_back", "退回改版", &["revised"], "rework", By::May(APPROVE))
            .note(Note::Must("要修改什么"))
            .remarks(),
        Action::new("withdraw", "下架", SOLD_OR_ON_THE_WAY, "withdrawn", By::May(SELL)).note(Note::Must("下架的原因")),
    ],
};

const PRODUCT_FIELDS: &[Field] = &[
    field("name", "产品名称", FieldKind::Text(40), ""),
    field("least", "最低金额", FieldKind::Money, "单位万元"),
    field("most", "最高金额", FieldKind::Money, "单位万元"),
    field("months", "最长期限", FieldKind::Whole("个月"), ""),
    field("least_rate", "最低年利率", FieldKind::Whole("基点"), "4.35% 填 435"),
    field("most_rate", "最高年利率", FieldKind::Whole("基点"), "4.35% 填 435"),
    field("repayment", "还款方式", FieldKind::Choice(REPAYMENT), ""),
    field("way", "担保方式", FieldKind::Choice(WAYS), ""),
    field("sizes", "面向规模", FieldKind::Text(40), "微型 小型 中型 大型，用空格隔开；不填为不限"),
    field("industries", "面向行业", FieldKind::Text(100), "行业代码的开头，如 34 35，用空格隔开；不填为不限"),
    field("units", "面向区域", FieldKind::Text(100), "填报单元名称，用空格隔开；不填为不限"),
    field("materials", "申请材料", FieldKind::Lines(500), ""),
    field("accept_days", "承诺受理", FieldKind::Whole("个工作日"), ""),
    field("decide_days", "承诺答复", FieldKind::Whole("个工作日"), ""),
];

const ASKED: Writes = Writes { amount: Some("amount"), ..Writes::today("finance.demand_published") };

/// What a firm asks for. How institutions answer stands in cases of [`ANSWERS`], one for each.
pub const DEMANDS: Flow = Flow {
    code: "finance.demand",
    version: 1,
    label: "融资需求",
    read: READ,
    tells: Some(tells::of_demand),
    states: &[
        // The bureau is reminded when the days are over and the firm has not ended it.
        timed("published", "对接中", Waits::Underway, "finance.answered"),
        state("met", "已满足", Waits::Nobody),
        state("withdrawn", "已撤回", Waits::Nobody),
        state("expired", "已过期", Waits::Nobody),
    ],
    fields: &[
        field("amount", "融资金额", FieldKind::Money, "单位万元"),
        field("months", "期限", FieldKind::Whole("个月"), ""),
        field("most_rate", "期望最高年利率", FieldKind::Whole("基点"), "4.35% 填 435；可不填"),
        field("way", "可提供的担保", FieldKind::Choice(WAYS), ""),
        field("purpose", "用途", FieldKind::Text(200), "不要写能认出本企业的内容"),
    ],
    actions: &[
        Action::new("publish", "发布需求", &[], "published", By::May(DEMAND))
            .fills(&[
                Fill::must("amount"),
                Fill::must("months"),
                Fill::may("most_rate"),
                Fill::must("way"),
                Fill::must("purpose"),
            ])
            .check(actions::demand_is_sound)
            .writes(&[ASKED]),
        Action::new("meet", "需求已满足", &["published"], "met", By::May(DEMAND)),
        Action::new("withdraw", "撤回", &["published"], "withdrawn", By::May(DEMAND)).note(Note::Must("撤回的原因")),
        Action::new("expire", "到期结束", &["published"], "expired", By::May(ASSIGN)).note(Note::Must("对接的情况")),
    ],
};

const COUNTER: By = By::Counterparty(ANSWER);
const AT_BANK: Waits = Waits::Counterparty(ANSWER);

const GRANTED: Writes =
    Writes { on: When::Field("granted_on"), amount: Some("granted"), ..Writes::today("finance.credit_granted") };
const PAID_OUT: Writes =
    Writes { on: When::Field("paid_on"), amount: Some("paid"), ..Writes::today("finance.loan_disbursed") };
const REPAID: Writes =
    Writes { on: When::Field("repaid_on"), amount: Some("repaid"), ..Writes::today("finance.loan_repaid") };

const OFFERED: &[Fill] = &[
    Fill::must("offered"),
    Fill::must("term"),
    Fill::must("rate"),
    Fill::may("fee"),
    Fill::may("guarantee_rate"),
    Fill::must("repayment"),
];

/// How one institution answers one demand. The firm, or the bureau for it, asks the institution; the case tells it what
/// the demand says. More of the firm it sees only under a consent.
pub const ANSWERS: Flow = Flow {
    code: "finance.offer",
    version: 1,
    label: "融资对接",
    read: READ,
    tells: Some(tells::of_answer),
    states: &[
        timed("asked", "待受理", AT_BANK, "finance.accept"),
        timed("diligence", "尽职调查", AT_BANK, "finance.decide"),
        state("offered", "已报价，待企业选定", Waits::On(DEMAND)),
        timed("chosen", "待授信", AT_BANK, "finance.decide"),
        state("granted", "已授信，待签约", AT_BANK),
        state("signed", "已签约，待放款", AT_BANK),
        state("repaying", "还款中", Waits::Underway),
        state("overdue", "逾期", AT_BANK),
        state("settled", "已结清", Waits::Nobody),
        state("refused", "已拒绝", Waits::Nobody),
        state("dropped", "企业已撤回", Waits::Nobody),
    ],
    fields: ANSWER_FIELDS,
    actions: ANSWER_ACTIONS,
};

const ANSWER_FIELDS: &[Field] = &[
    field("demand", "需求编号", FieldKind::Whole("号"), "对接中的融资需求的办件号"),
    field("bank", "金融机构", FieldKind::Counterparty(Bodies(actions::offered)), "已入驻的金融机构"),
    field("amount", "需求金额", FieldKind::Money, "单位万元，不超过需求的金额"),
    field("months", "需求期限", FieldKind::Whole("个月"), ""),
    field("purpose", "用途", FieldKind::Text(200), ""),
    field("offered", "报价金额", FieldKind::Money, "单位万元"),
    field("term", "报价期限", FieldKind::Whole("个月"), ""),
    field("rate", "年利率", FieldKind::Whole("基点"), "4.35% 填 435"),
    field("fee", "一次性费用", FieldKind::Money, "单位万元；没有不填"),
    field("guarantee_rate", "担保费年率", FieldKind::Whole("基点"), "1% 填 100；没有不填"),
    field("repayment", "还款方式", FieldKind::Choice(REPAYMENT), ""),
    field("granted", "授信金额", FieldKind::Money, "单位万元"),
    field("granted_on", "授信日期", FieldKind::Day, ""),
    field("reason", "拒绝原因", FieldKind::Choice(REASONS), ""),
    field("contract", "合同编号", FieldKind::Text(60), ""),
    field("signed_on", "签约日期", FieldKind::Day, ""),
    field("paid", "本次放款", FieldKind::Money, "单位万元；累计不超过授信金额"),
    field("paid_on", "放款日期", FieldKind::Day, ""),
    field("repaid", "本次还本", FieldKind::Money, "单位万元；不超过未还本金"),
    field("repaid_on", "还本日期", FieldKind::Day, ""),
];

const ANSWER_ACTIONS: &[Action] = &[
    Action::new("ask", "邀请对接", &[], "asked", By::May(INVITE))
        .fills(&[
            Fill::must("demand"),
            Fill::must("bank"),
            Fill::must("amount"),
            Fill::must("months"),
            Fill::must("purpose"),
        ])
        .check(actions::may_ask),
    Action::new("accept", "受理", &["asked"], "diligence", COUNTER).check(actions::bank_takes_part),
    Action::new("offer", "报价", &["diligence"], "offered", COUNTER).fills(OFFERED).check(actions::offer_is_sound),
    Action::new("improve", "修改报价", &["offered"], "offered", COUNTER).fills(OFFERED).check(actions::offer_is_sound),
    Action::new("choose", "选定", &["offered"], "chosen", By::May(DEMAND)).check(actions::demand_stands),
    Action::new("refuse", "拒绝", &["asked", "diligence", "chosen"], "refused", COUNTER)
        .fills(&[Fill::must("reason")])
        .note(Note::Must("拒绝的具体情况")),
    Action::new("drop", "撤回邀请", &["asked", "diligence", "offered", "chosen"], "dropped", By::May(INVITE))
        .note(Note::Must("撤回的原因")),
    Action::new("grant", "授信", &["chosen"], "granted", COUNTER)
        .fills(&[Fill::must("granted"), Fill::must("granted_on")])
        .check(actions::loan_is_sound)
        .writes(&[GRANTED])
        .effect(actions::grant_follows_demand),
    Action::new("sign", "签约", &["granted"], "signed", COUNTER)
        .fills(&[Fill::must("contract"), Fill::must("signed_on")])
        .check(actions::loan_is_sound),
    Action::new("pay", "放款", &["signed", "repaying"], "repaying", COUNTER)
        .fills(&[Fill::anew("paid"), Fill::anew("paid_on")])
        .check(actions::loan_is_sound)
        .writes(&[PAID_OUT])
        .effect(actions::book_is_sound),
    Action::new("repay", "还本", &["repaying", "overdue"], kernel::case::STAY, COUNTER)
        .fills(&[Fill::anew("repaid"), Fill::anew("repaid_on")])
        .check(actions::loan_is_sound)
        .writes(&[REPAID])
        .effect(actions::book_is_sound),
    Action::new("fall_due", "登记逾期", &["repaying"], "overdue", COUNTER).note(Note::Must("逾期情况")),
    Action::new("recover", "逾期已还清，恢复正常", &["overdue"], "repaying", COUNTER),
    Action::new("settle", "结清", &["repaying", "overdue"], "settled", COUNTER).effect(actions::nothing_is_left),
];
