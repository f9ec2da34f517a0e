//! Reporting units as pages use them: names, choices, and a scope narrowed to one of them.

use kernel::access::Scope;
use kernel::id::UnitId;
use kernel::org::{self, Unit};
use kernel::store::Read;
use kernel::{Error, Result};

use crate::link::{self, Query};

/// All reporting units, in their usual order.
#[derive(Debug, Clone)]
pub(crate) struct Units(Vec<Unit>);

impl Units {
    /// # Errors
    /// As the database says.
    pub(crate) async fn load(read: &Read) -> Result<Self> {
        Ok(Self(org::units(read).await?))
    }

    /// What a unit is called.
    pub(crate) fn name(&self, unit: i64) -> String {
        self.0.iter().find(|u| u.id.0 == unit).map_or_else(|| "未分单元".to_owned(), |u| u.name.clone())
    }

    /// The units whose rows a scope holds, to choose from.
    pub(crate) fn choices(&self, scope: &Scope) -> Vec<&Unit> {
        self.0.iter().filter(|u| narrow(scope, u.id).is_some()).collect()
    }

    /// The scope that a page asks for: as given, or narrowed to `?unit=`.
    /// Unit 0, "none", is no unit to narrow to: to the kept sums it means all.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a unit that does not exist or lies outside the scope: the two look the same.
    pub(crate) fn asked(&self, scope: Scope, query: &Query) -> Result<(Scope, Option<UnitId>)> {
        let Some(unit) = link::number::<UnitId>(query, "unit", "填报单元编号")? else { return Ok((scope, None)) };
        let exists = self.0.iter().any(|u| u.id == unit);
        match narrow(&scope, unit).filter(|_| exists) {
            Some(narrowed) => Ok((narrowed, Some(unit))),
            None => Err(Error::invalid("unit", format!("没有编号为 {unit} 的填报单元，或不在您的范围内"))),
        }
    }
}

/// The rows of one unit within a scope; nothing when the scope cannot be told by unit.
fn narrow(scope: &Scope, unit: UnitId) -> Option<Scope> {
    let one = || Some(Scope::Units(vec![unit]));
    match scope {
        Scope::All => one(),
        Scope::Units(units) if units.contains(&unit) => one(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::id::OrgId;

    #[test]
    fn a_scope_is_narrowed_only_inward() {
        let one = Scope::Units(vec![UnitId(1)]);
        assert_eq!(narrow(&Scope::All, UnitId(1)), Some(one.clone()));
        assert_eq!(narrow(&Scope::Units(vec![UnitId(1), UnitId(2)]), UnitId(1)), Some(one));
        assert_eq!(narrow(&Scope::Units(vec![UnitId(2)]), UnitId(1)), None);
        assert_eq!(narrow(&Scope::Own(OrgId(1)), UnitId(1)), None);
        assert_eq!(narrow(&Scope::Nothing, UnitId(1)), None);
    }
}
