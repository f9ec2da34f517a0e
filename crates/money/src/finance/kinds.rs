//! Facts about the financing platform. The counterparty of a grant, a loan or a repayment is the bank.

use kernel::ledger::FactKind;

pub(super) static KINDS: &[FactKind] = &[
    FactKind::flow("finance.platform_launched", "金融平台上线", "个"),
    FactKind::stock("finance.institution_joined", "金融机构入驻", "家"),
    FactKind::flow("finance.product_published", "信贷产品发布", "款"),
    FactKind::stock("finance.enterprise_registered", "企业实名注册", "家"),
    FactKind::flow("finance.demand_published", "融资需求发布", "笔").money(),
    FactKind::flow("finance.credit_granted", "授信", "笔").money(),
    FactKind::flow("finance.loan_disbursed", "放款", "笔").money(),
    FactKind::flow("finance.loan_repaid", "还本", "笔").money(),
];
