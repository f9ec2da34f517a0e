//! Addresses inside our own pages.
//!
//! Clocks and filters stand in every link, so that what a person sees can be shared.
//! Parameters are read here by name, so that a doubled or foreign one never breaks a page.

use std::fmt;
use std::str::FromStr;

use kernel::id::Position;
use kernel::indicator::By;
use kernel::value::day::Day;
use kernel::{Error, Result};

/// The query of an address, as names and values.
pub type Query = [(String, String)];

/// How an empty key stands in an address, where an empty parameter means that none was asked for.
pub const NO_KEY: &str = "none";

/// An address that is being put together.
#[derive(Debug, Clone)]
pub struct Link {
    path: String,
    query: Vec<(String, String)>,
}

impl Link {
    /// A path of ours without a query.
    pub fn to(path: impl Into<String>) -> Self {
        Self { path: path.into(), query: Vec::new() }
    }

    /// Adds a parameter; an empty one is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        let value = value.to_string();
        if !value.is_empty() {
            self.query.push((name.to_owned(), value));
        }
        self
    }

    /// Its path, for a form that leads there.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its parameters, for the hidden fields of that form.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// Adds the key of one dimension of a figure; an empty key is a key too.
    #[must_use]
    pub fn keyed(self, by: By, key: &str) -> Self {
        self.with(by.code(), if key.is_empty() { NO_KEY } else { key })
    }

    /// Adds the two clocks.
    #[must_use]
    pub fn at(self, about: Day, known: Position) -> Self {
        self.with("about", about).with("known", known)
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match serde_html_form::to_string(&self.query) {
            Ok(query) if !query.is_empty() => write!(f, "?{query}"),
            _ => Ok(()),
        }
    }
}

/// The first value of a parameter, trimmed; empty when it is absent.
pub fn asked<'a>(query: &'a Query, name: &str) -> &'a str {
    query.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
}

/// The parameters of these names that stand in the address itself, for a form that leads to the same page again.
pub fn kept(query: &Query, names: &[&str]) -> Vec<(String, String)> {
    query.iter().filter(|(name, value)| names.contains(&name.as_str()) && !value.is_empty()).cloned().collect()
}

/// A number that must be one when it is given.
///
/// # Errors
/// [`Error::Invalid`] at the parameter.
pub fn number<T: FromStr>(query: &Query, name: &str, what: &str) -> Result<Option<T>> {
    let typed = asked(query, name);
    if typed.is_empty() {
        return Ok(None);
    }
    typed.parse().map(Some).map_err(|_| Error::invalid(name, format!("{what}应为数字，填的是“{typed}”")))
}

/// A number out of a path: what is none does not exist.
///
/// # Errors
/// [`Error::NotFound`].
pub fn id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

/// Cuts one page out of rows that hold one more where there is another page; then its last row is where that begins.
pub fn cut<T>(rows: &mut Vec<T>, limit: i64) -> Option<&T> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().filter(|_| more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leaves_empty_parameters_out_and_encodes_the_rest() {
        let link = Link::to("/ledger").with("kind", "").with("q", "东贝 & 电器");
        assert_eq!(link.to_string(), "/ledger?q=%E4%B8%9C%E8%B4%9D+%26+%E7%94%B5%E5%99%A8");
        assert_eq!(Link::to("/ledger").to_string(), "/ledger");
    }

    #[test]
    fn a_page_says_where_the_next_begins_only_when_there_is_one() {
        let mut rows = vec![9, 8, 7];
        assert_eq!((cut(&mut rows, 2).copied(), rows.as_slice()), (Some(8), &[9, 8][..]));
        assert_eq!(cut(&mut rows, 2), None);
    }

    #[test]
    fn a_number_is_absent_right_or_an_error_at_its_name() {
        let query = vec![("before".to_owned(), " 12 ".to_owned()), ("unit".to_owned(), "x".to_owned())];
        assert_eq!(number::<i64>(&query, "before", "序号").ok(), Some(Some(12)));
        assert_eq!(number::<i64>(&query, "limit", "行数").ok(), Some(None));
        assert!(
            matches!(number::<i64>(&query, "unit", "单元"), Err(Error::Invalid(faults)) if faults.at("unit").is_some())
        );
    }
}
