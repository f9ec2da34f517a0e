//! What the log is narrowed by: as typed, and as the kernel understands it.

use kernel::audit::Query;
use kernel::id::{OrgId, UnitId};
use kernel::value::day::{Day, parse_day};
use kernel::{Faults, Result};

use crate::link::{self, Link};

/// Names of the filters, in their order.
const NAMES: [&str; 9] = ["person", "verb", "object", "object_id", "org", "unit", "from", "to", "result"];

/// What was typed into the filters.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    values: Vec<(&'static str, String)>,
    before: String,
}

impl Typed {
    /// Reads an address.
    pub(super) fn of(query: &link::Query) -> Self {
        let values = NAMES.map(|name| (name, link::asked(query, name).to_owned())).to_vec();
        Self { values, before: link::asked(query, "before").to_owned() }
    }

    /// What was typed into one.
    pub(super) fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }

    /// Whether this value is chosen.
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.value(name) == value
    }

    /// Whether anything narrows the log.
    pub(super) fn is_empty(&self) -> bool {
        self.values.iter().all(|(_, value)| value.is_empty())
    }

    /// Whether this is the first page.
    pub(super) fn is_first(&self) -> bool {
        self.before.is_empty()
    }

    /// An address with these filters, from the beginning.
    pub(super) fn link(&self, path: &str) -> Link {
        self.values.iter().fold(Link::to(path), |link, (name, value)| link.with(name, value))
    }

    /// The filters in words, for the note that the log was taken away.
    pub(super) fn words(&self) -> String {
        let said = self.values.iter().filter(|(_, value)| !value.is_empty());
        said.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    /// What the log is asked.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] with every filter that is wrong.
    pub(super) fn query(&self, limit: i64) -> Result<Query> {
        let mut faults = Faults::new();
        let query = Query {
            person: self.value("person").to_owned(),
            verb: self.value("verb").to_owned(),
            object: self.value("object").to_owned(),
            object_id: self.number("object_id", &mut faults),
            org: self.number("org", &mut faults).map(OrgId),
            unit: self.number("unit", &mut faults).map(UnitId),
            from: self.day("from", &mut faults),
            to: self.day("to", &mut faults),
            refused: match self.value("result") {
                "refused" => Some(true),
                "done" => Some(false),
                _ => None,
            },
            before: number(&self.before, "before", &mut faults),
            limit,
        };
        if matches!((query.from, query.to), (Some(from), Some(to)) if from > to) {
            faults.add("to", "止日早于起日");
        }
        faults.or(query)
    }

    fn number(&self, name: &str, faults: &mut Faults) -> Option<i64> {
        number(self.value(name), name, faults)
    }

    fn day(&self, name: &str, faults: &mut Faults) -> Option<Day> {
        let typed = self.value(name);
        if typed.is_empty() {
            return None;
        }
        parse_day(typed).map_err(|error| faults.add(name, error.to_string())).ok()
    }
}

fn number(typed: &str, name: &str, faults: &mut Faults) -> Option<i64> {
    if typed.is_empty() {
        return None;
    }
    typed.parse().map_err(|_| faults.add(name, format!("编号应为数字，填的是“{typed}”"))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_at_its_field_and_the_rest_is_kept() {
        let query: Vec<(String, String)> =
            [("person", " 王 "), ("org", "x"), ("from", "2021-02-30"), ("result", "refused"), ("before", "7")]
                .map(|(n, v)| (n.into(), v.into()))
                .into();
        let typed = Typed::of(&query);
        let Err(kernel::Error::Invalid(faults)) = typed.query(50) else { panic!("two filters are wrong") };
        assert!(faults.at("org").is_some() && faults.at("from").is_some() && faults.at("before").is_none());
        assert_eq!(typed.link("/audit").to_string(), "/audit?person=%E7%8E%8B&org=x&from=2021-02-30&result=refused");
        assert!(!typed.is_first() && !typed.is_empty());
    }
}
