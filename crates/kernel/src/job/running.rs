//! A job while it runs: what it works on, how far it is, whether it is to go on.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use super::store::{self, Outcome};
use crate::id::{AccountId, JobId};
use crate::store::{Store, Tx};
use crate::{Error, Result};

/// What whoever stopped a job is told.
pub(super) const STOPPED: &str = "已取消";

/// A job that runs in this process.
pub struct Running {
    pub(super) store: Store,
    pub(super) id: JobId,
    pub(super) runner: String,
    pub(super) input: String,
    pub(super) account: AccountId,
    pub(super) now: DateTime<Utc>,
    pub(super) begun: Instant,
    pub(super) far: Arc<Far>,
}

/// How far a job is.
#[derive(Debug, Default)]
pub struct Far {
    done: AtomicI64,
    total: AtomicI64,
    stop: AtomicBool,
}

impl Far {
    /// Done so far, and of how many; 0 of 0 when that is not known.
    pub fn steps(&self) -> (i64, i64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Running {
    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What it works on, as it was asked.
    pub fn input(&self) -> &str {
        &self.input
    }

    /// Who asked for it; 0 for the clock.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The instant it is, by the clock it was begun with.
    pub fn now(&self) -> DateTime<Utc> {
        self.now + TimeDelta::from_std(self.begun.elapsed()).unwrap_or_default()
    }

    /// Says how far it is; 0 of 0 when that is not known.
    pub fn says(&self, done: i64, total: i64) {
        self.far.done.store(done, Ordering::Relaxed);
        self.far.total.store(total, Ordering::Relaxed);
    }

    /// Whether somebody wants it stopped, or another runner has it.
    pub fn is_stopped(&self) -> bool {
        self.far.is_stopped()
    }

    /// To be asked between steps.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is to stop.
    pub fn goes_on(&self) -> Result<()> {
        match self.is_stopped() {
            true => Err(Error::Conflict(STOPPED.into())),
            false => Ok(()),
        }
    }

    /// Ends the job inside the act that does it, so that both are durable together: whoever no longer holds the job
    /// does nothing.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it was stopped, or another runner has it.
    pub async fn finish_in(&self, tx: &Tx, answer: &str) -> Result<()> {
        match store::end(tx, self.id, &self.runner, Outcome::Done, answer).await? {
            true => Ok(()),
            false => Err(Error::Conflict(STOPPED.into())),
        }
    }
}

/// What runs in this process: for pages that show how far it is, and for the hand that stops it. The embedded database
/// lets nobody write while a long act is written, so a row would not do.
static HERE: Mutex<Vec<(String, JobId, Arc<Far>)>> = Mutex::new(Vec::new());

/// How far a job is, if this process runs it.
pub fn here(store: &Store, id: JobId) -> Option<Arc<Far>> {
    let place = format!("{:?}", store.place());
    let held = HERE.lock().unwrap_or_else(PoisonError::into_inner);
    held.iter().find(|(at, job, _)| *at == place && *job == id).map(|(.., far)| far.clone())
}

/// Stops a job at once, if this process runs it.
pub fn stop_here(store: &Store, id: JobId) {
    if let Some(far) = here(store, id) {
        far.stop();
    }
}

/// An entry among what runs here, for as long as it lives.
pub(super) struct Entry(String, JobId);

impl Entry {
    pub(super) fn new(job: &Running) -> Self {
        let place = format!("{:?}", job.store.place());
        HERE.lock().unwrap_or_else(PoisonError::into_inner).push((place.clone(), job.id, job.far.clone()));
        Self(place, job.id)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        HERE.lock().unwrap_or_else(PoisonError::into_inner).retain(|(place, id, _)| (place, id) != (&self.0, &self.1));
    }
}
