//! The library as a whole: what it adds up to, and what changed between two days.

use askama::Template;
use axum::response::Response;
use chrono::Months;
use kernel::id::{Position, UnitId};
use kernel::indicator::{By, Figure, Question, shown};
use kernel::value::day::{Day, parse_day};
use kernel::{Error, Faults, access::Permission, access::Scope};
use web::link::{Link, asked, number};
use web::{Frame, Result, Ui};

use super::super::changes::{Changes, changes as changed};
use super::super::flow::FLOW;
use super::super::totals::{Table, totals as asked_totals};
use super::super::{READ, REPORT};
use super::{Choice, Units, tabs, wan};

/// Who may open figures; their pages are others'.
const FIGURES: Permission = Permission("figure.read");

/// A figure on the page: name, value, where it opens, how it is made up.
struct Shown {
    name: &'static str,
    value: String,
    unit: &'static str,
    href: String,
    sub: String,
}

/// A table of numbers that open their rows.
struct Grid {
    /// What stands in its first column.
    corner: &'static str,
    columns: Vec<String>,
    rows: Vec<GridRow>,
    foot: Vec<String>,
}

struct GridRow {
    label: String,
    is_unclassified: bool,
    cells: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "projects/templates/totals.html")]
struct TotalsPage {
    cx: Frame,
    tabs: Vec<(String, &'static str, bool)>,
    units: Vec<Choice>,
    figures: Vec<Shown>,
    rates: Vec<Shown>,
    classified: String,
    unclassified: i64,
    unclassified_href: String,
    by_unit: Grid,
    by_industry: Grid,
}

/// The scope of the page: narrowed to the unit asked for.
fn narrowed(scope: Scope, units: &Units, unit: Option<UnitId>) -> Result<Scope> {
    let Some(unit) = unit else { return Ok(scope) };
    match scope.holds(unit) && units.0.iter().any(|u| u.id == unit) {
        true => Ok(Scope::Units(vec![unit])),
        false => Err(Error::invalid("unit", format!("没有编号为 {unit} 的填报单元，或不在您的范围内")).into()),
    }
}

pub(in super::super) async fn totals(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, known) = ui.clocks(&read).await?;
    let units = Units::load(&read).await?;
    let unit = number::<UnitId>(ui.query(), "unit", "填报单元编号")?;
    let scope = narrowed(ui.scope(READ), &units, unit)?;
    let found = asked_totals(&read, &Question { about, known, scope: &scope }).await?;
    let links = Links { opens: ui.actor().may(FIGURES), about, known, unit };
    let figure = |code: &str| found.figures.get(code);
    let plain = |code: &str| figure(code).map(|f| links.shown(f, String::new()));
    let rate = |code: &str| {
        let figure = figure(code)?;
        let parts: Vec<String> =
            figure.parts.iter().map(|p| format!("{} {}{}", p.indicator.name, shown(p), p.indicator.unit)).collect();
        Some(links.shown(figure, parts.join(" ÷ ")))
    };
    let held = units.0.iter().filter(|u| ui.scope(READ).holds(u.id));
    let choices = held.map(|u| (u.id.to_string(), u.name.clone(), Some(u.id) == unit));
    let unclassified = found.by_unit.rows.last().map_or(0, |row| row.3);
    ui.page(&TotalsPage {
        cx: ui.frame(&read).await?,
        tabs: tabs(&[], "totals", ui.actor().may(REPORT)),
        units: choices.collect(),
        figures: ["projects.in_library", "projects.investment", "projects.invested", "projects.completed"]
            .into_iter()
            .filter_map(plain)
            .collect(),
        rates: ["projects.year_plan_rate", "projects.library_rate"].into_iter().filter_map(rate).collect(),
        classified: figure("projects.classified").map(shown).unwrap_or_default(),
        unclassified,
        unclassified_href: Link::to("/projects")
            .with("class", "none")
            .with("unit", unit.map_or_else(String::new, |u| u.to_string()))
            .to_string(),
        by_unit: links.by_type(&found.by_unit, By::Unit),
        by_industry: links.by_key(&found.by_industry, By::Industry, "行业大类"),
    })
}

/// Where figures and cells open.
struct Links {
    opens: bool,
    about: Day,
    known: Position,
    unit: Option<UnitId>,
}

impl Links {
    fn to(&self, code: &str, keys: &[(By, &str)]) -> String {
        if !self.opens {
            return String::new();
        }
        let link = Link::to(format!("/indicators/{code}/rows")).at(self.about, self.known);
        // A unit that is a column narrows already.
        let unit = self.unit.filter(|_| !keys.iter().any(|(by, _)| *by == By::Unit));
        let link = link.with("unit", unit.map_or_else(String::new, |unit| unit.to_string()));
        keys.iter().fold(link, |link, (by, key)| link.keyed(*by, key)).to_string()
    }

    fn shown(&self, figure: &Figure, sub: String) -> Shown {
        let indicator = figure.indicator;
        let href = match figure.parts.is_empty() {
            true => self.to(indicator.code, &[]),
            false if self.opens => {
                Link::to(format!("/indicators/{}", indicator.code)).at(self.about, self.known).to_string()
            }
            false => String::new(),
        };
        Shown { name: indicator.name, value: shown(figure), unit: indicator.unit, href, sub }
    }

    /// A number that opens its rows.
    fn cell(&self, n: i64, keys: &[(By, &str)]) -> (String, String) {
        if n == 0 { ("—".to_owned(), String::new()) } else { (n.to_string(), self.to("projects.in_library", keys)) }
    }

    /// Types in rows.
    fn by_type(&self, table: &Table, by: By) -> Grid {
        let row = |(code, label, numbers, sum): &(&'static str, &'static str, Vec<i64>, i64)| {
            let cells = table.columns.iter().zip(numbers);
            let mut cells: Vec<_> = cells.map(|((key, _), n)| self.cell(*n, &[(By::Class, code), (by, key)])).collect();
            cells.push(self.cell(*sum, &[(By::Class, code)]));
            GridRow { label: (*label).to_owned(), is_unclassified: code.is_empty(), cells }
        };
        Grid {
            corner: "类型",
            columns: table.columns.iter().map(named).collect(),
            rows: table.rows.iter().map(row).collect(),
            foot: table.sums.0.iter().chain([&table.sums.1]).map(ToString::to_string).collect(),
        }
    }

    /// Types in columns, for a dimension of many keys.
    fn by_key(&self, table: &Table, by: By, corner: &'static str) -> Grid {
        let row = |(at, column): (usize, &(String, String))| {
            let key = column.0.as_str();
            let of = |row: &(&'static str, &'static str, Vec<i64>, i64)| {
                self.cell(row.2.get(at).copied().unwrap_or(0), &[(By::Class, row.0), (by, key)])
            };
            let mut cells: Vec<_> = table.rows.iter().map(of).collect();
            cells.push(self.cell(table.sums.0.get(at).copied().unwrap_or(0), &[(by, key)]));
            GridRow { label: named(column), is_unclassified: key.is_empty(), cells }
        };
        Grid {
            corner,
            columns: table.rows.iter().map(|row| row.1.to_owned()).collect(),
            rows: table.columns.iter().enumerate().map(row).collect(),
            foot: table.rows.iter().map(|row| row.3).chain([table.sums.1]).map(|n| n.to_string()).collect(),
        }
    }
}

fn named((_, label): &(String, String)) -> String {
    if label.is_empty() { "未登记".to_owned() } else { label.clone() }
}

/// A project that changed, in words.
struct ChangeLine {
    id: i64,
    name: String,
    firm: String,
    states: String,
    invested: String,
    more: String,
    reached: String,
}

#[derive(Template)]
#[template(path = "projects/templates/changes.html")]
struct ChangesPage {
    cx: Frame,
    tabs: Vec<(String, &'static str, bool)>,
    from: String,
    to: String,
    faults: Faults,
    rows: Vec<ChangeLine>,
    /// State and how many came to it.
    came_to: Vec<(&'static str, i64)>,
    invested: String,
    cut: bool,
    count: usize,
}

impl ChangesPage {
    fn fault(&self, field: &str) -> &str {
        self.faults.at(field).unwrap_or_default()
    }
}

pub(in super::super) async fn changes(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, _) = ui.clocks(&read).await?;
    let typed = |name: &str, other: Day| match asked(ui.query(), name) {
        "" => other.to_string(),
        text => text.to_owned(),
    };
    let (from, to) = (typed("from", about - Months::new(1)), typed("to", about));
    let mut faults = Faults::new();
    let mut day = |name: &str, text: &str| parse_day(text).map_err(|e| faults.add(name, e.to_string())).ok();
    let days = (day("from", &from), day("to", &to));
    let found = match days {
        (Some(first), Some(last)) if first < last => changed(&read, &ui.scope(READ), first, last).await?,
        (Some(first), Some(_)) => {
            faults.add("to", format!("请填 {first} 以后的日期"));
            Changes::default()
        }
        _ => Changes::default(),
    };
    let is_faulty = !faults.0.is_empty();
    let came_to = FLOW.states.iter().filter_map(|s| Some((s.label, found.came_to.get(s.code).copied()?))).collect();
    let page = ChangesPage {
        cx: ui.frame(&read).await?,
        tabs: tabs(&[], "changes", ui.actor().may(REPORT)),
        from,
        to,
        faults,
        count: found.rows.len(),
        rows: found.rows.iter().take(300).map(line).collect(),
        came_to,
        invested: wan(found.invested),
        cut: found.cut || found.rows.len() > 300,
    };
    if is_faulty { ui.refused(&page) } else { ui.page(&page) }
}

fn line(change: &super::super::changes::Change) -> ChangeLine {
    let label = |code: &str| if code.is_empty() { "（新申报）" } else { FLOW.state(code).map_or("", |s| s.label) };
    let (before, after) = change.invested;
    ChangeLine {
        id: change.id,
        name: change.name.clone(),
        firm: change.firm.clone(),
        states: match &change.states {
            Some((from, to)) if from == to => label(to).to_owned(),
            Some((from, to)) => format!("{} → {}", label(from), label(to)),
            None => String::new(),
        },
        invested: if before == after { String::new() } else { format!("{} → {}", wan(before), wan(after)) },
        more: if before == after { String::new() } else { wan(kernel::value::money::Fen(after.0 - before.0)) },
        reached: change.reached.join("、"),
    }
}
