//! Requests in words.

use kernel::access::Scope;
use kernel::id::{AmendmentId, Position};
use kernel::ledger::Fact;
use kernel::publication::{Amendment, Proposal};
use kernel::store::Read;
use kernel::value::day;
use kernel::value::money::Fen;
use kernel::{Error, Result, org};

/// A request in a list.
pub(super) struct Row {
    /// Number.
    pub id: AmendmentId,
    /// The fact.
    pub fact: Position,
    /// Why.
    pub reason: String,
    /// How many published figures it would have moved.
    pub moves: usize,
    /// By whom it was requested.
    pub by: String,
    /// When.
    pub at: String,
    /// What was decided: `waiting`, `accepted` or `refused`.
    pub state: State,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nobody has decided yet.
    Waiting,
    /// Accepted.
    Accepted,
    /// Refused.
    Refused,
}

impl State {
    /// In words.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Waiting => "待审核",
            Self::Accepted => "已同意",
            Self::Refused => "已退回",
        }
    }

    /// How it is coloured.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Waiting => "state-info",
            Self::Accepted => "state-ok",
            Self::Refused => "state-off",
        }
    }
}

impl Row {
    /// In words.
    pub(super) fn of(found: &Amendment) -> Self {
        let state = match &found.decision {
            None => State::Waiting,
            Some(decision) if decision.accepted => State::Accepted,
            Some(_) => State::Refused,
        };
        Self {
            id: found.id,
            fact: found.fact,
            reason: found.reason.clone(),
            moves: found.moves.len(),
            by: found.requested_by.clone(),
            at: day::minute(found.requested_at),
            state,
        }
    }
}

/// One field of a fact beside what is proposed.
pub(super) struct Compared {
    /// What it is.
    pub label: &'static str,
    /// As it stands.
    pub stands: String,
    /// As proposed; empty when nothing is recorded instead.
    pub proposed: String,
}

/// The fact beside what is proposed, for who reads `scope`.
///
/// # Errors
/// As the database says.
pub(super) async fn compared(read: &Read, scope: &Scope, fact: &Fact, proposal: &Proposal) -> Result<Vec<Compared>> {
    let kind = read.catalog().kind(&fact.kind);
    let class = |code: &str| kind.map_or("", |k| k.decl.class_label(code)).to_owned();
    let new = proposal.replacement.as_ref();
    let name = match new {
        Some(new) if new.subject != fact.subject => match org::find_within(read, scope, new.subject).await {
            Ok(found) => found.name,
            Err(Error::NotFound) => "您范围之外的主体".to_owned(),
            Err(other) => return Err(other),
        },
        Some(_) => fact.subject_name.clone(),
        None => String::new(),
    };
    let line = |label, stands: String, proposed: String| Compared { label, stands, proposed };
    let mut lines = vec![
        line("主体", fact.subject_name.clone(), name),
        line("发生日期", fact.occurred_on.to_string(), new.map(|n| n.on.to_string()).unwrap_or_default()),
        line("数量", fact.quantity.to_string(), new.map(|n| n.quantity.to_string()).unwrap_or_default()),
    ];
    if kind.is_some_and(|k| !k.decl.classes.is_empty()) {
        lines.push(line("分类", class(&fact.class), new.map(|n| class(&n.class)).unwrap_or_default()));
    }
    if fact.money {
        let yuan = |fen: Fen| format!("{} 元", fen.yuan());
        lines.push(line("金额", yuan(fact.amount), new.map(|n| yuan(Fen(n.amount))).unwrap_or_default()));
    }
    Ok(lines)
}
