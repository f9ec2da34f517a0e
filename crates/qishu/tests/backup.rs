//! A backup is taken while people write, and restored elsewhere: what was acknowledged before it is there,
//! and counts, seals, figures and sums agree.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use kernel::Error;
use kernel::ledger::NewFact;
use kernel::seal::{SealKey, seal_all};
use kernel::store::{Limits, Place, Store};
use kernel::value::money::Fen;
use qishu::backup::{Restored, backup, restore};
use testkit::sample::{self, actor, day, visit};

/// Writes acts until it is told to stop; every act is one visit and one payment.
async fn write(store: Store, stop: Arc<AtomicBool>, acknowledged: Arc<AtomicI64>, seed: u32) {
    let (orgs, record) = {
        let read = store.read().await.unwrap();
        let orgs = read.all("SELECT id FROM organisation ORDER BY id").await.unwrap();
        let record = read.one("SELECT MIN(id) AS id FROM record").await.unwrap();
        let orgs: Vec<_> = orgs.iter().map(|row| kernel::id::OrgId(row.get("id").unwrap())).collect();
        (orgs, kernel::id::RecordId(record.int("id").unwrap()))
    };
    for act in seed.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let org = orgs[act as usize % orgs.len()];
        let on = day(2021, act % 8 + 1, act % 28 + 1);
        store
            .write(&actor(), async |tx| {
                tx.record(visit(org, on, record)).await?;
                tx.record(NewFact::new("sample.paid", org, on, record).class("a").amount(Fen(100))).await
            })
            .await
            .unwrap();
        acknowledged.fetch_add(2, Ordering::SeqCst);
    }
}

/// The facts in a restored directory, which may hold a few more than its manifest says.
async fn facts(dir: &std::path::Path) -> i64 {
    let store = Store::open(&Place::Dir(dir.to_owned()), &[sample::MODULE], Limits::default()).await.unwrap();
    let n = store.read().await.unwrap().one("SELECT COUNT(*) AS n FROM fact").await.unwrap().int("n").unwrap();
    store.close().await.unwrap();
    n
}

fn agrees(restored: &Restored, least: i64) {
    assert_eq!(restored.differences, Vec::<String>::new());
    assert_eq!(restored.state, restored.manifest.state);
    assert!(restored.state.rows["fact"] >= least, "what was acknowledged before the backup is in it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_people_write_is_restored_whole() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let store = Store::open(&Place::Dir(at("data")), &[sample::MODULE], Limits::default()).await.unwrap();
    sample::city(&store, 30).await;
    let key = SealKey::from_bytes(&[7; 32]).unwrap();
    let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
    let writers: Vec<_> =
        (0..4).map(|n| tokio::spawn(write(store.clone(), stop.clone(), acknowledged.clone(), n * 1000))).collect();
    let mut least = Vec::new();
    for _ in 0..6 {
        let wanted = acknowledged.load(Ordering::SeqCst) + 40;
        while acknowledged.load(Ordering::SeqCst) < wanted {
            tokio::task::yield_now().await;
        }
        seal_all(&store, &key, 16).await.unwrap();
        least.push(acknowledged.load(Ordering::SeqCst));
        let made = backup(&store, &at("backups"), None).await.unwrap();
        assert!(made.written <= made.all);
    }
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    let quiet = backup(&store, &at("backups"), None).await.unwrap();
    let again = backup(&store, &at("backups"), None).await.unwrap();
    assert_eq!(again.written, 0, "nothing changed, nothing is written");
    assert_eq!(quiet.facts, acknowledged.load(Ordering::SeqCst));

    let mut manifests: Vec<_> = std::fs::read_dir(at("backups")).unwrap().map(|e| e.unwrap().path()).collect();
    manifests.retain(|path| path.extension().is_some_and(|e| e == "json"));
    manifests.sort();
    for (n, (manifest, least)) in manifests.iter().zip(&least).enumerate() {
        let to = at(&format!("restored-{n}"));
        agrees(&restore(manifest, &to, &[sample::MODULE]).await.unwrap(), *least);
        assert!(facts(&to).await >= *least);
    }
    let last = restore(&at("backups"), &at("last"), &[sample::MODULE]).await.unwrap();
    agrees(&last, acknowledged.load(Ordering::SeqCst));
    assert!(last.state.seal.is_some_and(|(number, _)| number > 6), "seals are in the backup");
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_refuses_what_is_not_right() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let store = Store::open(&Place::Dir(at("data")), &[sample::MODULE], Limits::default()).await.unwrap();
    let (orgs, record) = sample::city(&store, 3).await;
    let none = restore(&at("data"), &at("new"), &[sample::MODULE]).await;
    assert!(matches!(none, Err(Error::Invalid(_))), "a directory without a backup");
    backup(&store, &at("backups"), None).await.unwrap();

    let full = restore(&at("backups"), &at("data"), &[sample::MODULE]).await;
    assert!(matches!(full, Err(Error::Conflict(_))), "a place that holds something is left alone");

    // A manifest that says more than the data holds: the difference is named.
    store.write(&actor(), async |tx| tx.record(visit(orgs[0], day(2021, 3, 1), record)).await).await.unwrap();
    let made = backup(&store, &at("backups"), Some(1)).await.unwrap();
    let text = std::fs::read_to_string(&made.manifest).unwrap();
    std::fs::write(&made.manifest, text.replace("\"fact\": 1", "\"fact\": 2")).unwrap();
    let short = restore(&at("backups"), &at("short"), &[sample::MODULE]).await.unwrap();
    assert!(short.differences[0].contains("fact"), "{:?}", short.differences);

    // A piece that is not what its name says.
    let folders = std::fs::read_dir(at("backups").join("pieces")).unwrap();
    let mut pieces = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let piece = pieces.next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&piece).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&piece, bytes).unwrap();
    let damaged = restore(&at("backups"), &at("damaged"), &[sample::MODULE]).await;
    assert!(matches!(&damaged, Err(Error::Conflict(why)) if why.contains("损坏")), "{damaged:?}");
    store.close().await.unwrap();
}
