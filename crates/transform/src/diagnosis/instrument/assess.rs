//! What answers come to: points by part, the level, and what blocks the next.

use std::collections::BTreeMap;

use kernel::{Faults, Result};
use rust_decimal::Decimal;

use super::blocks::{Next, blocked, holds};
use super::brackets::chosen;
use super::number::parse;
use super::{Answers, Choice, Formula, Instrument, Item, ItemKind, Need, Scene, show};

/// Points of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct PartScore {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// Whether it stands within another.
    pub within: bool,
    /// What it brought.
    pub earned: Decimal,
    /// What it could bring.
    pub points: Decimal,
}

/// What an item came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct ItemScore {
    /// Its code.
    pub code: String,
    /// What it brought.
    pub earned: Decimal,
    /// What was chosen, typed or worked out, as people read it.
    pub said: String,
}

/// A scene at its level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct SceneLevel {
    /// Its code.
    pub code: String,
    /// What people read.
    pub label: String,
    /// Its group.
    pub group: String,
    /// Whether it is a constraint scene.
    pub constraint: bool,
    /// The level, from 0.
    pub level: usize,
    /// The highest there is.
    pub most: usize,
}

/// What answers come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Outcome {
    /// All points.
    pub score: Decimal,
    /// By part, in the order of the instrument.
    pub parts: Vec<PartScore>,
    /// By item.
    pub items: Vec<ItemScore>,
    /// Scenes.
    pub scenes: Vec<SceneLevel>,
    /// Code and label of the level; nothing below the first.
    pub level: Option<(String, String)>,
    /// The next level and what blocks it; nothing at the highest.
    pub next: Option<Next>,
}

/// What is known while answers are gone through.
pub(super) struct State {
    /// Points of the whole.
    pub score: Decimal,
    /// Points by part.
    pub parts: BTreeMap<String, Decimal>,
    /// Scenes.
    pub scenes: Vec<SceneLevel>,
    /// Options by item.
    pub chosen: BTreeMap<String, Vec<String>>,
}

/// Assesses answers.
///
/// # Errors
/// [`kernel::Error::Invalid`] with every fault at its item: nothing chosen, an unknown option, a number out of bounds.
pub(in super::super) fn assess(instrument: &Instrument, answers: &Answers) -> Result<Outcome> {
    let mut faults = Faults::new();
    let numbers = numbers(instrument, answers, &mut faults);
    let mut items = Vec::new();
    let mut chosen = BTreeMap::new();
    for item in &instrument.items {
        let (score, options) = item_score(item, answers, &numbers, &mut faults);
        items.push(score);
        chosen.insert(item.code.clone(), options);
    }
    let scenes = instrument.scenes.iter().map(|scene| scene_level(scene, answers, &mut faults)).collect();
    faults.or(())?;
    let parts = part_scores(instrument, &items);
    let score = instrument.within("").map(|part| counted(part, &parts)).sum();
    let earned = parts.iter().map(|part| (part.code.clone(), part.earned)).collect();
    let state = State { score, parts: earned, scenes, chosen };
    let reached = instrument.levels.iter().rposition(|level| level.needs.iter().all(|need| holds(need, &state)));
    let next = instrument.levels.get(reached.map_or(0, |at| at + 1)).map(|level| Next {
        label: level.label.clone(),
        blocks: level.needs.iter().filter_map(|need: &Need| blocked(instrument, need, &state)).collect(),
    });
    let level = reached.and_then(|at| instrument.levels.get(at)).map(|level| (level.code.clone(), level.label.clone()));
    Ok(Outcome { score, parts, items, scenes: state.scenes, level, next })
}

/// What a part on top counts for: its points, or its share of the weight.
fn counted(part: &super::Part, parts: &[PartScore]) -> Decimal {
    let earned = parts.iter().find(|p| p.code == part.code).map_or(Decimal::ZERO, |p| p.earned);
    match part.weight {
        Some(weight) => weight * earned / part.points,
        None => earned,
    }
}

fn part_scores(instrument: &Instrument, items: &[ItemScore]) -> Vec<PartScore> {
    let earned = |code: &str| items.iter().find(|i| i.code == code).map_or(Decimal::ZERO, |i| i.earned);
    let of = |part: &super::Part| earned_in(instrument, &part.code, &earned);
    instrument
        .parts
        .iter()
        .map(|part| PartScore {
            code: part.code.clone(),
            label: part.label.clone(),
            within: !part.within.is_empty(),
            earned: of(part),
            points: part.points,
        })
        .collect()
}

fn earned_in(instrument: &Instrument, part: &str, earned: &dyn Fn(&str) -> Decimal) -> Decimal {
    let own: Decimal = instrument.items_of(part).map(|item| earned(&item.code)).sum();
    let below: Decimal = instrument.within(part).map(|below| earned_in(instrument, &below.code, earned)).sum();
    own + below
}

/// All numbers, typed or worked out; a computed one without what it needs has none.
fn numbers(instrument: &Instrument, answers: &Answers, faults: &mut Faults) -> BTreeMap<String, Decimal> {
    let mut known = BTreeMap::new();
    for item in instrument.items.iter().filter(|i| matches!(i.kind, ItemKind::Number { .. })) {
        let typed = answers.get(&item.code).and_then(|v| v.first()).map_or("", String::as_str);
        if typed.trim().is_empty() {
            continue;
        }
        match parse(typed) {
            Ok(number) => drop(known.insert(item.code.clone(), number)),
            Err(message) => faults.add(&item.code, message),
        }
    }
    for item in &instrument.items {
        if let ItemKind::Number { at_most: Some(other) } = &item.kind
            && let (Some(number), Some(most)) = (known.get(&item.code), known.get(other))
            && number > most
        {
            let label = instrument.item(other).map_or(other.as_str(), |o| o.label.as_str());
            faults.add(&item.code, format!("不应大于{label}（{}），请核对", show(*most, 4)));
        }
    }
    // Without rings every pass settles at least one, and what is settled stays.
    loop {
        let before = known.len();
        for item in &instrument.items {
            if let ItemKind::Computed(formula) = &item.kind
                && !known.contains_key(&item.code)
                && let Some(value) = worked_out(formula, &known)
            {
                known.insert(item.code.clone(), value);
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

fn worked_out(formula: &Formula, known: &BTreeMap<String, Decimal>) -> Option<Decimal> {
    match formula {
        Formula::Quotient { sum, over, times } => {
            let add = |codes: &[String]| codes.iter().map(|code| known.get(code).copied()).sum::<Option<Decimal>>();
            (add(sum)? * times).checked_div(add(over)?)
        }
        Formula::Difference { of, less } => Some(known.get(of)? - known.get(less)?),
    }
}

fn item_score(
    item: &Item,
    answers: &Answers,
    numbers: &BTreeMap<String, Decimal>,
    faults: &mut Faults,
) -> (ItemScore, Vec<String>) {
    let mut score = ItemScore { code: item.code.clone(), earned: Decimal::ZERO, said: String::new() };
    if item.is_number() {
        let unit = if item.unit.is_empty() { String::new() } else { format!(" {}", item.unit) };
        score.said = numbers.get(&item.code).map_or_else(String::new, |n| format!("{}{unit}", show(*n, 2)));
        return (score, Vec::new());
    }
    let found = match &item.kind {
        ItemKind::Single { by: Some(by) } if numbers.contains_key(by) => by_value(item, numbers.get(by), faults),
        _ => by_choice(item, answers, faults),
    };
    score.earned = found.iter().map(|option| option.points).sum();
    score.said = found.iter().map(|o| o.label.as_str()).collect::<Vec<_>>().join("、");
    (score, found.iter().map(|o| o.code.clone()).collect())
}

fn by_value<'a>(item: &'a Item, value: Option<&Decimal>, faults: &mut Faults) -> Vec<&'a Choice> {
    let option = value.and_then(|value| chosen(item, *value));
    if option.is_none() {
        let value = value.map_or_else(String::new, |value| show(*value, 2));
        faults.add(&item.code, format!("按所填数据算得 {value}，超出了可能的范围，请核对数据"));
    }
    option.into_iter().collect()
}

fn by_choice<'a>(item: &'a Item, answers: &Answers, faults: &mut Faults) -> Vec<&'a Choice> {
    let codes: Vec<&String> = answers.get(&item.code).into_iter().flatten().filter(|c| !c.is_empty()).collect();
    let mut found: Vec<&Choice> = Vec::new();
    for code in codes {
        match item.option(code) {
            Some(option) if found.iter().all(|f| f.code != option.code) => found.push(option),
            Some(_) => {}
            None => faults.add(&item.code, format!("没有“{code}”这个选项，请重新选择")),
        }
    }
    let single = matches!(item.kind, ItemKind::Single { .. });
    match &item.kind {
        _ if found.is_empty() && faults.at(&item.code).is_none() => {
            let hint = matches!(&item.kind, ItemKind::Single { by: Some(_) });
            faults.add(&item.code, if hint { "请填上面的数据，或直接选择" } else { "请选择；没有的选“无”" });
        }
        _ if single && found.len() > 1 => faults.add(&item.code, "只能选一项"),
        _ if found.len() > 1 && found.iter().any(|o| o.none) => faults.add(&item.code, "选了“无”，就不能再选其他"),
        _ => {}
    }
    found
}

fn scene_level(scene: &Scene, answers: &Answers, faults: &mut Faults) -> SceneLevel {
    let typed = answers.get(&scene.code).and_then(|v| v.first()).map_or("", String::as_str);
    let level = match typed.parse::<usize>() {
        Ok(level) if level <= scene.levels.len() => level,
        _ if typed.is_empty() => {
            faults.add(&scene.code, "请选择；没有开展的选“未开展”");
            0
        }
        _ => {
            faults.add(&scene.code, format!("没有“{typed}”这一级，请重新选择"));
            0
        }
    };
    SceneLevel {
        code: scene.code.clone(),
        label: scene.label.clone(),
        group: scene.group.clone(),
        constraint: scene.constraint,
        level,
        most: scene.levels.len(),
    }
}
