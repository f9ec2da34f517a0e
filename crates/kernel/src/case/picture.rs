//! A flow drawn from its declaration: states from top to bottom, what goes on at the right, what goes back at the left.
//! SVG whose colours come from the page's style sheet.

use std::collections::HashMap;
use std::fmt::Write;

use super::flow::{Flow, STAY, Waits};

/// Width and height of a state's box, and the room between rows.
const BOX: (i32, i32, i32) = (168, 40, 48);
/// Room at each side for arrows that pass by other states.
const SIDE: i32 = 220;
/// Distance between two such arrows.
const LANE: i32 = 18;

/// The flow as SVG.
pub fn picture(flow: &Flow) -> String {
    let (width, height, gap) = BOX;
    let row = |code: &str| flow.states.iter().position(|state| state.code == code).map_or(0, |at| at as i32);
    let top = |at: i32| at * (height + gap) + 8;
    let whole = (width + 2 * SIDE, top(flow.states.len() as i32));
    let mut out = format!(
        "<svg class=\"flow\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}的流程图\">         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">         <path class=\"flow-tip\" d=\"M0 0 8 4 0 8Z\"/></marker></defs>",
        whole.0, whole.1, flow.label
    );
    let (mut right, mut left) = (0, 0);
    // How many labels stand at each state already, at either side.
    let mut labels: HashMap<(i32, bool), i32> = HashMap::new();
    for action in flow.actions.iter().filter(|action| action.to != STAY) {
        let (b, mut told) = (row(action.to), false);
        for from in action.from {
            let a = row(from);
            if b - a == 1 {
                out.push_str(&straight(top(a) + height, top(b), if told { "" } else { action.label }));
                told = true;
                continue;
            }
            let forward = b > a;
            let (x, lane) = if forward {
                right += 1;
                (SIDE + width, LANE * right)
            } else {
                left += 1;
                (SIDE, -LANE * left)
            };
            // Arrows leave a little lower than they come in.
            let (start, end) = (top(a) + height / 2 + 6, top(b) + height / 2 - 6);
            out.push_str(&around(start, end, x, lane));
            if !told {
                let standing = labels.entry((b, forward)).or_default();
                out.push_str(&label(x + lane, end + *standing * 15, lane, action.label));
                *standing += 1;
                told = true;
            }
        }
    }
    for (at, state) in (0..).zip(flow.states) {
        let class = match state.waits {
            Waits::Nobody => "flow-end",
            Waits::Paused | Waits::Rest => "flow-paused",
            Waits::On(_) | Waits::Opener | Waits::Counterparty(_) | Waits::Underway => "flow-state",
        };
        // Writing into a string does not fail.
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{SIDE}\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>             <text class=\"flow-label\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            top(at),
            SIDE + width / 2,
            top(at) + height / 2 + 5,
            state.label
        );
    }
    out + "</svg>"
}

fn straight(from: i32, to: i32, label: &str) -> String {
    let x = SIDE + BOX.0 / 2;
    format!(
        "<path class=\"flow-arrow\" d=\"M{x} {from}V{to}\" marker-end=\"url(#tip)\"/>         <text class=\"flow-action\" x=\"{}\" y=\"{}\">{label}</text>",
        x + 6,
        (from + to) / 2 + 4
    )
}

/// An arrow that leaves a box at one side, runs beside the others and comes back.
fn around(from: i32, to: i32, x: i32, out: i32) -> String {
    format!("<path class=\"flow-arrow\" d=\"M{x} {from}H{}V{to}H{x}\" marker-end=\"url(#tip)\"/>", x + out)
}

/// What an arrow that runs aside is called, outside of it, where it comes in.
fn label(x: i32, y: i32, side: i32, text: &str) -> String {
    let anchor = if side > 0 { "start" } else { "end" };
    format!(
        "<text class=\"flow-action\" x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>",
        x + side.signum() * 6,
        y + 4
    )
}
