//! A form with a file.

use axum::extract::{FromRequest, Multipart, Request};
use kernel::Error;

use crate::app::App;
use crate::error::{Failure, Result};
use crate::session::Visitor;

/// A posted form with one file, whose token matches the session's. The route says how large it may be.
#[derive(Debug, Default)]
pub struct Sent {
    fields: Vec<(String, String)>,
    /// The name of the file, as sent.
    pub file_name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Sent {
    /// The text of a field; empty when it was not sent.
    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    async fn read(mut parts: Multipart) -> std::result::Result<Self, axum::extract::multipart::MultipartError> {
        let mut sent = Self::default();
        while let Some(part) = parts.next_field().await? {
            let name = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(file_name) => {
                    sent.file_name = file_name;
                    sent.bytes = part.bytes().await?.to_vec();
                }
                None => sent.fields.push((name, part.text().await?)),
            }
        }
        Ok(sent)
    }
}

impl FromRequest<App> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let expected = request.extensions().get::<Visitor>().map(|v| (v.person.is_some(), v.csrf.clone()));
        let broken = || Error::invalid("file", "文件过大或没有传完，请重试；超过 50 MB 的请拆开");
        let parts = Multipart::from_request(request, app).await.map_err(|_| broken())?;
        let sent = Self::read(parts).await.map_err(|_| broken())?;
        if sent.file_name.contains('\0')
            || sent.fields.iter().any(|(name, text)| name.contains('\0') || text.contains('\0'))
        {
            return Err(Error::invalid("file", crate::routes::NUL).into());
        }
        if let Some((true, token)) = expected
            && (token.is_empty() || token != sent.field("csrf"))
        {
            return Err(Error::Conflict("页面已过期，请刷新后重新提交".into()).into());
        }
        Ok(sent)
    }
}
