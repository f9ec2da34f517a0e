//! Pieces of files, each kept once under its hash.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use kernel::seal::Hash;
use kernel::store::Sink;
use kernel::{Error, Result};

use super::Kept;

/// Length of a piece. Small, because a write touches pages all over the file; not so small that a city has millions.
pub(super) const PIECE: usize = 256 * 1024;

/// A directory of pieces.
pub(super) struct Chunks {
    dir: PathBuf,
    files: BTreeMap<String, Kept>,
    current: String,
    /// Bytes written anew, and bytes in all.
    pub(super) written: u64,
    pub(super) all: u64,
}

impl Chunks {
    /// The pieces of the backups in `dir`.
    pub(super) fn of(dir: &Path) -> Result<Self> {
        let dir = dir.join("pieces");
        std::fs::create_dir_all(&dir).map_err(|e| refused(&dir, &e))?;
        Ok(Self { dir, files: BTreeMap::new(), current: String::new(), written: 0, all: 0 })
    }

    fn path(&self, hash: &Hash) -> PathBuf {
        let name = hash.to_string();
        self.dir.join(&name[..2]).join(name)
    }

    /// Keeps a piece; one that is there already is not written again.
    fn put(&mut self, bytes: &[u8]) -> Result<Hash> {
        let hash = Hash::of(bytes);
        let path = self.path(&hash);
        self.all += bytes.len() as u64;
        // A piece has its name only once it is whole on the disk.
        if std::fs::metadata(&path).is_ok_and(|m| m.len() == bytes.len() as u64) {
            return Ok(hash);
        }
        let folder = path.parent().unwrap_or(&self.dir);
        std::fs::create_dir_all(folder).map_err(|e| refused(folder, &e))?;
        write_whole(&path, bytes)?;
        self.written += bytes.len() as u64;
        Ok(hash)
    }

    /// A piece, if it is still what its name says.
    pub(super) fn get(&self, hash: &Hash) -> Result<Vec<u8>> {
        let path = self.path(hash);
        let bytes = std::fs::read(&path).map_err(|e| refused(&path, &e))?;
        if Hash::of(&bytes) == *hash {
            return Ok(bytes);
        }
        Err(Error::Conflict(format!("备份中的 {} 已损坏：内容与其名称（SM3）不符；请改用另一份备份", path.display())))
    }

    /// The files that were taken in.
    pub(super) fn files(self) -> BTreeMap<String, Kept> {
        self.files
    }

    /// Removes pieces that no backup needs any more, and says how many.
    pub(super) fn sweep(&self, needed: &BTreeSet<Hash>) -> Result<u64> {
        let mut removed = 0;
        for folder in std::fs::read_dir(&self.dir).map_err(|e| refused(&self.dir, &e))?.flatten() {
            for piece in std::fs::read_dir(folder.path()).map_err(|e| refused(&folder.path(), &e))?.flatten() {
                let hash: Option<Hash> = piece.file_name().to_str().and_then(|name| name.parse().ok());
                if hash.is_none_or(|hash| !needed.contains(&hash)) {
                    std::fs::remove_file(piece.path()).map_err(|e| refused(&piece.path(), &e))?;
                    removed += 1;
                }
            }
            // Fails, as it should, while something is in it.
            std::fs::remove_dir(folder.path()).ok();
        }
        Ok(removed)
    }
}

impl Sink for Chunks {
    fn begin(&mut self, name: &'static str) {
        name.clone_into(&mut self.current);
        self.files.insert(name.to_owned(), Kept::default());
    }

    fn take(&mut self, bytes: &[u8]) -> Result<()> {
        let hash = self.put(bytes)?;
        let kept = self.files.entry(self.current.clone()).or_default();
        kept.bytes += bytes.len() as u64;
        kept.pieces.push(hash);
        Ok(())
    }
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("不能使用 {}：{error}", path.display()))
}

/// Writes a file that is either whole on the disk or not there.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("part");
    let written = std::fs::File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        std::fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    });
    written.map_err(|e| refused(path, &e))
}
