//! How instants and shares read. Pure text, no store.

use kernel::value::day;
use kernel::value::rate::ratio_percent;

/// An instant as seals spell it, told as [`day::minute`] does.
pub(crate) fn sealed(text: &str) -> String {
    text.parse().map(day::minute).unwrap_or_default()
}

/// `num` of `den` in percent with two digits at most, such as `100.66%` or `66%`; nothing without a whole.
pub(crate) fn percent(num: i64, den: i64) -> Option<String> {
    let text = ratio_percent(num, den, 2)?;
    let number = text.trim_end_matches('%').trim_end_matches('0').trim_end_matches('.');
    Some(format!("{number}%"))
}

/// The same as a whole number of a bar: 0 to 100.
pub(crate) fn bar(num: i64, den: i64) -> i64 {
    if den <= 0 {
        return 0;
    }
    let share = (i128::from(num) * 100 / i128::from(den)).clamp(0, 100);
    i64::try_from(share).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_keeps_two_digits_at_most() {
        assert_eq!(percent(153, 152).as_deref(), Some("100.66%"));
        assert_eq!(percent(66, 100).as_deref(), Some("66%"));
        assert_eq!(percent(66, 129).as_deref(), Some("51.16%"));
        assert_eq!(percent(100, 100).as_deref(), Some("100%"));
        assert_eq!(percent(0, 100).as_deref(), Some("0%"));
        assert_eq!(percent(1, 0), None);
    }

    #[test]
    fn a_bar_stays_inside_its_box() {
        assert_eq!([bar(153, 152), bar(66, 129), bar(-1, 5), bar(1, 0)], [100, 51, 0, 0]);
    }

    #[test]
    fn the_instant_of_a_seal_is_told_in_china() {
        assert_eq!(sealed("2021-08-10T17:05:00Z"), "2021-08-11 01:05");
        assert_eq!(sealed("soon"), "");
    }
}
