//! One error type for the whole platform, mapped once to pages, JSON and exit codes.

use sea_orm::{DbErr, SqlErr};

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
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) => {
                return Self::Conflict(format!("已有相同的记录（{what}）"));
            }
            Some(SqlErr::ForeignKeyConstraintViolation(what)) => {
                return Self::Conflict(format!("关联的记录不存在（{what}）"));
            }
            _ => {}
        }
        let text = error.to_string();
        if text.contains("database or disk is full") || text.contains("No space left") {
            return Self::Unavailable("磁盘已满，没有写入任何内容；请清理磁盘后重试".into());
        }
        match error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => {
                Self::Unavailable(format!("数据库暂时无法连接，没有写入任何内容（{text}）"))
            }
            _ if is_lost_connection(&text) => Self::Unavailable("数据库连接中断，没有确认写入；请稍后重试".into()),
            _ => Self::Internal(text),
        }
    }
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
