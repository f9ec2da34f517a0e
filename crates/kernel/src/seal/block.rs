//! A block: its header, which is hashed, chained and signed, and the list of its leaves.

use serde::{Deserialize, Serialize};

use super::fact::{int, text};
use super::hash::Hash;
use super::key::{PublicKey, SealKey};
use super::merkle;
use super::sealed::Sealable;

/// What a block says of itself; all of it is signed. The order of the fields is that of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// 1, 2, 3 …
    pub number: i64,
    /// Hash of the block before; zeros for the first.
    pub previous: Hash,
    /// First position it answers for: the one after the last of the block before.
    pub first: i64,
    /// Last position it answers for: that of its last fact.
    pub last: i64,
    /// How many facts it holds. Other positions of the range belong to attributes, or to nothing.
    pub facts: i64,
    /// Merkle root of its facts.
    pub root: Hash,
    /// When it was sealed, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    pub sealed_at: String,
    /// Whose signature it carries.
    pub public_key: PublicKey,
}

/// Before a header's bytes.
const HEADER: u8 = 2;

impl Header {
    /// The bytes that are hashed and signed.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![HEADER];
        int(&mut bytes, self.number);
        bytes.extend(self.previous.0);
        int(&mut bytes, self.first);
        int(&mut bytes, self.last);
        int(&mut bytes, self.facts);
        bytes.extend(self.root.0);
        text(&mut bytes, &self.sealed_at);
        bytes.extend(self.public_key.bytes());
        bytes
    }

    /// The hash of the block, which the next one carries.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.bytes())
    }
}

/// Position and leaf hash of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Position of the fact.
    pub position: i64,
    /// Hash of its leaf.
    pub hash: Hash,
}

/// A sealed block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What is signed.
    pub header: Header,
    /// SM2 signature over the header's bytes: r and s, 32 bytes each.
    pub signature: Vec<u8>,
    /// Its facts, so that a difference can be named.
    pub leaves: Vec<Leaf>,
}

/// Bytes of a leaf in the list: 8 of the position, 32 of the hash.
const LEAF_BYTES: usize = 40;

impl Block {
    /// Seals rows, which stand in the order of their positions, behind the block before. `None` without rows.
    pub fn seal<S: Sealable>(before: Option<&Header>, rows: &[S], sealed_at: String, key: &SealKey) -> Option<Self> {
        let leaves: Vec<Leaf> = rows.iter().map(|r| Leaf { position: r.position(), hash: r.leaf() }).collect();
        let header = Header {
            number: before.map_or(1, |b| b.number + 1),
            previous: before.map_or_else(S::genesis, Header::hash),
            first: before.map_or(1, |b| b.last + 1),
            last: leaves.last()?.position,
            facts: leaves.len() as i64,
            root: root_of(&leaves),
            sealed_at,
            public_key: key.public(),
        };
        let signature = key.sign(&header.bytes());
        Some(Self { header, signature, leaves })
    }

    /// The list of leaves as it is stored and exported.
    pub fn leaf_bytes(&self) -> Vec<u8> {
        self.leaves.iter().flat_map(|l| l.position.to_be_bytes().into_iter().chain(l.hash.0)).collect()
    }
}

/// The Merkle root over a list of leaves.
pub(super) fn root_of(leaves: &[Leaf]) -> Hash {
    merkle::root(&leaves.iter().map(|l| l.hash).collect::<Vec<_>>())
}

/// The list of leaves out of its bytes; `None` when it does not come out even.
pub(super) fn leaves_of(bytes: &[u8]) -> Option<Vec<Leaf>> {
    if !bytes.len().is_multiple_of(LEAF_BYTES) {
        return None;
    }
    bytes
        .chunks(LEAF_BYTES)
        .map(|one| {
            let (position, hash) = one.split_at(8);
            Some(Leaf { position: i64::from_be_bytes(position.try_into().ok()?), hash: Hash::from_slice(hash)? })
        })
        .collect()
}
