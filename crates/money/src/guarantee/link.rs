//! Addresses and typed values of the pages of the ledgers.

use kernel::value::day::{Day, parse_day};
use kernel::value::money::{Fen, MoneyUnit};
use kernel::value::rate::Bp;
use kernel::value::thousands;
use kernel::{Error, Faults, Result};

/// The first value of a parameter, trimmed; empty when it is absent.
pub(super) fn asked<'a>(query: &'a [(String, String)], name: &str) -> &'a str {
    query.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
}

/// The number in an address; something else is an address that leads nowhere.
pub(super) fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

/// A path of ours with parameters; empty ones are left out.
pub(super) fn link(path: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<&(&str, &str)> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    match serde_html_form::to_string(&pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

/// An amount in 万元 with grouping, as lists show it.
pub(super) fn wan(fen: Fen) -> String {
    thousands(fen.exact_wan())
}

/// Reads a form field by field; what is wrong stands at its field.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub faults: Faults,
}

impl Typed {
    fn got<T, E: std::fmt::Display>(&mut self, field: &str, read: std::result::Result<T, E>) -> Option<T> {
        read.map_err(|error| self.faults.add(field, error.to_string())).ok()
    }

    /// A day that must be given.
    pub fn day(&mut self, field: &str, typed: &str) -> Option<Day> {
        self.got(field, parse_day(typed))
    }

    /// A day that may be left out.
    pub fn day_or_none(&mut self, field: &str, typed: &str) -> Option<Day> {
        if typed.trim().is_empty() { None } else { self.day(field, typed) }
    }

    /// An amount in 万元 that must be given.
    pub fn wan(&mut self, field: &str, typed: &str) -> Option<Fen> {
        self.got(field, Fen::parse(typed, MoneyUnit::Wan))
    }

    /// An amount in 万元 that may be left out.
    pub fn wan_or_none(&mut self, field: &str, typed: &str) -> Option<Fen> {
        if typed.trim().is_empty() { None } else { self.wan(field, typed) }
    }

    /// A percentage; nothing typed is 0.
    pub fn percent(&mut self, field: &str, typed: &str) -> i64 {
        if typed.trim().is_empty() { 0 } else { self.got(field, Bp::parse_percent(typed)).map_or(0, |bp| bp.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_stands_at_its_field() {
        let mut typed = Typed::default();
        assert_eq!(typed.wan("amount", "12.5"), Some(Fen(12_500_000)));
        assert_eq!((typed.percent("rate", "4.35"), typed.percent("fee", "")), (435, 0));
        assert_eq!((typed.day("on", "2021-02-30"), typed.wan_or_none("cap", "三百")), (None, None));
        assert!(typed.faults.at("on").is_some() && typed.faults.at("cap").is_some() && typed.faults.0.len() == 2);
    }

    #[test]
    fn a_link_leaves_empty_parameters_out() {
        assert_eq!(link("/guarantee", &[("ledger", "bridge"), ("q", "")]), "/guarantee?ledger=bridge");
        assert_eq!(link("/guarantee", &[]), "/guarantee");
    }
}
