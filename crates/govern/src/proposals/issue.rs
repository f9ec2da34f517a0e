//! Issuing a reply: figures are frozen and everything is checked in a snapshot; number, publication and the step of
//! the case are one act.

use std::collections::HashMap;

use documents::Document;
use kernel::access::{Actor, Scope};
use kernel::case::{self, Case, Doing, Values};
use kernel::id::{CaseId, OrgId};
use kernel::ledger::{NewFact, record};
use kernel::publication::{self, Draft as Publishing, Note, PublishedFigure};
use kernel::store::{Read, Tx};
use kernel::value::day::{self, Day, parse_day};
use kernel::{Error, Result, args, org};
use serde::Deserialize;

use super::actions::DAYS;
use super::model::Proposal;
use super::reply::{Around, compose};
use super::settings::office;
use super::{EDIT, FLOW, queries, rules};

/// What is typed to issue a reply.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Issue {
    /// 成文日期.
    pub signed_on: String,
    /// Why a rule that breaks is let pass; printed as a footnote.
    pub reason: String,
}

/// A reply that can be issued.
pub struct Ready {
    case: Case,
    document: Document,
    publishing: Publishing,
    figures: Vec<PublishedFigure>,
    notes: Vec<Note>,
    version: i64,
    signed_on: Day,
    reason: String,
}

/// Checks and freezes the approved reply in a snapshot.
///
/// # Errors
/// [`Error::NotFound`] for a case out of reach; [`Error::Invalid`] at `signed_on`; [`Error::Conflict`] naming
/// everything that stands in the way.
pub async fn prepare(read: &Read, actor: &Actor, id: CaseId, typed: &Issue) -> Result<Ready> {
    let case = case::find(read, actor, id).await?;
    if case.flow.code != FLOW.code || !actor.scope(EDIT).holds_case(case.unit, case.subject) {
        return Err(Error::NotFound);
    }
    let signed_on = parse_day(&typed.signed_on).map_err(|e| Error::invalid("signed_on", e.to_string()))?;
    let proposal = Proposal::of(&case);
    let draft = queries::drafts(read, id).await?.into_iter().next();
    let draft = draft.ok_or_else(|| Error::Conflict("还没有答复稿".into()))?;
    let (contacts, promises) =
        (queries::contacts(read, id).await?, queries::promises(read, &Scope::All, id, draft.about).await?);
    let answering = org::find(read, case.subject).await?.name;
    let around =
        Around { proposal: &proposal, contacts: &contacts, promises: &promises, office: &answering, issue: "" };
    let known = read.head()?;
    let composed = compose(read, &around, &draft, &Scope::All, known).await?;
    let title = composed.document.head.title.clone();
    let publishing =
        Publishing { title, published_on: signed_on, known, body: String::new(), figures: composed.cited.clone() };
    let figures = publication::freeze(read, &publishing).await?;
    let notes = publication::reconciled(read, &publishing).await?;
    let reason = typed.reason.trim().to_owned();
    let slips = rules::check_reply(&record_of(&proposal, &notes, &reason, signed_on, &composed.bare));
    if !slips.is_empty() {
        let told: Vec<String> = slips.into_iter().map(|slip| slip.message).collect();
        return Err(Error::Conflict(format!("不能印发：{}", told.join("；"))));
    }
    let (document, version) = (composed.document, draft.version);
    Ok(Ready { case, document, publishing, figures, notes, version, signed_on, reason })
}

fn record_of(proposal: &Proposal, notes: &[Note], reason: &str, signed_on: Day, bare: &[String]) -> rules::Record {
    // Days after the answer belong to an earlier round, where there was one.
    let days = DAYS.iter().take(2).map(|(code, label)| (*label, proposal.day(code)));
    rules::Record {
        number: proposal.number(),
        title: proposal.kept("title").to_owned(),
        proposer: proposal.kept("proposer").to_owned(),
        lead: proposal.kept("lead").to_owned(),
        mark: proposal.kept("mark").to_owned(),
        issue: ("由登记簿取号".to_owned(), signed_on.to_string()),
        breaks: notes
            .iter()
            .filter(|note| !note.holds)
            .map(|note| (format!("{}（{}）", note.name, note.sides), Some(reason.to_owned())))
            .collect(),
        bare: bare.to_vec(),
        days: days.chain([("成文日期", Some(signed_on))]).collect(),
    }
}

/// Numbers, publishes and issues what was prepared; the answer is the issue number.
///
/// # Errors
/// [`Error::Conflict`] when the reply was changed meanwhile, or the case is not at this step.
pub async fn issue(tx: &mut Tx, ready: Ready) -> Result<String> {
    let Ready { case, mut document, mut publishing, figures, notes, version, signed_on, reason } = ready;
    if queries::drafts(tx, case.id).await?.first().map(|draft| draft.version) != Some(version) {
        return Err(Error::Conflict("答复稿刚有了新的一稿，请核对后再印发".into()));
    }
    let (series, year) = (office().series.as_str(), i64::from(chrono::Datelike::year(&signed_on)));
    let number = queries::next_number(tx, series, year).await?;
    let printed = rules::issue_number(series, year, number);
    document.head.number.clone_from(&printed);
    document.head.dated = day::chinese(signed_on);
    publishing.body = serde_json::to_string(&document).map_err(|e| Error::Internal(e.to_string()))?;
    let reasons: HashMap<String, String> =
        notes.iter().filter(|note| !note.holds).map(|note| (note.key(), reason.clone())).collect();
    let published = publication::enter(tx, &publishing, figures, notes, &reasons).await?;
    tx.run((
        "INSERT INTO issue_number (series, year, number, case_id, publication_id, issued_at, issued_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![series, year, number, case.id, published, tx.now(), tx.actor().name.clone()],
    ))
    .await
    .map_err(|error| match error {
        Error::Conflict(_) => Error::Conflict("发文字号刚被另一份文件取用，请再办一次".into()),
        other => other,
    })?;
    tx.changes("发文字号", "", &printed);
    let values: Values = [("signed_on".to_owned(), signed_on.to_string())].into();
    let nothing = Values::new();
    let doing = Doing { action: "issue", revision: case.revision, values: &values, note: &reason, remarks: &nothing };
    case::act(tx, case.id, doing).await?;
    in_time(tx, &Proposal::of(&case), case.subject, signed_on).await?;
    Ok(printed)
}

/// An answer signed within three months of assignment counts as in time.
async fn in_time(tx: &mut Tx, proposal: &Proposal, subject: OrgId, signed_on: Day) -> Result<()> {
    let by = proposal.day("assigned_on").and_then(|on| rules::answer_by(on, office().answer_months));
    if by.is_some_and(|by| signed_on <= by) {
        let record = record::enter(tx, "proposals", &format!("{}按期答复", proposal.number()), "", "").await?;
        tx.record(NewFact::new("proposals.answered_in_time", subject, signed_on, record)).await?;
    }
    Ok(())
}
