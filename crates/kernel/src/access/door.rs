//! The door: how many attempts have failed, and who rests after too many.
//!
//! A login that does not exist is counted like one that does, so that a rest tells nothing about it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Policy, secret};
use crate::id::AccountId;
use crate::store::{Read, Sql, Tx};
use crate::{Result, args};

/// The first rest; each further failure doubles it.
const FIRST_REST: TimeDelta = TimeDelta::minutes(1);
/// The longest rest.
const LONGEST_REST: TimeDelta = TimeDelta::hours(1);
/// After so long without a failure the count begins anew.
const FORGOTTEN: TimeDelta = TimeDelta::hours(24);

/// What an attempt is counted under: the login as typed, and the address it comes from where that is known.
#[derive(Debug, Clone)]
pub struct Attempt {
    login: String,
    address: Option<String>,
}

impl Attempt {
    /// An attempt with a login from an address; empty when it is not known.
    pub fn new(login: &str, address: &str) -> Self {
        let key = |what: &str, text: &str| secret::digest(&format!("{what}:{}", text.trim().to_lowercase()));
        Self { login: key("login", login), address: (!address.is_empty()).then(|| key("address", address)) }
    }

    fn subjects<'a>(&'a self, policy: &Policy) -> impl Iterator<Item = (&'a str, i64)> {
        let address = self.address.as_deref().map(|a| (a, policy.address_failures));
        std::iter::once((self.login.as_str(), policy.account_failures)).chain(address)
    }
}

/// Whether login or address rest just now.
///
/// # Errors
/// As the database says.
pub async fn rests(read: &Read, attempt: &Attempt) -> Result<bool> {
    let mut sql = Sql::new("SELECT subject FROM sign_in_failure WHERE locked_until > ");
    sql.bind(read.now())
        .push(" AND subject IN ")
        .binds(std::iter::once(attempt.login.as_str()).chain(attempt.address.as_deref()));
    Ok(read.opt(sql).await?.is_some())
}

/// Counts a failure; from the policy's number on, login or address rest, longer each time.
///
/// # Errors
/// As the database says.
pub async fn failed(tx: &Tx, attempt: &Attempt) -> Result<()> {
    let policy = Policy::read(tx).await?;
    for (subject, most) in attempt.subjects(&policy) {
        let row = tx
            .one((
                "INSERT INTO sign_in_failure (subject, failures, last_at) VALUES ($1, 1, $2)
                 ON CONFLICT (subject) DO UPDATE SET last_at = excluded.last_at,
                 failures = CASE WHEN sign_in_failure.last_at < $3 THEN 1 ELSE sign_in_failure.failures + 1 END
                 RETURNING failures",
                args![subject, tx.now(), tx.now() - FORGOTTEN],
            ))
            .await?;
        if let Some(until) = rest(row.get("failures")?, most, tx.now()) {
            tx.run(("UPDATE sign_in_failure SET locked_until = $1 WHERE subject = $2", args![until, subject])).await?;
        }
    }
    Ok(())
}

/// Until when is rested after so many failures; nothing below the most.
fn rest(failures: i64, most: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let over = u32::try_from(failures - most).ok()?;
    let longer = FIRST_REST * 2_i32.pow(over.min(6));
    Some(now + longer.min(LONGEST_REST))
}

/// Notes that somebody has come in: the failures of the login are forgotten, not those of the address.
///
/// # Errors
/// As the database says.
pub async fn came_in(tx: &Tx, attempt: &Attempt, account: AccountId) -> Result<()> {
    tx.run(("DELETE FROM sign_in_failure WHERE subject = $1", args![attempt.login.clone()])).await?;
    tx.run(("UPDATE account SET signed_in_at = $1 WHERE id = $2", args![tx.now(), account])).await?;
    Ok(())
}

/// Deletes counts that are forgotten.
///
/// # Errors
/// As the database says.
pub async fn forget(tx: &Tx) -> Result<()> {
    let sql = "DELETE FROM sign_in_failure WHERE last_at < $1 AND (locked_until IS NULL OR locked_until < $1)";
    tx.run((sql, args![tx.now() - FORGOTTEN])).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_grows_and_has_an_end() {
        let now = DateTime::UNIX_EPOCH;
        let minutes = |failures| rest(failures, 5, now).map(|until| (until - now).num_minutes());
        assert_eq!(
            (4..=12).map(minutes).collect::<Vec<_>>(),
            [None, Some(1), Some(2), Some(4), Some(8), Some(16), Some(32), Some(60), Some(60)]
        );
    }
}
