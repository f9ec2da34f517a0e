//! The roles and the policy as a server holds them, and editing roles.
//!
//! They are read when their version has moved, which the query for a visitor tells; so a request costs no extra
//! statement, and a change made on one server holds on the next request everywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::duty::{self, Duty};
use super::role::{At, Grant, PUBLIC, Role, starter};
use super::{Permission, Policy, permission_label};
use crate::audit::Verb;
use crate::store::{Read, Store, Tx};
use crate::{Error, Result, args};

/// Every role, and the policy, as of a version.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    version: i64,
    each: Vec<Arc<Role>>,
    /// What the city asks of signing in.
    pub policy: Policy,
}

impl Roles {
    /// The roles an account can hold, in their order.
    pub fn held(&self) -> impl Iterator<Item = &Arc<Role>> {
        self.each.iter().filter(|role| role.code != PUBLIC)
    }

    /// Every role, that of the public too.
    pub fn all(&self) -> &[Arc<Role>] {
        &self.each
    }

    /// The role with this code.
    pub fn find(&self, code: &str) -> Option<&Arc<Role>> {
        self.each.iter().find(|role| role.code == code)
    }

    /// The role of whoever has not signed in.
    pub fn public(&self) -> Arc<Role> {
        self.find(PUBLIC).cloned().unwrap_or_else(|| super::role::NOBODY.clone())
    }

    /// The roles that hold a permission.
    pub fn with(&self, permission: Permission) -> impl Iterator<Item = &Arc<Role>> {
        self.each.iter().filter(move |role| role.holds(permission))
    }

    pub(super) fn version(&self) -> i64 {
        self.version
    }

    /// Reads everything as it is now; a request has it at hand as [`Store::roles`].
    ///
    /// # Errors
    /// As the database says.
    pub async fn read(read: &Read) -> Result<Self> {
        let version = read.one("SELECT version FROM access_version").await?.get("version")?;
        let mut grants: BTreeMap<String, Vec<Grant>> = BTreeMap::new();
        for row in read.all("SELECT role, permission, reach FROM access_grant ORDER BY role, permission, reach").await?
        {
            let grant = Grant::parse(&row.get::<String>("permission")?, &row.get::<String>("reach")?)?;
            grants.entry(row.get("role")?).or_default().push(grant);
        }
        let mut each = Vec::new();
        for row in read.all("SELECT code, label, place FROM access_role ORDER BY sort, code").await? {
            let code: String = row.get("code")?;
            let grants = grants.remove(&code).unwrap_or_default();
            let at = At::parse(&row.get::<String>("place")?)?;
            each.push(Arc::new(Role { code, label: row.get("label")?, at, grants }));
        }
        Ok(Self { version, each, policy: Policy::read(read).await? })
    }
}

impl Store {
    /// Brings the held roles up to `version`, if it is newer.
    pub(super) async fn roles_at(&self, read: &Read, version: i64) -> Result<Arc<Roles>> {
        let held = self.roles();
        if held.version() == version {
            return Ok(held);
        }
        let fresh = Arc::new(Roles::read(read).await?);
        self.hold_roles(fresh.clone());
        Ok(fresh)
    }
}

/// Notes that roles or policy have changed.
pub(super) async fn moved(tx: &Tx) -> Result<()> {
    tx.run("UPDATE access_version SET version = version + 1").await?;
    Ok(())
}

/// Brings in what the starter set has and the database has never seen: all of it at first, new permissions later.
pub(crate) async fn install(tx: &Tx) -> Result<()> {
    tx.hold_tables(&["access_permission", "access_role"]).await?;
    let mut known = Vec::new();
    for row in tx.all("SELECT code FROM access_permission").await? {
        known.push(row.get::<String>("code")?);
    }
    let mut changed = false;
    for (sort, role) in starter().roles.iter().enumerate() {
        let entered = tx
            .run((
                "INSERT INTO access_role (code, label, place, sort) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                args![role.code.clone(), role.label.clone(), role.at.code(), sort as i64],
            ))
            .await?;
        changed |= entered > 0;
        for grant in role.grants.iter().filter(|g| entered > 0 || !known.contains(&g.permission)) {
            changed |= add(tx, &role.code, grant).await? > 0;
        }
    }
    for code in starter().labels.keys().filter(|code| !known.contains(code)) {
        tx.run(("INSERT INTO access_permission (code) VALUES ($1) ON CONFLICT DO NOTHING", args![code.clone()]))
            .await?;
    }
    if changed { moved(tx).await } else { Ok(()) }
}

async fn add(tx: &Tx, role: &str, grant: &Grant) -> Result<u64> {
    tx.run((
        "INSERT INTO access_grant (role, permission, reach) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        args![role, grant.permission.clone(), grant.code()],
    ))
    .await
}

/// Sets what a role is called and may do. A role keeps its duty once somebody holds it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] at `label` or `grants`.
pub async fn set_role(tx: &Tx, code: &str, label: &str, grants: Vec<Grant>) -> Result<()> {
    // Nobody is granted the role while its duty is looked at.
    tx.hold_tables(&["membership"]).await?;
    let roles = Roles::read(tx).await?;
    let before = roles.find(code).ok_or(Error::NotFound)?;
    let after = Role { label: called(label)?, grants, ..(**before).clone() };
    let duty = duty::of_role(&after)?;
    if code == PUBLIC && duty != Duty::Business {
        return Err(Error::invalid("grants", "公众不能有管理权限，请去掉"));
    }
    if duty != duty::of_role(before)? && is_held(tx, code).await? {
        let message =
            format!("这个角色有人在用，不能从{}改成{}；请新建角色", duty::of_role(before)?.label(), duty.label());
        return Err(Error::invalid("grants", message));
    }
    tx.step(Verb::ROLE_EDITED, "role", None);
    tell_grants(tx, before, &after);
    tx.run(("UPDATE access_role SET label = $1 WHERE code = $2", args![after.label, code])).await?;
    tx.run(("DELETE FROM access_grant WHERE role = $1", args![code])).await?;
    for grant in &after.grants {
        add(tx, code, grant).await?;
    }
    moved(tx).await
}

/// Tells the audit log what a role is called and may do, before and after.
fn tell_grants(tx: &Tx, before: &Role, after: &Role) {
    tx.changes("代码", "", &before.code);
    tx.changes("名称", &before.label, &after.label);
    let told = |grants: &[Grant], besides: &[Grant]| -> Vec<String> {
        let only = grants.iter().filter(|grant| !besides.contains(grant));
        only.map(|grant| format!("{}（{}）", permission_label(&grant.permission), grant.label())).collect()
    };
    told(&before.grants, &after.grants).iter().for_each(|gone| tx.changes("权限", gone, ""));
    told(&after.grants, &before.grants).iter().for_each(|new| tx.changes("权限", "", new));
}

/// Makes a role without permissions.
///
/// # Errors
/// [`Error::Invalid`] at `code` or `label`; [`Error::Conflict`] for a code in use.
pub async fn create_role(tx: &Tx, code: &str, label: &str, at: At) -> Result<()> {
    let fits = (2..=40).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !fits {
        return Err(Error::invalid("code", "代码用 2 到 40 个小写字母、数字或下划线，例如 park_officer"));
    }
    let label = called(label)?;
    if Roles::read(tx).await?.find(code).is_some() {
        return Err(Error::invalid("code", "这个代码已有角色使用，请换一个"));
    }
    tx.step(Verb::ROLE_MADE, "role", None);
    tx.changes("代码", "", code);
    tx.changes("名称", "", &label);
    let sort = "INSERT INTO access_role (code, label, place, sort) SELECT $1, $2, $3, max(sort) + 1 FROM access_role";
    tx.run((sort, args![code, label, at.code()])).await?;
    moved(tx).await
}

fn called(label: &str) -> Result<String> {
    let label = label.trim();
    match label.chars().count() {
        1..=20 if !label.chars().any(char::is_control) => Ok(label.to_owned()),
        _ => Err(Error::invalid("label", "请写角色名称，最多 20 个字")),
    }
}

/// Whether any membership in the role holds or will hold.
async fn is_held(tx: &Tx, code: &str) -> Result<bool> {
    let sql = "SELECT id FROM membership WHERE role = $1 AND ended_at IS NULL AND (valid_to IS NULL OR valid_to >= $2) LIMIT 1";
    Ok(tx.opt((sql, args![code, tx.today()])).await?.is_some())
}
