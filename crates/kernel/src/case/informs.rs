//! Who is told of what happens in a case, by the declaration of its flow, in the act itself.

use super::flow::{Action, State, Waits};
use super::store::{Case, Event};
use crate::access::{Permission, who_may};
use crate::id::AccountId;
use crate::notice::{Draft, tell};
use crate::store::{Read, Tx};
use crate::{Result, args};

/// Somebody who is told when an action changes the state. The one who acts is never told of it, nor is anybody whose
/// permission to read does not reach the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Those for whom the case waits now.
    Next,
    /// Whoever opened it.
    Opener,
    /// Those who hold this permission over it.
    May(Permission),
}

impl Whom {
    /// Who is told unless an action says otherwise: those for whom the case waits now, and whoever opened it.
    pub const DEFAULT: &'static [Self] = &[Self::Next, Self::Opener];
}

/// Tells of an action that changed the state. `case` stands as after it.
pub(super) async fn tell_of(tx: &Tx, case: &Case, action: &Action, event: &Event) -> Result<()> {
    if event.from == event.to || action.informs.is_empty() {
        return Ok(());
    }
    let mut people = Vec::new();
    for whom in action.informs {
        people.extend(of(tx, case, *whom).await?);
    }
    let people = may_be_told(tx, case, people, event.account).await?;
    let state = case.flow.state_label(&case.state);
    let mut body = format!("{} 办理“{}”", event.by, action.label);
    if !event.note.is_empty() {
        body.push_str(&format!("：{}", event.note));
    }
    if let Some(due_on) = case.due_on {
        body.push_str(&format!("\n办理期限 {due_on}"));
    }
    let draft = Draft {
        about: &format!("case:{}:{}", case.id, event.revision),
        kind: "case",
        title: &format!("{}：{state}", case.title),
        body: &body,
        href: &format!("/cases/{}", case.id),
        can_wait: true,
    };
    tell(tx, &people, draft).await
}

/// Tells of a word beside the events: those for whom the case waits, and those who opened it or did something in it.
pub(super) async fn tell_of_comment(tx: &Tx, case: &Case, comment: i64, text: &str) -> Result<()> {
    tell_beside(tx, case, (&format!("comment:{comment}"), "留言"), text).await
}

async fn tell_beside(tx: &Tx, case: &Case, (about, what): (&str, &str), text: &str) -> Result<()> {
    let rows = tx.all(("SELECT DISTINCT account_id FROM case_event WHERE case_id = $1", args![case.id])).await?;
    let mut people: Vec<AccountId> =
        rows.iter().map(|row| row.get("account_id").map(AccountId)).collect::<Result<_>>()?;
    people.extend(of(tx, case, Whom::Next).await?);
    let people = may_be_told(tx, case, people, tx.actor().account).await?;
    let draft = Draft {
        about,
        kind: "comment",
        title: &format!("{}：{} {what}", case.title, tx.actor().name),
        body: text,
        href: &format!("/cases/{}", case.id),
        can_wait: true,
    };
    tell(tx, &people, draft).await
}

/// Tells of a file that was attached, as of a word beside the events.
pub(super) async fn tell_of_attachment(tx: &Tx, case: &Case, attachment: i64, name: &str) -> Result<()> {
    tell_beside(tx, case, (&format!("attachment:{attachment}"), "上传附件"), name).await
}

async fn of(read: &Read, case: &Case, whom: Whom) -> Result<Vec<AccountId>> {
    let permission = match whom {
        Whom::May(permission) => permission,
        Whom::Opener => return Ok(vec![case.opener]),
        Whom::Next => match case.flow.state(&case.state).map(|state: &State| state.waits) {
            Some(Waits::On(permission) | Waits::Counterparty(permission)) => permission,
            Some(Waits::Opener) => return Ok(vec![case.opener]),
            _ => return Ok(Vec::new()),
        },
    };
    who_holds(read, case, permission).await
}

/// The accounts that hold a permission over a case: from the other side of it, when it waits for that side by this
/// permission, and about its subject otherwise.
pub(super) async fn who_holds(read: &Read, case: &Case, permission: Permission) -> Result<Vec<AccountId>> {
    let waits = case.flow.state(&case.state).map(|state| state.waits);
    let body = match (waits, case.counterparty) {
        (Some(Waits::Counterparty(theirs)), Some(other)) if theirs == permission => other,
        _ => case.subject,
    };
    who_may(read, permission, case.unit, body).await
}

/// Those of the people who may read the case, once each, without the one who acts.
pub(super) async fn may_be_told(
    read: &Read,
    case: &Case,
    mut people: Vec<AccountId>,
    besides: AccountId,
) -> Result<Vec<AccountId>> {
    people.retain(|account| *account != besides && account.0 != 0);
    if people.is_empty() {
        return Ok(people);
    }
    let mut readers = who_may(read, case.flow.read, case.unit, case.subject).await?;
    if let Some(other) = case.counterparty {
        readers.extend(who_may(read, case.flow.read, case.unit, other).await?);
    }
    people.sort_unstable();
    people.dedup();
    people.retain(|account| readers.contains(account));
    Ok(people)
}
