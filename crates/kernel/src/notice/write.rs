//! Writing notices, in the act they tell of.

use crate::background::Rhythm;
use crate::id::AccountId;
use crate::store::{Sql, Tx};
use crate::{Result, args};

/// What is told to several people.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What it tells of: with the account it makes the number under which it is told once.
    pub about: &'a str,
    /// `case`, `comment`, `digest`, `job`.
    pub kind: &'static str,
    /// One line.
    pub title: &'a str,
    /// More about it; may be empty.
    pub body: &'a str,
    /// A page of ours.
    pub href: &'a str,
    /// Whether people who want to be told once a day wait for that.
    pub can_wait: bool,
}

/// Longest title and text, in characters; what is longer is cut, since it leads to the page that says all.
const TITLE: usize = 200;
const BODY: usize = 4000;

/// Writes a notice for each of these people, and a delivery for each channel they chose. Nothing is sent here.
/// What was told already is left alone.
///
/// # Errors
/// As the database says.
pub async fn tell(tx: &Tx, people: &[AccountId], draft: Draft<'_>) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let (title, body) = (cut(draft.title, TITLE), cut(draft.body, BODY));
    for some in people.chunks(100) {
        let mut sql =
            Sql::new("INSERT INTO notice (told_key, account_id, kind, title, body, href, written_at) VALUES ");
        for (i, account) in some.iter().enumerate() {
            sql.push(if i == 0 { "(" } else { ", (" }).bind(format!("{}:{account}", draft.about)).push(", ");
            sql.bind(*account).push(", ").bind(draft.kind).push(", ").bind(title.clone()).push(", ");
            sql.bind(body.clone()).push(", ").bind(draft.href).push(", ").bind(tx.now()).push(")");
        }
        sql.push(" ON CONFLICT (told_key) DO NOTHING RETURNING id");
        let written: Vec<i64> = tx.all(sql).await?.iter().map(|row| row.get("id")).collect::<Result<_>>()?;
        if !written.is_empty() {
            deliver_later(tx, &written, draft.can_wait).await?;
        }
    }
    Ok(())
}

/// Puts deliveries beside notices, for the channels their people chose.
async fn deliver_later(tx: &Tx, notices: &[i64], can_wait: bool) -> Result<()> {
    let mut sql = Sql::new(
        "SELECT n.id, c.mail, c.phone FROM notice n JOIN notice_choice c ON c.account_id = n.account_id WHERE n.id IN ",
    );
    sql.ints(notices.iter().copied());
    if can_wait {
        sql.push(" AND c.daily = 0");
    }
    let mut wanted: Vec<(i64, &'static str)> = Vec::new();
    for row in tx.all(sql).await? {
        let id = row.get("id")?;
        for (address, channel) in [("mail", "mail"), ("phone", "hook")] {
            if !row.get::<String>(address)?.is_empty() {
                wanted.push((id, channel));
            }
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let next_at = Rhythm::read(tx).await?.next_open(tx.now());
    for (notice, channel) in wanted {
        tx.run((
            "INSERT INTO delivery (notice_id, channel, state, attempts, next_at, answer) VALUES ($1, $2, 'waiting', 0, $3, '')",
            args![notice, channel, next_at],
        ))
        .await?;
    }
    Ok(())
}
