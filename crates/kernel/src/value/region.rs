//! Administrative divisions by GB/T 2260: the part of the table the platform needs, from
//! `data/regions.tsv`.
//!
//! A division is not a reporting unit (填报单元): a development zone reports but has no code here.

use serde::Serialize;
use std::sync::OnceLock;

/// One administrative division.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Region {
    /// Six-digit code of GB/T 2260.
    pub code: &'static str,
    /// Chinese name.
    pub name: &'static str,
    /// Whether the standard does not assign this code and only demonstration data may use it.
    pub demonstration: bool,
}

/// Every division known, in the order of the file: province, city, its counties.
pub fn regions() -> &'static [Region] {
    static EMBEDDED: OnceLock<Vec<Region>> = OnceLock::new();
    EMBEDDED.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/regions.tsv"));
        text.lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(region).collect()
    })
}

/// The division with this six-digit code.
pub fn find(code: &str) -> Option<&'static Region> {
    regions().iter().find(|region| region.code == code)
}

/// The name of the division with this six-digit code.
pub fn name(code: &str) -> Option<&'static str> {
    find(code).map(|region| region.name)
}

/// One line of the file; `None` for a line that is not `code, name, status`. A test counts them.
fn region(line: &'static str) -> Option<Region> {
    let mut cells = line.split('\t');
    let (code, name, status) = (cells.next()?, cells.next()?, cells.next()?);
    Some(Region { code, name, demonstration: status == "demonstration" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_huangshi_and_its_counties() {
        for (code, expected) in [
            ("420000", "湖北省"),
            ("420200", "黄石市"),
            ("420202", "黄石港区"),
            ("420203", "西塞山区"),
            ("420204", "下陆区"),
            ("420205", "铁山区"),
            ("420222", "阳新县"),
            ("420281", "大冶市"),
        ] {
            assert_eq!(name(code), Some(expected), "{code}");
            assert!(find(code).is_some_and(|region| !region.demonstration));
        }
        assert_eq!(find("420100"), None);
        assert_eq!(name(""), None);
    }

    #[test]
    fn only_the_unassigned_code_is_for_demonstration() {
        let marked: Vec<_> = regions().iter().filter(|region| region.demonstration).collect();
        assert_eq!(marked.iter().map(|region| region.code).collect::<Vec<_>>(), ["420299"]);
    }

    #[test]
    fn the_file_is_well_formed() {
        let codes: Vec<_> = regions().iter().map(|region| region.code).collect();
        assert_eq!(codes.len(), 9);
        assert!(codes.is_sorted_by(|a, b| a < b), "sorted, no duplicate");
        assert!(codes.iter().all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())));
    }
}
