//! What a typed fact means, or which field is at fault. Pure; the rules themselves are shared with workbooks.

use kernel::Faults;
use kernel::ledger::FactKind;
pub(super) use kernel::ledger::entry::Happened;
use kernel::ledger::entry::{self, Typed};
use kernel::value::day::Day;
use serde::Deserialize;

/// The form that enters a fact, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct EntryForm {
    /// Code of the kind.
    pub kind: String,
    /// Code of the class.
    pub class: String,
    /// Code or part of the name of the subject.
    pub subject: String,
    /// The one of several subjects that was chosen.
    pub subject_pick: String,
    /// Code or part of the name of the counterparty.
    pub counterparty: String,
    /// The one of several counterparties that was chosen.
    pub counterparty_pick: String,
    pub occurred_on: String,
    pub quantity: String,
    /// In 万元, or with its unit.
    pub amount: String,
    /// Title of the record.
    pub title: String,
    /// Number of its document or contract.
    pub document: String,
    /// `1` where the same was entered before and is meant to be entered again.
    pub again: String,
    /// What is done: `save`, else a look first.
    pub act: String,
}

impl EntryForm {
    /// The same form with what was chosen put into its field; choosing is not saving.
    pub(super) fn picked(mut self) -> Self {
        for (pick, field) in
            [(&mut self.subject_pick, &mut self.subject), (&mut self.counterparty_pick, &mut self.counterparty)]
        {
            if !pick.trim().is_empty() {
                *field = std::mem::take(pick);
                self.act.clear();
            }
        }
        self
    }

    /// Whether the fact is to be recorded now.
    pub(super) fn is_saved(&self) -> bool {
        self.act == "save"
    }
}

/// Reads what happened; what is wrong is added to `faults` at its field.
pub(super) fn happened(form: &EntryForm, kind: &FactKind, today: Day, faults: &mut Faults) -> Happened {
    let typed = Typed {
        class: &form.class,
        occurred_on: &form.occurred_on,
        quantity: &form.quantity,
        amount: &form.amount,
        title: &form.title,
        document: &form.document,
    };
    entry::happened(&typed, kind, today, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choosing_a_body_is_not_saving() {
        let chosen =
            EntryForm { subject: "东".into(), subject_pick: "X1".into(), act: "save".into(), ..EntryForm::default() };
        let chosen = chosen.picked();
        assert_eq!((chosen.subject.as_str(), chosen.is_saved()), ("X1", false));
    }
}
