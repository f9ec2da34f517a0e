//! Stories through the router: figures and their rows, the ledger and its corrections, who sees what.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod story {
    pub mod corrections;
    pub mod edges;
    pub mod entering;
    pub mod figures;
    pub mod programs;
    pub mod proofs;
    pub mod published;
    pub mod scopes;
    pub mod stage;
}
