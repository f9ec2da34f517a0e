//! A change in parts: the lines of the table and the chart beside it.

use kernel::indicator::{Display, Number, Scale, number_text};
use kernel::publication::{Cause, Drift, Step};
use kernel::value::money::Fen;
use serde_json::Value;

use crate::chart::{Chart, Line, point};
use crate::moves::change;

/// One part of a change in words.
pub(super) struct PartLine {
    /// Why.
    pub cause: &'static str,
    /// Where its rows stand in the page.
    pub anchor: &'static str,
    /// By how much.
    pub change: String,
    /// The number after it.
    pub after: String,
    /// How many rows.
    pub rows: usize,
}

impl PartLine {
    pub(super) fn of(step: &Step, display: Display) -> Self {
        Self {
            cause: step.cause.label(),
            anchor: anchor(step.cause),
            change: change(&step.before, &step.after, display),
            after: number_text(&step.after, display),
            rows: step.count,
        }
    }
}

/// Where the rows of a part stand in the page.
pub(super) fn anchor(cause: Cause) -> &'static str {
    match cause {
        Cause::Late => "late",
        Cause::Reversed => "reversed",
        Cause::Reclassified => "reclassified",
        Cause::Restated => "restated",
        Cause::Redefined => "redefined",
    }
}

/// The chart of a change, or a sentence on why there is none.
pub(super) enum Waterfall {
    /// What `qishu.js` draws.
    Chart(String),
    /// Why nothing is drawn.
    None(&'static str),
}

/// The chart of a count, a sum, a ratio or a total, whose bars open their rows in the page `here`.
pub(super) fn chart(drift: &Drift, display: Display, unit: &str, here: &str) -> Waterfall {
    let numbers = [&drift.published].into_iter().chain(drift.steps.iter().map(|step| &step.after));
    let heights: Option<Vec<i64>> = numbers.map(height).collect();
    let Some(heights) = heights else {
        return Waterfall::None("日期、文字，以及没有分母的比率，不能一步步累加，没有画图；变化见下表。");
    };
    // A foot below zero cannot lift anything: the table tells it.
    if heights.iter().any(|n| *n < 0) {
        return Waterfall::None("有一步在零以下，没有画图；变化见下表。");
    }
    let point_of = |n: i64| drawn(n, &drift.published, display);
    let mut up = vec![Value::Null];
    let mut down = vec![Value::Null];
    let mut foot = vec![Value::Null];
    let mut bars = vec![heights.first().map_or(Value::Null, |n| point_of(*n))];
    for pair in heights.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        foot.push(point_of(before.min(after)));
        up.push(if after > before { point_of(after - before) } else { Value::Null });
        down.push(if after < before { point_of(before - after) } else { Value::Null });
        bars.push(Value::Null);
    }
    for row in [&mut foot, &mut up, &mut down] {
        row.push(Value::Null);
    }
    bars.push(heights.last().map_or(Value::Null, |n| point_of(*n)));
    let labels = drift.steps.iter().map(|step| step.cause.label().to_owned());
    let foot = Line { hidden: true, ..Line::new("", foot).stacked("w") };
    let series = vec![
        foot,
        Line::new("数值", bars).stacked("w"),
        Line::new("增加", up).stacked("w"),
        Line::new("减少", down).stacked("w"),
    ];
    let links = std::iter::once(String::new())
        .chain(drift.steps.iter().map(|step| format!("{here}#{}", anchor(step.cause))))
        .collect();
    let x = std::iter::once("发布时".to_owned()).chain(labels).chain(["现在".to_owned()]).collect();
    Waterfall::Chart(Chart { kind: "bar", x, series, unit: unit.to_owned(), target: None, links }.json())
}

/// Of what a ratio is drawn in whole parts: fine enough that no bar is a pixel off.
const PARTS: i64 = 1_000_000;

/// How high a number stands, in whole units, fen, or parts of a ratio; nothing for what has no height.
fn height(number: &Number) -> Option<i64> {
    match number {
        Number::Count(n) => Some(*n),
        Number::Money(fen) => Some(fen.0),
        Number::Ratio { den: 0, .. } => None,
        Number::Ratio { num, den } => i64::try_from(i128::from(*num) * i128::from(PARTS) / i128::from(*den)).ok(),
        _ => None,
    }
}

/// A height as it is drawn, in the unit of the bars.
fn drawn(height: i64, like: &Number, display: Display) -> Value {
    let exact = Display { decimals: 10, ..display };
    match like {
        Number::Money(_) => point(&number_text(&Number::Money(Fen(height)), exact)),
        Number::Ratio { .. } => {
            let rounded = Display { decimals: 4, ..display };
            point(&number_text(&Number::Ratio { num: height, den: PARTS }, rounded))
        }
        _ => Value::from(height),
    }
}

/// The unit of the bars.
pub(super) fn unit(display: Display, unit: &str) -> String {
    match display.scale {
        Scale::Yi => "亿元".to_owned(),
        Scale::Wan => "万元".to_owned(),
        _ => unit.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(drift: &Drift, display: Display) -> Value {
        match chart(drift, display, "家", "/x") {
            Waterfall::Chart(json) => serde_json::from_str(&json).expect("a chart"),
            Waterfall::None(why) => Value::from(why),
        }
    }

    fn drift(numbers: &[Number]) -> Drift {
        let steps = numbers.windows(2).zip(Cause::ALL).map(|(pair, cause)| {
            let (before, after) = (pair[0].clone(), pair[1].clone());
            Step { cause, before, after, rows: Vec::new(), count: 0 }
        });
        let now = numbers.last().expect("a number").clone();
        Drift { seq: 1, published: numbers[0].clone(), now, steps: steps.collect() }
    }

    #[test]
    fn bars_stand_where_the_one_before_ended() {
        let spec = spec(&drift(&[153, 155, 152].map(Number::Count)), Display::WHOLE);
        let data = |at: usize| spec["series"][at]["data"].clone();
        assert_eq!(data(0), serde_json::json!([null, 153, 152, null]));
        assert_eq!(data(1), serde_json::json!([153, null, null, 152]));
        assert_eq!(data(2), serde_json::json!([null, 2, null, null]));
        assert_eq!(data(3), serde_json::json!([null, null, 3, null]));
    }

    #[test]
    fn a_ratio_moves_by_the_difference_of_its_percents() {
        let ratio = |num, den| Number::Ratio { num, den };
        let spec = spec(&drift(&[ratio(1, 2), ratio(3, 4), ratio(3, 5)]), Display::PERCENT);
        let text = |at: usize| spec["series"][at]["data"].to_string();
        assert_eq!(text(0), "[null,50,60,null]");
        assert_eq!(text(1), "[50,null,null,60]");
        assert_eq!((text(2), text(3)), ("[null,25,null,null]".to_owned(), "[null,null,15,null]".to_owned()));
    }

    #[test]
    fn where_nothing_is_drawn_the_page_says_why() {
        let day = |d| Number::Day(kernel::value::day::parse_day(d).expect("a day"));
        let said = |numbers: &[Number]| spec(&drift(numbers), Display::WHOLE).to_string();
        assert!(said(&[day("2021-03-01"), day("2021-02-01")]).contains("日期"));
        assert!(said(&[Number::Ratio { num: 1, den: 0 }, Number::Ratio { num: 1, den: 2 }]).contains("没有分母"));
        assert!(said(&[Number::Count(1), Number::Count(-1)]).contains("零以下"));
    }
}
