//! The wording that is consented to, by edition (`data/consent-texts.toml`). Pure.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::seal::Hash;
use crate::value::day::Day;

/// One wording.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// Its code.
    pub version: String,
    /// What the document is called.
    pub title: String,
    in_force_from: Day,
    /// Days a consent may last at most.
    pub longest_days: i64,
    /// Whether somebody with authority has confirmed it.
    pub confirmed: bool,
    /// The words, a sentence a line.
    pub body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edition: Vec<Edition>,
}

impl Edition {
    /// The edition in force on a day; `None` before the first.
    pub fn on(day: Day) -> Option<&'static Self> {
        static EMBEDDED: OnceLock<Vec<Edition>> = OnceLock::new();
        let editions = EMBEDDED.get_or_init(|| {
            let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/consent-texts.toml"));
            toml::from_str::<File>(text).expect("invariant: the shipped editions are read by a test").edition
        });
        editions.iter().rfind(|e| e.in_force_from <= day)
    }

    /// SM3 of version, title and words, in hexadecimal.
    pub fn digest(&self) -> String {
        Hash::of(format!("{}\n{}\n{}", self.version, self.title, self.body).as_bytes()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edition_is_read_and_named_by_its_words() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        assert!(Edition::on(day("2019-12-31")).is_none());
        let edition = Edition::on(day("2021-08-11")).expect("an edition");
        assert!(edition.longest_days > 0 && edition.body.contains("撤回"));
        let reworded = Edition { body: edition.body.replace("随时", "不能"), ..edition.clone() };
        assert_ne!(edition.digest(), reworded.digest());
        assert_eq!(edition.digest().len(), 64);
    }
}
