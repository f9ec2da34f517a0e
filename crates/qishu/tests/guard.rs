//! Who may, and what keeps the rest out: every route for every role, many people at once, and what attackers send.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod guard {
    pub mod attack;
    pub mod compliance;
    pub mod consent;
    pub mod crowd;
    pub mod edges;
    pub mod logs;
    pub mod matrix;
    pub mod stage;
    pub mod tls;
    pub mod trail;
}
