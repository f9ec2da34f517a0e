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
        if let Some(is) = disguised(&sent.file_name, &sent.bytes) {
            let message = format!("文件的内容是{is}，与文件名的后缀不符；请用办公软件另存后再上传");
            return Err(Error::invalid("file", message).into());
        }
        if let Some((true, token)) = expected
            && (token.is_empty() || token != sent.field("csrf"))
        {
            return Err(Error::Conflict("页面已过期，请刷新后重新提交".into()).into());
        }
        Ok(sent)
    }
}

/// How files begin that are something else than tables, and what they are.
const BEGINNINGS: [(&[u8], &str); 7] = [
    (b"MZ", "程序"),
    (b"\x7fELF", "程序"),
    (b"#!", "脚本"),
    (b"%PDF-", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"<!DOCTYPE", "网页"),
];

/// What a file is whose content is not what its extension says; nothing when all is well or nothing is claimed.
fn disguised(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase())?;
    let is_package = bytes.starts_with(b"PK\x03\x04");
    let other = BEGINNINGS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, is)| *is);
    match extension.as_str() {
        "xlsx" | "xlsm" | "ods" | "docx" | "zip" if !is_package => other,
        "csv" | "txt" | "tsv" if is_package => Some("压缩包或工作簿"),
        // Text in UTF-16 has zeros too, after its mark.
        "csv" | "txt" | "tsv" if !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff") => {
            other.or_else(|| bytes.contains(&0).then_some("二进制数据"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::disguised;

    #[test]
    fn a_program_in_the_clothes_of_a_table_is_told_apart() {
        assert_eq!(disguised("a.xlsx", b"MZ\x90"), Some("程序"));
        assert_eq!(disguised("a.CSV", b"PK\x03\x04"), Some("压缩包或工作簿"));
        assert_eq!(disguised("a.csv", b"a,b\n\x00"), Some("二进制数据"));
        assert_eq!(disguised("a.csv", b"\xff\xfea\x00"), None, "UTF-16");
        assert_eq!(disguised("a.xlsx", b"PK\x03\x04"), None);
        assert_eq!(disguised("a.csv", b"code,name"), None);
        assert_eq!(disguised("a.xlsx", b"code,name"), None, "what opens it says so better");
    }
}
