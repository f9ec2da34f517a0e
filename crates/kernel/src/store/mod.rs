//! The store: an embedded SQLite file by default, PostgreSQL by one setting.
//!
//! This is the only place that knows two databases exist.
//! [`Store::read`] opens a snapshot, [`Store::write`] a transaction; nothing else does.
//! Every act is written with its entry in the audit log; only upkeep, which is nobody's act, is without.
//! On SQLite many writers share one fsync ([`group`]); on PostgreSQL each has its own transaction.

mod audit;
mod copy;
mod exact;
mod group;
mod migrate;
mod mirror;
mod read;
mod search;
mod sql;
mod tx;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use sea_orm::{ConnectOptions, Database as SeaDatabase, DatabaseConnection, DbBackend};

pub use copy::{FILES, Sink};
pub(crate) use exact::instant_text;
pub use migrate::Migration;
pub use mirror::{MirrorState, mirrored};
pub use read::Read;
pub use sea_orm::Value;
pub use search::{TOO_BROAD, case_matches, keywords, matches, too_broad, too_long};
pub use sql::{Row, Sql};
pub use tx::Tx;

use crate::access::{self, Roles};
use crate::cipher::KeyRing;
use crate::ledger::Catalog;
use crate::module::Module;
use crate::{Error, Result};

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A directory holding the embedded database.
    Dir(PathBuf),
    /// A PostgreSQL address.
    Url(String),
}

/// Which database engine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Embedded.
    Sqlite,
    /// Server.
    Postgres,
}

impl Backend {
    fn of(backend: DbBackend) -> Self {
        match backend {
            DbBackend::Postgres => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    fn sea(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }
}

/// How many connections to open.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections that read (SQLite), or all connections (PostgreSQL).
    pub connections: u32,
    /// Page cache of each SQLite connection, in KiB.
    pub cache_kib: u32,
    /// Pages of 4 KiB in the embedded database's log before they are copied into its file.
    pub log_pages: u32,
}

impl Limits {
    /// For loading a history: one process, much memory, so that index pages stay at hand, and a long log,
    /// so that a page which every act touches is copied once for many acts.
    pub const LOAD: Self = Self { connections: 2, cache_kib: 256 * 1024, log_pages: 400_000 };
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 8, cache_kib: 4096, log_pages: 1000 }
    }
}

/// An open store with its catalogue of fact kinds and indicators. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    backend: Backend,
    readers: DatabaseConnection,
    writer: group::Writer,
    catalog: Catalog,
    place: Place,
    waiting: Arc<AtomicI64>,
    mirror: OnceLock<mirror::Mirror>,
    roles: RwLock<Arc<Roles>>,
    field_keys: RwLock<Option<Arc<KeyRing>>>,
}

impl Store {
    /// Opens the store, applies missing migrations and makes sure that every series of the catalogue is built.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be reached or was written by a newer version;
    /// [`Error::Invalid`] when the modules contradict each other.
    pub async fn open(place: &Place, modules: &[Module], limits: Limits) -> Result<Self> {
        let catalog = Catalog::declare(modules)?;
        let (backend, readers, writers, options) = connect(place, limits).await?;
        let migrations: Vec<Migration> = std::iter::once(crate::module::KERNEL_MIGRATIONS)
            .chain(modules.iter().map(|m| m.migrations))
            .flatten()
            .copied()
            .collect();
        migrate::apply(&writers, &migrations).await?;
        let writer = group::Writer::new(backend, writers, options);
        let inner = |catalog| Inner {
            backend,
            readers: readers.clone(),
            writer: writer.clone(),
            catalog,
            place: place.clone(),
            waiting: Arc::default(),
            mirror: OnceLock::new(),
            roles: RwLock::default(),
            field_keys: RwLock::default(),
        };
        let declared = Self(Arc::new(inner(catalog.clone())));
        let registered = declared.upkeep("启动", async |tx| catalog.register(tx).await).await?;
        let store = Self(Arc::new(inner(registered)));
        crate::case::check_kept(&store.read().await?).await?;
        crate::ledger::rebuild::build_missing(&store).await?;
        store
            .upkeep("启动", async |tx| {
                access::install(tx).await?;
                crate::case::start_clocks(tx).await?;
                crate::case::index_missing(tx).await?;
                crate::org::project_expired(tx).await
            })
            .await?;
        store.hold_roles(Arc::new(Roles::read(&store.read().await?).await?));
        Ok(store)
    }

    /// Which engine answers; for display and for tests, never for branching outside this module.
    pub fn backend(&self) -> Backend {
        self.0.backend
    }

    /// How many acts wait for their turn to write.
    pub fn waiting(&self) -> i64 {
        self.0.waiting.load(Ordering::Relaxed)
    }

    /// Where the data is.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The fact kinds, indicators and series of all modules.
    pub fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// The roles and the policy as this server last read them.
    pub fn roles(&self) -> Arc<Roles> {
        match self.0.roles.read() {
            Ok(roles) => roles.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    pub(crate) fn hold_roles(&self, roles: Arc<Roles>) {
        if let Ok(mut held) = self.0.roles.write() {
            *held = roles;
        }
    }

    /// Sets the keys of sealed fields; nothing takes them away.
    pub fn use_field_keys(&self, ring: KeyRing) {
        if let Ok(mut held) = self.0.field_keys.write() {
            *held = Some(Arc::new(ring));
        }
    }

    pub(crate) fn field_keys(&self) -> Option<Arc<KeyRing>> {
        match self.0.field_keys.read() {
            Ok(held) => held.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    /// A consistent snapshot that knows its own position in the ledger.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection can be had.
    pub async fn read(&self) -> Result<Read> {
        Read::snapshot(self).await
    }

    /// Whether the store answers and can begin a write.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with the reason.
    pub async fn ready(&self) -> Result<()> {
        self.read().await?.all("SELECT 1 AS one").await?;
        self.0.writer.probe().await
    }

    /// Closes all connections, so that the file can be copied or removed; a mirror is brought up to date first.
    ///
    /// # Errors
    /// [`Error::Internal`] when the engine refuses.
    pub async fn close(&self) -> Result<()> {
        if let Some(mirror) = self.0.mirror.get() {
            mirror.end().await;
        }
        self.0.readers.clone().close().await?;
        self.0.writer.close().await
    }
}

/// Runs to its end in a task of its own, even when whoever asked goes away meanwhile.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work).await.map_err(|e| Error::Internal(e.to_string()))?
}

/// Opens the database: who answers, connections to read, connections to write, and how to write again after a failure.
async fn connect(
    place: &Place,
    limits: Limits,
) -> Result<(Backend, DatabaseConnection, DatabaseConnection, ConnectOptions)> {
    match place {
        Place::Dir(dir) => {
            std::fs::create_dir_all(dir)
                .map_err(|e| Error::Unavailable(format!("无法建立数据目录 {}：{e}", dir.display())))?;
            let file = dir.join("qishu.sqlite");
            let options = sqlite_options(&file, 1, limits.cache_kib * 4, limits.log_pages);
            let writer = SeaDatabase::connect(options.clone()).await?;
            let readers =
                SeaDatabase::connect(sqlite_options(&file, limits.connections, limits.cache_kib, limits.log_pages))
                    .await?;
            Ok((Backend::Sqlite, readers, writer, options))
        }
        Place::Url(url) => {
            if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
                return Err(Error::invalid("database", "数据库地址应以 postgres:// 开头"));
            }
            let mut options = ConnectOptions::new(url.clone());
            options
                .max_connections(limits.connections)
                .acquire_timeout(Duration::from_secs(10))
                .test_before_acquire(false)
                .sqlx_logging(false);
            let pool = SeaDatabase::connect(options.clone()).await?;
            Ok((Backend::Postgres, pool.clone(), pool, options))
        }
    }
}

fn sqlite_options(file: &Path, connections: u32, cache_kib: u32, log_pages: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |o| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            o.foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(10))
                .statement_cache_capacity(256)
                // Rows cross from the engine's thread in lots, not one wake-up each.
                .row_buffer_size(4096)
                .pragma("cache_size", format!("-{cache_kib}"))
                .pragma("wal_autocheckpoint", log_pages.to_string())
                .pragma("temp_store", "MEMORY")
        });
    options
}
