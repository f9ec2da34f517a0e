//! The rows an actor may touch. A scope becomes part of every query's condition; without a rule it holds no rows.

use crate::consent;
use crate::id::{OrgId, UnitId};
use crate::store::Sql;
use crate::value::day::Day;

/// A set of rows. It becomes part of every query's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every row.
    All,
    /// Rows of these reporting units.
    Units(Vec<UnitId>),
    /// Rows of this organisation, as subject or as counterparty.
    Own(OrgId),
    /// Rows whose industry lies in one of these divisions of GB/T 4754 (two digits).
    Industry(Vec<String>),
    /// Rows of organisations whose consent this one holds on this day: what is read is the database's state of the moment.
    Consented(OrgId, Day),
    /// Rows of any of these.
    Any(Vec<Scope>),
    /// Rows that lie in every one of these.
    Every(Vec<Scope>),
    /// No row.
    Nothing,
}

impl Scope {
    /// What any of these holds.
    pub fn any(mut parts: Vec<Self>) -> Self {
        parts.retain(|part| *part != Self::Nothing);
        match parts.len() {
            0 => Self::Nothing,
            1 => parts.pop().unwrap_or(Self::Nothing),
            _ if parts.contains(&Self::All) => Self::All,
            _ => Self::Any(parts),
        }
    }

    /// What all of these hold; without a part, nothing.
    pub fn every(mut parts: Vec<Self>) -> Self {
        if parts.is_empty() || parts.contains(&Self::Nothing) {
            return Self::Nothing;
        }
        parts.retain(|part| *part != Self::All);
        match parts.len() {
            0 => Self::All,
            1 => parts.pop().unwrap_or(Self::Nothing),
            _ => Self::Every(parts),
        }
    }

    /// Whether any row of a unit may be written within the scope.
    pub fn holds(&self, unit: UnitId) -> bool {
        match self {
            Self::All => true,
            Self::Units(units) => units.contains(&unit),
            Self::Any(parts) => parts.iter().any(|part| part.holds(unit)),
            Self::Every(_) | Self::Industry(_) | Self::Own(_) | Self::Consented(..) | Self::Nothing => false,
        }
    }

    /// Whose consents it looks at, and on which day; nothing when it looks at none.
    pub fn consented(&self) -> Option<(OrgId, Day)> {
        match self {
            Self::Consented(recipient, on) => Some((*recipient, *on)),
            Self::Any(parts) | Self::Every(parts) => parts.iter().find_map(Self::consented),
            _ => None,
        }
    }

    /// What it would hold if nobody had consented to anything.
    #[must_use]
    pub fn without_consent(&self) -> Self {
        match self {
            Self::Consented(..) => Self::Nothing,
            Self::Any(parts) => Self::any(parts.iter().map(Self::without_consent).collect()),
            Self::Every(parts) => Self::every(parts.iter().map(Self::without_consent).collect()),
            other => other.clone(),
        }
    }

    /// Appends the condition on facts whose alias is `f`.
    pub fn on_facts(&self, sql: &mut Sql, f: &str) {
        self.on(sql, &|sql, leaf| match leaf {
            Leaf::Units(units) => {
                sql.push(f).push(".unit_id IN ").ints(units.iter().map(|u| u.0));
            }
            Leaf::Own(org) => {
                sql.push("(").push(f).push(".subject_id = ").bind(org);
                sql.push(" OR ").push(f).push(".counterparty_id = ").bind(org).push(")");
            }
            Leaf::Industry(divisions) => industry(sql, f, divisions),
            Leaf::Consented(recipient, on) => {
                sql.push(
                    "EXISTS (SELECT 1 FROM consent c JOIN consent_kind k ON k.consent_id = c.id WHERE c.subject_id = ",
                );
                sql.push(f).push(".subject_id AND k.kind = ").push(f).push(".kind AND ");
                consent::live(sql, recipient, on);
                sql.push(")");
            }
        });
    }

    /// Appends the condition on organisations whose alias is `o`.
    pub fn on_orgs(&self, sql: &mut Sql, o: &str) {
        self.on(sql, &|sql, leaf| match leaf {
            Leaf::Units(units) => {
                sql.push(o).push(".unit_id IN ").ints(units.iter().map(|u| u.0));
            }
            Leaf::Own(org) => {
                sql.push(o).push(".id = ").bind(org);
            }
            Leaf::Industry(divisions) => industry(sql, o, divisions),
            Leaf::Consented(recipient, on) => {
                sql.push(o).push(".id IN (SELECT c.subject_id FROM consent c WHERE ");
                consent::live(sql, recipient, on);
                sql.push(")");
            }
        });
    }

    /// Appends the condition on cases whose alias is `c`, whichever side of them an organisation is on: for reading.
    /// A case has no industry of its own, and nobody consents to the office's proceedings: such scopes hold none.
    pub fn on_cases(&self, sql: &mut Sql, c: &str) {
        self.on(sql, &|sql, leaf| match leaf {
            Leaf::Units(units) => {
                sql.push(c).push(".unit_id IN ").ints(units.iter().map(|u| u.0));
            }
            Leaf::Own(org) => {
                sql.push("(").push(c).push(".subject_id = ").bind(org);
                sql.push(" OR ").push(c).push(".counterparty_id = ").bind(org).push(")");
            }
            Leaf::Industry(_) | Leaf::Consented(..) => {
                sql.push("1 = 0");
            }
        });
    }

    /// Appends the condition on rows of a module's own table whose alias is `t`: their `unit_id`, and any of these columns
    /// that name an organisation whose own rows they are. Such rows have no industry of their own: an industry scope holds
    /// none.
    pub fn on_parties(&self, sql: &mut Sql, t: &str, parties: &[&str]) {
        self.on(sql, &|sql, leaf| match leaf {
            Leaf::Units(units) => {
                sql.push(t).push(".unit_id IN ").ints(units.iter().map(|u| u.0));
            }
            Leaf::Own(org) => {
                for (i, party) in parties.iter().enumerate() {
                    sql.push(if i == 0 { "(" } else { " OR " }).push(t).push(".").push(party).push(" = ").bind(org);
                }
                sql.push(if parties.is_empty() { "1 = 0" } else { ")" });
            }
            Leaf::Industry(_) | Leaf::Consented(..) => {
                sql.push("1 = 0");
            }
        });
    }

    /// As [`Scope::on_cases`] with an organisation on this side: for what waits for it.
    pub fn on_cases_as(&self, sql: &mut Sql, c: &str, side: Side) {
        self.on(sql, &|sql, leaf| match leaf {
            Leaf::Units(units) => {
                sql.push(c).push(".unit_id IN ").ints(units.iter().map(|u| u.0));
            }
            Leaf::Own(org) => {
                sql.push(c).push(side.column()).push(" = ").bind(org);
            }
            Leaf::Industry(_) | Leaf::Consented(..) => {
                sql.push("1 = 0");
            }
        });
    }

    /// Whether a case of this unit with this body on a side lies within the scope: the same as [`Scope::on_cases_as`]
    /// asks.
    pub fn holds_case(&self, unit: UnitId, body: OrgId) -> bool {
        match self {
            Self::All => true,
            Self::Units(units) => units.contains(&unit),
            Self::Own(org) => *org == body,
            Self::Any(parts) => parts.iter().any(|part| part.holds_case(unit, body)),
            Self::Every(parts) => !parts.is_empty() && parts.iter().all(|part| part.holds_case(unit, body)),
            Self::Industry(_) | Self::Consented(..) | Self::Nothing => false,
        }
    }

    fn on(&self, sql: &mut Sql, leaf: &dyn Fn(&mut Sql, Leaf<'_>)) {
        match self {
            Self::All => {
                sql.push("1 = 1");
            }
            Self::Units(units) if !units.is_empty() => leaf(sql, Leaf::Units(units)),
            Self::Own(org) => leaf(sql, Leaf::Own(*org)),
            Self::Consented(recipient, on) => leaf(sql, Leaf::Consented(*recipient, *on)),
            Self::Industry(divisions) if !divisions.is_empty() => leaf(sql, Leaf::Industry(divisions)),
            Self::Any(parts) if !parts.is_empty() => joined(parts, " OR ", sql, leaf),
            Self::Every(parts) if !parts.is_empty() => joined(parts, " AND ", sql, leaf),
            Self::Units(_) | Self::Industry(_) | Self::Any(_) | Self::Every(_) | Self::Nothing => {
                sql.push("1 = 0");
            }
        }
    }
}

fn joined(parts: &[Scope], word: &str, sql: &mut Sql, leaf: &dyn Fn(&mut Sql, Leaf<'_>)) {
    sql.push("(");
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            sql.push(word);
        }
        part.on(sql, leaf);
    }
    sql.push(")");
}

/// The sign that keeps a planner off an index (`+f`) stands before a column only; a function needs none.
fn industry(sql: &mut Sql, alias: &str, divisions: &[String]) {
    sql.push("substr(").push(alias.trim_start_matches('+')).push(".industry, 1, 2) IN ");
    sql.binds(divisions.iter().map(String::as_str));
}

/// The side of a case an organisation is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It is about it.
    Subject,
    /// It was chosen to act in it.
    Counterparty,
}

impl Side {
    fn column(self) -> &'static str {
        match self {
            Self::Subject => ".subject_id",
            Self::Counterparty => ".counterparty_id",
        }
    }
}

enum Leaf<'a> {
    Units(&'a [UnitId]),
    Own(OrgId),
    Industry(&'a [String]),
    Consented(OrgId, Day),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(scope: &Scope) -> String {
        let mut sql = Sql::default();
        scope.on_facts(&mut sql, "f");
        sql.text()
    }

    #[test]
    fn no_rule_means_no_rows() {
        let none = || vec![];
        for scope in
            [Scope::Nothing, Scope::Units(vec![]), Scope::Industry(vec![]), Scope::Any(none()), Scope::Every(none())]
        {
            assert_eq!(text(&scope), "1 = 0");
        }
        assert_eq!((Scope::any(vec![]), Scope::every(vec![])), (Scope::Nothing, Scope::Nothing));
        assert_eq!(Scope::every(vec![Scope::All, Scope::Nothing]), Scope::Nothing);
    }

    #[test]
    fn units_and_own_are_alternatives() {
        let scope = Scope::Any(vec![Scope::Units(vec![UnitId(1), UnitId(2)]), Scope::Own(OrgId(9))]);
        assert_eq!(text(&scope), "(f.unit_id IN (1,2) OR (f.subject_id = $1 OR f.counterparty_id = $2))");
    }

    #[test]
    fn parts_of_one_rule_hold_all_at_once() {
        let line = Scope::Industry(vec!["34".into(), "35".into()]);
        let scope = Scope::every(vec![Scope::Units(vec![UnitId(1)]), line, Scope::All]);
        assert_eq!(text(&scope), "(f.unit_id IN (1) AND substr(f.industry, 1, 2) IN ($1,$2))");
        assert!(!scope.holds(UnitId(1)), "only a part of the unit is in it, so nothing is written for all of it");
    }
}
