//! What was acknowledged is there, whatever happens to the neighbours: requests that go away at any moment, commits that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kernel::Error;
use kernel::ledger::{rebuild, record};
use kernel::store::{Limits, Place, Store};
use testkit::sample::{self, actor, day, visit};
use testkit::{Dice, stores};

async fn titled(store: &Store, title: &str) -> i64 {
    let read = store.read().await.unwrap();
    let sql = ("SELECT COUNT(*) AS n FROM record WHERE title = $1", kernel::args![title]);
    read.one(sql).await.unwrap().int("n").unwrap()
}

/// Clients that close their socket drop their request wherever it happens to be: while it waits, begins, writes or commits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_go_away_take_no_neighbour_with_them() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 30).await;
        let orgs = Arc::new(orgs);
        let stop = Arc::new(AtomicBool::new(false));
        let failed = Arc::new(AtomicUsize::new(0));
        let leavers: Vec<_> = (0..24)
            .map(|n| {
                let (db, stop) = (store.store.clone(), stop.clone());
                tokio::spawn(async move {
                    let mut dice = Dice(n);
                    while !stop.load(Ordering::Relaxed) {
                        let db = db.clone();
                        let act = tokio::spawn(async move {
                            if n % 2 == 0 {
                                db.read().await?.all("SELECT 1 AS one").await?;
                            }
                            db.write(&actor(), async |tx| record::enter(tx, "sample", "走了", "", "").await).await
                        });
                        let leaves = Instant::now() + Duration::from_micros(dice.below(4000));
                        while Instant::now() < leaves {
                            tokio::task::yield_now().await;
                        }
                        act.abort();
                        act.await.ok();
                    }
                })
            })
            .collect();
        let stayers: Vec<_> = (0..12)
            .map(|n| {
                let (db, orgs, failed) = (store.store.clone(), orgs.clone(), failed.clone());
                tokio::spawn(async move {
                    let mut acknowledged = 0;
                    for i in 0..150 {
                        let org = orgs[(n + i) % orgs.len()];
                        let act = async |tx: &mut kernel::store::Tx| {
                            record::enter(tx, "sample", "留下", "", "").await?;
                            tx.record(visit(org, day(2021, 3, 1), record)).await
                        };
                        match db.write(&actor(), act).await {
                            Ok(()) => acknowledged += 1,
                            Err(_) => _ = failed.fetch_add(1, Ordering::Relaxed),
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        let mut acknowledged = 0;
        for stayer in stayers {
            acknowledged += stayer.await.unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        for leaver in leavers {
            leaver.await.unwrap();
        }
        assert_eq!(titled(&store, "留下").await, acknowledged, "{}: acknowledged and there", store.on);
        assert_eq!(failed.load(Ordering::Relaxed), 0, "{}: nobody else is disturbed", store.on);
        assert_eq!(rebuild::compare(&store).await.unwrap(), [], "{}", store.on);
    }
}

/// A commit that fails is told to its acts, and the next acts are written as if nothing had been.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failed_commit_the_next_acts_reach_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::Dir(dir.path().to_owned());
    let store = Store::open(&place, &[sample::MODULE], Limits::default()).await.unwrap();
    sample::city(&store, 1).await;
    // The engine checks this reference only when the transaction ends, and leaves the transaction open;
    // a full disk ends the transaction instead. Both leave a connection that must not be trusted.
    for ending in ["UPDATE organisation SET merged_into = 999999 WHERE id = 1", "ROLLBACK"] {
        let refused = store
            .write(&actor(), async |tx| {
                record::enter(tx, "sample", "不成", "", "").await?;
                tx.run("PRAGMA defer_foreign_keys = ON").await?;
                tx.run(ending).await
            })
            .await;
        assert!(refused.is_err(), "{ending}: a failed commit is told");
        store.ready().await.unwrap();
        let wrong = store.write(&actor(), async |_| Err::<(), _>(Error::invalid("x", "y"))).await;
        assert!(matches!(wrong, Err(Error::Invalid(_))));
        for _ in 0..4 {
            store.write(&actor(), async |tx| record::enter(tx, "sample", "写下", "", "").await).await.unwrap();
        }
    }
    // A second connection sees only what was committed.
    let other = Store::open(&place, &[sample::MODULE], Limits::default()).await.unwrap();
    assert_eq!((titled(&other, "写下").await, titled(&other, "不成").await), (8, 0));
}

/// A full database file ends a statement and may end the transaction with it; later acts are not harmed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_file_refuses_clearly_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::Dir(dir.path().to_owned());
    let store = Store::open(&place, &[sample::MODULE], Limits::default()).await.unwrap();
    sample::city(&store, 1).await;
    let full = async |tx: &mut kernel::store::Tx| {
        tx.run("PRAGMA max_page_count = 1").await?;
        record::enter(tx, "sample", &"满".repeat(200_000), "", "").await
    };
    let (by, next) = (actor(), async |tx: &mut kernel::store::Tx| record::enter(tx, "sample", "同批", "", "").await);
    let (refused, neighbour) = tokio::join!(store.write(&by, full), store.write(&by, next));
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    let other = Store::open(&place, &[sample::MODULE], Limits::default()).await.unwrap();
    assert_eq!(titled(&other, "同批").await, i64::from(neighbour.is_ok()), "told what happened");
    store.write(&actor(), async |tx| tx.run("PRAGMA max_page_count = 1000000").await).await.unwrap();
    store.write(&actor(), async |tx| record::enter(tx, "sample", "之后", "", "").await).await.unwrap();
    assert_eq!(titled(&other, "之后").await, 1);
}
