//! The provider by configuration: its address, who we are to it, and the steps of the authorization code flow.

use axum::http::Request;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kernel::{Error, Result};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::http::ask;
use super::token::{self, Keys, Wanted};
use crate::routes::url_encode;

/// How the provider is reached, and as whom.
#[derive(Debug, Clone)]
pub struct Oidc {
    /// Its address, exactly as it names itself in its tokens.
    pub issuer: String,
    /// What we are called there.
    pub client: String,
    /// Our secret there.
    pub secret: Secret,
    /// Our own address as browsers see it, such as `https://qishu.example`.
    pub own: String,
    /// What the button says.
    pub label: String,
}

/// A secret that is never printed.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Where a provider takes what (OpenID Connect Discovery).
#[derive(Debug, Deserialize)]
struct Discovered {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Answered {
    id_token: String,
}

/// A question that is under way: kept in the session until the answer comes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Question {
    pub state: String,
    nonce: String,
    verifier: String,
    pub next: String,
    /// Seconds at which it began.
    pub since: i64,
    /// The account to which the identity is to be bound; without one somebody signs in.
    pub binds: Option<i64>,
}

fn random() -> Result<String> {
    use ring::rand::{SecureRandom, SystemRandom};
    let mut bytes = [0_u8; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::Unavailable("系统不给随机数".into()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl Question {
    pub(super) fn new(next: String, since: i64, binds: Option<i64>) -> Result<Self> {
        Ok(Self { state: random()?, nonce: random()?, verifier: random()?, next, since, binds })
    }
}

impl Oidc {
    /// Where the provider sends people back to.
    fn back(&self) -> String {
        format!("{}/sign-in/oidc/back", self.own.trim_end_matches('/'))
    }

    async fn discovered(&self) -> Result<Discovered> {
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let found: Discovered = ask(get(&address)?).await?;
        // A provider that calls itself something else is another one.
        if found.issuer != self.issuer {
            tracing::warn!(found = found.issuer, wanted = self.issuer, "the identity provider has another name");
            return Err(Error::Unavailable("统一身份平台的地址与设置不一致，请联系系统管理员".into()));
        }
        Ok(found)
    }

    /// Where somebody is sent with a question.
    pub(super) async fn address(&self, question: &Question) -> Result<String> {
        let endpoint = self.discovered().await?.authorization_endpoint;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, question.verifier.as_bytes()));
        let fields = [
            ("response_type", "code"),
            ("scope", "openid"),
            ("client_id", &self.client),
            ("redirect_uri", &self.back()),
            ("state", &question.state),
            ("nonce", &question.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        Ok(format!("{endpoint}{}{}", if endpoint.contains('?') { '&' } else { '?' }, encoded(&fields)))
    }

    /// Who somebody is that comes back with a code.
    pub(super) async fn subject(&self, question: &Question, code: &str, now: i64) -> Result<String> {
        let found = self.discovered().await?;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.back()),
            ("client_id", &self.client),
            ("code_verifier", &question.verifier),
        ];
        // RFC 6749, 2.3.1: both parts are encoded as in a form first.
        let pair = format!("{}:{}", url_encode(&self.client), url_encode(&self.secret.0));
        let request = Request::post(&found.token_endpoint)
            .header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(encoded(&fields));
        let answered: Answered = ask(request.map_err(bad)?).await?;
        let keys: Keys = ask(get(&found.jwks_uri)?).await?;
        let wanted = Wanted { issuer: &self.issuer, client: &self.client, nonce: &question.nonce, now };
        token::subject(&answered.id_token, &keys, &wanted).map_err(|why| {
            tracing::warn!(why, "an ID token is not believed");
            Error::Unavailable("统一身份平台的应答不可信，没有登录，请联系系统管理员".into())
        })
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={}", url_encode(value))).collect::<Vec<_>>().join("&")
}

fn get(address: &str) -> Result<Request<String>> {
    Request::get(address).header(ACCEPT, "application/json").body(String::new()).map_err(bad)
}

fn bad(e: axum::http::Error) -> Error {
    tracing::warn!(%e, "an address of the identity provider");
    Error::Unavailable("统一身份平台的地址设置不对，请联系系统管理员".into())
}
