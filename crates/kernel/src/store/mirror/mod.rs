//! A mirror of the embedded database on a second disk, never more than a moment old.
//!
//! The engine's write-ahead log is copied as it grows, frame by frame, up to the last commit that the engine itself counts;
//! the copy is a database directory that the engine can open. Three things make it right (see `docs/adr/0010-backup.md`):
//!
//! - A read transaction, the *hold*, is always open on the log, so that nobody, not even another process, begins it anew.
//!   This task does so itself, between two acts, once everything is read.
//! - Every frame continues the checksums of the log from its header on; what was lost or came twice cannot pass.
//! - What cannot be continued is made anew beside the copy that is whole, and takes its place only then.
//!
//! A second disk that refuses or does not answer keeps nobody from writing: it is told in the log and on `/readyz`.

mod disk;
mod log;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, Statement, TransactionTrait};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use self::disk::{Copy, Frames, name_at};
use self::log::{Chain, HEADER};
use super::copy::{fill, held_open};
use super::group::Pause;
use super::{Backend, FILES, Place, Row, Store, sqlite_options};
use crate::{Error, Result};

pub use disk::mirrored;

/// How a mirror stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MirrorState {
    /// The first copy is being made.
    Making,
    /// Everything acknowledged before this instant is on the second disk.
    Holds(Instant),
    /// The second disk cannot be used, with the reason; it is tried again.
    Refused(String),
}

impl std::fmt::Display for MirrorState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Making => write!(f, "making"),
            Self::Holds(before) => write!(f, "holds all before {} ms ago", before.elapsed().as_millis()),
            Self::Refused(why) => write!(f, "refused: {why}"),
        }
    }
}

/// A mirror that is kept: how it stands, and how it is told to end.
pub(super) struct Mirror {
    state: watch::Receiver<MirrorState>,
    stop: watch::Sender<bool>,
    task: std::sync::Mutex<Option<JoinHandle<()>>>,
}

/// How often the log is looked at.
const EVERY: Duration = Duration::from_millis(200);
/// Pages in the log before it is begun anew.
const TURN: u64 = 1000;
/// How long after a turn that readers did not let happen the next one is tried; each time twice as long.
const TURN_AGAIN: Duration = Duration::from_secs(2);
const TURN_AGAIN_AT_MOST: Duration = Duration::from_secs(60);
/// How long the second disk may take over a few megabytes.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long after a refusal the second disk is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(10);
/// Bytes of the main file that are copied at once, and frames of the log.
const PIECE: usize = 4 << 20;
const BATCH: u64 = 1024;

impl Store {
    /// Keeps a mirror of the embedded database in a directory, best on another disk.
    /// Returns when the first copy is whole, or refused: then writing goes on and the disk is tried again.
    ///
    /// # Errors
    /// [`Error::Invalid`] on PostgreSQL, which has standbys, for a place inside the data directory, and for a second mirror.
    pub async fn mirror(&self, mirror: &Path) -> Result<()> {
        let wrong = |message: &str| Error::invalid("mirror", message);
        let (Backend::Sqlite, Place::Dir(data)) = (self.backend(), self.place()) else {
            return Err(wrong("PostgreSQL 请用同步备机，见 docs/operations.md；--mirror 只用于内置数据库"));
        };
        // A disk that is not there now is tried again later.
        std::fs::create_dir_all(mirror).ok();
        if mirror.canonicalize().ok().zip(data.canonicalize().ok()).is_some_and(|(m, d)| m.starts_with(d)) {
            return Err(wrong("镜像目录不能在数据目录里：请放到另一块盘上"));
        }
        let (tell, state) = watch::channel(MirrorState::Making);
        let (stop, stopped) = watch::channel(false);
        let mut follower = Follower::new(self, data, mirror, tell).await?;
        follower.first().await;
        let task = std::sync::Mutex::new(Some(tokio::spawn(follower.follow(stopped))));
        self.0.mirror.set(Mirror { state, stop, task }).map_err(|_| wrong("已有一个镜像"))
    }

    /// How the mirror stands; nothing when none was asked for.
    pub fn mirror_state(&self) -> Option<MirrorState> {
        self.0.mirror.get().map(|mirror| mirror.state.borrow().clone())
    }

    /// A look at every change of the mirror's state.
    pub fn watch_mirror(&self) -> Option<watch::Receiver<MirrorState>> {
        self.0.mirror.get().map(|mirror| mirror.state.clone())
    }
}

impl Mirror {
    /// Ends the mirror after what was acknowledged is on the second disk.
    pub(super) async fn end(&self) {
        self.stop.send(true).ok();
        let task = self.task.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(task) = task {
            task.await.ok();
        }
    }
}

struct Follower {
    store: Store,
    log: PathBuf,
    pages: PathBuf,
    mirror: PathBuf,
    /// The connection that holds, and the one that asks.
    holder: DatabaseConnection,
    asker: DatabaseConnection,
    hold: Option<DatabaseTransaction>,
    chain: Option<Chain>,
    copy: Option<Copy>,
    tell: watch::Sender<MirrorState>,
    turn_at: Instant,
    turn_again: Duration,
    try_at: Instant,
}

fn lost() -> Error {
    Error::Conflict("数据库日志已由别的程序重新开始，镜像重做一份".into())
}

impl Follower {
    async fn new(store: &Store, data: &Path, mirror: &Path, tell: watch::Sender<MirrorState>) -> Result<Self> {
        let [pages, log] = FILES.map(|name| data.join(name));
        let connect = || Database::connect(sqlite_options(&pages, 1, 256, 1000));
        let (holder, asker) = (connect().await?, connect().await?);
        // Who waits for readers keeps writers waiting: not longer than a page takes.
        asker.execute_unprepared("PRAGMA busy_timeout = 300").await?;
        let (store, mirror, now) = (store.clone(), mirror.to_owned(), Instant::now());
        let (hold, chain, copy) = (None, None, None);
        let (turn_at, turn_again, try_at) = (now, TURN_AGAIN, now);
        Ok(Self { store, log, pages, mirror, holder, asker, hold, chain, copy, tell, turn_at, turn_again, try_at })
    }

    async fn first(&mut self) {
        let done = self.begin().await;
        self.said(done).await;
    }

    async fn follow(mut self, mut stopped: watch::Receiver<bool>) {
        loop {
            let last = tokio::time::timeout(EVERY, stopped.wait_for(|stop| *stop)).await.is_ok();
            let done = if self.copy.is_some() {
                self.step().await
            } else if Instant::now() >= self.try_at {
                self.begin().await
            } else {
                Ok(())
            };
            self.said(done).await;
            // The last look must not end with a copy that was given up and can be made anew.
            if last && (self.copy.is_some() || Instant::now() < self.try_at) {
                self.let_go().await;
                return;
            }
        }
    }

    /// Tells how it went, and gives up what cannot be continued.
    async fn said(&mut self, done: Result<()>) {
        let Err(error) = done else { return };
        self.let_go().await;
        (self.copy, self.chain) = (None, None);
        // What was lost is made anew at once; a disk that refused gets time.
        let wait = if matches!(error, Error::Conflict(_)) { Duration::ZERO } else { TRY_AGAIN };
        self.try_at = Instant::now() + wait;
        let why = error.detail();
        tracing::warn!("镜像中断，主库照常写入：{why}");
        self.tell.send_replace(MirrorState::Refused(why));
    }

    async fn step(&mut self) -> Result<()> {
        let asked = Instant::now();
        let frames = self.ask("NOOP").await?;
        self.ship(frames).await?;
        if !self.on_disk(|copy| Ok(copy.is_there())).await? {
            return Err(Error::Unavailable(format!("镜像目录 {} 不在原处了", self.mirror.display())));
        }
        self.tell.send_replace(MirrorState::Holds(asked));
        if frames >= TURN && asked >= self.turn_at { self.turn().await } else { Ok(()) }
    }

    /// Begins a new copy beside the one that is whole.
    async fn begin(&mut self) -> Result<()> {
        let pause = self.store.0.writer.pause().await?;
        // A log without frames cannot be held.
        self.held(&pause).await?;
        drop(pause);
        self.chain = Some(Chain::begin(&self.header()?).ok_or_else(lost)?);
        let (mirror, name) = (self.mirror.clone(), name_at(chrono::Utc::now().timestamp_micros()));
        self.copy = Some(patiently(move || Copy::begin(&mirror, name)).await?);
        let pages = held_open(&self.pages)?;
        for at in (0..).step_by(PIECE) {
            let mut bytes = vec![0; PIECE];
            let read = fill(&pages, &mut bytes, at as u64).map_err(|e| Error::Unavailable(e.to_string()))?;
            bytes.truncate(read);
            self.on_disk(move |copy| copy.put_pages(&bytes, at as u64)).await?;
            if read < PIECE {
                break;
            }
        }
        let asked = Instant::now();
        let frames = self.ask("NOOP").await?;
        self.ship(frames).await?;
        self.on_disk(|copy| copy.name_whole()).await?;
        if matches!(*self.tell.borrow(), MirrorState::Refused(_)) {
            tracing::warn!("镜像已恢复：{}", self.mirror.display());
        }
        self.tell.send_replace(MirrorState::Holds(asked));
        Ok(())
    }

    /// Copies what the log has gained, up to so many frames.
    async fn ship(&mut self, until: u64) -> Result<()> {
        while let Some(some) = self.gained(until)? {
            self.put(some).await?;
        }
        Ok(())
    }

    /// The next frames of the log, up to so many; nothing when all were read.
    fn gained(&mut self, until: u64) -> Result<Option<Frames>> {
        let header = self.header()?;
        let chain = self.chain.as_mut().ok_or_else(lost)?;
        if header != chain.header || until < chain.frames {
            return Err(lost());
        }
        let (first, size) = (chain.frames, chain.frame_bytes());
        if first == until {
            return Ok(None);
        }
        let mut bytes = vec![0; (until - first).min(BATCH) as usize * size];
        let read = File::open(&self.log).and_then(|log| log.read_exact_at(&mut bytes, chain.offset(first)));
        // It is shorter than the engine said only if another process cut it meanwhile.
        read.map_err(|_| lost())?;
        let frames = bytes.chunks(size).map(|frame| chain.take(frame)).collect::<Option<Vec<_>>>().ok_or_else(lost)?;
        Ok(Some(Frames { first, frames, bytes }))
    }

    async fn put(&mut self, some: Frames) -> Result<()> {
        let chain = self.chain.clone().ok_or_else(lost)?;
        self.on_disk(move |copy| copy.put_frames(&chain, &some)).await
    }

    /// Lets the engine begin its log anew, once everything in it is read. Nobody waits for the second disk meanwhile.
    async fn turn(&mut self) -> Result<()> {
        let pause = self.store.0.writer.pause().await?;
        let (frames, mut rest) = (self.ask("NOOP").await?, Vec::new());
        while let Some(some) = self.gained(frames)? {
            rest.push(some);
        }
        self.let_go().await;
        let frames = self.ask("RESTART").await?;
        // What another process wrote meanwhile stands there still, unless it has written again.
        while let Some(some) = self.gained(frames)? {
            rest.push(some);
        }
        self.held(&pause).await?;
        let (header, begun) = (self.header()?, self.ask("NOOP").await?);
        drop(pause);
        for some in rest {
            self.put(some).await?;
        }
        let chain = self.chain.clone().ok_or_else(lost)?;
        if header == chain.header {
            // Somebody was reading from it, and each try keeps writers waiting for a moment.
            self.turn_at = Instant::now() + self.turn_again;
            self.turn_again = (self.turn_again * 2).min(TURN_AGAIN_AT_MOST);
            return Ok(());
        }
        self.turn_again = TURN_AGAIN;
        if !chain.is_followed_by(&header) || begun > chain.frames || self.is_more(&chain)? {
            return Err(lost());
        }
        self.on_disk(move |copy| copy.fold(&chain)).await?;
        self.chain = Some(Chain::begin(&header).ok_or_else(lost)?);
        Ok(())
    }

    /// Whether a frame continues what was read of a log that is over: it stands behind the last one
    /// until the log that follows has grown as long.
    fn is_more(&self, chain: &Chain) -> Result<bool> {
        let mut frame = vec![0; chain.frame_bytes()];
        let read = File::open(&self.log).and_then(|log| fill(&log, &mut frame, chain.offset(chain.frames)));
        Ok(read.map_err(|e| self.unread(&e))? == frame.len() && chain.clone().take(&frame).is_some())
    }

    fn unread(&self, error: &std::io::Error) -> Error {
        Error::Unavailable(format!("读不了 {}：{error}", self.log.display()))
    }

    /// The header of the engine's log.
    fn header(&self) -> Result<[u8; HEADER]> {
        let mut header = [0; HEADER];
        let read = File::open(&self.log).and_then(|file| file.read_exact_at(&mut header, 0));
        read.map(|()| header).map_err(|e| self.unread(&e))
    }

    /// Asks the engine for its log: only to look (`NOOP`), or to move all of it into the main file so that
    /// the next write begins it anew (`RESTART`).
    /// Says how many frames it holds; a log that readers are still using is not begun anew.
    async fn ask(&self, how: &str) -> Result<u64> {
        let sql = format!("PRAGMA wal_checkpoint({how})");
        let row = self.asker.query_one_raw(Statement::from_string(Backend::Sqlite.sea(), sql)).await?;
        let row = row.map(Row).ok_or_else(|| Error::Internal("no answer about the log".into()))?;
        Ok(row.int("log")?.max(0) as u64)
    }

    /// Writes a frame, so that there is a log to hold, and holds it.
    async fn held(&mut self, pause: &Pause) -> Result<()> {
        pause.beat().await?;
        let hold = self.holder.begin().await?;
        // The engine takes the snapshot at the first question.
        hold.execute_unprepared("SELECT last_position FROM ledger_head").await?;
        self.hold = Some(hold);
        Ok(())
    }

    async fn let_go(&mut self) {
        if let Some(hold) = self.hold.take() {
            // It has written nothing; a connection that is lost holds nothing.
            hold.rollback().await.ok();
        }
    }

    /// Does something on the second disk, away from those who serve people.
    async fn on_disk<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Copy) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut copy = self.copy.take().ok_or_else(lost)?;
        let (copy, done) = patiently(move || {
            let done = work(&mut copy);
            Ok((copy, done))
        })
        .await?;
        self.copy = Some(copy);
        done
    }
}

/// Waits for a disk, but not for ever: a share on a network that is gone answers never.
async fn patiently<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let running = tokio::task::spawn_blocking(work);
    match tokio::time::timeout(PATIENCE, running).await {
        Ok(done) => done.map_err(|e| Error::Internal(e.to_string()))?,
        Err(_) => Err(Error::Unavailable(format!("镜像盘 {} 秒没有回应", PATIENCE.as_secs()))),
    }
}
