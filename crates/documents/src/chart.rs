//! Charts for documents, drawn by the server as SVG. Numbers arrive as printed, so that the chart says what the
//! table beside it says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// How it is drawn.
    pub kind: ChartKind,
    /// What it shows.
    pub title: String,
    /// Unit of the numbers.
    pub unit: String,
    /// Labels: along the axis, of the corners, of the pieces, of the bars of progress.
    pub labels: Vec<String>,
    /// The numbers.
    pub series: Vec<Series>,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Bars.
    Bar,
    /// Lines.
    Line,
    /// A web with one corner for each label.
    Radar,
    /// Pieces of a whole; uses the first series.
    Pie,
    /// Bars that fill towards a target: the first series is reached, the second the target.
    Progress,
}

/// Numbers under one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// What they are.
    pub name: String,
    /// One for each label, as printed (`1,040`, `13.76`); what is no number leaves a gap.
    pub values: Vec<String>,
}

const WIDTH: u32 = 720;
const HEIGHT: u32 = 360;
/// Colours that stay apart in grey print.
const COLOURS: [&str; 5] = ["#1f5fa8", "#d9822b", "#3f8f5f", "#8a5aa8", "#7a7a7a"];

/// The chart as SVG.
///
/// # Errors
/// [`Error::Invalid`] when there is nothing to draw.
pub fn svg(chart: &Chart) -> Result<String> {
    let drawn = chart.series.iter().flat_map(|s| &s.values).any(|v| number(v).is_number());
    if !drawn || chart.labels.is_empty() {
        return Err(Error::invalid("chart", format!("图表“{}”没有可画的数字", chart.title)));
    }
    let told = |error: charts_rs::Error| Error::Internal(format!("chart {}: {error}", chart.title));
    let options = options(chart).to_string();
    match chart.kind {
        ChartKind::Bar => charts_rs::BarChart::from_json(&options).and_then(|c| c.svg()).map_err(told),
        ChartKind::Line => charts_rs::LineChart::from_json(&options).and_then(|c| c.svg()).map_err(told),
        ChartKind::Radar => charts_rs::RadarChart::from_json(&options).and_then(|c| c.svg()).map_err(told),
        ChartKind::Pie => charts_rs::PieChart::from_json(&options).and_then(|c| c.svg()).map_err(told),
        ChartKind::Progress => Ok(progress(chart)),
    }
}

/// The chart as a PNG of twice its size, for files that take no SVG.
///
/// # Errors
/// As [`svg`].
pub fn png(chart: &Chart) -> Result<Vec<u8>> {
    use resvg::{tiny_skia, usvg};
    let told = |what: String| Error::Internal(format!("chart {}: {what}", chart.title));
    let options = usvg::Options {
        fontdb: crate::fonts::pictured(),
        font_family: "Noto Sans CJK SC".to_owned(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(&svg(chart)?, &options).map_err(|e| told(e.to_string()))?;
    let size = tree.size().to_int_size();
    let map = tiny_skia::Pixmap::new(size.width() * 2, size.height() * 2);
    let mut map = map.ok_or_else(|| told("no size".into()))?;
    map.fill(tiny_skia::Color::WHITE);
    resvg::render(&tree, tiny_skia::Transform::from_scale(2.0, 2.0), &mut map.as_mut());
    map.encode_png().map_err(|e| told(e.to_string()))
}

/// What a chart says to those who do not see it.
pub(crate) fn said(chart: &Chart) -> String {
    let mut told = format!("{}（{}）", chart.title, chart.unit);
    for series in &chart.series {
        let points: Vec<String> =
            chart.labels.iter().zip(&series.values).map(|(label, value)| format!("{label} {value}")).collect();
        told.push_str(&format!("；{}：{}", series.name, points.join("，")));
    }
    told
}

/// The chart as a picture inside a page.
pub(crate) fn data_uri(chart: &Chart) -> String {
    format!("data:image/svg+xml;base64,{}", base64(svg(chart).unwrap_or_default().as_bytes()))
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn number(printed: &str) -> Value {
    let plain: String = printed.chars().filter(|c| *c != ',').collect();
    plain.trim_end_matches('%').parse::<Number>().map_or(Value::Null, Value::Number)
}

fn options(chart: &Chart) -> Value {
    let mut options = json!({
        "width": WIDTH, "height": HEIGHT,
        "font_family": "Noto Sans CJK SC",
        "title_text": format!("{}（{}）", chart.title, chart.unit),
        "title_font_size": 16, "legend_margin": {"top": 28}, "legend_font_size": 13,
        "margin": {"left": 12, "top": 10, "right": 24, "bottom": 8},
        "series_colors": COLOURS,
        "legend_show": chart.series.len() > 1 || chart.kind == ChartKind::Pie,
    });
    let numbers = |s: &Series| s.values.iter().map(|v| number(v)).collect::<Vec<_>>();
    let series: Vec<Value> = match chart.kind {
        // Each piece is a series of its own.
        ChartKind::Pie => {
            let first = chart.series.first().map(numbers).unwrap_or_default();
            chart.labels.iter().zip(first).map(|(label, n)| json!({"name": label, "data": [n]})).collect()
        }
        _ => chart.series.iter().map(|s| json!({"name": s.name, "label_show": true, "data": numbers(s)})).collect(),
    };
    options["series_list"] = Value::Array(series);
    match chart.kind {
        ChartKind::Radar => {
            // The rim is raised by the library to the largest value of the data.
            let corners: Vec<Value> = chart.labels.iter().map(|label| json!({"name": label, "max": 0})).collect();
            options["indicators"] = Value::Array(corners);
        }
        ChartKind::Pie => options["rose_type"] = Value::Bool(false),
        _ => options["x_axis_data"] = json!(chart.labels),
    }
    options
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Thousandths of a printed number, for shares of bars.
fn thousandths(printed: &str) -> i64 {
    let plain: String = printed.chars().filter(|c| *c != ',').collect();
    let (whole, fraction) = plain.trim_end_matches('%').split_once('.').unwrap_or((plain.trim_end_matches('%'), ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    let (whole, fraction) = (whole.parse::<i64>().unwrap_or(0), fraction.parse::<i64>().unwrap_or(0));
    whole.saturating_mul(1000).saturating_add(fraction)
}

/// Bars that fill towards a target; what is over the target fills the bar.
fn progress(chart: &Chart) -> String {
    let rows = i64::try_from(chart.labels.len()).unwrap_or(0);
    let (left, bar, step) = (180, 400, 34);
    let height = 44 + rows * step;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"Noto Sans CJK SC\"><text x=\"12\" y=\"22\" font-size=\"16\">{}（{}）</text>",
        escaped(&chart.title),
        escaped(&chart.unit)
    );
    let value =
        |series: usize, at: usize| chart.series.get(series).and_then(|s| s.values.get(at)).map_or("", String::as_str);
    for (at, label) in chart.labels.iter().enumerate() {
        let y = 40 + i64::try_from(at).unwrap_or(0) * step;
        let (reached, target) = (value(0, at), value(1, at));
        let share = match thousandths(target) {
            of if of > 0 => (i128::from(thousandths(reached)) * bar / i128::from(of)).clamp(0, bar),
            _ => 0,
        };
        out.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"14\" text-anchor=\"end\">{}</text>\
             <rect x=\"{left}\" y=\"{y}\" width=\"{bar}\" height=\"18\" rx=\"3\" fill=\"#e6e9ee\"/>\
             <rect x=\"{left}\" y=\"{y}\" width=\"{share}\" height=\"18\" rx=\"3\" fill=\"{}\"/>\
             <text x=\"{}\" y=\"{}\" font-size=\"14\">{} / {}</text>",
            left - 10,
            y + 14,
            escaped(label),
            COLOURS[0],
            i128::from(left) + bar + 10,
            y + 14,
            escaped(reached),
            escaped(target)
        ));
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(kind: ChartKind, series: &[(&str, &[&str])]) -> Chart {
        Chart {
            kind,
            title: "智能化诊断".into(),
            unit: "家".into(),
            labels: ["大冶市", "阳新县", "黄石港区"].map(str::to_owned).to_vec(),
            series: series
                .iter()
                .map(|(name, values)| Series {
                    name: (*name).into(),
                    values: values.iter().map(|v| (*v).to_owned()).collect(),
                })
                .collect(),
        }
    }

    #[test]
    fn every_kind_is_drawn_with_its_labels() {
        use ChartKind::{Bar, Line, Pie, Progress, Radar};
        for kind in [Bar, Line, Radar, Pie, Progress] {
            let drawn = svg(&chart(kind, &[("完成", &["43", "1,026", "20.5"]), ("计划", &["42", "26", "21"])]));
            let drawn = drawn.expect("drawn");
            assert!(drawn.starts_with("<svg") && drawn.contains("大冶市"), "{kind:?}: {drawn}");
        }
    }

    #[test]
    fn a_chart_without_numbers_says_so_and_progress_does_not_run_over() {
        assert!(svg(&chart(ChartKind::Bar, &[("完成", &["—", "", "待核"])])).is_err());
        let drawn = svg(&chart(ChartKind::Progress, &[("完成", &["153", "0", "1"]), ("计划", &["152", "0", "2"])]));
        let drawn = drawn.expect("drawn");
        assert!(drawn.contains("width=\"400\" height=\"18\" rx=\"3\" fill=\"#1f5fa8\""));
        assert!(drawn.contains("width=\"200\"") && drawn.contains("width=\"0\""));
    }
}
