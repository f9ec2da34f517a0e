//! The cases of the ledgers: a second person for large entries (大额登记复核), and compensations (代偿).
//!
//! Both are cases of the operator, since its people work on them; the contract and its firm are told beside.
//! What they come to is posted by `contracts::post`: nothing here moves a balance.

use std::pin::Pin;

use kernel::access::Scope;
use kernel::case::{self, Action, By, Case, Field, FieldKind, Fill, Flow, Note, State, Told, Values, Waits};
use kernel::id::OrgId;
use kernel::ledger::Class;
use kernel::store::{Read, Tx};
use kernel::value::day::{Day, parse_day};
use kernel::value::money::Fen;
use kernel::{Error, Result};

use super::contracts::{self, Contract, Entry};
use super::id::ContractId;
use super::rules::{Event, Step};
use super::{CASE, CHECK, ENTER};

type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

const EVENTS: &[Class] = &[
    Class { code: "issued", label: "放款" },
    Class { code: "extended", label: "展期" },
    Class { code: "repaid", label: "还本" },
    Class { code: "released", label: "解除责任" },
    Class { code: "overdue", label: "逾期" },
    Class { code: "recovered", label: "追偿收回" },
    Class { code: "written_off", label: "核销" },
    Class { code: "fee", label: "收费" },
];

/// Accounts of fees.
pub(super) const ACCOUNTS: &[Class] = &[
    Class { code: "guarantee_fee", label: "担保费收入" },
    Class { code: "bridge_fee", label: "过桥费收入" },
    Class { code: "other", label: "其他收入" },
];

const CONTRACT: Field = Field {
    code: "contract",
    label: "合同序号",
    kind: FieldKind::Whole(""),
    help: "合同页面网址末尾的数字；从合同页面登记时自动填好",
};
const AMOUNT: Field = Field { code: "amount", label: "金额", kind: FieldKind::Money, help: "本金，单位万元" };
const INTEREST: Field =
    Field { code: "interest", label: "代偿利息", kind: FieldKind::Money, help: "单位万元，没有填 0" };
const DOCUMENT: Field =
    Field {
        code: "document", label: "凭证或文号", kind: FieldKind::Text(100), help: "例如 放款凭证、代偿通知书"
    };

/// A second person agrees to a large entry.
pub const CHECK_FLOW: Flow = Flow {
    code: "guarantee.check",
    version: 1,
    label: "大额登记复核",
    read: CASE,
    tells: Some(tells),
    states: &[
        State { code: "asked", label: "待复核", waits: Waits::On(CHECK), clock: Some("guarantee.check") },
        State { code: "agreed", label: "已登记", waits: Waits::Nobody, clock: None },
        State { code: "refused", label: "不予登记", waits: Waits::Nobody, clock: None },
        State { code: "withdrawn", label: "已撤回", waits: Waits::Nobody, clock: None },
    ],
    fields: &[
        CONTRACT,
        Field { code: "event", label: "业务", kind: FieldKind::Choice(EVENTS), help: "" },
        Field {
            code: "on", label: "业务日期", kind: FieldKind::Day, help: "业务发生的日期，不是登记日期"
        },
        AMOUNT,
        Field { code: "due_on", label: "展期后到期日", kind: FieldKind::Day, help: "" },
        Field { code: "account", label: "收费科目", kind: FieldKind::Choice(ACCOUNTS), help: "" },
        DOCUMENT,
        Field { code: "remark", label: "说明", kind: FieldKind::Text(200), help: "" },
    ],
    actions: &[
        Action::new("ask", "提交复核", &[], "asked", By::May(ENTER))
            .fills(&[
                Fill::must("contract"),
                Fill::must("event"),
                Fill::must("on"),
                Fill::may("amount"),
                Fill::may("due_on"),
                Fill::may("account"),
                Fill::may("document"),
                Fill::may("remark"),
            ])
            .check(check_entry),
        Action::new("agree", "复核无误，登记", &["asked"], "agreed", By::May(CHECK))
            .apart_from(&["ask"])
            .effect(post_entry),
        Action::new("refuse", "不予登记", &["asked"], "refused", By::May(CHECK)).note(Note::Must("理由")),
        Action::new("withdraw", "撤回", &["asked"], "withdrawn", By::Opener),
    ],
};

/// A compensation: the bank notifies, the guarantor checks, another person pays, the parties pay their shares.
pub const COMPENSATION_FLOW: Flow = Flow {
    code: "guarantee.compensation",
    version: 1,
    label: "代偿",
    read: CASE,
    tells: Some(tells),
    states: &[
        State { code: "notified", label: "待核查", waits: Waits::On(ENTER), clock: Some("guarantee.inspect") },
        State { code: "inspected", label: "待批准代偿", waits: Waits::On(CHECK), clock: Some("guarantee.pay") },
        State { code: "paid", label: "待各方分担", waits: Waits::On(ENTER), clock: Some("guarantee.share") },
        State { code: "shared", label: "已分担", waits: Waits::Nobody, clock: None },
        State { code: "refused", label: "不予代偿", waits: Waits::Nobody, clock: None },
    ],
    fields: &[
        CONTRACT,
        Field { code: "notified_on", label: "银行通知日期", kind: FieldKind::Day, help: "" },
        AMOUNT,
        INTEREST,
        DOCUMENT,
        Field {
            code: "finding", label: "核查情况", kind: FieldKind::Lines(1000), help: "逾期原因、反担保和追偿线索"
        },
        Field { code: "paid_on", label: "代偿日期", kind: FieldKind::Day, help: "资金划付银行的日期" },
        Field {
            code: "shared_on", label: "分担到账日期", kind: FieldKind::Day, help: "最后一方到账的日期"
        },
    ],
    actions: &[
        Action::new("notify", "登记银行通知", &[], "notified", By::May(ENTER))
            .fills(&[
                Fill::must("contract"),
                Fill::must("notified_on"),
                Fill::must("amount"),
                Fill::may("interest"),
                Fill::must("document"),
            ])
            .check(check_claim),
        Action::new("inspect", "核查属实", &["notified"], "inspected", By::May(ENTER)).fills(&[Fill::must("finding")]),
        Action::new("pay", "批准并代偿", &["inspected"], "paid", By::May(CHECK))
            .fills(&[Fill::must("paid_on")])
            .apart_from(&["notify", "inspect"])
            .effect(pay),
        Action::new("share", "各方分担到账", &["paid"], "shared", By::May(ENTER)).fills(&[Fill::must("shared_on")]),
        Action::new("refuse", "不予代偿", &["notified", "inspected"], "refused", By::May(CHECK))
            .note(Note::Must("理由")),
    ],
};

fn text<'a>(values: &'a Values, field: &str) -> &'a str {
    values.get(field).map_or("", String::as_str)
}

fn contract_of(values: &Values) -> ContractId {
    ContractId(text(values, "contract").parse().unwrap_or(0))
}

fn fen(values: &Values, field: &str) -> Fen {
    Fen(text(values, field).parse().unwrap_or(0))
}

fn day(values: &Values, field: &str) -> Option<Day> {
    parse_day(text(values, field)).ok()
}

/// What is laid before a second person, as it would be typed.
pub(super) fn check_values(contract: &Contract, entry: &Entry) -> Values {
    let step = &entry.step;
    let amount = if step.amount.0 == 0 { String::new() } else { format!("{}元", step.amount.yuan()) };
    [
        ("contract", contract.id.to_string()),
        ("event", step.event.code().to_owned()),
        ("on", step.on.to_string()),
        ("amount", amount),
        ("due_on", step.due_on.map(|due| due.to_string()).unwrap_or_default()),
        ("account", entry.account.clone()),
        ("document", entry.document.trim().to_owned()),
        ("remark", entry.note.trim().to_owned()),
    ]
    .map(|(field, value)| (field.to_owned(), value))
    .into()
}

fn entry_of(values: &Values, maker: Option<String>) -> Result<Entry> {
    let event = Event::parse(text(values, "event")).ok_or_else(|| Error::invalid("event", "请选择业务"))?;
    let on = day(values, "on").ok_or_else(|| Error::invalid("on", "请填写业务日期"))?;
    Ok(Entry {
        contract: contract_of(values),
        seen: None,
        step: Step { event, on, amount: fen(values, "amount"), interest: Fen(0), due_on: day(values, "due_on") },
        account: text(values, "account").to_owned(),
        document: text(values, "document").to_owned(),
        note: text(values, "remark").to_owned(),
        maker,
    })
}

fn claim_of(values: &Values, on: Option<Day>, maker: Option<String>) -> Result<Entry> {
    let on = on.ok_or_else(|| Error::invalid("paid_on", "请填写日期"))?;
    let (amount, interest) = (fen(values, "amount"), fen(values, "interest"));
    Ok(Entry {
        contract: contract_of(values),
        seen: None,
        step: Step { event: Event::Compensated, on, amount, interest, due_on: None },
        account: String::new(),
        document: text(values, "document").to_owned(),
        note: text(values, "finding").to_owned(),
        maker,
    })
}

/// The contract must be the operator's, within reach of whoever asks; and the entry must be possible.
async fn possible(tx: &Tx, operator: OrgId, entry: &Entry) -> Result<()> {
    let scope = tx.actor().scope(ENTER);
    let tried = contracts::tried(tx, &scope, entry).await;
    match tried {
        Ok((contract, _)) if contract.operator == operator => Ok(()),
        Ok(_) | Err(Error::NotFound) => Err(Error::invalid("contract", "没有这份合同，请从合同页面登记")),
        Err(other) => Err(other),
    }
}

fn check_entry<'a>(tx: &'a Tx, operator: OrgId, values: &'a Values) -> Later<'a, ()> {
    Box::pin(async move { possible(tx, operator, &entry_of(values, None)?).await })
}

fn check_claim<'a>(tx: &'a Tx, operator: OrgId, values: &'a Values) -> Later<'a, ()> {
    Box::pin(async move {
        possible(tx, operator, &claim_of(values, day(values, "notified_on"), None)?).await?;
        let running = case::running(tx, COMPENSATION_FLOW.code, operator).await?;
        let same = |case: &&Case| case.state != "paid" && case.values.get("contract") == values.get("contract");
        match running.iter().find(same) {
            Some(case) => Err(Error::Conflict(format!("本合同的代偿（办件第 {} 件）正在办理", case.id))),
            None => Ok(()),
        }
    })
}

fn post_entry<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a, ()> {
    Box::pin(async move {
        let scope = tx.actor().scope(CHECK);
        let entry = entry_of(&case.values, Some(case.opened_by.clone()))?;
        contracts::post(tx, &scope, &entry).await.map(drop).map_err(now_impossible)
    })
}

fn pay<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a, ()> {
    Box::pin(async move {
        let scope = tx.actor().scope(CHECK);
        let entry = claim_of(&case.values, day(&case.values, "paid_on"), Some(case.opened_by.clone()))?;
        contracts::post(tx, &scope, &entry).await.map(drop).map_err(now_impossible)
    })
}

/// What was possible when it was asked for may not be any more: told as a whole, since the fields are not on this page.
fn now_impossible(error: Error) -> Error {
    match error {
        Error::Invalid(faults) => {
            let told: Vec<&str> = faults.0.iter().map(|fault| fault.message.as_str()).collect();
            Error::Conflict(format!("现在不能登记：{}", told.join("；")))
        }
        other => other,
    }
}

/// The contract, its balance, and who carries what of a compensation.
fn tells<'a>(read: &'a Read, case: &'a Case) -> Later<'a, Vec<Told>> {
    Box::pin(async move {
        // Whoever may read the case may know which contract it is about.
        let contract = contracts::find(read, &Scope::All, contract_of(&case.values)).await?;
        let text = format!(
            "合同 {}（{}），{}；现有余额 {} 元。",
            contract.number,
            contract.ledger.label(),
            contract.subject_name,
            contract.book.outstanding().yuan()
        );
        let mut told = vec![Told { text, href: contract.href() }];
        if let Some(split) = contract.split.as_ref().filter(|_| case.flow.code == COMPENSATION_FLOW.code) {
            let loss = Fen(fen(&case.values, "amount").0 + fen(&case.values, "interest").0);
            let share = |(party, part): &(super::rules::Party, Fen)| format!("{} {} 元", party.label(), part.yuan());
            let shares: Vec<String> = split.shares(loss).iter().map(share).collect();
            let text = format!("代偿 {} 元按合同约定分担：{}。", loss.yuan(), shares.join("，"));
            told.push(Told { text, href: String::new() });
        }
        Ok(told)
    })
}
