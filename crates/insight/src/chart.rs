//! The JSON of a chart, as `qishu.js` draws it. The same figures always stand in a table beside it.

use serde::Serialize;
use serde_json::{Number, Value};

/// A chart.
#[derive(Debug, Serialize)]
pub(crate) struct Chart {
    /// `bar`, `line` or `hbar`.
    pub kind: &'static str,
    /// Labels of the axis.
    pub x: Vec<String>,
    /// What is drawn.
    pub series: Vec<Line>,
    /// Shown at the axis.
    pub unit: String,
    /// A dashed line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Mark>,
    /// The page that opens at each label.
    pub links: Vec<String>,
}

/// One row of bars or one line.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    /// What it is called.
    pub name: String,
    /// One number per label.
    pub data: Vec<Value>,
    /// Lines of one stack stand on each other.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub stack: &'static str,
    /// Not drawn: only lifts the others of its stack.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

impl Line {
    /// A line or row of bars of its own.
    pub(crate) fn new(name: impl Into<String>, data: Vec<Value>) -> Self {
        Self { name: name.into(), data, stack: "", hidden: false }
    }

    /// One that stands on others.
    pub(crate) fn stacked(self, stack: &'static str) -> Self {
        Self { stack, ..self }
    }
}

/// A value to compare with.
#[derive(Debug, Serialize)]
pub(crate) struct Mark {
    /// What it is called.
    pub name: &'static str,
    /// The value.
    pub value: Value,
}

impl Chart {
    /// The text for `data-chart`; empty when there is nothing to draw.
    pub(crate) fn json(&self) -> String {
        let drawn = self.series.iter().flat_map(|line| &line.data).any(Value::is_number);
        if drawn { serde_json::to_string(self).unwrap_or_default() } else { String::new() }
    }
}

/// A printed number as a chart needs it; what is no number leaves a gap.
pub(crate) fn point(printed: &str) -> Value {
    let plain: String = printed.chars().filter(|c| *c != ',').collect();
    plain.trim_end_matches('%').parse::<Number>().map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_numbers_become_points_and_the_rest_gaps() {
        assert_eq!(point("1,040"), Value::from(1040));
        assert_eq!(point("100.66%").to_string(), "100.66");
        assert_eq!(point("—"), Value::Null);
        assert_eq!(point("2021-06-30"), Value::Null);
    }

    #[test]
    fn a_chart_without_numbers_is_not_drawn() {
        let chart = |data| Chart {
            kind: "line",
            x: vec!["1".into()],
            series: vec![Line::new("a", data)],
            unit: "家".into(),
            target: None,
            links: vec![],
        };
        assert_eq!(chart(vec![Value::Null]).json(), "");
        assert!(chart(vec![Value::from(3)]).json().starts_with(r#"{"kind":"line""#));
    }
}
