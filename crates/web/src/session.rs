//! Sessions: rows of the store, loaded by a cookie; and the visitor that a session makes.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::access::{self, Actor};
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

/// How long a visit may rest.
const IDLE: TimeDelta = TimeDelta::hours(8);
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
}

/// The visitor of a session, else the public. A message is taken out only by a request that `shows` a page.
pub(crate) async fn visitor(app: &App, session: Option<Session>, shows: bool) -> kernel::Result<Visitor> {
    let public =
        Visitor { actor: Actor::public(), login: String::new(), signed_in: false, csrf: String::new(), flash: None };
    let Some(session) = session else { return Ok(public) };
    let broken = |e: tower_sessions::session::Error| kernel::Error::Unavailable(format!("会话暂时无法读取（{e}）"));
    let Some(account) = session.get::<i64>(ACCOUNT).await.map_err(broken)? else { return Ok(public) };
    let read = app.store().read().await?;
    let account = match access::find_account(&read, AccountId(account)).await {
        Ok(account) => account,
        Err(kernel::Error::NotFound) => return Ok(public),
        Err(other) => return Err(other),
    };
    let csrf = session.get::<String>(CSRF).await.map_err(broken)?.unwrap_or_default();
    let flash = if shows && session.get::<String>(FLASH).await.map_err(broken)?.is_some() {
        session.remove::<String>(FLASH).await.map_err(broken)?
    } else {
        None
    };
    Ok(Visitor { actor: account.actor()?, login: account.login, signed_in: true, csrf, flash })
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
    async fn put(&self, record: &Record, sql: &str) -> session_store::Result<()> {
        let content = serde_json::to_string(&record.data).map_err(|e| session_store::Error::Encode(e.to_string()))?;
        let (id, expires) = (record.id.to_string(), Utc::now() + IDLE);
        self.0.upkeep("会话", async |tx| tx.run((sql, args![id, content, expires])).await).await.map_err(backend)?;
        Ok(())
    }

    /// Notes that a visit goes on. Only the end is moved, so that nothing another request writes is undone.
    async fn note(&self, id: &Id, expires: DateTime<Utc>) {
        let until = Utc::now() + IDLE;
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
        self.put(record, "INSERT INTO session (id, content, expires_at) VALUES ($1, $2, $3)").await
    }

    /// A session that somebody has ended meanwhile stays ended: a request that was under way writes nothing then.
    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.put(record, "UPDATE session SET content = $2, expires_at = $3 WHERE id = $1").await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let read = self.0.read().await.map_err(backend)?;
        let row = read
            .opt((
                "SELECT content, expires_at FROM session WHERE id = $1 AND expires_at > $2",
                args![id.to_string(), Utc::now()],
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
                tx.run(("DELETE FROM session WHERE expires_at <= $1", args![Utc::now()])).await
            })
            .await
            .map_err(backend)?;
        Ok(())
    }
}
