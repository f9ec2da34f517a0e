//! The rules of the three ledgers. Pure: no clock, no database, no HTTP; whole fen and basis points only.

mod book;
mod editions;
mod fees;
mod kpi;
mod limits;
mod person;
mod split;

pub use book::{Book, Event, Ledger, MOST, Step, Terms};
pub use editions::{
    BridgeFund, EntryRules, LimitEdition, Product, SplitEdition, StartupEdition, bridge_on, entry_rules, limit_on,
    lpr_on, product, products, split_on, splits, startup_on,
};
pub use fees::{bridge_days, bridge_fee, subsidy};
pub use kpi::{mean_rate, percent, reserve_provision, unearned_reserve, weighted_rate};
pub use limits::{Base, Exposure, Gauge, gauges, refused, weighted};
pub use person::{masked, tail};
pub use split::{Party, Split};

use kernel::value::money::Fen;

/// `fen × num ÷ den`, cut down to whole fen. For amounts and rates of the ledgers this never leaves `i64`.
fn portion(fen: Fen, num: i64, den: i64) -> Fen {
    let cut = i128::from(fen.0) * i128::from(num) / i128::from(den.max(1));
    Fen(i64::try_from(cut).unwrap_or(i64::MAX))
}

/// `num ÷ den` rounded half up; for sums that are not negative.
fn half_up(num: i128, den: i128) -> Fen {
    Fen(i64::try_from((num * 2 + den) / (den * 2)).unwrap_or(i64::MAX))
}
