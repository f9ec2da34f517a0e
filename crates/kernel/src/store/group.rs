//! Writers. On SQLite there is one connection that writes, and acts that arrive together share its commit.
//!
//! The first act of a group runs in the transaction itself, later ones in savepoints of it
//! (a savepoint keeps a copy of every page it changes, which a load of many thousand rows must not pay for).
//! When the first act has ended well, a committer is started: a task that queues for the same fair lock.
//! Everyone who was waiting before it joins the group; then it commits once and wakes them all.
//! So an act is acknowledged only after the fsync that contains it,
//! and one fsync serves as many acts as arrived while the previous one was running.
//!
//! Two things keep an acknowledgement true (see `docs/adr/0005-writers-share-an-fsync.md`):
//! beginning, committing and undoing run to their end in tasks of their own, whoever goes away meanwhile,
//! since the driver cannot tell a command it has carried out from one it has not;
//! and a connection on which one of them failed is thrown away, because its driver's idea of how deep
//! the transaction is may be wrong.

use std::sync::Arc;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot, watch};

use super::{Backend, to_the_end};
use crate::{Error, Result};

/// How a group ended: not yet, durably, or with this message.
type Outcome = Option<std::result::Result<(), String>>;

/// Acts that will be committed together.
struct Group {
    number: u64,
    transaction: DatabaseTransaction,
    outcome: watch::Receiver<Outcome>,
}

/// The writing connection and the group that is open on it.
struct Open {
    pool: DatabaseConnection,
    /// How to connect again after a failure.
    options: ConnectOptions,
    group: Option<Group>,
    groups: u64,
    /// Who waits for the moment between two groups.
    pause: Option<oneshot::Sender<OwnedMutexGuard<Open>>>,
}

/// The moment between two groups: until it is dropped, no act of this process begins.
pub(super) struct Pause(OwnedMutexGuard<Open>);

impl Pause {
    /// Writes and commits a row of no meaning.
    pub(super) async fn beat(&self) -> Result<()> {
        self.0.pool.execute_unprepared(BEAT).await?;
        Ok(())
    }
}

/// Changes a row of no meaning.
const BEAT: &str = "INSERT INTO setting (name, value) VALUES ('heartbeat', '1') ON CONFLICT (name) DO UPDATE SET value = \
                    CASE setting.value WHEN '1' THEN '0' ELSE '1' END";

/// The way to a write transaction.
#[derive(Clone)]
pub(crate) struct Writer {
    backend: Backend,
    /// Where acts begin on PostgreSQL; the embedded database keeps its connection in `open`.
    pool: DatabaseConnection,
    open: Arc<Mutex<Open>>,
}

/// A transaction of one act; ends with [`Slot::commit`] or [`Slot::rollback`], and is undone when dropped.
pub(crate) struct Slot(Option<Act>);

struct Act {
    /// Declared before `place`: it must be dropped before the lock is given up.
    transaction: DatabaseTransaction,
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
    pub(super) fn new(backend: Backend, pool: DatabaseConnection, options: ConnectOptions) -> Self {
        let open = Open { pool: pool.clone(), options, group: None, groups: 0, pause: None };
        Self { backend, pool, open: Arc::new(Mutex::new(open)) }
    }

    /// Begins the transaction of one act.
    pub(crate) async fn begin(&self) -> Result<Slot> {
        if self.backend == Backend::Postgres {
            let pool = self.pool.clone();
            return to_the_end(async move { Ok(Slot::of(pool.begin().await?, Place::Alone)) }).await;
        }
        let open = self.open.clone().lock_owned().await;
        let queue = self.open.clone();
        to_the_end(begin_in(open, queue)).await
    }

    /// Writes and commits a row, to see whether that is possible: a full disk begins well and commits badly.
    pub(super) async fn probe(&self) -> Result<()> {
        let slot = self.begin().await?;
        slot.transaction().execute_unprepared(BEAT).await?;
        slot.commit().await
    }

    /// Waits until no act is open on the embedded database and keeps others from beginning.
    pub(super) async fn pause(&self) -> Result<Pause> {
        let mut open = self.open.clone().lock_owned().await;
        if open.group.is_none() {
            return Ok(Pause(open));
        }
        // Standing in line again would only meet the next group: the committer hands over when it has ended this one.
        let (give, given) = oneshot::channel();
        open.pause = Some(give);
        drop(open);
        given.await.map(Pause).map_err(|e| Error::Internal(e.to_string()))
    }

    pub(super) async fn close(&self) -> Result<()> {
        let open = self.open.lock().await;
        Ok(open.pool.close_by_ref().await?)
    }
}

/// Begins on the writing connection: in a savepoint of the open group, else as the first of a new one.
async fn begin_in(mut open: OwnedMutexGuard<Open>, queue: Arc<Mutex<Open>>) -> Result<Slot> {
    if let Some(group) = &open.group {
        let outcome = group.outcome.clone();
        return match group.transaction.begin().await {
            Ok(savepoint) => Ok(Slot::of(savepoint, Place::Later(open, outcome))),
            Err(error) => {
                open.start_over().await;
                Err(error.into())
            }
        };
    }
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    match open.pool.begin_with_options(options).await {
        Ok(transaction) => Ok(Slot::of(transaction, Place::First(open, queue))),
        Err(error) => {
            open.start_over().await;
            Err(error.into())
        }
    }
}

impl Open {
    /// Gives the open group up and throws the connection away; what was not committed is undone by the engine.
    /// The group's committer finds its group gone and tells all its acts.
    async fn start_over(&mut self) {
        self.group = None;
        // The old connection is closed first: it may hold the write lock.
        self.pool.close_by_ref().await.ok();
        match Database::connect(self.options.clone()).await {
            Ok(pool) => self.pool = pool,
            // The closed pool refuses the next act, which tries again.
            Err(error) => tracing::error!(%error, "the writing connection cannot be opened again"),
        }
    }
}

impl Slot {
    fn of(transaction: DatabaseTransaction, place: Place) -> Self {
        Self(Some(Act { transaction, place }))
    }

    /// What SQL is asked of.
    pub(crate) fn transaction(&self) -> &DatabaseTransaction {
        &self.0.as_ref().expect("invariant: only ending a slot empties it, and ending consumes it").transaction
    }

    /// Makes the act durable: returns when its commit has reached the disk.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let Some(act) = self.0.take() else { return Ok(()) };
        let Some(mut outcome) = to_the_end(commit(act)).await? else { return Ok(()) };
        let done = outcome.wait_for(Option::is_some).await.map_err(|e| Error::Internal(e.to_string()))?;
        match done.as_ref() {
            Some(Ok(())) => Ok(()),
            Some(Err(message)) => Err(sea_orm::DbErr::Custom(message.clone()).into()),
            None => Err(Error::Internal("the group ended without an outcome".into())),
        }
    }

    /// Undoes the act.
    pub(crate) async fn rollback(mut self) -> Result<()> {
        match self.0.take() {
            Some(act) => to_the_end(undo(act)).await,
            None => Ok(()),
        }
    }
}

impl Drop for Slot {
    /// Whoever began the act went away: it is undone in order, and the lock is kept until it is.
    fn drop(&mut self) {
        if let (Some(act), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(undo(act));
        }
    }
}

/// Ends an act well; the receiver tells when its group is durable.
async fn commit(act: Act) -> Result<Option<watch::Receiver<Outcome>>> {
    match act.place {
        Place::Alone => {
            act.transaction.commit().await?;
            Ok(None)
        }
        Place::First(mut open, queue) => {
            open.groups += 1;
            let number = open.groups;
            let outcome = start_committer(queue, number);
            open.group = Some(Group { number, transaction: act.transaction, outcome: outcome.clone() });
            Ok(Some(outcome))
        }
        Place::Later(mut open, outcome) => match act.transaction.commit().await {
            Ok(()) => Ok(Some(outcome)),
            Err(error) => {
                open.start_over().await;
                Err(error.into())
            }
        },
    }
}

/// Undoes an act. A transaction that cannot be undone is not trusted any further.
async fn undo(act: Act) -> Result<()> {
    let undone = act.transaction.rollback().await;
    if let (Err(_), Place::First(mut open, _) | Place::Later(mut open, _)) = (&undone, act.place) {
        open.start_over().await;
    }
    Ok(undone?)
}

/// Starts the task that ends the group once it gets the lock.
fn start_committer(queue: Arc<Mutex<Open>>, number: u64) -> watch::Receiver<Outcome> {
    let (tell, outcome) = watch::channel(None);
    tokio::spawn(async move {
        let mut open = queue.lock_owned().await;
        let result = match open.group.take_if(|group| group.number == number) {
            Some(group) => end(&mut open, group.transaction).await,
            None => Err("一起提交的其他操作失败，没有写入；请重试".to_owned()),
        };
        // Nobody may be waiting any more: their connection may be gone. The commit stands.
        tell.send(Some(result)).ok();
        if open.group.is_none()
            && let Some(waiting) = open.pause.take()
        {
            waiting.send(open).ok();
        }
    });
    outcome
}

/// Commits the group; a connection that could not is thrown away.
async fn end(open: &mut Open, transaction: DatabaseTransaction) -> std::result::Result<(), String> {
    let committed = commit_inside(transaction).await;
    if committed.is_err() {
        open.start_over().await;
    }
    committed
}

/// Commits, and believes it only if there was a transaction to commit: the driver answers a commit
/// without one with "done". The engine knows better: beginning another one inside fails, and must fail.
async fn commit_inside(transaction: DatabaseTransaction) -> std::result::Result<(), String> {
    match transaction.execute_unprepared("BEGIN").await {
        Err(error) if error.to_string().contains("within a transaction") => {
            transaction.commit().await.map_err(|e| e.to_string())
        }
        Err(error) => Err(error.to_string()),
        Ok(_) => Err("the transaction had ended before its commit".to_owned()),
    }
}
