//! What must hold before a step of an order or a selection, and what else a step needs.

use std::pin::Pin;

use kernel::case::{self, Case, Values};
use kernel::id::OrgId;
use kernel::store::Tx;
use kernel::value::day::{Day, parse_day};
use kernel::value::money::Fen;
use kernel::{Error, Faults, Result, org};

use super::flow::ORDER;
use super::selection::SELECTION;
use super::{assessment, institutions, report, rules, subsidy};

type Later<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

fn text<'a>(values: &'a Values, field: &str) -> &'a str {
    values.get(field).map_or("", String::as_str)
}

fn day(values: &Values, field: &str) -> Option<Day> {
    parse_day(text(values, field)).ok()
}

/// The institution a case names.
fn institution(values: &Values) -> Option<OrgId> {
    text(values, "institution").split(' ').next()?.parse().ok()
}

/// An enterprise is diagnosed once in a plan year; the error names the first order.
pub(super) fn only_one_a_year<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let Some(year) = rules::plan_year(values).filter(|year| rules::can_plan(*year, tx.today())) else {
            return Err(Error::invalid("plan_year", "请填今年或明年，例如按今年的计划诊断就填今年"));
        };
        let orders = case::about(tx, ORDER.code, subject).await?;
        let same = |case: &&Case| case.state != "cancelled" && rules::plan_year(&case.values) == Some(year);
        match orders.iter().find(same) {
            None => Ok(()),
            Some(first) => {
                let by = match first.counterparty_name.as_str() {
                    "" => "还没有派单".to_owned(),
                    name => format!("诊断服务机构：{name}"),
                };
                Err(Error::Conflict(format!(
                    "{} 在 {year} 年度计划内已有第 {} 件诊断（{}，{by}）；一家企业一个计划年度只安排一次诊断，复诊请在那一件里办理",
                    first.subject_name,
                    first.id,
                    ORDER.state_label(&first.state),
                )))
            }
        }
    })
}

/// Only an institution whose selection is valid on the day takes an order.
pub(super) fn institution_is_valid<'a>(tx: &'a Tx, _: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let Some(org) = institution(values) else { return Err(Error::NotFound) };
        match institutions::barred(tx, org, tx.today()).await? {
            Some(why) => Err(Error::Conflict(why)),
            None => Ok(()),
        }
    })
}

/// Days of an order do not lie in the future and follow each other.
pub(super) fn days_in_order<'a>(tx: &'a Tx, _: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let mut faults = Faults::new();
        let steps = [("on_site_on", "进场日期"), ("reported_on", "报告日期"), ("completed_on", "完成日期")];
        for (field, _) in steps {
            if day(values, field).is_some_and(|on| on > tx.today()) {
                faults.add(field, format!("在今天（{}）之后，请核对", tx.today()));
            }
        }
        let (mut before, mut last) = (None, "");
        for (field, label) in steps {
            let Some(on) = day(values, field) else { continue };
            if let Some(earlier) = before.filter(|earlier| on < *earlier) {
                faults.add(field, format!("早于{last}（{earlier}），请核对"));
            }
            (before, last) = (Some(on), label);
        }
        faults.or(())
    })
}

/// A report is delivered whole: its six parts, a recommendation, a submitted assessment.
pub(super) fn report_is_whole<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        let mut missing = report::missing(tx, case.id).await?;
        if assessment::latest(tx, case.id).await?.is_empty() {
            missing.push("测评问卷（提交后才算）".to_owned());
        }
        match missing.is_empty() {
            true => Ok(()),
            false => Err(Error::Conflict(format!("报告还缺：{}；补齐后再交付", missing.join("、")))),
        }
    })
}

/// A subsidy is not above what the rule of its plan year gives.
pub(super) fn within_subsidy<'a>(tx: &'a Tx, subject: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let asked = text(values, "subsidy").parse().map_or(Fen::ZERO, Fen);
        let granted = subsidy::granted(tx, subject, values).await?;
        match granted {
            Some(granted) if asked > granted.amount => {
                Err(Error::invalid("subsidy", format!("超过补助标准：{}", granted.words())))
            }
            Some(_) => Ok(()),
            None => Err(Error::invalid(
                "subsidy",
                "没有适用的补助标准：计划年度没有标准，或企业的划型、等级还不知道；请先补充",
            )),
        }
    })
}

/// One application or selection of an institution at a time, and only of bodies that can be one.
pub(super) fn may_apply<'a>(tx: &'a Tx, subject: OrgId, _: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let body = org::find(tx, subject).await?;
        if matches!(body.kind.as_str(), "government" | "sole_trader" | "financial_institution" | "guarantor") {
            let message = format!("{}不能申请诊断服务机构", org::kind_label(&body.kind));
            return Err(Error::Conflict(message));
        }
        match case::running(tx, SELECTION.code, subject).await?.first() {
            Some(first) => Err(Error::Conflict(format!(
                "该机构已有第 {} 件遴选（{}），请在那一件里办理",
                first.id,
                SELECTION.state_label(&first.state)
            ))),
            None => Ok(()),
        }
    })
}

/// A validity has a first day before its last, and some places.
pub(super) fn validity_in_order<'a>(_: &'a Tx, _: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let mut faults = Faults::new();
        if day(values, "valid_to") < day(values, "valid_from") {
            faults.add("valid_to", "早于有效期的开始日期，请核对");
        }
        if text(values, "quota") == "0" {
            faults.add("quota", "名额至少 1 家");
        }
        faults.or(())
    })
}

/// Most orders that are sent in one act.
const AT_ONCE: i64 = 200;

/// Sends orders that wait to be sent: to the institution the enterprise chose while that can take it, otherwise round by
/// places left; each with the reason. Those that can go nowhere stay, and are told.
///
/// # Errors
/// [`Error::Conflict`] when nothing could be sent.
pub(super) async fn assign_waiting(tx: &mut Tx) -> Result<String> {
    let scope = tx.actor().scope(super::ASSIGN);
    let mut waiting = Vec::new();
    for state in ["requested", "declined"] {
        waiting.extend(case::list(tx, &scope, ORDER.code, Some(state), None, AT_ONCE).await?);
    }
    // First come, first served.
    waiting.sort_by_key(|order| order.id);
    let (mut sent, mut stay) = (0, 0);
    for order in &waiting {
        match send(tx, order).await? {
            true => sent += 1,
            false => stay += 1,
        }
    }
    match (sent, stay) {
        (0, 0) => Err(Error::Conflict("没有等待派单的诊断单".into())),
        (0, _) => Err(Error::Conflict("现在没有有效期内还有名额的诊断服务机构，诊断单都没有派出".into())),
        (sent, 0) => Ok(format!("已按名额派出 {sent} 件")),
        (sent, stay) => Ok(format!("已按名额派出 {sent} 件，还有 {stay} 件没有可派的机构")),
    }
}

/// Sends one order; whether there was anybody to send it to.
async fn send(tx: &mut Tx, order: &Case) -> Result<bool> {
    let mut turn = institutions::turn(tx).await?;
    turn.retain(|one| one.org != order.subject);
    // Who has declined it is not asked again at once, unless nobody else is left.
    if order.state == "declined" && turn.iter().any(|one| Some(one.org) != order.counterparty) {
        turn.retain(|one| Some(one.org) != order.counterparty);
    }
    let wished = turn.iter().find(|one| order.state == "requested" && Some(one.org) == order.counterparty);
    let (to, why) = match (wished, turn.first(), rules::why_first(&turn)) {
        (Some(one), ..) => (one.org, "企业选定的机构".to_owned()),
        (None, Some(one), Some(why)) => (one.org, format!("按名额轮派：{why}")),
        _ => return Ok(false),
    };
    let (values, remarks) = (Values::from([("institution".to_owned(), to.to_string())]), Values::new());
    let doing =
        case::Doing { action: "assign", revision: order.revision, values: &values, note: &why, remarks: &remarks };
    case::act(tx, order.id, doing).await.map(|_| true)
}

/// Settles the accepted orders of an institution of a plan year at what the rule gives, today.
///
/// # Errors
/// [`Error::Conflict`] when there is nothing to settle, or an order has no rule.
pub(super) async fn settle_all(tx: &mut Tx, institution: OrgId, year: i32) -> Result<usize> {
    let scope = tx.actor().scope(super::SETTLE);
    let orders = super::queries::placed(tx, &scope, year, Some(institution)).await?;
    let (today, remarks) = (tx.today().to_string(), Values::new());
    let mut settled = 0;
    for order in orders.iter().filter(|order| order.state == "accepted") {
        let Some(granted) = subsidy::granted(tx, order.firm, &order.values).await? else {
            let message = format!("“{}”没有适用的补助标准，没有结算任何一件；请先补充标准或划型", order.firm_name);
            return Err(Error::Conflict(message));
        };
        let revision = case::find(tx, tx.actor(), order.id).await?.revision;
        let yuan = format!("{}元", granted.amount.yuan());
        let values = Values::from([("subsidy".to_owned(), yuan), ("settled_on".to_owned(), today.clone())]);
        let note = granted.words();
        let doing = case::Doing { action: "settle", revision, values: &values, note: &note, remarks: &remarks };
        case::act(tx, order.id, doing).await?;
        settled += 1;
    }
    match settled {
        0 => Err(Error::Conflict("该机构这个年度没有已验收、待结算的诊断".into())),
        n => Ok(n),
    }
}
