//! Notices on their way out: a real mail server, a receiver that is down, slow or in trouble, and `kill -9`.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

mod outside {
    pub mod attachments;
    pub mod hook;
    pub mod kills;
    pub mod mail;
    pub mod pages;
    pub mod smtp;
    pub mod stage;
}
