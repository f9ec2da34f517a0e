//! The line of 规模以上, by the edition of the rule in force (`data/above-scale.toml`). Pure.
//!
//! Never decides who is above scale: that is an attribute with its own source.
//! It only says when that attribute and the revenue contradict each other.

use std::sync::OnceLock;

use kernel::value::day::{Day, parse_day};
use kernel::value::industry::{self, Level};
use kernel::value::money::{Fen, MoneyUnit};
use serde::Deserialize;

/// One edition of the rule.
#[derive(Debug)]
pub(super) struct Edition {
    /// Code, shown with every result.
    pub code: String,
    /// Title, for the page.
    pub title: String,
    /// Who says so.
    pub source: String,
    in_force_from: Day,
    in_force_to: Option<Day>,
    /// One line for each group of industries.
    pub lines: Vec<Line>,
}

/// The line of some industries.
#[derive(Debug)]
pub(super) struct Line {
    /// What the rule calls these industries.
    pub industry: String,
    /// Their divisions, two digits each.
    pub divisions: Vec<&'static str>,
    /// Revenue of a year from which on, included, an enterprise is above scale.
    pub revenue: Fen,
}

/// The edition in force on `day`; `None` before the first one shipped.
pub(super) fn in_force_on(day: Day) -> Option<&'static Edition> {
    editions().iter().find(|e| e.in_force_from <= day && e.in_force_to.is_none_or(|last| day <= last))
}

impl Edition {
    /// The line an industry is held to; `None` where the rule says nothing.
    pub(super) fn line_of(&self, industry: &str) -> Option<&Line> {
        let division = industry.get(..2)?;
        self.lines.iter().find(|line| line.divisions.contains(&division))
    }
}

fn editions() -> &'static [Edition] {
    static EMBEDDED: OnceLock<Vec<Edition>> = OnceLock::new();
    EMBEDDED.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/above-scale.toml"));
        parse(text).expect("invariant: the shipped editions are read by a test")
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edition: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: String,
    title: String,
    source: String,
    in_force_from: String,
    in_force_to: Option<String>,
    line: Vec<WrittenLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenLine {
    industry: String,
    sections: Vec<String>,
    revenue_wan: i64,
}

fn parse(text: &str) -> Result<Vec<Edition>, String> {
    let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    file.edition.into_iter().map(edition).collect()
}

fn edition(written: Written) -> Result<Edition, String> {
    let on = |text: &str| parse_day(text).map_err(|e| e.to_string());
    Ok(Edition {
        in_force_from: on(&written.in_force_from)?,
        in_force_to: written.in_force_to.as_deref().map(on).transpose()?,
        lines: written.line.into_iter().map(line).collect::<Result<_, _>>()?,
        code: written.code,
        title: written.title,
        source: written.source,
    })
}

fn line(written: WrittenLine) -> Result<Line, String> {
    let WrittenLine { industry: name, sections, revenue_wan } = written;
    let divisions: Vec<&'static str> = industry::industries()
        .iter()
        .filter(|i| i.level == Level::Division && i.parent.is_some_and(|p| sections.iter().any(|s| s == p)))
        .map(|i| i.code)
        .collect();
    match revenue_wan.checked_mul(MoneyUnit::Wan.fen()) {
        Some(fen) if fen > 0 && !divisions.is_empty() => Ok(Line { industry: name, divisions, revenue: Fen(fen) }),
        _ => Err(format!("“{name}”的规上线有误，应有所属门类和大于 0 的金额")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32) -> Day {
        Day::from_ymd_opt(year, 1, 1).expect("a real day")
    }

    #[test]
    fn the_shipped_line_is_that_of_industry_since_2011() {
        let edition = in_force_on(day(2011)).expect("in force");
        let line = edition.line_of("3130").expect("steel is industry");
        assert_eq!((line.industry.as_str(), line.revenue), ("工业", Fen(2_000_000_000)));
        assert_eq!(line.divisions.len(), 41);
        assert!(![&edition.code, &edition.title, &edition.source].iter().any(|text| text.is_empty()));
        for (industry, covered) in
            [("06", true), ("4610", true), ("47", false), ("5211", false), ("0111", false), ("", false)]
        {
            assert_eq!(edition.line_of(industry).is_some(), covered, "{industry}");
        }
    }

    #[test]
    fn says_nothing_about_days_before_the_first_edition() {
        assert!(in_force_on(day(2010)).is_none());
    }

    #[test]
    fn refuses_a_line_without_industries_or_amount() {
        let file = |sections: &str, wan: i64| {
            format!(
                "[[edition]]\ncode=\"x\"\ntitle=\"t\"\nsource=\"s\"\nin_force_from=\"2011-01-01\"\n\
                 [[edition.line]]\nindustry=\"工业\"\nsections={sections}\nrevenue_wan={wan}\n"
            )
        };
        assert!(parse(&file("[\"C\"]", 2000)).is_ok());
        for text in [file("[\"Y\"]", 2000), file("[\"C\"]", 0), file("[\"C\"]", i64::MAX)] {
            assert!(parse(&text).is_err(), "{text}");
        }
    }
}
