//! Facts about special funds.

use kernel::ledger::{Class, FactKind};

static LEVELS: &[Class] = &[Class { code: "municipal", label: "市本级" }, Class { code: "county", label: "县市区" }];

static PURPOSES: &[Class] = &[
    Class { code: "project", label: "智能化改造项目" },
    Class { code: "demonstration", label: "示范项目" },
    Class { code: "diagnosis", label: "智能化诊断项目" },
];

pub(super) static KINDS: &[FactKind] = &[
    FactKind::flow("funds.call_opened", "资金申报启动", "次"),
    FactKind::flow("funds.budget_arranged", "专项资金安排", "笔").money().classes(LEVELS),
    FactKind::flow("funds.award_decided", "资金支持决定", "个").classes(PURPOSES),
];
