//! Delivering notices over a channel: one worker at a time, over all servers.
//!
//! A step is one transaction: it writes down how the last message went, renews the lease, and takes the next message
//! with its attempt counted before it is sent. So whoever dies has counted the attempt, a message that kills the
//! program does not come first for ever, and nothing is sent inside a transaction.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::background::{self, Rhythm};
use crate::id::NoticeId;
use crate::store::{Read, Row, Store, Tx};
use crate::{Result, args};

/// A way to reach people outside the program.
#[async_trait]
pub trait Channel: Send + Sync {
    /// `mail` or `hook`: as deliveries name it.
    fn code(&self) -> &'static str;

    /// Hands a message over, within less time than a lease lasts. Safe to repeat: the receiver tells by
    /// [`Message::key`].
    async fn send(&self, message: &Message) -> std::result::Result<(), Refused>;
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Number of the notice; the same at every attempt.
    pub notice: NoticeId,
    /// Number that is the same at every attempt and nowhere else.
    pub key: String,
    /// `case`, `comment`, `digest`, `job`.
    pub kind: String,
    /// Name of the person.
    pub name: String,
    /// What the person signs in with.
    pub login: String,
    /// Address of the channel: of mail, or a mobile number.
    pub address: String,
    /// One line.
    pub title: String,
    /// More about it.
    pub body: String,
    /// A page of ours, without the server's address.
    pub href: String,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// Why a channel did not take a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It may take it later: no connection, no time, its own trouble.
    Later(String),
    /// It never will: no such address.
    Never(String),
}

/// How a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Sent,
    /// It was not taken; it comes again, or is given up.
    Refused,
    /// Nothing was due.
    Nothing,
    /// Another worker has the channel.
    Elsewhere,
}

/// A message taken from the outbox.
struct Taken {
    delivery: i64,
    attempts: i64,
    /// When it was to be sent.
    due_at: DateTime<Utc>,
    message: Message,
}

/// How a message went, to be written down with the next step.
type Ended = (i64, i64, std::result::Result<(), Refused>);

/// Sends what is due now, one after the other, and writes down how it went.
///
/// # Errors
/// As the database says; what a channel says is written at the delivery.
pub async fn deliver_next(store: &Store, channel: &dyn Channel, worker: &str, now: DateTime<Utc>) -> Result<Outcome> {
    Ok(deliver_while(store, channel, worker, || now, |_| false).await?.unwrap_or(Outcome::Nothing))
}

/// Sends what is due, as long as there is something and `goes_on` says so of the last outcome; returns the last one.
///
/// # Errors
/// As [`deliver_next`].
pub async fn deliver_while(
    store: &Store,
    channel: &dyn Channel,
    worker: &str,
    clock: impl Fn() -> DateTime<Utc>,
    mut goes_on: impl FnMut(Outcome) -> bool,
) -> Result<Option<Outcome>> {
    let mut ended: Option<Ended> = None;
    let mut last = None;
    loop {
        let done = last.is_some_and(|outcome| !goes_on(outcome));
        if ended.is_none() && (done || !may_go(store, channel.code(), clock()).await?) {
            return Ok(last);
        }
        let step = async |tx: &mut Tx| step(tx, channel.code(), worker, ended.take(), done).await;
        let taken = match store.upkeep_at(clock(), "通知", step).await? {
            Step::Elsewhere => return Ok(Some(Outcome::Elsewhere)),
            Step::Nothing => return Ok(last),
            Step::Taken(taken) => taken,
        };
        let answer = channel.send(&taken.message).await;
        last = Some(if answer.is_ok() { Outcome::Sent } else { Outcome::Refused });
        ended = Some((taken.delivery, taken.attempts, answer));
    }
}

/// Whether something is due at a time at which people may be told.
async fn may_go(store: &Store, channel: &str, now: DateTime<Utc>) -> Result<bool> {
    let read = store.read().await?;
    Ok(Rhythm::read(&read).await?.is_open(now) && due(&read, channel, now).await?.is_some())
}

enum Step {
    Elsewhere,
    Nothing,
    Taken(Box<Taken>),
}

async fn step(tx: &Tx, channel: &str, worker: &str, ended: Option<Ended>, last: bool) -> Result<Step> {
    let rhythm = Rhythm::read(tx).await?;
    // How it went is written down even by a worker that lost its lease meanwhile: it is true.
    if let Some(ended) = ended {
        write_down(tx, &rhythm, ended).await?;
    }
    let lease = format!("outbox.{channel}");
    if last {
        background::give_up(tx, &lease, worker).await?;
        return Ok(Step::Nothing);
    }
    if !background::take(tx, &lease, worker, TimeDelta::seconds(rhythm.outbox.lease_seconds)).await? {
        return Ok(Step::Elsewhere);
    }
    loop {
        let found = if rhythm.is_open(tx.now()) { due(tx, channel, tx.now()).await? } else { None };
        let Some(taken) = found else {
            background::give_up(tx, &lease, worker).await?;
            return Ok(Step::Nothing);
        };
        if let Some(why) = pointless(&taken, &rhythm, tx.now()) {
            end(tx, taken.delivery, "failed", why).await?;
            continue;
        }
        let attempts = taken.attempts + 1;
        // Should this process die now, the message comes again after the wait of this attempt.
        let again = rhythm.retry_at(tx.now(), attempts).unwrap_or(tx.now());
        let sql = "UPDATE delivery SET attempts = $1, next_at = $2 WHERE id = $3 AND state = 'waiting'";
        tx.run((sql, args![attempts, again, taken.delivery])).await?;
        return Ok(Step::Taken(Box::new(Taken { attempts, ..taken })));
    }
}

/// Why a message is not sent at all.
fn pointless(taken: &Taken, rhythm: &Rhythm, now: DateTime<Utc>) -> Option<&'static str> {
    if taken.message.address.is_empty() {
        return Some("收件人已不用这个渠道，或账号已停用");
    }
    if now - taken.due_at > TimeDelta::hours(rhythm.outbox.keep_hours) {
        return Some("过时，没有发出：站内通知里仍可看到");
    }
    // Only after crashes: the last attempt counted, and nobody wrote down how it went.
    (usize::try_from(taken.attempts).unwrap_or(0) > rhythm.outbox.retry_seconds.len())
        .then_some("多次没有发成，已停止重试")
}

async fn write_down(tx: &Tx, rhythm: &Rhythm, (delivery, attempts, answer): Ended) -> Result<()> {
    match answer {
        Ok(()) => end(tx, delivery, "sent", "").await,
        Err(Refused::Never(why)) => end(tx, delivery, "failed", &why).await,
        Err(Refused::Later(why)) => match rhythm.retry_at(tx.now(), attempts) {
            None => end(tx, delivery, "failed", &why).await,
            Some(again) => {
                let sql = "UPDATE delivery SET next_at = $1, answer = $2 WHERE id = $3 AND state = 'waiting'";
                tx.run((sql, args![again, cut(&why), delivery])).await.map(drop)
            }
        },
    }
}

async fn end(tx: &Tx, delivery: i64, state: &str, answer: &str) -> Result<()> {
    let sql = "UPDATE delivery SET state = $1, answer = $2, ended_at = $3 WHERE id = $4 AND state = 'waiting'";
    tx.run((sql, args![state, cut(answer), tx.now(), delivery])).await.map(drop)
}

/// The receiver's words are not ours: only so much of them, and no control characters.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// The message of a channel that has been due longest.
async fn due(read: &Read, channel: &str, now: DateTime<Utc>) -> Result<Option<Taken>> {
    let sql = "SELECT d.id, d.attempts, d.next_at, d.notice_id, d.channel, n.kind, n.title, n.body, n.href, n.written_at, a.name, a.login, \
               COALESCE(c.mail, '') AS mail, COALESCE(c.phone, '') AS phone FROM delivery d \
               JOIN notice n ON n.id = d.notice_id JOIN account a ON a.id = n.account_id \
               LEFT JOIN notice_choice c ON c.account_id = n.account_id AND a.disabled_at IS NULL \
               WHERE d.channel = $1 AND d.state = 'waiting' AND d.next_at <= $2 ORDER BY d.next_at, d.id LIMIT 1";
    read.opt((sql, args![channel, now])).await?.as_ref().map(taken_of).transpose()
}

fn taken_of(row: &Row) -> Result<Taken> {
    let (delivery, channel): (i64, String) = (row.get("id")?, row.get("channel")?);
    let message = Message {
        notice: NoticeId(row.get("notice_id")?),
        key: format!("{channel}-{delivery}"),
        kind: row.get("kind")?,
        name: row.get("name")?,
        login: row.get("login")?,
        address: row.get(if channel == "mail" { "mail" } else { "phone" })?,
        title: row.get("title")?,
        body: row.get("body")?,
        href: row.get("href")?,
        written_at: row.get("written_at")?,
    };
    Ok(Taken { delivery, attempts: row.get("attempts")?, due_at: row.get("next_at")?, message })
}
