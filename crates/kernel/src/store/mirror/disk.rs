//! The second disk: a directory in which another database directory grows, page for page and frame for frame.
//!
//! A copy is a folder with the two files of the embedded database, which the engine itself can open.
//! `mirror.json` names the copy that is whole; another one is made beside it and takes its place only when it is whole too.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::FILES;
use super::log::{Chain, FRAME_HEADER, Frame};
use crate::{Error, Result};

/// The file that names the whole copy.
const NAMES: &str = "mirror.json";

#[derive(Serialize, Deserialize)]
struct Named {
    qishu_mirror: u32,
    current: String,
}

/// Frames that follow each other in a log.
pub(super) struct Frames {
    /// Number of the first, from 0.
    pub(super) first: u64,
    pub(super) frames: Vec<Frame>,
    pub(super) bytes: Vec<u8>,
}

/// A copy that is being kept.
pub(super) struct Copy {
    mirror: PathBuf,
    name: String,
    pages: File,
    log: File,
    /// Locked as long as this copy is kept: two platforms must not mirror into one place.
    _lock: File,
    /// The last frame of each page in the log, and pages of the database after its last commit.
    last: HashMap<u32, u64>,
    size: u32,
}

/// The name of a copy that begins at this instant, in microseconds.
pub(super) fn name_at(micros: i64) -> String {
    format!("copy-{micros:016}")
}

/// Whether a folder is one of ours: people keep other things on their disks too.
fn is_copy(name: &str) -> bool {
    name.strip_prefix("copy-").is_some_and(|n| n.len() == 16 && n.bytes().all(|b| b.is_ascii_digit()))
}

/// The copy that `mirror.json` names, if it is there and can be read.
fn named(mirror: &Path) -> Option<String> {
    let named: Named = serde_json::from_slice(&std::fs::read(mirror.join(NAMES)).ok()?).ok()?;
    Some(named.current)
}

/// Removes copies. One that stays takes room and does no other harm.
fn remove_all_but(mirror: &Path, kept: Option<&str>) -> std::io::Result<()> {
    for folder in std::fs::read_dir(mirror)?.flatten() {
        if folder.file_name().to_str().is_some_and(|name| is_copy(name) && Some(name) != kept) {
            std::fs::remove_dir_all(folder.path()).ok();
        }
    }
    Ok(())
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("镜像目录 {} 写不进：{error}", path.display()))
}

/// The folder of the whole copy in a mirror; `None` when the directory is no mirror.
///
/// # Errors
/// [`Error::Unavailable`] when the mirror names a copy that is not there.
pub fn mirrored(mirror: &Path) -> Result<Option<PathBuf>> {
    let Ok(text) = std::fs::read(mirror.join(NAMES)) else { return Ok(None) };
    let broken = || Error::Unavailable(format!("{} 读不懂：不能从这个镜像恢复", mirror.join(NAMES).display()));
    let named: Named = serde_json::from_slice(&text).map_err(|_| broken())?;
    let folder = mirror.join(&named.current);
    let whole = named.qishu_mirror == 1 && is_copy(&named.current) && folder.join(FILES[0]).is_file();
    if whole { Ok(Some(folder)) } else { Err(broken()) }
}

impl Copy {
    /// Begins a copy in a new folder of this name.
    pub(super) fn begin(mirror: &Path, name: String) -> Result<Self> {
        let folder = mirror.join(&name);
        let new = |file: &str| OpenOptions::new().read(true).write(true).create_new(true).open(folder.join(file));
        let begun = || -> std::io::Result<(File, File, File)> {
            std::fs::create_dir_all(mirror)?;
            let lock = File::create(mirror.join("mirror.lock"))?;
            // Whoever holds it is another server, or one that is about to end.
            lock.try_lock().map_err(|_| std::io::Error::other("另一个程序正在用这个镜像目录"))?;
            // What was begun before and never became whole takes the room this one needs.
            match named(mirror) {
                // A name that cannot be read may be that of a whole copy.
                None if mirror.join(NAMES).exists() => {}
                whole => remove_all_but(mirror, whole.as_deref())?,
            }
            std::fs::create_dir(&folder)?;
            Ok((new(FILES[0])?, new(FILES[1])?, lock))
        };
        let (pages, log, _lock) = begun().map_err(|e| refused(&folder, &e))?;
        Ok(Self { mirror: mirror.to_owned(), name, pages, log, _lock, last: HashMap::new(), size: 0 })
    }

    fn ok<T>(&self, done: std::io::Result<T>) -> Result<T> {
        done.map_err(|e| refused(&self.mirror.join(&self.name), &e))
    }

    /// Writes a part of the main file.
    pub(super) fn put_pages(&self, bytes: &[u8], at: u64) -> Result<()> {
        self.ok(self.pages.write_all_at(bytes, at))
    }

    /// Writes frames that continue the log, and makes them durable.
    pub(super) fn put_frames(&mut self, chain: &Chain, some: &Frames) -> Result<()> {
        for (frame, at) in some.frames.iter().zip(some.first..) {
            self.last.insert(frame.page, at);
            self.size = frame.commit.unwrap_or(self.size);
        }
        if some.first == 0 {
            self.ok(self.log.write_all_at(&chain.header, 0))?;
        }
        self.ok(self.log.write_all_at(&some.bytes, chain.offset(some.first)))?;
        self.ok(self.log.sync_data())
    }

    /// Moves the last frame of each page into the main file and empties the log: the engine has begun its own anew.
    /// Cut off in the middle it is done again by whoever opens the copy, since the log is emptied last.
    pub(super) fn fold(&mut self, chain: &Chain) -> Result<()> {
        let mut moved: Vec<(u32, u64)> = self.last.drain().filter(|(page, _)| *page <= self.size).collect();
        moved.sort_unstable();
        let mut bytes = vec![0; chain.page];
        for (page, frame) in moved {
            let done = self.log.read_exact_at(&mut bytes, chain.offset(frame) + FRAME_HEADER as u64);
            self.ok(done.and_then(|()| self.pages.write_all_at(&bytes, u64::from(page - 1) * chain.page as u64)))?;
        }
        if self.size > 0 {
            self.ok(self.pages.set_len(u64::from(self.size) * chain.page as u64))?;
        }
        self.ok(self.pages.sync_all().and_then(|()| self.log.set_len(0)).and_then(|()| self.log.sync_all()))
    }

    /// Makes everything durable, names this copy the whole one, and removes those before it.
    pub(super) fn name_whole(&self) -> Result<()> {
        self.ok(self.pages.sync_all().and_then(|()| self.log.sync_all()))?;
        let named = Named { qishu_mirror: 1, current: self.name.clone() };
        let text = serde_json::to_vec(&named).map_err(|e| Error::Internal(e.to_string()))?;
        let (path, beside) = (self.mirror.join(NAMES), self.mirror.join("mirror.part"));
        let written = || -> std::io::Result<()> {
            File::open(self.mirror.join(&self.name))?.sync_all()?;
            let mut file = File::create(&beside)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            File::open(&self.mirror)?.sync_all()
        };
        self.ok(written())?;
        self.ok(remove_all_but(&self.mirror, Some(&self.name)))
    }

    /// Whether the folder still is where it was begun: a disk that went away and came back empty takes writes and keeps none.
    pub(super) fn is_there(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let path = self.mirror.join(&self.name).join(FILES[1]);
        let (held, named) = (self.log.metadata(), std::fs::metadata(path));
        matches!((held, named), (Ok(h), Ok(n)) if h.ino() == n.ino() && h.dev() == n.dev())
    }
}
