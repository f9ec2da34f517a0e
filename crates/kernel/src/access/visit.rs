//! What an account is signed in with: sessions of browsers and tokens of programs.

use chrono::{DateTime, TimeDelta, Utc};

use super::role::Role;
use super::{Actor, find_person, permission_label, secret};
use crate::audit::Verb;
use crate::id::AccountId;
use crate::store::{Read, Row, Tx};
use crate::value::day::Day;
use crate::{Error, Faults, Result, args};

/// A session of a browser.
#[derive(Debug, Clone)]
pub struct Visit {
    /// What it is called on pages and in forms: a hash, never the secret of the cookie.
    pub mark: String,
    /// When somebody signed in.
    pub started_at: DateTime<Utc>,
    /// When it ends unless it is used.
    pub expires_at: DateTime<Utc>,
    /// From where.
    pub address: String,
    /// With what browser, as it says.
    pub agent: String,
}

/// The hash under which a session is shown.
pub fn mark(session: &str) -> String {
    secret::digest(session).chars().take(16).collect()
}

/// The sessions of an account, newest first.
///
/// # Errors
/// As the database says.
pub async fn list_visits(read: &Read, account: AccountId) -> Result<Vec<Visit>> {
    let sql = "SELECT id, started_at, expires_at, address, agent FROM session \
               WHERE account_id = $1 AND expires_at > $2 ORDER BY started_at DESC";
    let rows = read.all((sql, args![account, read.now()])).await?;
    rows.iter()
        .map(|row| {
            Ok(Visit {
                mark: mark(&row.get::<String>("id")?),
                started_at: row.get("started_at")?,
                expires_at: row.get("expires_at")?,
                address: row.get("address")?,
                agent: row.get("agent")?,
            })
        })
        .collect()
}

/// Ends sessions of the actor: the one with this mark, or all but `keep` when none is named.
///
/// # Errors
/// [`Error::NotFound`] for a mark that is no session of the actor.
pub async fn end_visits(tx: &Tx, mark_of: Option<&str>, keep: &str) -> Result<u64> {
    let account = tx.actor().account;
    tx.step(Verb::VISITS_ENDED, "account", account.0);
    let mut ended = 0;
    for row in tx.all(("SELECT id FROM session WHERE account_id = $1", args![account])).await? {
        let id: String = row.get("id")?;
        if mark_of.map_or(id != keep, |wanted| mark(&id) == wanted) {
            ended += tx.run(("DELETE FROM session WHERE id = $1", args![id])).await?;
        }
    }
    if mark_of.is_some() && ended == 0 { Err(Error::NotFound) } else { Ok(ended) }
}

/// A token of a program.
#[derive(Debug, Clone)]
pub struct Token {
    /// Number.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// The seat it acts from.
    pub seat: String,
    /// The permissions it has of those its owner has there.
    pub permissions: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The last day it can be used.
    pub expires_on: Day,
    /// When it was last used, to the minute.
    pub used_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            seat: row.get("seat")?,
            permissions: row.get::<String>("permissions")?.split(',').map(str::to_owned).collect(),
            created_at: row.get("created_at")?,
            expires_on: row.get("expires_on")?,
            used_at: row.get("used_at")?,
            revoked_at: row.get("revoked_at")?,
        })
    }
}

/// How every token begins, so that one in the wrong place is recognised.
const PREFIX: &str = "qishu_";
/// Days a token can be used at most.
const LONGEST: i64 = 366;

/// The tokens of an account, newest first.
///
/// # Errors
/// As the database says.
pub async fn list_tokens(read: &Read, account: AccountId) -> Result<Vec<Token>> {
    let sql = "SELECT id, name, seat, permissions, created_at, expires_on, used_at, revoked_at FROM api_token \
               WHERE account_id = $1 ORDER BY id DESC";
    read.all((sql, args![account])).await?.iter().map(Token::of).collect()
}

/// Makes a token that acts from a seat of the actor with some of its permissions. It is told once.
///
/// # Errors
/// [`Error::Invalid`] with every fault at its field.
pub async fn make_token(tx: &Tx, name: &str, seat: &str, permissions: &[String], until: Option<Day>) -> Result<String> {
    let mut faults = Faults::new();
    if !(1..=40).contains(&name.trim().chars().count()) || name.chars().any(char::is_control) {
        faults.add("name", "请写用途，最多 40 个字");
    }
    if permissions.is_empty() || !permissions.iter().all(|p| tx.actor().role.grants.iter().any(|g| g.permission == *p))
    {
        faults.add("permissions", "请至少选一项自己有的权限");
    }
    let today = tx.today();
    let until = until.filter(|day| *day >= today && *day <= today + TimeDelta::days(LONGEST));
    if until.is_none() {
        faults.add("expires_on", "请填今天起一年以内的日期");
    }
    faults.or(())?;
    tx.step(Verb::TOKEN_MADE, "account", tx.actor().account.0);
    tx.changes("令牌", "", name.trim());
    permissions.iter().for_each(|p| tx.changes("权限", "", permission_label(p)));
    tx.changes("截止日期", "", &until.map(|day| day.to_string()).unwrap_or_default());
    let token = format!("{PREFIX}{}", secret::secret::<40>()?);
    tx.run((
        "INSERT INTO api_token (account_id, seat, name, token, permissions, created_at, expires_on) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![tx.actor().account, seat, name.trim(), secret::digest(&token), permissions.join(","), tx.now(), until],
    ))
    .await?;
    Ok(token)
}

/// Takes a token of the actor back.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn revoke_token(tx: &Tx, id: i64) -> Result<()> {
    let sql = "UPDATE api_token SET revoked_at = $1 WHERE id = $2 AND account_id = $3 AND revoked_at IS NULL";
    if tx.run((sql, args![tx.now(), id, tx.actor().account])).await? == 0 {
        return Err(Error::NotFound);
    }
    tx.step(Verb::TOKEN_REVOKED, "token", id);
    Ok(())
}

/// Who a token acts for: no more than its owner may do at that seat now. With it comes the token's number
/// where its use is to be noted.
///
/// # Errors
/// [`Error::NotFound`] for a token that is unknown, too old or taken back, or whose owner has left the seat.
pub async fn find_bearer(read: &Read, token: &str) -> Result<(Actor, Option<i64>)> {
    let sql = "SELECT id, name, seat, permissions, created_at, expires_on, used_at, revoked_at, account_id FROM api_token \
               WHERE token = $1 AND revoked_at IS NULL AND expires_on >= $2";
    let row = read.one((sql, args![secret::digest(token), read.today()])).await?;
    let found = Token::of(&row)?;
    let person = find_person(read, AccountId(row.get("account_id")?), &found.seat).await?;
    let seat = person.seats.get(person.seat).filter(|seat| seat.key == found.seat).ok_or(Error::NotFound)?;
    let role: Role = seat.role.only(|permission| found.permissions.iter().any(|p| p == permission));
    let actor = person.actor();
    let actor = Actor { name: format!("{}（令牌：{}）", actor.name, found.name), role: role.into(), ..actor };
    let is_noted = found.used_at.is_some_and(|at| read.now() - at < TimeDelta::minutes(1));
    Ok((actor, (!is_noted).then_some(found.id)))
}

/// Notes that a token was used.
///
/// # Errors
/// As the database says.
pub async fn note_use(tx: &Tx, token: i64) -> Result<()> {
    tx.run(("UPDATE api_token SET used_at = $1 WHERE id = $2", args![tx.now(), token])).await?;
    Ok(())
}
