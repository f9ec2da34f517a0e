//! Channels by which notices leave the house: mail by SMTP, and a signed webhook for text messages or the office's messenger.
//!
//! Owns what is set for them and the workers that empty the outbox; what is sent, and when, is the kernel's
//! (`kernel::notice`).

mod hook;
mod mail;

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use kernel::background::Rhythm;
use kernel::notice::{Channel, Message, Outcome, deliver_while};
use kernel::store::Store;
use kernel::{Error, Result};
use tokio::task::JoinHandle;

pub use hook::{Hook, signature};
pub use mail::Mail;

/// How notices leave the house. Without any of it they stay in the inbox of the platform.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Outside {
    /// Mail server: smtps://USER:PASSWORD@HOST, or smtp://USER:PASSWORD@HOST:587?tls=required; smtp://HOST without TLS inside one machine or room only.
    #[arg(long, env = "QISHU_SMTP", value_name = "URL", hide_env_values = true, requires = "mail_from")]
    smtp: Option<String>,
    /// Sender of mail, such as "企枢 <noreply@example.gov.cn>".
    #[arg(long, env = "QISHU_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Address that notices for mobile phones and messengers are posted to (docs/api.md).
    #[arg(long, env = "QISHU_HOOK", value_name = "URL", requires = "hook_secret")]
    hook: Option<String>,
    /// Secret that signs what is posted there, at least 16 characters.
    #[arg(long, env = "QISHU_HOOK_SECRET", value_name = "SECRET", hide_env_values = true)]
    hook_secret: Option<String>,
    /// Address under which people open this platform: for the links in notices, and for the way back from an identity
    /// provider (to its /sign-in/oidc/back).
    #[arg(long, env = "QISHU_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}

impl Outside {
    /// The channels that are set.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an address or a secret that cannot be used.
    pub fn channels(&self) -> Result<Vec<Arc<dyn Channel>>> {
        let mut channels: Vec<Arc<dyn Channel>> = Vec::new();
        let site = self.public_url.as_deref().unwrap_or_default();
        if let (Some(url), Some(from)) = (&self.smtp, &self.mail_from) {
            channels.push(Arc::new(Mail::new(url, from, site)?));
        }
        if let (Some(url), Some(secret)) = (&self.hook, &self.hook_secret) {
            channels.push(Arc::new(Hook::new(url, secret, site)?));
        }
        Ok(channels)
    }
}

/// How often a worker without mail looks for some.
const LOOK: Duration = Duration::from_secs(1);
/// Failures in a row after which a channel rests.
const PATIENCE: u32 = 3;

/// Starts a worker for each channel; they end with the returned tasks.
pub fn start(store: &Store, channels: Vec<Arc<dyn Channel>>) -> Vec<JoinHandle<()>> {
    channels.into_iter().map(|channel| tokio::spawn(empty(store.clone(), channel))).collect()
}

/// Empties the outbox of a channel for as long as the store lives.
async fn empty(store: Store, channel: Arc<dyn Channel>) {
    let worker = format!("{}-{}", std::process::id(), Utc::now().timestamp_micros());
    loop {
        let mut failures = 0;
        let goes_on = |outcome| {
            failures = if outcome == Outcome::Sent { 0 } else { failures + 1 };
            failures < PATIENCE
        };
        let pause = match deliver_while(&store, &*channel, &worker, Utc::now, goes_on).await {
            Ok(_) if failures >= PATIENCE => rest(&store).await,
            Ok(_) => LOOK,
            Err(error) => {
                tracing::error!(channel = channel.code(), "通知没有发成：{}", error.detail());
                LOOK * 10
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// How long a channel rests after it failed several times in a row.
async fn rest(store: &Store) -> Duration {
    let read = async { Rhythm::read(&store.read().await?).await };
    let seconds = read.await.map_or(60, |rhythm| rhythm.outbox.rest_seconds);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(60))
}

/// The page a message leads to; empty when nobody set under which address people open the platform.
fn link(site: &str, message: &Message) -> String {
    match site.trim_end_matches('/') {
        "" => String::new(),
        site => format!("{site}/notices/{}", message.notice),
    }
}

fn unusable(option: &'static str, why: impl std::fmt::Display) -> Error {
    Error::invalid(option, format!("--{option} 不能使用：{why}"))
}
