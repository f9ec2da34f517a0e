//! What a proposal is, out of its case.

use kernel::case::{Case, show};
use kernel::id::CaseId;
use kernel::value::day::{Day, parse_day};

use super::difference::Piece;

/// A proposal as its case has it.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    /// Number of the case.
    pub id: CaseId,
    /// State, for people.
    pub state: String,
    /// Whether it has ended.
    pub ended: bool,
    values: Vec<(&'static str, String, String)>,
}

impl Proposal {
    pub(super) fn of(case: &Case) -> Self {
        let kept = |code: &str| case.values.get(code).cloned().unwrap_or_default();
        let values = case.flow.fields.iter().map(|f| (f.code, kept(f.code), show(&f.kind, &kept(f.code)))).collect();
        let state = case.flow.state_label(&case.state).to_owned();
        Self { id: case.id, state, ended: case.flow.ends_in(&case.state), values }
    }

    /// A field as it is kept; empty when it is not filled in.
    pub(super) fn kept(&self, code: &str) -> &str {
        self.values.iter().find(|(c, ..)| *c == code).map_or("", |(_, kept, _)| kept)
    }

    /// A field as people read it.
    pub(super) fn shown(&self, code: &str) -> &str {
        self.values.iter().find(|(c, ..)| *c == code).map_or("", |(.., shown)| shown)
    }

    /// A day, when it is filled in.
    pub(super) fn day(&self, code: &str) -> Option<Day> {
        parse_day(self.kept(code)).ok()
    }

    /// The letter of its mark; empty before it has one.
    pub(super) fn mark(&self) -> String {
        self.kept("mark").to_uppercase()
    }

    /// Its number with everything around it: 委员提案〔2021〕82号.
    pub(super) fn number(&self) -> String {
        super::rules::number(self.kept("kind"), self.kept("year"), self.kept("number"))
    }
}

/// An entry of the contact log.
#[derive(Debug, Clone)]
pub(super) struct ContactRow {
    /// Code of the means.
    pub means: String,
    /// When it was.
    pub on: String,
    /// What was said.
    pub body: String,
    /// By whom it was written down.
    pub by: String,
}

/// A version of the reply.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// Its number, from 1.
    pub version: i64,
    /// The day its figures are about where they name none.
    pub about: Day,
    /// The text with its placeholders.
    pub body: String,
    /// When and by whom it was saved.
    pub saved: String,
    /// The paragraphs that changed since the version before; none for the first.
    pub changed: Vec<Vec<Piece>>,
}

/// A reply that was issued.
#[derive(Debug, Clone)]
pub(super) struct Issued {
    /// 发文字号.
    pub number: String,
    /// The publication.
    pub publication: i64,
}

/// A promise with what became of it.
#[derive(Debug, Clone)]
pub(super) struct PromiseRow {
    /// What was promised.
    pub body: String,
    /// Who answers for it.
    pub owner: String,
    /// Until when.
    pub due_on: Day,
    /// The figure that tells.
    pub indicator: String,
    /// Where the figure opens.
    pub href: String,
    /// What it must reach.
    pub floor: i64,
    /// What it has reached.
    pub reached: String,
    /// 已兑现, 进行中, 即将到期, 逾期.
    pub state: &'static str,
    /// How that is coloured.
    pub class: &'static str,
}
