//! Reminders in words.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use kernel::access::permission_label;
use kernel::case::{self, CaseClock, Reminded, ReminderEffect, Stay, Step};
use kernel::id::CaseId;
use kernel::value::day;

/// A step of a ladder, and what came of it.
pub(super) struct Rung {
    /// Code of the clock.
    pub clock: String,
    /// Which step, from 1.
    pub rung: i64,
    /// What the clock is called.
    pub label: String,
    /// When it is climbed.
    pub when: String,
    /// Who is reminded.
    pub whom: String,
    /// Numbers.
    pub effect: ReminderEffect,
    /// Its rows are shown below.
    pub chosen: bool,
}

fn when(step: &Step) -> String {
    match step.after {
        0 => "到期当天".to_owned(),
        n if n < 0 => format!("到期前 {} 个工作日", -n),
        n => format!("超期 {n} 个工作日"),
    }
}

fn whom(step: &Step) -> String {
    match step.to.as_str() {
        Step::OPENER => "提交人".to_owned(),
        permission => format!("有权{}的人", permission_label(permission)),
    }
}

/// The steps of the clocks that occur among the stays, with their numbers.
pub(super) fn rungs(stays: &[Stay], chosen: (&str, i64)) -> Vec<Rung> {
    let effects = case::effects(stays);
    let clocks: BTreeMap<&str, &CaseClock> = stays.iter().map(|stay| (stay.clock.code.as_str(), stay.clock)).collect();
    let mut found = Vec::new();
    for (code, clock) in clocks {
        for (rung, step) in (1..).zip(&clock.ladder) {
            found.push(Rung {
                clock: code.to_owned(),
                rung,
                label: clock.label.clone(),
                when: when(step),
                whom: whom(step),
                effect: effects.get(&(code.to_owned(), rung)).copied().unwrap_or_default(),
                chosen: chosen == (code, rung),
            });
        }
    }
    found
}

/// A stay that a step was climbed in.
pub(super) struct Row {
    /// The case.
    pub case: CaseId,
    /// What it is called.
    pub title: String,
    /// When it was due.
    pub due_on: String,
    /// When it was told, and to how many.
    pub told: String,
    /// When it was left; empty as long as it lasts.
    pub left: String,
    /// Whether that was within 48 hours after the step.
    pub soon: bool,
}

/// The stays in which a step of a clock was climbed.
pub(super) fn rows(stays: &[Stay], (clock, rung): (&str, i64)) -> Vec<Row> {
    let of = |stay: &Stay| stay.rungs.iter().find(|one| one.rung == rung).copied();
    let stays = stays.iter().filter(|stay| stay.clock.code == clock);
    stays.filter_map(|stay| of(stay).map(|one| row(stay, one))).collect()
}

fn row(stay: &Stay, one: Reminded) -> Row {
    let told = match one.people {
        0 => format!("{}，没有可提醒的人", day::minute(one.told_at)),
        n => format!("{}，{n} 人", day::minute(one.told_at)),
    };
    Row {
        case: stay.case,
        title: stay.title.clone(),
        due_on: stay.due_on.to_string(),
        told,
        left: stay.left_at.map(day::minute).unwrap_or_default(),
        soon: stay.left_at.is_some_and(|at| at - one.told_at <= TimeDelta::hours(48)),
    }
}
