//! Rules of the marketplace. Pure: no clock, no database.

mod book;
mod cost;
mod fit;

pub(super) use book::{Move, outstanding};
pub(super) use cost::{Terms, cost};
pub(super) use fit::{Asked, Audience, Fit, Limits, fit};

use std::sync::OnceLock;

use serde::Deserialize;

/// What is data about the marketplace (`data/finance.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Where the values come from.
    pub source: String,
    /// Whether somebody with authority has confirmed them.
    pub confirmed: bool,
    /// A yearly rate above this is a slip, in basis points.
    pub most_rate_bp: i64,
    /// A term above this is one too, in months.
    pub most_months: i64,
    /// A condition missed by at most this share of its bound is nearly met.
    pub near_percent: i64,
}

impl Settings {
    /// Where the values come from, and whether that is confirmed, as pages say it.
    pub(super) fn origin(&self) -> String {
        let state = if self.confirmed { "" } else { "，待确认" };
        format!("{}{state}", self.source)
    }
}

/// The shipped values.
pub(super) fn settings() -> &'static Settings {
    static EMBEDDED: OnceLock<Settings> = OnceLock::new();
    EMBEDDED.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/finance.toml"));
        toml::from_str(text).expect("invariant: the shipped values are read by a test")
    })
}

/// Basis points as a percentage with two decimals.
pub(super) fn percent(bp: i64) -> String {
    let sign = if bp < 0 { "-" } else { "" };
    let bp = bp.unsigned_abs();
    format!("{sign}{}.{:02}%", bp / 100, bp % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_values_are_read() {
        let settings = settings();
        assert!(settings.most_rate_bp > 0 && settings.most_months > 0 && settings.near_percent > 0);
        assert!(settings.origin().contains("待确认"));
    }

    #[test]
    fn basis_points_are_said_as_a_percentage() {
        assert_eq!((percent(435), percent(5), percent(1200)), ("4.35%".into(), "0.05%".into(), "12.00%".into()));
    }
}
