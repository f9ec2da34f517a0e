//! Bridge fees and the interest subsidy of start-up loans, exact to the fen.

use kernel::value::day::Day;
use kernel::value::money::Fen;

use super::editions::{BridgeFund, StartupEdition, SubsidyRule};
use super::half_up;

/// Days a bridge loan runs: the first day counts, the last does not (算头不算尾); the same day is one day.
pub fn bridge_days(from: Day, to: Day) -> i64 {
    (to - from).num_days().max(1)
}

/// `P × (min(d, n) × first + max(d − n, 0) × after)`, rates a day in basis points (DOMAIN 7.5).
pub fn bridge_fee(fund: &BridgeFund, principal: Fen, days: i64) -> Fen {
    let parts = days.min(fund.first_days) * fund.first_bp + (days - fund.first_days).max(0) * fund.after_bp;
    half_up(i128::from(principal.0) * i128::from(parts), 10_000)
}

/// The interest subsidy for so many days (DOMAIN 7.4), 360 to the year; the rate and LPR in basis points.
pub fn subsidy(edition: &StartupEdition, principal: Fen, rate_bp: i64, lpr_bp: i64, days: i64) -> Fen {
    let (num, den) = match edition.rule {
        SubsidyRule::OverLpr { less_bp } => ((rate_bp - (lpr_bp - less_bp)).max(0), 10_000),
        SubsidyRule::Share { bp } => (rate_bp * bp, 100_000_000),
    };
    half_up(i128::from(principal.0) * i128::from(num) * i128::from(days.max(0)), den * 360)
}

#[cfg(test)]
mod tests {
    use super::super::editions::{bridge_on, lpr_on, startup_on};
    use super::*;

    fn day(text: &str) -> Day {
        kernel::value::day::parse_day(text).expect("a day")
    }

    #[test]
    fn two_hundred_thousand_yuan_of_2021_get_5069_yuan_44() {
        let on = day("2021-03-01");
        let edition = startup_on(on).expect("an edition");
        let lpr = lpr_on(on).expect("a rate");
        assert_eq!((edition.code.as_str(), lpr), ("startup-2021", 385));
        assert_eq!(subsidy(edition, Fen(20_000_000), 485, lpr, 365), Fen(506_944));
        assert_eq!(subsidy(edition, Fen(20_000_000), 235, lpr, 365), Fen(0), "below the line the borrower pays all");
    }

    #[test]
    fn the_edition_is_that_of_the_day_of_the_loan() {
        let half = startup_on(day("2024-01-01")).expect("an edition");
        assert_eq!(subsidy(half, Fen(20_000_000), 400, 345, 360), Fen(400_000));
        assert!(startup_on(day("2020-12-31")).is_none(), "nothing is said of loans before the first edition");
    }

    #[test]
    fn ten_million_yuan_cost_10000_18000_and_30000() {
        let fund = bridge_on(day("2021-03-01")).expect("a fund");
        for (days, yuan) in [(5, 10_000), (7, 18_000), (10, 30_000), (1, 2_000)] {
            assert_eq!(bridge_fee(fund, Fen(1_000_000_000), days), Fen(yuan * 100), "{days} days");
        }
        assert_eq!(bridge_days(day("2021-03-01"), day("2021-03-08")), 7, "the last day does not count");
        assert_eq!(bridge_days(day("2021-03-01"), day("2021-03-01")), 1);
    }
}
