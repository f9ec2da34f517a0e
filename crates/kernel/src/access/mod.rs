//! Who may do what, on which rows.
//!
//! A permission is a constant beside its slice; a role is a named set of permissions, each with a reach.
//! Every query takes a [`Scope`]; no rule means no rows.

mod account;
mod role;

pub use account::{
    Account, Claim, NewAccount, check_password, create_account, find_account, find_login, list_accounts,
};
pub use role::{ROLES, Reach, Role, role};

use crate::id::{AccountId, OrgId, UnitId};
use crate::store::Sql;

/// A right, named `slice.verb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Permission(pub &'static str);

/// Who acts: an account in a role, with its units and organisation.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The account; 0 for the system itself and for the public.
    pub account: AccountId,
    /// Name shown in records.
    pub name: String,
    /// The role acted in.
    pub role: &'static Role,
    /// Units whose rows a unit officer may touch.
    pub units: Vec<UnitId>,
    /// The organisation an enterprise or institution account belongs to.
    pub org: Option<OrgId>,
}

impl Actor {
    /// The platform itself: loads, jobs and commands run by an operator.
    pub fn system(name: &str) -> Self {
        Self { account: AccountId(0), name: name.to_owned(), role: &role::SYSTEM, units: Vec::new(), org: None }
    }

    /// Someone who has not signed in.
    pub fn public() -> Self {
        Self { account: AccountId(0), name: "公众".into(), role: &role::PUBLIC, units: Vec::new(), org: None }
    }

    /// Whether the role holds `permission` at all.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.grants.iter().any(|(p, _)| *p == permission.0)
    }

    /// The rows the actor may touch for `permission`; without a rule, none.
    pub fn scope(&self, permission: Permission) -> Scope {
        let parts: Vec<Scope> = self
            .role
            .grants
            .iter()
            .filter(|(p, _)| *p == permission.0)
            .map(|(_, reach)| match reach {
                Reach::All => Scope::All,
                Reach::Units => Scope::Units(self.units.clone()),
                Reach::Own => self.org.map_or(Scope::Nothing, Scope::Own),
            })
            .collect();
        match parts.len() {
            0 => Scope::Nothing,
            1 => parts.into_iter().next().unwrap_or(Scope::Nothing),
            _ if parts.contains(&Scope::All) => Scope::All,
            _ => Scope::Any(parts),
        }
    }
}

/// A set of rows. It becomes part of every query's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every row.
    All,
    /// Rows of these reporting units.
    Units(Vec<UnitId>),
    /// Rows of this organisation, as subject or as counterparty.
    Own(OrgId),
    /// Rows of any of these.
    Any(Vec<Scope>),
    /// No row.
    Nothing,
}

impl Scope {
    /// Whether rows of a unit may be written within the scope.
    pub fn holds(&self, unit: UnitId) -> bool {
        match self {
            Self::All => true,
            Self::Units(units) => units.contains(&unit),
            Self::Any(parts) => parts.iter().any(|part| part.holds(unit)),
            Self::Own(_) | Self::Nothing => false,
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
        });
    }

    /// Appends the condition on cases whose alias is `c`, whichever side of them an organisation is on: for reading.
    pub fn on_cases(&self, sql: &mut Sql, c: &str) {
        self.on(sql, &|sql, leaf| match leaf {
            Leaf::Units(units) => {
                sql.push(c).push(".unit_id IN ").ints(units.iter().map(|u| u.0));
            }
            Leaf::Own(org) => {
                sql.push("(").push(c).push(".subject_id = ").bind(org);
                sql.push(" OR ").push(c).push(".counterparty_id = ").bind(org).push(")");
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
        });
    }

    /// Whether a case of this unit with this body on a side lies within the scope: the same as [`Scope::on_cases_as`] asks.
    pub fn holds_case(&self, unit: UnitId, body: OrgId) -> bool {
        match self {
            Self::All => true,
            Self::Units(units) => units.contains(&unit),
            Self::Own(org) => *org == body,
            Self::Any(parts) => parts.iter().any(|part| part.holds_case(unit, body)),
            Self::Nothing => false,
        }
    }

    fn on(&self, sql: &mut Sql, leaf: &dyn Fn(&mut Sql, Leaf<'_>)) {
        match self {
            Self::All => {
                sql.push("1 = 1");
            }
            Self::Units(units) if !units.is_empty() => leaf(sql, Leaf::Units(units)),
            Self::Own(org) => leaf(sql, Leaf::Own(*org)),
            Self::Any(parts) if !parts.is_empty() => {
                sql.push("(");
                for (i, part) in parts.iter().enumerate() {
                    if i > 0 {
                        sql.push(" OR ");
                    }
                    part.on(sql, leaf);
                }
                sql.push(")");
            }
            Self::Units(_) | Self::Any(_) | Self::Nothing => {
                sql.push("1 = 0");
            }
        }
    }
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
        assert_eq!(text(&Scope::Nothing), "1 = 0");
        assert_eq!(text(&Scope::Units(vec![])), "1 = 0");
        assert_eq!(text(&Scope::Any(vec![])), "1 = 0");
    }

    #[test]
    fn units_and_own_are_alternatives() {
        let scope = Scope::Any(vec![Scope::Units(vec![UnitId(1), UnitId(2)]), Scope::Own(OrgId(9))]);
        assert_eq!(text(&scope), "(f.unit_id IN (1,2) OR (f.subject_id = $1 OR f.counterparty_id = $2))");
    }
}
