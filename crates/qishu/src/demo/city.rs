//! The city's definitions: units, targets, accounts, and the bodies that the reply names.

use kernel::access::{NewAccount, Policy, create_account};
use kernel::id::{OrgId, UnitId};
use kernel::org::create_unit;
use kernel::store::Tx;
use kernel::value::day::Day;
use kernel::{Error, Result, args};
use serde::Deserialize;

const CITY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/huangshi-2021/city.toml"));
const NAMED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/huangshi-2021/organisations.toml"));

/// `city.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityFile {
    /// Name of the city.
    pub name: String,
    /// The default day of every page.
    pub about: Day,
    /// Password of every demonstration account.
    pub password: String,
    /// Reporting units.
    pub unit: Vec<UnitDef>,
    /// Targets by unit.
    pub targets: Targets,
    /// Accounts.
    pub account: Vec<AccountDef>,
}

/// A reporting unit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitDef {
    /// Number.
    pub id: i64,
    /// Code in workbooks.
    pub code: String,
    /// Name.
    pub name: String,
    /// How names of enterprises begin there.
    pub short: String,
    /// Part of the enterprises, in percent.
    pub share: i64,
    /// GB/T 2260 codes with weights.
    pub regions: Vec<(i64, i64)>,
}

/// Targets; the lists follow the order of the units.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    /// The document that sets the year's targets.
    pub source: String,
    /// The document that sets the plan's target.
    pub plan_source: String,
    /// Enterprises diagnosed over the plan, whole city.
    pub plan_coverage: i64,
    /// Enterprises diagnosed in the year.
    pub diagnosis: Vec<i64>,
    /// Projects completed in the year.
    pub projects: Vec<i64>,
}

/// A demonstration account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountDef {
    /// Login.
    pub login: String,
    /// Name of the desk.
    pub name: String,
    /// Role code.
    pub role: String,
    /// Unit of a county officer.
    pub unit: Option<i64>,
    /// Part its organisation plays: `enterprise`, `bank` or `institution`.
    pub organisation: Option<String>,
}

/// A body that the reply names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// How the generator speaks of it.
    pub key: String,
    /// Kind of organisation.
    pub kind: String,
    /// Local code.
    pub code: String,
    /// Name as the reply writes it.
    pub name: String,
    /// Further names the reply uses.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Reporting unit, where the reply tells it.
    pub unit: Option<i64>,
    /// What the reply states of it.
    pub states: String,
}

#[derive(Deserialize)]
struct NamedFile {
    organisation: Vec<Named>,
}

/// Reads `city.toml`.
///
/// # Errors
/// [`Error::Internal`] when the file in the repository is broken.
pub fn read() -> Result<CityFile> {
    toml::from_str(CITY).map_err(|e| Error::Internal(format!("city.toml: {e}")))
}

/// Reads `organisations.toml`.
///
/// # Errors
/// [`Error::Internal`] when the file in the repository is broken.
pub(super) fn named() -> Result<Vec<Named>> {
    let file: NamedFile = toml::from_str(NAMED).map_err(|e| Error::Internal(format!("organisations.toml: {e}")))?;
    Ok(file.organisation)
}

/// Writes settings and units.
pub(super) async fn found(tx: &Tx, city: &CityFile) -> Result<()> {
    let about = city.about.to_string();
    for (name, value) in [
        ("city.name", city.name.as_str()),
        ("about.default", about.as_str()),
        ("demo", "1"),
        ("demo.password", city.password.as_str()),
    ] {
        tx.run(("INSERT INTO setting (name, value) VALUES ($1, $2)", args![name, value])).await?;
    }
    // Everybody who looks at the demonstration may sign in as an administrator, without an authenticator.
    Policy { second_factor: Vec::new(), ..Policy::default() }.set(tx).await?;
    for unit in &city.unit {
        create_unit(tx, UnitId(unit.id), &unit.code, &unit.name).await?;
    }
    Ok(())
}

/// The organisations whose people have demonstration accounts.
pub(super) struct Parts {
    /// The first enterprise.
    pub enterprise: OrgId,
    /// The first bank.
    pub bank: OrgId,
    /// The first diagnosis institution.
    pub institution: OrgId,
    /// The guarantor.
    pub guarantor: OrgId,
}

/// Opens the demonstration accounts: those of offices first, those of organisations once these are known.
pub(super) async fn open_accounts(tx: &Tx, city: &CityFile, parts: Option<&Parts>) -> Result<()> {
    for account in city.account.iter().filter(|account| account.organisation.is_some() == parts.is_some()) {
        let org = match (account.organisation.as_deref(), parts) {
            (Some("enterprise"), Some(parts)) => Some(parts.enterprise),
            (Some("bank"), Some(parts)) => Some(parts.bank),
            (Some("institution"), Some(parts)) => Some(parts.institution),
            (Some("guarantor"), Some(parts)) => Some(parts.guarantor),
            (Some(other), _) => return Err(Error::Internal(format!("city.toml: unknown part {other}"))),
            (None, _) => None,
        };
        let new = NewAccount {
            login: &account.login,
            name: &account.name,
            role: &account.role,
            password: &city.password,
            unit: account.unit.map(UnitId),
            org,
        };
        create_account(tx, new).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::access::role;
    use kernel::value::region;

    #[test]
    fn the_city_is_consistent() {
        let city = read().expect("readable");
        assert_eq!(city.unit.iter().map(|u| u.share).sum::<i64>(), 100);
        assert_eq!(city.targets.diagnosis.iter().sum::<i64>(), 152);
        assert_eq!(city.targets.projects.iter().sum::<i64>(), 100);
        assert_eq!((city.targets.diagnosis.len(), city.targets.projects.len()), (7, 7));
        assert!(city.unit.iter().flat_map(|u| &u.regions).all(|(code, _)| region::find(&code.to_string()).is_some()));
        assert!(city.account.iter().all(|a| role(&a.role).is_some()));
    }

    #[test]
    fn named_bodies_have_local_codes_and_a_statement() {
        let named = named().expect("readable");
        let mut codes: Vec<&str> = named.iter().map(|n| n.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), named.len());
        assert!(named.iter().all(|n| n.code.starts_with("HS-") && !n.states.is_empty()));
    }
}
