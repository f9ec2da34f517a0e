//! What is done with proposals, and what the steps of their flow ask and cause.

use std::pin::Pin;

use kernel::audit::Verb;
use kernel::case::{self, Case, FieldKind, Values};
use kernel::id::{CaseId, OrgId};
use kernel::indicator::Measure;
use kernel::ledger::{NewFact, record};
use kernel::store::Tx;
use kernel::value::day::{Day, parse_day};
use kernel::{Error, Faults, Result, args};
use serde::Deserialize;

use super::declared::MEANS;
use super::model::Proposal;
use super::reply::citable;
use super::{EDIT, FLOW, queries, reply, rules};

type Later<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// Days of a proposal in the order in which they follow each other.
pub(super) const DAYS: [(&str, &str); 6] = [
    ("received_on", "收件日期"),
    ("assigned_on", "交办日期"),
    ("signed_on", "成文日期"),
    ("delivered_on", "送达日期"),
    ("opinion_on", "提案人签名日期"),
    ("receipt_on", "签收日期"),
];

fn text<'v>(values: &'v Values, code: &str) -> &'v str {
    values.get(code).map_or("", String::as_str)
}

fn whole(values: &Values, code: &str) -> i64 {
    text(values, code).parse().unwrap_or(0)
}

/// The first days in order; the fault stands at the later day. What follows may belong to an earlier round.
fn check_days(values: &Values, first: usize, faults: &mut Faults) {
    let mut last: Option<(&str, Day)> = None;
    for (code, label) in DAYS.into_iter().take(first) {
        let Ok(on) = parse_day(text(values, code)) else { continue };
        if let Some((before, earlier)) = last.filter(|(_, earlier)| on < *earlier) {
            faults.add(code, format!("{label}早于{before}（{earlier}），请核对"));
        }
        last = Some((label, on));
    }
}

/// The first `N` days of a proposal run forwards.
pub(super) fn in_order<'a, const N: usize>(_: &'a Tx, _: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let mut faults = Faults::new();
        check_days(values, N, &mut faults);
        faults.or(())
    })
}

/// A number is registered once, in a plausible year.
pub(super) fn registrable<'a>(tx: &'a Tx, _: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        let mut faults = Faults::new();
        let (kind, year, number) = (text(values, "kind"), whole(values, "year"), whole(values, "number"));
        if !(2000..=2100).contains(&year) {
            faults.add("year", "年度应为四位年份，例如 2021");
        }
        if !(1..=99_999).contains(&number) {
            faults.add("number", "编号应在 1 至 99999 之间");
        }
        if let Some(other) = queries::registered(tx, kind, year, number).await? {
            let printed = rules::number(kind, text(values, "year"), text(values, "number"));
            faults.add("number", format!("{printed}已登记为第 {other} 件，不能重复登记"));
        }
        faults.or(())
    })
}

/// Who was not satisfied gets a second answer before the case is closed.
pub(super) fn closable<'a>(_: &'a Tx, _: OrgId, values: &'a Values) -> Later<'a> {
    Box::pin(async move {
        if text(values, "evaluation") == "unsatisfied" {
            return Err(Error::Conflict("提案人不满意，须先“二次办理”，再次答复并征询意见后才能办结".into()));
        }
        let mut faults = Faults::new();
        check_days(values, DAYS.len(), &mut faults);
        faults.or(())
    })
}

/// The number is taken.
pub(super) fn registered<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        let v = &case.values;
        tx.run((
            "INSERT INTO proposal (case_id, kind, year, number) VALUES ($1, $2, $3, $4)",
            args![case.id, text(v, "kind"), whole(v, "year"), whole(v, "number")],
        ))
        .await
        .map_err(|error| match error {
            Error::Conflict(_) => Error::invalid("number", "这个编号刚被他人登记，请核对"),
            other => other,
        })?;
        Ok(())
    })
}

/// A reply is handed in only when there is one, and somebody has spoken with the proposer.
pub(super) fn drafted<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        let events = case::events(tx, case.id).await?;
        // A second answer begins anew: with a draft and a word with the proposer of its own.
        let since = events.iter().rev().find(|event| event.action == "second").map(|event| event.at);
        let (drafts, contacts) = queries::counted_since(tx, case.id, since).await?;
        if drafts == 0 {
            return Err(Error::Conflict("还没有答复稿：先在提案页面上起草并保存".into()));
        }
        if contacts == 0 {
            return Err(Error::Conflict("还没有与提案人沟通的记录：先在提案页面上登记".into()));
        }
        Ok(())
    })
}

/// Effect on the form and mark on the letter agree, or a word says why not.
pub(super) fn opinion_given<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        let (effect, mark) = (text(&case.values, "effect"), text(&case.values, "mark"));
        let said = case::events(tx, case.id).await?.pop().map(|event| event.note).unwrap_or_default();
        if effect != mark && said.trim().is_empty() {
            let message = format!(
                "办理效果（{}）与答复类别（{}）不一致，请在说明中写明原因",
                effect.to_uppercase(),
                mark.to_uppercase()
            );
            return Err(Error::invalid("effect", message));
        }
        Ok(())
    })
}

/// A reply is issued on the page of its proposal, where its figures are frozen before: what the engine alone does
/// would leave a reply without number and publication.
pub(super) fn issued<'a>(tx: &'a mut Tx, case: &'a Case) -> Later<'a> {
    Box::pin(async move {
        match queries::is_numbered(tx, case.id).await? {
            true => Ok(()),
            false => Err(Error::Conflict("请在提案页面上“编号印发”：发文字号和数字在那里取号、固定".into())),
        }
    })
}

/// A contact as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Code of the means.
    pub means: String,
    /// When it was.
    pub on: String,
    /// What was said.
    pub body: String,
}

/// The case, when the actor works on it and it has not ended.
async fn at_work(tx: &Tx, id: CaseId) -> Result<Case> {
    let case = case::find(tx, tx.actor(), id).await?;
    if case.flow.code != FLOW.code || !tx.actor().scope(EDIT).holds_case(case.unit, case.subject) {
        return Err(Error::NotFound);
    }
    if case.flow.ends_in(&case.state) {
        return Err(Error::Conflict("本件已办结，不能再改".into()));
    }
    Ok(case)
}

/// Writes down that the proposer was spoken to; it counts from its day.
///
/// # Errors
/// [`Error::NotFound`] for a case out of reach; [`Error::Invalid`] with every fault at its field.
pub async fn log_contact(tx: &mut Tx, id: CaseId, typed: &Contact) -> Result<()> {
    let case = at_work(tx, id).await?;
    let mut faults = Faults::new();
    let mut read = |field: &str, kind: FieldKind, value: &str, label: &str| {
        let read = kind.read(value).unwrap_or_else(|message| {
            faults.add(field, message);
            String::new()
        });
        if read.is_empty() && faults.at(field).is_none() {
            faults.add(field, format!("请填写{label}"));
        }
        read
    };
    let means = read("means", FieldKind::Choice(MEANS), &typed.means, "沟通方式");
    let on = read("on", FieldKind::Day, &typed.on, "沟通日期");
    let body = read("body", FieldKind::Lines(1000), &typed.body, "沟通情况");
    let day = parse_day(&on).ok();
    if let Some(day) = day.filter(|day| *day > tx.today()) {
        faults.add("on", format!("{day} 在今天之后，请核对"));
    }
    faults.or(())?;
    let on = day.ok_or(Error::NotFound)?;
    tx.run((
        "INSERT INTO proposal_contact (case_id, means, happened_on, body, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6)",
        args![id, means.clone(), on, body, tx.now(), tx.actor().name.clone()],
    ))
    .await?;
    tx.act(Verb::CONTACT_LOGGED, "case", id.0);
    tx.concerns(case.subject);
    let title = format!("{}：{}", Proposal::of(&case).number(), queries::means(&means));
    let record = record::enter(tx, "proposals", &title, "", "").await?;
    tx.record(NewFact::new("proposals.contacted", case.subject, on, record).class(&means)).await
}

/// Saves a version of the reply. What was saved before stays.
///
/// # Errors
/// [`Error::NotFound`] for a case out of reach; [`Error::Invalid`] at `template` with line and column;
/// [`Error::Conflict`] when the reply is no longer being drafted.
pub async fn save_draft(tx: &mut Tx, id: CaseId, about: &str, body: &str) -> Result<i64> {
    let case = at_work(tx, id).await?;
    if !["assigned", "working", "extended", "second"].contains(&case.state.as_str()) {
        return Err(Error::Conflict("答复稿已提交，须先退回修改才能再改".into()));
    }
    let about = parse_day(about).map_err(|e| Error::invalid("about", e.to_string()))?;
    documents::template::check(body, reply::NAMES, &citable(tx))?;
    let version = queries::drafts(tx, id).await?.first().map_or(1, |draft| draft.version + 1);
    tx.run((
        "INSERT INTO proposal_draft (case_id, version, about, body, saved_at, saved_by) VALUES ($1, $2, $3, $4, $5, $6)",
        args![id, version, about, body, tx.now(), tx.actor().name.clone()],
    ))
    .await
    .map_err(|error| match error {
        Error::Conflict(_) => Error::Conflict("有人刚刚保存了新的一稿；请刷新后核对".into()),
        other => other,
    })?;
    tx.act(Verb::DRAFT_SAVED, "case", id.0);
    tx.concerns(case.subject);
    tx.changes("答复稿", "", &format!("第 {version} 稿"));
    Ok(version)
}

/// A promise as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Promised {
    /// What is promised.
    pub body: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when.
    pub due_on: String,
    /// The indicator that tells.
    pub indicator: String,
    /// What it must reach.
    pub floor: String,
}

/// Marks a promise, with the figure by which it is fulfilled.
///
/// # Errors
/// [`Error::NotFound`] for a case out of reach; [`Error::Invalid`] with every fault at its field.
pub async fn keep_promise(tx: &mut Tx, id: CaseId, typed: &Promised) -> Result<()> {
    let case = at_work(tx, id).await?;
    let mut faults = Faults::new();
    for (field, value, label) in [("body", &typed.body, "承诺内容"), ("owner", &typed.owner, "责任单位")] {
        match value.trim().chars().count() {
            0 => faults.add(field, format!("请填写{label}")),
            n if n > 300 => faults.add(field, "最多 300 个字"),
            _ => {}
        }
    }
    let due_on = parse_day(&typed.due_on).map_err(|e| faults.add("due_on", e.to_string())).ok();
    let floor = typed.floor.trim().parse::<i64>().ok().filter(|n| *n > 0);
    if floor.is_none() {
        faults.add("floor", "请填写要达到的数，为正整数");
    }
    match tx.catalog().indicator(typed.indicator.trim()) {
        None => faults.add("indicator", "没有这个指标，请从列表中选择"),
        Some(i) if matches!(i.measure, Measure::Ratio(..) | Measure::Amount(_) | Measure::FirstDay(_)) => {
            faults.add("indicator", "请选择以个数计的指标");
        }
        Some(_) => {}
    }
    faults.or(())?;
    tx.run((
        "INSERT INTO proposal_promise (case_id, body, owner, due_on, indicator, floor, made_at, made_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            id,
            typed.body.trim(),
            typed.owner.trim(),
            due_on,
            typed.indicator.trim(),
            floor,
            tx.now(),
            tx.actor().name.clone()
        ],
    ))
    .await?;
    tx.act(Verb::PROMISE_MADE, "case", id.0);
    tx.concerns(case.subject);
    tx.changes("承诺", "", typed.body.trim());
    Ok(())
}
