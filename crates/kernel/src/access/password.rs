//! Setting a password: what it must keep, and the one-time links by which it is first set.

use chrono::{DateTime, TimeDelta, Utc};

use super::account::{self, find_account};
use super::{Policy, secret, weak};
use crate::audit::Verb;
use crate::id::AccountId;
use crate::store::{Read, Tx};
use crate::{Error, Result, args};

/// How long a one-time link can be used.
const LINK: TimeDelta = TimeDelta::hours(72);

/// Checks a password against all that it must keep, as far as it can be told without the database.
///
/// # Errors
/// [`Error::Invalid`] at `password`.
pub fn check_new(policy: &Policy, login: &str, name: &str, city: &str, password: &str) -> Result<()> {
    let length = password.chars().count();
    let fault = |message: String| Err(Error::invalid("password", message));
    if i64::try_from(length).unwrap_or(i64::MAX) < policy.password_min {
        return fault(format!("口令至少 {} 个字符，可以用一句话", policy.password_min));
    }
    if length > 200 {
        return fault("口令最多 200 个字符".into());
    }
    match weak::why(password, &[login, name, city]) {
        Some(why) => fault(format!("这个口令容易被猜到（{why}），请换一个，例如几个不相干的词")),
        None => Ok(()),
    }
}

/// A password that keeps everything it must, ready to be set: what takes long is done before the transaction.
pub struct NewPassword {
    account: AccountId,
    hash: String,
}

/// Checks a password for an account and makes its hash.
///
/// # Errors
/// [`Error::Invalid`] at `password`.
pub async fn prepare_password(read: &Read, id: AccountId, password: &str) -> Result<NewPassword> {
    let policy = Policy::read(read).await?;
    let account = find_account(read, id).await?;
    let city = read.opt("SELECT value FROM setting WHERE name = 'city.name'").await?;
    let city = city.map(|row| row.text("value")).transpose()?.unwrap_or_default();
    check_new(&policy, &account.login, &account.name, &city, password)?;
    let digest = secret::digest(&password.to_lowercase());
    if read.opt(("SELECT digest FROM weak_password WHERE digest = $1", args![digest])).await?.is_some() {
        return Err(Error::invalid("password", "这个口令在已泄露口令的名单里，请换一个"));
    }
    refuse_earlier(read, id, password, policy.password_history).await?;
    Ok(NewPassword { account: id, hash: account::hash(password.to_owned()).await? })
}

/// Sets a password and ends the sessions of its account, except `keep`; links that were not used end too.
///
/// # Errors
/// As the database says.
pub async fn set_password(tx: &Tx, new: NewPassword, keep: Option<&str>) -> Result<()> {
    let (id, now) = (new.account, tx.now());
    tx.step(Verb::PASSWORD_SET, "account", id.0);
    tx.run((
        "INSERT INTO password_history (account_id, password_hash, set_at) VALUES ($1, $2, $3)",
        args![id, new.hash.clone(), now],
    ))
    .await?;
    tx.run(("UPDATE account SET password_hash = $1, password_at = $2 WHERE id = $3", args![new.hash, now, id])).await?;
    let sql = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
    tx.run((sql, args![id, keep.unwrap_or_default()])).await?;
    tx.run(("UPDATE invitation SET used_at = $1 WHERE account_id = $2 AND used_at IS NULL", args![now, id])).await?;
    Ok(())
}

/// The current password and the last ones may not come back.
async fn refuse_earlier(read: &Read, id: AccountId, password: &str, last: i64) -> Result<()> {
    let mut hashes = vec![current(read, id).await?];
    let sql = "SELECT password_hash FROM password_history WHERE account_id = $1 ORDER BY id DESC LIMIT $2";
    for row in read.all((sql, args![id, last])).await? {
        hashes.push(row.get("password_hash")?);
    }
    hashes.dedup();
    for hash in hashes {
        if account::fits(hash, password.to_owned()).await? {
            return Err(Error::invalid("password", "最近用过这个口令，请换一个没有用过的"));
        }
    }
    Ok(())
}

async fn current(read: &Read, id: AccountId) -> Result<String> {
    read.one(("SELECT password_hash FROM account WHERE id = $1", args![id])).await?.get("password_hash")
}

/// Makes sure that whoever is signed in also knows the password.
///
/// # Errors
/// [`Error::Invalid`] at `current`.
pub async fn confirm_password(read: &Read, id: AccountId, typed: &str) -> Result<()> {
    match account::fits(current(read, id).await?, typed.to_owned()).await? {
        true => Ok(()),
        false => Err(Error::invalid("current", "现在的口令不对，请重新输入")),
    }
}

/// Makes a one-time link for an account: an invitation where it has no password, else a reset. Earlier links end, and
/// so does whatever the account is signed in with. The secret is told once.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] for an account out of use.
pub async fn invite(tx: &Tx, id: AccountId) -> Result<String> {
    if find_account(tx, id).await?.disabled_at.is_some() {
        return Err(Error::Conflict("账号已停用，请先启用再发链接".into()));
    }
    account::end_access(tx, id).await?;
    tx.step(Verb::LINK_MADE, "account", id.0);
    let link = secret::secret::<32>()?;
    tx.run((
        "INSERT INTO invitation (account_id, token, created_at, created_by, expires_at) VALUES ($1, $2, $3, $4, $5)",
        args![id, secret::digest(&link), tx.now(), tx.actor().name.clone(), tx.now() + LINK],
    ))
    .await?;
    Ok(link)
}

/// Resets an account that has lost its password or its second factor: password and second factor are gone until the
/// link has been used.
///
/// # Errors
/// As [`invite`].
pub async fn reset(tx: &Tx, id: AccountId) -> Result<String> {
    tx.step(Verb::ACCOUNT_RESET, "account", id.0);
    let link = invite(tx, id).await?;
    tx.run(("UPDATE account SET password_hash = '', totp_secret = NULL, totp_step = 0 WHERE id = $1", args![id]))
        .await?;
    tx.run(("DELETE FROM recovery_code WHERE account_id = $1", args![id])).await?;
    Ok(link)
}

/// The account a link belongs to, and until when it can be used.
///
/// # Errors
/// [`Error::NotFound`] for a link that is unknown, used or too old.
pub async fn find_link(read: &Read, link: &str) -> Result<(AccountId, DateTime<Utc>)> {
    let row = read
        .one((
            "SELECT i.account_id, i.expires_at FROM invitation i JOIN account a ON a.id = i.account_id
             WHERE i.token = $1 AND i.used_at IS NULL AND i.expires_at > $2 AND a.disabled_at IS NULL",
            args![secret::digest(link), read.now()],
        ))
        .await?;
    Ok((AccountId(row.get("account_id")?), row.get("expires_at")?))
}

/// Uses a link up, and sets the password that was prepared for its account.
///
/// # Errors
/// [`Error::NotFound`] for a link that has been used meanwhile or belongs to another account.
pub async fn use_link(tx: &Tx, link: &str, new: NewPassword) -> Result<()> {
    let used = "UPDATE invitation SET used_at = $1 WHERE token = $2 AND account_id = $3 AND used_at IS NULL";
    if tx.run((used, args![tx.now(), secret::digest(link), new.account])).await? == 0 {
        return Err(Error::NotFound);
    }
    set_password(tx, new, None).await
}

/// Takes passwords of an operator's list as known, a line each; says how many were new.
///
/// # Errors
/// As the database says.
pub async fn know_weak(tx: &Tx, lines: &str) -> Result<u64> {
    tx.step(Verb::WEAK_KNOWN, "weak_password", None);
    let mut added = 0;
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let digest = secret::digest(&line.to_lowercase());
        let sql = "INSERT INTO weak_password (digest) VALUES ($1) ON CONFLICT DO NOTHING";
        added += tx.run((sql, args![digest])).await?;
    }
    Ok(added)
}
