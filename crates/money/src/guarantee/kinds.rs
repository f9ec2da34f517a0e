//! Facts about guarantees. The counterparty of a loan is the bank, of an income the payer.

use kernel::ledger::{Class, FactKind};

static INCOME: &[Class] = &[
    Class { code: "guarantee_fee", label: "担保费收入" },
    Class { code: "bridge_fee", label: "过桥费收入" },
    Class { code: "other", label: "其他收入" },
];

pub(super) static KINDS: &[FactKind] = &[
    FactKind::flow("guarantee.loan_guaranteed", "融资担保贷款发放", "笔").money(),
    FactKind::stock("guarantee.in_force_moved", "在保余额变动", "笔").money(),
    FactKind::flow("guarantee.startup_loan_granted", "创业担保贷款发放", "笔").money(),
    FactKind::flow("guarantee.bridge_loan_granted", "过桥贷款发放", "笔").money(),
    FactKind::flow("guarantee.income_received", "业务收入入账", "笔").money().classes(INCOME),
];
