//! A figure as pages show it: printed, exact, with both clocks and a way to its rows.

use kernel::id::{Position, UnitId};
use kernel::indicator::{Figure, Measure, Number, shown};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::value::thousands;

use crate::link::Link;
use crate::wording;

/// A figure as pages show it.
#[derive(Debug, Clone)]
pub(crate) struct FigureView {
    /// Its name.
    pub name: &'static str,
    /// What is counted.
    pub definition: &'static str,
    /// The value as printed.
    pub value: String,
    /// Its unit; empty beside a day or a missing value.
    pub unit: &'static str,
    /// The exact value behind the printed one, with its unit.
    pub exact: String,
    /// The day it is about.
    pub about: Day,
    /// The position it is known at.
    pub known: Position,
    /// How many rows are behind it.
    pub rows: i64,
    /// The page with exactly these rows.
    pub rows_href: String,
    /// The page of the indicator.
    pub card_href: String,
    /// What stands between the parts.
    pub sign: &'static str,
    /// The figures it is made of.
    pub parts: Vec<FigureView>,
}

impl FigureView {
    /// How a figure is shown; `unit` is the one its scope was narrowed to, and stays in its links.
    pub(crate) fn of(figure: &Figure, unit: Option<UnitId>) -> Self {
        let indicator = figure.indicator;
        let base = format!("/indicators/{}", indicator.code);
        let narrowed = unit.map(|u| u.to_string()).unwrap_or_default();
        let link = |path: String| Link::to(path).at(figure.about, figure.known).with("unit", &narrowed).to_string();
        Self {
            name: indicator.name,
            definition: indicator.definition,
            value: shown(figure),
            unit: unit_beside(figure),
            exact: exact(figure),
            about: figure.about,
            known: figure.known,
            rows: figure.rows,
            rows_href: link(format!("{base}/rows")),
            card_href: link(base),
            sign: if matches!(indicator.measure, Measure::Ratio(..)) { "÷" } else { "＋" },
            parts: figure.parts.iter().map(|part| Self::of(part, unit)).collect(),
        }
    }

    /// How many rows are behind it, as printed.
    pub(crate) fn row_count(&self) -> String {
        thousands(self.rows)
    }
}

fn unit_beside(figure: &Figure) -> &'static str {
    match figure.number {
        Number::Day(_) | Number::None | Number::Ratio { den: 0, .. } => "",
        _ => figure.indicator.unit,
    }
}

/// The exact value with its unit: to the fen, and for a ratio both sides.
pub(crate) fn exact(figure: &Figure) -> String {
    match (&figure.number, figure.parts.as_slice()) {
        (Number::Count(n), _) => format!("{} {}", thousands(n), figure.indicator.unit),
        (Number::Money(fen), _) => format!("{} 元", fen.yuan()),
        (Number::Ratio { .. }, [num, den]) => format!("{} ÷ {}", exact(num), exact(den)),
        (Number::Ratio { num, den }, _) => format!("{} ÷ {}", thousands(num), thousands(den)),
        (Number::Day(day), _) => day.to_string(),
        (Number::Text(text), _) => text.clone(),
        (Number::None, _) => "没有数值".to_owned(),
    }
}

/// The same figure with another number: a cell, a target.
pub(crate) fn with_number(figure: &Figure, number: Number) -> Figure {
    Figure { number, rows: 0, parts: Vec::new(), ..figure.clone() }
}

/// A figure beside its target.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// What was reached, as printed.
    pub actual: String,
    /// What was planned, as printed.
    pub target: String,
    /// Unit of both.
    pub unit: &'static str,
    /// Reached ÷ planned, or a dash.
    pub rate: String,
    /// The same for a bar.
    pub percent: i64,
}

impl Progress {
    /// How far a figure has come towards `target`; nothing for what is not counted or paid.
    pub(crate) fn of(figure: &Figure, target: i64) -> Option<Self> {
        let (actual, planned) = match figure.number {
            Number::Count(n) => (n, Number::Count(target)),
            Number::Money(fen) => (fen.0, Number::Money(Fen(target))),
            _ => return None,
        };
        Some(Self {
            actual: shown(figure),
            target: shown(&with_number(figure, planned)),
            unit: figure.indicator.unit,
            rate: wording::percent(actual, target).unwrap_or_else(|| "—".to_owned()),
            percent: wording::bar(actual, target),
        })
    }

    /// What the bar says: both numbers and the rate.
    pub(crate) fn label(&self) -> String {
        format!("{} / 目标 {} {}，{}", self.actual, self.target, self.unit, self.rate)
    }
}
