//! A questionnaire file: its shape, and the instrument it makes. What contradicts itself is refused as a whole.

use std::fmt;

use kernel::value::day::parse_day;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Bounds, Choice, Formula, Instrument, Item, ItemKind, Level, Need, Part, Scene, check};

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct InstrumentFault {
    /// The file.
    pub file: String,
    /// The part, item, scene or level; empty for the file itself.
    pub item: String,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for InstrumentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.item.is_empty() {
            true => write!(f, "{}：{}", self.file, self.reason),
            false => write!(f, "{}：“{}”{}", self.file, self.item, self.reason),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    code: String,
    edition: String,
    name: String,
    source: String,
    in_force_from: String,
    points: String,
    #[serde(default)]
    note: String,
    part: Vec<FilePart>,
    item: Vec<FileItem>,
    #[serde(default)]
    scene: Vec<FileScene>,
    level: Vec<FileLevel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePart {
    code: String,
    label: String,
    points: String,
    #[serde(default)]
    within: String,
    weight: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileItem {
    code: String,
    part: String,
    label: String,
    kind: String,
    points: Option<String>,
    #[serde(default)]
    options: Vec<FileOption>,
    #[serde(default)]
    unit: String,
    by: Option<String>,
    at_most: Option<String>,
    compute: Option<FileFormula>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileOption {
    code: String,
    label: String,
    points: String,
    #[serde(default)]
    none: bool,
    from: Option<String>,
    above: Option<String>,
    up_to: Option<String>,
    below: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileFormula {
    sum: Option<Vec<String>>,
    over: Option<Vec<String>>,
    times: Option<String>,
    of: Option<String>,
    less: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileScene {
    code: String,
    group: String,
    label: String,
    #[serde(default)]
    constraint: bool,
    levels: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLevel {
    code: String,
    label: String,
    needs: Vec<FileNeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileNeed {
    score: Option<String>,
    part: Option<String>,
    scenes: Option<usize>,
    at: Option<usize>,
    #[serde(default)]
    constraint: bool,
    item: Option<String>,
    option: Option<String>,
}

/// Faults of one file as they are found.
pub(super) struct Faults<'a> {
    file: &'a str,
    found: Vec<InstrumentFault>,
}

impl Faults<'_> {
    /// Adds a fault at an item.
    pub(super) fn add(&mut self, item: &str, reason: impl Into<String>) {
        self.found.push(InstrumentFault { file: self.file.to_owned(), item: item.to_owned(), reason: reason.into() });
    }
}

/// Reads a file.
///
/// # Errors
/// Every fault with file, item and reason; nothing of a faulty file is used.
pub(in super::super) fn read(file: &str, text: &str) -> Result<Instrument, Vec<InstrumentFault>> {
    let mut faults = Faults { file, found: Vec::new() };
    let parsed = toml::from_str::<File>(text).map_err(|e| {
        let line = e.span().map_or(0, |span| text[..span.start].lines().count().max(1));
        faults.add("", format!("第 {line} 行附近格式不对：{}", e.message()));
    });
    let Ok(parsed) = parsed else { return Err(faults.found) };
    let instrument = instrument(parsed, &mut faults);
    check::check(&instrument, &mut faults);
    if faults.found.is_empty() { Ok(instrument) } else { Err(faults.found) }
}

fn instrument(file: File, faults: &mut Faults<'_>) -> Instrument {
    let in_force_from = parse_day(&file.in_force_from).unwrap_or_else(|e| {
        faults.add("", format!("施行日期有误：{e}"));
        kernel::value::day::Day::MIN
    });
    for (what, text) in [("code", &file.code), ("edition", &file.edition), ("name", &file.name)] {
        let plain = what == "name" || text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if text.trim().is_empty() || !plain {
            faults.add("", format!("{what} 不能为空，代码只用字母、数字和 - _ ."));
        }
    }
    Instrument {
        points: number(&file.points, "", "总分", faults),
        parts: file.part.into_iter().map(|part| part_of(part, faults)).collect(),
        items: file.item.into_iter().map(|item| item_of(item, faults)).collect(),
        scenes: file.scene.into_iter().map(scene_of).collect(),
        levels: file.level.into_iter().map(|level| level_of(level, faults)).collect(),
        code: file.code,
        edition: file.edition,
        name: file.name,
        source: file.source,
        in_force_from,
        note: file.note,
    }
}

fn number(text: &str, item: &str, what: &str, faults: &mut Faults<'_>) -> Decimal {
    text.parse::<Decimal>().unwrap_or_else(|_| {
        faults.add(item, format!("的{what}“{text}”不是数"));
        Decimal::ZERO
    })
}

fn part_of(part: FilePart, faults: &mut Faults<'_>) -> Part {
    let points = number(&part.points, &part.code, "分值", faults);
    let weight = part.weight.as_deref().map(|weight| number(weight, &part.code, "权重", faults));
    Part { points, weight, code: part.code, within: part.within, label: part.label }
}

fn item_of(item: FileItem, faults: &mut Faults<'_>) -> Item {
    let code = item.code.clone();
    let points = item.points.as_deref().map_or(Decimal::ZERO, |points| number(points, &code, "分值", faults));
    let kind = match item.kind.as_str() {
        "single" => ItemKind::Single { by: item.by },
        "multi" => ItemKind::Multi,
        "number" => ItemKind::Number { at_most: item.at_most },
        "computed" => ItemKind::Computed(formula(item.compute, &code, faults)),
        other => {
            faults.add(&code, format!("的题型“{other}”不认识，应为 single、multi、number 或 computed"));
            ItemKind::Multi
        }
    };
    let options = item.options.into_iter().map(|option| option_of(option, &code, faults)).collect();
    Item { kind, points, options, part: item.part, label: item.label, unit: item.unit, code }
}

fn formula(formula: Option<FileFormula>, item: &str, faults: &mut Faults<'_>) -> Formula {
    match formula {
        Some(FileFormula { sum: Some(sum), over: Some(over), times, of: None, less: None }) => {
            let times = times.map_or(Decimal::ONE, |times| number(&times, item, "倍数", faults));
            Formula::Quotient { sum, over, times }
        }
        Some(FileFormula { of: Some(of), less: Some(less), sum: None, over: None, times: None }) => {
            Formula::Difference { of, less }
        }
        _ => {
            faults.add(item, "的算法应为 { sum, over, times } 或 { of, less }");
            Formula::Quotient { sum: Vec::new(), over: Vec::new(), times: Decimal::ONE }
        }
    }
}

fn option_of(option: FileOption, item: &str, faults: &mut Faults<'_>) -> Choice {
    let mut bound = |with: Option<String>, without: Option<String>| match (with, without) {
        (None, None) => None,
        (Some(bound), None) => Some((number(&bound, item, "界限", faults), true)),
        (None, Some(bound)) => Some((number(&bound, item, "界限", faults), false)),
        (Some(_), Some(_)) => {
            faults.add(item, format!("的选项“{}”同一侧有两个界限", option.code));
            None
        }
    };
    let bounds = Bounds { low: bound(option.from, option.above), high: bound(option.up_to, option.below) };
    let points = number(&option.points, item, "选项分值", faults);
    Choice { points, bounds, code: option.code, label: option.label, none: option.none }
}

fn scene_of(scene: FileScene) -> Scene {
    let FileScene { code, group, label, constraint, levels } = scene;
    Scene { code, group, label, constraint, levels }
}

fn level_of(level: FileLevel, faults: &mut Faults<'_>) -> Level {
    let code = level.code;
    let needs = level.needs.into_iter().filter_map(|need| need_of(need, &code, faults)).collect();
    Level { needs, label: level.label, code }
}

fn need_of(need: FileNeed, level: &str, faults: &mut Faults<'_>) -> Option<Need> {
    match need {
        FileNeed { score: Some(score), part: None, scenes: None, at: None, item: None, option: None, .. } => {
            Some(Need::Score(number(&score, level, "分数线", faults)))
        }
        FileNeed { score: Some(score), part: Some(part), scenes: None, at: None, item: None, option: None, .. } => {
            Some(Need::Part { part, score: number(&score, level, "分数线", faults) })
        }
        FileNeed {
            scenes: Some(count),
            at: Some(at),
            constraint,
            score: None,
            part: None,
            item: None,
            option: None,
        } => Some(Need::Scenes { count, at, constraint }),
        FileNeed {
            item: Some(item), option: Some(option), score: None, part: None, scenes: None, at: None, ..
        } => Some(Need::Option { item, option }),
        _ => {
            faults.add(level, "的条件应为 { score }、{ part, score }、{ scenes, at } 或 { item, option }");
            None
        }
    }
}
