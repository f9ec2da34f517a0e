//! Whose turn it is, which orders stand in a plan year, what counts as in time. Pure.

use std::cmp::Reverse;

use kernel::case::Values;
use kernel::id::{CaseId, OrgId};
use kernel::value::calendar::WorkingCalendar;
use kernel::value::day::Day;

/// A selected institution on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Institution {
    /// The case by which it was selected.
    pub case: CaseId,
    /// The organisation.
    pub org: OrgId,
    /// Its name.
    pub name: String,
    /// The round.
    pub round: String,
    /// The first day it may take orders.
    pub valid_from: Day,
    /// The last day it may.
    pub valid_to: Day,
    /// Orders it may take in a plan year.
    pub quota: i64,
    /// Orders of the plan year it has.
    pub used: i64,
    /// The last order of that year it got; 0 for none.
    pub last: i64,
}

impl Institution {
    /// Orders of the plan year it may still take.
    pub(super) fn left(&self) -> i64 {
        (self.quota - self.used).max(0)
    }

    /// Whether it may take orders on a day.
    pub(super) fn is_valid(&self, on: Day) -> bool {
        (self.valid_from..=self.valid_to).contains(&on)
    }
}

/// Those that may take an order on a day and have places left, whose turn it is first:
/// most places left, then who has waited longest.
pub(super) fn in_turn(mut institutions: Vec<Institution>, on: Day) -> Vec<Institution> {
    institutions.retain(|one| one.is_valid(on) && one.left() > 0);
    institutions.sort_by_key(|one| (Reverse(one.left()), one.last, one.org));
    institutions
}

/// Why it is the first one's turn.
pub(super) fn why_first(in_turn: &[Institution]) -> Option<String> {
    let first = in_turn.first()?;
    let same = in_turn.iter().filter(|one| one.left() == first.left()).count();
    let left = format!("剩余名额 {} 家（全年 {} 家）", first.left(), first.quota);
    Some(match (in_turn.len(), same) {
        (1, _) => format!("{left}，是唯一还有名额的有效机构"),
        (all, 1) => format!("{left}，在 {all} 家有效机构中最多"),
        (_, same) if first.last == 0 => format!("{left}，与另外 {} 家并列最多，今年还没有派过单", same - 1),
        (_, same) => format!("{left}，与另外 {} 家并列最多，离上次派单最久", same - 1),
    })
}

/// The plan year of an order.
pub(super) fn plan_year(values: &Values) -> Option<i32> {
    values.get("plan_year")?.parse().ok()
}

/// Whether a plan year can be ordered for on a day: this year's, or next year's.
pub(super) fn can_plan(year: i32, today: Day) -> bool {
    use chrono::Datelike;
    (today.year()..=today.year() + 1).contains(&year)
}

/// A step of an order: what was done, and on which day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Code of the action.
    pub action: String,
    /// The day.
    pub on: Day,
}

/// Whether a report came within so many working days after the institution entered; nothing when it has not come.
/// A year the calendar does not know counts in plain days.
pub(super) fn in_time(steps: &[Step], working_days: i32) -> Option<bool> {
    let first = |action: &str| steps.iter().find(|step| step.action == action).map(|step| step.on);
    let (entered, delivered) = (first("enter")?, first("deliver")?);
    let due = WorkingCalendar::embedded()
        .add_working_days(entered, working_days)
        .unwrap_or_else(|_| entered + chrono::TimeDelta::days(i64::from(working_days)));
    Some(delivered <= due)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        kernel::value::day::parse_day(text).expect("a day")
    }

    fn one(org: i64, quota: i64, used: i64, last: i64) -> Institution {
        Institution {
            case: CaseId(org),
            org: OrgId(org),
            name: format!("机构{org}"),
            round: String::new(),
            valid_from: day("2021-03-01"),
            valid_to: day("2021-12-31"),
            quota,
            used,
            last,
        }
    }

    fn turn(of: &[Institution], on: &str) -> Vec<i64> {
        in_turn(of.to_vec(), day(on)).iter().map(|i| i.org.0).collect()
    }

    #[test]
    fn most_places_first_then_who_waited_longest_and_only_valid_ones() {
        let all = [one(1, 10, 4, 9), one(2, 10, 4, 7), one(3, 10, 10, 1), one(4, 20, 5, 12)];
        assert_eq!(turn(&all, "2021-06-01"), [4, 2, 1], "the one without places is not asked");
        assert_eq!(turn(&all, "2021-12-31"), [4, 2, 1], "the last day counts");
        assert_eq!(turn(&all, "2022-01-01"), Vec::<i64>::new());
        assert_eq!(turn(&all, "2021-02-28"), Vec::<i64>::new());
    }

    #[test]
    fn the_reason_says_why_this_one() {
        let told = |of: &[Institution]| why_first(&in_turn(of.to_vec(), day("2021-06-01"))).unwrap_or_default();
        assert!(
            told(&[one(1, 10, 4, 9), one(2, 10, 1, 7)]).contains("剩余名额 9 家（全年 10 家），在 2 家有效机构中最多")
        );
        assert!(told(&[one(1, 10, 4, 9), one(2, 10, 4, 7)]).contains("并列最多，离上次派单最久"));
        assert!(told(&[one(1, 10, 0, 0), one(2, 10, 0, 0)]).contains("今年还没有派过单"));
        assert!(told(&[one(1, 10, 4, 9)]).contains("唯一"));
        assert_eq!(told(&[]), "");
    }

    #[test]
    fn a_report_is_in_time_by_working_days() {
        // The national holiday of 2021 is off; 9 October is worked in exchange.
        let steps = |delivered: &str| {
            let step = |action: &str, on: &str| Step { action: action.to_owned(), on: day(on) };
            [step("enter", "2021-09-29"), step("deliver", delivered), step("deliver", "2021-12-01")]
        };
        assert_eq!(in_time(&steps("2021-10-09"), 3), Some(true), "the first delivery counts");
        assert_eq!(in_time(&steps("2021-10-10"), 3), Some(false));
        assert_eq!(in_time(&steps("2021-10-10")[..1], 3), None);
    }

    #[test]
    fn this_year_and_the_next_can_be_ordered_for() {
        for (year, can) in [(2020, false), (2021, true), (2022, true), (2023, false)] {
            assert_eq!(can_plan(year, day("2021-12-31")), can, "{year}");
        }
    }
}
