//! SQL text with numbered parameters, and rows read back by column name.
//!
//! One text serves both databases: `$n` parameters, `BIGINT` numbers, native dates, sums cast to `BIGINT`.

use sea_orm::{QueryResult, TryGetable, Value};

use super::Backend;
use crate::{Error, Result};

/// A statement being put together; a bound value gets the next `$n`.
///
/// While it is put together a parameter is a mark in the text, written out for the engine at the end:
/// SQLite looks numbered parameters up by name, one by one, which for thousands of them takes longer than the work itself.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    text: String,
    args: Vec<Value>,
}

/// Stands for a parameter bound by [`Sql::bind`].
const MARK: char = '\u{1}';

impl Sql {
    /// Starts with `text`.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), args: Vec::new() }
    }

    /// Appends text as it is: never anything a person typed.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a parameter holding `value`.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.args.push(value.into());
        self.text.push(MARK);
        self
    }

    /// Appends `(a, b, c)` of whole numbers, written out: lists of codes that come from declarations.
    pub fn ints(&mut self, values: impl IntoIterator<Item = i64>) -> &mut Self {
        self.text.push('(');
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            self.text.push_str(&value.to_string());
        }
        self.text.push(')');
        self
    }

    /// Appends `(a, b, c)` with each value bound.
    pub fn binds<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        self.text.push('(');
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            self.bind(value);
        }
        self.text.push(')');
        self
    }

    /// Starts with `WITH want (id) AS (VALUES …)`: to be joined first (`FROM want w CROSS JOIN …`),
    /// so that a planner without statistics looks each number up instead of scanning for all of them.
    pub fn want(ids: impl IntoIterator<Item = i64>) -> Self {
        let mut sql = Self::new("WITH want (id) AS (VALUES ");
        for (i, id) in ids.into_iter().enumerate() {
            sql.push(if i == 0 { "(CAST(" } else { ", (CAST(" }).bind(id).push(" AS BIGINT))");
        }
        sql.push(") ");
        sql
    }

    /// How many parameters are bound.
    pub(super) fn params(&self) -> usize {
        self.args.len()
    }

    /// Appends a whole statement after this one. Neither may have come with numbered parameters.
    pub(super) fn then(&mut self, mut next: Self) {
        self.text.push_str("; ");
        self.text.push_str(&next.text);
        self.args.append(&mut next.args);
    }

    pub(super) fn into_parts(self, backend: Backend) -> (String, Vec<Value>) {
        let anonymous = backend == Backend::Sqlite && !self.text.contains('$');
        (self.written(anonymous), self.args)
    }

    fn written(&self, anonymous: bool) -> String {
        // Parameters that came numbered with the text stand before those bound later.
        let mut number = self.args.len() - self.text.matches(MARK).count();
        let mut text = String::with_capacity(self.text.len() + self.args.len() * 3);
        for (i, part) in self.text.split(MARK).enumerate() {
            if i > 0 {
                number += 1;
                if anonymous {
                    text.push('?');
                } else {
                    text.push_str(&format!("${number}"));
                }
            }
            text.push_str(part);
        }
        text
    }

    /// The text alone with numbered parameters, for messages and tests.
    pub fn text(&self) -> String {
        self.written(false)
    }
}

impl From<&str> for Sql {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<(&str, Vec<Value>)> for Sql {
    fn from((text, args): (&str, Vec<Value>)) -> Self {
        Self { text: text.to_owned(), args }
    }
}

/// Turns a list of Rust values into bound parameters.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::Value::from($value)),*] };
}

/// One row of an answer.
#[derive(Debug)]
pub struct Row(pub(super) QueryResult);

impl Row {
    /// The value of `column`.
    ///
    /// # Errors
    /// [`Error::Internal`] when the column is missing or of another type: a defect in the query.
    pub fn get<T: TryGetable>(&self, column: &str) -> Result<T> {
        self.0.try_get("", column).map_err(|e| Error::Internal(e.to_string()))
    }

    /// The value of the column at `index`, from 0: for lists of many thousand rows, where looking names up costs more
    /// than reading.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub(crate) fn at<T: TryGetable>(&self, index: usize) -> Result<T> {
        self.0.try_get_by_index(index).map_err(|e| Error::Internal(e.to_string()))
    }

    /// A whole number; `NULL` reads as 0, as an empty sum does.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn int(&self, column: &str) -> Result<i64> {
        Ok(self.get::<Option<i64>>(column)?.unwrap_or(0))
    }

    /// Text; `NULL` reads as the empty string.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn text(&self, column: &str) -> Result<String> {
        Ok(self.get::<Option<String>>(column)?.unwrap_or_default())
    }
}
