//! What is typed.

use kernel::ledger::Fact;
use serde::Deserialize;

/// A request, as typed. The replacement starts with what stands.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// Why.
    pub reason: String,
    /// `1` to take the fact back.
    pub reverse: String,
    /// `1` to record another.
    pub replace: String,
    /// Credit or local code of the subject.
    pub code: String,
    /// Class code.
    pub class: String,
    /// The day.
    pub on: String,
    /// How many.
    pub quantity: String,
    /// How much, with its unit.
    pub amount: String,
    /// What published figures the person was shown to move; empty before the first look.
    pub seen: String,
}

impl Typed {
    /// What stands now, for a form that is opened.
    pub(super) fn of(fact: &Fact, code: String) -> Self {
        Self {
            reverse: "1".to_owned(),
            code,
            class: fact.class.clone(),
            on: fact.occurred_on.to_string(),
            quantity: fact.quantity.to_string(),
            amount: if fact.money { format!("{}元", fact.amount.yuan()) } else { String::new() },
            ..Self::default()
        }
    }

    /// Whether a field of the replacement was filled in with something else.
    pub(super) fn differs_from(&self, standing: &Self) -> bool {
        let fields = |t: &Self| [&t.code, &t.class, &t.on, &t.quantity, &t.amount].map(|f| f.trim().to_owned());
        fields(self).iter().zip(&fields(standing)).any(|(typed, stands)| !typed.is_empty() && typed != stands)
    }
}

/// A decision, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Decided {
    /// Why not, or a remark.
    pub note: String,
    /// What published figures the person was shown to move.
    pub seen: String,
}
