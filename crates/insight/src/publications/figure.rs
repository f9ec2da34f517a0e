//! One published figure: its frozen definition, three readings, the change in parts and the rows of each part.

use kernel::access::Scope;
use kernel::id::{OrgId, Position};
use kernel::indicator::{Number, Question, RowKey, drill, evaluate, number_text};
use kernel::ledger::browse;
use kernel::publication::{Publication, PublishedFigure, Step, StepRow, current};
use kernel::store::Read;
use kernel::value::money::Fen;
use kernel::{Error, Result, org};

use super::parts;
use super::readings::drift;
use super::view::alarms;
use super::waterfall::{PartLine, Waterfall, anchor, chart, unit};
use crate::indicators::{Definition, FigureView, Reading, Table, names};
use crate::link::Link;
use crate::moves::change;
use crate::units::Units;

/// Rows of a page of a part, and of the frozen definition at most.
const SHOWN: usize = 200;

/// The whole page.
pub(super) struct FigurePage {
    /// Its place in the publication, from 1.
    pub seq: i64,
    /// Its number in the document.
    pub citation: String,
    /// What the document printed.
    pub printed: String,
    /// As published.
    pub published: String,
    /// As known now, by the definition of now.
    pub now: String,
    /// Its unit.
    pub unit: String,
    /// From as published to now.
    pub change: String,
    /// The frozen definition.
    pub definition: Definition,
    /// What the indicator counts now, where that is something else; a sentence when it is gone.
    pub redefined: String,
    /// The day it is about.
    pub about: String,
    /// How many rows stood behind it.
    pub rows: i64,
    /// SM3 of these rows.
    pub digest: String,
    /// The values of its parts, for a composed figure.
    pub parts: Vec<(String, String)>,
    /// What must not be.
    pub alarms: Vec<String>,
    /// The change in parts.
    pub lines: Vec<PartLine>,
    /// The chart of it, or why there is none.
    pub chart: Waterfall,
    /// The rows of each part.
    pub steps: Vec<StepRows>,
    /// The rows by the frozen definition at the position asked for.
    pub frozen: Option<(Position, Table, bool)>,
}

/// The rows of one part.
pub(super) struct StepRows {
    /// Why.
    pub cause: &'static str,
    /// Where they stand in the page.
    pub anchor: &'static str,
    /// By how much.
    pub change: String,
    /// How many there are.
    pub count: usize,
    /// The rows of this page.
    pub rows: Vec<RowLine>,
    /// The first page; empty on it.
    pub first: String,
    /// The next page; empty on the last.
    pub next: String,
}

/// A row of a part.
pub(super) struct RowLine {
    /// What it is.
    pub name: String,
    /// Where it opens; empty when it does not.
    pub href: String,
    /// Day, kind and record of a fact; what else it is.
    pub detail: String,
    /// By how much it moved the figure.
    pub by: String,
}

/// The page of one figure; `rows` asks for its rows at a position by the frozen definition, `turned` says which part
/// is turned to the page after which row.
///
/// # Errors
/// As the database says; [`Error::NotFound`] for a figure that the publication does not have;
/// [`Error::Invalid`] at `after` for a row that its part does not have.
pub(super) async fn page(
    read: &Read,
    of: &Publication,
    seq: i64,
    rows: Option<Position>,
    turned: (&str, &str),
) -> Result<FigurePage> {
    let figure = of.figures.iter().find(|f| f.seq == seq).ok_or(Error::NotFound)?;
    let display = figure.definition.display;
    let (drift, found) = drift(read, of, figure).await?;
    let here = format!("/publications/{}/figures/{seq}", of.id);
    let now = drift.as_ref().map_or(&figure.number, |d| &d.now).clone();
    let mut steps = Vec::new();
    for step in drift.iter().flat_map(|d| &d.steps) {
        let after = if turned.0 == anchor(step.cause) { turned.1 } else { "" };
        steps.push(step_rows(read, step, figure, (&here, after)).await?);
    }
    let bars = unit(display, &figure.definition.unit);
    Ok(FigurePage {
        seq: figure.seq,
        citation: figure.citation.clone(),
        printed: figure.printed.clone(),
        published: number_text(&figure.number, display),
        change: change(&figure.number, &now, display),
        now: number_text(&now, display),
        unit: figure.definition.unit.clone(),
        definition: Definition::of(figure.definition.thaw()?.indicator, read.catalog()),
        redefined: match current(read, &figure.definition)? {
            None => String::new(),
            Some(None) => "这项指标现在已没有模块申明。".to_owned(),
            Some(Some(new)) => format!("现行口径（第 {} 版）：{}", new.version, new.definition),
        },
        about: figure.about.to_string(),
        rows: figure.rows,
        digest: figure.digest.clone(),
        parts: parts(figure),
        alarms: alarms(of, &found),
        lines: drift.iter().flat_map(|d| &d.steps).map(|step| PartLine::of(step, display)).collect(),
        chart: drift.as_ref().map_or(Waterfall::None(""), |d| chart(d, display, &bars, &here)),
        steps,
        frozen: match rows {
            Some(known) => frozen(read, figure, known).await?,
            None => None,
        },
    })
}

/// The parts of a composed figure in words.
fn parts(figure: &PublishedFigure) -> Vec<(String, String)> {
    let shown = |code: &str| figure.definition.parts.iter().find(|d| d.code == code);
    let part = |part: &kernel::publication::Part| {
        let definition = shown(&part.code)?;
        let value = format!("{} {}", number_text(&part.number, definition.display), definition.unit);
        Some((definition.name.clone(), value))
    };
    figure.parts.iter().filter_map(part).collect()
}

async fn step_rows(
    read: &Read,
    step: &Step,
    figure: &PublishedFigure,
    (here, after): (&str, &str),
) -> Result<StepRows> {
    let (shown, next) = parts::page(step, after, SHOWN)?;
    let positions: Vec<Position> = shown
        .iter()
        .filter_map(|r| if let RowKey::Fact(position) = r.key { Some(Position(position)) } else { None })
        .collect();
    // Who may read a publication may see the whole city: its routes ask for that.
    let facts = browse::at(read, &Scope::All, &positions).await?;
    let by = |n: i64| match (n, &step.after) {
        (0, _) => "不影响".to_owned(),
        (n, Number::Money(_)) => change(&Number::Money(Fen(0)), &Number::Money(Fen(n)), figure.definition.display),
        // A row may move one side of a ratio or both: by how much the fact itself says.
        (n, Number::Ratio { .. }) => if n > 0 { "计入" } else { "冲减" }.to_owned(),
        (n, _) if n > 0 => format!("+{n}"),
        (n, _) => format!("−{}", -n),
    };
    let mut rows = Vec::with_capacity(shown.len());
    for row in shown {
        let fact = facts.iter().find(|f| RowKey::Fact(f.position.0) == row.key);
        rows.push(match fact {
            Some(fact) => RowLine {
                name: fact.subject_name.clone(),
                href: format!("/facts/{}", fact.position),
                detail: format!(
                    "第 {} 号 {} {}{}，{}",
                    fact.position,
                    fact.occurred_on,
                    fact.kind_label,
                    if fact.reverses.is_some() { "（冲销）" } else { "" },
                    fact.record_title
                ),
                by: by(row.by),
            },
            None => other_row(read, row, by(row.by)).await?,
        });
    }
    let part = anchor(step.cause);
    let to = |after: &str| format!("{}#{part}", Link::to(here).with("part", part).with("after", after));
    Ok(StepRows {
        cause: step.cause.label(),
        anchor: part,
        first: if after.is_empty() { String::new() } else { format!("{here}#{part}") },
        next: next.map(|next| to(&next)).unwrap_or_default(),
        change: change(&step.before, &step.after, figure.definition.display),
        count: step.count,
        rows,
    })
}

async fn other_row(read: &Read, row: &StepRow, by: String) -> Result<RowLine> {
    let line = |name: String, href: String, detail: &str| RowLine { name, href, detail: detail.to_owned(), by };
    Ok(match &row.key {
        RowKey::Org(id) => {
            let found = org::find(read, OrgId(*id)).await?;
            line(found.name, format!("/orgs/{id}"), "主体")
        }
        RowKey::Fact(position) => line(format!("第 {position} 号"), format!("/facts/{position}"), "事实"),
        RowKey::Class(class) => line(class.clone(), String::new(), "分类"),
        RowKey::Unit(unit) => line(Units::load(read).await?.name(*unit), String::new(), "填报单元"),
        RowKey::Target(position) => line(format!("第 {position} 号"), String::new(), "目标"),
        RowKey::Declared(position) => line(format!("第 {position} 号"), String::new(), "申明的外部数字"),
    })
}

/// The rows by the frozen definition; nothing for a composed figure, whose parts have rows of their own.
async fn frozen(read: &Read, figure: &PublishedFigure, known: Position) -> Result<Option<(Position, Table, bool)>> {
    let thawed = figure.definition.thaw()?;
    if !thawed.indicator.parts().is_empty() {
        return Ok(None);
    }
    let scope = figure.filter.scope();
    let q = Question { about: figure.about, known, scope: &scope };
    let page = drill(read, thawed.indicator, &q, &figure.filter.within(), None, SHOWN).await?;
    let answer = evaluate(read, &[thawed.indicator], &q).await?.pop().ok_or(Error::NotFound)?;
    let (units, view) = (Units::load(read).await?, FigureView::of(&answer, None));
    let reading =
        Reading { indicator: thawed.indicator, catalog: read.catalog(), units: &units, figure: &view, all_open: true };
    let table = reading.table(&page.rows, &names(read, &page.rows).await?);
    Ok(Some((known, table, page.next.is_some())))
}
