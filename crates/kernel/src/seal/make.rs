//! Sealing: read a stretch of settled facts from a snapshot, then write one row.

use chrono::SubsecRound;

use super::block::{Block, Header};
use super::fact::SealedFact;
use super::key::SealKey;
use super::sealed::Sealable;
use super::{published, store};
use crate::store::{Store, instant_text};
use crate::{Error, Result, args};

/// Facts of a full block when nothing else is set.
pub const BLOCK_FACTS: i64 = 4096;

/// When a stretch of facts that does not fill a block is sealed all the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Partial {
    Never,
    Always,
    /// When its first row is old.
    Old,
}

/// Seals the next `size` facts, or as many as there are when `partial`. Nothing to seal gives `None`.
///
/// # Errors
/// [`Error::Conflict`] when a stored fact cannot be read, or another seals at the same time.
pub async fn seal_block(store: &Store, key: &SealKey, size: i64, partial: bool) -> Result<Option<Header>> {
    let partial = if partial { Partial::Always } else { Partial::Never };
    next::<SealedFact>(store, key, size, partial, i64::MAX).await
}

/// Seals everything that is settled when it begins, and signs what is published; says how many blocks that made.
///
/// # Errors
/// As [`seal_block`].
pub async fn seal_all(store: &Store, key: &SealKey, size: i64) -> Result<u64> {
    let blocks = repeat::<SealedFact>(store, key, size, Partial::Always).await?;
    Ok(blocks + seal_publications(store, key, size).await?)
}

/// Seals what is ripe: full blocks, a rest that was begun before today, and whatever a new publication knew.
///
/// # Errors
/// As [`seal_block`].
pub async fn seal_ripe(store: &Store, key: &SealKey, size: i64) -> Result<u64> {
    let blocks = ripe::<SealedFact>(store, key, size).await?;
    Ok(blocks + seal_publications(store, key, size).await?)
}

/// As [`seal_all`], of any sort.
pub(crate) async fn whole_log<S: Sealable>(store: &Store, key: &SealKey, size: i64) -> Result<u64> {
    repeat::<S>(store, key, size, Partial::Always).await
}

/// As [`seal_ripe`], of any sort.
pub(crate) async fn ripe<S: Sealable>(store: &Store, key: &SealKey, size: i64) -> Result<u64> {
    repeat::<S>(store, key, size, Partial::Old).await
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
        if next::<SealedFact>(store, key, size, Partial::Always, known.0).await?.is_none() {
            return Ok(blocks);
        }
        blocks += 1;
    }
}

/// Up to what is settled now: who goes on writing must not keep this from ending.
async fn repeat<S: Sealable>(store: &Store, key: &SealKey, size: i64, partial: Partial) -> Result<u64> {
    let until = S::settled(store).await?;
    let mut blocks = 0;
    while next::<S>(store, key, size, partial, until).await?.is_some() {
        blocks += 1;
    }
    Ok(blocks)
}

async fn next<S: Sealable>(
    store: &Store,
    key: &SealKey,
    size: i64,
    partial: Partial,
    until: i64,
) -> Result<Option<Header>> {
    // What is settled is asked before the snapshot, so that all of it is in there.
    let settled = S::settled(store).await?.min(until);
    let read = store.read().await?;
    let before = store::head_of::<S>(&read).await?;
    let first = before.as_ref().map_or(1, |b| b.last + 1);
    let size = size.clamp(1, 1 << 20);
    let stored = S::between(&read, first, settled, size).await?;
    let whole = |(position, why)| Error::Conflict(format!("第 {position} 号读不出，不是完好的一条，不能封存：{why}"));
    let rows: Vec<S> = stored.into_iter().collect::<std::result::Result<_, _>>().map_err(whole)?;
    let Some(oldest) = rows.first() else { return Ok(None) };
    let ripe = rows.len() as i64 == size
        || match partial {
            Partial::Never => false,
            Partial::Always => true,
            Partial::Old => oldest.is_old(&read).await?,
        };
    if !ripe {
        return Ok(None);
    }
    let sealed_at = read.now().trunc_subsecs(6);
    drop(read);
    let Some(block) = Block::seal(before.as_ref(), &rows, instant_text(sealed_at), key) else { return Ok(None) };
    store.upkeep("封存", async |tx| store::add::<S>(tx, &block, sealed_at).await).await?;
    Ok(Some(block.header))
}
