//! The inbox of a person: what was told, what is unread, where else it goes. Everything here is the reader's own.

use chrono::{DateTime, Utc};

use crate::audit::Verb;
use crate::cipher::mask;
use crate::id::{AccountId, NoticeId};
use crate::store::{Read, Row, Store, Tx};
use crate::{Error, Faults, Result, args};

/// A notice as its reader sees it.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Number.
    pub id: NoticeId,
    /// `case`, `comment`, `digest`, `job`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// More about it.
    pub body: String,
    /// A page of ours.
    pub href: String,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// When it was first opened.
    pub read_at: Option<DateTime<Utc>>,
}

impl Notice {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            id: NoticeId(row.get("id")?),
            kind: row.get("kind")?,
            title: row.get("title")?,
            body: row.get("body")?,
            href: row.get("href")?,
            written_at: row.get("written_at")?,
            read_at: row.get("read_at")?,
        })
    }
}

/// Notices of an account before a number, the newest first; only the unread ones if asked.
///
/// # Errors
/// As the database says.
pub async fn list(
    read: &Read,
    of: AccountId,
    unread_only: bool,
    before: Option<NoticeId>,
    limit: i64,
) -> Result<Vec<Notice>> {
    let only = if unread_only { "AND read_at IS NULL " } else { "" };
    let sql = format!(
        "SELECT id, kind, title, body, href, written_at, read_at FROM notice WHERE account_id = $1 AND id < $2 {only}\
         ORDER BY id DESC LIMIT $3"
    );
    let before = before.map_or(i64::MAX, |id| id.0);
    read.all((&*sql, args![of, before, limit])).await?.iter().map(Notice::of).collect()
}

/// The most that [`unread`] counts to: a frame shows no more than `99+`.
const MOST: i64 = 100;

/// How many notices of an account are unread, at most 100.
///
/// # Errors
/// As the database says.
pub async fn unread(read: &Read, of: AccountId) -> Result<i64> {
    if of.0 == 0 {
        return Ok(0);
    }
    let sql =
        "SELECT COUNT(*) AS n FROM (SELECT id FROM notice WHERE account_id = $1 AND read_at IS NULL LIMIT $2) AS u";
    read.one((sql, args![of, MOST])).await?.int("n")
}

/// Where a notice leads, without opening it.
///
/// # Errors
/// [`Error::NotFound`], also for somebody else's.
pub async fn href(read: &Read, of: AccountId, id: NoticeId) -> Result<String> {
    read.one(("SELECT href FROM notice WHERE id = $1 AND account_id = $2", args![id, of])).await?.get("href")
}

/// Opens a notice: where it leads. The first time is kept; that is nobody's act and stands in no log.
///
/// # Errors
/// [`Error::NotFound`], also for somebody else's.
pub async fn open(store: &Store, of: AccountId, id: NoticeId) -> Result<String> {
    let sql = "SELECT href, read_at FROM notice WHERE id = $1 AND account_id = $2";
    let row = store.read().await?.one((sql, args![id, of])).await?;
    if row.get::<Option<DateTime<Utc>>>("read_at")?.is_none() {
        let sql = "UPDATE notice SET read_at = $1 WHERE id = $2 AND read_at IS NULL";
        store.upkeep("通知", async |tx| tx.run((sql, args![tx.now(), id])).await).await?;
    }
    row.get("href")
}

/// Marks all notices of an account up to a number as read: what came after its page was drawn stays unread.
///
/// # Errors
/// As the database says.
pub async fn read_all(store: &Store, of: AccountId, up_to: NoticeId) -> Result<()> {
    let sql = "UPDATE notice SET read_at = $1 WHERE account_id = $2 AND id <= $3 AND read_at IS NULL";
    store.upkeep("通知", async |tx| tx.run((sql, args![tx.now(), of, up_to])).await).await.map(drop)
}

/// Where else than in the inbox somebody is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Address for e-mail; empty for none.
    pub mail: String,
    /// Mobile number for text messages or the office's messenger; empty for none.
    pub phone: String,
    /// What cases bring is told once a working day, with the reminders.
    pub daily: bool,
}

/// What an account chose; nothing but the inbox as long as it chose nothing.
///
/// # Errors
/// As the database says.
pub async fn choice(read: &Read, of: AccountId) -> Result<Choice> {
    let sql = "SELECT mail, phone, daily FROM notice_choice WHERE account_id = $1";
    match read.opt((sql, args![of])).await? {
        Some(row) => Ok(Choice { mail: row.get("mail")?, phone: row.get("phone")?, daily: row.int("daily")? == 1 }),
        None => Ok(Choice::default()),
    }
}

/// Sets where the actor is told.
///
/// # Errors
/// [`Error::Invalid`] with the fault at its field.
pub async fn choose(tx: &Tx, chosen: &Choice) -> Result<()> {
    let of = tx.actor().account;
    let (mail, phone) = (chosen.mail.trim(), chosen.phone.trim());
    let mut faults = Faults::new();
    if !mail.is_empty() && !is_mail(mail) {
        faults.add("mail", "请写完整的邮箱地址，例如 name@example.cn");
    }
    if !phone.is_empty() && !is_mobile(phone) {
        faults.add("phone", "请写 11 位手机号码");
    }
    faults.or(())?;
    if of.0 == 0 {
        return Err(Error::NotFound);
    }
    let before = choice(tx, of).await?;
    tx.act(Verb::NOTICE_CHOSEN, "account", of.0);
    // The log is kept for years and cannot be cleared: where somebody is reached stands in it masked.
    let masked = |text: &str| if text.is_empty() { String::new() } else { mask(text) };
    tx.changes("邮箱", &masked(&before.mail), &masked(mail));
    tx.changes("手机", &masked(&before.phone), &masked(phone));
    tx.changes("每日汇总", said(before.daily), said(chosen.daily));
    tx.run((
        "INSERT INTO notice_choice (account_id, mail, phone, daily, changed_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (account_id) DO UPDATE SET mail = excluded.mail, phone = excluded.phone, daily = excluded.daily, \
         changed_at = excluded.changed_at",
        args![of, mail, phone, i64::from(chosen.daily), tx.now()],
    ))
    .await
    .map(drop)
}

fn said(yes: bool) -> &'static str {
    if yes { "是" } else { "否" }
}

fn is_mobile(text: &str) -> bool {
    text.len() == 11 && text.starts_with('1') && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text has the shape of an address: one @ between a name and a domain, printable ASCII without blanks.
fn is_mail(text: &str) -> bool {
    let plain = text.len() <= 254
        && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b',' | b';' | b'"'));
    let parts: Vec<&str> = text.split('@').collect();
    plain
        && matches!(parts[..], [name, domain] if !name.is_empty() && domain.contains('.')
            && domain.split('.').all(|label| !label.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::is_mail;

    #[test]
    fn an_address_has_a_name_and_a_domain() {
        assert!(is_mail("jing.ban@example.gov.cn"));
        for wrong in [
            "jingban",
            "a@b",
            "@example.cn",
            "a@b..cn",
            "a b@example.cn",
            "a@b@c.cn",
            "经办@example.cn",
            "a@x.cn\r\nBcc:b@x.cn",
        ] {
            assert!(!is_mail(wrong), "{wrong}");
        }
    }
}
