//! Rates in whole basis points (1/10,000), and exact percentages of two integers.
//!
//! A rate that a rule holds or a form asks for is a [`Bp`].
//! A percentage that is only shown is [`ratio_percent`], which rounds once, from the fraction itself.

use super::decimal::{self, NotExact};
use super::text;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A rate in basis points: 10,000 is 100%, 5,120 is 51.2%. May be negative or above 100%.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bp(pub i64);

/// Why a text is no rate. `Display` is the sentence shown at the field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RateError {
    /// Nothing was typed.
    #[error("请填写百分比，例如 66% 或 51.2%")]
    Empty,
    /// No percent sign, so 0.66 and 66 cannot be told apart.
    #[error("“{text}”缺少百分号，请写成例如 66% 的样子")]
    NoSign {
        /// The text, normalised.
        text: String,
    },
    /// The part before the sign is no plain number.
    #[error("“{text}”不是百分比，请填写数字，例如 66% 或 51.2%")]
    Form {
        /// The text, normalised.
        text: String,
    },
    /// Finer than one basis point: more than two digits after the point of a percentage.
    #[error("“{text}”过细，请只保留到百分比的两位小数")]
    TooFine {
        /// The text, normalised.
        text: String,
    },
    /// Outside `i64` basis points.
    #[error("“{text}”超出可记录的范围，请核对")]
    TooLarge {
        /// The text, normalised.
        text: String,
    },
}

impl Bp {
    /// One whole, 100%.
    pub const WHOLE: Bp = Bp(10_000);

    /// `num / den` rounded half up to a basis point; `None` when `den` is 0 or the rate leaves `i64`.
    pub fn of(num: i64, den: i64) -> Option<Bp> {
        let bp = decimal::rounded(i128::from(num) * 10_000, den.into())?;
        i64::try_from(bp).ok().map(Bp)
    }

    /// Parses a percentage with its sign, such as `66%` or `５１．２％`.
    ///
    /// # Errors
    /// [`RateError`], among them a missing sign and more than two digits; nothing is ever rounded.
    pub fn parse(raw: &str) -> Result<Bp, RateError> {
        let text = text::compact(raw);
        match text.strip_suffix('%') {
            Some(number) => Bp::from_percent_text(number, &text),
            None if text.is_empty() => Err(RateError::Empty),
            None => Err(RateError::NoSign { text }),
        }
    }

    /// Parses a number typed where the form or column itself states `%`; the sign is optional.
    ///
    /// # Errors
    /// As [`Bp::parse`], without [`RateError::NoSign`].
    pub fn parse_percent(raw: &str) -> Result<Bp, RateError> {
        let text = text::compact(raw);
        if text.is_empty() {
            return Err(RateError::Empty);
        }
        Bp::from_percent_text(text.strip_suffix('%').unwrap_or(&text), &text)
    }

    /// As a percentage with `decimals` digits, rounded half up: `51.2%`.
    pub fn percent(self, decimals: u32) -> String {
        let number = decimal::fixed(self.0.into(), 100, decimals);
        number.expect("invariant: 100 is not 0, and 10¹² · 2⁶³ is inside i128") + "%"
    }

    /// As a percentage with no more digits than the rate needs: `66%`, `51.2%`, `4.35%`.
    pub fn exact_percent(self) -> String {
        let percent = self.percent(2);
        format!("{}%", decimal::without_trailing_zeros(percent.trim_end_matches('%')))
    }

    fn from_percent_text(number: &str, text: &str) -> Result<Bp, RateError> {
        let text = text.to_owned();
        match decimal::scaled(number, 2) {
            Ok(bp) => Ok(Bp(bp)),
            Err(NotExact::Form) => Err(RateError::Form { text }),
            Err(NotExact::TooFine) => Err(RateError::TooFine { text }),
            Err(NotExact::TooLarge) => Err(RateError::TooLarge { text }),
        }
    }
}

/// `num / den` as a percentage with `decimals` digits, rounded half up once from the exact fraction
/// (`Some("80.5%")` for 1183 of 1470); `None` when `den` is 0, which a page shows as "—".
pub fn ratio_percent(num: i64, den: i64, decimals: u32) -> Option<String> {
    decimal::fixed(i128::from(num) * 100, den.into(), decimals).map(|number| number + "%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_percentages() {
        for (raw, bp) in
            [("66%", 6_600), ("51.2%", 5_120), (" ５１．２　％", 5_120), ("-0.05%", -5), ("120.00%", 12_000)]
        {
            assert_eq!(Bp::parse(raw), Ok(Bp(bp)), "{raw}");
        }
        assert_eq!(Bp::parse_percent("4.35"), Ok(Bp(435)));
        assert_eq!(Bp::parse_percent("4.35%"), Ok(Bp(435)));
    }

    #[test]
    fn refuses_what_is_ambiguous_or_not_exact() {
        let text = String::from;
        for (raw, expected) in [
            ("", RateError::Empty),
            ("0.66", RateError::NoSign { text: text("0.66") }),
            ("六成%", RateError::Form { text: text("六成%") }),
            ("%", RateError::Form { text: text("%") }),
            ("4.355%", RateError::TooFine { text: text("4.355%") }),
            ("99999999999999999999%", RateError::TooLarge { text: text("99999999999999999999%") }),
        ] {
            assert_eq!(Bp::parse(raw), Err(expected), "{raw}");
        }
        assert_eq!(Bp::parse_percent(""), Err(RateError::Empty));
    }

    #[test]
    fn comes_from_a_ratio() {
        assert_eq!(Bp::of(2, 3), Some(Bp(6_667)));
        assert_eq!(Bp::of(-1, 20_000), Some(Bp(-1)));
        assert_eq!(Bp::of(1, 0), None);
        assert_eq!(Bp::of(i64::MAX, 1), None);
    }

    #[test]
    fn prints_percentages() {
        assert_eq!(Bp(6_600).percent(0), "66%");
        assert_eq!(Bp(5_125).percent(1), "51.3%");
        assert_eq!(Bp(-5_125).percent(1), "-51.3%");
        assert_eq!(Bp(6_600).exact_percent(), "66%");
        assert_eq!(Bp(5_120).exact_percent(), "51.2%");
        assert_eq!(Bp(435).exact_percent(), "4.35%");
        assert_eq!(Bp(100_000).exact_percent(), "1000%");
    }

    #[test]
    fn a_ratio_is_rounded_once() {
        // Through basis points it would be 33.445% → 33.45% → 33.5%.
        assert_eq!(ratio_percent(33_445, 100_000, 1).as_deref(), Some("33.4%"));
        assert_eq!(ratio_percent(1_183, 1_470, 1).as_deref(), Some("80.5%"));
        assert_eq!(ratio_percent(883, 1_183, 1).as_deref(), Some("74.6%"));
        assert_eq!(ratio_percent(1, 8, 2).as_deref(), Some("12.50%"));
        assert_eq!(ratio_percent(-1, 3, 0).as_deref(), Some("-33%"));
        assert_eq!(ratio_percent(0, -3, 1).as_deref(), Some("0.0%"));
        assert_eq!(ratio_percent(i64::MAX, 1, 0).as_deref(), Some("922337203685477580700%"));
        assert_eq!(ratio_percent(5, 0, 1), None);
    }

    proptest! {
        #[test]
        fn exact_percentages_are_read_back(bp: i64) {
            prop_assert_eq!(Bp::parse(&Bp(bp).exact_percent()), Ok(Bp(bp)));
        }

        #[test]
        fn never_panics(raw in any::<String>(), num: i64, den: i64, decimals: u32) {
            let _ = (Bp::parse(&raw), Bp::parse_percent(&raw), Bp::of(num, den));
            let _ = (Bp(num).percent(decimals), ratio_percent(num, den, decimals));
        }
    }
}
