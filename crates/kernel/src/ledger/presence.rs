//! Who is in: the days on which a subject enters or leaves a distinct count.
//!
//! A subject is in while its net quantity is above zero.
//! Its history in one window is therefore a list of +1 and −1 steps,
//! and the distinct count on a day is the sum of everybody's steps up to that day:
//! a distinct count is kept exactly as a sum is.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::value::day::Day;

/// How the days of a distinct count fall into windows in which everybody starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// One window, open at either end where no day is given.
    Whole {
        /// First day that counts.
        from: Option<Day>,
        /// Last day that counts.
        to: Option<Day>,
    },
    /// Each calendar year.
    Year,
    /// Each half-year.
    Half,
    /// Each month.
    Month,
}

impl Partition {
    /// Which window `day` falls in; `None` when it does not count at all.
    pub(crate) fn window(self, day: Day) -> Option<i64> {
        let (year, month) = (i64::from(day.year()), i64::from(day.month()));
        match self {
            Self::Whole { from, to } => {
                let counts = from.is_none_or(|f| f <= day) && to.is_none_or(|t| day <= t);
                counts.then_some(0)
            }
            Self::Year => Some(year),
            Self::Half => Some(year * 10 + if month <= 6 { 1 } else { 2 }),
            Self::Month => Some(year * 100 + month),
        }
    }

    pub(crate) fn spec(self) -> String {
        match self {
            Self::Whole { from, to } => {
                let day = |d: Option<Day>| d.map_or(String::new(), |d| d.to_string());
                format!("whole {}..{}", day(from), day(to))
            }
            Self::Year => "year".into(),
            Self::Half => "half".into(),
            Self::Month => "month".into(),
        }
    }
}

/// A quantity on a day, in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Move {
    pub day: Day,
    pub unit: i64,
    pub quantity: i64,
}

/// The steps of one subject: +1 on a day it enters, −1 on a day it leaves, per window.
/// `unit` 0 takes all moves together.
pub(crate) fn steps(partition: Partition, moves: &[Move], unit: i64) -> Vec<(Day, i64)> {
    let mut by_window: BTreeMap<i64, BTreeMap<Day, i64>> = BTreeMap::new();
    for m in moves.iter().filter(|m| unit == 0 || m.unit == unit) {
        if let Some(window) = partition.window(m.day) {
            *by_window.entry(window).or_default().entry(m.day).or_default() += m.quantity;
        }
    }
    let mut steps = Vec::new();
    for days in by_window.values() {
        let (mut sum, mut inside) = (0, false);
        for (day, quantity) in days {
            sum += quantity;
            if (sum > 0) != inside {
                inside = sum > 0;
                steps.push((*day, if inside { 1 } else { -1 }));
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> Day {
        Day::from_ymd_opt(2021, month, day).expect("a day")
    }

    fn mv(on: Day, quantity: i64) -> Move {
        Move { day: on, unit: 1, quantity }
    }

    #[test]
    fn a_firm_counts_once_however_often_it_comes() {
        let moves = [mv(day(3, 1), 1), mv(day(5, 1), 1), mv(day(2, 1), 1)];
        assert_eq!(steps(Partition::Year, &moves, 0), [(day(2, 1), 1)]);
    }

    #[test]
    fn a_reversal_on_the_same_day_leaves_no_trace() {
        let moves = [mv(day(3, 1), 1), mv(day(3, 1), -1)];
        assert_eq!(steps(Partition::Year, &moves, 0), []);
    }

    #[test]
    fn a_stock_is_left_and_entered_again() {
        let moves = [mv(day(1, 1), 1), mv(day(2, 1), -1), mv(day(3, 1), 1)];
        let whole = Partition::Whole { from: None, to: None };
        assert_eq!(steps(whole, &moves, 0), [(day(1, 1), 1), (day(2, 1), -1), (day(3, 1), 1)]);
    }

    #[test]
    fn every_half_year_starts_anew() {
        let moves = [mv(day(6, 30), 1), mv(day(7, 1), 1)];
        assert_eq!(steps(Partition::Half, &moves, 0), [(day(6, 30), 1), (day(7, 1), 1)]);
    }

    #[test]
    fn days_outside_a_plan_do_not_count() {
        let plan = Partition::Whole { from: Some(day(2, 1)), to: Some(day(2, 28)) };
        assert_eq!(steps(plan, &[mv(day(1, 31), 1), mv(day(3, 1), 1)], 0), []);
    }
}
