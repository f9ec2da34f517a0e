//! Clocks of cases: how many working days a state may last, and who is reminded when. Data, with its source.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::access::Permission;
use crate::value::calendar::{UnknownYear, WorkingCalendar};
use crate::value::day::Day;

/// A clock.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseClock {
    /// Its code, which states name.
    pub code: String,
    /// What it is called.
    pub label: String,
    /// Working days a state may last.
    pub working_days: i32,
    /// The light turns yellow when so many working days are left.
    pub yellow_days: i32,
    /// Where the number comes from.
    pub source: String,
    /// Whether that was compared with the text; otherwise pages say that it is to be confirmed.
    pub confirmed: bool,
    /// Reminders, in their order.
    pub ladder: Vec<Step>,
}

/// A step of the ladder of reminders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Working days after the due day; before it when negative.
    pub after: i32,
    /// The permission of those who are reminded, as far as it reaches the case; `opener` for whoever opened it.
    pub to: String,
}

impl Step {
    /// Stands in the place of a permission for whoever opened the case.
    pub const OPENER: &'static str = "opener";

    /// The permission of those who are reminded; nothing where it is whoever opened the case.
    pub fn permission(&'static self) -> Option<Permission> {
        (self.to != Self::OPENER).then_some(Permission(&self.to))
    }
}

/// How urgent a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// No clock runs.
    None,
    /// There is time.
    Green,
    /// It is due soon.
    Yellow,
    /// It is late.
    Red,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    clock: Vec<CaseClock>,
}

/// All clocks shipped with the platform.
fn clocks() -> &'static [CaseClock] {
    static CLOCKS: OnceLock<Vec<CaseClock>> = OnceLock::new();
    CLOCKS.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/clocks.toml"));
        toml::from_str::<File>(text).expect("invariant: the shipped clocks are read by a test").clock
    })
}

/// The clock with this code.
pub fn clock(code: &str) -> Option<&'static CaseClock> {
    clocks().iter().find(|clock| clock.code == code)
}

/// The last day of a clock that starts on a day.
///
/// # Errors
/// [`UnknownYear`] when the calendar does not reach so far.
pub(super) fn due(days: i32, from: Day) -> Result<Day, UnknownYear> {
    WorkingCalendar::embedded().add_working_days(from, days)
}

/// Working days left on a day until a clock runs out; negative when it has.
///
/// # Errors
/// As [`due`].
pub(super) fn left(due_on: Day, today: Day) -> Result<i32, UnknownYear> {
    WorkingCalendar::embedded().working_days_between(today, due_on)
}

/// How urgent something is that is due on a day, by its clock. A year the calendar does not know counts in plain days.
pub fn light(clock: Option<&CaseClock>, due_on: Option<Day>, today: Day) -> Light {
    let (Some(clock), Some(due_on)) = (clock, due_on) else { return Light::None };
    let left = left(due_on, today).unwrap_or_else(|_| i32::try_from((due_on - today).num_days()).unwrap_or(i32::MAX));
    match left {
        _ if today > due_on => Light::Red,
        n if n <= clock.yellow_days => Light::Yellow,
        _ => Light::Green,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn day(text: &str) -> Day {
        crate::value::day::parse_day(text).expect("a day")
    }

    #[test]
    fn the_shipped_clocks_are_sound() {
        let codes: BTreeSet<&str> = clocks().iter().map(|c| c.code.as_str()).collect();
        assert_eq!(codes.len(), clocks().len(), "a code stands once");
        for clock in clocks() {
            assert!(clock.working_days > 0 && clock.yellow_days < clock.working_days, "{}", clock.code);
            assert!(!clock.source.is_empty() && clock.ladder.is_sorted_by_key(|step| step.after), "{}", clock.code);
        }
    }

    #[test]
    fn a_clock_skips_the_holidays_of_october() {
        // Wednesday 29 September 2021: the week of the national holiday is off, 9 October is worked in exchange.
        assert_eq!(due(3, day("2021-09-29")), Ok(day("2021-10-09")));
        assert_eq!(left(day("2021-10-09"), day("2021-10-07")), Ok(2));
        let clock = CaseClock {
            code: "c".into(),
            label: "审核".into(),
            working_days: 3,
            yellow_days: 1,
            source: "测试".into(),
            confirmed: false,
            ladder: vec![],
        };
        let due_on = Some(day("2021-10-09"));
        let lights =
            ["2021-10-07", "2021-10-08", "2021-10-09", "2021-10-10"].map(|on| light(Some(&clock), due_on, day(on)));
        assert_eq!(lights, [Light::Green, Light::Yellow, Light::Yellow, Light::Red]);
    }
}
