//! Writers. On SQLite there is one connection that writes, and acts that arrive together share its commit.
//!
//! Each act runs in a savepoint of the open transaction.
//! The first act of a group starts a committer, a task that queues for the same fair lock:
//! everyone who was waiting before it joins the group, then it commits once and wakes them all.
//! So an act is acknowledged only after the fsync that contains it,
//! and one fsync serves as many acts as arrived while the previous one was running.

use std::sync::Arc;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
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
    /// What SQL is asked of. Declared before `guard`: it must be dropped first.
    pub(crate) transaction: DatabaseTransaction,
    group: Option<(OwnedMutexGuard<Open>, watch::Receiver<Outcome>)>,
}

impl Writer {
    pub(super) fn new(backend: Backend, pool: DatabaseConnection) -> Self {
        Self { backend, pool, open: Arc::default() }
    }


    /// Begins the transaction of one act.
    pub(crate) async fn begin(&self) -> Result<Slot> {
        if self.backend == Backend::Postgres {
            return Ok(Slot { transaction: self.pool.begin().await?, group: None });
        }
        let mut open = self.open.clone().lock_owned().await;
        let outcome = match (&open.transaction, &open.outcome) {
            (Some(_), Some(outcome)) => outcome.clone(),
            _ => self.start_group(&mut open).await?,
        };
        let Some(group) = &open.transaction else {
            return Err(Error::Internal("a started group has a transaction".into()));
        };
        let transaction = group.begin().await?;
        Ok(Slot { transaction, group: Some((open, outcome)) })
    }

    async fn start_group(&self, open: &mut Open) -> Result<watch::Receiver<Outcome>> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.pool.begin_with_options(options).await?;
        let (tell, outcome) = watch::channel(None);
        open.transaction = Some(transaction);
        open.outcome = Some(outcome.clone());
        let queue = self.open.clone();
        tokio::spawn(async move {
            let mut open = queue.lock().await;
            open.outcome = None;
            let result = match open.transaction.take() {
                Some(transaction) => transaction.commit().await.map_err(|e| e.to_string()),
                None => Ok(()),
            };
            // Nobody may be waiting any more: their connection may be gone. The commit stands.
            tell.send(Some(result)).ok();
        });
        Ok(outcome)
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
        self.transaction.commit().await?;
        let Some((guard, mut outcome)) = self.group else {
            return Ok(());
        };
        drop(guard);
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
