//! Writes of programs: done once for each key, and only on the state that was seen.
//!
//! Owns the answers that were given, in the table `answered`; each is kept in the transaction of its act.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::audit::Verb;
use kernel::store::{Read, Tx};
use kernel::{Error, args};
use serde::Serialize;
use sm3::{Digest, Sm3};

use crate::app::App;
use crate::error::Failure;
use crate::ui::Ui;

/// What a program says about a write beside its body: which state it saw, and a key by which it may send it twice.
#[derive(Debug, Clone, Default)]
pub struct Said {
    key: Option<String>,
    seen: Option<i64>,
}

/// Longest key.
const LONGEST_KEY: usize = 200;

impl FromRequestParts<App> for Said {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> crate::Result<Self> {
        let text =
            |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim).unwrap_or_default();
        let key = Some(text("idempotency-key").to_owned()).filter(|key| !key.is_empty());
        if key.as_ref().is_some_and(|key| key.len() > LONGEST_KEY) {
            let message = format!("Idempotency-Key 最多 {LONGEST_KEY} 个字符");
            return Err(Failure::new(Error::invalid("idempotency-key", message), true));
        }
        let seen = text("if-match").trim_start_matches("W/").trim_matches('"').parse().ok();
        Ok(Self { key, seen })
    }
}

impl Said {
    /// The state the program saw.
    ///
    /// # Errors
    /// 428 when it does not say.
    pub fn seen(&self) -> crate::Result<i64> {
        self.seen.ok_or_else(Failure::must_say_what_it_saw)
    }
}

/// An answer to a write, as it is kept under a key.
#[derive(Debug, Clone)]
pub struct Written {
    status: StatusCode,
    body: String,
}

impl Written {
    /// An answer that only reads.
    ///
    /// # Errors
    /// [`Error::Internal`] for what is no JSON.
    pub fn of(value: &impl Serialize) -> kernel::Result<Self> {
        let body = serde_json::to_string(value).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Self { status: StatusCode::OK, body })
    }

    /// The answer with the state it says itself it is about.
    pub fn tagged(self) -> Response {
        let revision = self.number("revision");
        self.respond(revision)
    }

    fn respond(self, etag: Option<i64>) -> Response {
        let mut response = (self.status, [(header::CONTENT_TYPE, "application/json")], self.body).into_response();
        if let Some(tag) = etag.and_then(|n| HeaderValue::from_str(&format!("\"{n}\"")).ok()) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }

    fn number(&self, member: &str) -> Option<i64> {
        serde_json::from_str::<serde_json::Value>(&self.body).ok()?.get(member)?.as_i64()
    }
}

/// Runs an act once for each key: what is sent again is answered as the first time, without being done again. What was
/// refused left nothing, and may be sent again. `asked` is what was asked for, to tell a key that is used for something
/// else.
///
/// # Errors
/// What the act says; 422 for a key that was used for something else.
pub async fn once<T: Serialize>(
    ui: &Ui,
    said: &Said,
    asked: &str,
    status: StatusCode,
    act: impl AsyncFnOnce(&mut Tx) -> kernel::Result<T>,
) -> crate::Result<Written> {
    let account = ui.actor().account;
    let body = |value: &T| serde_json::to_string(value).map_err(|e| Error::Internal(e.to_string()));
    let Some(key) = &said.key else {
        let done = ui.write(async |tx| body(&act(tx).await?)).await?;
        return Ok(Written { status, body: done });
    };
    match answered(&ui.read().await?, account.0, key, asked).await? {
        Some(Answer::Given(written)) => return Ok(written),
        Some(Answer::ToOther) => return Err(Failure::key_used()),
        None => {}
    }
    let done = ui.write(async |tx| {
        // Of two at once the second waits here for the first, and then finds its key taken. It is told what the first
        // was, and only when that is durable: both may stand in one commit.
        let sql = "INSERT INTO answered (account_id, request_key, digest, status, body, at) VALUES ($1, $2, $3, 0, '', $4) \
                   ON CONFLICT (account_id, request_key) DO NOTHING";
        if tx.run((sql, args![account, key.clone(), digest(asked), tx.now()])).await? == 0 {
            tx.act(Verb::ANSWERED_AGAIN, "account", account.0);
            return answered(tx, account.0, key, asked).await;
        }
        let body = body(&act(tx).await?)?;
        let sql = "UPDATE answered SET status = $1, body = $2 WHERE account_id = $3 AND request_key = $4";
        tx.run((sql, args![i64::from(status.as_u16()), body.clone(), account, key.clone()])).await?;
        Ok(Some(Answer::Given(Written { status, body })))
    });
    match done.await? {
        Some(Answer::Given(written)) => Ok(written),
        Some(Answer::ToOther) => Err(Failure::key_used()),
        None => Err(Error::Conflict("同一个 Idempotency-Key 的请求没有办成，请重发".into()).into()),
    }
}

/// What stands under a key.
enum Answer {
    /// The answer to what is asked.
    Given(Written),
    /// The answer to something else.
    ToOther,
}

/// The answer that was given under a key.
async fn answered(read: &Read, account: i64, key: &str, asked: &str) -> kernel::Result<Option<Answer>> {
    let sql = "SELECT digest, status, body FROM answered WHERE account_id = $1 AND request_key = $2";
    let Some(row) = read.opt((sql, args![account, key])).await? else { return Ok(None) };
    if row.get::<String>("digest")? != digest(asked) {
        return Ok(Some(Answer::ToOther));
    }
    let status = u16::try_from(row.get::<i64>("status")?).ok().and_then(|n| StatusCode::from_u16(n).ok());
    Ok(Some(Answer::Given(Written { status: status.unwrap_or(StatusCode::OK), body: row.get("body")? })))
}

fn digest(asked: &str) -> String {
    Sm3::digest(asked.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
