//! Founding a platform: the city, its reporting units, and the three administrators.
//!
//! There is no default password: whoever has none in the plan gets a one-time link.

use kernel::access::{self, Actor, NewMembership, Policy};
use kernel::id::{AccountId, UnitId};
use kernel::org::{create_unit, units};
use kernel::store::{Store, Tx};
use kernel::{Error, Faults, Result, args};
use serde::Deserialize;

/// What a platform starts with; also the content of `init.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name of the city.
    pub city: String,
    /// Reporting units, in their usual order.
    pub unit: Vec<UnitPlan>,
    /// Opens accounts: 系统管理员.
    pub system: AdminPlan,
    /// Grants roles: 安全管理员.
    pub security: AdminPlan,
    /// Reads the trail: 审计管理员.
    pub audit: AdminPlan,
}

/// A reporting unit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitPlan {
    /// Code in workbooks.
    pub code: String,
    /// Name.
    pub name: String,
}

/// An administrator.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminPlan {
    /// What is typed to sign in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The password; without one, a one-time link is made.
    pub password: Option<String>,
}

/// An administrator who still has to set a password.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// What the person is.
    pub duty: &'static str,
    /// What is typed to sign in.
    pub login: String,
    /// Path of the link.
    pub path: String,
}

impl Plan {
    /// Reads `init.toml`.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the place in the file.
    pub fn read(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|e| Error::invalid("file", format!("初始化文件有误：{e}")))
    }

    /// The administrators with role and duty.
    pub fn administrators(&self) -> [(&'static str, &'static str, &AdminPlan); 3] {
        [
            ("system_admin", "系统管理员", &self.system),
            ("security_admin", "安全管理员", &self.security),
            ("audit_admin", "审计管理员", &self.audit),
        ]
    }

    /// Looks the whole plan through before anything is written.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every fault.
    pub fn check(&self) -> Result<()> {
        let mut faults = Faults::new();
        if self.city.trim().is_empty() {
            faults.add("city", "请写城市名称，例如 黄石市");
        }
        if self.unit.is_empty() || self.unit.iter().any(|u| u.code.trim().is_empty() || u.name.trim().is_empty()) {
            faults.add("unit", "至少要有一个填报单元，每个都写明代码和名称，例如 DY=大冶市");
        }
        let administrators = self.administrators();
        for (at, (role, duty, admin)) in administrators.iter().enumerate() {
            if administrators[..at].iter().any(|(.., other)| other.login.trim() == admin.login.trim()) {
                faults.add(role, format!("{duty}要用单独的登录名，三个管理员不能是同一个账号"));
            }
            if let Some(password) = &admin.password
                && let Err(Error::Invalid(found)) =
                    access::check_new(&Policy::default(), &admin.login, &admin.name, &self.city, password)
            {
                found.0.iter().for_each(|f| faults.add(role, format!("{duty}：{}", f.message)));
            }
        }
        faults.or(())
    }
}

/// Founds the platform in one act. Says who still has to set a password.
///
/// # Errors
/// [`Error::Conflict`] when the database holds a platform already; [`Error::Invalid`] with every fault of the plan.
pub async fn found(store: &Store, plan: &Plan) -> Result<Vec<Waiting>> {
    plan.check()?;
    let founded = "数据库中已有填报单元，没有作任何改动；新平台请用空目录或空库";
    let waiting = store
        .write(&Actor::system("初始化"), async |tx| {
            if !units(tx).await?.is_empty() {
                return Err(Error::Conflict(founded.into()));
            }
            for (i, unit) in plan.unit.iter().enumerate() {
                create_unit(tx, UnitId(i as i64 + 1), unit.code.trim(), unit.name.trim()).await?;
            }
            tx.run(("INSERT INTO setting (name, value) VALUES ('city.name', $1)", args![plan.city.trim()])).await?;
            let mut waiting = Vec::new();
            for (role, duty, admin) in plan.administrators() {
                let (id, link) = administrator(tx, role, admin).await?;
                let path = format!("/join/{link}");
                waiting.push((id, Waiting { duty, login: admin.login.trim().to_owned(), path }));
            }
            Ok(waiting)
        })
        .await?;
    let mut left = Vec::new();
    for ((id, waiting), (.., admin)) in waiting.into_iter().zip(plan.administrators()) {
        match &admin.password {
            Some(password) => set(store, id, password).await?,
            None => left.push(waiting),
        }
    }
    Ok(left)
}

async fn administrator(tx: &Tx, role: &str, admin: &AdminPlan) -> Result<(AccountId, String)> {
    let id = access::open_account(tx, &admin.login, &admin.name).await?;
    let new = NewMembership { role: role.into(), reason: "平台初始化".into(), ..NewMembership::from(tx.today()) };
    access::grant(tx, id, &new).await?;
    Ok((id, access::invite(tx, id).await?))
}

async fn set(store: &Store, id: AccountId, password: &str) -> Result<()> {
    let new = access::prepare_password(&store.read().await?, id, password).await?;
    store.write(&Actor::system("初始化"), async |tx| access::set_password(tx, new, None).await).await
}
