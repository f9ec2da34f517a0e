//! A figure cell by cell: a list for one dimension, a cross table for two. Every cell opens its rows.

use std::collections::BTreeMap;

use kernel::indicator::{By, Cell, Figure, Measure, Of, breakdown, shown};
use kernel::store::Read;
use kernel::value::thousands;
use kernel::{Error, Result};

use super::Asked;
use super::view::with_number;
use crate::chart::{Chart, Line, point};
use crate::link::Query;

/// Rows shown at most: a page is not a warehouse.
const MOST_ROWS: usize = 500;
/// Columns of a cross table at most.
const MOST_COLUMNS: usize = 40;
/// Bars drawn at most.
const MOST_BARS: usize = 30;

/// A breakdown as a page shows it.
#[derive(Default)]
pub(super) struct Breakdown {
    /// Dimensions to choose from; empty when the indicator has none.
    pub choices: Vec<By>,
    /// Dimensions chosen.
    pub chosen: Vec<By>,
    /// What is wrong with the choice.
    pub fault: String,
    /// Column names of a cross table; for a list, none.
    pub columns: Vec<String>,
    /// The lines.
    pub lines: Vec<Group>,
    /// Said when not everything is shown.
    pub cut: String,
    /// Whether the cells add up to the figure.
    pub adds_up: bool,
    /// For `data-chart`, of a list that is not too long.
    pub chart: String,
    /// What the chart says it is.
    pub title: String,
}

/// One line: a key of the first dimension.
pub(super) struct Group {
    /// What the key is called.
    pub label: String,
    /// One cell per column; a list has one.
    pub cells: Vec<Option<CellView>>,
}

/// A cell that opens its rows.
#[derive(Clone)]
pub(super) struct CellView {
    /// The value as printed.
    pub value: String,
    /// Rows behind it, as printed.
    pub rows: String,
    /// The page with exactly these rows.
    pub href: String,
}

impl Breakdown {
    /// The dimension chosen first or second.
    pub(super) fn is_chosen(&self, place: usize, by: &By) -> bool {
        self.chosen.get(place) == Some(by)
    }

    /// What the lines are.
    pub(super) fn first_label(&self) -> &'static str {
        self.chosen.first().map_or("", |by| by.label())
    }
}

/// The dimensions an address asks for, each once.
///
/// # Errors
/// [`Error::Invalid`] for an unknown one or more than two.
pub(super) fn chosen(query: &Query) -> Result<Vec<By>> {
    let mut found = Vec::new();
    for (_, code) in query.iter().filter(|(name, value)| name == "by" && !value.trim().is_empty()) {
        let by = By::parse(code.trim()).ok_or_else(|| Error::invalid("by", format!("没有“{code}”这个维度")))?;
        if !found.contains(&by) {
            found.push(by);
        }
    }
    if found.len() > 2 { Err(Error::invalid("by", "最多按两个维度分组")) } else { Ok(found) }
}

/// The breakdown that an address asks for; a refusal is told beside the choice, not instead of the page.
///
/// # Errors
/// As the database says.
pub(super) async fn view(read: &Read, asked: &Asked, figure: &Figure, query: &Query) -> Result<Breakdown> {
    let choices = choices(read, asked);
    let made = match chosen(query) {
        Ok(by) if by.is_empty() => Ok(Breakdown::default()),
        Ok(by) => breakdown(read, asked.indicator, &by, &asked.question())
            .await
            .map(|cells| laid_out(asked, figure, by, cells)),
        Err(error) => Err(error),
    };
    match made {
        Ok(view) => Ok(Breakdown { choices, ..view }),
        Err(Error::Invalid(faults)) => {
            Ok(Breakdown { choices, fault: faults.at("by").unwrap_or_default().to_owned(), ..Breakdown::default() })
        }
        Err(other) => Err(other),
    }
}

fn choices(read: &Read, asked: &Asked) -> Vec<By> {
    let countable = matches!(
        asked.indicator.measure,
        Measure::Count(_) | Measure::Quantity(_) | Measure::Amount(_) | Measure::Distinct(..)
    );
    let Some(select) = asked.indicator.select().filter(|_| countable) else { return Vec::new() };
    let classed = select.kinds.iter().filter_map(|k| read.catalog().kind(k)).any(|k| !k.decl.classes.is_empty());
    By::ALL.into_iter().map(|(by, _, _)| by).filter(|by| *by != By::Class || classed).collect()
}

fn laid_out(asked: &Asked, figure: &Figure, by: Vec<By>, cells: Vec<Cell>) -> Breakdown {
    let adds_up = !matches!(asked.indicator.measure, Measure::Distinct(_, of) if !is_split_by(of, &by));
    let mut made = if by.len() == 1 { list(asked, figure, &by, cells) } else { cross(asked, figure, &by, cells) };
    if made.lines.len() > MOST_ROWS {
        made.cut = format!("共 {} 组，只列前 {MOST_ROWS} 组；需要全部请下载明细后汇总", thousands(made.lines.len()));
        made.lines.truncate(MOST_ROWS);
    }
    Breakdown { chosen: by, adds_up, ..made }
}

/// Different ones counted per cell add up only when each lies in one cell.
fn is_split_by(of: Of, by: &[By]) -> bool {
    match of {
        Of::Class => by == [By::Class],
        Of::Unit => by == [By::Unit],
        Of::Counterparty => by == [By::Counterparty],
        Of::Subject => false,
    }
}

fn cell_view(asked: &Asked, figure: &Figure, by: &[By], cell: &Cell) -> CellView {
    let held = asked.unit.filter(|_| !by.contains(&By::Unit)).map(|u| u.to_string()).unwrap_or_default();
    let link =
        by.iter().zip(&cell.keys).fold(asked.link("/rows").with("unit", held), |link, (by, key)| link.keyed(*by, key));
    CellView {
        value: shown(&with_number(figure, cell.number.clone())),
        rows: thousands(cell.rows),
        href: link.to_string(),
    }
}

fn list(asked: &Asked, figure: &Figure, by: &[By], cells: Vec<Cell>) -> Breakdown {
    let lines: Vec<Group> = cells
        .iter()
        .map(|cell| Group { label: cell.labels.join(" "), cells: vec![Some(cell_view(asked, figure, by, cell))] })
        .collect();
    let chart = if lines.len() <= MOST_BARS { bars(asked, by, &lines) } else { String::new() };
    let dimension = by.first().map_or("", |by| by.label());
    Breakdown {
        lines,
        chart,
        title: format!("按{dimension}（{}），点开即为明细", asked.indicator.unit),
        ..Breakdown::default()
    }
}

fn bars(asked: &Asked, by: &[By], lines: &[Group]) -> String {
    let cells = || lines.iter().filter_map(|line| line.cells.first().and_then(Option::as_ref));
    let chart = Chart {
        kind: if by == [By::Month] { "bar" } else { "hbar" },
        x: lines.iter().map(|line| line.label.clone()).collect(),
        series: vec![Line::new(asked.indicator.name, cells().map(|cell| point(&cell.value)).collect())],
        unit: asked.indicator.unit.to_owned(),
        target: None,
        links: cells().map(|cell| cell.href.clone()).collect(),
    };
    chart.json()
}

fn cross(asked: &Asked, figure: &Figure, by: &[By], cells: Vec<Cell>) -> Breakdown {
    let mut columns: BTreeMap<&str, &str> = BTreeMap::new();
    for cell in &cells {
        if let ([_, key], [_, label]) = (cell.keys.as_slice(), cell.labels.as_slice()) {
            columns.insert(key, label);
        }
    }
    if columns.len() > MOST_COLUMNS {
        let fault = format!(
            "“{}”有 {} 项，横向排不下；请把它放在前面，或只按一个维度分组",
            by.last().map_or("", |by| by.label()),
            columns.len()
        );
        return Breakdown { fault, ..Breakdown::default() };
    }
    let places: BTreeMap<&str, usize> = columns.keys().enumerate().map(|(place, key)| (*key, place)).collect();
    let mut lines: BTreeMap<&str, Group> = BTreeMap::new();
    for cell in &cells {
        let ([first, second], [label, _]) = (cell.keys.as_slice(), cell.labels.as_slice()) else { continue };
        let line =
            lines.entry(first).or_insert_with(|| Group { label: label.clone(), cells: vec![None; columns.len()] });
        if let Some(place) = places.get(second.as_str()).and_then(|place| line.cells.get_mut(*place)) {
            *place = Some(cell_view(asked, figure, by, cell));
        }
    }
    let columns = columns.values().map(|label| (*label).to_owned()).collect();
    Breakdown { columns, lines: lines.into_values().collect(), ..Breakdown::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_dimensions_at_most_and_each_once() {
        let query = |codes: &[&str]| codes.iter().map(|c| ("by".to_owned(), (*c).to_owned())).collect::<Vec<_>>();
        assert_eq!(chosen(&query(&["unit", "", "unit", "month"])).expect("two"), [By::Unit, By::Month]);
        assert!(chosen(&query(&["unit", "month", "size"])).is_err());
        assert!(chosen(&query(&["colour"])).is_err());
    }

    #[test]
    fn different_subjects_do_not_add_up_over_cells() {
        assert!(!is_split_by(Of::Subject, &[By::Unit]));
        assert!(is_split_by(Of::Class, &[By::Class]));
        assert!(!is_split_by(Of::Class, &[By::Unit]));
    }
}
