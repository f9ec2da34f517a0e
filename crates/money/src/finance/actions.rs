//! What must hold before a step of the marketplace, checked inside its transaction.

use std::pin::Pin;

use kernel::case::{self, Body, Case, Offered, Values};
use kernel::id::{CaseId, OrgId};
use kernel::store::{Read, Tx};
use kernel::value::day::{self, Day, parse_day};
use kernel::value::money::Fen;
use kernel::{Error, Faults, Result, org};

use super::flows::{ADMISSION, ANSWERS, DEMANDS, REGISTRATION};
use super::queries::{self, Product};
use super::rules::{Terms, cost, fit, outstanding, percent, settings};

type Later<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// Counted by a stock: whether a body stands in it.
const REGISTERED: &str = "finance.enterprise_registered";
const JOINED: &str = "finance.institution_joined";

/// A whole number among values; nothing where it is empty.
pub(super) fn number(values: &Values, field: &str) -> Option<i64> {
    values.get(field)?.parse().ok()
}

/// An amount among values; zero where it is empty.
pub(super) fn money(values: &Values, field: &str) -> Fen {
    Fen(number(values, field).unwrap_or(0))
}

fn day_of(values: &Values, field: &str) -> Option<Day> {
    values.get(field).and_then(|text| parse_day(text).ok())
}

/// The demand an answer belongs to.
pub(super) fn demand_of(values: &Values) -> Option<CaseId> {
    number(values, "demand").map(CaseId)
}

/// The institution an answer names.
fn bank_of(values: &Values) -> Option<OrgId> {
    values.get("bank")?.split(' ').next()?.parse().ok().map(OrgId)
}

/// What an answer offers.
pub(super) fn terms(values: &Values) -> Terms {
    Terms {
        amount: money(values, "offered"),
        months: number(values, "term").unwrap_or(0),
        rate_bp: number(values, "rate").unwrap_or(0),
        fee: money(values, "fee"),
        guarantee_bp: number(values, "guarantee_rate").unwrap_or(0),
        in_parts: values.get("repayment").is_some_and(|way| way == "parts"),
    }
}

/// Faults of amounts that must be above zero, of those that are filled in.
fn positive(values: &Values, fields: &[&str], faults: &mut Faults) {
    for field in fields.iter().filter(|field| number(values, field) == Some(0)) {
        faults.add(field, "应大于零");
    }
}

/// Faults of rates above what is thinkable.
fn thinkable(values: &Values, fields: &[&str], faults: &mut Faults) {
    let most = settings().most_rate_bp;
    for field in fields {
        if number(values, field).is_some_and(|bp| bp > most) {
            faults.add(field, format!("超过年利率上限 {}（{}），请核对单位", percent(most), settings().origin()));
        }
    }
}

/// Faults of a term that is none.
fn term(values: &Values, field: &str, faults: &mut Faults) {
    let most = settings().most_months;
    if let Some(months) = number(values, field).filter(|months| !(1..=most).contains(months)) {
        faults.add(field, format!("应为 1 至 {most} 个月，填的是 {months}"));
    }
}

/// One running case of a body at a time, and nothing that is counted already.
async fn only_one(tx: &Tx, flow: &str, kind: &str, subject: OrgId) -> Result<()> {
    if let Some(first) = case::running(tx, flow, subject).await?.first() {
        return Err(Error::Conflict(format!("已有第 {} 件，请在那一件里办理", first.id)));
    }
    match queries::stock(tx, kind, subject).await? {
        n if n > 0 => Err(Error::Conflict("已经登记过，不必再登记".into())),
        _ => Ok(()),
    }
}

/// A firm registers once; an office or an institution is no firm.
pub(super) fn may_register<'a>(tx: &'a Tx, subject: OrgId, _: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let body = org::find(tx, subject).await?;
        if matches!(body.kind.as_str(), "government" | "financial_institution" | "guarantor") {
            return Err(Error::Conflict(format!("{}不能注册为融资企业", org::kind_label(&body.kind))));
        }
        only_one(tx, REGISTRATION.code, REGISTERED, subject).await
    })
}

/// Only financial institutions join, each once.
pub(super) fn may_join<'a>(tx: &'a Tx, subject: OrgId, _: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let body = org::find(tx, subject).await?;
        if body.kind != "financial_institution" {
            return Err(Error::Conflict(format!("{}不能作为金融机构入驻", org::kind_label(&body.kind))));
        }
        only_one(tx, ADMISSION.code, JOINED, subject).await
    })
}

/// A product is one of an institution that takes part, and its bounds do not contradict each other.
pub(super) fn product_is_sound<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        if queries::stock(tx, JOINED, subject).await? <= 0 {
            return Err(Error::Conflict("本机构尚未入驻，请先申请入驻".into()));
        }
        let mut faults = Faults::new();
        positive(values, &["least", "most", "accept_days", "decide_days"], &mut faults);
        term(values, "months", &mut faults);
        thinkable(values, &["least_rate", "most_rate"], &mut faults);
        if money(values, "most") < money(values, "least") {
            faults.add("most", "低于最低金额，请核对");
        }
        if number(values, "most_rate") < number(values, "least_rate") {
            faults.add("most_rate", "低于最低年利率，请核对");
        }
        let sizes = ["微型", "小型", "中型", "大型"];
        if let Some(wrong) = queries::words(values, "sizes").iter().find(|size| !sizes.contains(&size.as_str())) {
            faults.add("sizes", format!("没有“{wrong}”这种规模，可填：{}", sizes.join("、")));
        }
        let units: Vec<String> = org::units(tx).await?.into_iter().map(|unit| unit.name).collect();
        if let Some(wrong) = queries::words(values, "units").iter().find(|unit| !units.contains(unit)) {
            faults.add("units", format!("没有“{wrong}”这个填报单元，可填：{}", units.join("、")));
        }
        faults.or(())
    })
}

/// A demand is one of a registered firm, for a sum and a term.
pub(super) fn demand_is_sound<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        if queries::stock(tx, REGISTERED, subject).await? <= 0 {
            return Err(Error::Conflict("企业尚未在金融平台实名注册，请先注册".into()));
        }
        let mut faults = Faults::new();
        positive(values, &["amount"], &mut faults);
        term(values, "months", &mut faults);
        thinkable(values, &["most_rate"], &mut faults);
        faults.or(())
    })
}

/// Institutions that take part, those first whose products fit what the firm asks for; with the reason.
pub(super) fn offered(read: &Read, subject: OrgId) -> Offered<'_> {
    Box::pin(async move {
        let institutions = queries::institutions(read).await?;
        let products = queries::on_sale(read).await?;
        let running = case::running(read, DEMANDS.code, subject).await?;
        let asked = match running.last() {
            Some(demand) => Some(queries::asked(read, demand).await?),
            None => None,
        };
        let mut found = Vec::new();
        for (bank, name) in institutions.into_iter().filter(|(bank, _)| *bank != subject) {
            let own = products.iter().filter(|product| product.bank == bank);
            let near = settings().near_percent;
            let best = asked.as_ref().and_then(|asked| own.map(|p| (fit(&p.limits, asked, near), p)).min_by_key(order));
            let note = best.as_ref().map(|(fit, p)| format!("“{}”{}", p.name, fit.label().0)).unwrap_or_default();
            let rank = best.as_ref().map_or(3, order);
            found.push((rank, Body { org: bank, name, note }));
        }
        found.sort_by_key(|(rank, _)| *rank);
        Ok(found.into_iter().map(|(_, body)| body).collect())
    })
}

/// Fitting products first.
fn order((fit, _): &(super::rules::Fit, &Product)) -> u8 {
    match fit {
        super::rules::Fit::Fits => 0,
        super::rules::Fit::Nearly(_) => 1,
        super::rules::Fit::No(_) => 2,
    }
}

/// An institution is asked for a demand of the same firm that still runs, once, and for no more than that.
pub(super) fn may_ask<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let running = case::running(tx, DEMANDS.code, subject).await?;
        let asked = demand_of(values);
        let Some(demand) = running.iter().find(|demand| Some(demand.id) == asked) else {
            return Err(Error::invalid("demand", "不是本企业对接中的融资需求，请从需求页面上邀请"));
        };
        let mut faults = Faults::new();
        positive(values, &["amount"], &mut faults);
        term(values, "months", &mut faults);
        let most = money(&demand.values, "amount");
        if money(values, "amount") > most {
            faults.add("amount", format!("超过需求金额 {} 万元", most.exact_wan()));
        }
        let bank = bank_of(values);
        let answers = case::running(tx, ANSWERS.code, subject).await?;
        let same = |case: &&Case| demand_of(&case.values) == asked && case.counterparty == bank;
        if let Some(first) = answers.iter().find(same) {
            faults.add("bank", format!("已邀请过这家机构（第 {} 件），请在那一件里办理", first.id));
        }
        faults.or(())
    })
}

/// Whoever accepts still takes part, and the demand still runs.
pub(super) fn bank_takes_part<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        takes_part(tx, values).await?;
        running_demand(tx, subject, values).await.map(|_| ())
    })
}

async fn takes_part(read: &Read, values: &Values) -> Result<()> {
    let Some(bank) = bank_of(values) else { return Err(Error::NotFound) };
    match queries::stock(read, JOINED, bank).await? {
        n if n > 0 => Ok(()),
        _ => Err(Error::Conflict("本机构已退出平台，不能继续办理".into())),
    }
}

/// An offer is chosen while its demand runs.
pub(super) fn demand_stands<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move { running_demand(tx, subject, values).await.map(|_| ()) })
}

/// The demand of an answer, as long as it has not ended.
async fn running_demand(read: &Read, subject: OrgId, values: &Values) -> Result<Case> {
    let asked = demand_of(values);
    let mut demands = case::about(read, DEMANDS.code, subject).await?;
    demands.retain(|demand| Some(demand.id) == asked);
    let demand = demands.pop().ok_or_else(|| Error::Conflict("本件没有对应的融资需求，不能办理".into()))?;
    match queries::is_open(&demand) {
        true => Ok(demand),
        false => {
            let state = DEMANDS.state_label(&demand.state);
            Err(Error::Conflict(format!("这项融资需求{state}，不能继续办理")))
        }
    }
}

/// A firm that has asked stays on the platform: what was asked and granted is counted among the registered.
pub(super) fn may_leave<'a>(tx: &'a Tx, subject: OrgId, _: &'a Values) -> Later<'a> {
    Box::pin(async move {
        match queries::stock(tx, "finance.demand_published", subject).await? {
            0 => Ok(()),
            _ => Err(Error::Conflict("发布过融资需求的企业不能注销，记录须保留".into())),
        }
    })
}

/// An offer names a sum, a term and rates that can be compared.
pub(super) fn offer_is_sound<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        takes_part(tx, values).await?;
        running_demand(tx, subject, values).await?;
        let mut faults = Faults::new();
        positive(values, &["offered"], &mut faults);
        term(values, "term", &mut faults);
        thinkable(values, &["rate", "guarantee_rate"], &mut faults);
        let terms = terms(values);
        if terms.amount > money(values, "amount") {
            faults.add("offered", format!("超过需求金额 {} 万元", money(values, "amount").exact_wan()));
        }
        if terms.fee >= terms.amount && terms.fee > Fen::ZERO {
            faults.add("fee", "一次性费用不应达到报价金额，请核对单位");
        }
        let faults = faults.or(());
        if faults.is_ok() && cost(&terms).is_none() {
            return Err(Error::invalid("offered", "金额过大，算不出综合成本，请核对单位"));
        }
        faults
    })
}

/// Amounts are above zero, and no day precedes its cause or lies ahead.
pub(super) fn loan_is_sound<'a>(tx: &'a Tx, _: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let mut faults = Faults::new();
        positive(values, &["granted", "paid", "repaid"], &mut faults);
        let signed = day_of(values, "signed_on");
        let order = [
            ("signed_on", day_of(values, "granted_on"), "授信日期"),
            ("paid_on", signed, "签约日期"),
            ("repaid_on", signed, "签约日期"),
        ];
        for (field, cause, label) in order {
            let Some(on) = day_of(values, field) else { continue };
            if let Some(cause) = cause.filter(|cause| on < *cause) {
                faults.add(field, format!("早于{label}（{cause}），请核对"));
            }
            if on > tx.today() {
                faults.add(field, format!("在今天（{}）之后，请核对", tx.today()));
            }
        }
        faults.or(())
    })
}

/// Credit is granted to firms that asked for it, not before they did, and no more than was offered; all that is granted
/// to one demand is no more than it asks for.
pub(super) fn grant_follows_demand<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        takes_part(tx, &case.values).await?;
        let demand = running_demand(tx, case.subject, &case.values).await?;
        // Two institutions that grant to one demand at once take turns.
        case::hold(tx, &[demand.id]).await?;
        let (granted, offered) = (money(&case.values, "granted"), money(&case.values, "offered"));
        if granted > offered {
            return Err(Error::invalid("granted", format!("超过企业选定的报价 {} 万元", offered.exact_wan())));
        }
        let asked = money(&demand.values, "amount");
        let left = asked.checked_sub(granted_elsewhere(tx, case, demand.id).await?).unwrap_or(Fen::ZERO);
        if granted > left {
            let wan = (asked.exact_wan(), left.exact_wan());
            return Err(Error::invalid("granted", format!("需求 {} 万元，还可授信 {} 万元", wan.0, wan.1)));
        }
        let since = day::today(demand.opened_at);
        match day_of(&case.values, "granted_on") {
            Some(on) if on < since => {
                Err(Error::invalid("granted_on", format!("早于发布需求的日期（{since}），请核对")))
            }
            _ => Ok(()),
        }
    })
}

/// What other institutions have granted to the same demand.
async fn granted_elsewhere(read: &Read, case: &Case, demand: CaseId) -> Result<Fen> {
    let answers = case::about(read, ANSWERS.code, case.subject).await?;
    let others = answers.iter().filter(|other| other.id != case.id && demand_of(&other.values) == Some(demand));
    let granted = others.map(|other| money(&other.values, "granted"));
    Fen::checked_sum(granted).ok_or_else(|| Error::Conflict("金额过大，请核对".into()))
}

/// Never more paid out than granted, never more paid back than outstanding: asked of the facts, with the new one.
pub(super) fn book_is_sound<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        let moves = queries::moves_with_pending(tx, case.record).await?;
        outstanding(money(&case.values, "granted"), &moves).map(|_| ()).map_err(Error::Conflict)
    })
}

/// A loan is settled when nothing is outstanding.
pub(super) fn nothing_is_left<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        match balance(tx, case).await? {
            Fen::ZERO => Ok(()),
            left => Err(Error::Conflict(format!("还有 {} 万元本金未还，不能结清", left.exact_wan()))),
        }
    })
}

/// What is outstanding of an answer.
///
/// # Errors
/// [`Error::Conflict`] saying which bound is broken.
pub(super) async fn balance(read: &Read, case: &Case) -> Result<Fen> {
    let moves = queries::moves(read, case.record).await?;
    outstanding(money(&case.values, "granted"), &moves).map_err(Error::Conflict)
}
