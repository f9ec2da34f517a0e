//! Reading a column so that no stored byte goes unseen: for seals, which must find any change.
//!
//! PostgreSQL keeps a day or an instant as one number, so its value is all there is.
//! SQLite keeps text, and several spellings read as the same value: only the one the platform writes is accepted.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sqlx::Row as _;

use super::Row;
use crate::{Error, Result};

impl Row {
    /// A day as `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`Error::Internal`] when it is of another type or spelt otherwise.
    pub(crate) fn exact_day(&self, index: usize) -> Result<String> {
        match self.stored_text(index)? {
            Some(text) if shaped(text, "0000-00-00") => Ok(text.to_owned()),
            Some(text) => Err(misspelt(text)),
            None => Ok(self.at::<NaiveDate>(index)?.format("%Y-%m-%d").to_string()),
        }
    }

    /// An instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    ///
    /// # Errors
    /// As [`Row::exact_day`].
    pub(crate) fn exact_instant(&self, index: usize) -> Result<String> {
        match self.stored_text(index)? {
            Some(text) => full_instant(text).ok_or_else(|| misspelt(text)),
            None => Ok(instant_text(self.at(index)?)),
        }
    }

    /// The text SQLite keeps; nothing on PostgreSQL.
    fn stored_text(&self, index: usize) -> Result<Option<&str>> {
        let Some(row) = self.0.try_as_sqlite_row() else { return Ok(None) };
        row.try_get::<&str, _>(index).map(Some).map_err(|e| Error::Internal(e.to_string()))
    }
}

/// An instant in the form seals use: UTC, always six digits of a second.
pub(crate) fn instant_text(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn misspelt(text: &str) -> Error {
    Error::Internal(format!("“{text}” is not the form the platform writes"))
}

/// What the driver writes, brought to six digits. It writes none, three or six, and as few as say it all.
fn full_instant(text: &str) -> Option<String> {
    let text = text.strip_suffix("+00:00")?;
    let (seconds, part) = text.split_once('.').unwrap_or((text, ""));
    let shortest = match part.len() {
        0 => seconds.len() == text.len(),
        3 => part != "000",
        6 => !part.ends_with("000"),
        _ => false,
    };
    let whole = shortest && shaped(seconds, "0000-00-00T00:00:00") && part.bytes().all(|b| b.is_ascii_digit());
    whole.then(|| format!("{seconds}.{part:0<6}Z"))
}

/// Whether `text` has digits where `form` has a 0, and the same characters elsewhere.
fn shaped(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(t, f)| if f == b'0' { t.is_ascii_digit() } else { t == f })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_spelling_the_platform_writes_is_accepted() {
        let full = |text| full_instant(text);
        assert_eq!(full("2021-03-01T08:00:00+00:00").as_deref(), Some("2021-03-01T08:00:00.000000Z"));
        assert_eq!(full("2021-03-01T08:00:00.120+00:00").as_deref(), Some("2021-03-01T08:00:00.120000Z"));
        assert_eq!(full("2021-03-01T08:00:00.000001+00:00").as_deref(), Some("2021-03-01T08:00:00.000001Z"));
        for other in [
            "2021-03-01 08:00:00+00:00",
            "2021-03-01T08:00:00Z",
            "2021-03-01T16:00:00+08:00",
            "2021-03-01T08:00:00.000+00:00",
            "2021-03-01T08:00:00.120000+00:00",
            "2021-03-01T08:00:00.+00:00",
            "1614585600",
        ] {
            assert_eq!(full(other), None, "{other}");
        }
        assert!(shaped("2021-03-01", "0000-00-00") && !shaped("2021-3-01 ", "0000-00-00"));
    }
}
