//! Making a backup.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kernel::seal::Hash;
use kernel::store::Store;
use kernel::{Error, Result};

use super::chunks::{Chunks, PIECE, write_whole};
use super::{FORM, Manifest, State, manifests, read_manifest};

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its manifest.
    pub manifest: PathBuf,
    /// Bytes of the database.
    pub all: u64,
    /// Bytes of them that no earlier backup in the directory had.
    pub written: u64,
    /// Facts as of the backup.
    pub facts: i64,
}

/// Backs the embedded database up into a directory, while it is written to. Many backups share one directory.
/// `keep` says how many of them stay; the others and the pieces only they need are removed.
///
/// # Errors
/// [`Error::Invalid`] on PostgreSQL; [`Error::Unavailable`] when a disk refuses.
pub async fn backup(store: &Store, dir: &Path, keep: Option<usize>) -> Result<Made> {
    let read = store.read().await?;
    let mut pieces = Chunks::of(dir)?;
    let state = State::now(&read).await?;
    let schema = read.all("SELECT version FROM seaql_migrations ORDER BY version").await?;
    let schema = schema.iter().map(|row| row.get("version")).collect::<Result<_>>()?;
    read.copy_files(PIECE, &mut pieces)?;
    let (all, written, facts) = (pieces.all, pieces.written, state.rows.get("fact").copied().unwrap_or(0));
    let manifest = Manifest {
        qishu_backup: FORM,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: read.now().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        schema,
        state,
        files: pieces.files(),
    };
    drop(read);
    let path = dir.join(format!("{}.json", manifest.made_at.replace(':', "")));
    let text = serde_json::to_vec_pretty(&manifest).map_err(|e| Error::Internal(e.to_string()))?;
    write_whole(&path, &text)?;
    if let Some(keep) = keep {
        forget(dir, keep.max(1))?;
    }
    Ok(Made { manifest: path, all, written, facts })
}

/// Removes all but the last backups, then what only they needed.
fn forget(dir: &Path, keep: usize) -> Result<()> {
    let mut found = manifests(dir)?;
    let kept = found.split_off(found.len().saturating_sub(keep));
    let mut needed: BTreeSet<Hash> = BTreeSet::new();
    for manifest in &kept {
        needed.extend(read_manifest(manifest)?.files.into_values().flat_map(|file| file.pieces));
    }
    for manifest in found {
        std::fs::remove_file(&manifest)
            .map_err(|e| Error::Unavailable(format!("删不了 {}：{e}", manifest.display())))?;
    }
    Chunks::of(dir)?.sweep(&needed).map(|_| ())
}
