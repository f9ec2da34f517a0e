//! Proof that one fact is in a block, short enough for a code on a printed page.

use super::block::Header;
use super::fact::{self, SealedFact};
use super::hash::{Hash, to_base32, to_hex};
use super::sealed::Sealable;
use super::statement::code_bytes;
use super::store::{self, covering};
use super::{block, merkle};
use crate::id::Position;
use crate::store::Read;
use crate::{Error, Result};

/// A fact, the block it is sealed in, and the way from one to the other.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The fact as it is stored now.
    pub fact: SealedFact,
    /// The block.
    pub header: Header,
    /// SM2 signature over the header.
    pub signature: Vec<u8>,
    /// Number of its leaf in the block, from 0.
    pub index: usize,
    /// The hashes that lead from its leaf to the root, the lowest first.
    pub path: Vec<Hash>,
}

impl Proof {
    /// Whether the fact as it is stored now leads to the root, and the signature holds.
    pub fn holds(&self) -> bool {
        let root = merkle::climb(self.fact.leaf(), self.index, self.header.facts as usize, &self.path);
        root == Some(self.header.root) && self.header.public_key.signed(&self.header.bytes(), &self.signature)
    }

    /// The signature in hexadecimal.
    pub fn signature_text(&self) -> String {
        to_hex(&self.signature)
    }

    /// The text of the code; its form is in `docs/seals.md`.
    pub fn text(&self) -> String {
        let bytes = code_bytes(&self.header.bytes(), &self.signature, self.index, &self.path, &self.fact.bytes());
        format!("QS1:{}", to_base32(&bytes))
    }
}

/// The proof of the fact at this position. The caller has looked whether it may be seen.
///
/// # Errors
/// [`Error::NotFound`] when it is not sealed yet; [`Error::Conflict`] when its block cannot be read.
pub async fn prove(read: &Read, position: Position) -> Result<Proof> {
    let mark = covering(read, position).await?.ok_or(Error::NotFound)?;
    let broken = || {
        Error::Conflict(format!(
            "第 {} 块的叶子清单中没有第 {position} 号：请运行 qishu verify ledger",
            mark.header.number
        ))
    };
    let signature = store::signature(read, mark.header.number).await?;
    let block = store::whole::<SealedFact>(read, mark.header.clone(), signature).await?;
    let index = block.leaves.iter().position(|l| l.position == position.0).ok_or_else(broken)?;
    let hashes: Vec<Hash> = block.leaves.iter().map(|l: &block::Leaf| l.hash).collect();
    Ok(Proof {
        fact: fact::find(read, position).await?,
        header: block.header,
        signature: block.signature,
        index,
        path: merkle::path(&hashes, index),
    })
}
