//! SQL text with numbered parameters, and rows read back by column name.
//!
//! One text serves both databases: `$n` parameters, `BIGINT` numbers, native dates, sums cast to `BIGINT`.

use sea_orm::{QueryResult, TryGetable, Value};

use crate::{Error, Result};

/// A statement being put together; a bound value gets the next `$n`.
#[derive(Debug, Clone, Default)]
pub struct Sql {
    text: String,
    args: Vec<Value>,
}

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
        self.text.push('$');
        self.text.push_str(&self.args.len().to_string());
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

    /// How many values are bound so far.
    pub fn bound(&self) -> usize {
        self.args.len()
    }

    pub(super) fn into_parts(self) -> (String, Vec<Value>) {
        (self.text, self.args)
    }

    /// The text alone, for messages and tests.
    pub fn text(&self) -> &str {
        &self.text
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
