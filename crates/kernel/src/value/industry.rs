//! Industry classification of the national economy, GB/T 4754-2017 (before amendment 1 of 2019), from
//! `data/gbt4754-2017.tsv`: 20 sections (门类), 97 divisions (大类), 473 groups (中类) and 1,381
//! classes (小类).
//!
//! Sections are letters; below them each level adds to the digits of its parent.

mod check;

use super::text;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::OnceLock;

pub use check::TableFault;

/// Level of the classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 门类, one letter.
    Section,
    /// 大类, two digits.
    Division,
    /// 中类, three digits.
    Group,
    /// 小类, four digits.
    Class,
}

impl Level {
    /// Every level, widest first.
    pub const ALL: [Level; 4] = [Level::Section, Level::Division, Level::Group, Level::Class];

    /// The Chinese label.
    pub const fn label(self) -> &'static str {
        match self {
            Level::Section => "门类",
            Level::Division => "大类",
            Level::Group => "中类",
            Level::Class => "小类",
        }
    }

    /// Entries the standard has at this level.
    const fn size(self) -> usize {
        match self {
            Level::Section => 20,
            Level::Division => 97,
            Level::Group => 473,
            Level::Class => 1381,
        }
    }

    /// The level as the file writes it.
    fn from_word(word: &str) -> Option<Level> {
        match word {
            "section" => Some(Level::Section),
            "division" => Some(Level::Division),
            "group" => Some(Level::Group),
            "class" => Some(Level::Class),
            _ => None,
        }
    }

    /// The level just above.
    fn above(self) -> Option<Level> {
        Level::ALL.into_iter().rev().find(|level| *level < self)
    }
}

/// One entry of the classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Industry {
    /// Letter, or two to four digits.
    pub code: &'static str,
    /// Chinese name in the standard.
    pub name: &'static str,
    /// Its level.
    pub level: Level,
    /// Code of the entry it belongs to; `None` for a section.
    pub parent: Option<&'static str>,
}

/// Every entry, in the order of the standard.
pub fn industries() -> &'static [Industry] {
    &table().rows
}

/// The entry with exactly this code, of any level.
pub fn find(code: &str) -> Option<&'static Industry> {
    let table = table();
    table.by_code.get(code).and_then(|index| table.rows.get(*index))
}

/// The section (letter) an existing code belongs to; a section belongs to itself.
pub fn section_of(code: &str) -> Option<&'static Industry> {
    ancestor(code, Level::Section)
}

/// The two-digit division an existing code belongs to, 1–97; `None` for a section.
pub fn division_of(code: &str) -> Option<u8> {
    ancestor(code, Level::Division)?.code.parse().ok()
}

/// Whether an existing code is industry proper (工业): sections B, C and D.
pub fn is_industrial(code: &str) -> bool {
    section_of(code).is_some_and(|section| matches!(section.code, "B" | "C" | "D"))
}

/// Entries whose code begins with the text or whose name contains it: the exact code first, then codes
/// that begin with it, names that begin with it, and the rest, each in the order of the standard.
/// Full-width forms, white space and lower case are put right first; an empty text finds nothing.
pub fn search(text: &str) -> Vec<&'static Industry> {
    let wanted = text::compact(text).to_uppercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<_> = industries().iter().filter_map(|it| Some((rank(it, &wanted)?, it))).collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, it)| it).collect()
}

fn rank(it: &Industry, wanted: &str) -> Option<u8> {
    let name = text::compact(it.name);
    match it {
        _ if it.code == wanted => Some(0),
        _ if it.code.starts_with(wanted) => Some(1),
        _ if name.starts_with(wanted) => Some(2),
        _ if name.contains(wanted) => Some(3),
        _ => None,
    }
}

/// Checks the shipped table against what the standard says of itself.
///
/// # Errors
/// Every [`TableFault`]: counts by level, the 41 industrial divisions, parents, duplicates.
pub fn check_table() -> Result<(), Vec<TableFault>> {
    check::faults(industries())
}

fn ancestor(code: &str, level: Level) -> Option<&'static Industry> {
    let mut at = find(code)?;
    while at.level > level {
        at = find(at.parent?).filter(|parent| parent.level < at.level)?;
    }
    (at.level == level).then_some(at)
}

struct Table {
    rows: Vec<Industry>,
    by_code: HashMap<&'static str, usize>,
}

fn table() -> &'static Table {
    static EMBEDDED: OnceLock<Table> = OnceLock::new();
    EMBEDDED.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/gbt4754-2017.tsv"));
        let rows = rows(text).expect("invariant: the shipped table is read by a test");
        let by_code = rows.iter().enumerate().map(|(index, row)| (row.code, index)).collect();
        Table { rows, by_code }
    })
}

/// Reads the file: a header, then code, name, level and parent, parted by tabs; `#` begins a comment.
fn rows(text: &'static str) -> Result<Vec<Industry>, TableFault> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.starts_with('#'));
    lines.skip(1).map(|(text, line)| row(text).ok_or(TableFault::Line { line })).collect()
}

fn row(text: &'static str) -> Option<Industry> {
    let mut cells = text.split('\t');
    let (code, name) = (cells.next()?, cells.next()?);
    let (level, parent) = (Level::from_word(cells.next()?)?, cells.next()?);
    let complete = !code.is_empty() && !name.is_empty() && cells.next().is_none();
    let parent = (!parent.is_empty()).then_some(parent);
    complete.then_some(Industry { code, name, level, parent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_the_standard() {
        assert_eq!(check_table(), Ok(()));
    }

    #[test]
    fn codes_spell_their_ancestry() {
        for row in industries() {
            let digits = row.code.bytes().all(|b| b.is_ascii_digit());
            let expected = row.level as usize + 1;
            assert_eq!((row.code.len(), digits), (expected, row.level != Level::Section), "{row:?}");
            let parent = row.parent.unwrap_or_default();
            assert!(row.level <= Level::Division || row.code.starts_with(parent), "{row:?}");
        }
    }

    #[test]
    fn names_the_codes_of_the_seed() {
        for (code, name) in [
            ("3130", "钢压延加工"),
            ("3011", "水泥制造"),
            ("1512", "白酒制造"),
            ("3982", "电子电路制造"),
            ("3451", "滚动轴承制造"),
            ("3525", "模具制造"),
            ("3464", "制冷、空调设备制造"),
            ("1830", "服饰制造"),
            ("2614", "有机化学原料制造"),
            ("5810", "多式联运"),
        ] {
            assert_eq!(find(code).map(|it| it.name), Some(name), "{code}");
        }
    }

    #[test]
    fn climbs_to_division_and_section() {
        for (code, section, division, industrial) in [
            ("3130", "C", Some(31), true),
            ("313", "C", Some(31), true),
            ("31", "C", Some(31), true),
            ("0111", "A", Some(1), false),
            ("4610", "D", Some(46), true),
            ("B", "B", None, true),
            ("9700", "T", Some(97), false),
        ] {
            assert_eq!(section_of(code).map(|it| it.code), Some(section), "{code}");
            assert_eq!((division_of(code), is_industrial(code)), (division, industrial), "{code}");
        }
        for unknown in ["", "3199", "C3130", "U", "00"] {
            assert_eq!((section_of(unknown), division_of(unknown)), (None, None), "{unknown}");
        }
    }

    #[test]
    fn searches_by_code_and_name() {
        let codes = |text| search(text).iter().map(|it| it.code).collect::<Vec<_>>();
        assert_eq!(codes("３１３"), ["313", "3130"]);
        assert_eq!(codes("c").first(), Some(&"C"));
        assert_eq!(codes("白酒"), ["1512"]);
        assert_eq!(codes(" 水泥 制造 "), ["3011"]);
        assert_eq!(codes("瓶（罐）装"), codes("瓶(罐)装"));
        assert_eq!(codes("瓶（罐）装"), ["1522"]);
        assert!(codes("").is_empty() && codes("不存在的行业").is_empty());
    }

    #[test]
    fn names_the_line_it_cannot_read() {
        for (text, line) in [
            ("code\tname\tlevel\tparent\nA\t农业\tsection", 2),
            ("# 注\ncode\tname\tlevel\tparent\nA\t农业\tsection\t\n01\t\tdivision\tA", 4),
            ("code\tname\tlevel\tparent\nA\t农业\tletter\t", 2),
        ] {
            assert_eq!(rows(text), Err(TableFault::Line { line }), "{text}");
        }
    }
}
