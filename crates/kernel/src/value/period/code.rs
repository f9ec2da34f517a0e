//! The code of a period, as stored, linked and typed.

use super::Period;
use crate::value::text;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A text that is no period code. `Display` is the sentence shown at the field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "“{code}”不是统计期，请写成 2021-06（月）、2021Q2（季）、2021H1（半年）、2021（年）\
     或 2021-01-01..2021-08-11（本年累计）"
)]
pub struct PeriodError {
    /// The text, normalised.
    pub code: String,
}

impl Period {
    /// Parses a code. Full-width forms, white space and lower case are put right first.
    ///
    /// # Errors
    /// [`PeriodError`] for anything but a code as [`Period::code`] writes it.
    pub fn parse(raw: &str) -> Result<Period, PeriodError> {
        let code = text::compact(raw).to_uppercase();
        match from_code(&code).filter(|period| period.code() == code) {
            Some(period) => Ok(period),
            None => Err(PeriodError { code }),
        }
    }

    /// The code, as [`Period::parse`] reads it.
    pub fn code(&self) -> String {
        match *self {
            Period::Month { year, month } => format!("{year}-{month:02}"),
            Period::Quarter { year, quarter } => format!("{year}Q{quarter}"),
            Period::Half { year, half } => format!("{year}H{half}"),
            Period::Year { year } => format!("{year}"),
            Period::YearToDate { through } => format!("{}..{through}", self.first_on()),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.code())
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        Period::parse(raw)
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;

    fn try_from(raw: String) -> Result<Self, Self::Error> {
        raw.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.code()
    }
}

/// Reads a code loosely; the caller compares it with what it would be written as.
fn from_code(code: &str) -> Option<Period> {
    if let Some((_, through)) = code.split_once("..") {
        return Period::year_to_date(through.parse().ok()?);
    }
    let (year, part) = code.split_at_checked(4)?;
    let year = year.parse().ok()?;
    match part.split_at_checked(1) {
        Some(("-", month)) => Period::month(year, month.parse().ok()?),
        Some(("Q", quarter)) => Period::quarter(year, quarter.parse().ok()?),
        Some(("H", half)) => Period::half(year, half.parse().ok()?),
        Some(_) => None,
        None => Period::year(year),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::value::day::Day;
    use proptest::prelude::*;

    fn period(code: &str) -> Period {
        code.parse().expect(code)
    }

    #[test]
    fn reads_codes_strictly_after_normalising() {
        assert_eq!(period(" ２０２１ｑ２ "), period("2021Q2"));
        for raw in [
            "",
            "2021-13",
            "2021-00",
            "2021-6",
            "2021Q5",
            "2021Q0",
            "2021Q+2",
            "2021H3",
            "0999",
            "+202",
            "20211",
            "2021-02-01..2021-08-11",
            "2021-01-01..2022-08-11",
            "2021-01-01..2021-02-30",
            "二〇二一",
        ] {
            assert!(Period::parse(raw).is_err(), "{raw}");
        }
        assert_eq!(Period::month(2021, 13), None);
        assert_eq!(Period::year(10_000), None);
    }

    #[test]
    fn serialises_as_its_code() {
        let json = serde_json::to_string(&period("2021H1")).expect("a string");
        assert_eq!(json, "\"2021H1\"");
        assert_eq!(serde_json::from_str::<Period>(&json).expect("a code"), period("2021H1"));
        assert!(serde_json::from_str::<Period>("\"2021H3\"").is_err());
    }

    pub(in super::super) fn any_period() -> impl Strategy<Value = Period> {
        let of_year = |year: i32, n: u32| Day::from_yo_opt(year, n).and_then(Period::year_to_date);
        (1001_i32..=9999, 0_usize..5, 1_u32..=365).prop_filter_map("a real period", move |(year, kind, n)| match kind {
            0 => Period::month(year, n % 12 + 1),
            1 => Period::quarter(year, n % 4 + 1),
            2 => Period::half(year, n % 2 + 1),
            3 => Period::year(year),
            _ => of_year(year, n),
        })
    }

    proptest! {
        #[test]
        fn codes_are_read_back(it in any_period()) {
            prop_assert_eq!(Period::parse(&it.code()), Ok(it));
        }

        #[test]
        fn never_panics(raw in any::<String>()) {
            let _ = Period::parse(&raw);
        }
    }
}
