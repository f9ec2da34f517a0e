//! Projects and their milestones over time: where each thing stands in the picture. Pure; the page draws it.

use std::collections::BTreeMap;

use chrono::Months;
use kernel::id::CaseId;
use kernel::value::day::Day;

use super::model::{Milestone, Project};
use super::rules::{first_of_month, last_of_month};

/// Width of the names, of the time, height of a row and of the head, in units of the picture.
const NAMES: i64 = 230;
const WIDTH: i64 = 760;
const ROW: i64 = 34;
const HEAD: i64 = 30;

/// A picture.
pub(super) struct Gantt {
    /// Its size.
    pub width: i64,
    /// Its size.
    pub height: i64,
    /// Months: where each begins, and what it is called; empty where there is no room.
    pub months: Vec<(i64, String)>,
    /// Rows.
    pub bars: Vec<Bar>,
    /// Where the day asked about stands; empty when outside.
    pub today: Option<i64>,
}

/// A project in the picture.
pub(super) struct Bar {
    /// Number of the project.
    pub id: i64,
    /// What it is called.
    pub label: String,
    /// All that is known, for whoever points at it.
    pub title: String,
    /// Baseline of its label, and top of its bar.
    pub y: (i64, i64),
    /// Beginning and width of the plan.
    pub plan: (i64, i64),
    /// Width of what is paid for.
    pub done: i64,
    /// Milestones.
    pub points: Vec<Point>,
}

/// A milestone in the picture.
pub(super) struct Point {
    /// The corners of a diamond.
    pub corners: String,
    /// How it is coloured.
    pub class: &'static str,
    /// What it says.
    pub title: String,
}

/// Draws projects as of a day.
pub(super) fn gantt(projects: &[Project], milestones: &BTreeMap<CaseId, Vec<Milestone>>, on: Day) -> Option<Gantt> {
    let from = first_of_month(projects.iter().map(|p| p.start_on).min()?);
    let to = last_of_month(first_of_month(projects.iter().map(|p| p.end_on).max()?.max(from)));
    let days = (to - from).num_days().max(1);
    let x = |day: Day| NAMES + ((day - from).num_days().clamp(0, days) * WIDTH) / days;
    let none = Vec::new();
    let bars = (0_i64..).zip(projects).map(|(row, project)| {
        let top = HEAD + row * ROW + 9;
        let (start, end) = (x(project.start_on), x(project.end_on));
        let share =
            i128::from(end - start) * i128::from(project.invested.0.max(0)) / i128::from(project.planned.0.max(1));
        let point = |one: &Milestone| point(one, x(one.due_on), top + 8, on);
        Bar {
            id: project.id.0,
            label: short(&project.name, 15),
            title: format!("{}：{}，{} 至 {}", project.firm, project.name, project.start_on, project.end_on),
            y: (top + 13, top),
            plan: (start, (end - start).max(2)),
            done: i64::try_from(share).unwrap_or(0).min(end - start),
            points: milestones.get(&project.id).unwrap_or(&none).iter().map(point).collect(),
        }
    });
    Some(Gantt {
        width: NAMES + WIDTH + 20,
        height: HEAD + projects.len() as i64 * ROW + 8,
        months: months(from, to, &x),
        bars: bars.collect(),
        today: (from..=to).contains(&on).then(|| x(on)),
    })
}

fn point(one: &Milestone, x: i64, y: i64, on: Day) -> Point {
    let class = match (one.state.as_str(), one.due_on < on) {
        ("done", _) => "gantt-reached",
        (_, true) => "gantt-late",
        _ => "gantt-open",
    };
    let done = one.done_on.map(|day| format!("，{day} 完成")).unwrap_or_default();
    Point {
        corners: format!("{},{y} {x},{} {},{y} {x},{}", x - 6, y - 6, x + 6, y + 6),
        class,
        title: format!("{}：应于 {} 完成{done}", one.name, one.due_on),
    }
}

fn months(from: Day, to: Day, x: &dyn Fn(Day) -> i64) -> Vec<(i64, String)> {
    let mut found = Vec::new();
    let (mut at, mut last) = (from, i64::MIN / 2);
    while at <= to {
        let here = x(at);
        let label = if here - last >= 56 { at.format("%Y-%m").to_string() } else { String::new() };
        if !label.is_empty() {
            last = here;
        }
        found.push((here, label));
        at = at + Months::new(1);
    }
    found
}

/// At most so many characters; the rest shows when one points at it.
fn short(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}
