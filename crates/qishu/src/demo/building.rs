//! The projects as the platform would have handled them: filed, checked, started, reported month by month, completed
//! and accepted, by the same acts as everybody's.
//!
//! Milestones are at a third, two thirds and nine tenths of the time; investment follows the plan, some of it late.
//! Some are suspended, some stop reporting, one amount is typed ten times too large and adjusted, one project is filed
//! twice and withdrawn, one completion is not accepted: none of it moves a figure of the reply.

use chrono::{Datelike, Months};

use super::days::{GO_LIVE, LAST, day, later, recorded, working_from};
use super::projects::Project;
use super::random::Rng;
use super::script::{Desk, Matter, MonthPlan, Script, Step, Typed};
use super::share::WAN;
use kernel::value::day::Day;
use kernel::value::money::Fen;

/// What is rebuilt, in turns.
const WHAT: [&str; 12] = [
    "冲压车间",
    "焊接工段",
    "涂装线",
    "总装车间",
    "热处理线",
    "铸造车间",
    "机加工车间",
    "包装线",
    "注塑车间",
    "检测中心",
    "仓储物流",
    "表面处理线",
];
/// Milestones: name, and after which share of the time, in percent.
const MILESTONES: [(&str, i64); 3] = [("设备采购", 33), ("设备安装", 66), ("联调试产", 90)];
/// Problems, and who is to solve them.
const PROBLEMS: [(&str, &str); 3] =
    [("进口设备交货推迟", "企业"), ("新增用电容量未批复", "供电公司"), ("技改备案变更未办结", "市行政审批局")];

/// A case under way.
struct Track {
    matter: Matter,
}

impl Track {
    fn step(
        &self,
        script: &mut Script,
        (day, desk): (Day, Desk),
        action: &'static str,
        values: &[(&'static str, String)],
    ) {
        let note = match action {
            "adjust" => "计划总投资多录一位，按备案证金额调整",
            "withdraw" => "与已入库项目重复申报，予以退库",
            "reject" => "竣工材料不齐，验收未通过",
            "suspend" => "企业厂房搬迁，暂停建设",
            _ => "",
        };
        script.step(day, desk, self.matter, Step::Do { action, typed: typed(values), note });
    }
}

/// When things happen to a project.
struct Course {
    /// In the library.
    entered: Day,
    /// Started, and when that was said; nothing for one that has not.
    began: Option<(Day, Day)>,
    /// Planned end.
    end: Day,
    /// Completion, and when it was accepted.
    completed: Option<(Day, Day)>,
}

/// Puts everything about projects into the script.
pub(super) fn plan(script: &mut Script, projects: &[Project<'_>]) {
    let mut rng = Rng::new("projects.building");
    let mistyped = projects.iter().position(|p| p.entered > day(2021, 2, 1) && p.entered < day(2021, 5, 1));
    let open: Vec<usize> = (0..projects.len()).filter(|n| projects[*n].completed.is_none()).collect();
    let mut early = open.iter().copied().filter(|n| projects[*n].entered < day(2021, 3, 1) && Some(*n) != mistyped);
    let (twice, rejected, suspended) = (early.next(), early.next(), early.next());
    for (n, project) in projects.iter().enumerate() {
        let mut course = course(&mut rng, project);
        let factor = if Some(n) == mistyped { 10 } else { 1 };
        let track = file(script, project, n, &course, project.fen * factor);
        if factor > 1 {
            let adjusted = working_from(later(course.entered, 6));
            let values = [("invest", wan(project.fen)), ("entered_on", project.entered.to_string())];
            track.step(script, (adjusted, Desk::Bureau), "adjust", &values);
        }
        let Some((began, said)) = course.began else { continue };
        let said = if factor > 1 { said.max(working_from(later(course.entered, 7))) } else { said };
        course.began = Some((began, said));
        track.step(script, (said, Desk::Bureau), "start", &[("began_on", began.to_string())]);
        let until = if Some(n) == suspended {
            Some(day(2021, 6, 15))
        } else {
            // Some stop reporting.
            Some(day(2021, 5, 25)).filter(|_| n % 13 == 5 && course.completed.is_none())
        };
        months(script, &mut rng, (n, project), &course, (track.matter, until));
        if Some(n) == suspended {
            track.step(script, (day(2021, 6, 15), Desk::Officer), "suspend", &[]);
        }
        if Some(n) == rejected {
            track.step(script, (day(2021, 6, 21), Desk::Bureau), "complete", &[("completed_on", "2021-06-18".into())]);
            track.step(script, (day(2021, 7, 5), Desk::Officer), "reject", &[]);
        }
        if let Some((completed, accepted)) = course.completed {
            let on = [("completed_on", completed.to_string())];
            track.step(script, (accepted, Desk::Bureau), "complete", &on);
            track.step(script, (accepted, Desk::Officer), "accept", &on);
        }
        if Some(n) == twice {
            filed_twice(script, project, n);
        }
    }
}

fn typed(values: &[(&'static str, String)]) -> Vec<(&'static str, Typed)> {
    values.iter().map(|(field, value)| (*field, Typed::Text(value.clone()))).collect()
}

fn wan(fen: i64) -> String {
    format!("{}万元", Fen(fen).exact_wan())
}

fn course(rng: &mut Rng, project: &Project<'_>) -> Course {
    let entered = recorded(rng, project.entered);
    let began = later(project.entered, rng.between(5, 20));
    let said = working_from(entered.max(began));
    let (end, completed) = match project.completed {
        Some(on) => (later(on, rng.between(-20, 40)), Some((on, recorded(rng, on)))),
        None => {
            let end = later(project.entered, rng.between(300, 520)).max(day(2021, 7, 20));
            (end, None)
        }
    };
    let began = Some((began, said)).filter(|(_, said)| *said <= LAST);
    Course { entered, began, end: end.max(later(project.entered, 60)), completed }
}

fn at_share(course: &Course, start: Day, percent: i64) -> Day {
    later(start, (course.end - start).num_days() * percent / 100)
}

fn values(project: &Project<'_>, n: usize, course: &Course, fen: i64) -> Vec<(&'static str, String)> {
    let milestones: Vec<String> = MILESTONES
        .iter()
        .map(|(name, share)| format!("{name} {}", at_share(course, project.entered, *share)))
        .collect();
    let equipment = format!("智能装备 {} {}\n控制系统 1 {}", 2 + n % 7, wan(fen / 10 * 6), wan(fen / 10 * 2));
    vec![
        ("name", format!("{}{}改造项目", WHAT[n % WHAT.len()], project.label)),
        ("type", project.class.to_owned()),
        ("invest", wan(fen)),
        ("start_on", project.entered.to_string()),
        ("end_on", course.end.to_string()),
        ("milestones", milestones.join("\n")),
        ("equipment", equipment),
        ("source", if n.is_multiple_of(3) { "diagnosis" } else { "own" }.to_owned()),
        ("diagnosis", if n.is_multiple_of(3) { "智能化诊断报告建议（演示）".to_owned() } else { String::new() }),
        ("contact", "项目负责人（演示）".to_owned()),
    ]
}

fn file(script: &mut Script, project: &Project<'_>, n: usize, course: &Course, fen: i64) -> Track {
    let desk = if course.entered < day(2021, 1, 1) { Desk::TakeOver } else { Desk::Bureau };
    let filled = typed(&values(project, n, course, fen));
    let matter = script.open(course.entered, desk, ("projects.project", project.firm.who), filled);
    let track = Track { matter };
    let entered = [("entered_on", project.entered.to_string())];
    track.step(script, (course.entered, Desk::Officer), "enter", &entered);
    track
}

/// Months until the last one that is over, until completion, or until reports stop.
fn months(
    script: &mut Script,
    rng: &mut Rng,
    (n, project): (usize, &Project<'_>),
    course: &Course,
    (matter, until): (Matter, Option<Day>),
) {
    let Some((began, said)) = course.began else { return };
    let first_of = |on: Day| on.with_day(1).unwrap_or(on);
    let last = course.completed.map_or(day(2021, 7, 1), |(on, _)| first_of(on));
    // All that was done before the platform is one month.
    let mut month = first_of(began).max(day(2020, 12, 1));
    let (mut done, mut reached) = (0, 0);
    while month <= last {
        let over = later(month + Months::new(1), -1);
        let finished = course.completed.filter(|(on, _)| first_of(*on) == month);
        let due = later(month + Months::new(1), rng.between(5, 9));
        let on = working_from(due).max(said).max(later(GO_LIVE, 10));
        let on =
            course.completed.map_or(on, |(_, accepted)| if finished.is_some() { accepted } else { on.min(accepted) });
        if on > LAST || until.is_some_and(|until| on >= until) {
            return;
        }
        let known = if finished.is_some() { on } else { over };
        let share = share(project, course, (began, known), finished.is_some(), n);
        let total = project.fen / 100 * share / (WAN / 10) * (WAN / 10);
        let plan = MonthPlan {
            month,
            fen: (total - done).max(0),
            reached: milestones(project, course, known, finished.is_some(), &mut reached),
            problem: if problem(n, month) { PROBLEMS[n % PROBLEMS.len()].0 } else { "" },
            problem_unit: if problem(n, month) { PROBLEMS[n % PROBLEMS.len()].1 } else { "" },
            reason: "",
        };
        done = done.max(total);
        script.step(on, Desk::Bureau, matter, Step::Month(plan));
        month = month + Months::new(1);
    }
}

fn problem(n: usize, month: Day) -> bool {
    n % 9 == 4 && month.month() >= 6
}

/// Percent of the plan that is paid for on a day. Every fifth project is slow.
fn share(project: &Project<'_>, course: &Course, (began, on): (Day, Day), finished: bool, n: usize) -> i64 {
    if finished {
        return 98 + (n % 4) as i64;
    }
    let whole = (course.end - project.entered).num_days().max(1);
    let gone = (on - began).num_days().clamp(0, whole) * 100 / whole;
    if n % 5 == 2 { gone / 2 } else { gone.min(97) }
}

/// Milestones that are reached by a day, in their order.
fn milestones(
    project: &Project<'_>,
    course: &Course,
    on: Day,
    finished: bool,
    reached: &mut usize,
) -> Vec<(usize, Day)> {
    let mut found = Vec::new();
    for (place, (_, share)) in MILESTONES.iter().enumerate().skip(*reached) {
        let due = at_share(course, project.entered, *share);
        let done = later(due, (place as i64) * 4);
        let done = if finished { course.completed.map_or(done, |(on, _)| done.min(on)) } else { done };
        if done > on {
            break;
        }
        found.push((place, done));
        *reached = place + 1;
    }
    found
}

/// The same project is filed again under another name, and withdrawn three weeks later.
fn filed_twice(script: &mut Script, project: &Project<'_>, n: usize) {
    let course = Course { entered: day(2021, 3, 24), began: None, end: day(2021, 12, 20), completed: None };
    let mut again = values(project, n, &course, project.fen);
    again[0].1 = format!("{}（二期）", again[0].1);
    let flow = ("projects.project", project.firm.who);
    let matter = script.open(course.entered, Desk::Bureau, flow, typed(&again));
    let track = Track { matter };
    track.step(script, (course.entered, Desk::Officer), "enter", &[("entered_on", project.entered.to_string())]);
    track.step(script, (day(2021, 4, 13), Desk::Officer), "withdraw", &[]);
}
