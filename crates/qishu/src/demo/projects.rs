//! Transformation projects: 129 in the library worth 40 亿元, 66 of them completed in 2021.
//!
//! 24 factories, 31 workshops, 46 lines, 26 cells, and two that nobody has classified yet.

use super::cast::{Cast, Firm};
use super::days::{between, day, later};
use super::random::Rng;
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

/// The projects; [`super::building`] puts them into the script.
pub(super) fn plan<'a>(cast: &'a Cast) -> Vec<Project<'a>> {
    let mut rng = Rng::new("projects");
    let mut projects = library(&mut rng, cast);
    complete(&mut rng, &mut projects);
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
