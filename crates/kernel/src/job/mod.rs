//! Jobs (作业): work in the background that is written down, tried again, stopped, and carried out by one runner at a
//! time over all servers.
//!
//! A module declares a [`Job`]: what it is called, when it is done, and the function that does it. A row of it is asked
//! for by an act or planned by the clock, once for each thing it is about. A job that is killed is taken up by another
//! runner when its lease is over; so that it is done once, it either can be repeated without harm, or ends inside the
//! act that does it ([`Running::finish_in`]).

mod run;
mod running;
mod store;

pub use run::{plan, run_next, work};
pub use running::{Running, here, stop_here};
pub use store::{Outcome, Row, again, ask, find, list, of_thing, stop};

use std::future::Future;
use std::pin::Pin;

use crate::Result;

/// A sort of job.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// `module.noun`.
    pub code: &'static str,
    /// What the office calls it.
    pub label: &'static str,
    /// When it is done.
    pub when: When,
    /// What does it; the answer says what came of it, for people.
    pub run: Run,
}

/// When a job is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// When somebody asks for it.
    Asked,
    /// Once each night, begun between these times of day (hour, minute), Asia/Shanghai.
    Night((u32, u32), (u32, u32)),
    /// Once each working day, begun in office hours from the time of the digest on.
    WorkingDay,
}

/// What carries a job out.
pub type Run = for<'a> fn(&'a Running) -> Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>>;
