//! How long the log must stay at hand, by the edition of the rule in force (`data/audit-retention.toml`). Pure.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::value::day::Day;

/// One edition of the rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Code, stored with what was archived by it.
    pub code: String,
    /// The rule's words.
    pub title: String,
    in_force_from: Day,
    /// Calendar months after its sealing for which a block is not archived.
    pub months: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edition: Vec<Retention>,
}

impl Retention {
    /// The edition in force on a day; `None` before the first.
    pub fn on(day: Day) -> Option<&'static Self> {
        static EMBEDDED: OnceLock<Vec<Retention>> = OnceLock::new();
        let editions = EMBEDDED.get_or_init(|| {
            let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/audit-retention.toml"));
            toml::from_str::<File>(text).expect("invariant: the shipped editions are read by a test").edition
        });
        editions.iter().rfind(|e| e.in_force_from <= day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edition_keeps_the_log_for_at_least_180_days() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        assert!(Retention::on(day("2017-05-31")).is_none());
        for (on, code) in [("2017-06-01", "cybersecurity-law-2017"), ("2026-01-01", "cybersecurity-law-2025")] {
            let rule = Retention::on(day(on)).expect("a rule");
            assert_eq!(rule.code, code);
            let until = day("2021-09-01").checked_sub_months(chrono::Months::new(rule.months)).expect("a day");
            assert!((day("2021-09-01") - until).num_days() >= 180);
        }
    }
}
