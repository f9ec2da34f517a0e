//! Sealing: read a stretch of settled facts from a snapshot, then write one row.

use chrono::SubsecRound;

use super::block::{Block, Header};
use super::fact::{SealedFact, between, kinds};
use super::key::SealKey;
use super::{published, store};
use crate::access::Actor;
use crate::id::Position;
use crate::ledger::browse;
use crate::store::{Store, instant_text};
use crate::{Error, Result, args};

/// Facts of a full block when nothing else is set.
pub const BLOCK_FACTS: i64 = 4096;

/// When a stretch of facts that does not fill a block is sealed all the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Partial {
    Never,
    Always,
    /// When its first fact was recorded before today.
    Old,
}

/// Seals the next `size` facts, or as many as there are when `partial`. Nothing to seal gives `None`.
///
/// # Errors
/// [`Error::Conflict`] when a stored fact cannot be read, or another seals at the same time.
pub async fn seal_block(store: &Store, key: &SealKey, size: i64, partial: bool) -> Result<Option<Header>> {
    let partial = if partial { Partial::Always } else { Partial::Never };
    next(store, key, size, partial, Position(i64::MAX)).await
}

/// Seals everything that is settled when it begins, and signs what is published; says how many blocks that made.
///
/// # Errors
/// As [`seal_block`].
pub async fn seal_all(store: &Store, key: &SealKey, size: i64) -> Result<u64> {
    let blocks = repeat(store, key, size, Partial::Always).await?;
    Ok(blocks + seal_publications(store, key, size).await?)
}

/// Seals what is ripe: full blocks, a rest that was begun before today, and whatever a new publication knew.
///
/// # Errors
/// As [`seal_block`].
pub async fn seal_ripe(store: &Store, key: &SealKey, size: i64) -> Result<u64> {
    let blocks = repeat(store, key, size, Partial::Old).await?;
    Ok(blocks + seal_publications(store, key, size).await?)
}

/// Signs publications that are not signed yet, after the facts they knew are sealed; says how many blocks that took.
async fn seal_publications(store: &Store, key: &SealKey, size: i64) -> Result<u64> {
    let mut blocks = 0;
    loop {
        let read = store.read().await?;
        let Some((id, known)) = published::next_unsealed(&read).await? else { return Ok(blocks) };
        let head = store::head(&read).await?;
        let last = head.as_ref().map_or(0, |h| h.last);
        let open = read
            .opt(("SELECT position FROM fact WHERE position > $1 AND position <= $2 LIMIT 1", args![last, known]))
            .await?;
        if open.is_none() {
            published::sign(store, read, id, head.as_ref(), key).await?;
            continue;
        }
        drop(read);
        if next(store, key, size, Partial::Always, known).await?.is_none() {
            return Ok(blocks);
        }
        blocks += 1;
    }
}

/// Up to what is settled now: who goes on writing must not keep this from ending.
async fn repeat(store: &Store, key: &SealKey, size: i64, partial: Partial) -> Result<u64> {
    let until = store.read().await?.head()?;
    let mut blocks = 0;
    while next(store, key, size, partial, until).await?.is_some() {
        blocks += 1;
    }
    Ok(blocks)
}

async fn next(store: &Store, key: &SealKey, size: i64, partial: Partial, until: Position) -> Result<Option<Header>> {
    let read = store.read().await?;
    let before = store::head(&read).await?;
    let first = before.as_ref().map_or(1, |b| b.last + 1);
    let size = size.clamp(1, 1 << 20);
    let stored = between(&read, &kinds(&read).await?, first, read.head()?.min(until).0, size).await?;
    let whole = |(position, why)| Error::Conflict(format!("第 {position} 号存的不是一条完好的事实，不能封存：{why}"));
    let facts: Vec<SealedFact> = stored.into_iter().collect::<std::result::Result<_, _>>().map_err(whole)?;
    let Some(oldest) = facts.first().map(|f| Position(f.position)) else { return Ok(None) };
    let ripe = facts.len() as i64 == size
        || match partial {
            Partial::Never => false,
            Partial::Always => true,
            Partial::Old => browse::day_of(&read, oldest).await?.is_some_and(|day| day < read.today()),
        };
    if !ripe {
        return Ok(None);
    }
    let sealed_at = read.now().trunc_subsecs(6);
    drop(read);
    let Some(block) = Block::seal(before.as_ref(), &facts, instant_text(sealed_at), key) else { return Ok(None) };
    store.write(&Actor::system("封存"), async |tx| store::add(tx, &block, sealed_at).await).await?;
    Ok(Some(block.header))
}
