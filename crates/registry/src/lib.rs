//! The registry (企业库): organisations of every kind, what they are, and the people who act for them and the office.
//!
//! Other modules never ask this crate about an organisation; they ask `kernel::org` or the ledger.

pub mod changes;
pub mod claims;
pub mod me;
pub mod orgs;
pub mod people;
pub mod roles;

/// The slices of this crate.
pub fn slices() -> Vec<web::Slice> {
    vec![orgs::slice(), changes::slice(), claims::slice(), people::slice(), roles::slice(), me::slice()]
}
