//! What is typed about consents, and a consent as pages show it.

use kernel::consent::{Consent, Item, NewConsent};
use kernel::value::day::{Day, minute, parse_day};
use kernel::{Faults, Result};
use serde::Deserialize;

/// A consent, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ConsentForm {
    /// Number of the recipient.
    pub recipient: String,
    /// Codes of items, each once or not at all.
    pub items: Vec<String>,
    pub purpose: String,
    pub valid_from: String,
    pub valid_to: String,
    /// Digest of the text that was shown.
    pub text: String,
    /// Ticked: the text was read.
    pub agreed: String,
}

impl ConsentForm {
    /// The values.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] with every fault at its field.
    pub(super) fn consent(&self) -> Result<NewConsent> {
        let mut faults = Faults::new();
        let mut day = |field: &str, typed: &str| {
            parse_day(typed).unwrap_or_else(|error| {
                faults.add(field, error.to_string());
                Day::MIN
            })
        };
        let (valid_from, valid_to) = (day("valid_from", &self.valid_from), day("valid_to", &self.valid_to));
        if self.agreed.is_empty() {
            faults.add("agreed", "请先阅读授权书，再勾选同意");
        }
        faults.or(NewConsent {
            recipient: self.recipient.parse().ok(),
            items: self.items.clone(),
            purpose: self.purpose.clone(),
            valid_from,
            valid_to,
            text: self.text.clone(),
        })
    }

    /// Whether an item is ticked.
    pub(super) fn has(&self, item: &Item) -> bool {
        self.items.iter().any(|code| code == item.code)
    }
}

/// Why a consent is taken back, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RevokeForm {
    pub reason: String,
}

/// A consent as a page shows it.
pub(super) struct Row {
    pub id: i64,
    pub subject: (i64, String),
    pub recipient: String,
    pub items: Vec<String>,
    pub purpose: String,
    pub from: Day,
    pub to: Day,
    pub given: String,
    pub state: &'static str,
    pub state_class: &'static str,
    pub is_live: bool,
    /// Instant, person and reason; empty while it stands.
    pub revoked: String,
}

impl Row {
    pub(super) fn of(consent: &Consent, items: &[&'static Item], today: Day) -> Self {
        let state = consent.state(today);
        let revoked = consent.revoked.as_ref().map(|(at, by, why)| {
            let why = if why.is_empty() { String::new() } else { format!("：{why}") };
            format!("{}，{by}{why}", minute(*at))
        });
        Self {
            id: consent.id.0,
            subject: (consent.subject.0.0, consent.subject.1.clone()),
            recipient: consent.recipient.1.clone(),
            items: consent.item_labels(items),
            purpose: consent.purpose.clone(),
            from: consent.valid_from,
            to: consent.valid_to,
            given: format!("{}，{}", minute(consent.given_at), consent.given_by),
            state: state.label().0,
            state_class: state.label().1,
            is_live: state == kernel::consent::State::Live,
            revoked: revoked.unwrap_or_default(),
        }
    }

    /// What may be seen, in a line.
    pub(super) fn items_line(&self) -> String {
        self.items.join("、")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Error;

    #[test]
    fn every_fault_of_a_consent_stands_at_its_field() {
        let form = ConsentForm { valid_from: "2021-02-30".into(), ..ConsentForm::default() };
        let Err(Error::Invalid(faults)) = form.consent() else { panic!("three faults") };
        let fields: Vec<_> = faults.0.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["valid_from", "valid_to", "agreed"]);
    }
}
