//! One error type for the whole platform, mapped once to pages, JSON and exit codes.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// The result of everything that can fail in the platform.
pub type Result<T> = std::result::Result<T, Error>;

/// One thing wrong with one field, in words that say what to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// Name of the form field, column or JSON member.
    pub field: String,
    /// What to do about it, in Chinese.
    pub message: String,
}

/// All the faults of one input, so that a person sees them at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// No fault yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A single fault at one field.
    pub fn on(field: &str, message: impl Into<String>) -> Self {
        let mut faults = Self::new();
        faults.add(field, message);
        faults
    }

    /// Adds a fault at `field`.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(Fault { field: field.to_owned(), message: message.into() });
    }

    /// The message at `field`, if there is one.
    pub fn at(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|f| f.field == field).map(|f| f.message.as_str())
    }

    /// The messages of faults at fields that `is_shown` knows no input for, so that none is lost: for a place of their own.
    pub fn elsewhere(&self, is_shown: impl Fn(&str) -> bool) -> String {
        let lost = self.0.iter().filter(|f| !is_shown(&f.field)).map(|f| f.message.as_str());
        lost.collect::<Vec<_>>().join("；")
    }

    /// `value` when nothing is wrong, else all faults.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is at least one fault.
    pub fn or<T>(self, value: T) -> Result<T> {
        if self.0.is_empty() { Ok(value) } else { Err(Error::Invalid(self)) }
    }
}

impl std::fmt::Display for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("；")?;
            }
            write!(f, "{}：{}", fault.field, fault.message)?;
        }
        Ok(())
    }
}

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or the actor may not know that it does.
    #[error("没有找到")]
    NotFound,
    /// The actor lacks this permission.
    #[error("没有权限：{0}")]
    Forbidden(&'static str),
    /// The input is wrong; every fault names its field.
    #[error("{0}")]
    Invalid(Faults),
    /// Someone else was first, or the state does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// The store cannot be reached or cannot write just now; nothing was changed.
    #[error("{0}")]
    Unavailable(String),
    /// A defect or a broken environment; the detail is for the log only.
    #[error("内部错误")]
    Internal(String),
}

impl Error {
    /// An input error at one field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(Faults::on(field, message))
    }

    /// The whole story for a log or an operator's terminal; a person at a page sees only `Display`.
    pub fn detail(&self) -> String {
        match self {
            Self::Internal(detail) => format!("内部错误：{detail}"),
            other => other.to_string(),
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let text = error.to_string();
        if let Some(SqlErr::UniqueConstraintViolation(_)) = error.sql_err() {
            tracing::warn!(detail = %text, "a write was refused");
            return Self::Conflict("已有相同的记录，没有写入任何内容；请刷新后核对".into());
        }
        if let Some(SqlErr::ForeignKeyConstraintViolation(_)) = error.sql_err() {
            tracing::warn!(detail = %text, "a write was refused");
            return Self::Conflict("关联的记录不存在或已改变，没有写入任何内容；请刷新后核对".into());
        }
        match code_of(&error).as_deref() {
            // Two acts waited for each other, or saw each other's rows: one of them is undone.
            Some("40P01" | "40001") => return Self::Conflict(TURNS.into()),
            Some("23514" | "275") if text.contains("tally_within") => {
                return Self::Conflict("合计超出可以准确记下的范围，没有写入任何内容；请核对金额和数量的单位".into());
            }
            Some("23514" | "23P01" | "275") => {
                tracing::warn!(detail = %text, "a write was refused");
                return Self::Conflict("内容与已有规定不符，没有写入任何内容；请核对后重试".into());
            }
            _ => {}
        }
        if text.contains("database or disk is full") || text.contains("No space left") {
            return Self::Unavailable("磁盘已满，没有写入任何内容；请清理磁盘后重试".into());
        }
        match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => {
                Self::Unavailable(format!("数据库暂时无法连接，没有写入任何内容（{text}）"))
            }
            _ if is_busy(&text) => Self::Unavailable("数据库正忙，没有写入任何内容；请稍后重试".into()),
            _ if is_turned_away(&text) => Self::Conflict(TURNS.into()),
            _ if is_lost_connection(&text) => Self::Unavailable("数据库连接中断，没有确认写入；请稍后重试".into()),
            _ => Self::Internal(text),
        }
    }
}

/// What is said when two acts got in each other's way.
const TURNS: &str = "有人同时在办理同样的内容，这一次没有写入；请重试";

/// The engine's own code of an error, where it has one: SQLSTATE, or the number of SQLite.
fn code_of(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))
    | DbErr::Conn(RuntimeErr::SqlxError(inner))) = error
    else {
        return None;
    };
    inner.as_database_error()?.code().map(|code| code.into_owned())
}

/// The embedded database was held by another process for longer than is waited.
fn is_busy(text: &str) -> bool {
    ["database is locked", "database table is locked", "database schema is locked"]
        .iter()
        .any(|sign| text.contains(sign))
}

/// The same as its codes, for errors that were carried as text.
fn is_turned_away(text: &str) -> bool {
    ["deadlock detected", "could not serialize access"].iter().any(|sign| text.contains(sign))
}

fn is_lost_connection(text: &str) -> bool {
    [
        "error communicating with database",
        "Connection reset",
        "terminating connection",
        "unable to open database",
        "disk I/O error",
        "PoolClosed",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Error {
        DbErr::Custom(text.to_owned()).into()
    }

    #[test]
    fn being_in_each_others_way_is_no_defect() {
        for busy in ["(code: 5) database is locked", "database table is locked: fact"] {
            assert!(matches!(told(busy), Error::Unavailable(said) if said.contains("请稍后重试")), "{busy}");
        }
        for turned_away in ["deadlock detected", "could not serialize access due to concurrent update"] {
            assert!(matches!(told(turned_away), Error::Conflict(said) if said.contains("请重试")), "{turned_away}");
        }
        assert!(matches!(told("no such table: x"), Error::Internal(_)));
    }
}
