//! Facts about guarantees. The counterparty of a loan is the bank, of an income the payer.

use kernel::ledger::{Class, FactKind};

static INCOME: &[Class] = &[
    Class { code: "guarantee_fee", label: "担保费收入" },
    Class { code: "bridge_fee", label: "过桥费收入" },
    Class { code: "other", label: "其他收入" },
];

/// Of which ledger: start-up loans are paid for out of their own fund.
static LEDGERS: &[Class] =
    &[Class { code: "guarantee", label: "融资担保" }, Class { code: "startup", label: "创业担保贷款" }];

pub(super) static KINDS: &[FactKind] = &[
    FactKind::flow("guarantee.loan_guaranteed", "融资担保贷款发放", "笔").money(),
    FactKind::stock("guarantee.in_force_moved", "在保余额变动", "笔").money(),
    FactKind::flow("guarantee.startup_loan_granted", "创业担保贷款发放", "笔").money(),
    FactKind::flow("guarantee.bridge_loan_granted", "过桥贷款发放", "笔").money(),
    FactKind::flow("guarantee.income_received", "业务收入入账", "笔").money().classes(INCOME),
    FactKind::flow("guarantee.responsibility_ended", "解除担保责任", "笔").money(),
    FactKind::flow("guarantee.compensated", "代偿", "笔").money().classes(LEDGERS),
    FactKind::flow("guarantee.recovered", "追偿收回", "笔").money().classes(LEDGERS),
    FactKind::flow("guarantee.written_off", "代偿损失核销", "笔").money().classes(LEDGERS),
    FactKind::stock("guarantee.claim_moved", "代偿余额变动", "笔").money().classes(LEDGERS),
    FactKind::stock("guarantee.startup_outstanding_moved", "创业担保贷款余额变动", "笔").money(),
    FactKind::stock("guarantee.bridge_outstanding_moved", "过桥贷款余额变动", "笔").money(),
];
