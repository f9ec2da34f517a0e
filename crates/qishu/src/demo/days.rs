//! The demonstration's calendar: when things happen and when they are written down.

use chrono::{Datelike, TimeDelta};

use super::random::Rng;
use kernel::value::calendar::WorkingCalendar;
use kernel::value::day::Day;

/// The platform starts: organisations and the ledgers of earlier years are taken over.
pub(super) const GO_LIVE: Day = day(2020, 12, 28);
/// The first day attributes taken over are said to hold.
pub(super) const BOOKS_OPEN: Day = day(2018, 1, 1);
/// End of the half-year of the reply.
pub(super) const HALF_END: Day = day(2021, 6, 30);
/// The day of the reply; nothing is recorded after it.
pub(super) const LAST: Day = day(2021, 8, 11);

/// A day of the calendar.
pub(super) const fn day(year: i32, month: u32, day: u32) -> Day {
    match Day::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => Day::MIN,
    }
}

/// The day `n` days later.
pub(super) fn later(from: Day, n: i64) -> Day {
    from + TimeDelta::days(n)
}

/// Whether `on` is worked; in years without a known calendar, from Monday to Friday.
fn is_working(on: Day) -> bool {
    let week = on.weekday().num_days_from_monday() < 5;
    WorkingCalendar::embedded().is_working(on).unwrap_or(week)
}

/// The first working day on or after `on`.
pub(super) fn working_from(on: Day) -> Day {
    let mut at = on;
    while !is_working(at) {
        at = later(at, 1);
    }
    at
}

/// The last working day on or before `on`.
pub(super) fn working_until(on: Day) -> Day {
    let mut at = on;
    while !is_working(at) {
        at = later(at, -1);
    }
    at
}

/// Some working day between two days; the first when there is none.
pub(super) fn between(rng: &mut Rng, from: Day, to: Day) -> Day {
    let at = working_from(later(from, rng.between(0, (to - from).num_days())));
    if at <= to { at } else { working_until(to).max(from) }
}

/// When something of `on` is written down: mostly within five days, sometimes weeks late;
/// what is older than the platform when its ledger is taken over.
pub(super) fn recorded(rng: &mut Rng, on: Day) -> Day {
    if on < GO_LIVE {
        return later(GO_LIVE, rng.between(2, 3));
    }
    let lag = match rng.between(0, 99) {
        0..=27 => 0,
        28..=57 => 1,
        58..=72 => 2,
        73..=83 => 3,
        84..=90 => 4,
        91..=94 => 5,
        _ => rng.between(9, 40),
    };
    working_from(later(on, lag)).min(LAST)
}

/// When something of `on` is written down that nobody forgets: the same or the next working day.
pub(super) fn promptly(rng: &mut Rng, on: Day) -> Day {
    if on < GO_LIVE {
        return later(GO_LIVE, 2);
    }
    working_from(later(on, rng.between(0, 1))).min(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_down_before_it_happened_or_after_the_reply() {
        let mut rng = Rng::new("days");
        for n in 0..1300 {
            let on = later(BOOKS_OPEN, n);
            for at in [recorded(&mut rng, on), promptly(&mut rng, on)] {
                assert!(on <= at && at <= LAST, "{on} {at}");
            }
        }
    }

    #[test]
    fn fixed_days_exist_and_are_worked() {
        for on in [GO_LIVE, HALF_END, LAST] {
            assert!(is_working(on));
        }
        assert_eq!(between(&mut Rng::new("days"), LAST, LAST), LAST);
    }
}
