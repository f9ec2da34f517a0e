//! Value types: the small notions every other part of the platform speaks in.
//!
//! Owns their parsing, formatting, arithmetic and the national tables behind them (in `data/`).
//! Everything here is pure: no clock, no store, no randomness, no float.
//! Never holds a rule of one slice, and never a threshold or calendar in code: those are data files
//! with a source and dates in force.
//!
//! Two habits hold throughout.
//! What a person typed goes through [`text::normalise`] first, so full-width digits and stray spaces
//! never make an error; what is left is parsed strictly.
//! An error's `Display` is Chinese and tells the person what to do, since it is shown beside the field.

pub mod calendar;
pub mod credit_code;
pub mod day;
mod decimal;
pub mod industry;
pub mod money;
pub mod period;
pub mod rate;
pub mod region;
pub mod size;
pub mod text;

pub use calendar::{CalendarYear, UnknownYear, WorkingCalendar};
pub use credit_code::{Checked, CreditCode, CreditCodeError};
pub use day::{Day, DayError};
pub use industry::{Industry, Level};
pub use money::{Fen, MoneyError, MoneyUnit};
pub use period::{Period, PeriodError};
pub use rate::{Bp, RateError};
pub use region::Region;
pub use size::{SizeClass, SizeEdition, SizeOutcome, SizeProof};

/// A number as pages print it: a comma between every three digits of its integer part, `1,040.5`.
/// What is no plain number is left as it is.
pub fn thousands(number: impl std::fmt::Display) -> String {
    let text = number.to_string();
    let is_plain = text.strip_prefix('-').unwrap_or(&text).chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_plain { decimal::grouped(&text) } else { text }
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn separators_stand_every_three_digits_and_only_in_numbers() {
        assert_eq!([thousands(1040), thousands(-1_234_567), thousands(7)], ["1,040", "-1,234,567", "7"]);
        assert_eq!(
            [thousands("50000.125"), thousands("—"), thousands("2021-08-11")],
            ["50,000.125", "—", "2021-08-11"]
        );
    }
}
