//! Sessions: rows of the store, loaded by a cookie; and the visitor that a session makes.

use std::sync::Arc;

use axum::http::request::Parts;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::access::{self, Actor, Person};
use kernel::args;
use kernel::id::AccountId;
use kernel::store::{Read, Store};
use tower_sessions::session::{Id, Record};
use tower_sessions::{ExpiredDeletion, Session, SessionStore, session_store};

use crate::app::App;

/// Session key of the account.
pub(crate) const ACCOUNT: &str = "account";
/// Session key of the token that POST forms carry.
pub(crate) const CSRF: &str = "csrf";
/// Session key of a message shown once.
pub(crate) const FLASH: &str = "flash";
/// Session key of the seat acted from.
pub(crate) const SEAT: &str = "seat";
/// Session key of the account a security administrator looks through.
pub(crate) const VIEWED: &str = "viewed";
/// Session key of where a visit comes from, with which browser; the row tells it to the account's owner.
pub(crate) const FROM: &str = "from";

/// How often a visit that only reads is noted: not with every page.
const NOTED: TimeDelta = TimeDelta::minutes(1);
/// How long a page waits for that to be written down.
const NOTE_WAIT: std::time::Duration = std::time::Duration::from_millis(200);

/// Who calls.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub actor: Actor,
    pub login: String,
    pub signed_in: bool,
    pub csrf: String,
    pub flash: Option<String>,
    /// The account with all its seats; nothing for the public and for programs.
    pub person: Option<Arc<Person>>,
    /// Who looks through somebody else's eyes, and may do nothing meanwhile.
    pub viewer: Option<(AccountId, String)>,
}

impl Visitor {
    /// Who the audit log says it was: whoever looks through somebody else's eyes is named, not the other.
    pub(crate) fn on_record(&self) -> Actor {
        match &self.viewer {
            None => self.actor.clone(),
            Some((account, name)) => {
                let name = format!("{name}（以{}的身份查看）", self.actor.name);
                Actor { account: *account, name, behalf: None, ..self.actor.clone() }
            }
        }
    }

    fn public(app: &App) -> Self {
        Self {
            actor: Actor { role: app.store().roles().public(), ..Actor::public() },
            login: String::new(),
            signed_in: false,
            csrf: String::new(),
            flash: None,
            person: None,
            viewer: None,
        }
    }
}

fn broken(error: tower_sessions::session::Error) -> kernel::Error {
    kernel::Error::Unavailable(format!("会话暂时无法读取（{error}）"))
}

/// The visitor of a session, else the public. A message is taken out only by a request that `shows` a page.
pub(crate) async fn visitor(app: &App, session: Option<Session>, shows: bool) -> kernel::Result<Visitor> {
    let public = Visitor::public(app);
    let Some(session) = session else { return Ok(public) };
    let Some(account) = session.get::<i64>(ACCOUNT).await.map_err(broken)? else { return Ok(public) };
    let read = app.store().read().await?;
    let seat = session.get::<String>(SEAT).await.map_err(broken)?.unwrap_or_default();
    let person = match access::find_person(&read, AccountId(account), &seat).await {
        Ok(person) => person,
        Err(kernel::Error::NotFound) => return Ok(public),
        Err(other) => return Err(other),
    };
    let csrf = session.get::<String>(CSRF).await.map_err(broken)?.unwrap_or_default();
    let flash = if shows && session.get::<String>(FLASH).await.map_err(broken)?.is_some() {
        session.remove::<String>(FLASH).await.map_err(broken)?
    } else {
        None
    };
    let viewed = session.get::<(i64, String)>(VIEWED).await.map_err(broken)?;
    let mut seen = person.clone();
    let mut viewer = None;
    // Whoever has lost the right to look through others' eyes looks through their own again.
    if let Some((account, seat)) = viewed.filter(|_| person.actor().may(crate::seat::VIEW))
        && let Ok(other) = access::find_person(&read, AccountId(account), &seat).await
    {
        (seen, viewer) = (other, Some((person.account.id, person.account.name.clone())));
    }
    let (actor, login) = (seen.actor(), seen.account.login.clone());
    Ok(Visitor { actor, login, signed_in: true, csrf, flash, person: Some(Arc::new(seen)), viewer })
}

/// The visitor a program is by its token, or nothing when it sends none.
///
/// # Errors
/// [`kernel::Error::NotFound`] for a token that is not good (any more).
pub(crate) async fn bearer(app: &App, parts: &Parts) -> kernel::Result<Option<Visitor>> {
    let header = parts.headers.get(axum::http::header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let Some(token) = header.and_then(|h| h.strip_prefix("Bearer ")) else { return Ok(None) };
    let read = app.store().read().await?;
    let (actor, to_note) = access::find_bearer(&read, token.trim()).await?;
    drop(read);
    if let Some(id) = to_note {
        let noted = app.store().upkeep("令牌", async |tx| access::note_use(tx, id).await).await;
        // A program can still read when nothing can be written.
        if let Err(error) = noted {
            tracing::warn!(detail = %error.detail(), "the use of a token could not be noted");
        }
    }
    Ok(Some(Visitor { actor, signed_in: true, ..Visitor::public(app) }))
}

/// How many sessions have not expired.
///
/// # Errors
/// As the database says.
pub(crate) async fn count(read: &Read) -> kernel::Result<i64> {
    read.one(("SELECT COUNT(*) AS n FROM session WHERE expires_at > $1", args![Utc::now()])).await?.int("n")
}

/// Sessions in the store's own table, so that every server process sees them.
#[derive(Clone)]
pub(crate) struct Rows(pub Store);

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rows")
    }
}

fn backend(error: kernel::Error) -> session_store::Error {
    session_store::Error::Backend(error.detail())
}

impl Rows {
    /// Writes a session down. One that was ended meanwhile does not come back with what a late request saves.
    async fn put(&self, record: &Record, is_new: bool) -> session_store::Result<()> {
        let content = serde_json::to_string(&record.data).map_err(|e| session_store::Error::Encode(e.to_string()))?;
        let (id, now) = (record.id.to_string(), Utc::now());
        let expires = now + self.0.roles().policy.idle();
        let account = record.data.get(ACCOUNT).and_then(serde_json::Value::as_i64);
        let from = record.data.get(FROM).cloned().and_then(|v| serde_json::from_value::<(String, String)>(v).ok());
        let (address, agent) = from.unwrap_or_default();
        self.0
            .upkeep("会话", async |tx| {
                if is_new {
                    let sql = "INSERT INTO session (id, account_id, content, expires_at, address, agent, started_at) \
                               VALUES ($1, $2, $3, $4, $5, $6, $7)";
                    return tx.run((sql, args![id, account, content, expires, address, agent, now])).await;
                }
                let sql = "UPDATE session SET account_id = $2, content = $3, expires_at = $4, address = $5, agent = $6 \
                           WHERE id = $1";
                tx.run((sql, args![id, account, content, expires, address, agent])).await
            })
            .await
            .map_err(backend)?;
        Ok(())
    }

    /// Notes that a visit goes on. Only the end is moved, so that nothing another request writes is undone.
    async fn note(&self, id: &Id, expires: DateTime<Utc>) {
        let until = Utc::now() + self.0.roles().policy.idle();
        if until - expires < NOTED {
            return;
        }
        let (id, store) = (id.to_string(), self.0.clone());
        let noting = tokio::spawn(async move {
            let noted = store.upkeep("会话", async |tx| {
                tx.run(("UPDATE session SET expires_at = $1 WHERE id = $2", args![until, id])).await
            });
            // A page can still be read when nothing can be written.
            if let Err(error) = noted.await {
                tracing::warn!(detail = %error.detail(), "a visit could not be noted");
            }
        });
        // Nor does it wait for a long act that holds the one writer: the note follows it.
        tokio::time::timeout(NOTE_WAIT, noting).await.ok();
    }
}

#[async_trait::async_trait]
impl SessionStore for Rows {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.put(record, true).await
    }

    /// A session that somebody has ended meanwhile stays ended: a request that was under way writes nothing then.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.put(record, false).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let read = self.0.read().await.map_err(backend)?;
        let row = read
            .opt((
                "SELECT content, expires_at FROM session WHERE id = $1 AND expires_at > $2 AND started_at > $3",
                args![id.to_string(), Utc::now(), Utc::now() - self.0.roles().policy.longest()],
            ))
            .await
            .map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        drop(read);
        let content: String = row.get("content").map_err(backend)?;
        let expires: DateTime<Utc> = row.get("expires_at").map_err(backend)?;
        let data = serde_json::from_str(&content).map_err(|e| session_store::Error::Decode(e.to_string()))?;
        self.note(id, expires).await;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(expires.timestamp())
            .map_err(|e| session_store::Error::Decode(e.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let id = id.to_string();
        self.0
            .upkeep("会话", async |tx| tx.run(("DELETE FROM session WHERE id = $1", args![id])).await)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl ExpiredDeletion for Rows {
    async fn delete_expired(&self) -> session_store::Result<()> {
        self.0
            .upkeep("会话", async |tx| {
                let (now, longest) = (Utc::now(), self.0.roles().policy.longest());
                tx.run(("DELETE FROM session WHERE expires_at <= $1 OR started_at <= $2", args![now, now - longest]))
                    .await?;
                access::door::forget(tx).await
            })
            .await
            .map_err(backend)?;
        Ok(())
    }
}
