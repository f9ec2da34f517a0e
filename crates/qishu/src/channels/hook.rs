//! A webhook for gateways of text messages or the office's messenger: JSON, signed with HMAC-SM3 (docs/api.md).

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use hmac::{Hmac, KeyInit, Mac};
use kernel::Result;
use kernel::notice::{Channel, Message, Refused};
use serde::Serialize;
use sm3::Sm3;

use super::{link, unusable};

/// Less than the shortest useful lease, so that nobody else takes the message meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);
/// A secret shorter than this can be guessed.
const SHORTEST_SECRET: usize = 16;

/// A receiver.
pub struct Hook {
    agent: ureq::Agent,
    url: String,
    secret: String,
    site: String,
}

/// What is posted.
#[derive(Debug, Serialize)]
struct Posted<'a> {
    id: &'a str,
    kind: &'a str,
    to: To<'a>,
    title: &'a str,
    text: &'a str,
    url: String,
    written_at: String,
}

#[derive(Debug, Serialize)]
struct To<'a> {
    login: &'a str,
    name: &'a str,
    phone: &'a str,
}

impl Hook {
    /// The receiver at an address, with the secret it shares.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] for an address that is no http address, or a short secret.
    pub fn new(url: &str, secret: &str, site: &str) -> Result<Self> {
        Self::patient(url, secret, site, PATIENCE)
    }

    /// As [`Hook::new`], waiting for so long.
    ///
    /// # Errors
    /// As [`Hook::new`].
    pub fn patient(url: &str, secret: &str, site: &str, patience: Duration) -> Result<Self> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(unusable("hook", "应以 http:// 或 https:// 开头"));
        }
        if secret.len() < SHORTEST_SECRET {
            return Err(unusable("hook-secret", format!("至少 {SHORTEST_SECRET} 个字符")));
        }
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            // What is signed for one receiver is not carried to another.
            .max_redirects(0)
            .build()
            .into();
        Ok(Self { agent, url: url.to_owned(), secret: secret.to_owned(), site: site.to_owned() })
    }
}

/// The value of the header `Qishu-Signature`: the instant in seconds, and HMAC-SM3 over it, a full stop and the body.
pub fn signature(secret: &str, seconds: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sm3>::new_from_slice(secret.as_bytes()).expect("invariant: HMAC takes a key of any length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

#[async_trait]
impl Channel for Hook {
    fn code(&self) -> &'static str {
        "hook"
    }

    async fn send(&self, message: &Message) -> std::result::Result<(), Refused> {
        let posted = Posted {
            id: &message.key,
            kind: &message.kind,
            to: To { login: &message.login, name: &message.name, phone: &message.address },
            title: &message.title,
            text: &message.body,
            url: link(&self.site, message),
            written_at: message.written_at.to_rfc3339(),
        };
        let body = serde_json::to_vec(&posted).map_err(|e| Refused::Never(e.to_string()))?;
        let request = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", &message.key)
            .header("Qishu-Signature", signature(&self.secret, Utc::now().timestamp(), &body));
        let answered = tokio::task::spawn_blocking(move || request.send(&body)).await;
        match answered {
            Ok(Ok(answer)) => judged(answer.status().as_u16()),
            Ok(Err(error)) => Err(Refused::Later(error.to_string())),
            Err(error) => Err(Refused::Later(error.to_string())),
        }
    }
}

/// What an answer means. Only what says that this very message is wrong is final.
fn judged(status: u16) -> std::result::Result<(), Refused> {
    match status {
        200..=299 => Ok(()),
        400 | 422 => Err(Refused::Never(format!("接收方拒收（HTTP {status}）"))),
        _ => Err(Refused::Later(format!("接收方应答 HTTP {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_instant_and_body() {
        let one = signature("0123456789abcdef", 1_630_461_600, b"{}");
        assert_eq!(one, "t=1630461600,v1=0481986a07929098a2b19b2fd98dc1992406e4f17b3c622c3e08410f0b3ec547");
        assert_ne!(one, signature("0123456789abcdef", 1_630_461_601, b"{}"));
        assert_ne!(one, signature("0123456789abcdef", 1_630_461_600, b"{ }"));
        assert_ne!(one, signature("0123456789abcdeg", 1_630_461_600, b"{}"));
    }

    #[test]
    fn only_a_wrong_message_is_final() {
        assert_eq!(judged(204), Ok(()));
        assert!(matches!(judged(422), Err(Refused::Never(_))));
        for status in [301, 401, 404, 429, 500, 503] {
            assert!(matches!(judged(status), Err(Refused::Later(_))), "{status}");
        }
    }
}
