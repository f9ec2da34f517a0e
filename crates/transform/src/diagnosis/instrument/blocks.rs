//! Whether what a level needs holds, and if not, by how much it is missed and what is nearest.

use rust_decimal::Decimal;

use super::assess::{SceneLevel, State};
use super::{Instrument, Need, show};

/// The next level and what blocks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Next {
    /// What people read.
    pub label: String,
    /// Every condition that does not hold, by how much, and what would be nearest.
    pub blocks: Vec<Block>,
}

/// A condition that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Block {
    /// What is needed, what there is, and the difference.
    pub text: String,
    /// What is nearest to it; empty when nothing can be said.
    pub nearest: String,
}

/// Whether a condition holds.
pub(super) fn holds(need: &Need, state: &State) -> bool {
    match need {
        Need::Score(score) => state.score >= *score,
        Need::Part { part, score } => earned(state, part) >= *score,
        Need::Scenes { count, at, constraint } => reached(state, *at, *constraint) >= *count,
        Need::Option { item, option } => state.chosen.get(item).is_some_and(|codes| codes.contains(option)),
    }
}

fn earned(state: &State, part: &str) -> Decimal {
    state.parts.get(part).copied().unwrap_or_default()
}

fn counts(scene: &SceneLevel, constraint: bool) -> bool {
    scene.constraint || !constraint
}

fn reached(state: &State, at: usize, constraint: bool) -> usize {
    state.scenes.iter().filter(|scene| scene.level >= at && counts(scene, constraint)).count()
}

/// What a condition lacks; nothing when it holds.
pub(super) fn blocked(instrument: &Instrument, need: &Need, state: &State) -> Option<Block> {
    if holds(need, state) {
        return None;
    }
    let points = |what: &str, have: Decimal, wanted: Decimal| {
        format!("{what} {} 分，须达到 {} 分，还差 {} 分", show(have, 4), show(wanted, 4), show(wanted - have, 4))
    };
    Some(match need {
        Need::Score(score) => {
            Block { text: points("总分", state.score, *score), nearest: weakest(instrument, state) }
        }
        Need::Part { part, score } => {
            let label = instrument.part(part).map_or(part.as_str(), |part| part.label.as_str());
            Block { text: points(&format!("“{label}”"), earned(state, part), *score), nearest: String::new() }
        }
        Need::Scenes { count, at, constraint } => {
            let have = reached(state, *at, *constraint);
            let what = if *constraint { "约束场景" } else { "场景" };
            let text = format!("达到 {at} 级的{what} {have} 个，须有 {count} 个，还差 {} 个", count - have);
            Block { text, nearest: nearest_scenes(state, *at, *constraint) }
        }
        Need::Option { item, option } => {
            let found = instrument.item(item);
            let label = found.map_or(item.as_str(), |i| i.label.as_str());
            let wanted = found.and_then(|i| i.option(option)).map_or(option.as_str(), |o| o.label.as_str());
            Block { text: format!("“{label}”须为“{wanted}”"), nearest: String::new() }
        }
    })
}

/// The parts on top that leave most points lying.
fn weakest(instrument: &Instrument, state: &State) -> String {
    let lying = |part: &super::Part| part.points - earned(state, &part.code);
    let below = instrument.parts.iter().filter(|part| instrument.within(&part.code).next().is_none());
    let mut open: Vec<_> = below.filter(|part| lying(part) > Decimal::ZERO).collect();
    open.sort_by_key(|part| std::cmp::Reverse(lying(part)));
    let named = open.iter().take(3).map(|part| format!("{}（可再得 {} 分）", part.label, show(lying(part), 4)));
    match open.is_empty() {
        true => String::new(),
        false => format!("可提升较多的：{}", named.collect::<Vec<_>>().join("、")),
    }
}

/// The scenes that are one level below, or the nearest there are.
fn nearest_scenes(state: &State, at: usize, constraint: bool) -> String {
    let mut open: Vec<&SceneLevel> =
        state.scenes.iter().filter(|s| s.level < at && s.most >= at && counts(s, constraint)).collect();
    open.sort_by_key(|scene| std::cmp::Reverse(scene.level));
    let named = open.iter().take(5).map(|scene| format!("{}（现 {} 级）", scene.label, scene.level));
    match open.is_empty() {
        true => String::new(),
        false => format!("离得最近的：{}", named.collect::<Vec<_>>().join("、")),
    }
}
