//! A fresh store on each database, one file or database per test.

use std::sync::atomic::{AtomicU32, Ordering};

use kernel::cipher::KeyRing;
use kernel::module::Module;
use kernel::store::{Limits, Place, Store};
use sea_orm::{ConnectionTrait, Database};

/// The key that seals fields in tests.
pub const FIELD_KEY: [u8; 16] = [9; 16];

/// A store that disappears with its test.
pub struct TestStore {
    /// The store.
    pub store: Store,
    /// `SQLite` or `PostgreSQL`, for messages.
    pub on: &'static str,
    _dir: Option<tempfile::TempDir>,
}

impl std::ops::Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

/// A fresh store on SQLite, and one on PostgreSQL when `QISHU_TEST_POSTGRES` names a server.
///
/// # Panics
/// When a store cannot be made, or when `QISHU_TEST_BOTH` demands PostgreSQL and none is named.
pub async fn stores(modules: &[Module]) -> Vec<TestStore> {
    let mut found = vec![sqlite(modules).await];
    match std::env::var("QISHU_TEST_POSTGRES") {
        Ok(url) => found.push(postgres(&url, modules).await),
        Err(_) => assert!(
            std::env::var("QISHU_TEST_BOTH").is_err(),
            "QISHU_TEST_BOTH is set but QISHU_TEST_POSTGRES names no server"
        ),
    }
    found
}

async fn sqlite(modules: &[Module]) -> TestStore {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let place = Place::Dir(dir.path().to_owned());
    let store = Store::open(&place, modules, Limits::default()).await.expect("an embedded store");
    store.use_field_keys(KeyRing::of(&[FIELD_KEY]));
    TestStore { store, on: "SQLite", _dir: Some(dir) }
}

async fn postgres(url: &str, modules: &[Module]) -> TestStore {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(format!("{url}/postgres")).await.expect("the test server answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
    admin.close().await.expect("closes");
    let limits = Limits { connections: 70, ..Limits::default() };
    let store =
        Store::open(&Place::Url(format!("{url}/{name}")), modules, limits).await.expect("a store on PostgreSQL");
    store.use_field_keys(KeyRing::of(&[FIELD_KEY]));
    TestStore { store, on: "PostgreSQL", _dir: None }
}
