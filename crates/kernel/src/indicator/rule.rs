//! Reconciliation rules (勾稽规则): what figures must keep with each other, declared beside the indicators.

use super::{Indicator, Measure};
use crate::Faults;
use crate::ledger::Catalog;

/// A rule between figures that are asked about the same day and known at the same position.
#[derive(Debug)]
pub struct Rule {
    /// Stable code, `module.name`.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What must hold, in a sentence.
    pub statement: &'static str,
    /// What is compared.
    pub check: Check,
}

/// What a rule compares.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// The parts add up to the whole.
    Parts {
        /// The whole.
        whole: &'static str,
        /// Its parts.
        parts: &'static [&'static str],
    },
    /// A funnel: none is larger than the one before it.
    Falls(&'static [&'static str]),
    /// Every subject of the inner is a subject of the outer.
    Subset {
        /// The smaller.
        inner: &'static str,
        /// The larger.
        outer: &'static str,
    },
    /// A stock grows by no more than what flowed in during the window of the flow.
    Stock {
        /// The stock.
        stock: &'static str,
        /// What flows in.
        inflow: &'static str,
    },
    /// Two figures that say the same say the same number.
    Equal {
        /// One.
        left: &'static str,
        /// The other.
        right: &'static str,
    },
    /// Each subject stands once: as many facts in effect as subjects.
    Once(&'static str),
}

impl Check {
    /// The indicators compared, in their order.
    pub fn indicators(&self) -> Vec<&'static str> {
        match *self {
            Self::Parts { whole, parts } => parts.iter().copied().chain([whole]).collect(),
            Self::Falls(codes) => codes.to_vec(),
            Self::Subset { inner, outer } => vec![inner, outer],
            Self::Stock { stock, inflow } => vec![stock, inflow],
            Self::Equal { left, right } => vec![left, right],
            Self::Once(code) => vec![code],
        }
    }

    /// What kind of rule it is, in words.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Parts { .. } => "分项之和等于总数",
            Self::Falls(_) => "逐级不增",
            Self::Subset { .. } => "包含",
            Self::Stock { .. } => "存量与流量",
            Self::Equal { .. } => "两处相等",
            Self::Once(_) => "只计一次",
        }
    }
}

/// Adds a fault for everything a rule gets wrong.
pub(crate) fn check(rule: &Rule, catalog: &Catalog, faults: &mut Faults) {
    if rule.name.is_empty() || rule.statement.is_empty() {
        faults.add(rule.code, "缺少名称或规则说明");
    }
    let codes = rule.check.indicators();
    for code in codes.iter().filter(|code| catalog.indicator(code).is_none()) {
        faults.add(rule.code, format!("未知的指标“{code}”"));
    }
    let looks_at_facts = |code: &str| catalog.indicator(code).is_some_and(|i| i.select().is_some());
    let by_rows = matches!(rule.check, Check::Subset { .. } | Check::Once(_));
    if by_rows && !codes.iter().all(|code| looks_at_facts(code)) {
        faults.add(rule.code, "按主体核对的规则只能用直接统计事实的指标");
    }
    let money = |i: &Indicator| matches!(i.measure, Measure::Amount(_));
    if let Check::Stock { stock, inflow } = rule.check
        && let (Some(stock), Some(inflow)) = (catalog.indicator(stock), catalog.indicator(inflow))
        && money(stock) != money(inflow)
    {
        faults.add(rule.code, "存量与流量应同为金额或同为数量");
    }
}
