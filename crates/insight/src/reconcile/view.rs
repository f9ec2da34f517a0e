//! Outcomes and notes of rules as pages show them.

use kernel::indicator::{Exception, Outcome};
use kernel::ledger::Catalog;
use kernel::publication::{Note, Release};

use crate::indicators::FigureView;

/// A row that makes a difference.
pub(crate) struct ExceptionRow {
    /// Name of the organisation.
    pub name: String,
    /// The fact, or else the dossier.
    pub href: String,
    /// What is different about it.
    pub note: String,
}

impl ExceptionRow {
    pub(crate) fn of(exception: &Exception) -> Self {
        Self {
            name: exception.name.clone(),
            href: match exception.fact {
                Some(fact) => format!("/facts/{fact}"),
                None => format!("/orgs/{}", exception.org),
            },
            note: exception.note.clone(),
        }
    }
}

/// A rule with its result.
pub(super) struct RuleRow {
    /// What people call it.
    pub name: &'static str,
    /// Its code, for an address inside the page.
    pub code: &'static str,
    /// What must hold.
    pub statement: &'static str,
    /// What kind of rule it is.
    pub kind: &'static str,
    /// What its module is called.
    pub module: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// Both sides.
    pub sides: String,
    /// The figures compared.
    pub figures: Vec<FigureView>,
    /// The rows that make the difference.
    pub exceptions: Vec<ExceptionRow>,
    /// How many there are.
    pub excepted: usize,
    /// Says so where not all are listed.
    pub more: String,
}

impl RuleRow {
    /// In words.
    pub(super) fn of(outcome: &Outcome, catalog: &Catalog) -> Self {
        Self {
            name: outcome.rule.name,
            code: outcome.rule.code,
            statement: outcome.rule.statement,
            kind: outcome.rule.check.label(),
            module: catalog.module_label(outcome.module),
            holds: outcome.holds,
            sides: outcome.sides.clone(),
            figures: outcome.figures.iter().map(|f| FigureView::of(f, None)).collect(),
            exceptions: outcome.exceptions.iter().map(ExceptionRow::of).collect(),
            excepted: outcome.excepted,
            more: more(outcome.excepted, outcome.exceptions.len()),
        }
    }
}

fn more(all: usize, listed: usize) -> String {
    if all > listed { format!("共 {all} 行，只列前 {listed} 行。") } else { String::new() }
}

/// What a rule said about a document.
pub(crate) struct NoteRow {
    /// How a form names it.
    pub key: String,
    /// Its place among those that are printed as footnotes, from 1; 0 where it holds.
    pub number: usize,
    /// What people call it.
    pub name: String,
    /// What must hold.
    pub statement: String,
    /// The day asked about.
    pub about: String,
    /// Both sides.
    pub sides: String,
    /// Whether it holds.
    pub holds: bool,
    /// The rows that make the difference.
    pub exceptions: Vec<ExceptionRow>,
    /// How many there are.
    pub excepted: usize,
    /// Says so where not all are listed.
    pub more: String,
    /// Who let it pass and why.
    pub release: Option<Release>,
    /// The reason typed.
    pub reason: String,
    /// What is wrong with it.
    pub fault: String,
}

/// Notes in words; those that do not hold are numbered.
pub(crate) fn notes(notes: &[Note]) -> Vec<NoteRow> {
    let mut number = 0;
    let mut found = Vec::with_capacity(notes.len());
    for note in notes {
        number += usize::from(!note.holds);
        found.push(NoteRow {
            key: note.key(),
            number: if note.holds { 0 } else { number },
            name: note.name.clone(),
            statement: note.statement.clone(),
            about: note.about.to_string(),
            sides: note.sides.clone(),
            holds: note.holds,
            exceptions: note.exceptions.iter().map(ExceptionRow::of).collect(),
            excepted: note.excepted,
            more: more(note.excepted, note.exceptions.len()),
            release: note.release.clone(),
            reason: String::new(),
            fault: String::new(),
        });
    }
    found
}
