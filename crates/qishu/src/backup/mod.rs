//! Backup and restore of the embedded database: a consistent copy while it is written to, cut into pieces
//! that are kept once under their SM3 hash, so that the next backup writes only what changed.
//!
//! A backup is a manifest: the pieces of each file, and what the ledger said then. Restoring compares all of it.
//! Never holds the key that seals: that is kept elsewhere.

mod chunks;
mod make;
mod restore;
mod state;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kernel::seal::Hash;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};

pub use make::{Made, backup};
pub use restore::{Restored, restore, restore_mirror};
pub use state::State;

/// What a backup consists of, as it is written beside the pieces.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the form.
    pub qishu_backup: u32,
    /// Version of the program that made it.
    pub program: String,
    /// When it was begun.
    pub made_at: String,
    /// Migrations the database had.
    pub schema: Vec<String>,
    /// What the ledger said.
    pub state: State,
    /// The files by name.
    pub files: BTreeMap<String, Kept>,
}

/// A file in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its length in bytes.
    pub bytes: u64,
    /// Hashes of its pieces in their order.
    pub pieces: Vec<Hash>,
}

/// The version of the form this program writes and reads.
const FORM: u32 = 1;

/// Manifests in a backup directory, the oldest first.
fn manifests(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).map_err(|e| Error::Unavailable(format!("读不了 {}：{e}", dir.display())))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    found.sort();
    Ok(found)
}

fn read_manifest(path: &Path) -> Result<Manifest> {
    let wrong = |why: String| Error::invalid("backup", format!("{} 不是备份清单：{why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    if manifest.qishu_backup != FORM {
        return Err(wrong(format!("格式版本为 {}，本程序认识 {FORM}", manifest.qishu_backup)));
    }
    Ok(manifest)
}
