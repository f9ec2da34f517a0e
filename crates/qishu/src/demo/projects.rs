//! Transformation projects: 129 in the library worth 40 亿元, 66 of them completed in 2021.
//!
//! 24 factories, 31 workshops, 46 lines, 26 cells, and two that nobody has classified yet.

use super::cast::{Cast, Firm};
use super::days::{between, day, later, recorded, working_from};
use super::random::Rng;
use super::script::{Desk, Entry, Planned, Script};
use super::share::{WAN, YI, within};
use kernel::value::day::Day;

/// Class, label, how many, and the bounds of the planned investment in 万元.
static TYPES: [(&str, &str, usize, i64, i64); 5] = [
    ("factory", "智能工厂", 24, 2_500, 40_000),
    ("workshop", "智能车间", 31, 600, 12_000),
    ("line", "智能产线", 46, 200, 5_000),
    ("cell", "智能单元", 26, 100, 2_500),
    ("", "智能化", 2, 500, 3_000),
];
const TOTAL: i64 = 40 * YI;
const COMPLETED: usize = 66;

/// A project of the library.
pub(super) struct Project<'a> {
    pub firm: &'a Firm,
    pub class: &'static str,
    pub label: &'static str,
    pub fen: i64,
    pub entered: Day,
    pub completed: Option<Day>,
}

/// Puts everything about projects into the script.
pub(super) fn plan<'a>(script: &mut Script, cast: &'a Cast) -> Vec<Project<'a>> {
    let mut rng = Rng::new("projects");
    let mut projects = library(&mut rng, cast);
    complete(&mut rng, &mut projects);
    let mistyped = projects.iter().position(|p| p.entered > day(2021, 2, 1) && p.entered < day(2021, 5, 1));
    for (n, project) in projects.iter().enumerate() {
        if Some(n) == mistyped {
            mistype_then_correct(script, project, n);
        } else {
            script.enter(recorded(&mut rng, project.entered), Desk::Bureau, entry(project, n, project.fen));
        }
        if let Some(on) = project.completed {
            script.enter(recorded(&mut rng, on), Desk::Bureau, completion(project, n, on));
        }
    }
    reversals(script, &projects);
    projects
}

fn library<'a>(rng: &mut Rng, cast: &'a Cast) -> Vec<Project<'a>> {
    let leaders = cast.choose(rng, 24, |f| f.above && f.size > 2);
    let others = cast.choose(rng, 86, |f| f.above && !leaders.iter().any(|l| l.who == f.who));
    let kinds = || TYPES.iter().flat_map(|t| std::iter::repeat_n(t, t.2));
    let bounds: Vec<(i64, i64)> = kinds().map(|t| (t.3 * WAN, t.4 * WAN)).collect();
    let amounts = within(rng, TOTAL, &bounds, 10 * WAN);
    let firms = leaders.into_iter().chain(others.into_iter().cycle());
    let mut projects = Vec::new();
    for ((kind, fen), firm) in kinds().zip(amounts).zip(firms) {
        let entered = between(rng, day(2020, 5, 11), day(2021, 7, 23));
        projects.push(Project { firm, class: kind.0, label: kind.1, fen, entered, completed: None });
    }
    if let Some(star) = projects.first_mut() {
        star.entered = day(2020, 9, 15);
    }
    projects
}

/// The first project and 65 others of those entered early enough.
fn complete(rng: &mut Rng, projects: &mut [Project<'_>]) {
    let mut early: Vec<usize> = (1..projects.len()).filter(|i| projects[*i].entered <= day(2021, 4, 30)).collect();
    rng.shuffle(&mut early);
    early.insert(0, 0);
    for i in early.into_iter().take(COMPLETED) {
        let from = later(projects[i].entered, 60).max(day(2021, 1, 12));
        projects[i].completed = Some(between(rng, from, day(2021, 8, 6)));
    }
    if let Some(star) = projects.first_mut() {
        star.completed = Some(day(2021, 6, 8));
    }
}

fn entry(project: &Project<'_>, n: usize, fen: i64) -> Entry {
    let fact = Planned::new("projects.entered", project.firm.who, project.entered).class(project.class).fen(fen);
    Entry::new("projects", format!("{}{}改造项目入库登记", project.firm.name, project.label))
        .document(format!("演示技改备〔{}〕{:03}号", project.entered.format("%Y"), n + 1))
        .detail("金额为备案的计划总投资。")
        .fact(fact)
}

fn completion(project: &Project<'_>, n: usize, on: Day) -> Entry {
    Entry::new("projects", format!("{}{}改造项目竣工验收单", project.firm.name, project.label))
        .document(format!("演示技改验〔2021〕{:03}号", n + 1))
        .fact(Planned::new("projects.completed", project.firm.who, on).class(project.class))
}

/// An amount was typed ten times too large; six days later the entry is reversed and made again.
fn mistype_then_correct(script: &mut Script, project: &Project<'_>, n: usize) {
    let first = working_from(later(project.entered, 1));
    let ticket = script.enter(first, Desk::Bureau, entry(project, n, project.fen * 10));
    let corrected = working_from(later(first, 6));
    script.reverse(corrected, Desk::Bureau, ticket, "计划总投资多录一位，按备案证金额重新登记");
    script.enter(corrected, Desk::Bureau, entry(project, n, project.fen));
}

/// One project was entered twice, one completion was not accepted: both entries are reversed.
fn reversals(script: &mut Script, projects: &[Project<'_>]) {
    let open = projects.iter().enumerate().filter(|(_, p)| p.completed.is_none());
    let mut open = open.filter(|(_, p)| p.entered < day(2021, 3, 1));
    if let Some((n, project)) = open.next() {
        let ticket = script.enter(day(2021, 3, 24), Desk::Bureau, entry(project, n, project.fen));
        script.reverse(day(2021, 4, 13), Desk::Bureau, ticket, "与已入库项目重复申报，予以冲销");
    }
    if let Some((n, project)) = open.next() {
        let ticket = script.enter(day(2021, 6, 21), Desk::Bureau, completion(project, n, day(2021, 6, 18)));
        script.reverse(day(2021, 7, 5), Desk::Bureau, ticket, "竣工材料不齐，验收未通过");
    }
}
