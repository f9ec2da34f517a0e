//! Orders and institutions on both databases, in the office's words.

#![allow(clippy::unwrap_used, reason = "tests")]

mod orders;
mod property;
mod stage;
