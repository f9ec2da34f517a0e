//! A physical copy of the embedded database while it is written to.
//!
//! The order of things makes it right. A read transaction is held all the while: so no checkpoint writes pages newer
//! than its snapshot into the main file, and the write-ahead log that holds everything after is not begun anew more than once.
//! The main file is read first, the log after it. Pages that a checkpoint rewrote meanwhile stand in the log too,
//! so that opening the copy replays them; an end of the log that was being written is ignored by its checksums.
//! If the log was begun anew while it was read (its first bytes tell), it is read again: replaying a part of an old log
//! over newer pages would turn them back.
//!
//! The main file, once opened here, is never closed: on POSIX systems closing any descriptor of a file drops every lock
//! the process holds on it, also those of the database engine.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Backend, Place, Read};
use crate::{Error, Result};

/// Names of the files of the embedded database in its directory: pages, and the write-ahead log.
pub const FILES: [&str; 2] = ["qishu.sqlite", "qishu.sqlite-wal"];

/// Where a copy goes.
pub trait Sink {
    /// Begins a file anew; what came before under this name is void.
    fn begin(&mut self, name: &'static str);
    /// Takes the next bytes of the file begun last: always `piece` of them, fewer only at its end.
    ///
    /// # Errors
    /// When they cannot be kept.
    fn take(&mut self, bytes: &[u8]) -> Result<()>;
}

/// Bytes at the beginning of the log that change when it is begun anew.
const LOG_HEADER: usize = 32;

impl Read {
    /// Copies the files of the embedded database in pieces, as of now or a moment later, while others go on writing.
    /// What this snapshot sees is in the copy.
    ///
    /// # Errors
    /// [`Error::Invalid`] on PostgreSQL, which has its own tools; [`Error::Unavailable`] when a file cannot be read.
    pub fn copy_files(&self, piece: usize, sink: &mut dyn Sink) -> Result<()> {
        let (Backend::Sqlite, Place::Dir(dir)) = (self.backend(), self.store.place()) else {
            let message = "PostgreSQL 请用它自己的工具备份：见 docs/operations.md 的“PostgreSQL 备份与恢复”";
            return Err(Error::invalid("database", message));
        };
        let [pages, log] = FILES.map(|name| dir.join(name));
        sink.begin(FILES[0]);
        copy(&*held_open(&pages)?, piece, &pages, sink)?;
        for _ in 0..8 {
            sink.begin(FILES[1]);
            let before = log_header(&log)?;
            if let Ok(file) = File::open(&log) {
                copy(&file, piece, &log, sink)?;
            }
            if log_header(&log)? == before {
                return Ok(());
            }
        }
        Err(Error::Unavailable("数据库日志一直在变化，没有完成备份；请稍后重试".into()))
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("读不了 {}：{error}", path.display()))
}

fn copy(file: &File, piece: usize, path: &Path, sink: &mut dyn Sink) -> Result<()> {
    let (mut bytes, mut at) = (vec![0; piece], 0);
    loop {
        let read = fill(file, &mut bytes, at).map_err(|e| unreadable(path, &e))?;
        if read > 0 {
            sink.take(&bytes[..read])?;
        }
        if read < piece {
            return Ok(());
        }
        at += read as u64;
    }
}

/// Reads from `at` until the buffer is full or the file ends.
pub(super) fn fill(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<usize> {
    let mut done = 0;
    while done < bytes.len() {
        match file.read_at(&mut bytes[done..], at + done as u64)? {
            0 => break,
            read => done += read,
        }
    }
    Ok(done)
}

/// The first bytes of the log; none when there is no log.
fn log_header(path: &Path) -> Result<Vec<u8>> {
    let Ok(file) = File::open(path) else { return Ok(Vec::new()) };
    let mut bytes = vec![0; LOG_HEADER];
    let read = fill(&file, &mut bytes, 0).map_err(|e| unreadable(path, &e))?;
    bytes.truncate(read);
    Ok(bytes)
}

/// The main file, opened once for the life of the process.
pub(super) fn held_open(path: &Path) -> Result<Arc<File>> {
    static HELD: Mutex<Option<HashMap<PathBuf, Arc<File>>>> = Mutex::new(None);
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let held = held.get_or_insert_default();
    let path = path.canonicalize().map_err(|e| unreadable(path, &e))?;
    if let Some(file) = held.get(&path) {
        return Ok(file.clone());
    }
    let file = Arc::new(File::open(&path).map_err(|e| unreadable(&path, &e))?);
    held.insert(path, file.clone());
    Ok(file)
}
