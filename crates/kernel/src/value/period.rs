//! Reporting periods: month, quarter, half, year, and the year up to a day.
//!
//! A period has a short code that sorts within its kind and is stored and linked as text.
//! Years are 1000–9999, so that every code has the same shape.

mod code;

use super::day::{self, Day};
use chrono::{Datelike, Days, Months};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

pub use code::PeriodError;

const YEARS: RangeInclusive<i32> = 1000..=9999;

/// A period of the calendar. Serialised as its code.
///
/// Fields can be read and matched anywhere, but other crates make a period only through the
/// constructors and [`Period::parse`], so that a thirteenth month cannot exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Period {
    /// A calendar month, code `2021-06`.
    #[non_exhaustive]
    Month {
        /// Year, 1000–9999.
        year: i32,
        /// Month, 1–12.
        month: u32,
    },
    /// A calendar quarter, code `2021Q2`.
    #[non_exhaustive]
    Quarter {
        /// Year, 1000–9999.
        year: i32,
        /// Quarter, 1–4.
        quarter: u32,
    },
    /// A half year, code `2021H1`.
    #[non_exhaustive]
    Half {
        /// Year, 1000–9999.
        year: i32,
        /// Half, 1–2.
        half: u32,
    },
    /// A calendar year, code `2021`.
    #[non_exhaustive]
    Year {
        /// Year, 1000–9999.
        year: i32,
    },
    /// From 1 January up to and including a day (本年累计), code `2021-01-01..2021-08-11`.
    #[non_exhaustive]
    YearToDate {
        /// The last day, included.
        through: Day,
    },
}

impl Period {
    /// A month; `None` unless the year is 1000–9999 and the month 1–12.
    pub fn month(year: i32, month: u32) -> Option<Period> {
        (YEARS.contains(&year) && (1..=12).contains(&month)).then_some(Period::Month { year, month })
    }

    /// A quarter; `None` unless the year is 1000–9999 and the quarter 1–4.
    pub fn quarter(year: i32, quarter: u32) -> Option<Period> {
        (YEARS.contains(&year) && (1..=4).contains(&quarter)).then_some(Period::Quarter { year, quarter })
    }

    /// A half year; `None` unless the year is 1000–9999 and the half 1 or 2.
    pub fn half(year: i32, half: u32) -> Option<Period> {
        (YEARS.contains(&year) && (1..=2).contains(&half)).then_some(Period::Half { year, half })
    }

    /// A year; `None` unless it is 1000–9999.
    pub fn year(year: i32) -> Option<Period> {
        YEARS.contains(&year).then_some(Period::Year { year })
    }

    /// From 1 January of its year up to `through`; `None` unless the year is 1000–9999.
    pub fn year_to_date(through: Day) -> Option<Period> {
        YEARS.contains(&through.year()).then_some(Period::YearToDate { through })
    }

    /// The first day.
    pub fn first_on(&self) -> Day {
        let (year, first, _) = self.span();
        Day::from_ymd_opt(year, first, 1).expect("invariant: constructors admit real months only")
    }

    /// The last day, included.
    pub fn last_on(&self) -> Day {
        if let Period::YearToDate { through } = *self {
            return through;
        }
        let (year, _, last) = self.span();
        end_of_month(year, last).expect("invariant: constructors admit real months only")
    }

    /// Whether `day` lies in the period.
    pub fn contains(&self, day: Day) -> bool {
        (self.first_on()..=self.last_on()).contains(&day)
    }

    /// The period of the same kind just before this one; `None` before the year 1000.
    ///
    /// For the year to date that is the one reported a month earlier: up to the same day of the month
    /// before, or to its last day when this one ends a month. January goes back to last December.
    pub fn previous(&self) -> Option<Period> {
        match *self {
            Period::Month { year, month: 1 } => Period::month(year - 1, 12),
            Period::Month { year, month } => Period::month(year, month - 1),
            Period::Quarter { year, quarter: 1 } => Period::quarter(year - 1, 4),
            Period::Quarter { year, quarter } => Period::quarter(year, quarter - 1),
            Period::Half { year, half: 1 } => Period::half(year - 1, 2),
            Period::Half { year, half } => Period::half(year, half - 1),
            Period::Year { year } => Period::year(year - 1),
            Period::YearToDate { through } => months_earlier(through, 1),
        }
    }

    /// The same period a year before (上年同期); `None` before the year 1000.
    ///
    /// A year to date that ends a month ends the same month a year before, so that up to
    /// 28 February 2021 is compared with up to 29 February 2020.
    pub fn same_last_year(&self) -> Option<Period> {
        match *self {
            Period::Month { year, month } => Period::month(year - 1, month),
            Period::Quarter { year, quarter } => Period::quarter(year - 1, quarter),
            Period::Half { year, half } => Period::half(year - 1, half),
            Period::Year { year } => Period::year(year - 1),
            Period::YearToDate { through } => months_earlier(through, 12),
        }
    }

    /// The months it touches, in order. The last month of a year to date may be covered in part.
    pub fn months(&self) -> Vec<Period> {
        let (year, first, last) = self.span();
        (first..=last).map(|month| Period::Month { year, month }).collect()
    }

    /// The Chinese label: `2021年6月`, `2021年第二季度`, `2021年上半年`, `2021年`, `2021年1—8月`,
    /// `2021年1月1日至8月11日`.
    pub fn label(&self) -> String {
        match *self {
            Period::Month { year, month } => format!("{year}年{month}月"),
            Period::Quarter { year, quarter } => {
                let ordinal = match quarter {
                    1 => "一",
                    2 => "二",
                    3 => "三",
                    _ => "四",
                };
                format!("{year}年第{ordinal}季度")
            }
            Period::Half { year, half } => {
                format!("{year}年{}半年", if half == 1 { "上" } else { "下" })
            }
            Period::Year { year } => format!("{year}年"),
            Period::YearToDate { through } if through.month() > 1 && ends_month(through) => {
                format!("{}年1—{}月", through.year(), through.month())
            }
            Period::YearToDate { through } => {
                format!("{}年1月1日至{}月{}日", through.year(), through.month(), through.day())
            }
        }
    }

    /// Year, first month and last month.
    fn span(&self) -> (i32, u32, u32) {
        match *self {
            Period::Month { year, month } => (year, month, month),
            Period::Quarter { year, quarter } => (year, quarter * 3 - 2, quarter * 3),
            Period::Half { year, half } => (year, half * 6 - 5, half * 6),
            Period::Year { year } => (year, 1, 12),
            Period::YearToDate { through } => (through.year(), 1, through.month()),
        }
    }
}

fn months_earlier(through: Day, months: u32) -> Option<Period> {
    let earlier = through.checked_sub_months(Months::new(months))?;
    let last = end_of_month(earlier.year(), earlier.month())?;
    Period::year_to_date(if ends_month(through) { last } else { earlier })
}

fn ends_month(day: Day) -> bool {
    day.checked_add_days(Days::new(1)).is_none_or(|next| next.day() == 1)
}

fn end_of_month(year: i32, month: u32) -> Option<Day> {
    Day::from_ymd_opt(year, month, day::days_in_month(year, month)?)
}

#[cfg(test)]
mod tests {
    use super::code::tests::any_period;
    use super::*;
    use proptest::prelude::*;

    fn period(code: &str) -> Period {
        code.parse().expect(code)
    }

    #[test]
    fn knows_its_days_and_label() {
        for (code, first, last, label, months) in [
            ("2021-02", "2021-02-01", "2021-02-28", "2021年2月", 1),
            ("2021Q2", "2021-04-01", "2021-06-30", "2021年第二季度", 3),
            ("2021H1", "2021-01-01", "2021-06-30", "2021年上半年", 6),
            ("2021H2", "2021-07-01", "2021-12-31", "2021年下半年", 6),
            ("2020", "2020-01-01", "2020-12-31", "2020年", 12),
            ("2021-01-01..2021-08-11", "2021-01-01", "2021-08-11", "2021年1月1日至8月11日", 8),
            ("2021-01-01..2021-08-31", "2021-01-01", "2021-08-31", "2021年1—8月", 8),
            ("2021-01-01..2021-01-31", "2021-01-01", "2021-01-31", "2021年1月1日至1月31日", 1),
        ] {
            let it = period(code);
            let days = (it.first_on().to_string(), it.last_on().to_string());
            assert_eq!(days, (first.to_owned(), last.to_owned()), "{code}");
            assert_eq!((it.label().as_str(), it.months().len()), (label, months), "{code}");
            assert!(it.contains(it.first_on()) && it.contains(it.last_on()));
            assert!(!it.contains(it.last_on() + Days::new(1)) && !it.contains(it.first_on() - Days::new(1)));
        }
    }

    #[test]
    fn steps_back_within_its_kind() {
        for (code, previous, last_year) in [
            ("2021-06", "2021-05", "2020-06"),
            ("2021-01", "2020-12", "2020-01"),
            ("2021Q1", "2020Q4", "2020Q1"),
            ("2021H2", "2021H1", "2020H2"),
            ("2021", "2020", "2020"),
            ("2021-01-01..2021-08-11", "2021-01-01..2021-07-11", "2020-01-01..2020-08-11"),
            ("2021-01-01..2021-02-28", "2021-01-01..2021-01-31", "2020-01-01..2020-02-29"),
            ("2020-01-01..2020-02-29", "2020-01-01..2020-01-31", "2019-01-01..2019-02-28"),
            ("2021-01-01..2021-03-30", "2021-01-01..2021-02-28", "2020-01-01..2020-03-30"),
            ("2021-01-01..2021-01-05", "2020-01-01..2020-12-05", "2020-01-01..2020-01-05"),
        ] {
            assert_eq!(period(code).previous(), Some(period(previous)), "{code}");
            assert_eq!(period(code).same_last_year(), Some(period(last_year)), "{code}");
        }
        assert_eq!(period("1000-01").previous(), None);
        assert_eq!(period("1000").same_last_year(), None);
    }

    proptest! {
        #[test]
        fn periods_that_tile_the_year_leave_no_gap(it in any_period()) {
            let before = it.previous().expect("after the year 1001");
            if !matches!(it, Period::YearToDate { .. }) {
                prop_assert_eq!(before.last_on() + Days::new(1), it.first_on());
            }
            prop_assert!(before.last_on() < it.last_on());
        }
    }
}
