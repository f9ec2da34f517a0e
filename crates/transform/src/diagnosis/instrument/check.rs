//! What an instrument may not contradict: sums, codes, references, rings, brackets, levels.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::brackets;
use super::file::Faults;
use super::{Instrument, Item, ItemKind, Need, show};

/// Finds every contradiction.
pub(super) fn check(instrument: &Instrument, faults: &mut Faults<'_>) {
    codes(instrument, faults);
    parts(instrument, faults);
    for item in &instrument.items {
        options(item, faults);
        references(instrument, item, faults);
    }
    rings(instrument, faults);
    levels(instrument, faults);
}

fn codes(instrument: &Instrument, faults: &mut Faults<'_>) {
    let fields =
        instrument.items.iter().map(|i| i.code.as_str()).chain(instrument.scenes.iter().map(|s| s.code.as_str()));
    twice(fields, "", "重复", faults);
    twice(instrument.parts.iter().map(|p| p.code.as_str()), "", "重复", faults);
    twice(instrument.levels.iter().map(|l| l.code.as_str()), "", "重复", faults);
    for item in &instrument.items {
        twice(item.options.iter().map(|o| o.code.as_str()), &item.code, "", faults);
    }
}

fn twice<'a>(codes: impl Iterator<Item = &'a str>, item: &str, what: &str, faults: &mut Faults<'_>) {
    let mut seen = BTreeSet::new();
    for code in codes {
        if !seen.insert(code) {
            match item.is_empty() {
                true => faults.add(code, what),
                false => faults.add(item, format!("的选项“{code}”重复")),
            }
        }
    }
}

fn parts(instrument: &Instrument, faults: &mut Faults<'_>) {
    for part in &instrument.parts {
        let known = part.within.is_empty() || instrument.part(&part.within).is_some();
        if !known {
            faults.add(&part.code, format!("属于未知的部分“{}”", part.within));
        }
        if part.weight.is_some() && !part.within.is_empty() {
            faults.add(&part.code, "不是最上层的部分，不能有权重");
        }
        if part.points <= Decimal::ZERO {
            faults.add(&part.code, "的分值应大于0");
        }
        let below: Decimal = instrument.within(&part.code).map(|p| p.points).sum();
        let items: Decimal = instrument.items_of(&part.code).map(|i| i.points).sum();
        if below + items != part.points {
            let (sum, points) = (show(below + items, 28), show(part.points, 28));
            faults.add(&part.code, format!("应得 {points} 分，各项合计 {sum} 分"));
        }
    }
    let total: Decimal = instrument.within("").map(|p| p.weight.unwrap_or(p.points)).sum();
    if total != instrument.points {
        faults.add("", format!("总分应为 {}，各部分合计 {}", show(instrument.points, 28), show(total, 28)));
    }
    for part in &instrument.parts {
        let mut at = part;
        for _ in 0..instrument.parts.len() {
            match instrument.part(&at.within) {
                Some(above) if above.code == part.code => return faults.add(&part.code, "所属的部分绕成了圈"),
                Some(above) => at = above,
                None => break,
            }
        }
    }
}

fn options(item: &Item, faults: &mut Faults<'_>) {
    let most: Decimal = match item.kind {
        ItemKind::Single { .. } => item.options.iter().map(|o| o.points).max().unwrap_or_default(),
        ItemKind::Multi => item.options.iter().map(|o| o.points).sum(),
        ItemKind::Number { .. } | ItemKind::Computed(_) => Decimal::ZERO,
    };
    if most != item.points {
        faults.add(&item.code, format!("应得 {} 分，选项最多得 {} 分", show(item.points, 28), show(most, 28)));
    }
    if item.is_number() != item.options.is_empty() {
        faults.add(&item.code, if item.is_number() { "是数字题，不能有选项" } else { "没有选项" });
    }
    if item.options.iter().any(|o| o.points < Decimal::ZERO || (o.none && o.points != Decimal::ZERO)) {
        faults.add(&item.code, "的选项分值不能为负，“无”应为0分");
    }
    let nones = item.options.iter().filter(|o| o.none).count();
    if nones > 1 || (nones == 1 && item.kind != ItemKind::Multi) {
        faults.add(&item.code, "只有多选题可以有一个“无”");
    }
    brackets::check(item, faults);
}

fn references(instrument: &Instrument, item: &Item, faults: &mut Faults<'_>) {
    if instrument.part(&item.part).is_none() {
        faults.add(&item.code, format!("属于未知的部分“{}”", item.part));
    }
    let named: Vec<&str> = match &item.kind {
        ItemKind::Single { by } => by.iter().map(String::as_str).collect(),
        ItemKind::Number { at_most } => at_most.iter().map(String::as_str).collect(),
        ItemKind::Computed(formula) => formula.needs(),
        ItemKind::Multi => Vec::new(),
    };
    for code in named {
        match instrument.item(code) {
            Some(other) if other.is_number() => {}
            Some(_) => faults.add(&item.code, format!("用到“{code}”，那不是数字题")),
            None => faults.add(&item.code, format!("用到未知的题“{code}”")),
        }
    }
}

/// Computed items that need themselves, over however many others.
fn rings(instrument: &Instrument, faults: &mut Faults<'_>) {
    let needs = |code: &str| match instrument.item(code).map(|item| &item.kind) {
        Some(ItemKind::Computed(formula)) => formula.needs(),
        Some(ItemKind::Number { at_most: Some(other) }) => vec![other.as_str()],
        _ => Vec::new(),
    };
    for item in &instrument.items {
        let (mut seen, mut open) = (BTreeSet::new(), needs(&item.code));
        while let Some(code) = open.pop() {
            if code == item.code {
                faults.add(&item.code, "的算法绕成了圈，用到了它自己");
                break;
            }
            if seen.insert(code) {
                open.extend(needs(code));
            }
        }
    }
}

fn levels(instrument: &Instrument, faults: &mut Faults<'_>) {
    if instrument.levels.is_empty() {
        faults.add("", "没有等级");
    }
    let mut before = Decimal::MIN;
    for level in &instrument.levels {
        if level.needs.is_empty() {
            faults.add(&level.code, "没有条件");
        }
        for need in &level.needs {
            if let Need::Score(score) = need {
                if *score < before {
                    faults.add(&level.code, "的分数线低于前一级");
                }
                before = *score;
            }
            if let Some(reason) = impossible(instrument, need) {
                faults.add(&level.code, reason);
            }
        }
    }
}

/// Why nobody could ever meet a need.
fn impossible(instrument: &Instrument, need: &Need) -> Option<String> {
    match need {
        Need::Score(score) => (*score > instrument.points).then(|| "的分数线高于总分".to_owned()),
        Need::Part { part, score } => match instrument.part(part) {
            None => Some(format!("用到未知的部分“{part}”")),
            Some(found) => (*score > found.points).then(|| format!("的分数线高于“{}”的分值", found.label)),
        },
        Need::Scenes { count, at, constraint } => {
            let able = instrument.scenes.iter().filter(|s| s.levels.len() >= *at && (s.constraint || !constraint));
            (able.count() < *count || *at == 0).then(|| "要求的场景个数或级别达不到".to_owned())
        }
        Need::Option { item, option } => match instrument.item(item) {
            None => Some(format!("用到未知的题“{item}”")),
            Some(found) if found.option(option).is_none() => Some(format!("用到“{item}”没有的选项“{option}”")),
            Some(_) => None,
        },
    }
}
