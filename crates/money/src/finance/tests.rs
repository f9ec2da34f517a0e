//! What firms, institutions and the bureau do on the marketplace, on both databases.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;
mod pages;
mod stories;
