//! Rules of the library: lights and how far a month may go. Pure; the numbers are data with their source.

use std::sync::OnceLock;

use chrono::{Datelike, Months, TimeDelta};
use kernel::case::Light;
use kernel::value::day::Day;
use kernel::value::money::Fen;
use serde::Deserialize;

use super::model::{Lit, Marks, Milestone};

/// The rules shipped with the platform.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    pub investment: Investment,
    pub lights: Lights,
}

/// How far investment may run over its plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Investment {
    pub over_plan_percent: i64,
    pub source: String,
    pub confirmed: bool,
}

/// When a light turns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lights {
    pub source: String,
    pub confirmed: bool,
    milestone: Days,
    silence: Silence,
    curve: Days,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Days {
    yellow_days: i64,
    red_days: i64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Silence {
    yellow_months: u32,
    red_months: u32,
    grace_days: i64,
}

/// The rules in force.
pub(super) fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/projects.toml"));
        toml::from_str(text).expect("invariant: the shipped rules are read by a test")
    })
}

/// Before these days the marks of a project turn a light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// `next_due` lies before it.
    pub due: Day,
    /// `silent_from` is this day or before it.
    pub silent: Day,
    /// `paid_until` lies before it.
    pub paid: Day,
}

impl Lights {
    /// What turns a light on a day.
    pub(super) fn bounds(&self, red: bool, on: Day) -> Bounds {
        let of = |days: Days| on - TimeDelta::days(if red { days.red_days } else { days.yellow_days });
        let months = if red { self.silence.red_months } else { self.silence.yellow_months };
        // A month counts as missing once the days of grace after it are over.
        let silent = first_of_month(on - TimeDelta::days(self.silence.grace_days)) - Months::new(months);
        Bounds { due: of(self.milestone), silent, paid: of(self.curve) }
    }

    /// The rules in a sentence each, for the page.
    pub(super) fn told(&self) -> Vec<String> {
        let (m, s, c) = (self.milestone, self.silence, self.curve);
        let late = |days: i64| if days == 0 { "逾期".to_owned() } else { format!("逾期超过 {days} 天") };
        vec![
            format!("里程碑（没有的按计划竣工日）{}为黄灯，{}为红灯", late(m.yellow_days), late(m.red_days)),
            format!(
                "缺 {} 个月的月报为黄灯，缺 {} 个月为红灯；每月月报在次月 {} 日后仍没有报的算缺",
                s.yellow_months, s.red_months, s.grace_days
            ),
            format!(
                "完成投资比计划曲线落后超过 {} 天为黄灯，超过 {} 天为红灯；曲线从计划开工到计划竣工均匀上升",
                c.yellow_days, c.red_days
            ),
        ]
    }
}

/// How a project stands on a day.
pub(super) fn light(marks: &Marks, on: Day) -> Lit {
    let lights = &rules().lights;
    let (red, yellow) = (lights.bounds(true, on), lights.bounds(false, on));
    let mut why = Vec::new();
    let mut light = if *marks == Marks::default() { Light::None } else { Light::Green };
    let mut turn = |by_red: bool, by_yellow: bool, what: String| {
        if !by_red && !by_yellow {
            return;
        }
        let to = if by_red { Light::Red } else { Light::Yellow };
        if light != Light::Red {
            light = to;
        }
        why.push(format!("{}：{what}", if by_red { "红" } else { "黄" }));
    };
    if let Some(due) = marks.next_due {
        turn(due < red.due, due < yellow.due, format!("里程碑应于 {due} 完成，已逾期 {} 天", (on - due).num_days()));
    }
    if let Some(from) = marks.silent_from {
        let since = month_label(from);
        turn(from <= red.silent, from <= yellow.silent, format!("{since}起没有月报"));
    }
    if let Some(until) = marks.paid_until {
        let days = (on - until).num_days();
        turn(until < red.paid, until < yellow.paid, format!("完成投资停在计划曲线 {until} 的位置，落后 {days} 天"));
    }
    Lit { light, why }
}

/// The marks of a project that is being built.
pub(super) fn marks(
    (planned, invested): (Fen, Fen),
    (start, end): (Day, Day),
    milestones: &[Milestone],
    (began, last_month): (Day, Option<Day>),
) -> Marks {
    let unfinished = milestones.iter().filter(|one| one.state != "done").map(|one| one.due_on).min();
    let all_done = !milestones.is_empty() && unfinished.is_none();
    let silent_from = last_month.map_or(first_of_month(began), |month| month + Months::new(1));
    let days = (end - start).num_days();
    // Whole days of the plan that the investment pays for: floored, so that a fen less is not a day more.
    let paid = i128::from(invested.0.max(0)) * i128::from(days);
    let paid = i64::try_from(paid / i128::from(planned.0.max(1))).unwrap_or(days);
    Marks {
        next_due: if all_done { Some(end) } else { unfinished.or(Some(end)) },
        silent_from: Some(silent_from),
        paid_until: (invested < planned).then(|| start + TimeDelta::days(paid.min(days))),
    }
}

/// Whether a sum runs further over the plan than goes without saying why.
pub(super) fn over_plan(planned: Fen, cumulative: Fen) -> bool {
    let most = i128::from(planned.0) * i128::from(100 + rules().investment.over_plan_percent);
    i128::from(cumulative.0) * 100 > most
}

/// The first day of the month of a day.
pub(super) fn first_of_month(day: Day) -> Day {
    day.with_day(1).unwrap_or(day)
}

/// The last day of a month, by its first.
pub(super) fn last_of_month(first: Day) -> Day {
    first + Months::new(1) - TimeDelta::days(1)
}

/// A month as people read it.
pub(super) fn month_label(first: Day) -> String {
    format!("{} 年 {} 月", first.year(), first.month())
}

/// A month as an address and a form write it.
pub(super) fn month_code(first: Day) -> String {
    first.format("%Y-%m").to_string()
}

/// A month typed as `2021-07`, `202107` or `2021年7月`, by its first day.
pub(super) fn month(typed: &str) -> Option<Day> {
    let text = kernel::value::text::compact(typed);
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (year, month) = match parts.as_slice() {
        [year, month] => (*year, *month),
        [both] if both.len() == 6 => both.split_at(4),
        _ => return None,
    };
    Day::from_ymd_opt(year.parse().ok().filter(|y| (1990..=2200).contains(y))?, month.parse().ok()?, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        kernel::value::day::parse_day(text).expect("a day")
    }

    fn built(invested: i64, milestones: &[(&str, &str)], last_month: Option<&str>) -> Marks {
        let of = |(due, state): &(&str, &str)| Milestone {
            name: (*due).to_owned(),
            due_on: day(due),
            state: (*state).to_owned(),
            done_on: None,
        };
        let milestones: Vec<Milestone> = milestones.iter().map(of).collect();
        marks(
            (Fen(100_000), Fen(invested)),
            (day("2021-01-01"), day("2021-12-27")),
            &milestones,
            (day("2021-01-15"), last_month.map(day)),
        )
    }

    #[test]
    fn the_shipped_rules_are_sound() {
        let Lights { milestone, silence, curve, source, .. } = &rules().lights;
        assert!(milestone.red_days > milestone.yellow_days && curve.red_days > curve.yellow_days);
        assert!(silence.red_months > silence.yellow_months && !source.is_empty());
        assert!(rules().investment.over_plan_percent > 0 && !rules().investment.source.is_empty());
    }

    #[test]
    fn a_light_says_which_rule_turned_it() {
        let slow = built(30_000, &[("2021-09-30", "todo")], Some("2021-06-01"));
        assert_eq!(light(&slow, day("2021-07-20")).light, Light::Red, "what was planned for April is paid in July");
        let good = built(60_000, &[("2021-09-30", "todo")], Some("2021-06-01"));
        assert_eq!(light(&good, day("2021-07-20")), Lit { light: Light::Green, why: vec![] });
        let late = light(&good, day("2021-10-01"));
        assert!(
            late.light == Light::Red && late.why.iter().any(|w| w.starts_with("黄：里程碑应于 2021-09-30")),
            "{late:?}"
        );
        assert!(late.why.iter().any(|why| why.starts_with("红：2021 年 7 月起没有月报")), "{late:?}");
        let done = built(100_000, &[("2021-02-01", "done")], Some("2021-06-01"));
        assert_eq!((done.next_due, done.paid_until), (Some(day("2021-12-27")), None));
        assert_eq!(light(&Marks::default(), day("2021-10-01")).light, Light::None);
    }

    #[test]
    fn a_month_is_missing_only_after_its_days_of_grace() {
        let marks = built(99_000, &[], Some("2021-05-01"));
        for (on, expected) in [
            ("2021-07-10", Light::Green),
            ("2021-07-11", Light::Yellow),
            ("2021-08-10", Light::Yellow),
            ("2021-08-11", Light::Red),
        ] {
            assert_eq!(light(&marks, day(on)).light, expected, "{on}");
        }
    }

    #[test]
    fn a_fifth_over_the_plan_needs_no_reason_and_a_fen_more_does() {
        assert!(!over_plan(Fen(100), Fen(120)) && over_plan(Fen(100), Fen(121)));
    }

    #[test]
    fn months_are_read_as_people_write_them() {
        for typed in ["2021-07", "202107", "2021年7月", "2021.7", "２０２１－０７"] {
            assert_eq!(month(typed), Some(day("2021-07-01")), "{typed}");
        }
        for typed in ["", "7月", "2021-13", "99999-07"] {
            assert_eq!(month(typed), None, "{typed}");
        }
    }
}
