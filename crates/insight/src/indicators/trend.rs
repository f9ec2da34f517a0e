//! The figure at the end of each of the last twelve months.

use chrono::Datelike;
use kernel::Result;
use kernel::indicator::{series, shown};
use kernel::store::Read;

use super::{Asked, FigureView};
use crate::chart::{Chart, Line, point};

/// How far back it looks.
const MONTHS: u32 = 12;

/// Twelve points, as a chart and as a table.
pub(super) struct Trend {
    /// For `data-chart`; empty when the indicator has no numbers to draw.
    pub chart: String,
    /// Month and figure, oldest first.
    pub points: Vec<(String, FigureView)>,
}

/// The course of the indicator up to the day asked about.
///
/// # Errors
/// As the database says.
pub(super) async fn trend(read: &Read, asked: &Asked) -> Result<Trend> {
    let figures = series(read, asked.indicator.code, &asked.question(), MONTHS).await?;
    let points: Vec<(String, FigureView)> = figures
        .iter()
        .map(|figure| {
            (format!("{}年{}月", figure.about.year(), figure.about.month()), FigureView::of(figure, asked.unit))
        })
        .collect();
    let data = figures.iter().map(|figure| point(&shown(figure))).collect();
    let chart = Chart {
        kind: "line",
        x: points.iter().map(|(month, _)| month.clone()).collect(),
        series: vec![Line::new(asked.indicator.name, data)],
        unit: asked.indicator.unit.to_owned(),
        target: None,
        links: points.iter().map(|(_, figure)| figure.rows_href.clone()).collect(),
    };
    Ok(Trend { chart: chart.json(), points })
}
