//! What can be consented to: parts of the data of an organisation, declared by whoever keeps them.

use crate::ledger::Catalog;

/// A part of the data of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Stable code.
    pub code: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Name of the module whose facts it covers; empty for what is no fact.
    pub facts_of: &'static str,
}

impl Item {
    /// The facts of a module.
    pub const fn facts(module: &'static str, label: &'static str) -> Self {
        Self { code: module, label, facts_of: module }
    }

    /// The kinds of fact it covers, by number.
    pub(super) fn kinds(self, catalog: &Catalog) -> impl Iterator<Item = i64> {
        catalog.kinds().iter().filter(move |kind| kind.module == self.facts_of).map(|kind| kind.id)
    }
}

/// Name, code, industry, unit and marks: part of every consent, since nothing can be read about somebody unnamed.
pub const PROFILE: Item =
    Item { code: "org.profile", label: "基本情况（名称、代码、行业、资质）", facts_of: "" };
/// Yearly figures.
pub const YEARS: Item =
    Item { code: "org.years", label: "年度数据（从业人员、营业收入、资产总额）", facts_of: "" };
/// How to reach it.
pub const CONTACT: Item = Item { code: "org.contact", label: "联系方式", facts_of: "" };

/// What the kernel itself keeps of an organisation.
pub(crate) const OWN: [&Item; 3] = [&PROFILE, &YEARS, &CONTACT];
