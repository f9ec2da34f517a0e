//! What guarantors, banks and the bureau do with the ledgers, on both databases.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;
mod limits;
mod pages;
mod random;
mod stories;
