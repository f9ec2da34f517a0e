//! Who somebody is that signs in: an account, the seats it may act from, and the actor at one of them.
//!
//! A seat is a place with the roles held there. Whoever stands in for another has the other's seats too.

use std::sync::Arc;

use super::duty::{self, Duty};
use super::membership::divisions_of;
use super::role::Role;
use super::roles::Roles;
use super::{Account, Actor};
use crate::id::{AccountId, OrgId, UnitId};
use crate::store::{Read, Row};
use crate::value::day::Day;
use crate::{Error, Result, args};

/// A place somebody may act from.
#[derive(Debug, Clone)]
pub struct Seat {
    /// Stable key: `city`, `unit-1`, `org-5`; behind `for-7-` where another's.
    pub key: String,
    /// The roles held there, as one.
    pub role: Arc<Role>,
    /// The unit.
    pub unit: Option<UnitId>,
    /// The organisation with its name.
    pub org: Option<(OrgId, String)>,
    /// Divisions of GB/T 4754.
    pub industries: Vec<String>,
    /// Whom somebody stands in for there.
    pub behalf: Option<(AccountId, String)>,
    /// The last day of what ends first.
    pub until: Option<Day>,
}

/// An account with the seat it acts from.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub account: Account,
    /// All its seats, its own first.
    pub seats: Vec<Seat>,
    /// Which of them is taken.
    pub seat: usize,
    /// The roles and the policy of now.
    pub roles: Arc<Roles>,
}

impl Person {
    /// The actor at the seat taken; without any seat, somebody who may do nothing.
    pub fn actor(&self) -> Actor {
        let (id, name) = (self.account.id, self.account.name.clone());
        let Some(seat) = self.seats.get(self.seat) else {
            return Actor { account: id, name, role: Role::none(), ..Actor::public() };
        };
        Actor {
            account: id,
            name: match &seat.behalf {
                Some((_, absent)) => format!("{name}（代{absent}）"),
                None => name,
            },
            role: seat.role.clone(),
            units: seat.unit.into_iter().collect(),
            org: seat.org.as_ref().map(|(id, _)| *id),
            industries: seat.industries.clone(),
            behalf: seat.behalf.as_ref().map(|(id, _)| *id),
        }
    }

    /// Whether the city asks this person for a second factor.
    pub fn needs_second_factor(&self) -> bool {
        self.roles.policy.needs_second_factor(self.seats.iter().map(|seat| seat.role.code.as_str()))
    }
}

impl Role {
    /// A role of nobody.
    pub(super) fn none() -> Arc<Self> {
        Arc::new(Self { code: String::new(), label: "没有任职".into(), at: super::At::City, grants: Vec::new() })
    }
}

/// The person with this account at the seat with this key; at the first one where it is not held (any more).
///
/// # Errors
/// [`Error::NotFound`] also for an account out of use.
pub async fn find_person(read: &Read, account: AccountId, seat: &str) -> Result<Person> {
    let sql = "SELECT id, login, name, created_at, signed_in_at, disabled_at, password_hash, totp_secret, \
               (SELECT version FROM access_version) AS version FROM account WHERE id = $1 AND disabled_at IS NULL";
    let row = read.one((sql, args![account])).await?;
    let roles = read.store().roles_at(read, row.get("version")?).await?;
    let seats = seats(read, account, &roles).await?;
    let seat = seats.iter().position(|s| s.key == seat).unwrap_or(0);
    Ok(Person { account: Account::of(&row)?, seats, seat, roles })
}

/// The seats of an account, for those who look after accounts.
///
/// # Errors
/// As the database says.
pub async fn seats_of(read: &Read, account: AccountId) -> Result<Vec<Seat>> {
    let roles = Roles::read(read).await?;
    seats(read, account, &roles).await
}

/// A membership that holds today, of the account itself or of somebody it stands in for.
struct Held {
    role: Arc<Role>,
    seat: Seat,
}

async fn seats(read: &Read, account: AccountId, roles: &Roles) -> Result<Vec<Seat>> {
    let sql = "SELECT m.role, m.unit_id, m.org_id, o.name AS org_name, m.industries, m.valid_to, \
                      CAST(NULL AS BIGINT) AS behalf_id, CAST(NULL AS TEXT) AS behalf_name, m.id \
                 FROM membership m LEFT JOIN organisation o ON o.id = m.org_id \
                WHERE m.account_id = $1 AND m.ended_at IS NULL AND m.valid_from <= $2 \
                  AND (m.valid_to IS NULL OR m.valid_to >= $2) \
                UNION ALL \
               SELECT m.role, m.unit_id, m.org_id, o.name, m.industries, \
                      CASE WHEN m.valid_to < s.valid_to THEN m.valid_to ELSE s.valid_to END, a.id, a.name, m.id \
                 FROM substitute s JOIN account a ON a.id = s.absent_id JOIN membership m ON m.account_id = s.absent_id \
                 LEFT JOIN organisation o ON o.id = m.org_id \
                WHERE s.deputy_id = $1 AND s.ended_at IS NULL AND s.valid_from <= $2 AND s.valid_to >= $2 \
                  AND a.disabled_at IS NULL AND m.ended_at IS NULL AND m.valid_from <= $2 \
                  AND (m.valid_to IS NULL OR m.valid_to >= $2) \
                ORDER BY 7, 9";
    let mut seats: Vec<(Seat, Vec<Arc<Role>>)> = Vec::new();
    let mut held = Vec::new();
    for row in read.all((sql, args![account, read.today()])).await? {
        held.extend(Held::of(&row, roles)?);
    }
    // One database puts those without somebody absent first, the other last.
    held.sort_by_key(|h| h.seat.behalf.is_some());
    for Held { role, seat } in held {
        match seats.iter_mut().find(|(known, _)| known.key == seat.key) {
            Some((known, roles)) => {
                known.industries.extend(seat.industries);
                known.until = known.until.into_iter().chain(seat.until).min();
                roles.push(role);
            }
            None => seats.push((seat, vec![role])),
        }
    }
    Ok(seats.into_iter().map(|(seat, roles)| Seat { role: Role::together(&roles), ..seat }).collect())
}

impl Held {
    /// Nothing for a role that is gone, or a duty that is not handed over.
    fn of(row: &Row, roles: &Roles) -> Result<Option<Self>> {
        let Some(role) = roles.find(&row.get::<String>("role")?).cloned() else { return Ok(None) };
        let behalf = row.get::<Option<i64>>("behalf_id")?;
        if behalf.is_some() && duty::of_role(&role)? != Duty::Business {
            return Ok(None);
        }
        let unit = row.get::<Option<i64>>("unit_id")?.map(UnitId);
        let org = row.get::<Option<i64>>("org_id")?.map(OrgId);
        let place = match (unit, org) {
            (Some(unit), _) => format!("unit-{unit}"),
            (None, Some(org)) => format!("org-{org}"),
            (None, None) => "city".to_owned(),
        };
        let seat = Seat {
            key: behalf.map_or_else(|| place.clone(), |absent| format!("for-{absent}-{place}")),
            role: role.clone(),
            unit,
            org: org.map(|org| Ok::<_, Error>((org, row.text("org_name")?))).transpose()?,
            industries: divisions_of(&row.get::<String>("industries")?),
            behalf: behalf.map(|id| Ok::<_, Error>((AccountId(id), row.text("behalf_name")?))).transpose()?,
            until: row.get("valid_to")?,
        };
        Ok(Some(Self { role, seat }))
    }
}
