//! Money in whole fen (分, 1/100 yuan), exact in and out.
//!
//! Amounts are entered in 元, 万元 or 亿元 and kept as fen in `i64`, which reaches 92,233 万亿元 either
//! way. Rounding happens only when printing to fewer digits than the amount holds.

use super::decimal::{self, NotExact};
use super::text;
use serde::{Deserialize, Serialize};
use std::iter::Sum;
use thiserror::Error;

/// The unit an amount is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyUnit {
    /// 元.
    Yuan,
    /// 万元, 10⁴ yuan.
    Wan,
    /// 亿元, 10⁸ yuan.
    Yi,
}

impl MoneyUnit {
    /// The Chinese label, such as `万元`.
    pub const fn label(self) -> &'static str {
        match self {
            MoneyUnit::Yuan => "元",
            MoneyUnit::Wan => "万元",
            MoneyUnit::Yi => "亿元",
        }
    }

    /// Digits after the point that reach one fen.
    const fn scale(self) -> u32 {
        match self {
            MoneyUnit::Yuan => 2,
            MoneyUnit::Wan => 6,
            MoneyUnit::Yi => 10,
        }
    }

    /// Fen in one unit.
    pub const fn fen(self) -> i64 {
        10_i64.pow(self.scale())
    }
}

/// An amount in fen. Negative amounts are allowed: losses, reversals, net values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// Why a text is no amount. `Display` is the sentence shown at the field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Nothing was typed.
    #[error("请填写金额，例如 1,234.56元 或 12.5万元")]
    Empty,
    /// The part before the unit is no plain number.
    #[error("“{text}”不是金额，请填写数字，例如 1,234.56元 或 12.5万元（千分位逗号每三位一个）")]
    Form {
        /// The text, normalised.
        text: String,
    },
    /// A unit other than 元, 万元, 亿元.
    #[error("不认识单位“{unit}”，请换算成元、万元或亿元")]
    Unit {
        /// The unit found.
        unit: String,
    },
    /// Finer than one fen: more than two digits after the point of a yuan.
    #[error("“{text}”精确到了分以下，请只保留到分（元后两位小数，万元后六位，亿元后十位）")]
    TooFine {
        /// The text, normalised.
        text: String,
    },
    /// Outside what fen in `i64` can hold.
    #[error("“{text}”超出可记录的范围，请核对单位是否写错")]
    TooLarge {
        /// The text, normalised.
        text: String,
    },
}

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);

    /// Parses a typed amount such as `1,234.56元`, `12.5万元`, `13.76亿` or `￥１００`; a plain number is
    /// in `default`. Full-width forms and white space are put right first.
    ///
    /// # Errors
    /// [`MoneyError`] when the amount is no whole number of fen; nothing is ever rounded.
    pub fn parse(raw: &str, default: MoneyUnit) -> Result<Fen, MoneyError> {
        let text = text::compact(raw);
        if text.is_empty() {
            return Err(MoneyError::Empty);
        }
        let amount = text.strip_prefix('¥').unwrap_or(&text);
        let end = amount.rfind(|c: char| c.is_ascii_digit() || ",.".contains(c));
        let (number, unit) = amount.split_at(end.map_or(0, |index| index + 1));
        let unit = match unit {
            _ if number.is_empty() => return Err(MoneyError::Form { text }),
            "" => default,
            "元" => MoneyUnit::Yuan,
            "万元" | "万" => MoneyUnit::Wan,
            "亿元" | "亿" => MoneyUnit::Yi,
            other => {
                return Err(MoneyError::Unit { unit: other.to_owned() });
            }
        };
        match decimal::scaled(number, unit.scale()) {
            Ok(fen) => Ok(Fen(fen)),
            Err(NotExact::Form) => Err(MoneyError::Form { text }),
            Err(NotExact::TooFine) => Err(MoneyError::TooFine { text }),
            Err(NotExact::TooLarge) => Err(MoneyError::TooLarge { text }),
        }
    }

    /// In yuan with two digits and grouping, exact: `12,345.67`.
    pub fn yuan(self) -> String {
        decimal::grouped(&self.fixed(MoneyUnit::Yuan, MoneyUnit::Yuan.scale()))
    }

    /// In 万元 without unit or grouping, rounded half up to `decimals` digits: `2101.83`.
    pub fn wan(self, decimals: u32) -> String {
        self.fixed(MoneyUnit::Wan, decimals)
    }

    /// In 亿元 without unit or grouping, rounded half up to `decimals` digits: `29.97`.
    pub fn yi(self, decimals: u32) -> String {
        self.fixed(MoneyUnit::Yi, decimals)
    }

    /// In 万元 with as many digits as the amount needs, to the fen: `12.5`, `0.000001`.
    pub fn exact_wan(self) -> String {
        self.exact(MoneyUnit::Wan)
    }

    /// In 亿元 with as many digits as the amount needs, to the fen: `13.76`.
    pub fn exact_yi(self) -> String {
        self.exact(MoneyUnit::Yi)
    }

    /// Sum, or `None` outside `i64`.
    pub const fn checked_add(self, other: Fen) -> Option<Fen> {
        match self.0.checked_add(other.0) {
            Some(fen) => Some(Fen(fen)),
            None => None,
        }
    }

    /// Difference, or `None` outside `i64`.
    pub const fn checked_sub(self, other: Fen) -> Option<Fen> {
        match self.0.checked_sub(other.0) {
            Some(fen) => Some(Fen(fen)),
            None => None,
        }
    }

    /// The same amount the other way, or `None` outside `i64`.
    pub const fn checked_neg(self) -> Option<Fen> {
        match self.0.checked_neg() {
            Some(fen) => Some(Fen(fen)),
            None => None,
        }
    }

    /// Sum of many amounts, or `None` outside `i64`.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Fen>) -> Option<Fen> {
        amounts.into_iter().try_fold(Fen::ZERO, Fen::checked_add)
    }

    fn exact(self, unit: MoneyUnit) -> String {
        decimal::without_trailing_zeros(&self.fixed(unit, unit.scale())).to_owned()
    }

    fn fixed(self, unit: MoneyUnit, decimals: u32) -> String {
        decimal::fixed(self.0.into(), unit.fen().into(), decimals)
            .expect("invariant: a unit is not 0 fen, and 10¹² · 2⁶³ is inside i128")
    }
}

/// # Panics
/// When the sum leaves `i64`, that is beyond 92,233 万亿元: more than there is, hence a defect.
/// Use [`Fen::checked_sum`] for amounts that were not bounded when entered.
impl Sum for Fen {
    fn sum<I: Iterator<Item = Fen>>(amounts: I) -> Fen {
        Fen::checked_sum(amounts).expect("invariant: no sum of real amounts leaves i64 fen")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_units_of_the_office() {
        for (raw, fen) in [
            ("1,234.56元", 123_456),
            ("12.5万元", 12_500_000),
            ("12.5 万", 12_500_000),
            ("13.76亿元", 137_600_000_000),
            ("１３．７６亿", 137_600_000_000),
            ("１，２３４．５６　元", 123_456),
            ("￥1,000", 100_000),
            ("-3.2元", -320),
            ("－3.2元", -320),
            ("1.2300元", 123),
            ("0.000001万元", 1),
            ("0", 0),
        ] {
            assert_eq!(Fen::parse(raw, MoneyUnit::Yuan), Ok(Fen(fen)), "{raw}");
        }
    }

    #[test]
    fn a_plain_number_is_in_the_default_unit() {
        assert_eq!(Fen::parse("2101.83", MoneyUnit::Wan), Ok(Fen(2_101_830_000)));
        assert_eq!(Fen::parse("29.97", MoneyUnit::Yi), Ok(Fen(299_700_000_000)));
        assert_eq!(Fen::parse("2元", MoneyUnit::Yi), Ok(Fen(200)));
    }

    #[test]
    fn refuses_what_is_not_exact() {
        let text = String::from;
        for (raw, expected) in [
            (" 　", MoneyError::Empty),
            ("元", MoneyError::Form { text: text("元") }),
            ("约3元", MoneyError::Form { text: text("约3元") }),
            ("1,23元", MoneyError::Form { text: text("1,23元") }),
            ("1.2.3", MoneyError::Form { text: text("1.2.3") }),
            ("1E5", MoneyError::Form { text: text("1E5") }),
            ("3千元", MoneyError::Unit { unit: text("千元") }),
            ("1.234元", MoneyError::TooFine { text: text("1.234元") }),
            ("12.34567890万元", MoneyError::TooFine { text: text("12.34567890万元") }),
            ("9999999999亿元", MoneyError::TooLarge { text: text("9999999999亿元") }),
        ] {
            assert_eq!(Fen::parse(raw, MoneyUnit::Yuan), Err(expected), "{raw}");
        }
    }

    #[test]
    fn prints_and_rounds_half_up() {
        assert_eq!(Fen(1_234_567).yuan(), "12,345.67");
        assert_eq!(Fen(-5).yuan(), "-0.05");
        assert_eq!(Fen(i64::MIN).yuan(), "-92,233,720,368,547,758.08");
        assert_eq!(Fen(2_101_830_000).wan(2), "2101.83");
        assert_eq!(Fen(2_101_835_000).wan(2), "2101.84");
        assert_eq!(Fen(-2_101_835_000).wan(2), "-2101.84");
        assert_eq!(Fen(299_650_000_000).yi(2), "29.97");
        assert_eq!(Fen(299_649_999_999).yi(2), "29.96");
        assert_eq!(Fen(-4_999).wan(0), "0");
    }

    #[test]
    fn exact_forms_keep_every_fen() {
        assert_eq!(Fen(12_345_678).exact_wan(), "12.345678");
        assert_eq!(Fen(12_500_000).exact_wan(), "12.5");
        assert_eq!(Fen(100_000_000).exact_wan(), "100");
        assert_eq!(Fen(1).exact_yi(), "0.0000000001");
        assert_eq!(Fen::ZERO.exact_yi(), "0");
    }

    #[test]
    fn adds_up_or_says_it_cannot() {
        let parts = ["13.76亿", "0.43亿", "15.78亿"].map(|raw| Fen::parse(raw, MoneyUnit::Yuan));
        let total: Fen = parts.into_iter().flatten().sum();
        assert_eq!(total.exact_yi(), "29.97");
        assert_eq!(Fen(3).checked_sub(Fen(5)), Some(Fen(-2)));
        assert_eq!(Fen(i64::MAX).checked_add(Fen(1)), None);
        assert_eq!(Fen(i64::MIN).checked_neg(), None);
        assert_eq!(Fen::checked_sum([Fen(i64::MAX), Fen(1)]), None);
    }

    #[test]
    fn serialises_as_a_number() {
        assert_eq!(serde_json::to_string(&Fen(-12)).expect("a number"), "-12");
        assert_eq!(serde_json::from_str::<Fen>("7").expect("a number"), Fen(7));
    }

    proptest! {
        #[test]
        fn exact_texts_are_read_back(fen: i64) {
            let amount = Fen(fen);
            prop_assert_eq!(Fen::parse(&amount.yuan(), MoneyUnit::Yuan), Ok(amount));
            prop_assert_eq!(Fen::parse(&amount.exact_wan(), MoneyUnit::Wan), Ok(amount));
            prop_assert_eq!(Fen::parse(&amount.exact_yi(), MoneyUnit::Yi), Ok(amount));
        }

        #[test]
        fn never_panics(raw in any::<String>(), fen: i64, decimals: u32) {
            let _ = Fen::parse(&raw, MoneyUnit::Yuan);
            let _ = (Fen(fen).wan(decimals), Fen(fen).yi(decimals));
        }
    }
}
