//! Accounts: a person who signs in. Passwords are kept as Argon2id hashes; what a person may do is a membership.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::membership::{self, NewMembership};
use crate::audit::Verb;
use crate::id::{AccountId, OrgId, UnitId};
use crate::store::{Read, Row, Tx};
use crate::{Error, Faults, Result, args};

/// An account as it is stored, without its secrets.
#[derive(Debug, Clone)]
pub struct Account {
    /// Number.
    pub id: AccountId,
    /// What is typed to sign in.
    pub login: String,
    /// The person's or desk's name.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When somebody last signed in.
    pub signed_in_at: Option<DateTime<Utc>>,
    /// Since when it is out of use.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Whether a password has been set.
    pub has_password: bool,
    /// Whether a second factor is bound.
    pub has_second_factor: bool,
}

/// What is needed to make an account with one membership from today on.
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
    pub(super) fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            id: AccountId(row.get("id")?),
            login: row.get("login")?,
            name: row.get("name")?,
            created_at: row.get("created_at")?,
            signed_in_at: row.get("signed_in_at")?,
            disabled_at: row.get("disabled_at")?,
            has_password: !row.text("password_hash")?.is_empty(),
            has_second_factor: row.get::<Option<String>>("totp_secret")?.is_some(),
        })
    }
}

pub(super) const COLUMNS: &str =
    "SELECT id, login, name, created_at, signed_in_at, disabled_at, password_hash, totp_secret FROM account";

/// Makes an account with a password and a membership: for the first accounts, loads and tests.
/// A person gets an account by invitation and sets the password.
///
/// # Errors
/// [`Error::Invalid`] for an unknown role or a password under 10 characters; [`Error::Conflict`] for a used login.
pub async fn create_account(tx: &Tx, new: NewAccount<'_>) -> Result<AccountId> {
    if new.password.chars().count() < 10 {
        return Err(Error::invalid("password", "口令至少 10 个字符"));
    }
    let hash = hash(new.password.to_owned()).await?;
    let id = insert(tx, new.login, new.name, &hash).await?;
    let member = NewMembership {
        role: new.role.to_owned(),
        unit: new.unit,
        org: new.org,
        reason: "开通账号".into(),
        ..NewMembership::from(tx.today())
    };
    membership::grant(tx, id, &member).await?;
    Ok(id)
}

/// Opens an account without password or membership; whoever gets its one-time link sets the password.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field.
pub async fn open_account(tx: &Tx, login: &str, name: &str) -> Result<AccountId> {
    let (login, name) = (login.trim(), name.trim());
    let mut faults = Faults::new();
    let fits = (2..=40).contains(&login.chars().count())
        && login.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@'));
    if !fits {
        faults.add("login", "登录名用 2 到 40 个字母、数字、汉字或 . - _ @");
    } else if tx.opt(("SELECT id FROM account WHERE login = $1", args![login])).await?.is_some() {
        faults.add("login", "这个登录名已有人使用，请换一个");
    }
    if !(1..=30).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        faults.add("name", "请写姓名，最多 30 个字");
    }
    faults.or(())?;
    insert(tx, login, name, "").await
}

async fn insert(tx: &Tx, login: &str, name: &str, hash: &str) -> Result<AccountId> {
    let since = (!hash.is_empty()).then(|| tx.now());
    let sql = "INSERT INTO account (login, name, password_hash, password_at, created_at) VALUES ($1, $2, $3, $4, $5)";
    let id = tx.insert((sql, args![login, name, hash, since, tx.now()])).await?;
    tx.step(Verb::ACCOUNT_MADE, "account", id);
    tx.changes("登录名", "", login);
    tx.changes("姓名", "", name);
    Ok(AccountId(id))
}

/// Takes an account out of use: its sessions, tokens and links end at once.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for the actor's own account.
pub async fn disable(tx: &Tx, id: AccountId) -> Result<()> {
    if id == tx.actor().account {
        return Err(Error::invalid("account", "不能停用自己的账号，请由另一位系统管理员办理"));
    }
    let sql = "UPDATE account SET disabled_at = $1, disabled_by = $2 WHERE id = $3 AND disabled_at IS NULL";
    if tx.run((sql, args![tx.now(), tx.actor().name.clone(), id])).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.step(Verb::ACCOUNT_DISABLED, "account", id.0);
    end_access(tx, id).await
}

/// Ends what an account is signed in with: sessions, tokens, links not used yet.
pub(super) async fn end_access(tx: &Tx, id: AccountId) -> Result<()> {
    tx.run(("DELETE FROM session WHERE account_id = $1", args![id])).await?;
    let now = tx.now();
    tx.run(("UPDATE api_token SET revoked_at = $1 WHERE account_id = $2 AND revoked_at IS NULL", args![now, id]))
        .await?;
    tx.run(("UPDATE invitation SET used_at = $1 WHERE account_id = $2 AND used_at IS NULL", args![now, id])).await?;
    Ok(())
}

/// Takes an account into use again; its memberships are as they were.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn enable(tx: &Tx, id: AccountId) -> Result<()> {
    let sql = "UPDATE account SET disabled_at = NULL, disabled_by = NULL WHERE id = $1 AND disabled_at IS NOT NULL";
    if tx.run((sql, args![id])).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.step(Verb::ACCOUNT_ENABLED, "account", id.0);
    Ok(())
}

/// The account with this number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find_account(read: &Read, id: AccountId) -> Result<Account> {
    Account::of(&read.one((&*format!("{COLUMNS} WHERE id = $1"), args![id])).await?)
}

/// Accounts by login, those after `after` whose login or name holds `text`; at most `limit`.
///
/// # Errors
/// As the database says.
pub async fn list_accounts(read: &Read, text: &str, after: &str, limit: i64) -> Result<Vec<Account>> {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let sql = format!(
        "{COLUMNS} WHERE login > $1 AND (login LIKE $2 ESCAPE '\\' OR name LIKE $2 ESCAPE '\\') ORDER BY login LIMIT $3"
    );
    read.all((&*sql, args![after, format!("%{escaped}%"), limit])).await?.iter().map(Account::of).collect()
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

/// Finds who claims to sign in. That there is nobody, that an account is out of use or has no password yet, shows only
/// in [`check_password`], and there it takes as long.
///
/// # Errors
/// As the database says.
pub async fn find_login(read: &Read, login: &str) -> Result<Claim> {
    // No login holds a control character, and one of the databases refuses some.
    let row = match login.chars().any(char::is_control) {
        true => None,
        false => read.opt((&*format!("{COLUMNS} WHERE login = $1"), args![login])).await?,
    };
    let account = row.as_ref().map(Account::of).transpose()?.filter(|a| a.has_password && a.disabled_at.is_none());
    let hash = match (&account, row) {
        (Some(_), Some(row)) => row.get("password_hash")?,
        _ => NOBODY.to_owned(),
    };
    Ok(Claim { account, hash })
}

/// The account, if the password is right: an unknown login and a wrong password look the same.
///
/// # Errors
/// [`Error::Internal`] when the check itself fails.
pub async fn check_password(claim: Claim, password: String) -> Result<Option<Account>> {
    let right = fits(claim.hash, password).await?;
    Ok(claim.account.filter(|_| right))
}

/// Hashing takes a core for a while on purpose: more than two at once would stop everybody else.
static TURNS: Semaphore = Semaphore::const_new(2);

async fn turn() -> Result<SemaphorePermit<'static>> {
    TURNS.acquire().await.map_err(|e| Error::Internal(e.to_string()))
}

/// Whether a password belongs to a hash.
pub(super) async fn fits(hash: String, password: String) -> Result<bool> {
    let _turn = turn().await?;
    let check = move || {
        PasswordHash::new(&hash).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
    };
    tokio::task::spawn_blocking(check).await.map_err(|e| Error::Internal(e.to_string()))
}

/// The hash of a password.
pub(super) async fn hash(password: String) -> Result<String> {
    let _turn = turn().await?;
    let hashed = move || Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string());
    tokio::task::spawn_blocking(hashed)
        .await
        .map_err(|e| Error::Internal(e.to_string()))?
        .map_err(|e| Error::Internal(e.to_string()))
}
