//! The script: everything that will be written down, each act with its day, before anything is.
//!
//! Areas add acts in any order; the player sorts them by day.

use std::collections::BTreeMap;

use super::contracts::LedgerAct;
use super::days::GO_LIVE;
use kernel::org::YearFigures;
use kernel::value::day::Day;
use kernel::value::money::Fen;
use transform::diagnosis::history::Papers;

/// An organisation of the script, by its place in it.
pub(super) type Who = usize;

/// An entry of the script, by its place in it.
pub(super) type Ticket = usize;

/// A case of the script, by its place in it.
pub(super) type Matter = usize;

/// What is typed into a field of a case.
#[derive(Debug, Clone)]
pub(super) enum Typed {
    Text(String),
    /// A body that is chosen.
    Body(Who),
}

/// What happens in a case.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// It is opened about a subject.
    Open { flow: &'static str, who: Who, typed: Vec<(&'static str, Typed)> },
    /// An action is done.
    Do { action: &'static str, typed: Vec<(&'static str, Typed)>, note: &'static str },
    /// A questionnaire and a report are entered.
    Papers(Papers),
    /// The enterprise rates the institution.
    Rate(i64, &'static str),
    /// The month of a project is reported.
    Month(MonthPlan),
}

impl Step {
    /// An action without anything typed.
    pub(super) fn act(action: &'static str) -> Self {
        Self::Do { action, typed: Vec::new(), note: "" }
    }

    /// An action with a word that must be said.
    pub(super) fn because(action: &'static str, note: &'static str) -> Self {
        Self::Do { action, typed: Vec::new(), note }
    }

    /// An action with a field.
    pub(super) fn with(action: &'static str, field: &'static str, typed: Typed) -> Self {
        Self::Do { action, typed: vec![(field, typed)], note: "" }
    }
}

/// The desk that writes an act down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Desk {
    /// Takes over the ledgers of earlier years.
    TakeOver,
    /// The bureau.
    Bureau,
    /// The financing platform.
    Platform,
    /// The guarantor.
    Guarantor,
    /// An officer of the bureau with an account: checks what other desks file, which they may not do themselves.
    Officer,
    /// Diagnosis institutions.
    Institution,
    /// Enterprises.
    Enterprise,
}

impl Desk {
    /// The name that stands in the records.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::TakeOver => "历史台账导入（演示）",
            Self::Bureau => "市局经办（演示）",
            Self::Platform => "金融平台运营（演示）",
            Self::Guarantor => "担保机构经办（演示）",
            Self::Officer => "市局经办（演示）",
            Self::Institution => "诊断机构经办（演示）",
            Self::Enterprise => "企业经办（演示）",
        }
    }
}

/// An organisation to register.
#[derive(Debug, Clone)]
pub(super) struct OrgPlan {
    /// Kind code.
    pub kind: String,
    /// Credit code, or else
    pub credit_code: Option<String>,
    /// a local code.
    pub local_code: Option<String>,
    /// First day its attributes hold.
    pub since: Day,
    /// Attribute code and value.
    pub attributes: Vec<(String, String)>,
    /// Where all this is from.
    pub source: String,
}

/// A fact to record.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub kind: &'static str,
    pub class: &'static str,
    pub who: Who,
    pub with: Option<Who>,
    pub on: Day,
    pub quantity: i64,
    pub amount: Fen,
}

impl Planned {
    /// "On `on`, `who` did `kind`, once."
    pub(super) fn new(kind: &'static str, who: Who, on: Day) -> Self {
        Self { kind, class: "", who, with: None, on, quantity: 1, amount: Fen(0) }
    }

    pub(super) fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    pub(super) fn with(mut self, with: Who) -> Self {
        self.with = Some(with);
        self
    }

    pub(super) fn quantity(mut self, quantity: i64) -> Self {
        self.quantity = quantity;
        self
    }

    pub(super) fn fen(mut self, fen: i64) -> Self {
        self.amount = Fen(fen);
        self
    }
}

/// A source record with the facts that cite it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub module: &'static str,
    pub title: String,
    pub document: String,
    pub detail: String,
    pub facts: Vec<Planned>,
}

impl Entry {
    /// A record of `module` without facts yet.
    pub(super) fn new(module: &'static str, title: impl Into<String>) -> Self {
        Self { module, title: title.into(), document: String::new(), detail: String::new(), facts: Vec::new() }
    }

    pub(super) fn document(mut self, document: impl Into<String>) -> Self {
        self.document = document.into();
        self
    }

    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(super) fn fact(mut self, fact: Planned) -> Self {
        self.facts.push(fact);
        self
    }
}

/// A change of what an organisation is.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub who: Who,
    pub attribute: &'static str,
    pub value: String,
    pub from: Day,
    pub source: String,
}

/// A figure from outside.
#[derive(Debug, Clone)]
pub(super) struct Declaration {
    pub indicator: &'static str,
    pub value: &'static str,
    pub on: Day,
    pub source: &'static str,
    pub office: &'static str,
}

/// A target to set; unit 0 is the whole city.
#[derive(Debug, Clone)]
pub(super) struct TargetPlan {
    pub indicator: &'static str,
    pub period: &'static str,
    pub unit: i64,
    pub value: i64,
    pub source: String,
}

/// A monthly report of a project. Milestones: place and the day they were reached.
#[derive(Debug, Clone)]
pub(super) struct MonthPlan {
    pub month: Day,
    pub fen: i64,
    pub reached: Vec<(usize, Day)>,
    pub problem: &'static str,
    pub problem_unit: &'static str,
    pub reason: &'static str,
}

/// What can be written down. Of one day, they come in this order.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Register(Who),
    Change(Change),
    Year(Who, YearFigures),
    Target(TargetPlan),
    Declare(Declaration),
    Enter(Ticket, Entry),
    Reverse(Ticket, &'static str),
    Ledger(LedgerAct),
    /// A step of a case; the number keeps the steps of one day in their order.
    Case(Matter, u8, Step),
    /// What was accepted of an institution in a plan year is settled.
    Settle(Who, i32),
}

impl Act {
    fn stage(&self) -> u8 {
        match self {
            Self::Register(_) => 0,
            Self::Change(_) => 1,
            Self::Year(..) => 2,
            Self::Target(_) | Self::Declare(_) => 3,
            Self::Enter(..) => 4,
            Self::Ledger(LedgerAct::Stand(..) | LedgerAct::Agree(..)) => 3,
            Self::Ledger(LedgerAct::Sign(..) | LedgerAct::Move(..)) => 4,
            Self::Reverse(..) | Self::Ledger(LedgerAct::TakeBack(..)) => 5,
            Self::Case(_, nth, _) => 6 + nth,
            Self::Settle(..) => u8::MAX,
        }
    }
}

/// An act with its day, its place in the day, and its desk.
#[derive(Debug, Clone)]
pub(super) struct Timed {
    pub when: (Day, u8, Desk),
    pub act: Act,
}

/// Everything that will be written down.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// Organisations, by [`Who`].
    pub orgs: Vec<OrgPlan>,
    /// Acts, in the order the areas thought of them.
    pub acts: Vec<Timed>,
    /// How many tickets were given.
    pub tickets: usize,
    /// Cases, each with how many steps it has so far.
    pub matters: Vec<u8>,
    /// How many contracts of a ledger were numbered.
    numbers: BTreeMap<&'static str, usize>,
}

impl Script {
    pub(super) fn add(&mut self, day: Day, desk: Desk, act: Act) {
        self.acts.push(Timed { when: (day, act.stage(), desk), act });
    }

    /// The next ticket.
    pub(super) fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        self.tickets - 1
    }

    /// The next number of contracts of a ledger, from 1.
    pub(super) fn numbered(&mut self, ledger: &'static str) -> usize {
        let number = self.numbers.entry(ledger).or_default();
        *number += 1;
        *number
    }

    /// Registers an organisation on a day.
    pub(super) fn register(&mut self, day: Day, desk: Desk, plan: OrgPlan) -> Who {
        let who = self.orgs.len();
        self.orgs.push(plan);
        self.add(day, desk, Act::Register(who));
        who
    }

    /// Records a change of an attribute.
    pub(super) fn change(&mut self, day: Day, change: Change) {
        self.add(day, Desk::Bureau, Act::Change(change));
    }

    /// Records yearly figures.
    pub(super) fn year(&mut self, day: Day, desk: Desk, who: Who, figures: YearFigures) {
        self.add(day, desk, Act::Year(who, figures));
    }

    /// Sets a target.
    pub(super) fn target(&mut self, day: Day, target: TargetPlan) {
        self.add(day, Desk::Bureau, Act::Target(target));
    }

    /// Declares a figure from outside.
    pub(super) fn declare(&mut self, day: Day, declaration: Declaration) {
        self.add(day, Desk::Bureau, Act::Declare(declaration));
    }

    /// Enters a record with its facts. What is older than the platform comes from a ledger taken over.
    pub(super) fn enter(&mut self, day: Day, desk: Desk, entry: Entry) -> Ticket {
        let ticket = self.ticket();
        let old = entry.facts.iter().all(|f| f.on < GO_LIVE);
        let desk = if old { Desk::TakeOver } else { desk };
        self.add(day, desk, Act::Enter(ticket, entry));
        ticket
    }

    /// Opens a case.
    pub(super) fn open(
        &mut self,
        day: Day,
        desk: Desk,
        (flow, who): (&'static str, Who),
        typed: Vec<(&'static str, Typed)>,
    ) -> Matter {
        let matter = self.matters.len();
        self.matters.push(0);
        self.step(day, desk, matter, Step::Open { flow, who, typed });
        matter
    }

    /// Does something in a case, after what was done in it before.
    pub(super) fn step(&mut self, day: Day, desk: Desk, matter: Matter, step: Step) {
        let nth = self.matters[matter];
        self.matters[matter] += 1;
        self.add(day, desk, Act::Case(matter, nth, step));
    }

    /// Settles what was accepted of an institution in a plan year.
    pub(super) fn settle(&mut self, day: Day, institution: Who, year: i32) {
        self.add(day, Desk::Bureau, Act::Settle(institution, year));
    }

    /// Reverses every fact of an entry. The day must lie after that of the entry.
    pub(super) fn reverse(&mut self, day: Day, desk: Desk, ticket: Ticket, reason: &'static str) {
        self.add(day, desk, Act::Reverse(ticket, reason));
    }
}
