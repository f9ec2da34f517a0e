//! A definition as data: what an indicator counted on the day its figure was published.
//!
//! It owns every text and filter, so it can be evaluated again after the module has changed or dropped the indicator.
//! Evaluating goes through the one evaluator: a definition is thawed into an [`Indicator`], never read a second way.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Definitions, Display, Indicator, Measure, Of, Window};
use crate::ledger::{Catalog, Filters, Select};
use crate::{Error, Result};

/// An indicator's whole definition, with those it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Code of the indicator.
    pub code: String,
    /// Version of the definition.
    pub version: u32,
    /// What people called it.
    pub name: String,
    /// What exactly was counted, in a sentence.
    pub definition: String,
    /// Unit as printed.
    pub unit: String,
    /// Who answered for it.
    pub owner: String,
    /// What was measured.
    pub measure: Counted,
    /// Over which days.
    pub window: Window,
    /// How it was printed.
    pub display: Display,
    /// The indicators it is made of; for a target the one it is set for.
    pub parts: Vec<Definition>,
}

/// What was measured; the indicators behind a ratio, total or target stand in [`Definition::parts`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counted {
    /// Facts in effect.
    Count(Selected),
    /// Sum of quantities.
    Quantity(Selected),
    /// Sum of amounts.
    Amount(Selected),
    /// Different subjects, classes, units or counterparties.
    Distinct(Selected, Of),
    /// Day of the first fact.
    FirstDay(Selected),
    /// Whole months since the first fact.
    MonthsSince(Selected),
    /// Calendar months begun.
    MonthsElapsed,
    /// First part divided by the second.
    Ratio,
    /// All parts added up.
    Total,
    /// The target set for the part.
    Target,
    /// A figure from outside.
    Declared,
}

/// Which facts counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selected {
    /// Kinds of fact.
    pub kinds: Vec<String>,
    /// Classes; empty means any.
    pub classes: Vec<String>,
    /// Only subjects above designated size on the day.
    pub above_scale: bool,
    /// Size classes; empty means any.
    pub sizes: Vec<i64>,
}

/// A definition that can be evaluated.
#[derive(Debug, Clone)]
pub struct Thawed {
    /// The indicator itself.
    pub indicator: &'static Indicator,
    /// It and all it is made of.
    pub all: Vec<&'static Indicator>,
}

impl Thawed {
    /// Where its parts are looked up.
    pub(crate) fn definitions(&self) -> Definitions<'_> {
        Definitions::Frozen(&self.all)
    }

    /// The indicators that look at rows themselves, each once, in their order.
    pub fn leaves(&self) -> Vec<&'static Indicator> {
        leaves(self.indicator, self.definitions())
    }
}

/// The indicators that look at rows themselves behind one, each once, in their order.
pub(crate) fn leaves(indicator: &'static Indicator, definitions: Definitions<'_>) -> Vec<&'static Indicator> {
    let mut found: Vec<&'static Indicator> = Vec::new();
    let parts = indicator.parts();
    if parts.is_empty() {
        found.push(indicator);
    }
    for leaf in parts.iter().filter_map(|code| definitions.find(code)).flat_map(|part| leaves(part, definitions)) {
        if !found.iter().any(|l| l.code == leaf.code) {
            found.push(leaf);
        }
    }
    found
}

impl Selected {
    fn of(select: &Select) -> Self {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        Self {
            kinds: texts(select.kinds),
            classes: texts(select.filters.classes),
            above_scale: select.filters.above_scale,
            sizes: select.filters.sizes.to_vec(),
        }
    }

    fn thaw(&self) -> Select {
        Select {
            kinds: forever(&self.kinds),
            filters: Filters {
                classes: forever(&self.classes),
                above_scale: self.above_scale,
                sizes: Vec::leak(self.sizes.clone()),
            },
        }
    }
}

fn forever(texts: &[String]) -> &'static [&'static str] {
    Vec::leak(texts.iter().map(|text| &*String::leak(text.clone())).collect())
}

impl Definition {
    /// Writes down what an indicator counts today.
    ///
    /// # Errors
    /// [`Error::NotFound`] when a part is not declared, which is refused at start.
    pub fn of(indicator: &Indicator, catalog: &Catalog) -> Result<Self> {
        let mut parts = Vec::new();
        let behind = match indicator.measure {
            Measure::Target(of) => vec![of],
            _ => indicator.parts(),
        };
        for code in behind {
            parts.push(Self::of(catalog.indicator(code).ok_or(Error::NotFound)?, catalog)?);
        }
        Ok(Self {
            code: indicator.code.to_owned(),
            version: indicator.version,
            name: indicator.name.to_owned(),
            definition: indicator.definition.to_owned(),
            unit: indicator.unit.to_owned(),
            owner: indicator.owner.to_owned(),
            measure: counted(&indicator.measure),
            window: indicator.window,
            display: indicator.display,
            parts,
        })
    }

    /// Whether two definitions count the same: version, measure, filters, window, and those of all parts.
    pub fn counts_as(&self, other: &Self) -> bool {
        self.version == other.version
            && self.measure == other.measure
            && self.window == other.window
            && self.parts.len() == other.parts.len()
            && self.parts.iter().zip(&other.parts).all(|(a, b)| a.code == b.code && a.counts_as(b))
    }

    /// The kinds of fact behind it, each once.
    pub fn kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> =
            self.selected().map(|s| s.kinds.iter().map(String::as_str)).into_iter().flatten().collect();
        if self.measure != Counted::Target {
            kinds.extend(self.parts.iter().flat_map(Self::kinds));
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The facts it looks at itself.
    pub fn selected(&self) -> Option<&Selected> {
        match &self.measure {
            Counted::Count(s)
            | Counted::Quantity(s)
            | Counted::Amount(s)
            | Counted::Distinct(s, _)
            | Counted::FirstDay(s)
            | Counted::MonthsSince(s) => Some(s),
            _ => None,
        }
    }

    /// The definition as something the evaluator takes.
    ///
    /// Every different definition is kept once for the life of the program: there are as many as were ever published.
    ///
    /// # Errors
    /// [`Error::Internal`] when it cannot be written as text.
    pub fn thaw(&self) -> Result<Thawed> {
        static KEPT: OnceLock<Mutex<HashMap<String, &'static Indicator>>> = OnceLock::new();
        let mut all = Vec::new();
        for part in &self.parts {
            all.extend(part.thaw()?.all);
        }
        let text = serde_json::to_string(self).map_err(|e| Error::Internal(e.to_string()))?;
        // A thread that panicked while it held the table has at worst not added its entry.
        let mut kept = KEPT.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        let indicator = *kept.entry(text).or_insert_with(|| Box::leak(Box::new(self.indicator())));
        all.insert(0, indicator);
        Ok(Thawed { indicator, all })
    }

    fn indicator(&self) -> Indicator {
        let text = |text: &str| &*String::leak(text.to_owned());
        Indicator {
            code: text(&self.code),
            version: self.version,
            name: text(&self.name),
            definition: text(&self.definition),
            unit: text(&self.unit),
            measure: self.measured(),
            window: self.window,
            owner: text(&self.owner),
            display: self.display,
        }
    }

    fn measured(&self) -> Measure {
        let codes: Vec<String> = self.parts.iter().map(|p| p.code.clone()).collect();
        let part = |at: usize| forever(&codes).get(at).copied().unwrap_or_default();
        match &self.measure {
            Counted::Count(s) => Measure::Count(s.thaw()),
            Counted::Quantity(s) => Measure::Quantity(s.thaw()),
            Counted::Amount(s) => Measure::Amount(s.thaw()),
            Counted::Distinct(s, of) => Measure::Distinct(s.thaw(), *of),
            Counted::FirstDay(s) => Measure::FirstDay(s.thaw()),
            Counted::MonthsSince(s) => Measure::MonthsSince(s.thaw()),
            Counted::MonthsElapsed => Measure::MonthsElapsed,
            Counted::Ratio => Measure::Ratio(part(0), part(1)),
            Counted::Total => Measure::Total(forever(&codes)),
            Counted::Target => Measure::Target(part(0)),
            Counted::Declared => Measure::Declared,
        }
    }
}

fn counted(measure: &Measure) -> Counted {
    match measure {
        Measure::Count(s) => Counted::Count(Selected::of(s)),
        Measure::Quantity(s) => Counted::Quantity(Selected::of(s)),
        Measure::Amount(s) => Counted::Amount(Selected::of(s)),
        Measure::Distinct(s, of) => Counted::Distinct(Selected::of(s), *of),
        Measure::FirstDay(s) => Counted::FirstDay(Selected::of(s)),
        Measure::MonthsSince(s) => Counted::MonthsSince(Selected::of(s)),
        Measure::MonthsElapsed => Counted::MonthsElapsed,
        Measure::Ratio(..) => Counted::Ratio,
        Measure::Total(_) => Counted::Total,
        Measure::Target(_) => Counted::Target,
        Measure::Declared => Counted::Declared,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indicator() -> Definition {
        Definition {
            code: "a.b".into(),
            version: 2,
            name: "甲".into(),
            definition: "数甲。".into(),
            unit: "家".into(),
            owner: "某科".into(),
            measure: Counted::Distinct(
                Selected { kinds: vec!["a.done".into()], classes: vec!["x".into()], above_scale: true, sizes: vec![1] },
                Of::Subject,
            ),
            window: Window::Plan(2021, 2023),
            display: Display::WHOLE,
            parts: Vec::new(),
        }
    }

    #[test]
    fn a_definition_thaws_to_what_was_frozen_and_is_kept_once() {
        let frozen = indicator();
        let thawed = frozen.thaw().expect("thaws");
        assert_eq!(Definition::of(thawed.indicator, &Catalog::default()).expect("freezes"), frozen);
        assert!(std::ptr::eq(thawed.indicator, frozen.thaw().expect("thaws").indicator));
    }

    #[test]
    fn a_new_sentence_counts_the_same_and_a_new_filter_does_not() {
        let frozen = indicator();
        assert!(frozen.counts_as(&Definition { definition: "另一句。".into(), ..frozen.clone() }));
        assert!(!frozen.counts_as(&Definition { window: Window::YearToDate, ..frozen.clone() }));
        assert!(!frozen.counts_as(&Definition { version: 3, ..frozen.clone() }));
    }
}
