//! Reading: a snapshot in which several questions get answers of one moment.

use chrono::{DateTime, Utc};
use sea_orm::{AccessMode, ConnectionTrait, DatabaseTransaction, IsolationLevel, Statement, TransactionTrait};

use super::group::Slot;
use super::{Backend, Row, Sql, Store, to_the_end};
use crate::id::Position;
use crate::ledger::Catalog;
use crate::value::day::{self, Day};
use crate::{Error, Result};

pub(super) enum Conn {
    Snapshot(DatabaseTransaction),
    Act(Slot),
}

/// Something SQL can be asked of: a snapshot, or the reading side of a transaction.
pub struct Read {
    pub(super) conn: Conn,
    pub(super) store: Store,
    pub(super) now: DateTime<Utc>,
    head: Option<Position>,
}

impl Read {
    /// Opens a snapshot. The ledger position is taken first, the snapshot after it,
    /// so every fact up to the position is in the snapshot and none will join below it later.
    pub(super) async fn snapshot(store: &Store) -> Result<Self> {
        // To the end, so that a request that goes away does not leave a connection half begun.
        let store = store.clone();
        to_the_end(Self::begin(store)).await
    }

    async fn begin(store: Store) -> Result<Self> {
        let readers = &store.0.readers;
        let (transaction, head) = match store.backend() {
            Backend::Sqlite => (readers.begin().await?, None),
            Backend::Postgres => {
                let watermark = statement(Backend::Postgres, Sql::new("SELECT ledger_watermark() AS head"));
                let row = readers.query_one_raw(watermark).await?;
                let head = row.map(Row).ok_or_else(|| Error::Internal("no watermark".into()))?.int("head")?;
                let snapshot =
                    readers.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?;
                (snapshot, Some(Position(head)))
            }
        };
        let mut read = Self { conn: Conn::Snapshot(transaction), store, now: Utc::now(), head };
        if read.head.is_none() {
            let row = read.one(("SELECT last_position AS head FROM ledger_head", vec![])).await?;
            read.head = Some(Position(row.int("head")?));
        }
        Ok(read)
    }

    pub(super) fn act(store: &Store, slot: Slot, now: DateTime<Utc>) -> Self {
        Self { conn: Conn::Act(slot), store: store.clone(), now, head: None }
    }

    /// The last readable position of the ledger in this snapshot.
    ///
    /// # Errors
    /// [`Error::Internal`] inside a write transaction: figures are read from snapshots.
    pub fn head(&self) -> Result<Position> {
        self.head.ok_or_else(|| Error::Internal("a figure is read from a snapshot".into()))
    }

    /// The instant of this reading.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The day of this reading in Asia/Shanghai.
    pub fn today(&self) -> Day {
        day::today(self.now)
    }

    /// The fact kinds and indicators.
    pub fn catalog(&self) -> &Catalog {
        self.store.catalog()
    }

    /// The roles and the policy as this server last read them.
    pub fn roles(&self) -> std::sync::Arc<crate::access::Roles> {
        self.store.roles()
    }

    /// The store that is read.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn backend(&self) -> Backend {
        self.store.backend()
    }

    pub(super) fn connection(&self) -> &DatabaseTransaction {
        match &self.conn {
            Conn::Snapshot(transaction) => transaction,
            Conn::Act(slot) => slot.transaction(),
        }
    }

    /// SQL for the month of a day as text `yyyymm`.
    pub(crate) fn month_of(&self, column: &str) -> String {
        match self.backend() {
            Backend::Sqlite => format!("substr({column}, 1, 4) || substr({column}, 6, 2)"),
            Backend::Postgres => format!("to_char({column}, 'YYYYMM')"),
        }
    }

    /// All rows of the answer. Callers bound their questions; a page never asks for a million rows.
    ///
    /// # Errors
    /// As the database says.
    pub async fn all(&self, sql: impl Into<Sql>) -> Result<Vec<Row>> {
        let rows = self.connection().query_all_raw(statement(self.backend(), sql.into())).await?;
        Ok(rows.into_iter().map(Row).collect())
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn opt(&self, sql: impl Into<Sql>) -> Result<Option<Row>> {
        Ok(self.connection().query_one_raw(statement(self.backend(), sql.into())).await?.map(Row))
    }

    /// The first row.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn one(&self, sql: impl Into<Sql>) -> Result<Row> {
        self.opt(sql).await?.ok_or(Error::NotFound)
    }
}

pub(super) fn statement(backend: Backend, sql: Sql) -> Statement {
    let (text, args) = sql.into_parts(backend);
    Statement::from_sql_and_values(backend.sea(), text, args)
}
