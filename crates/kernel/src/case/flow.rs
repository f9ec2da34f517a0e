//! What a module declares of its cases. What contradicts itself is refused at start by `sound`.

use std::future::Future;
use std::pin::Pin;

use super::field::{Field, Values};
use super::informs::Whom;
use super::store::Case;
use crate::Result;
use crate::access::Permission;
use crate::id::OrgId;
use crate::store::{Read, Tx};

/// A way cases of one sort go. Versions of the same code stand side by side as long as cases of them run.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    /// `module.noun`.
    pub code: &'static str,
    /// Higher versions are for new cases.
    pub version: i64,
    /// What people call a case of it.
    pub label: &'static str,
    /// Who may read its cases, as far as the permission reaches.
    pub read: Permission,
    /// Its states.
    pub states: &'static [State],
    /// What can be filled in.
    pub fields: &'static [Field],
    /// What can be done; one of them opens a case.
    pub actions: &'static [Action],
    /// What whoever decides should know, besides what was filled in.
    pub tells: Option<Tells>,
}

/// A state.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// Stable code.
    pub code: &'static str,
    /// What people read.
    pub label: &'static str,
    /// For whom the case waits in it.
    pub waits: Waits,
    /// The clock that runs in it: a code of `data/clocks.toml`.
    pub clock: Option<&'static str>,
}

/// For whom a case waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// For nobody: it has ended.
    Nobody,
    /// For those who hold this permission over it.
    On(Permission),
    /// For whoever opened it.
    Opener,
    /// For the other side, who holds this permission.
    Counterparty(Permission),
    /// For nobody: it rests here until somebody has reason to go on, and no clock runs.
    Rest,
    /// For nobody yet, and the clock that ran before stands still.
    Paused,
    /// For nobody in particular: it takes its course, such as a project that is being built.
    Underway,
}

/// Where an action leads that leaves the state as it is, whichever of its states that may be.
pub const STAY: &str = "";

/// An action.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// Stable code.
    pub code: &'static str,
    /// What the button says.
    pub label: &'static str,
    /// States it is possible in; none for the action that opens a case.
    pub from: &'static [&'static str],
    /// The state after it; [`STAY`] for the one before.
    pub to: &'static str,
    /// Who may.
    pub by: By,
    /// What is filled in with it.
    pub fills: &'static [Fill],
    /// Whether a word is said with it.
    pub note: Note,
    /// Actions of this case whose doers may not do this one (four eyes).
    pub apart_from: &'static [&'static str],
    /// How many different people must do it before the state changes.
    pub signers: usize,
    /// Whether remarks can be left at single fields, for the one it goes back to.
    pub remarks: bool,
    /// Facts it writes.
    pub writes: &'static [Writes],
    /// Facts it writes with a minus, for stocks the subject leaves.
    pub leaves: &'static [Writes],
    /// Whether it takes back the facts this case wrote that still stand.
    pub takes_back: bool,
    /// Who is told when it changes the state.
    pub informs: &'static [Whom],
    /// What else must hold for what is filled in, beyond each field by itself.
    pub check: Option<Check>,
    /// What else happens in the same act.
    pub effect: Option<Effect>,
    /// The action that takes it back, and for how many hours a bulk of it can be taken back at once.
    pub undone_by: Option<(&'static str, i64)>,
}

/// What else an action does, in the same transaction: the case as it stands after the action.
pub type Effect = for<'a> fn(&'a mut Tx, &'a Case) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// A check of what is filled in about a subject: every fault at its field.
pub type Check = for<'a> fn(&'a Tx, OrgId, &'a Values) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// Sentences about a case, for those who may read it.
pub type Tells = for<'a> fn(&'a Read, &'a Case) -> Pin<Box<dyn Future<Output = Result<Vec<Told>>> + Send + 'a>>;

/// A sentence, and where it leads; nowhere when that is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The sentence.
    pub text: String,
    /// A page of ours.
    pub href: String,
}

impl Action {
    /// An action of those who hold a permission, without anything else.
    pub const fn new(
        code: &'static str,
        label: &'static str,
        from: &'static [&'static str],
        to: &'static str,
        by: By,
    ) -> Self {
        Self {
            code,
            label,
            from,
            to,
            by,
            fills: &[],
            note: Note::May,
            apart_from: &[],
            signers: 1,
            remarks: false,
            writes: &[],
            leaves: &[],
            takes_back: false,
            informs: Whom::DEFAULT,
            check: None,
            effect: None,
            undone_by: None,
        }
    }

    /// The state after it, done in `from`.
    pub fn leads<'a>(&self, from: &'a str) -> &'a str {
        if self.to == STAY { from } else { self.to }
    }

    /// With fields to fill in.
    pub const fn fills(mut self, fills: &'static [Fill]) -> Self {
        self.fills = fills;
        self
    }

    /// With a word that must be said.
    pub const fn note(mut self, note: Note) -> Self {
        self.note = note;
        self
    }

    /// By other people than those who did these.
    pub const fn apart_from(mut self, actions: &'static [&'static str]) -> Self {
        self.apart_from = actions;
        self
    }

    /// Taken back by this action; when done to many cases at once, within so many hours.
    pub const fn undone_by(mut self, action: &'static str, hours: i64) -> Self {
        self.undone_by = Some((action, hours));
        self
    }

    /// By so many people.
    pub const fn signers(mut self, n: usize) -> Self {
        self.signers = n;
        self
    }

    /// With remarks at fields.
    pub const fn remarks(mut self) -> Self {
        self.remarks = true;
        self
    }

    /// With facts.
    pub const fn writes(mut self, writes: &'static [Writes]) -> Self {
        self.writes = writes;
        self
    }

    /// With facts by which the subject leaves a stock.
    pub const fn leaves(mut self, leaves: &'static [Writes]) -> Self {
        self.leaves = leaves;
        self
    }

    /// Taking back the case's facts.
    pub const fn takes_back(mut self) -> Self {
        self.takes_back = true;
        self
    }

    /// Telling these people, instead of [`Whom::DEFAULT`].
    pub const fn informs(mut self, people: &'static [Whom]) -> Self {
        self.informs = people;
        self
    }

    /// With a check of what is filled in.
    pub const fn check(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    /// With something else that happens.
    pub const fn effect(mut self, effect: Effect) -> Self {
        self.effect = Some(effect);
        self
    }
}

/// Who may do an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Those whose permission reaches the case.
    May(Permission),
    /// Whoever opened it.
    Opener,
    /// Those whose permission reaches the other side of the case.
    Counterparty(Permission),
}

/// A field an action fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// The field.
    pub field: &'static str,
    /// Whether it may not stay empty.
    pub must: bool,
    /// Whether it is said each time: what was said before neither stands in the form nor counts.
    pub anew: bool,
}

impl Fill {
    /// May not stay empty.
    pub const fn must(field: &'static str) -> Self {
        Self { field, must: true, anew: false }
    }

    /// May not stay empty, and is said each time the action is done, such as a payment.
    pub const fn anew(field: &'static str) -> Self {
        Self { field, must: true, anew: true }
    }

    /// May stay empty.
    pub const fn may(field: &'static str) -> Self {
        Self { field, must: false, anew: false }
    }
}

/// Whether a word is said with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// If one likes.
    May,
    /// One must; the text says what is asked for.
    Must(&'static str),
}

/// A fact an action writes, about the subject of the case; its counterparty is the other side of the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writes {
    /// Its kind.
    pub kind: &'static str,
    /// The day it is about.
    pub on: When,
    /// The field that says its class.
    pub class: Option<&'static str>,
    /// The field that says its quantity; 1 without one.
    pub quantity: Option<&'static str>,
    /// The field that says its amount.
    pub amount: Option<&'static str>,
}

impl Writes {
    /// One, today.
    pub const fn today(kind: &'static str) -> Self {
        Self { kind, on: When::Today, class: None, quantity: None, amount: None }
    }
}

/// The day a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The day of the act.
    Today,
    /// The day in this field.
    Field(&'static str),
}

impl Flow {
    /// The state with this code.
    pub fn state(&self, code: &str) -> Option<&'static State> {
        self.states.iter().find(|state| state.code == code)
    }

    /// The label of a state; the code itself for one that no longer exists.
    pub fn state_label<'a>(&self, code: &'a str) -> &'a str {
        self.state(code).map_or(code, |state| state.label)
    }

    /// The action with this code.
    pub fn action(&self, code: &str) -> Option<&'static Action> {
        self.actions.iter().find(|action| action.code == code)
    }

    /// The action that opens a case.
    pub fn opening(&self) -> Option<&'static Action> {
        self.actions.iter().find(|action| action.from.is_empty())
    }

    /// The field with this code.
    pub fn field(&self, code: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.code == code)
    }

    /// Whether cases in this state have ended.
    pub fn ends_in(&self, code: &str) -> bool {
        self.state(code).is_some_and(|state| state.waits == Waits::Nobody)
    }
}
