//! What changes nothing and is noted all the same: reads of note, what is taken away, signing in, refusals.

use super::Verb;
use super::entry::{Draft, Outcome};
use crate::Result;
use crate::access::Actor;
use crate::id::OrgId;
use crate::store::Store;

/// An entry without an act.
#[derive(Debug, Clone)]
pub struct Note {
    verb: Verb,
    object: (&'static str, Option<i64>),
    orgs: Vec<OrgId>,
    details: Vec<(&'static str, String)>,
    purpose: String,
    outcome: Outcome,
}

impl Note {
    /// Something was done to an object.
    pub fn of(verb: Verb, object: &'static str, id: impl Into<Option<i64>>) -> Self {
        let (orgs, details, purpose) = (Vec::new(), Vec::new(), String::new());
        Self { verb, object: (object, id.into()), orgs, details, purpose, outcome: Outcome::Done }
    }

    /// It concerns these organisations: it stands in the trail of each.
    #[must_use]
    pub fn about(mut self, orgs: impl IntoIterator<Item = OrgId>) -> Self {
        self.orgs.extend(orgs);
        self
    }

    /// A detail in the office's words; an empty one is left out.
    #[must_use]
    pub fn detail(mut self, label: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.details.push((label, value));
        }
        self
    }

    /// What it is done for.
    #[must_use]
    pub fn purpose(mut self, purpose: &str) -> Self {
        self.purpose = super::cut_text(purpose);
        self
    }

    /// It was refused.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.outcome = Outcome::Refused;
        self
    }
}

impl Note {
    fn compose(&self, draft: &mut Draft) {
        draft.name(self.verb, self.object);
        draft.orgs.extend(self.orgs.iter().copied());
        for (label, value) in &self.details {
            draft.change(label, "", value);
        }
        draft.purpose.clone_from(&self.purpose);
        draft.outcome = self.outcome;
    }
}

/// Writes a note down. When this returns well, it is durable.
///
/// # Errors
/// As the database says; who asked for something of note does not get it then.
pub async fn note(store: &Store, actor: &Actor, note: Note) -> Result<()> {
    note_all(store, actor, vec![note]).await
}

/// Writes several notes down at once, an entry each.
///
/// # Errors
/// As [`note`].
pub async fn note_all(store: &Store, actor: &Actor, notes: Vec<Note>) -> Result<()> {
    let Some((last, others)) = notes.split_last() else { return Ok(()) };
    store
        .write(actor, async |tx| {
            for note in others {
                let mut draft = Draft::default();
                note.compose(&mut draft);
                tx.write_draft(draft).await?;
            }
            last.compose(&mut tx.draft());
            Ok(())
        })
        .await
}
