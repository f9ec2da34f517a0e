//! Roles: named sets of permissions, each with the rows it reaches. What a database starts with is `data/roles.toml`.
//!
//! Inside one grant the reaches hold all at once; grants beside each other, and roles beside each other, are
//! alternatives.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::{Permission, Scope};
use crate::id::{OrgId, UnitId};
use crate::{Error, Result};

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Everything.
    All,
    /// The actor's reporting units.
    Units,
    /// The actor's own organisation.
    Own,
    /// The actor's industry divisions.
    Industry,
}

impl Reach {
    /// Every reach with its stable code and what it is called.
    pub const EACH: [(Self, &'static str, &'static str); 4] = [
        (Self::All, "all", "全部"),
        (Self::Units, "units", "本填报单元"),
        (Self::Own, "own", "本单位"),
        (Self::Industry, "industry", "所管行业"),
    ];

    /// The reach with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::EACH.iter().find(|(_, c, _)| *c == code).map(|(reach, ..)| *reach)
    }

    fn scope(self, seat: &Place) -> Scope {
        match self {
            Self::All => Scope::All,
            Self::Units => Scope::Units(seat.units.clone()),
            Self::Own => seat.org.map_or(Scope::Nothing, Scope::Own),
            Self::Industry => Scope::Industry(seat.industries.clone()),
        }
    }
}

/// Where an actor stands: what the reaches of its roles are measured from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Units whose rows a unit officer may touch.
    pub units: Vec<UnitId>,
    /// The organisation an enterprise or institution account belongs to.
    pub org: Option<OrgId>,
    /// Divisions of GB/T 4754 that an industry desk answers for.
    pub industries: Vec<String>,
}

/// A permission and the rows it reaches: those within all of the reaches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Name of the permission.
    pub permission: String,
    /// All of these hold at once; never empty.
    pub reach: Vec<Reach>,
}

impl Grant {
    /// Reads `reach` as written in the file and the table: codes joined by `+`.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `reach` for an unknown code.
    pub fn parse(permission: &str, reach: &str) -> Result<Self> {
        let parts: Option<Vec<Reach>> = reach.split('+').map(Reach::parse).collect();
        let reach = parts.ok_or_else(|| Error::invalid("reach", format!("没有“{reach}”这种范围，请重新选择")))?;
        Ok(Self { permission: permission.to_owned(), reach })
    }

    /// Whether it reaches a row from a place.
    pub(super) fn admits(&self, place: &Place, row: &super::Seen) -> bool {
        self.scope(place).admits(row)
    }

    fn scope(&self, place: &Place) -> Scope {
        Scope::every(self.reach.iter().map(|r| r.scope(place)).collect())
    }

    /// The reaches as codes joined by `+`.
    pub fn code(&self) -> String {
        self.told(|(_, code, _)| code, "+")
    }

    /// The reaches in words.
    pub fn label(&self) -> String {
        self.told(|(.., label)| label, "且")
    }

    fn told(&self, pick: impl Fn((Reach, &'static str, &'static str)) -> &'static str, word: &str) -> String {
        let parts = self.reach.iter().filter_map(|r| Reach::EACH.into_iter().find(|(each, ..)| each == r).map(&pick));
        parts.collect::<Vec<_>>().join(word)
    }
}

/// What a membership in a role has to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum At {
    /// Nothing: the office of the whole city.
    City,
    /// A reporting unit.
    Unit,
    /// An organisation.
    Organisation,
}

impl At {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Unit => "unit",
            Self::Organisation => "organisation",
        }
    }

    pub(super) fn parse(code: &str) -> Result<Self> {
        [Self::City, Self::Unit, Self::Organisation]
            .into_iter()
            .find(|at| at.code() == code)
            .ok_or_else(|| Error::Internal(format!("a role stands at {code}")))
    }
}

/// A named set of permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Stable code; several joined by a comma where somebody acts in several at once.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// What a membership in it names.
    pub at: At,
    /// What it may do.
    pub grants: Vec<Grant>,
}

impl Role {
    /// Whether it holds a permission at all.
    pub fn holds(&self, permission: Permission) -> bool {
        self.grants.iter().any(|g| g.permission == permission.0)
    }

    /// The rows it reaches for a permission from a place; without a rule, none.
    pub fn scope(&self, permission: Permission, place: &Place) -> Scope {
        let grants = self.grants.iter().filter(|g| g.permission == permission.0);
        Scope::any(grants.map(|g| g.scope(place)).collect())
    }

    /// Several roles held at one place, as one: what any of them allows.
    pub fn together(roles: &[Arc<Self>]) -> Arc<Self> {
        match roles {
            [one] => one.clone(),
            _ => {
                let words =
                    |pick: fn(&Self) -> &str, word| roles.iter().map(|r| pick(r)).collect::<Vec<_>>().join(word);
                let mut grants: Vec<Grant> = roles.iter().flat_map(|r| r.grants.clone()).collect();
                grants.sort_unstable();
                grants.dedup();
                let at = roles.first().map_or(At::City, |r| r.at);
                Arc::new(Self { code: words(|r| &r.code, ","), label: words(|r| &r.label, "、"), at, grants })
            }
        }
    }

    /// The same role with only the permissions that `keep` lets pass.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let grants = self.grants.iter().filter(|g| keep(&g.permission)).cloned().collect();
        Self { grants, ..self.clone() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    permission: BTreeMap<String, String>,
    role: Vec<FileRole>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRole {
    code: String,
    label: String,
    at: At,
    #[serde(default)]
    grants: BTreeMap<String, Vec<String>>,
}

/// The starter set.
pub(super) struct Starter {
    pub roles: Vec<Arc<Role>>,
    pub labels: BTreeMap<String, String>,
}

const STARTER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/roles.toml"));

/// Code of the role of whoever has not signed in.
pub(super) const PUBLIC: &str = "public";

/// Read at first use; a test reads it, so that a broken file does not ship.
static SET: LazyLock<Starter> = LazyLock::new(|| match read(STARTER) {
    Ok(set) => set,
    Err(error) => {
        tracing::error!(detail = %error.detail(), "data/roles.toml cannot be read: nobody has a role");
        Starter { roles: Vec::new(), labels: BTreeMap::new() }
    }
});

pub(super) fn starter() -> &'static Starter {
    &SET
}

fn read(text: &str) -> Result<Starter> {
    let file: File = toml::from_str(text).map_err(|e| Error::Internal(format!("roles.toml: {e}")))?;
    let roles = file.role.into_iter().map(|role| {
        let mut grants = Vec::new();
        for (reach, permissions) in &role.grants {
            for permission in permissions {
                grants.push(Grant::parse(permission, reach)?);
            }
        }
        grants.sort_unstable();
        Ok(Arc::new(Role { code: role.code, label: role.label, at: role.at, grants }))
    });
    Ok(Starter { roles: roles.collect::<Result<_>>()?, labels: file.permission })
}

/// The starter roles an account can hold, in the order of the file.
pub fn starter_roles() -> impl Iterator<Item = &'static Arc<Role>> {
    starter().roles.iter().filter(|role| role.code != PUBLIC)
}

/// The starter role with this code.
pub fn role(code: &str) -> Option<Arc<Role>> {
    starter().roles.iter().find(|r| r.code == code).cloned()
}

/// What a role of the starter set is called; its code where it is a city's own.
pub fn role_label(code: &str) -> &str {
    starter().roles.iter().find(|r| r.code == code).map_or(code, |r| &r.label)
}

/// What a permission is called; its code where nobody has given it a name.
pub fn permission_label(code: &str) -> &str {
    starter().labels.get(code).map_or(code, String::as_str)
}

/// Every permission that has a name, in order.
pub fn permissions() -> impl Iterator<Item = &'static str> {
    starter().labels.keys().map(String::as_str)
}

/// Loads, jobs and operator's commands: all that anybody may do in the office.
pub(super) static SYSTEM: LazyLock<Arc<Role>> = LazyLock::new(|| {
    let office = role("bureau_officer");
    let grants = office.map(|office| office.grants.clone()).unwrap_or_default();
    Arc::new(Role { code: "system".into(), label: "系统".into(), at: At::City, grants })
});

/// Someone not signed in, before the database has been asked.
pub(super) static NOBODY: LazyLock<Arc<Role>> = LazyLock::new(|| {
    role(PUBLIC).unwrap_or_else(|| {
        Arc::new(Role { code: PUBLIC.into(), label: "公众".into(), at: At::City, grants: Vec::new() })
    })
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::duty;

    #[test]
    fn the_starter_set_is_whole() {
        let set = read(STARTER).expect("readable");
        assert!(set.roles.len() >= 17);
        for role in &set.roles {
            for grant in &role.grants {
                assert!(set.labels.contains_key(&grant.permission), "{} of {}", grant.permission, role.code);
            }
            duty::of_role(role).unwrap_or_else(|e| panic!("{}: {e}", role.code));
        }
    }

    #[test]
    fn a_reach_is_read_as_it_is_written() {
        let both = Grant::parse("registry.read", "units+industry").expect("known");
        assert_eq!((both.code().as_str(), both.label().as_str()), ("units+industry", "本填报单元且所管行业"));
        assert!(Grant::parse("registry.read", "units+moon").is_err());
    }

    #[test]
    fn inside_a_grant_all_holds_and_roles_are_alternatives() {
        let read = Permission("registry.read");
        let place = Place { units: vec![UnitId(1)], org: Some(OrgId(9)), industries: vec!["34".into()] };
        let one = |code: &str, reach: &str| {
            let grants = vec![Grant::parse(read.0, reach).expect("known")];
            Arc::new(Role { code: code.into(), label: code.into(), at: At::Unit, grants })
        };
        let line = Scope::Every(vec![Scope::Units(vec![UnitId(1)]), Scope::Industry(vec!["34".into()])]);
        assert_eq!(one("a", "units+industry").scope(read, &place), line);
        let together = Role::together(&[one("a", "units+industry"), one("b", "own")]);
        assert_eq!(together.scope(read, &place), Scope::Any(vec![line, Scope::Own(OrgId(9))]));
        assert_eq!(together.scope(Permission("ledger.read"), &place), Scope::Nothing);
        assert_eq!(one("c", "own").scope(read, &Place::default()), Scope::Nothing, "no organisation, no rows");
        assert_eq!(one("d", "industry").scope(read, &Place::default()), Scope::Industry(vec![]));
    }
}
