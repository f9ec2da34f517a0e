//! What was planned beside what was reached: for the figure, and unit by unit.

use kernel::Result;
use kernel::access::Scope;
use kernel::id::UnitId;
use kernel::indicator::{Figure, Question, evaluate, target_rows, target_value};
use kernel::store::Read;

use super::{Asked, FigureView, Progress};

/// A target of one unit, or of the whole city.
pub(super) struct UnitTarget {
    /// Name of the unit, or 全市.
    pub name: String,
    /// What the unit reached.
    pub figure: FigureView,
    /// How far it came.
    pub progress: Progress,
    /// The document that sets the target.
    pub source: String,
}

/// The target of a figure in the period of its window; nothing where none is set.
///
/// # Errors
/// As the database says.
pub(crate) async fn progress(read: &Read, figure: &Figure, q: &Question<'_>) -> Result<Option<Progress>> {
    let period = figure.indicator.window.target_period(q.about);
    let target = target_value(read, figure.indicator.code, &period, q).await?;
    Ok(target.and_then(|target| Progress::of(figure, target)))
}

/// The targets that were set, each with its unit's own figure.
///
/// # Errors
/// As the database says.
pub(super) async fn unit_targets(read: &Read, asked: &Asked) -> Result<Vec<UnitTarget>> {
    let period = asked.indicator.window.target_period(asked.about);
    let mut found = Vec::new();
    for row in target_rows(read, asked.indicator.code, &period, &asked.question()).await? {
        let unit = (row.unit != 0).then_some(UnitId(row.unit));
        let scope = unit.map_or_else(|| asked.scope.clone(), |unit| Scope::Units(vec![unit]));
        let q = Question { scope: &scope, ..asked.question() };
        let Some(figure) = evaluate(read, &[asked.indicator], &q).await?.pop() else { continue };
        let Some(progress) = Progress::of(&figure, row.value) else { continue };
        let name = unit.map_or_else(|| "全市".to_owned(), |unit| asked.units.name(unit.0));
        found.push(UnitTarget { name, figure: FigureView::of(&figure, unit), progress, source: row.source });
    }
    Ok(found)
}
