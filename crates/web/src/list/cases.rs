//! How the cells of a list of cases look, on whatever page it stands.

use kernel::case::{self, Flow, Light, light};
use kernel::list::{Cell, Column, Row};
use kernel::value::day::Day;

use super::CellView;

/// The state as a state, and the light of the clock beside the day until which something is to be done.
pub fn dressed_case(flow: &'static Flow, today: Day) -> impl Fn(&Row, &Column, &mut CellView) {
    move |row, column, view| match column.code {
        "state" => view.state = if is_over(flow, row) { "state-off" } else { "state-info" },
        "due" => {
            let Cell::Day(on) = row.cell("due") else { return };
            let clock = flow.state(row.cell("state").text()).and_then(|state| state.clock).and_then(case::clock);
            let (badge, state) = match light(clock, Some(*on), today) {
                Light::None => return,
                Light::Green => ("在期限内", "state-ok"),
                Light::Yellow => ("即将到期", "state-warn"),
                Light::Red => ("已超期", "state-bad"),
            };
            (view.badge, view.state) = (badge.to_owned(), state);
        }
        _ => {}
    }
}

/// Whether a case has ended.
pub fn is_over(flow: &Flow, row: &Row) -> bool {
    flow.ends_in(row.cell("state").text())
}
