//! The board in groups of cards, and the chart of how far the targets have come.

use kernel::Result;
use kernel::id::UnitId;
use kernel::indicator::{Indicator, Question, evaluate};
use kernel::store::Read;

use super::queries::targeted;
use crate::chart::{Chart, Line, Mark, point};
use crate::indicators::{FigureView, Progress, module_of, progress};

/// The indicators of one module.
pub(super) struct Group {
    /// What the module is called.
    pub label: &'static str,
    /// Its cards.
    pub cards: Vec<Card>,
}

/// One indicator.
pub(super) struct Card {
    /// Its figure.
    pub figure: FigureView,
    /// How far it has come, where a target is set.
    pub progress: Option<Progress>,
}

/// The modules that have indicators: code and label, in their order.
pub(super) fn modules(read: &Read) -> Vec<(&'static str, &'static str)> {
    let mut found: Vec<(&'static str, &'static str)> = Vec::new();
    for module in read.catalog().indicators().iter().map(|i| module_of(i)) {
        if !found.iter().any(|(code, _)| *code == module) {
            found.push((module, read.catalog().module_label(module)));
        }
    }
    found
}

/// The cards of all modules, or of one; all values come from one question.
///
/// # Errors
/// As the database says.
pub(super) async fn groups(read: &Read, q: &Question<'_>, module: &str, unit: Option<UnitId>) -> Result<Vec<Group>> {
    let wanted = |i: &&&'static Indicator| module.is_empty() || module_of(i) == module;
    let indicators: Vec<&'static Indicator> = read.catalog().indicators().iter().filter(wanted).copied().collect();
    let targeted = targeted(read, q.known).await?;
    let mut groups: Vec<(&'static str, Group)> = Vec::new();
    for figure in evaluate(read, &indicators, q).await? {
        let reached = if targeted.contains(figure.indicator.code) { progress(read, &figure, q).await? } else { None };
        let card = Card { figure: FigureView::of(&figure, unit), progress: reached };
        let module = module_of(figure.indicator);
        match groups.iter_mut().find(|(code, _)| *code == module) {
            Some((_, group)) => group.cards.push(card),
            None => groups.push((module, Group { label: read.catalog().module_label(module), cards: vec![card] })),
        }
    }
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

/// One bar of the chart, as its table shows it.
pub(super) struct Bar {
    /// The figure.
    pub figure: FigureView,
    /// How far it has come.
    pub progress: Progress,
}

/// The figures that have targets.
pub(super) fn bars(groups: &[Group]) -> Vec<Bar> {
    let cards = groups.iter().flat_map(|group| &group.cards);
    cards.filter_map(|card| Some(Bar { figure: card.figure.clone(), progress: card.progress.clone()? })).collect()
}

/// Completion by indicator, with a line at 100 %; empty when there is nothing to draw.
pub(super) fn chart(bars: &[Bar]) -> String {
    let chart = Chart {
        kind: "hbar",
        x: bars.iter().map(|bar| bar.figure.name.to_owned()).collect(),
        series: vec![Line::new("完成率", bars.iter().map(|bar| point(&bar.progress.rate)).collect())],
        unit: "%".to_owned(),
        target: Some(Mark { name: "目标", value: 100.into() }),
        links: bars.iter().map(|bar| bar.figure.card_href.clone()).collect(),
    };
    chart.json()
}
