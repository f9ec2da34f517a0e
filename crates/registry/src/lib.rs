//! The registry (企业库): organisations of every kind, and what they are.
//!
//! Other modules never ask this crate about an organisation; they ask `kernel::org` or the ledger.

pub mod changes;
pub mod orgs;

/// The slices of this crate.
pub fn slices() -> Vec<web::Slice> {
    vec![orgs::slice(), changes::slice()]
}
