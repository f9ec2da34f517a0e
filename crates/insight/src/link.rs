//! Addresses inside our own pages: those of all crates.

pub(crate) use web::link::{Link, NO_KEY, Query, asked, cut, id, kept, number};
