//! A radar chart as SVG: one axis for each part, one outline for each time. Its colours come from the page's style sheet,
//! and the same numbers stand in the table beside it.

use std::f64::consts::{FRAC_PI_2, TAU};
use std::fmt::Write;

/// Where the middle is, and how long an axis.
const MIDDLE: (i32, i32) = (210, 165);
const LENGTH: i32 = 110;

/// An outline: what it is called, and how much of each axis it fills, in percent.
pub(super) struct Outline {
    /// Its name.
    pub label: String,
    /// One number for each axis, 0 to 100.
    pub percent: Vec<i32>,
}

/// The chart; empty with fewer than three axes, which make no outline.
pub(super) fn radar(axes: &[&str], outlines: &[Outline]) -> String {
    if axes.len() < 3 {
        return String::new();
    }
    let names: Vec<&str> = outlines.iter().map(|one| one.label.as_str()).collect();
    let mut out = format!(
        "<svg class=\"radar\" viewBox=\"0 0 420 330\" role=\"img\" aria-label=\"能力测评雷达图（{}），数据见下表\">",
        escaped(&names.join("、"))
    );
    for ring in [25, 50, 75, 100] {
        let points = outline(axes.len(), &vec![ring; axes.len()]);
        write!(out, "<polygon class=\"radar-grid\" points=\"{points}\"/>").ok();
    }
    for (at, axis) in axes.iter().enumerate() {
        let (x, y) = point(at, axes.len(), 100);
        write!(out, "<line class=\"radar-grid\" x1=\"{}\" y1=\"{}\" x2=\"{x}\" y2=\"{y}\"/>", MIDDLE.0, MIDDLE.1).ok();
        let (x, y) = point(at, axes.len(), 117);
        let anchor = match x - MIDDLE.0 {
            dx if dx > 12 => "start",
            dx if dx < -12 => "end",
            _ => "middle",
        };
        write!(
            out,
            "<text class=\"radar-axis\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            y + 5,
            escaped(axis)
        )
        .ok();
    }
    for (nth, one) in outlines.iter().enumerate() {
        let points = outline(axes.len(), &one.percent);
        write!(out, "<polygon class=\"radar-line radar-{}\" points=\"{points}\"/>", nth % 3).ok();
    }
    out.push_str("</svg>");
    out
}

fn outline(axes: usize, percent: &[i32]) -> String {
    let points = percent.iter().take(axes).enumerate().map(|(at, percent)| {
        let (x, y) = point(at, axes, *percent);
        format!("{x},{y}")
    });
    points.collect::<Vec<_>>().join(" ")
}

/// A point on an axis: the first stands upright, the others follow clockwise.
fn point(at: usize, axes: usize, percent: i32) -> (i32, i32) {
    let (at, axes) = (u32::try_from(at).unwrap_or(0), u32::try_from(axes).unwrap_or(1));
    let angle = TAU * f64::from(at) / f64::from(axes) - FRAC_PI_2;
    let length = f64::from(LENGTH * percent) / 100.0;
    (MIDDLE.0 + (length * angle.cos()).round() as i32, MIDDLE.1 + (length * angle.sin()).round() as i32)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_marks_stand_on_the_outer_ring_and_names_cannot_break_out() {
        let one = Outline { label: "T0".into(), percent: vec![100, 0, 50, 100] };
        let drawn = radar(&["一", "<b>", "三", "四"], &[one]);
        assert!(drawn.contains("radar-0\" points=\"210,55 210,165 210,220 100,165\""), "{drawn}");
        assert!(drawn.contains("&lt;b&gt;") && !drawn.contains("<b>"));
        assert_eq!(radar(&["一", "二"], &[]), "");
    }
}
