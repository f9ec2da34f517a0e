//! Accounts: a person who signs in, in one role. Passwords are kept as Argon2id hashes.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};

use super::{Actor, role};
use crate::audit::Verb;
use crate::id::{AccountId, OrgId, UnitId};
use crate::store::{Read, Row, Tx};
use crate::{Error, Result, args};

/// An account as it is stored, without its secret.
#[derive(Debug, Clone)]
pub struct Account {
    /// Number.
    pub id: AccountId,
    /// What is typed to sign in.
    pub login: String,
    /// The person's or desk's name.
    pub name: String,
    /// Code of the role.
    pub role: String,
    /// The unit of a county officer.
    pub unit: Option<UnitId>,
    /// The organisation of an enterprise or institution account.
    pub org: Option<OrgId>,
}

/// What is needed to make an account.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// What is typed to sign in; unique.
    pub login: &'a str,
    /// The person's or desk's name.
    pub name: &'a str,
    /// Code of the role.
    pub role: &'a str,
    /// The password, in clear; only its hash is kept.
    pub password: &'a str,
    /// The unit of a county officer.
    pub unit: Option<UnitId>,
    /// The organisation of an enterprise or institution account.
    pub org: Option<OrgId>,
}

impl Account {
    /// The actor this account acts as.
    ///
    /// # Errors
    /// [`Error::Internal`] when the stored role is not known to this version.
    pub fn actor(&self) -> Result<Actor> {
        let role = role(&self.role).ok_or_else(|| Error::Internal(format!("unknown role {}", self.role)))?;
        Ok(Actor {
            account: self.id,
            name: self.name.clone(),
            role,
            units: self.unit.into_iter().collect(),
            org: self.org,
        })
    }

    pub(super) fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            id: AccountId(row.get("id")?),
            login: row.get("login")?,
            name: row.get("name")?,
            role: row.get("role")?,
            unit: row.get::<Option<i64>>("unit_id")?.map(UnitId),
            org: row.get::<Option<i64>>("org_id")?.map(OrgId),
        })
    }
}

pub(super) const COLUMNS: &str = "SELECT id, login, name, role, unit_id, org_id, password_hash FROM account";

/// Makes an account.
///
/// # Errors
/// [`Error::Invalid`] for an unknown role or a password under 10 characters; [`Error::Conflict`] for a used login.
pub async fn create_account(tx: &Tx, new: NewAccount<'_>) -> Result<AccountId> {
    if role(new.role).is_none() {
        return Err(Error::invalid("role", format!("没有“{}”这个角色", new.role)));
    }
    if new.password.chars().count() < 10 {
        return Err(Error::invalid("password", "口令至少 10 个字符"));
    }
    let password = new.password.to_owned();
    let hash = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string())
    })
    .await
    .map_err(|e| Error::Internal(e.to_string()))?
    .map_err(|e| Error::Internal(e.to_string()))?;
    let id = tx
        .insert((
            "INSERT INTO account (login, name, role, unit_id, org_id, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            args![new.login, new.name, new.role, new.unit.map(|u| u.0), new.org.map(|o| o.0), hash, tx.now()],
        ))
        .await?;
    tx.step(Verb::ACCOUNT_MADE, "account", id);
    tx.changes("登录名", "", new.login);
    tx.changes("角色", "", role(new.role).map_or("", |r| r.label));
    new.org.into_iter().for_each(|org| tx.concerns(org));
    Ok(AccountId(id))
}

/// The account with this number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find_account(read: &Read, id: AccountId) -> Result<Account> {
    Account::of(&read.one((&*format!("{COLUMNS} WHERE id = $1"), args![id])).await?)
}

/// All accounts, by login.
///
/// # Errors
/// As the database says.
pub async fn list_accounts(read: &Read) -> Result<Vec<Account>> {
    read.all(&*format!("{COLUMNS} ORDER BY login")).await?.iter().map(Account::of).collect()
}

/// A hash of nothing, checked when the login is unknown, so that both answers take the same time.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$P6DXmH3cCQ3mU0l3CWkrT6cTw1UHB2ySUc8NNtQdUrQ";

/// An account and the hash of its password, as found by a login; nobody's hash when there is none.
pub struct Claim {
    account: Option<Account>,
    hash: String,
}

impl Claim {
    /// Whose account it is said to be; for the audit log, never for an answer.
    pub fn account(&self) -> Option<AccountId> {
        self.account.as_ref().map(|a| a.id)
    }
}

/// Finds who claims to sign in. That there is nobody shows only in [`check_password`], and there it takes as long.
///
/// # Errors
/// As the database says.
pub async fn find_login(read: &Read, login: &str) -> Result<Claim> {
    // No login holds a control character, and one of the databases refuses some.
    let row = match login.chars().any(char::is_control) {
        true => None,
        false => read.opt((&*format!("{COLUMNS} WHERE login = $1"), args![login])).await?,
    };
    Ok(match row {
        Some(row) => Claim { hash: row.get("password_hash")?, account: Some(Account::of(&row)?) },
        None => Claim { hash: NOBODY.to_owned(), account: None },
    })
}

/// The account, if the password is right: an unknown login and a wrong password look the same.
///
/// # Errors
/// [`Error::Internal`] when the check itself fails.
pub async fn check_password(claim: Claim, password: String) -> Result<Option<Account>> {
    let hash = claim.hash;
    let right = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
    })
    .await
    .map_err(|e| Error::Internal(e.to_string()))?;
    Ok(claim.account.filter(|_| right))
}
