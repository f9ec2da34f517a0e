//! Opening cases and acting on them: the only way a state changes.

use std::collections::BTreeMap;

use super::field::{Values, show};
use super::flow::{Action, By, Flow, Waits};
use super::form::{Filled, filled, remarks};
use super::replay::{FactShape, facts};
use super::rules::{Offer, goes_through, offers};
use super::store::{Case, Change, Event, events, facts_of, find, json};
use super::{clock, counterparty, informs, store};
use crate::access::Scope;
use crate::audit::Verb;
use crate::id::{CaseId, OrgId};
use crate::ledger::{NewFact, browse, record};
use crate::org::Organisation;
use crate::publication::Published;
use crate::store::Tx;
use crate::value::day::{self, Day};
use crate::value::money::Fen;
use crate::{Error, Result, args, org};

/// An action as somebody asks for it.
#[derive(Debug, Clone, Copy)]
pub struct Doing<'a> {
    /// Code of the action.
    pub action: &'a str,
    /// How many events the case had when he looked at it.
    pub revision: i64,
    /// What he typed, by field.
    pub values: &'a Values,
    /// What he says with it.
    pub note: &'a str,
    /// Remarks at fields, for whom it goes back to.
    pub remarks: &'a Values,
}

/// Opens a case about a subject. Facts, event and row are one act.
///
/// # Errors
/// [`Error::NotFound`] for an unknown flow, or a subject out of reach; [`Error::Forbidden`] without the permission;
/// [`Error::Conflict`] for a body that was merged; [`Error::Invalid`] with every fault at its field.
pub async fn open(tx: &mut Tx, flow: &str, subject: OrgId, values: &Values, note: &str) -> Result<CaseId> {
    let flow = tx.catalog().newest_flow(flow).ok_or(Error::NotFound)?;
    let action = flow.opening().ok_or(Error::NotFound)?;
    let By::May(permission) = action.by else { return Err(Error::Forbidden(flow.read.0)) };
    if !tx.actor().may(permission) {
        return Err(Error::Forbidden(permission.0));
    }
    // Two people who open cases about one subject take turns, so that checks see what the other opened.
    tx.hold("organisation", &[subject.0]).await?;
    let body = org::find_within(tx, &tx.actor().scope(permission), subject).await?;
    stands(&body)?;
    let filled = filled_in(tx, (flow, action), subject, &Values::new(), values, note).await?;
    checked(tx, action, subject, &filled.values).await?;
    let title = format!("{}：{}", flow.label, body.name);
    let record = record::enter(tx, flow.code.split('.').next().unwrap_or(flow.code), &title, "", "").await?;
    let unit = org::dims_on(tx, subject, tx.today()).await?.unit;
    let (due_on, _) = timing(tx.today(), flow, None, action.to);
    // Who opens in another's stead opens the other's case.
    let opener = tx.actor().behalf.unwrap_or(tx.actor().account);
    let id = tx
        .insert((
            "INSERT INTO case_file (flow, version, title, subject_id, unit_id, record_id, state, ended, revision, field_values, \
             opened_at, opened_by, opener_id, state_since, due_on, counterparty_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $11, $12, $10, $13, $14)",
            args![
                flow.code,
                flow.version,
                title,
                subject,
                unit,
                record,
                action.to,
                i64::from(flow.ends_in(action.to)),
                json(&filled.values)?,
                tx.now(),
                tx.actor().name.clone(),
                opener,
                due_on,
                counterparty::named(flow, &filled.values).map(|org| org.0),
            ],
        ))
        .await
        .map(CaseId)?;
    let event = first_event(tx, action, filled.changes, note);
    write_event(tx, id, &event).await?;
    let case = reread(tx, id).await?;
    store::index(tx, &case, true).await?;
    told(tx, Verb::CASE_OPENED, &case, action, &event);
    carry_out(tx, &case, action).await?;
    informs::tell_of(tx, &case, action, &event).await?;
    Ok(id)
}

/// The event that opens a case.
fn first_event(tx: &Tx, action: &Action, changes: BTreeMap<String, Change>, note: &str) -> Event {
    Event {
        revision: 1,
        action: action.code.to_owned(),
        from: String::new(),
        to: action.to.to_owned(),
        at: tx.now(),
        by: tx.actor().name.clone(),
        account: tx.actor().account,
        behalf: tx.actor().behalf,
        note: note.trim().to_owned(),
        changes,
        remarks: Values::new(),
    }
}

/// Does an action, and returns the case as it stands then.
///
/// # Errors
/// [`Error::NotFound`] for a case out of reach; [`Error::Conflict`] when somebody acted meanwhile, or the state or the
/// person does not allow it (what is possible instead is named); [`Error::Invalid`] with every fault at its field.
pub async fn act(tx: &mut Tx, id: CaseId, doing: Doing<'_>) -> Result<Case> {
    // Two people who act on one case take turns.
    tx.hold("case_file", &[id.0]).await?;
    let actor = tx.actor().clone();
    let case = find(tx, &actor, id).await?;
    let events = events(tx, id).await?;
    seen(&case, &events, doing.revision)?;
    let action = possible(&case, offers(&actor, &case, &events), doing.action)?;
    if action.check.is_some() || action.effect.is_some() || !action.writes.is_empty() || !action.leaves.is_empty() {
        tx.hold("organisation", &[case.subject.0]).await?;
        stands(&org::find(tx, case.subject).await?)?;
    }
    let Filled { values, changes } =
        filled_in(tx, (case.flow, action), case.subject, &case.values, doing.values, doing.note).await?;
    checked(tx, action, case.subject, &values).await?;
    let through = goes_through(&events, action, &case.state, !changes.is_empty());
    let to = if through { action.leads(&case.state) } else { case.state.as_str() };
    let event = Event {
        revision: case.revision + 1,
        action: action.code.to_owned(),
        from: case.state.clone(),
        to: to.to_owned(),
        at: tx.now(),
        by: actor.name.clone(),
        account: actor.account,
        behalf: actor.behalf,
        note: doing.note.trim().to_owned(),
        changes,
        remarks: remarks(case.flow, action, doing.remarks)?,
    };
    write_event(tx, id, &event).await?;
    move_row(tx, &case, &events, to, &values).await?;
    let case = reread(tx, id).await?;
    if !event.changes.is_empty() {
        store::index(tx, &case, false).await?;
    }
    told(tx, Verb::CASE_ACTED, &case, action, &event);
    if through {
        carry_out(tx, &case, action).await?;
        informs::tell_of(tx, &case, action, &event).await?;
    }
    Ok(case)
}

/// Holds cases until the act ends, so that two people who write beside their events take turns.
///
/// # Errors
/// As the database says.
pub async fn hold(tx: &Tx, cases: &[CaseId]) -> Result<()> {
    tx.hold("case_file", &cases.iter().map(|case| case.0).collect::<Vec<_>>()).await
}

/// What was typed over what is kept, with the other side out of those that can be chosen.
async fn filled_in(
    tx: &Tx,
    (flow, action): (&Flow, &Action),
    subject: OrgId,
    kept: &Values,
    values: &Values,
    note: &str,
) -> Result<Filled> {
    let typed = counterparty::chosen(tx, flow, action, subject, values).await?;
    filled(flow, action, kept, &typed, note, tx.today())
}

/// A body that was merged takes nothing any more.
fn stands(body: &Organisation) -> Result<()> {
    match body.merged_into {
        None => Ok(()),
        Some(_) => Err(Error::Conflict("该档案已并入其他档案，请在保留的档案上办理".into())),
    }
}

async fn checked(tx: &Tx, action: &Action, subject: OrgId, values: &Values) -> Result<()> {
    match action.check {
        Some(check) => check(tx, subject, values).await,
        None => Ok(()),
    }
}

/// Whether the case is still as the actor saw it.
fn seen(case: &Case, events: &[Event], revision: i64) -> Result<()> {
    if case.revision == revision {
        return Ok(());
    }
    if !(1..case.revision).contains(&revision) {
        return Err(Error::invalid("revision", "提交的内容不是从本件的页面发出的，请刷新后重新办理"));
    }
    let Some(last) = events.last() else { return Err(Error::NotFound) };
    let what = case.flow.action(&last.action).map_or(last.action.as_str(), |action| action.label);
    let at = day::minute(last.at);
    Err(Error::Conflict(format!("{} 已于 {at} 办理“{what}”，这里的内容已经不是最新；请核对后再办", last.by)))
}

/// The action asked for, if it is among those offered and nothing stands in its way.
pub(super) fn possible(case: &Case, offers: Vec<Offer>, code: &str) -> Result<&'static Action> {
    if let Some(offer) = offers.iter().find(|offer| offer.action.code == code) {
        return match offer.refused.is_empty() {
            true => Ok(offer.action),
            false => Err(Error::Conflict(offer.refused.clone())),
        };
    }
    let asked = case.flow.action(code).map_or(code, |action| action.label);
    let possible: Vec<&str> = offers.iter().filter(|o| o.refused.is_empty()).map(|o| o.action.label).collect();
    let state = case.flow.state_label(&case.state);
    let instead = match possible.is_empty() {
        true => "您现在没有可办的动作".to_owned(),
        false => format!("您现在可以：{}", possible.join("、")),
    };
    Err(Error::Conflict(format!("本件现为“{state}”，不能办理“{asked}”；{instead}")))
}

/// The due day and the days left of a clock that stands still, once a case comes into `to`.
fn timing(today: Day, flow: &Flow, from: Option<(&Case, &[Event])>, to: &str) -> (Option<Day>, Option<i64>) {
    let Some(state) = flow.state(to) else { return (None, None) };
    let told = |error: crate::value::calendar::UnknownYear| tracing::warn!(%error, flow = flow.code, "no due day");
    if state.waits == Waits::Paused {
        let Some((case, _)) = from else { return (None, None) };
        let left = case.due_on.and_then(|due_on| clock::left(due_on, today).map_err(told).ok()).map(i64::from);
        // From one pause into another nothing runs.
        return (None, left.or(case.days_left));
    }
    let Some(days) = state.clock.and_then(clock::clock).map(|clock| clock.working_days) else { return (None, None) };
    // Back from a state in which the clock stood still, into the one it ran in: what was left goes on.
    let left = from.and_then(|(case, events)| {
        let runs = |code: &str| flow.state(code).is_some_and(|state| state.waits != Waits::Paused);
        let before = events.iter().rev().find(|event| event.from != event.to && runs(&event.from))?;
        case.days_left.filter(|_| before.from == to)
    });
    let days = left.and_then(|left| i32::try_from(left).ok()).unwrap_or(days);
    (clock::due(days, today).map_err(told).ok(), None)
}

async fn move_row(tx: &Tx, case: &Case, events: &[Event], to: &str, values: &Values) -> Result<()> {
    let moves = to != case.state;
    let (due_on, days_left, since) = match moves {
        true => {
            let (due_on, left) = timing(tx.today(), case.flow, Some((case, events)), to);
            (due_on, left, tx.now())
        }
        false => (case.due_on, case.days_left, case.since),
    };
    let touched = tx
        .run((
            "UPDATE case_file SET state = $1, ended = $2, revision = revision + 1, field_values = $3, state_since = $4, \
             due_on = $5, days_left = $6, counterparty_id = $7 WHERE id = $8 AND revision = $9",
            args![
                to,
                i64::from(case.flow.ends_in(to)),
                json(values)?,
                since,
                due_on,
                days_left,
                counterparty::named(case.flow, values).map(|org| org.0),
                case.id,
                case.revision
            ],
        ))
        .await?;
    match touched {
        1 => Ok(()),
        _ => Err(Error::Conflict("有人刚刚办理了本件；请刷新后核对".into())),
    }
}

async fn write_event(tx: &Tx, id: CaseId, event: &Event) -> Result<()> {
    tx.run((
        "INSERT INTO case_event (case_id, revision, action, from_state, to_state, done_at, done_by, account_id, note, changes, remarks, behalf_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            id,
            event.revision,
            event.action.clone(),
            event.from.clone(),
            event.to.clone(),
            event.at,
            event.by.clone(),
            event.account,
            event.note.clone(),
            json(&event.changes)?,
            json(&event.remarks)?,
            event.behalf.map(|account| account.0)
        ],
    ))
    .await?;
    Ok(())
}

/// Tells the audit log of an action, in the office's words.
fn told(tx: &Tx, verb: Verb, case: &Case, action: &Action, event: &Event) {
    tx.act(verb, "case", case.id.0);
    tx.concerns(case.subject);
    tx.purpose(&event.note);
    tx.changes(
        "办理",
        case.flow.state_label(&event.from),
        &format!("{}：{}", action.label, case.flow.state_label(&event.to)),
    );
    for (code, (before, after)) in &event.changes {
        if let Some(field) = case.flow.field(code) {
            tx.changes(field.label, &show(&field.kind, before), &show(&field.kind, after));
        }
    }
}

async fn reread(tx: &Tx, id: CaseId) -> Result<Case> {
    store::find_for(tx, &Scope::All, id).await
}

/// Facts and what else happens with an action, by the case as it stands after it.
async fn carry_out(tx: &mut Tx, case: &Case, action: &'static Action) -> Result<()> {
    if action.takes_back {
        take_back(tx, case, action).await?;
    }
    for FactShape { kind, class, on, quantity, amount } in facts(action, &case.values, tx.today()) {
        let mut fact =
            NewFact::new(kind, case.subject, on, case.record).class(&class).quantity(quantity).amount(Fen(amount));
        if let Some(other) = case.counterparty {
            fact = fact.with(other);
        }
        tx.record(fact).await?;
    }
    match action.effect {
        // The case was found: what is not found or not allowed is something the action needs.
        Some(effect) => effect(tx, case).await.map_err(|error| match error {
            Error::NotFound | Error::Forbidden(_) => {
                Error::Conflict(format!("办理“{}”要用到的内容不在您的管理范围内，请报上级办理", action.label))
            }
            other => other,
        }),
        None => Ok(()),
    }
}

/// Takes the facts of a case back; what was signed with a publication, no one person takes back.
async fn take_back(tx: &mut Tx, case: &Case, action: &Action) -> Result<()> {
    let published = Published::load(tx).await?;
    for position in facts_of(tx, case.record).await? {
        if published.rests_on(&browse::find(tx, &Scope::All, position).await?) {
            let message =
                format!("第 {position} 号事实在已发布数字背后，不能随“{}”冲销：请先对它申请更正", action.label);
            return Err(Error::Conflict(message));
        }
        tx.reverse(position, &format!("{}（{}）", action.label, case.title)).await?;
    }
    Ok(())
}

/// Says something beside the events.
///
/// # Errors
/// [`Error::NotFound`] for a case out of reach; [`Error::Invalid`] for nothing, or too much.
pub async fn comment(tx: &Tx, id: CaseId, text: &str) -> Result<()> {
    let (text, most) = (text.trim(), 2000);
    let case = find(tx, tx.actor(), id).await?;
    tx.act(Verb::CASE_COMMENTED, "case", id.0);
    tx.concerns(case.subject);
    if text.is_empty() {
        return Err(Error::invalid("text", "请写下要说的话"));
    }
    if text.chars().count() > most {
        return Err(Error::invalid("text", format!("最多 {most} 个字")));
    }
    let said = tx
        .insert((
            "INSERT INTO case_comment (case_id, said_at, said_by, account_id, body) VALUES ($1, $2, $3, $4, $5)",
            args![id, tx.now(), tx.actor().name.clone(), tx.actor().account, text],
        ))
        .await?;
    informs::tell_of_comment(tx, &case, said, text).await
}
