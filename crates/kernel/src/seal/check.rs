//! What can be wrong with a sealed ledger or log, and how it is found: pure, over facts and blocks however they were read.

use std::collections::BTreeSet;

use super::block::{Block, Header, root_of};
use super::hash::Hash;
use super::key::PublicKey;
use super::sealed::{Sealable, Stored};

/// What the one who verifies knows from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Keys that may sign; with none, any key that signs is accepted and named.
    pub keys: BTreeSet<PublicKey>,
    /// Hash of a block that must be in the chain: finds an end that was cut off.
    pub head: Option<Hash>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The fact at this position is not the one that was sealed.
    Changed(i64),
    /// The fact at the first position was sealed at the second.
    Moved(i64, i64),
    /// The fact at this position is gone.
    Missing(i64),
    /// There is a fact at this position that was not sealed.
    Added(i64),
    /// What is stored at this position is no fact, with the reason.
    Unreadable(i64, String),
    /// The list of leaves is not the one the root was made of.
    Leaves,
    /// Facts and list agree with each other, but not with the root.
    Root,
    /// The number of the block does not follow.
    Number,
    /// The hash of the block before is another.
    Chain,
    /// The range of positions does not follow that of the block before, or is not that of its facts.
    Range,
    /// The signature is not by the key over this header.
    Signature,
    /// The key is not one of those trusted.
    Key(PublicKey),
    /// The block cannot be read, with the reason.
    Block(String),
    /// A block that is known to have been there is not in the chain.
    Head(Hash),
    /// The seal of the publication with this number does not hold, with the reason.
    Publication(i64, String),
    /// The file is not in the form of an export, with the reason.
    Form(String),
}

/// A fault and the block it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Number of the block.
    pub block: i64,
    /// What is wrong.
    pub fault: Fault,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let block = self.block;
        match &self.fault {
            Fault::Changed(p) => write!(f, "第 {p} 号与封存时不同（第 {block} 块）"),
            Fault::Moved(p, from) => write!(f, "第 {p} 号封存时在第 {from} 号：次序被调换（第 {block} 块）"),
            Fault::Missing(p) => write!(f, "第 {p} 号已封存而现在没有（第 {block} 块）"),
            Fault::Added(p) => write!(f, "第 {p} 号不在封存之列，是后来加入的（第 {block} 块）"),
            Fault::Unreadable(p, why) => write!(f, "第 {p} 号读不出，不是完好的一条：{why}（第 {block} 块）"),
            Fault::Leaves => write!(f, "第 {block} 块的叶子清单被改动，与根值不符"),
            Fault::Root => write!(f, "第 {block} 块的内容与根值不符"),
            Fault::Number => write!(f, "第 {block} 块的块号不连续：有块缺失、增加或调换"),
            Fault::Chain => write!(f, "第 {block} 块记的前一块散列与前一块不符：链断开"),
            Fault::Range => write!(f, "第 {block} 块的起止序号与前一块或所含内容不符"),
            Fault::Signature => write!(f, "第 {block} 块的签名不成立"),
            Fault::Key(key) => write!(f, "第 {block} 块由不受信任的密钥签名：{key}"),
            Fault::Block(why) => write!(f, "第 {block} 块读不出：{why}"),
            Fault::Head(hash) => write!(f, "链中没有散列为 {hash} 的块：末尾的块被删去，或整条链被替换"),
            Fault::Publication(id, why) => write!(f, "第 {id} 号发布的封存不成立：{why}（第 {block} 份）"),
            Fault::Form(why) => write!(f, "文件不合格式：{why}（在第 {block} 块处）"),
        }
    }
}

/// What is wrong with a header and its signature, given the block before.
pub fn check_header<S: Sealable>(
    before: Option<&Header>,
    header: &Header,
    signature: &[u8],
    trust: &Trust,
) -> Option<Fault> {
    if header.number != before.map_or(1, |b| b.number + 1) {
        return Some(Fault::Number);
    }
    if header.previous != before.map_or_else(S::genesis, Header::hash) {
        return Some(Fault::Chain);
    }
    if header.first != before.map_or(1, |b| b.last + 1) || header.last < header.first {
        return Some(Fault::Range);
    }
    if !header.public_key.signed(&header.bytes(), signature) {
        return Some(Fault::Signature);
    }
    let known = trust.keys.is_empty() || trust.keys.contains(&header.public_key);
    (!known).then(|| Fault::Key(header.public_key.clone()))
}

/// What is wrong first with the facts of a block. They are all that stand between its positions, in their order;
/// of very many the first `facts + 1` are enough.
pub fn check_facts<S: Sealable>(block: &Block, facts: &[Stored<S>]) -> Option<Fault> {
    let first = first_difference(block, facts);
    let listed = root_of(&block.leaves) == block.header.root && block.leaves.len() as i64 == block.header.facts;
    if let Some(fault) = first.clone()
        && listed
    {
        return Some(fault);
    }
    let hashes: Vec<Hash> = facts.iter().filter_map(|f| f.as_ref().ok()).map(|f| f.leaf()).collect();
    let whole = hashes.len() == facts.len() && hashes.len() as i64 == block.header.facts;
    if whole && super::merkle::root(&hashes) == block.header.root {
        return (first.is_some() || !listed).then_some(Fault::Leaves);
    }
    if !listed {
        return Some(Fault::Root);
    }
    (block.leaves.last().map(|l| l.position) != Some(block.header.last)).then_some(Fault::Range)
}

/// The first place where facts and list of leaves part.
fn first_difference<S: Sealable>(block: &Block, facts: &[Stored<S>]) -> Option<Fault> {
    let position = |fact: &Stored<S>| fact.as_ref().map_or_else(|(p, _)| *p, Sealable::position);
    let mut leaves = block.leaves.iter();
    for fact in facts {
        let at = position(fact);
        match leaves.next() {
            None => return Some(Fault::Added(at)),
            Some(leaf) if leaf.position < at => return Some(Fault::Missing(leaf.position)),
            Some(leaf) if leaf.position > at => return Some(Fault::Added(at)),
            Some(leaf) => match fact {
                Err((_, why)) => return Some(Fault::Unreadable(at, why.clone())),
                Ok(fact) if fact.leaf() != leaf.hash => {
                    let from = block.leaves.iter().find(|l| l.position != at && l.hash == fact.leaf_at(l.position));
                    return Some(from.map_or(Fault::Changed(at), |from| Fault::Moved(at, from.position)));
                }
                Ok(_) => {}
            },
        }
    }
    leaves.next().map(|leaf| Fault::Missing(leaf.position))
}
