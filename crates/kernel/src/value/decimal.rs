//! Exact decimal text of a fraction of integers: the one place where the platform rounds for display.
//!
//! Rounds half up, away from zero for negative values (四舍五入, what offices expect of a published
//! figure; not the half-to-even of GB/T 8170-2008); never through a float.

/// More digits than this carry no meaning for money or rates, and the cap keeps every intermediate
/// value inside `i128` (2⁶³ · 100 · 10¹² · 2 < 2¹²⁷).
const MAX_DECIMALS: u32 = 12;

/// `num / den` rounded half away from zero to an integer; `None` when `den` is 0.
pub(super) fn rounded(num: i128, den: i128) -> Option<i128> {
    if den == 0 {
        return None;
    }
    let whole = num / den;
    let rest = (num % den).unsigned_abs();
    let up = i128::from(rest * 2 >= den.unsigned_abs());
    let sign = if (num < 0) == (den < 0) { 1 } else { -1 };
    Some(whole + sign * up)
}

/// `num / den` with `decimals` digits after the point (at most 12 are printed), without grouping;
/// `None` when `den` is 0. A value that rounds to zero has no sign.
pub(super) fn fixed(num: i128, den: i128, decimals: u32) -> Option<String> {
    let decimals = decimals.min(MAX_DECIMALS);
    let unit = 10_u128.pow(decimals);
    let scaled = rounded(num.checked_mul(10_i128.pow(decimals))?, den)?;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = (scaled.unsigned_abs() / unit, scaled.unsigned_abs() % unit);
    Some(match decimals {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{rest:0width$}", width = decimals as usize),
    })
}

/// Drops zeros after the point, and the point when nothing is left behind it.
pub(super) fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Puts a comma between every three digits of the integer part.
pub(super) fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, rest) = digits.find('.').map_or((digits, ""), |dot| digits.split_at(dot));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// Reads plain decimal text (`[+-]digits[.digits]`, digits may be grouped by commas in threes) as an
/// integer count of 10⁻ˢᶜᵃˡᵉ.
pub(super) fn scaled(text: &str, scale: u32) -> Result<i64, NotExact> {
    let (negative, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let whole = ungrouped(whole).ok_or(NotExact::Form)?;
    if rest.is_empty() || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotExact::Form);
    }
    let rest = rest.trim_end_matches('0');
    let padding = (scale as usize).checked_sub(rest.len()).ok_or(NotExact::TooFine)?;
    let joined = format!("{whole}{rest}{}", "0".repeat(padding));
    let value = joined.parse::<i128>().map_err(|_| NotExact::TooLarge)?;
    i64::try_from(if negative { -value } else { value }).map_err(|_| NotExact::TooLarge)
}

/// The digits of an integer part without its commas; `None` when a comma is out of place.
fn ungrouped(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next().filter(|group| !group.is_empty())?;
    let well_placed = first.len() == whole.len() || (first.len() <= 3 && groups.all(|group| group.len() == 3));
    let digits = whole.replace(',', "");
    (well_placed && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

/// Why a text is no exact scaled integer. The caller turns it into a message about its own notion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotExact {
    /// Not a plain decimal number.
    Form,
    /// More digits after the point than the scale holds.
    TooFine,
    /// Outside `i64` at that scale.
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_half_away_from_zero() {
        for (num, den, decimals, expected) in [
            (1, 2, 0, "1"),
            (-1, 2, 0, "-1"),
            (1, -2, 0, "-1"),
            (-1, -2, 0, "1"),
            (49, 100, 0, "0"),
            (-4, 1000, 2, "0.00"),
            (5, 1000, 2, "0.01"),
            (-5, 1000, 2, "-0.01"),
            (2, 3, 4, "0.6667"),
            (999, 1000, 2, "1.00"),
            (1, 4, 40, "0.250000000000"),
        ] {
            assert_eq!(fixed(num, den, decimals).as_deref(), Some(expected), "{num}/{den}");
        }
        assert_eq!(fixed(1, 0, 2), None);
    }

    #[test]
    fn groups_by_three() {
        for (plain, expected) in [("1", "1"), ("123", "123"), ("1234.50", "1,234.50"), ("-1234567", "-1,234,567")] {
            assert_eq!(grouped(plain), expected);
        }
    }

    #[test]
    fn reads_exactly_or_says_why_not() {
        for (text, expected) in [
            ("1,234.56", Ok(123_456)),
            ("0.10", Ok(10)),
            ("1.2300", Ok(123)),
            ("\u{2212}3", Ok(-300)),
            ("+3", Ok(300)),
            ("0.001", Err(NotExact::TooFine)),
            ("1,23", Err(NotExact::Form)),
            ("1234,567", Err(NotExact::Form)),
            (",123", Err(NotExact::Form)),
            ("1.", Err(NotExact::Form)),
            (".5", Err(NotExact::Form)),
            ("--1", Err(NotExact::Form)),
            ("1e5", Err(NotExact::Form)),
            ("", Err(NotExact::Form)),
            ("99999999999999999999", Err(NotExact::TooLarge)),
            ("9999999999999999999999999999999999999999999", Err(NotExact::TooLarge)),
        ] {
            assert_eq!(scaled(text, 2), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_in_full_is_read_back(value: i64, scale in 0_u32..=12) {
            let text = fixed(value.into(), 10_i128.pow(scale), scale).expect("a power is not 0");
            prop_assert_eq!(scaled(&text, scale), Ok(value));
            prop_assert_eq!(scaled(&grouped(&text), scale), Ok(value));
            prop_assert_eq!(scaled(without_trailing_zeros(&text), scale), Ok(value));
        }
    }
}
