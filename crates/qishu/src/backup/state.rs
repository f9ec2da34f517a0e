//! What a ledger says at a position: counts, seals and figures. Taken when a backup is made, compared when it is restored.
//!
//! Everything is asked as known at the position, so that facts which came into the copy a moment later do not matter.

use std::collections::BTreeMap;

use kernel::access::Scope;
use kernel::id::Position;
use kernel::indicator::{Question, evaluate};
use kernel::store::Read;
use kernel::value::day::Day;
use kernel::{Result, args};
use serde::{Deserialize, Serialize};

/// Counts, seals and figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// As known at this position.
    pub head: i64,
    /// About the end of this day.
    pub about: Day,
    /// The highest number of each table whose rows are numbered.
    pub last: BTreeMap<String, i64>,
    /// Rows of each table up to then.
    pub rows: BTreeMap<String, i64>,
    /// Number and hash of the last block sealed up to then; nothing without seals.
    pub seal: Option<(i64, String)>,
    /// Every indicator by code, as known then.
    pub figures: BTreeMap<String, String>,
}

const BY_POSITION: [&str; 5] = ["fact", "org_attribute", "org_year", "target", "declared"];
const BY_NUMBER: [&str; 4] = ["organisation", "record", "account", "org_merge"];

impl State {
    /// What this snapshot says.
    ///
    /// # Errors
    /// As the database says.
    pub async fn now(read: &Read) -> Result<Self> {
        let mut last = BTreeMap::new();
        for table in BY_NUMBER {
            last.insert(table.to_owned(), read.one(&*format!("SELECT MAX(id) AS n FROM {table}")).await?.int("n")?);
        }
        Self::at(read, read.head()?, read.today(), last).await
    }

    /// What this snapshot says of the moment of another state.
    ///
    /// # Errors
    /// As the database says.
    pub async fn again(&self, read: &Read) -> Result<Self> {
        Self::at(read, Position(self.head), self.about, self.last.clone()).await
    }

    async fn at(read: &Read, head: Position, about: Day, last: BTreeMap<String, i64>) -> Result<Self> {
        let mut rows = BTreeMap::new();
        for table in BY_POSITION {
            let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE position <= $1");
            rows.insert(table.to_owned(), read.one((&*sql, args![head])).await?.int("n")?);
        }
        for (table, id) in &last {
            let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE id <= $1");
            rows.insert(table.clone(), read.one((&*sql, args![*id])).await?.int("n")?);
        }
        let row = read.one(("SELECT MAX(last_position) AS n FROM seal WHERE last_position <= $1", args![head])).await?;
        let sealed = Position(row.int("n")?);
        let mark = if sealed.0 > 0 { kernel::seal::covering(read, sealed).await? } else { None };
        let q = Question { about, known: head, scope: &Scope::All };
        let figures = evaluate(read, read.catalog().indicators(), &q).await?;
        Ok(Self {
            head: head.0,
            about,
            last,
            rows,
            seal: mark.map(|m| (m.header.number, m.header.hash().to_string())),
            figures: figures
                .into_iter()
                .map(|f| (f.indicator.code.to_owned(), format!("{:?}, {} rows", f.number, f.rows)))
                .collect(),
        })
    }

    /// Where another state differs, in words.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        for (table, n) in &self.rows {
            let now = other.rows.get(table).copied().unwrap_or(0);
            if now != *n {
                found.push(format!("表 {table}：备份时 {n} 行，恢复后 {now} 行"));
            }
        }
        if self.seal != other.seal {
            found.push(format!("封存：备份时 {:?}，恢复后 {:?}", self.seal, other.seal));
        }
        for (code, value) in &self.figures {
            let now = other.figures.get(code).map_or("没有", String::as_str);
            if now != value {
                found.push(format!("指标 {code}：备份时 {value}，恢复后 {now}"));
            }
        }
        found
    }
}
