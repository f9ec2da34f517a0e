//! The format of official documents as data (`data/document-format.toml`). Lengths in micrometres, sizes in half points.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Format {
    pub standard: String,
    pub source: String,
    pub derived: Vec<String>,
    pub unconfirmed: Vec<String>,
    pub page: Page,
    pub grid: Grid,
    pub size: Size,
    pub red_head: RedHead,
    pub letter: Letter,
    pub imprint: ImprintRules,
    pub footer: Footer,
    pub signature: Signature,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    pub width: i32,
    pub height: i32,
    pub top: i32,
    pub left: i32,
    pub right: i32,
    pub bottom: i32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grid {
    pub lines: i32,
    pub characters: i32,
    pub line: i32,
    pub character: i32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Size {
    pub body: i32,
    pub title: i32,
    pub imprint: i32,
    pub page_number: i32,
    pub issuer: i32,
    pub table: i32,
    pub annex: i32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedHead {
    pub issuer_top: i32,
    pub rule_gap: i32,
    pub rule: i32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Letter {
    pub issuer_top: i32,
    pub rule_gap: i32,
    pub rule_width: i32,
    pub rule_bottom: i32,
    pub rule_thick: i32,
    pub rule_thin: i32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImprintRules {
    pub rule_thick: i32,
    pub rule_thin: i32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Footer {
    pub below: i32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signature {
    pub indent: i32,
}

/// The format that is shipped.
pub(crate) fn format() -> &'static Format {
    static FORMAT: OnceLock<Format> = OnceLock::new();
    FORMAT.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/document-format.toml"));
        toml::from_str(text).expect("invariant: the shipped format is read by a test")
    })
}

impl Format {
    /// Width of the text in micrometres.
    pub(crate) fn text_width(&self) -> i32 {
        self.page.width - self.page.left - self.page.right
    }
}

/// Micrometres as twentieths of a point, which Word measures in.
pub(crate) fn twips(micrometres: i32) -> i32 {
    (i64::from(micrometres) * 1440 / 25_400).try_into().unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_fills_the_text_area_of_the_standard() {
        let format = format();
        let (page, grid) = (&format.page, &format.grid);
        assert_eq!(format.text_width(), 156_000);
        assert_eq!(page.height - page.top - page.bottom, 225_000);
        assert!((grid.lines * grid.line - 225_000).abs() < 22, "22 lines");
        assert!((grid.characters * grid.character - 156_000).abs() < 28, "28 characters");
        assert_eq!(twips(25_400), 1440);
        assert!(!format.source.is_empty() && !format.unconfirmed.is_empty() && !format.standard.is_empty());
    }
}
