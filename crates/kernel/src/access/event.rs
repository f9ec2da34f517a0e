//! What is done with access itself and changes no row of its own: viewing as somebody, asking who sees what.

use chrono::{DateTime, Utc};

use crate::audit::Verb;
use crate::store::{Read, Tx};
use crate::{Result, args};

/// One such act.
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: String,
    /// What, as a short phrase.
    pub verb: String,
    /// On whom or what.
    pub about: String,
    /// Purpose or result.
    pub detail: String,
}

/// Writes down that the actor did `verb` with `about`.
///
/// # Errors
/// As the database says.
pub async fn note(tx: &Tx, verb: Verb, about: &str, detail: &str) -> Result<()> {
    tx.act(verb, "access", None);
    tx.changes("对象", "", about);
    tx.purpose(detail);
    let sql = "INSERT INTO access_event (at, account_id, who, verb, about, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    let actor = tx.actor();
    tx.run((sql, args![tx.now(), actor.account, actor.name.clone(), verb.label, about, detail])).await?;
    Ok(())
}

/// The newest events, at most `limit`.
///
/// # Errors
/// As the database says.
pub async fn list_events(read: &Read, limit: i64) -> Result<Vec<Event>> {
    let sql = "SELECT at, who, verb, about, detail FROM access_event ORDER BY id DESC LIMIT $1";
    let rows = read.all((sql, args![limit])).await?;
    rows.iter()
        .map(|row| {
            Ok(Event {
                at: row.get("at")?,
                who: row.get("who")?,
                verb: row.get("verb")?,
                about: row.get("about")?,
                detail: row.get("detail")?,
            })
        })
        .collect()
}
