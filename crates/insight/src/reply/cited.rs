//! The figures behind the citations of a reply: each asked about its own day, all known at one position.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::access::Scope;
use kernel::id::Position;
use kernel::indicator::{Figure, Indicator, Question, evaluate};
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::{Error, Result};

use super::citation::{CitationDef, City, Rendered, render};

/// A citation with what stands behind it.
pub(super) struct Cited<'c> {
    /// What is cited.
    pub def: &'c CitationDef,
    /// The figures of its indicators, in their order; empty when one is not declared by any module.
    pub figures: Vec<Figure>,
}

impl Cited<'_> {
    /// The citation in words. What cannot be worded as asked is printed exactly, with what is wrong.
    pub(super) fn words(&self, phrase: Option<&str>) -> (Rendered, String) {
        match render(self.def, &self.figures, phrase) {
            Ok(words) => (words, String::new()),
            Err(error) => (self.exactly(), warning(self.def, error)),
        }
    }

    fn exactly(&self) -> Rendered {
        let bare = CitationDef { over: None, floor_phrase: None, printed: None, ..self.def.clone() };
        render(&bare, &self.figures, None).unwrap_or_else(|_| Rendered {
            value: "—".to_owned(),
            exact: "—".to_owned(),
            lead: "",
            number: "—".to_owned(),
            unit: "",
            tail: "",
        })
    }
}

fn warning(def: &CitationDef, error: Error) -> String {
    match error {
        Error::NotFound => format!("引用 {} 的指标（{}）没有模块申明", def.id, def.indicators.join("、")),
        other => other.to_string(),
    }
}

/// All citations of a city's reply, by their number. One question per day.
///
/// # Errors
/// As the database says.
pub(super) async fn cited<'c>(
    read: &Read,
    city: &'c City,
    scope: &Scope,
    known: Position,
) -> Result<BTreeMap<&'c str, Cited<'c>>> {
    let days: BTreeSet<Day> = city.figures.iter().map(|def| def.about).collect();
    let mut found = BTreeMap::new();
    for about in days {
        let defs: Vec<&CitationDef> = city.figures.iter().filter(|def| def.about == about).collect();
        let figures = answers(read, &defs, &Question { about, known, scope }).await?;
        for def in defs {
            let all: Option<Vec<Figure>> =
                def.indicators.iter().map(|code| figures.get(code.as_str()).cloned()).collect();
            found.insert(def.id.as_str(), Cited { def, figures: all.unwrap_or_default() });
        }
    }
    Ok(found)
}

/// The figures of all indicators that some citations of one day name.
async fn answers(read: &Read, defs: &[&CitationDef], q: &Question<'_>) -> Result<HashMap<&'static str, Figure>> {
    let codes: BTreeSet<&str> = defs.iter().flat_map(|def| &def.indicators).map(String::as_str).collect();
    let indicators: Vec<&'static Indicator> =
        codes.into_iter().filter_map(|code| read.catalog().indicator(code)).collect();
    let figures = evaluate(read, &indicators, q).await?;
    Ok(figures.into_iter().map(|figure| (figure.indicator.code, figure)).collect())
}
