//! Publications (已发布数字): what a signed document said stays explainable when the data has moved on.
//!
//! Publishing freezes each cited figure: the whole definition, what it was asked, its value, the digest of its rows.
//! Re-deriving asks the same again, and tells what changed since as parts that sum to the difference.
//! Owns the tables of `0002_publications.sql`; nothing in them is ever changed.

mod amendment;
mod behind;
mod drift;
mod frozen;
mod register;
mod sorted;

pub use amendment::{
    Amendment, Decision, Moves, Proposal, Replacement, accept, find_amendment, impact, list_amendments, refuse,
    request, seen,
};
pub use behind::{Behind, behind};
pub use drift::{Alarm, Cause, Drift, Step, StepRow, Verification, rederive, rederive_one};
pub use frozen::{Cited, Draft, Note, Part, PublishedFigure, Release, answers, current, freeze, reconciled};
pub use register::{
    Publication, Summary, Verified, enter, find, ids, list, record_verification, verifications, verify_all,
};
