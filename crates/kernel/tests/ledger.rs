//! Stories and properties of the ledger and the indicators, on both databases.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod story {
    pub mod asof;
    pub mod attributes;
    pub mod audit;
    pub mod bulk;
    pub mod cases;
    pub mod concurrency;
    pub mod counterparties;
    pub mod facts;
    pub mod figure_proofs;
    pub mod jobs;
    pub mod listing;
    pub mod lists;
    pub mod lost_writes;
    pub mod mirror;
    pub mod publications;
    pub mod refusals;
    pub mod seals;
    pub mod secrets;
}
