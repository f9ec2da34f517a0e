//! Contracts of the three ledgers and their events: the only place where a balance moves.
//!
//! Owns `guarantee_contract`, `guarantee_event`, `guarantee_share`, and what is kept beside them in the same
//! transaction (`guarantee_exposure`, `guarantee_sum`). Every event writes the facts that indicators count.
//! Never updates or deletes an event: a correction is a reversal with its reason.

mod actions;
mod facts;
mod form;
mod kept;
mod model;
pub(super) mod pages;
mod post;
mod queries;
mod register;
mod view;

pub use actions::{Entered, enter};
pub(in crate::guarantee) use kept::{DAY, MONTH, day_code, exposure, largest, month_code, sort};
pub use kept::{Drift, drift, rebuild};
pub use model::{Contract, Entry, NewContract, Posted, SharePart};
pub(in crate::guarantee) use post::tried;
pub use post::{post, reverse};
pub use queries::{Filters, chain, events, find, list, running_bridges, shares};
pub use register::register;
