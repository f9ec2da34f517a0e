//! What is paid for an accepted diagnosis: the rule of its plan year (`data/diagnosis-subsidy.toml`), and what it gives.

use std::sync::OnceLock;

use kernel::case::Values;
use kernel::id::OrgId;
use kernel::store::Read;
use kernel::value::day::parse_day;
use kernel::value::money::Fen;
use kernel::{Result, org};
use serde::Deserialize;

use super::{assessment, rules};

/// The rule of plan years from one on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubsidyRule {
    /// The first plan year it holds for.
    from_plan_year: i32,
    /// By what the tiers differ.
    by: Tiers,
    /// Where it comes from.
    source: String,
    /// Whether that was compared with the document.
    confirmed: bool,
    tier: Vec<Tier>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tiers {
    Size,
    Level,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    code: String,
    label: String,
    yuan: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<SubsidyRule>,
}

/// What a rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Granted {
    /// The plan year.
    pub plan_year: i32,
    /// The tier.
    pub tier: String,
    /// The amount.
    pub amount: Fen,
    /// Where the rule comes from, while it is to be confirmed.
    pub unconfirmed: String,
}

impl Granted {
    /// In words.
    pub(super) fn words(&self) -> String {
        let unconfirmed = match self.unconfirmed.is_empty() {
            true => String::new(),
            false => format!("（{}，待确认）", self.unconfirmed),
        };
        format!("{} 年度{} {} 万元{unconfirmed}", self.plan_year, self.tier, self.amount.exact_wan())
    }
}

fn rules_of_years() -> &'static [SubsidyRule] {
    static RULES: OnceLock<Vec<SubsidyRule>> = OnceLock::new();
    RULES.get_or_init(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/diagnosis-subsidy.toml"));
        toml::from_str::<File>(text).expect("invariant: the shipped rules are read by a test").rule
    })
}

/// What the rule of an order's plan year gives; nothing without a rule, or when its tier is not known.
///
/// # Errors
/// As the database says.
pub(super) async fn granted(read: &Read, subject: OrgId, values: &Values) -> Result<Option<Granted>> {
    let Some(year) = rules::plan_year(values) else { return Ok(None) };
    let begun = rules_of_years().iter().filter(|rule| rule.from_plan_year <= year);
    let Some(rule) = begun.max_by_key(|rule| rule.from_plan_year) else { return Ok(None) };
    let code = match rule.by {
        Tiers::Size => {
            let on = values.get("completed_on").and_then(|text| parse_day(text).ok()).unwrap_or(read.today());
            org::dims_on(read, subject, on).await?.size.to_string()
        }
        Tiers::Level => assessment::level_of(read, subject, year).await?,
    };
    Ok(rule.tier.iter().find(|tier| tier.code == code).map(|tier| Granted {
        plan_year: year,
        tier: tier.label.clone(),
        amount: Fen(tier.yuan * 100),
        unconfirmed: if rule.confirmed { String::new() } else { rule.source.clone() },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rules_are_sound() {
        let years: std::collections::BTreeSet<i32> = rules_of_years().iter().map(|rule| rule.from_plan_year).collect();
        assert_eq!(years.len(), rules_of_years().len(), "in a plan year one rule begins");
        for rule in rules_of_years() {
            let codes: std::collections::BTreeSet<&str> = rule.tier.iter().map(|tier| tier.code.as_str()).collect();
            assert_eq!(codes.len(), rule.tier.len(), "{}", rule.from_plan_year);
            assert!(rule.tier.iter().all(|tier| tier.yuan > 0), "{}", rule.from_plan_year);
        }
    }
}
