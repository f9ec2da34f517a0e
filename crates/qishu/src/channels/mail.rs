//! Mail by SMTP. Every attempt at a message carries the same `Message-ID`, by which mail servers drop a second copy.

use std::time::Duration;

use async_trait::async_trait;
use kernel::Result;
use kernel::notice::{Channel, Message, Refused};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::response::Category;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{link, unusable};

/// Less than the shortest useful lease, so that nobody else takes the message meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail server.
pub struct Mail {
    patience: Duration,
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    site: String,
}

impl Mail {
    /// The server at an address, and the sender.
    ///
    /// # Errors
    /// [`kernel::Error::Invalid`] for an address that cannot be read.
    pub fn new(url: &str, from: &str, site: &str) -> Result<Self> {
        Self::patient(url, from, site, PATIENCE)
    }

    /// As [`Mail::new`], waiting for so long.
    ///
    /// # Errors
    /// As [`Mail::new`].
    pub fn patient(url: &str, from: &str, site: &str, patience: Duration) -> Result<Self> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|e| unusable("smtp", e))?;
        let from = from.parse().map_err(|e| unusable("mail-from", e))?;
        Ok(Self { patience, server: server.timeout(Some(patience)).build(), from, site: site.to_owned() })
    }

    fn letter(&self, message: &Message) -> std::result::Result<lettre::Message, Refused> {
        let never = |why: String| Refused::Never(why);
        let to = message.address.parse().map_err(|e| never(format!("邮箱地址不能使用：{e}")))?;
        let link = link(&self.site, message);
        let mut text = format!("{}：\n\n{}\n", message.name, message.title);
        for part in [&message.body, &link] {
            if !part.is_empty() {
                text.push_str(&format!("\n{part}\n"));
            }
        }
        text.push_str("\n（本邮件由平台自动发出，请勿回复；在平台的“通知设置”里可以停用）\n");
        // The instant keeps two platforms with one sender apart.
        let id = format!("<{}.{}@{}>", message.key, message.written_at.timestamp_micros(), self.from.email.domain());
        let builder: MessageBuilder = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(message.name.clone()), to))
            .subject(&message.title)
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN);
        builder.body(text).map_err(|e| never(e.to_string()))
    }
}

#[async_trait]
impl Channel for Mail {
    fn code(&self) -> &'static str {
        "mail"
    }

    async fn send(&self, message: &Message) -> std::result::Result<(), Refused> {
        let letter = self.letter(message)?;
        let sent = tokio::time::timeout(self.patience, self.server.send(letter)).await;
        let error = match sent {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => error,
            Err(_) => return Err(Refused::Later("邮件服务器没有应答".into())),
        };
        // A wrong password is refused for good too, but it is ours and is mended.
        let is_mailbox = error.status().is_some_and(|code| matches!(code.category, Category::MailSystem));
        match error.is_permanent() && is_mailbox {
            true => Err(Refused::Never(error.to_string())),
            false => Err(Refused::Later(error.to_string())),
        }
    }
}

/// Keeps automatic answers away (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}
