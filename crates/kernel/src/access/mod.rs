//! Who may do what, on which rows.
//!
//! A permission is a constant beside its slice; a role is a named set of permissions, each with a reach.
//! A membership gives an account a role at a place, for a time; somebody who signs in acts at one place at once.
//! Every query takes a [`Scope`]; no rule means no rows.

mod account;
pub mod door;
pub mod duty;
mod event;
mod identity;
mod look;
mod membership;
mod password;
mod person;
mod policy;
mod reached;
mod role;
mod roles;
mod scope;
pub mod second;
mod secret;
mod visit;
mod weak;

pub use account::{
    Account, Claim, NewAccount, check_password, create_account, disable, enable, find_account, find_login,
    list_accounts, open_account,
};
pub use duty::Duty;
pub use event::{Event, list_events, note};
pub use identity::{bind_identity, find_by_identity, has_identity, unbind_identity};
pub use look::{Seen, list_conflicts, list_live, seen_fact, seen_org, who_sees};
pub use membership::{
    Deputy, Membership, NewMembership, end_membership, end_substitute, grant, list_members, list_memberships,
    list_org_members, list_substitutes, substitute,
};
pub use password::{
    NewPassword, check_new, find_link, invite, is_password, know_weak, prepare_password, reset, set_password, use_link,
    was_in_use,
};
pub use person::{Person, Seat, find_person, seats_of};
pub use policy::{NUMBERS, Number, Policy, SECOND_FACTOR};
pub use reached::who_may;
pub use role::{At, Grant, Place, Reach, Role, permission_label, permissions, role, role_label, starter_roles};
pub use roles::{Roles, create_role, set_role};
pub use scope::{Scope, Side};
pub use secret::{digest, link_secret};
pub use visit::{
    Token, Visit, end_visits, find_bearer, list_tokens, list_visits, make_token, mark, note_use, revoke_token,
};

pub(crate) use roles::install;

use std::sync::Arc;

use crate::id::{AccountId, OrgId, UnitId};
use crate::value::day::Day;

/// A right, named `slice.verb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Permission(pub &'static str);

/// Who acts: an account in its roles at one place, with the units and the organisation of that place.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The account; 0 for the system itself and for the public.
    pub account: AccountId,
    /// Name shown in records; it says for whom, where somebody stands in for another.
    pub name: String,
    /// The role acted in; several at one place are put together.
    pub role: Arc<Role>,
    /// Units whose rows a unit officer may touch.
    pub units: Vec<UnitId>,
    /// The organisation an enterprise or institution account belongs to.
    pub org: Option<OrgId>,
    /// Divisions of GB/T 4754 that an industry desk answers for.
    pub industries: Vec<String>,
    /// Whom the actor stands in for.
    pub behalf: Option<AccountId>,
    /// The day on which it acts, as far as consents are concerned; none for what is not a person at a seat.
    pub on: Option<Day>,
}

impl Actor {
    /// Somebody in a role of the starter set, at the places it needs; the public when there is no such role.
    pub fn in_role(account: AccountId, name: &str, role: Arc<Role>, units: Vec<UnitId>, org: Option<OrgId>) -> Self {
        Self { account, name: name.to_owned(), role, units, org, industries: Vec::new(), behalf: None, on: None }
    }

    /// The platform itself: loads, jobs and commands run by an operator.
    pub fn system(name: &str) -> Self {
        Self::in_role(AccountId(0), name, role::SYSTEM.clone(), Vec::new(), None)
    }

    /// Someone who has not signed in.
    pub fn public() -> Self {
        Self::in_role(AccountId(0), "公众", role::NOBODY.clone(), Vec::new(), None)
    }

    /// Whether the role holds `permission` at all.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.holds(permission)
    }

    /// The rows the actor may touch for `permission`; without a rule, none.
    pub fn scope(&self, permission: Permission) -> Scope {
        let (units, org, industries) = (self.units.clone(), self.org, self.industries.clone());
        let place = Place { units, org, industries, on: self.on };
        self.role.scope(permission, &place)
    }
}
