//! What a list of facts is narrowed by: as typed, and as the ledger understands it.

use kernel::access::Scope;
use kernel::id::Position;
use kernel::ledger::browse::Query;
use kernel::org;
use kernel::store::Read;
use kernel::value::day::{Day, parse_day};
use kernel::value::text::compact;
use kernel::{Error, Faults, Result};

use crate::link::{self, Link};

/// What was typed into the filters.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    /// Code of a kind.
    pub kind: String,
    /// Number of a unit.
    pub unit: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Code of a subject.
    pub q: String,
    /// The position the page before ended at.
    pub before: String,
}

impl Typed {
    /// Reads an address.
    pub(super) fn of(query: &link::Query) -> Self {
        let text = |name: &str| link::asked(query, name).to_owned();
        Self {
            kind: text("kind"),
            unit: text("unit"),
            from: text("from"),
            to: text("to"),
            q: text("q"),
            before: text("before"),
        }
    }

    /// Whether anything narrows the list.
    pub(super) fn is_empty(&self) -> bool {
        [&self.kind, &self.unit, &self.from, &self.to, &self.q].iter().all(|text| text.is_empty())
    }

    /// The list with these filters, from its beginning.
    pub(super) fn link(&self) -> Link {
        let pairs =
            [("kind", &self.kind), ("unit", &self.unit), ("from", &self.from), ("to", &self.to), ("q", &self.q)];
        pairs.into_iter().fold(Link::to("/ledger"), |link, (name, value)| link.with(name, value))
    }

    /// What the ledger is asked.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every filter that is wrong.
    pub(super) async fn query(&self, read: &Read, scope: &Scope, known: Position) -> Result<Query> {
        let mut faults = Faults::new();
        let mut query = Query { known: Some(known), ..Query::default() };
        if !self.kind.is_empty() {
            if read.catalog().kind(&self.kind).is_none() {
                faults.add("kind", format!("没有“{}”这种事实", self.kind));
            }
            query.kind = Some(self.kind.clone());
        }
        query.unit = parsed(&self.unit, "unit", "填报单元编号应为数字", &mut faults);
        query.before = parsed(&self.before, "before", "翻页位置应为序号", &mut faults);
        query.from = day(&self.from, "from", &mut faults);
        query.to = day(&self.to, "to", &mut faults);
        if matches!((query.from, query.to), (Some(from), Some(to)) if from > to) {
            faults.add("to", "止日早于起日");
        }
        if !self.q.is_empty() {
            match org::find_by_code(read, scope, &compact(&self.q).to_uppercase()).await {
                Ok(found) => query.subject = Some(found.id),
                Err(Error::NotFound) => {
                    faults.add("q", format!("没有代码为“{}”的主体，请核对；名称请到企业库查找", self.q))
                }
                Err(other) => return Err(other),
            }
        }
        faults.or(query)
    }
}

fn parsed<T: std::str::FromStr>(typed: &str, field: &str, message: &str, faults: &mut Faults) -> Option<T> {
    if typed.is_empty() {
        return None;
    }
    let parsed = typed.parse().ok();
    if parsed.is_none() {
        faults.add(field, format!("{message}，填的是“{typed}”"));
    }
    parsed
}

fn day(typed: &str, field: &str, faults: &mut Faults) -> Option<Day> {
    if typed.is_empty() {
        return None;
    }
    parse_day(typed).map_err(|error| faults.add(field, error.to_string())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_stay_in_the_link_and_the_cursor_does_not() {
        let query: Vec<(String, String)> =
            [("kind", "project.completed"), ("unit", ""), ("before", "9"), ("q", " X1 ")]
                .map(|(n, v)| (n.into(), v.into()))
                .into();
        let typed = Typed::of(&query);
        assert_eq!(typed.link().to_string(), "/ledger?kind=project.completed&q=X1");
        assert!(!typed.is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let mut faults = Faults::new();
        assert_eq!(parsed::<i64>("abc", "unit", "应为数字", &mut faults), None);
        assert_eq!(day("2021-02-30", "from", &mut faults), None);
        assert_eq!(parsed::<i64>("", "before", "应为数字", &mut faults), None);
        assert!(faults.at("unit").is_some() && faults.at("from").is_some() && faults.at("before").is_none());
    }
}
