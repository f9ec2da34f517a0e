//! An order as somebody sees it: his side of it, what he may do with what belongs to it, and what its page tells.

use std::pin::Pin;

use kernel::access::Actor;
use kernel::case::{self, Case, Told};
use kernel::id::{CaseId, OrgId};
use kernel::store::{Read, Tx};
use kernel::{Error, Result, org};

use super::flow::ORDER;
use super::{CONFIRM, SERVE, assessment, institutions, report, rules, subsidy};

/// States in which the questionnaire of the diagnosis itself is filled in.
const FILLING: &[&str] = &["assigned", "taken", "on_site", "rework"];
/// States in which the report is written.
const WRITING: &[&str] = &["taken", "on_site", "rework"];
/// States after acceptance.
const DONE: &[&str] = &["accepted", "settled"];

/// An order, and the reader's side of it.
pub(super) struct Order {
    /// Its case.
    pub case: Case,
    /// Whether the reader acts for its institution.
    pub as_institution: bool,
    /// Whether the reader acts for its enterprise.
    pub as_enterprise: bool,
}

impl Order {
    fn of(case: Case, actor: &Actor) -> Self {
        let serves = actor.scope(SERVE);
        let as_institution = case.counterparty.is_some_and(|other| serves.holds_case(case.unit, other));
        let as_enterprise = actor.scope(CONFIRM).holds_case(case.unit, case.subject);
        Self { case, as_institution, as_enterprise }
    }

    fn stands_in(&self, states: &[&str]) -> bool {
        states.contains(&self.case.state.as_str())
    }

    /// Whether it has been accepted.
    pub(super) fn is_done(&self) -> bool {
        self.stands_in(DONE)
    }

    /// Whether the reader may fill in its questionnaire now: that of the diagnosis before the report is delivered,
    /// that of a repetition once it was accepted.
    pub(super) fn may_fill(&self) -> bool {
        (self.as_institution || self.as_enterprise) && (self.stands_in(FILLING) || self.is_done())
    }

    /// Whether the reader may write its report now.
    pub(super) fn may_write(&self) -> bool {
        self.as_institution && self.stands_in(WRITING)
    }

    /// Whether what the institution writes is shown: to itself always, to others once it was delivered.
    pub(super) fn shows_report(&self) -> bool {
        self.as_institution || self.stands_in(&["reported", "confirmed"]) || self.is_done()
    }

    /// Whether the reader may say what became of a recommendation.
    pub(super) fn may_take_up(&self) -> bool {
        self.as_enterprise && self.is_done()
    }

    /// Whether the reader may rate the institution.
    pub(super) fn may_rate(&self) -> bool {
        self.as_enterprise && self.is_done()
    }
}

/// The order with this number, as far as the actor may read it.
///
/// # Errors
/// [`Error::NotFound`], also for a case of another flow.
pub(super) async fn find(read: &Read, actor: &Actor, id: CaseId) -> Result<Order> {
    let case = case::find(read, actor, id).await?;
    match case.flow.code == ORDER.code {
        true => Ok(Order::of(case, actor)),
        false => Err(Error::NotFound),
    }
}

/// The same within an act; who acts on the same enterprise's orders meanwhile waits, so that nothing is written into a
/// report that has just been delivered.
///
/// # Errors
/// As [`find`].
pub(super) async fn hold(tx: &Tx, id: CaseId) -> Result<Order> {
    let found = find(tx, tx.actor(), id).await?;
    org::hold(tx, &[found.case.subject].into_iter().collect()).await?;
    find(tx, tx.actor(), id).await
}

/// What whoever looks at the case should know, and where to go on.
pub(super) fn tells<'a>(
    read: &'a Read,
    case: &'a Case,
) -> Pin<Box<dyn Future<Output = Result<Vec<Told>>> + Send + 'a>> {
    Box::pin(async move {
        let mut told = Vec::new();
        let mut say = |text: String, href: String| told.push(Told { text, href });
        let page = format!("/diagnosis/orders/{}", case.id);
        match case.state.as_str() {
            "requested" | "declined" => say(suggestion(read, case.subject).await?, String::new()),
            "cancelled" => {}
            _ => {
                let done = assessment::latest(read, case.id).await?;
                match done.last() {
                    Some(last) => say(format!("测评：{}", last.words()), page.clone()),
                    None => say("测评问卷还没有提交，去填写".into(), format!("{page}/questionnaire")),
                }
            }
        }
        match (case.state.as_str(), report::missing(read, case.id).await?.len()) {
            ("on_site" | "rework", 0) => say("报告已齐备，可以交付；查看报告".into(), page),
            ("on_site" | "rework", n) => say(format!("报告还缺 {n} 项，去编写"), format!("{page}/report")),
            ("reported" | "confirmed" | "accepted" | "settled", _) => say("查看诊断报告和建议".into(), page),
            _ => {}
        }
        if case.state == "accepted"
            && let Some(granted) = subsidy::granted(read, case.subject, &case.values).await?
        {
            say(format!("补助标准：{}", granted.words()), String::new());
        }
        Ok(told)
    })
}

/// Whose turn it is, and why.
async fn suggestion(read: &Read, subject: OrgId) -> Result<String> {
    let mut turn = institutions::turn(read).await?;
    turn.retain(|one| one.org != subject);
    Ok(match (turn.first(), rules::why_first(&turn)) {
        (Some(first), Some(why)) => format!("轮到：{}（{why}）", first.name),
        _ => "现在没有有效期内还有名额的诊断服务机构".to_owned(),
    })
}
