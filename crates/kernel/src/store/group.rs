//! Writers. On SQLite there is one connection that writes, and acts that arrive together share its commit.
//!
//! The first act of a group runs in the transaction itself, later ones in savepoints of it
//! (a savepoint keeps a copy of every page it changes, which a load of many thousand rows must not pay for).
//! When the first act has ended well, a committer is started: a task that queues for the same fair lock.
//! Everyone who was waiting before it joins the group; then it commits once and wakes them all.
//! So an act is acknowledged only after the fsync that contains it,
//! and one fsync serves as many acts as arrived while the previous one was running.

use std::sync::Arc;

use sea_orm::{DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::Backend;
use crate::{Error, Result};

/// How a group ended: not yet, durably, or with this message.
type Outcome = Option<std::result::Result<(), String>>;

#[derive(Default)]
struct Open {
    transaction: Option<DatabaseTransaction>,
    outcome: Option<watch::Receiver<Outcome>>,
}

/// The way to a write transaction.
#[derive(Clone)]
pub(crate) struct Writer {
    backend: Backend,
    pool: DatabaseConnection,
    open: Arc<Mutex<Open>>,
}

/// A transaction of one act; ends with [`Slot::commit`], or undone when dropped.
pub(crate) struct Slot {
    /// What SQL is asked of. Declared before `place`: it must be dropped first.
    pub(crate) transaction: DatabaseTransaction,
    place: Place,
}

/// Where an act stands.
enum Place {
    /// It has a transaction of its own.
    Alone,
    /// It is the first of a group and holds the group's transaction.
    First(OwnedMutexGuard<Open>, Arc<Mutex<Open>>),
    /// It is in a savepoint of the group's transaction.
    Later(OwnedMutexGuard<Open>, watch::Receiver<Outcome>),
}

impl Writer {
    pub(super) fn new(backend: Backend, pool: DatabaseConnection) -> Self {
        Self { backend, pool, open: Arc::default() }
    }

    /// Begins the transaction of one act.
    pub(crate) async fn begin(&self) -> Result<Slot> {
        if self.backend == Backend::Postgres {
            return Ok(Slot { transaction: self.pool.begin().await?, place: Place::Alone });
        }
        let open = self.open.clone().lock_owned().await;
        if let (Some(group), Some(outcome)) = (&open.transaction, &open.outcome) {
            let (transaction, outcome) = (group.begin().await?, outcome.clone());
            return Ok(Slot { transaction, place: Place::Later(open, outcome) });
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.pool.begin_with_options(options).await?;
        Ok(Slot { transaction, place: Place::First(open, self.open.clone()) })
    }

    /// Begins and undoes a write, to see whether one is possible.
    pub(super) async fn probe(&self) -> Result<()> {
        let slot = self.begin().await?;
        slot.transaction.rollback().await?;
        Ok(())
    }

    pub(super) async fn close(&self) -> Result<()> {
        let _quiet = self.open.lock().await;
        Ok(self.pool.clone().close().await?)
    }
}

impl Slot {
    /// Makes the act durable: returns when its commit has reached the disk.
    pub(crate) async fn commit(self) -> Result<()> {
        let mut outcome = match self.place {
            Place::Alone => return Ok(self.transaction.commit().await?),
            Place::First(mut open, queue) => {
                let outcome = start_committer(queue);
                open.transaction = Some(self.transaction);
                open.outcome = Some(outcome.clone());
                outcome
            }
            Place::Later(open, outcome) => {
                self.transaction.commit().await?;
                drop(open);
                outcome
            }
        };
        let done = outcome.wait_for(Option::is_some).await.map_err(|e| Error::Internal(e.to_string()))?;
        match done.as_ref() {
            Some(Ok(())) => Ok(()),
            Some(Err(message)) => Err(sea_orm::DbErr::Custom(message.clone()).into()),
            None => Err(Error::Internal("the group ended without an outcome".into())),
        }
    }

    /// Undoes the act.
    pub(crate) async fn rollback(self) -> Result<()> {
        Ok(self.transaction.rollback().await?)
    }
}

/// Starts the task that ends the group once it gets the lock.
fn start_committer(queue: Arc<Mutex<Open>>) -> watch::Receiver<Outcome> {
    let (tell, outcome) = watch::channel(None);
    tokio::spawn(async move {
        let mut open = queue.lock().await;
        open.outcome = None;
        let result = match open.transaction.take() {
            Some(transaction) => transaction.commit().await.map_err(|e| e.to_string()),
            None => Err("the group has no transaction".to_owned()),
        };
        // Nobody may be waiting any more: their connection may be gone. The commit stands.
        tell.send(Some(result)).ok();
    });
    outcome
}
