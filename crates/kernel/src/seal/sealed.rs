//! What is sealed: facts of the ledger, and entries of the audit log. Each sort has blocks, a chain and a file of its own.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::hash::Hash;
use crate::Result;
use crate::store::{Read, Store};

/// A row as it is sealed, or the position of one that cannot be read, with the reason.
pub type Stored<S> = std::result::Result<S, (i64, String)>;

/// A sort of row that is sealed. Its bytes begin with its position.
pub trait Sealable: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The table of the rows.
    const TABLE: &'static str;
    /// The column with their position.
    const POSITION: &'static str;
    /// The table of their blocks.
    const SEALS: &'static str;
    /// Before a leaf's bytes, so that no node and no other sort can pass for one.
    const LEAF: u8;
    /// Whether a file of them is an audit log.
    const IS_AUDIT: bool;

    /// What the first block has before it.
    fn genesis() -> Hash;

    /// Its place.
    fn position(&self) -> i64;

    /// The bytes that are hashed; the first eight are those of its position.
    fn bytes(&self) -> Vec<u8>;

    /// The hash of its leaf.
    fn leaf(&self) -> Hash {
        Hash::of_parts(&[&[Self::LEAF], &self.bytes()])
    }

    /// What its leaf would be at another position: tells a row that was moved.
    fn leaf_at(&self, position: i64) -> Hash {
        let mut bytes = self.bytes();
        bytes[..8].copy_from_slice(&position.to_be_bytes());
        Hash::of_parts(&[&[Self::LEAF], &bytes])
    }

    /// The last position below which nothing can appear any more.
    fn settled(store: &Store) -> impl Future<Output = Result<i64>> + Send;

    /// Rows between two positions, both included, in their order.
    fn between(
        read: &Read,
        first: i64,
        last: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Stored<Self>>>> + Send;

    /// Whether a stretch that begins with this row is sealed though it does not fill a block.
    fn is_old(&self, read: &Read) -> impl Future<Output = Result<bool>> + Send;

    /// The last position whose row was taken away in order, with proof; 0 for none.
    fn archived(read: &Read) -> impl Future<Output = Result<i64>> + Send;
}
