//! Working days of mainland China, by the yearly holiday notices of the State Council.
//!
//! The days are data (`data/calendar.toml`, one entry per year with its source document).
//! A year without an entry is unknown: every answer that needs it is an error naming the year, since
//! the exchange of weekends for holidays cannot be foreseen.

use super::day::{self, Day};
use chrono::{Datelike, Weekday};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use thiserror::Error;

/// One year of the calendar and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarYear {
    /// The year.
    pub year: i32,
    /// Number and date of the notices, in Chinese.
    pub source: String,
    /// Whether every day was compared with the text of the notice.
    pub confirmed: bool,
    /// Days off, weekend days inside a holiday included.
    holidays: BTreeSet<Day>,
    /// Saturdays and Sundays that are worked (调休上班).
    workdays: BTreeSet<Day>,
}

/// Which days are worked, for the years it knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingCalendar {
    years: BTreeMap<i32, CalendarYear>,
}

/// The calendar has no entry for a year that the answer needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("工作日历缺少{year}年的放假安排，请管理员按国务院办公厅通知补录后再试")]
pub struct UnknownYear {
    /// The missing year.
    pub year: i32,
}

/// A calendar file that cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarFileError {
    /// Not TOML, or not of this shape.
    #[error("工作日历文件格式有误：{0}")]
    Toml(String),
    /// A day or range that cannot be read.
    #[error("工作日历{year}年的“{text}”不是日期或日期区间（首日..末日），请更正")]
    Day {
        /// The year it stands under.
        year: i32,
        /// The text as written.
        text: String,
    },
    /// A day that stands under another year.
    #[error("{on}不应写在工作日历的{year}年之下，请移到所属年份")]
    OtherYear {
        /// The year it stands under.
        year: i32,
        /// The day.
        on: Day,
    },
    /// A worked day that is no weekend day, or that is also listed as a holiday.
    #[error("{on}不能列为调休上班日：它不是周末，或同时列为放假日，请核对通知")]
    NotExchanged {
        /// The day.
        on: Day,
    },
    /// Two entries for one year.
    #[error("工作日历中{year}年重复，请只保留一份")]
    Twice {
        /// The year.
        year: i32,
    },
}

impl WorkingCalendar {
    /// The calendar shipped with the platform.
    pub fn embedded() -> &'static WorkingCalendar {
        static EMBEDDED: OnceLock<WorkingCalendar> = OnceLock::new();
        EMBEDDED.get_or_init(|| {
            let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/calendar.toml"));
            WorkingCalendar::parse(text).expect("invariant: the shipped calendar is read by a test")
        })
    }

    /// Reads a calendar file; its format is told at the top of `data/calendar.toml`.
    ///
    /// # Errors
    /// [`CalendarFileError`] for the first entry that cannot be right.
    pub fn parse(text: &str) -> Result<WorkingCalendar, CalendarFileError> {
        let file: File = toml::from_str(text).map_err(|error| CalendarFileError::Toml(error.to_string()))?;
        let mut years = BTreeMap::new();
        for entry in file.year {
            let year = entry.year;
            if years.insert(year, entry.checked()?).is_some() {
                return Err(CalendarFileError::Twice { year });
            }
        }
        Ok(WorkingCalendar { years })
    }

    /// The years it knows, in order, each with its source.
    pub fn years(&self) -> impl Iterator<Item = &CalendarYear> {
        self.years.values()
    }

    /// Whether `day` is worked.
    ///
    /// # Errors
    /// [`UnknownYear`] when the calendar has no entry for its year.
    pub fn is_working(&self, day: Day) -> Result<bool, UnknownYear> {
        let year = day.year();
        let known = self.years.get(&year).ok_or(UnknownYear { year })?;
        let weekend = is_weekend(day);
        Ok(known.workdays.contains(&day) || !(weekend || known.holidays.contains(&day)))
    }

    /// The `n`-th working day after `day`, or before it when `n` is negative; `day` itself is not
    /// counted (Civil Code art. 201; Administrative Licensing Law art. 82 for terms in working days).
    /// With `n` = 0 it is `day`, worked or not.
    ///
    /// # Errors
    /// [`UnknownYear`] when the count runs into a year without an entry.
    pub fn add_working_days(&self, day: Day, n: i32) -> Result<Day, UnknownYear> {
        let mut at = day;
        let mut left = n.unsigned_abs();
        while left > 0 {
            at = step(at, n > 0)?;
            left -= u32::from(self.is_working(at)?);
        }
        Ok(at)
    }

    /// How many working days lie after `a` up to and including `b`; counted the other way and negative
    /// when `b` is before `a`. Thus `working_days_between(a, add_working_days(a, n))` is `n`.
    ///
    /// # Errors
    /// [`UnknownYear`] when the span touches a year without an entry, `a` itself not counted.
    pub fn working_days_between(&self, a: Day, b: Day) -> Result<i32, UnknownYear> {
        let forward = a < b;
        let (mut at, mut count) = (a, 0);
        while at != b {
            at = step(at, forward)?;
            count += i32::from(self.is_working(at)?);
        }
        Ok(if forward { count } else { -count })
    }
}

/// The next or the previous day. The calendar's end is a year nobody entered.
fn step(day: Day, forward: bool) -> Result<Day, UnknownYear> {
    let next = if forward { day.succ_opt() } else { day.pred_opt() };
    next.ok_or(UnknownYear { year: day.year() })
}

pub(crate) fn is_weekend(day: Day) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// `data/calendar.toml` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    year: i32,
    source: String,
    confirmed: bool,
    holidays: Vec<String>,
    workdays: Vec<String>,
}

impl Entry {
    fn checked(self) -> Result<CalendarYear, CalendarFileError> {
        let year = self.year;
        let holidays = days(year, &self.holidays)?;
        let workdays = days(year, &self.workdays)?;
        match workdays.iter().find(|day| !is_weekend(**day) || holidays.contains(day)) {
            Some(on) => Err(CalendarFileError::NotExchanged { on: *on }),
            None => {
                let Entry { source, confirmed, .. } = self;
                Ok(CalendarYear { year, source, confirmed, holidays, workdays })
            }
        }
    }
}

/// Days and ranges of days of one year, spread out.
fn days(year: i32, texts: &[String]) -> Result<BTreeSet<Day>, CalendarFileError> {
    let mut spread = BTreeSet::new();
    for text in texts {
        let unreadable = || CalendarFileError::Day { year, text: text.clone() };
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let first = day::parse_day(first).map_err(|_| unreadable())?;
        let last = day::parse_day(last).map_err(|_| unreadable())?;
        if let Some(on) = [first, last].into_iter().find(|day| day.year() != year) {
            return Err(CalendarFileError::OtherYear { year, on });
        }
        if first > last {
            return Err(unreadable());
        }
        spread.extend(first.iter_days().take_while(|day| *day <= last));
    }
    Ok(spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().expect(text)
    }

    #[test]
    fn knows_the_years_it_ships_with() {
        let calendar = WorkingCalendar::embedded();
        let known: Vec<_> = calendar.years().map(|year| (year.year, year.confirmed)).collect();
        assert_eq!(known, (2020..=2026).map(|year| (year, true)).collect::<Vec<_>>());
        assert!(calendar.years().all(|year| year.source.contains("国办发明电")));
    }

    #[test]
    fn counts_the_working_days_of_each_year() {
        let calendar = WorkingCalendar::embedded();
        let of_year = |year: i32| {
            let days = day(&format!("{year}-01-01")).iter_days().take_while(|day| day.year() == year);
            days.filter(|day| calendar.is_working(*day) == Ok(true)).count()
        };
        let counts: Vec<_> = (2020..=2026).map(of_year).collect();
        assert_eq!(counts, [249, 250, 249, 249, 251, 248, 248]);
    }

    #[test]
    fn follows_the_notices() {
        for (text, expected) in [
            ("2021-08-11", true),  // an ordinary Wednesday
            ("2021-08-14", false), // an ordinary Saturday
            ("2021-02-12", false), // Spring Festival
            ("2021-02-20", true),  // a Saturday worked for it
            ("2020-01-31", false), // extended in 2020
            ("2020-02-01", false), // extended: the Saturday first announced as worked
            ("2020-02-03", true),
            ("2022-12-31", false),
            ("2026-02-23", false),
            ("2026-02-28", true),
        ] {
            assert_eq!(WorkingCalendar::embedded().is_working(day(text)), Ok(expected), "{text}");
        }
    }

    #[test]
    fn counts_without_the_day_itself() {
        let calendar = WorkingCalendar::embedded();
        for (from, n, expected) in [
            ("2021-09-30", 1, "2021-10-08"),
            ("2021-09-30", 2, "2021-10-09"),
            ("2021-10-03", 1, "2021-10-08"),
            ("2021-10-08", -1, "2021-09-30"),
            ("2021-10-03", 0, "2021-10-03"),
            ("2021-12-31", 1, "2022-01-04"),
        ] {
            assert_eq!(calendar.add_working_days(day(from), n), Ok(day(expected)), "{from} {n}");
            assert_eq!(calendar.working_days_between(day(from), day(expected)), Ok(n), "{from} {n}");
        }
    }

    #[test]
    fn an_unknown_year_is_named_never_guessed() {
        let calendar = WorkingCalendar::embedded();
        let missing = UnknownYear { year: 2027 };
        assert_eq!(calendar.is_working(day("2027-01-01")), Err(missing));
        assert_eq!(calendar.add_working_days(day("2026-12-30"), 5), Err(missing));
        assert_eq!(calendar.working_days_between(day("2026-12-30"), day("2027-01-02")), Err(missing));
        assert_eq!(calendar.is_working(day("2019-12-31")), Err(UnknownYear { year: 2019 }));
        assert_eq!(calendar.is_working(Day::MAX), Err(UnknownYear { year: Day::MAX.year() }));
        assert!(missing.to_string().contains("2027年"));
    }

    #[test]
    fn refuses_a_file_that_cannot_be_right() {
        let file = |holidays: &str, workdays: &str| {
            format!(
                "[[year]]\nyear = 2021\nsource = \"\"\nconfirmed = true\n\
                 holidays = [{holidays}]\nworkdays = [{workdays}]\n"
            )
        };
        let fault = |text: &str| WorkingCalendar::parse(text).expect_err("a fault");
        let unreadable = |text: &str| CalendarFileError::Day { year: 2021, text: text.to_owned() };
        assert_eq!(fault(&file("\"2021-02-30\"", "")), unreadable("2021-02-30"));
        assert_eq!(fault(&file("\"2021-05-03..2021-05-01\"", "")), unreadable("2021-05-03..2021-05-01"));
        let other = CalendarFileError::OtherYear { year: 2021, on: day("2020-12-31") };
        assert_eq!(fault(&file("\"2020-12-31..2021-01-03\"", "")), other);
        let weekday = CalendarFileError::NotExchanged { on: day("2021-08-11") };
        assert_eq!(fault(&file("", "\"2021-08-11\"")), weekday);
        let both = CalendarFileError::NotExchanged { on: day("2021-08-14") };
        assert_eq!(fault(&file("\"2021-08-14\"", "\"2021-08-14\"")), both);
        assert_eq!(fault(&file("", "").repeat(2)), CalendarFileError::Twice { year: 2021 });
        assert!(matches!(fault("year = 1"), CalendarFileError::Toml(_)));
    }

    proptest! {
        #[test]
        fn adding_and_counting_agree(start in 0_u64..1_000, n in -150_i32..=150) {
            let calendar = WorkingCalendar::embedded();
            let from = day("2021-06-01") + chrono::Days::new(start);
            let to = calendar.add_working_days(from, n).expect("inside the known years");
            prop_assert_eq!(calendar.working_days_between(from, to), Ok(n));
            prop_assert!(n == 0 || calendar.is_working(to) == Ok(true));
        }
    }
}
