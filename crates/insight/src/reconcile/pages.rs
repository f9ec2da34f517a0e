//! The page of the rules.

use askama::Template;
use axum::response::Response;
use kernel::indicator::{Question, reconcile_all};
use web::{Frame, Result, Ui};

use super::RULE_READ;
use super::view::RuleRow;

#[derive(Template)]
#[template(path = "reconcile/templates/rules.html")]
struct Rules {
    cx: Frame,
    rows: Vec<RuleRow>,
    broken: usize,
    is_part: bool,
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let (about, known) = ui.clocks(&read).await?;
    let scope = ui.scope(RULE_READ);
    let outcomes = reconcile_all(&read, &Question { about, known, scope: &scope }).await?;
    let mut rows: Vec<RuleRow> = outcomes.iter().map(|outcome| RuleRow::of(outcome, read.catalog())).collect();
    // What does not hold comes first.
    rows.sort_by_key(|row| row.holds);
    let broken = rows.iter().filter(|row| !row.holds).count();
    ui.page(&Rules { cx: ui.frame(&read).await?, rows, broken, is_part: scope != kernel::access::Scope::All })
}
