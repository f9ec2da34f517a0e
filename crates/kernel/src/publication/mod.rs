//! Publications (已发布数字): what a signed document said stays explainable when the data has moved on.
//!
//! Publishing freezes each cited figure: the whole definition, what it was asked, its value, the digest of its rows.
//! Re-deriving asks the same again, and tells what changed since as parts that sum to the difference.
//! Owns the tables of `0002_publications.sql` and `0007_night.sql`; nothing in them is ever changed.

mod amendment;
mod behind;
mod drift;
mod frozen;
mod guard;
mod impact;
mod listed;
mod nightly;
mod register;
mod sorted;

pub use amendment::{
    Amendment, Asked, Corrected, Decision, accept, corrections, find_amendment, list_amendments, refuse, request,
};
pub use behind::{Behind, behind};
pub use drift::{Alarm, Cause, Drift, Step, StepRow, Verification, rederive, rederive_one};
pub use frozen::{Cited, Draft, Note, Part, PublishedFigure, Release, answers, current, freeze, reconciled};
pub use guard::{Published, refuse_alone};
pub use impact::{Moves, Proposal, Replacement, impact, seen};
pub use listed::{Summary, list};
pub use nightly::verify_all;
pub use register::{Publication, Verified, enter, find, ids, record_verification, verifications};
