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

/// The chart of a count or sum, whose bars open their rows in the page `here`; empty for what has no bars:
/// ratios, days, texts.
pub(super) fn chart(drift: &Drift, display: Display, unit: &str, here: &str) -> String {
    let Some(first) = whole(&drift.published) else { return String::new() };
    let Some(last) = whole(&drift.now) else { return String::new() };
    let mut foot = vec![Value::Null];
    let mut up = vec![Value::Null];
    let mut down = vec![Value::Null];
    let mut stands = vec![first];
    let mut labels = vec!["发布时".to_owned()];
    let text = |n: i64| match drift.published {
        Number::Money(_) => point(&number_text(&Number::Money(Fen(n)), Display { decimals: 10, ..display })),
        _ => Value::from(n),
    };
    let mut bars = vec![text(first)];
    for step in &drift.steps {
        let (Some(before), Some(after)) = (whole(&step.before), whole(&step.after)) else { return String::new() };
        let by = after - before;
        labels.push(step.cause.label().to_owned());
        foot.push(text(before.min(after)));
        up.push(if by > 0 { text(by) } else { Value::Null });
        down.push(if by < 0 { text(-by) } else { Value::Null });
        bars.push(Value::Null);
        stands.push(after);
    }
    // A foot below zero cannot lift anything: the table tells it.
    if stands.iter().any(|n| *n < 0) {
        return String::new();
    }
    labels.push("现在".to_owned());
    for row in [&mut foot, &mut up, &mut down] {
        row.push(Value::Null);
    }
    bars.push(text(last));
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
    Chart { kind: "bar", x: labels, series, unit: unit.to_owned(), target: None, links }.json()
}

fn whole(number: &Number) -> Option<i64> {
    match number {
        Number::Count(n) => Some(*n),
        Number::Money(fen) => Some(fen.0),
        _ => None,
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

    #[test]
    fn bars_stand_where_the_one_before_ended() {
        let count = Number::Count;
        let step = |cause, a, b| Step { cause, before: count(a), after: count(b), rows: Vec::new(), count: 0 };
        let drift = Drift {
            seq: 1,
            published: count(153),
            now: count(152),
            steps: vec![step(Cause::Late, 153, 155), step(Cause::Reversed, 155, 152)],
        };
        let spec: Value = serde_json::from_str(&chart(&drift, Display::WHOLE, "家", "/x")).expect("a chart");
        let data = |at: usize| spec["series"][at]["data"].clone();
        assert_eq!(data(0), serde_json::json!([null, 153, 152, null]));
        assert_eq!(data(1), serde_json::json!([153, null, null, 152]));
        assert_eq!(data(2), serde_json::json!([null, 2, null, null]));
        assert_eq!(data(3), serde_json::json!([null, null, 3, null]));
    }

    #[test]
    fn a_ratio_has_no_bars() {
        let drift = Drift { seq: 1, published: Number::Ratio { num: 1, den: 2 }, now: Number::None, steps: Vec::new() };
        assert_eq!(chart(&drift, Display::PERCENT, "%", "/x"), "");
    }
}
