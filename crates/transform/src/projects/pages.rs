//! Pages of projects: what they share.

pub(super) mod library;
pub(super) mod one;
pub(super) mod overview;
pub(super) mod workbook;

use kernel::case::Light;
use kernel::id::UnitId;
use kernel::org::{self, Unit};
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::value::industry;
use kernel::value::money::Fen;
use web::link::{Link, Query, kept};

use super::flow::FLOW;
use super::kinds::type_label;
use super::model::{Lit, Project};
use super::rules::{light, month_label};

/// Parameters by which every view of the library is narrowed.
const FILTERS: &[&str] = &["q", "unit", "class", "state", "light", "industry"];

/// The views of the library: address, name, whether it is shown.
pub(super) fn tabs(query: &Query, shown: &str, may_report: bool) -> Vec<(String, &'static str, bool)> {
    let narrowed = |path: &str| {
        kept(query, FILTERS).iter().fold(Link::to(path), |link, (name, value)| link.with(name, value)).to_string()
    };
    let mut tabs = vec![
        (narrowed("/projects"), "列表", "list"),
        (narrowed("/projects/board"), "按状态", "board"),
        (narrowed("/projects/gantt"), "进度图", "gantt"),
        ("/projects/changes".to_owned(), "两日对比", "changes"),
        ("/projects/totals".to_owned(), "汇总", "totals"),
    ];
    if may_report {
        tabs.push(("/projects/workbook".to_owned(), "月报表格", "workbook"));
    }
    tabs.into_iter().map(|(href, label, code)| (href, label, code == shown)).collect()
}

/// An option of a filter: value, label, chosen.
pub(super) type Choice = (String, String, bool);

/// Reporting units by their numbers.
pub(super) struct Units(pub Vec<Unit>);

impl Units {
    pub(super) async fn load(read: &Read) -> kernel::Result<Self> {
        Ok(Self(org::units(read).await?))
    }

    pub(super) fn name(&self, unit: UnitId) -> String {
        self.0.iter().find(|u| u.id == unit).map_or_else(|| "未分单元".to_owned(), |u| u.name.clone())
    }
}

/// A project as pages show it.
pub(super) struct Line {
    pub id: i64,
    pub name: String,
    pub firm: String,
    pub unit: String,
    pub class: &'static str,
    pub is_unclassified: bool,
    pub industry: String,
    pub planned: String,
    pub invested: String,
    /// Whole percent of the plan that is done, for a bar.
    pub percent: i64,
    pub state: &'static str,
    pub state_class: &'static str,
    pub last_month: String,
    pub light: &'static str,
    pub light_class: &'static str,
    /// Rules that turned the light.
    pub why: Vec<String>,
    pub problem: String,
}

impl Line {
    /// A project on a day.
    pub(super) fn of(project: &Project, units: &Units, on: Day) -> Self {
        let lit = light(&project.marks, on);
        let (light, light_class) = light_words(&lit);
        Self {
            id: project.id.0,
            name: project.name.clone(),
            firm: project.firm.clone(),
            unit: units.name(project.unit),
            class: type_label(&project.class),
            is_unclassified: project.class.is_empty(),
            industry: division(&project.industry),
            planned: wan(project.planned),
            invested: wan(project.invested),
            percent: percent(project.invested, project.planned),
            state: FLOW.state(&project.state).map_or("", |state| state.label),
            state_class: state_class(&project.state),
            last_month: project.last_month.map(month_label).unwrap_or_default(),
            light,
            light_class,
            why: lit.why,
            problem: problem(project),
        }
    }
}

/// What stands in the way, and who is to solve it.
pub(super) fn problem(project: &Project) -> String {
    match (project.problem.as_str(), project.problem_unit.as_str()) {
        ("", _) => String::new(),
        (problem, unit) => format!("{problem}（责任单位：{unit}）"),
    }
}

/// A light in words, and how it is coloured.
pub(super) fn light_words(lit: &Lit) -> (&'static str, &'static str) {
    match lit.light {
        Light::None => ("", ""),
        Light::Green => ("绿灯", "state-ok"),
        Light::Yellow => ("黄灯", "state-warn"),
        Light::Red => ("红灯", "state-bad"),
    }
}

pub(super) fn state_class(state: &str) -> &'static str {
    match state {
        "accepted" => "state-ok",
        "suspended" | "mending" => "state-warn",
        "refused" | "withdrawn" => "state-off",
        _ => "state-info",
    }
}

/// An amount in 万元 as tables show it.
pub(super) fn wan(fen: Fen) -> String {
    fen.exact_wan()
}

/// Whole percent, floored; what is over the plan shows as 100.
pub(super) fn percent(part: Fen, whole: Fen) -> i64 {
    let share = i128::from(part.0.max(0)) * 100 / i128::from(whole.0.max(1));
    i64::try_from(share).unwrap_or(100).min(100)
}

/// What a division of industry is called.
pub(super) fn division(code: &str) -> String {
    industry::find(code).map_or_else(String::new, |found| found.name.to_owned())
}
