//! How deliveries went, for those who run the platform: numbers, what failed and why, and once more.
//! The text of a notice is its reader's; here stand only whom it went to, when, and what the receiver said.

use chrono::{DateTime, Utc};

use crate::audit::Verb;
use crate::background::Rhythm;
use crate::store::{Read, Row, Tx};
use crate::{Error, Result, args};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits for its turn, or for the next attempt.
    Waiting,
    /// The receiver took it.
    Sent,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// Every state with its stable code and what it is called.
    pub const EACH: [(Self, &'static str, &'static str); 3] =
        [(Self::Waiting, "waiting", "待发"), (Self::Failed, "failed", "没有发成"), (Self::Sent, "sent", "已发")];

    /// The state with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::EACH.iter().find(|(_, c, _)| *c == code).map(|(state, ..)| *state)
    }

    /// Stable code.
    pub fn code(self) -> &'static str {
        Self::EACH.iter().find(|(state, ..)| *state == self).map_or("", |(_, code, _)| code)
    }

    /// What it is called.
    pub fn label(self) -> &'static str {
        Self::EACH.iter().find(|(state, ..)| *state == self).map_or("", |(.., label)| label)
    }
}

/// A delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Number.
    pub id: i64,
    /// `mail` or `hook`.
    pub channel: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Name of the person.
    pub name: String,
    /// What the person signs in with.
    pub login: String,
    /// `case`, `comment`, `digest`, `job`.
    pub kind: String,
    /// When the notice was written.
    pub written_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, while it waits.
    pub next_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// What the receiver said last.
    pub answer: String,
}

/// Deliveries in a state before a number, the newest first.
///
/// # Errors
/// As the database says.
pub async fn deliveries(read: &Read, state: DeliveryState, before: Option<i64>, limit: i64) -> Result<Vec<Delivery>> {
    let sql = "SELECT d.id, d.channel, d.state, d.attempts, d.next_at, d.ended_at, d.answer, n.kind, n.written_at, a.name, \
               a.login FROM delivery d JOIN notice n ON n.id = d.notice_id JOIN account a ON a.id = n.account_id \
               WHERE d.state = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3";
    let before = before.unwrap_or(i64::MAX);
    read.all((sql, args![state.code(), before, limit])).await?.iter().map(delivery_of).collect()
}

fn delivery_of(row: &Row) -> Result<Delivery> {
    Ok(Delivery {
        id: row.get("id")?,
        channel: row.get("channel")?,
        state: DeliveryState::parse(&row.get::<String>("state")?).unwrap_or(DeliveryState::Waiting),
        name: row.get("name")?,
        login: row.get("login")?,
        kind: row.get("kind")?,
        written_at: row.get("written_at")?,
        attempts: row.get("attempts")?,
        next_at: row.get("next_at")?,
        ended_at: row.get("ended_at")?,
        answer: row.get("answer")?,
    })
}

/// How many deliveries stand where.
///
/// # Errors
/// As the database says.
pub async fn counted(read: &Read) -> Result<Vec<(DeliveryState, i64)>> {
    let rows = read.all("SELECT state, CAST(COUNT(*) AS BIGINT) AS n FROM delivery GROUP BY state").await?;
    let mut found = Vec::new();
    for (state, code, _) in DeliveryState::EACH {
        let row = rows.iter().find(|row| row.get::<String>("state").is_ok_and(|held| held == code));
        found.push((state, row.map_or(Ok(0), |row| row.int("n"))?));
    }
    Ok(found)
}

/// Has a delivery that was given up tried again, from the beginning of its waits.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when it was not given up.
pub async fn send_again(tx: &Tx, id: i64) -> Result<()> {
    let row = tx.one(("SELECT state FROM delivery WHERE id = $1", args![id])).await?;
    tx.act(Verb::NOTICE_SENT_AGAIN, "delivery", id);
    let sql = "UPDATE delivery SET state = 'waiting', attempts = 0, next_at = $1, ended_at = NULL WHERE id = $2 AND state = 'failed'";
    let next_at = Rhythm::read(tx).await?.next_open(tx.now());
    match tx.run((sql, args![next_at, id])).await? {
        1 => Ok(()),
        _ => Err(Error::Conflict(match row.get::<String>("state")?.as_str() {
            "sent" => "这一条已经发出".to_owned(),
            _ => "这一条正在等待发送".to_owned(),
        })),
    }
}
