//! A definition in words: what is measured, of which facts, over which days.

use kernel::indicator::{Indicator, Measure};
use kernel::ledger::Catalog;
use kernel::org::size_label;
use kernel::value::day::Day;
use serde::Serialize;

/// A definition as pages and programs read it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct Definition {
    /// Stable code.
    pub code: &'static str,
    /// Version of the definition.
    pub version: u32,
    /// What people call it.
    pub name: &'static str,
    /// What exactly is counted.
    pub definition: &'static str,
    /// Unit as printed.
    pub unit: &'static str,
    /// What is measured.
    pub measure: &'static str,
    /// Over which stretch of time.
    pub window: String,
    /// Kinds of fact.
    pub kinds: Vec<&'static str>,
    /// Conditions on facts besides kind and day.
    pub filters: Vec<String>,
    /// Codes of the indicators it is made of.
    pub parts: Vec<&'static str>,
    /// Who answers for it.
    pub owner: &'static str,
    /// What the module is called.
    pub module: &'static str,
}

impl Definition {
    /// The words of an indicator.
    pub(crate) fn of(indicator: &Indicator, catalog: &Catalog) -> Self {
        Self {
            code: indicator.code,
            version: indicator.version,
            name: indicator.name,
            definition: indicator.definition,
            unit: indicator.unit,
            measure: indicator.measure_label(),
            window: window(indicator),
            kinds: kinds(indicator, catalog),
            filters: filters(indicator, catalog),
            parts: indicator.parts(),
            owner: indicator.owner,
            module: catalog.module_label(module(indicator)),
        }
    }

    /// Whether any word of it contains what was typed.
    pub(super) fn matches(&self, typed: &str) -> bool {
        let typed = typed.to_lowercase();
        [self.code, self.name, self.definition, self.owner, self.module]
            .iter()
            .any(|text| text.to_lowercase().contains(&typed))
    }
}

/// The module of an indicator: the first part of its code.
pub(crate) fn module(indicator: &Indicator) -> &'static str {
    indicator.code.split('.').next().unwrap_or(indicator.code)
}

fn window(indicator: &Indicator) -> String {
    match indicator.measure {
        Measure::Ratio(..) | Measure::Total(_) => "见各组成部分".to_owned(),
        Measure::Declared => "申明所注日期".to_owned(),
        _ => indicator.window.label(),
    }
}

/// The days that count for a question about `about`, in words.
pub(super) fn days(indicator: &Indicator, about: Day) -> String {
    match indicator.window.range(about) {
        (Some(from), to) if from > to => format!("所问日期 {about} 在统计期开始（{from}）之前"),
        (Some(from), to) => format!("{from} 至 {to}"),
        (None, to) => format!("截至 {to}"),
    }
}

fn kinds(indicator: &Indicator, catalog: &Catalog) -> Vec<&'static str> {
    let codes = indicator.select().map(|s| s.kinds).unwrap_or_default();
    codes.iter().filter_map(|k| catalog.kind(k)).map(|k| k.decl.label).collect()
}

fn filters(indicator: &Indicator, catalog: &Catalog) -> Vec<String> {
    let Some(select) = indicator.select() else { return Vec::new() };
    let mut words = Vec::new();
    if !select.filters.classes.is_empty() {
        let label =
            |class: &str| select.kinds.iter().filter_map(|k| catalog.kind(k)).map(|k| k.decl.class_label(class)).next();
        let labels: Vec<&str> = select.filters.classes.iter().filter_map(|c| label(c)).collect();
        words.push(format!("分类为{}", labels.join("、")));
    }
    if select.filters.above_scale {
        words.push("发生当日为规模以上".to_owned());
    }
    if !select.filters.sizes.is_empty() {
        let labels: Vec<&str> = select.filters.sizes.iter().map(|size| size_label(*size)).collect();
        words.push(format!("发生当日划型为{}", labels.join("、")));
    }
    words
}
