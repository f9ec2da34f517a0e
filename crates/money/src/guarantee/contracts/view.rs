//! Contracts and events as pages show them.

use kernel::case::Case;
use kernel::ledger::Class;
use kernel::store::Read;
use kernel::value::day::{Day, minute};
use kernel::value::money::Fen;
use kernel::value::rate::Bp;
use kernel::{Result, case};

use super::model::{Contract, Posted, SharePart};
use super::queries;
use crate::guarantee::flows::{ACCOUNTS, CHECK_FLOW, COMPENSATION_FLOW};
use crate::guarantee::link::wan;
use crate::guarantee::rules::{
    Event, Ledger, Party, StartupEdition, bridge_days, bridge_fee, bridge_on, entry_rules, masked, product, startup_on,
    subsidy,
};

/// A row of a list.
pub(super) struct Row {
    pub href: String,
    pub number: String,
    pub ledger: &'static str,
    pub subject: String,
    pub bank: String,
    pub principal: String,
    pub outstanding: String,
    pub due_on: String,
    pub state: (&'static str, &'static str),
}

/// Where a contract stands on a day: what people read, and its colour.
pub(super) fn state(contract: &Contract, about: Day) -> (&'static str, &'static str) {
    match &contract.book {
        book if book.issued.0 == 0 => ("未放款", "state-off"),
        book if book.overdue.0 > 0 => ("逾期", "state-bad"),
        book if book.claim().0 > 0 => ("代偿未收回", "state-bad"),
        book if book.outstanding().0 == 0 => ("已结清", "state-off"),
        book if book.due_on.is_some_and(|due| due < about) => ("已到期", "state-warn"),
        _ if contract.ledger == Ledger::Guarantee => ("在保", "state-ok"),
        _ => ("未还清", "state-ok"),
    }
}

impl Row {
    pub(super) fn of(contract: &Contract, about: Day) -> Self {
        Self {
            href: contract.href(),
            number: contract.number.clone(),
            ledger: contract.ledger.label(),
            subject: contract.subject_name.clone(),
            bank: contract.bank_name.clone(),
            principal: wan(contract.principal),
            outstanding: wan(contract.book.outstanding()),
            due_on: contract.book.due_on.unwrap_or(contract.matures_on).to_string(),
            state: state(contract, about),
        }
    }
}

/// An event as a row.
pub(super) struct EventRow {
    pub id: String,
    pub seq: i64,
    pub label: String,
    pub on: String,
    pub amount: String,
    pub more: Vec<String>,
    pub entered: String,
    pub facts: String,
    pub off: bool,
    /// Whether it may be taken back now.
    pub can_reverse: bool,
}

/// The events of a contract, each with its shares, newest first.
pub(super) fn rows(events: &[Posted], shares: &[SharePart]) -> Vec<EventRow> {
    let last =
        events.iter().rev().find(|posted| posted.stands() && posted.step.event.in_order()).map(|posted| posted.id);
    let row = |posted: &Posted| {
        let step = &posted.step;
        let label = match posted.reverses {
            Some(_) => format!("冲销{}", step.event.label()),
            None => step.event.label().to_owned(),
        };
        EventRow {
            id: posted.id.to_string(),
            seq: posted.seq,
            label,
            on: step.on.to_string(),
            amount: if step.event == Event::Extended { String::new() } else { wan(step.amount) },
            more: more(posted, shares),
            entered: entered(posted),
            facts: format!("/records/{}", posted.record),
            off: !posted.stands(),
            can_reverse: posted.stands() && (!step.event.in_order() || last == Some(posted.id)),
        }
    };
    events.iter().rev().map(row).collect()
}

fn entered(posted: &Posted) -> String {
    let by = format!("{} {}", minute(posted.recorded_at), posted.recorded_by);
    if posted.checked_by.is_empty() { by } else { format!("{by}，{} 复核", posted.checked_by) }
}

fn more(posted: &Posted, shares: &[SharePart]) -> Vec<String> {
    let label = |classes: &[Class], code: &str| classes.iter().find(|c| c.code == code).map_or("", |c| c.label);
    let mut more = Vec::new();
    if let Some(due) = posted.step.due_on {
        more.push(format!("到期日改为 {due}"));
    }
    if posted.step.interest.0 != 0 {
        more.push(format!("利息 {} 万元", wan(posted.step.interest)));
    }
    if !posted.account.is_empty() {
        more.push(label(ACCOUNTS, &posted.account).to_owned());
    }
    let parts: Vec<String> = shares
        .iter()
        .filter(|share| share.event == posted.id)
        .map(|share| {
            let party = Party::parse(&share.party).map_or("", Party::label);
            format!("{party} {} 元", share.amount.yuan())
        })
        .collect();
    if !parts.is_empty() {
        more.push(format!("分担：{}", parts.join("，")));
    }
    more.extend([&posted.document, &posted.note].into_iter().filter(|text| !text.is_empty()).cloned());
    if !posted.reason.is_empty() {
        more.push(format!("冲销原因：{}", posted.reason));
    }
    if posted.reversed_by.is_some() {
        more.push("已冲销".into());
    }
    more
}

/// What a contract says, label by label; empty values are left out.
pub(super) fn terms(contract: &Contract, unit: String) -> Vec<(&'static str, String)> {
    let percent = |bp: i64| if bp == 0 { String::new() } else { format!("{}／年", Bp(bp).exact_percent()) };
    let amount = |fen: Option<Fen>| fen.map(|fen| format!("{} 万元", wan(fen))).unwrap_or_default();
    let lines = vec![
        ("台账", contract.ledger.label().to_owned()),
        ("产品", product(&contract.product).map_or_else(String::new, |p| p.label.clone())),
        ("经办机构", contract.operator_name.clone()),
        ("合作银行", contract.bank_name.clone()),
        ("填报单元（签订时）", unit),
        ("合同金额", amount(Some(contract.principal))),
        ("贷款利率", percent(contract.rate_bp)),
        ("担保费率", percent(contract.fee_bp)),
        ("签订至到期", format!("{} 至 {}", contract.signed_on, contract.matures_on)),
        ("风险分担", contract.split.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("规则版本", contract.edition.clone()),
        ("借款人身份证号", masked(&contract.person_tail)),
        ("归还的贷款", contract.underlying.clone()),
        ("承诺的续贷", contract.renewal.clone()),
        ("续贷金额", amount(contract.renewal_amount)),
    ];
    lines.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// What the rules say beside the events: the subsidy of a start-up loan, the fee of a bridge loan.
pub(super) fn reckoned(contract: &Contract, about: Day) -> Vec<String> {
    let to = if contract.book.outstanding().0 == 0 { contract.book.last_on.unwrap_or(about) } else { about };
    let days = (to - contract.signed_on).num_days().max(0);
    match contract.ledger {
        Ledger::Startup => match (startup_on(contract.signed_on), contract.lpr_bp) {
            (Some(edition), Some(lpr)) => vec![subsidised(edition, contract, lpr, days, to)],
            _ => vec!["放款日没有可用的贴息规则或 LPR，不计算贴息。".into()],
        },
        Ledger::Bridge => bridge_on(contract.signed_on)
            .map(|fund| {
                let days = bridge_days(contract.signed_on, to);
                let fee = bridge_fee(fund, contract.principal, days).yuan();
                format!("至 {to} 用款 {days} 天，按{}应收过桥费 {fee} 元（版本 {}，待确认）。", fund.label, fund.code)
            })
            .into_iter()
            .collect(),
        Ledger::Guarantee => Vec::new(),
    }
}

fn subsidised(edition: &StartupEdition, contract: &Contract, lpr: i64, days: i64, to: Day) -> String {
    let fen = subsidy(edition, contract.principal, contract.rate_bp, lpr, days);
    let confirmed = if edition.confirmed { "" } else { "，待确认" };
    format!(
        "按合同金额计，放款至 {to} 共 {days} 天应贴息 {} 元（LPR {}，版本 {}{confirmed}）。",
        fen.yuan(),
        Bp(lpr).exact_percent(),
        edition.code
    )
}

/// Alarms of repeated bridging; nothing for other ledgers.
pub(super) async fn alarms(read: &Read, contract: &Contract, chain: &[Contract]) -> Result<Vec<String>> {
    let rules = entry_rules();
    let mut alarms = Vec::new();
    if contract.ledger != Ledger::Bridge {
        return Ok(alarms);
    }
    let from = contract.signed_on - chrono::Days::new(rules.bridging_days.unsigned_abs());
    let times = queries::running_bridges(read, contract.subject, from).await?;
    if times >= rules.bridging_times {
        alarms.push(format!("反复过桥：该企业 {from} 以来已过桥 {times} 笔，请核实续贷能力。"));
    }
    if chain.len() >= rules.bridging_chain {
        let first = chain.first().map_or("", |c| c.underlying.as_str());
        alarms.push(format!("连续过桥：同一笔贷款（{first}）已连续过桥 {} 次。", chain.len()));
    }
    Ok(alarms)
}

/// The running cases of a contract: label and address.
pub(super) async fn cases(read: &Read, contract: &Contract) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for flow in [CHECK_FLOW.code, COMPENSATION_FLOW.code] {
        let running = case::running(read, flow, contract.operator).await?;
        let mine = |case: &&Case| case.values.get("contract") == Some(&contract.id.to_string());
        found.extend(running.iter().filter(mine).map(|case| {
            let label = format!("{}（第 {} 件，{}）", case.flow.label, case.id, case.flow.state_label(&case.state));
            (label, format!("/cases/{}", case.id))
        }));
    }
    Ok(found)
}
