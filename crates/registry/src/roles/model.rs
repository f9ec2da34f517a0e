//! What is typed about roles and grants, and how it becomes values.

use kernel::access::{At, Grant, NewMembership};
use kernel::id::{OrgId, UnitId};
use kernel::value::day::{Day, parse_day};
use kernel::{Error, Faults, Result};
use serde::Deserialize;

/// A new role, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RoleForm {
    pub code: String,
    pub label: String,
    pub at: String,
}

impl RoleForm {
    /// Where memberships in it stand.
    pub(super) fn place(&self) -> Result<At> {
        let of = |at: &At| at.code() == self.at;
        let places = [At::City, At::Unit, At::Organisation];
        places.into_iter().find(of).ok_or_else(|| Error::invalid("at", "请选择角色在哪里任职"))
    }
}

/// What a role may do, as ticked: `permission:reach`, any number of times.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct GrantsForm {
    pub label: String,
    pub grant: Vec<String>,
}

impl GrantsForm {
    /// The ticked grants.
    ///
    /// # Errors
    /// [`Error::Invalid`] at `grants` for one that is none.
    pub(super) fn grants(&self) -> Result<Vec<Grant>> {
        let one = |text: &String| {
            let (permission, reach) = text.split_once(':').ok_or_else(|| Error::invalid("grants", "请重新勾选权限"))?;
            Grant::parse(permission, reach)
        };
        self.grant.iter().map(one).collect()
    }
}

/// A grant of a role to an account, as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct MemberForm {
    pub role: String,
    pub unit: String,
    /// Credit or local code of the organisation.
    pub org: String,
    pub industries: String,
    pub valid_from: String,
    pub valid_to: String,
    pub reason: String,
}

impl MemberForm {
    /// The values; the organisation has been looked up by its code.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault at its field.
    pub(super) fn membership(&self, org: Option<OrgId>) -> Result<NewMembership> {
        let mut faults = Faults::new();
        let mut day = |field: &str, typed: &str| match parse_day(typed) {
            Ok(day) => Some(day),
            Err(error) => {
                faults.add(field, error.to_string());
                None
            }
        };
        let from: Option<Day> = day("valid_from", &self.valid_from);
        let to = if self.valid_to.trim().is_empty() { None } else { day("valid_to", &self.valid_to) };
        let unit = match self.unit.trim() {
            "" => None,
            typed => Some(UnitId(typed.parse().map_err(|_| Error::invalid("unit", "请从列表中选择填报单元"))?)),
        };
        let is_between = |c: char| matches!(c, ',' | '，' | '、' | ';' | '；') || c.is_whitespace();
        let industries = self.industries.split(is_between).filter(|part| !part.is_empty());
        let industries = industries.map(str::to_owned).collect();
        let reason = self.reason.clone();
        let valid_from = from.unwrap_or_default();
        faults.or(NewMembership { role: self.role.clone(), unit, org, industries, valid_from, valid_to: to, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_grant_stands_at_its_field() {
        let form = MemberForm { valid_from: "2021-02-30".into(), valid_to: "何时".into(), ..MemberForm::default() };
        let Err(Error::Invalid(faults)) = form.membership(None) else { panic!("two faults") };
        assert_eq!(faults.0.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["valid_from", "valid_to"]);
        let form =
            MemberForm { valid_from: "2021-03-01".into(), industries: "34、35，36".into(), ..MemberForm::default() };
        assert_eq!(form.membership(None).expect("valid").industries, ["34", "35", "36"]);
    }

    #[test]
    fn a_ticked_box_is_a_permission_and_its_reach() {
        let form = GrantsForm { grant: vec!["registry.read:units+industry".into()], ..GrantsForm::default() };
        assert_eq!(form.grants().expect("valid"), [Grant::parse("registry.read", "units+industry").expect("valid")]);
        assert!(GrantsForm { grant: vec!["registry.read".into()], ..GrantsForm::default() }.grants().is_err());
    }
}
