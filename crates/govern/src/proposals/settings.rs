//! How an office answers proposals, as data (`data/proposals.toml`).

use std::sync::OnceLock;

use serde::Deserialize;

/// What an office settles for itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Office {
    /// What stands before the year of an issue number.
    pub series: String,
    /// Months within which a reply is in time.
    pub answer_months: u32,
    /// Days for which the link of a proposer to his opinion form can be used.
    pub link_days: i64,
    /// Where the numbers come from.
    pub source: String,
    /// Whether they were compared with the text of the source.
    pub confirmed: bool,
}

/// The office's settings.
pub(super) fn office() -> &'static Office {
    static OFFICE: OnceLock<Office> = OnceLock::new();
    OFFICE.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/proposals.toml"));
        toml::from_str(text).expect("invariant: the shipped settings are read by a test")
    })
}
