//! Calendar days as the office writes them, and where a day begins and ends.
//!
//! A day is a day in China: UTC+08:00 all year (the summer time of 1986–1991 is not modelled, since no
//! instant that old is stored). No function here reads a clock.

use super::text;
use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use thiserror::Error;

/// A calendar day without a time. Serialised in ISO 8601, `2021-06-30`.
pub type Day = NaiveDate;

/// Asia/Shanghai, UTC+08:00.
const SHANGHAI: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("8 hours is a valid offset");

/// Why a text is no day. `Display` is the sentence shown at the field.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DayError {
    /// Nothing was typed.
    #[error("请填写日期，例如 2021-06-30 或 2021年6月30日")]
    Empty,
    /// None of the accepted forms.
    #[error("看不懂日期“{text}”，请写全年月日，例如 2021-06-30 或 2021年6月30日")]
    Form {
        /// The text, normalised.
        text: String,
    },
    /// Month outside 1–12.
    #[error("没有{month}月，月份请填1至12")]
    NoSuchMonth {
        /// The month given.
        month: u32,
    },
    /// The month has no such day.
    #[error("{year}年{month}月没有{day}日，该月共{days}天，请改正")]
    NoSuchDay {
        /// The year given.
        year: i32,
        /// The month given, 1–12.
        month: u32,
        /// The day given.
        day: u32,
        /// Days in that month.
        days: u32,
    },
}

/// Parses a typed day: `2021-06-30`, `2021/6/30`, `2021.6.30`, `2021年6月30日`, `20210630`.
/// Full-width forms and white space are put right first. The year has four digits, 1000–9999; there
/// is no guessing of two-digit years, of day-first order, or of a missing year.
///
/// # Errors
/// [`DayError`]: empty, not one of these forms, or no such month or day.
pub fn parse_day(raw: &str) -> Result<Day, DayError> {
    let text = text::compact(raw);
    if text.is_empty() {
        return Err(DayError::Empty);
    }
    let Some((year, month, day)) = split(&text).and_then(numbers) else {
        return Err(DayError::Form { text });
    };
    let days = days_in_month(year, month).ok_or(DayError::NoSuchMonth { month })?;
    Day::from_ymd_opt(year, month, day).ok_or(DayError::NoSuchDay { year, month, day, days })
}

/// `2021年6月30日`, as documents write it (GB/T 9704-2012: no leading zeros).
pub fn chinese(day: Day) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// The day in China at the instant `now`.
pub fn today(now: DateTime<Utc>) -> Day {
    china(now).date()
}

/// What clock and calendar show in China at the instant `at`.
pub fn china(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&SHANGHAI).naive_local()
}

/// An instant to the minute, as the clock in China shows it: `2021-08-11 09:30`.
pub fn minute(at: DateTime<Utc>) -> String {
    china(at).format("%Y-%m-%d %H:%M").to_string()
}

/// An instant to the second, as the clock in China shows it: `2021-08-11 09:30:05`.
pub fn second(at: DateTime<Utc>) -> String {
    china(at).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The last microsecond of `day` in China: what "as of this day" includes. Microseconds, because that
/// is the finest instant both databases keep.
pub fn day_end(day: Day) -> DateTime<Utc> {
    let end = day.and_hms_micro_opt(23, 59, 59, 999_999).expect("invariant: the time of day exists");
    (end - TimeDelta::hours(8)).and_utc()
}

/// Days in a month: 28–31; `None` for a month outside 1–12 or a year outside the calendar's range.
pub fn days_in_month(year: i32, month: u32) -> Option<u32> {
    let first = Day::from_ymd_opt(year, month, 1)?;
    let last = first.checked_add_months(Months::new(1))?.checked_sub_days(Days::new(1))?;
    Some(last.day())
}

/// Cuts a text into year, month and day parts at one kind of separator.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some((text.get(..4)?, text.get(4..6)?, text.get(6..)?));
    }
    if let Some((year, rest)) = text.split_once('年') {
        let (month, day) = rest.split_once('月')?;
        return Some((year, month, day.strip_suffix(['日', '号'])?));
    }
    let separator = ['-', '/', '.'].into_iter().find(|c| text.contains(*c))?;
    let (year, rest) = text.split_once(separator)?;
    let (month, day) = rest.split_once(separator)?;
    Some((year, month, day))
}

fn numbers((year, month, day): (&str, &str, &str)) -> Option<(i32, u32, u32)> {
    let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let well_formed = digits(year, 4..=4) && !year.starts_with('0') && digits(month, 1..=2) && digits(day, 1..=2);
    if !well_formed {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(year: i32, month: u32, day: u32) -> Day {
        Day::from_ymd_opt(year, month, day).expect("a real day")
    }

    #[test]
    fn reads_every_accepted_form() {
        for raw in [
            "2021-06-30",
            "2021-6-30",
            "2021/6/30",
            "2021.6.30",
            "2021.06.30",
            "2021年6月30日",
            "2021年06月30号",
            " 2021 年 6 月 30 日 ",
            "20210630",
            "２０２１－０６－３０",
            "２０２１年６月３０日",
        ] {
            assert_eq!(parse_day(raw), Ok(day(2021, 6, 30)), "{raw}");
        }
        assert_eq!(parse_day("2020-02-29"), Ok(day(2020, 2, 29)));
    }

    #[test]
    fn refuses_the_rest_and_says_why() {
        let form = |text: &str| DayError::Form { text: text.to_owned() };
        for (raw, expected) in [
            ("　", DayError::Empty),
            ("21-06-30", form("21-06-30")),
            ("0021-06-30", form("0021-06-30")),
            ("2021-06", form("2021-06")),
            ("2021年6月", form("2021年6月")),
            ("2021-06/30", form("2021-06/30")),
            ("30/6/2021", form("30/6/2021")),
            ("2021-+6-30", form("2021-+6-30")),
            ("2021063", form("2021063")),
            ("6月30日", form("6月30日")),
            ("2021-13-01", DayError::NoSuchMonth { month: 13 }),
            ("20210001", DayError::NoSuchMonth { month: 0 }),
            ("2021-02-29", DayError::NoSuchDay { year: 2021, month: 2, day: 29, days: 28 }),
            ("2021-06-00", DayError::NoSuchDay { year: 2021, month: 6, day: 0, days: 30 }),
        ] {
            assert_eq!(parse_day(raw), Err(expected), "{raw}");
        }
        let message = parse_day("2021年2月30日").expect_err("no such day").to_string();
        assert_eq!(message, "2021年2月没有30日，该月共28天，请改正");
    }

    #[test]
    fn a_day_turns_at_midnight_in_china() {
        let end = day_end(day(2021, 6, 30));
        assert_eq!(end.to_rfc3339(), "2021-06-30T15:59:59.999999+00:00");
        assert_eq!(today(end), day(2021, 6, 30));
        assert_eq!(today(end + TimeDelta::microseconds(1)), day(2021, 7, 1));
    }

    #[test]
    fn counts_days_in_months() {
        for (year, month, expected) in [
            (2021, 2, Some(28)),
            (2020, 2, Some(29)),
            (1900, 2, Some(28)),
            (2000, 2, Some(29)),
            (2021, 12, Some(31)),
            (2021, 6, Some(30)),
            (2021, 0, None),
            (2021, 13, None),
        ] {
            assert_eq!(days_in_month(year, month), expected, "{year}-{month}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(year in 1000_i32..=9999, of_year in 1_u32..=365) {
            let day = Day::from_yo_opt(year, of_year).expect("a real day");
            prop_assert_eq!(parse_day(&chinese(day)), Ok(day));
            prop_assert_eq!(parse_day(&day.to_string()), Ok(day));
            prop_assert_eq!(parse_day(&day.format("%Y%m%d").to_string()), Ok(day));
            prop_assert_eq!(today(day_end(day)), day);
        }

        #[test]
        fn never_panics(raw in any::<String>()) {
            let _ = parse_day(&raw);
        }
    }
}
