//! Memberships: who holds which role where, from a day to a day; and who stands in for whom.

use chrono::{DateTime, Utc};

use super::duty::{self, Duty};
use super::role::{At, PUBLIC, Role};
use super::roles::Roles;
use crate::audit::Verb;
use crate::id::{AccountId, OrgId, UnitId};
use crate::store::{Read, Row, Tx};
use crate::value::day::Day;
use crate::value::{industry, text::too_long};
use crate::{Error, Faults, Result, args};

/// A role held at a place.
#[derive(Debug, Clone)]
pub struct Membership {
    /// Number.
    pub id: i64,
    /// Who holds it.
    pub account: AccountId,
    /// What is typed to sign in.
    pub login: String,
    /// The person's name.
    pub person: String,
    /// Code of the role.
    pub role: String,
    /// The unit it is held in.
    pub unit: Option<UnitId>,
    /// The organisation it is held in, with its name.
    pub org: Option<(OrgId, String)>,
    /// Divisions of GB/T 4754.
    pub industries: Vec<String>,
    /// First day.
    pub valid_from: Day,
    /// Last day; open without one.
    pub valid_to: Option<Day>,
    /// Why it was granted.
    pub reason: String,
    /// Who granted it.
    pub granted_by: String,
    /// When it was taken back before its time.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Membership {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Day) -> bool {
        self.ended_at.is_none() && self.valid_from <= day && self.valid_to.is_none_or(|to| day <= to)
    }

    /// Whether it holds on a day or will later.
    pub fn is_live(&self, day: Day) -> bool {
        self.ended_at.is_none() && self.valid_to.is_none_or(|to| day <= to)
    }

    pub(super) fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            account: AccountId(row.get("account_id")?),
            login: row.get("login")?,
            person: row.get("person")?,
            role: row.get("role")?,
            unit: row.get::<Option<i64>>("unit_id")?.map(UnitId),
            org: row
                .get::<Option<i64>>("org_id")?
                .map(|id| Ok::<_, Error>((OrgId(id), row.text("org_name")?)))
                .transpose()?,
            industries: divisions_of(&row.get::<String>("industries")?),
            valid_from: row.get("valid_from")?,
            valid_to: row.get("valid_to")?,
            reason: row.get("reason")?,
            granted_by: row.get("granted_by")?,
            ended_at: row.get("ended_at")?,
        })
    }
}

pub(super) fn divisions_of(stored: &str) -> Vec<String> {
    stored.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

/// A role to be granted.
#[derive(Debug, Clone)]
pub struct NewMembership {
    /// Code of the role.
    pub role: String,
    /// The unit, where the role stands in one.
    pub unit: Option<UnitId>,
    /// The organisation, where the role stands in one.
    pub org: Option<OrgId>,
    /// Divisions of GB/T 4754, where the role reaches by industry.
    pub industries: Vec<String>,
    /// First day.
    pub valid_from: Day,
    /// Last day.
    pub valid_to: Option<Day>,
    /// Why.
    pub reason: String,
}

impl NewMembership {
    /// One that names nothing yet, from a day on.
    pub fn from(day: Day) -> Self {
        Self {
            role: String::new(),
            unit: None,
            org: None,
            industries: Vec::new(),
            valid_from: day,
            valid_to: None,
            reason: String::new(),
        }
    }
}

/// The columns of [`Membership`]; `m` is the membership, `a` its account.
pub(super) const COLUMNS: &str = "SELECT m.id, m.account_id, a.login, a.name AS person, m.role, m.unit_id, m.org_id, o.name AS org_name, \
     m.industries, m.valid_from, m.valid_to, m.reason, m.granted_by, m.ended_at \
     FROM membership m JOIN account a ON a.id = m.account_id LEFT JOIN organisation o ON o.id = m.org_id";

/// All memberships of an account, newest first, ended ones too.
///
/// # Errors
/// As the database says.
pub async fn list_memberships(read: &Read, account: AccountId) -> Result<Vec<Membership>> {
    let sql = format!("{COLUMNS} WHERE m.account_id = $1 ORDER BY m.id DESC");
    read.all((&*sql, args![account])).await?.iter().map(Membership::of).collect()
}

/// Who holds a role now or will later, by login.
///
/// # Errors
/// As the database says.
pub async fn list_members(read: &Read, role: &str) -> Result<Vec<Membership>> {
    let sql = format!(
        "{COLUMNS} WHERE m.role = $1 AND m.ended_at IS NULL AND (m.valid_to IS NULL OR m.valid_to >= $2) \
         AND a.disabled_at IS NULL ORDER BY a.login, m.id"
    );
    read.all((&*sql, args![role, read.today()])).await?.iter().map(Membership::of).collect()
}

/// Who holds a role in an organisation now or will later, by login.
///
/// # Errors
/// As the database says.
pub async fn list_org_members(read: &Read, org: OrgId) -> Result<Vec<Membership>> {
    let sql = format!(
        "{COLUMNS} WHERE m.org_id = $1 AND m.ended_at IS NULL AND (m.valid_to IS NULL OR m.valid_to >= $2) \
         AND a.disabled_at IS NULL ORDER BY a.login, m.id"
    );
    read.all((&*sql, args![org, read.today()])).await?.iter().map(Membership::of).collect()
}

/// Grants a role. Duties of administration are never combined, neither with each other nor with business.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field.
pub async fn grant(tx: &Tx, account: AccountId, new: &NewMembership) -> Result<i64> {
    // Two grants at once, or a grant and a change of the role, take turns: each sees what the other has done.
    tx.hold_tables(&["membership"]).await?;
    let roles = Roles::read(tx).await?;
    let role = roles.find(&new.role).filter(|role| role.code != PUBLIC);
    let role = role.ok_or_else(|| Error::invalid("role", format!("没有“{}”这个角色，请从列表中选", new.role)))?;
    let place = checked(tx, role, new).await?;
    let today = tx.today();
    let live = list_memberships(tx, account).await?.into_iter().filter(|m| m.is_live(today)).collect::<Vec<_>>();
    let held = live.iter().filter_map(|m| roles.find(&m.role)).map(|r| duty::of_role(r)).collect::<Result<Vec<_>>>()?;
    duty::check(held, duty::of_role(role)?)?;
    let same = |m: &&Membership| {
        m.role == new.role && m.unit == new.unit && m.org.as_ref().map(|o| o.0) == new.org && m.valid_to == new.valid_to
    };
    if live.iter().any(|m| same(&m)) {
        return Err(Error::invalid("role", "已有同样的任职，不必重复授予；要改期限请先收回原来的"));
    }
    tx.step(Verb::MEMBERSHIP_GRANTED, "account", account.0);
    tx.changes("角色", "", &role.label);
    tx.changes("填报单元", "", &new.unit.map(|unit| unit.to_string()).unwrap_or_default());
    tx.changes("所管行业", "", &place);
    tx.changes("截止日期", "", &new.valid_to.map(|day| day.to_string()).unwrap_or_default());
    tx.changes("依据", "", new.reason.trim());
    new.org.into_iter().for_each(|org| tx.concerns(org));
    tx.insert((
        "INSERT INTO membership (account_id, role, unit_id, org_id, industries, valid_from, valid_to, reason, granted_at, granted_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            account,
            new.role.clone(),
            new.unit.map(|u| u.0),
            new.org.map(|o| o.0),
            place,
            new.valid_from,
            new.valid_to,
            new.reason.trim(),
            tx.now(),
            tx.actor().name.clone()
        ],
    ))
    .await
}

/// Whether a membership names what its role needs; returns the divisions as they are stored.
async fn checked(tx: &Tx, role: &Role, new: &NewMembership) -> Result<String> {
    let mut faults = Faults::new();
    let known = match new.unit {
        Some(unit) => tx.opt(("SELECT id FROM unit WHERE id = $1", args![unit])).await?.is_some(),
        None => true,
    };
    match (role.at, new.unit, new.org) {
        (At::City, None, None) | (At::Organisation, None, Some(_)) => {}
        (At::Unit, Some(_), None) if known => {}
        (At::City, ..) => faults.add("role", format!("“{}”是全市的角色，不选填报单元和单位", role.label)),
        (At::Unit, ..) => faults.add("unit", format!("“{}”要选一个填报单元，不选单位", role.label)),
        (At::Organisation, ..) => faults.add("org", format!("“{}”要填一个企业库中的单位，不选填报单元", role.label)),
    }
    let by_industry = role.grants.iter().any(|g| g.reach.contains(&super::Reach::Industry));
    let is_division = |code: &String| code.len() == 2 && industry::find(code).is_some();
    if by_industry == new.industries.is_empty() || !new.industries.iter().all(is_division) {
        let message = if by_industry {
            "请填所管的行业大类代码（两位数字），例如 34"
        } else {
            "这个角色不按行业，请留空"
        };
        faults.add("industries", message);
    }
    if new.valid_to.is_some_and(|to| to < new.valid_from || to < tx.today()) {
        faults.add("valid_to", "截止日期不能早于起始日期和今天");
    }
    if new.reason.trim().is_empty() {
        faults.add("reason", "请写明依据，例如任职文件或申请");
    } else if let Some(said) = too_long(&new.reason) {
        faults.add("reason", said);
    }
    faults.or(new.industries.join(","))
}

/// Takes a membership back; what was done under it stays.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn end_membership(tx: &Tx, account: AccountId, id: i64) -> Result<()> {
    let sql =
        "UPDATE membership SET ended_at = $1, ended_by = $2 WHERE id = $3 AND account_id = $4 AND ended_at IS NULL";
    if tx.run((sql, args![tx.now(), tx.actor().name.clone(), id, account])).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.step(Verb::MEMBERSHIP_ENDED, "account", account.0);
    let ended = list_memberships(tx, account).await?.into_iter().find(|m| m.id == id);
    if let Some(ended) = ended {
        tx.changes("角色", tx.roles().find(&ended.role).map_or("", |role| &role.label), "");
        ended.org.into_iter().for_each(|(org, _)| tx.concerns(org));
    }
    Ok(())
}

/// Somebody who stands in for another.
#[derive(Debug, Clone)]
pub struct Deputy {
    /// Number.
    pub id: i64,
    /// Who is away.
    pub absent: (AccountId, String),
    /// Who stands in.
    pub deputy: (AccountId, String),
    /// First day.
    pub valid_from: Day,
    /// Last day.
    pub valid_to: Day,
    /// Why.
    pub reason: String,
}

/// Substitutes of now and later in which an account is either side.
///
/// # Errors
/// As the database says.
pub async fn list_substitutes(read: &Read, account: AccountId) -> Result<Vec<Deputy>> {
    let rows = read
        .all((
            "SELECT s.id, s.absent_id, a.name AS absent, s.deputy_id, d.name AS deputy, s.valid_from, s.valid_to, s.reason
             FROM substitute s JOIN account a ON a.id = s.absent_id JOIN account d ON d.id = s.deputy_id
             WHERE (s.absent_id = $1 OR s.deputy_id = $1) AND s.ended_at IS NULL AND s.valid_to >= $2 ORDER BY s.id",
            args![account, read.today()],
        ))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Deputy {
                id: row.get("id")?,
                absent: (AccountId(row.get("absent_id")?), row.get("absent")?),
                deputy: (AccountId(row.get("deputy_id")?), row.get("deputy")?),
                valid_from: row.get("valid_from")?,
                valid_to: row.get("valid_to")?,
                reason: row.get("reason")?,
            })
        })
        .collect()
}

/// Lets `deputy` act for the actor from a day to a day. Duties of administration are never handed over.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field.
pub async fn substitute(tx: &Tx, deputy: &str, (from, to): (Day, Day), reason: &str) -> Result<()> {
    tx.hold_tables(&["membership"]).await?;
    let absent = tx.actor().account;
    let found =
        tx.opt(("SELECT id FROM account WHERE login = $1 AND disabled_at IS NULL", args![deputy.trim()])).await?;
    let found: Option<i64> = found.map(|row| row.get("id")).transpose()?;
    let mut faults = Faults::new();
    let unfit = "没有这个登录名，或这个账号不能代办；请填同事的登录名";
    match found.map(AccountId) {
        Some(id) if id == absent => faults.add("deputy", "不能由自己代办，请填同事的登录名"),
        Some(id) if duty_of(tx, id).await? == Some(Duty::Business) => {}
        _ => faults.add("deputy", unfit),
    }
    if duty_of(tx, absent).await? != Some(Duty::Business) {
        faults.add("deputy", "管理员的职责不能由别人代办");
    }
    if from < tx.today() || to < from || (to - from).num_days() > 90 {
        faults.add("valid_to", "起止日期从今天起，不超过 90 天");
    }
    if reason.trim().is_empty() {
        faults.add("reason", "请写明原因，例如休假、出差");
    } else if let Some(said) = too_long(reason) {
        faults.add("reason", said);
    }
    faults.or(())?;
    tx.run((
        "INSERT INTO substitute (absent_id, deputy_id, valid_from, valid_to, reason, set_at, set_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![absent, found, from, to, reason.trim(), tx.now(), tx.actor().name.clone()],
    ))
    .await?;
    tx.step(Verb::SUBSTITUTE_SET, "account", absent.0);
    tx.changes("代办人", "", deputy.trim());
    tx.changes("起止", "", &format!("{from} 至 {to}"));
    tx.purpose(reason.trim());
    Ok(())
}

/// The duty an account has now; nothing without a membership.
async fn duty_of(tx: &Tx, account: AccountId) -> Result<Option<Duty>> {
    let roles = Roles::read(tx).await?;
    let live = list_memberships(tx, account).await?.into_iter().find(|m| m.is_live(tx.today()));
    live.and_then(|m| roles.find(&m.role).cloned()).map(|role| duty::of_role(&role)).transpose()
}

/// Ends a substitution of the actor before its time.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn end_substitute(tx: &Tx, id: i64) -> Result<()> {
    let sql =
        "UPDATE substitute SET ended_at = $1, ended_by = $2 WHERE id = $3 AND absent_id = $4 AND ended_at IS NULL";
    if tx.run((sql, args![tx.now(), tx.actor().name.clone(), id, tx.actor().account])).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.step(Verb::SUBSTITUTE_ENDED, "account", tx.actor().account.0);
    Ok(())
}
