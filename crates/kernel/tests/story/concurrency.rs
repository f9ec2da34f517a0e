//! Many writers at once: a position once readable never gains an earlier neighbour, and nothing is counted twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::id::Position;
use kernel::indicator::{Number, Question, evaluate};
use kernel::ledger::rebuild;
use kernel::store::Store;
use testkit::sample::{self, ALL, actor, day, visit};
use testkit::{Dice, stores};

async fn answer(store: &Store, known: Option<Position>) -> (Position, Vec<Number>) {
    let read = store.read().await.unwrap();
    let known = known.unwrap_or(read.head().unwrap());
    let q = Question { about: day(2021, 8, 11), known, scope: &ALL };
    let figures = evaluate(&read, read.catalog().indicators(), &q).await.unwrap();
    (known, figures.into_iter().map(|f| f.number).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_question_keeps_its_answer_while_64_writers_run() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 40).await;
        let orgs = Arc::new(orgs);
        let stop = Arc::new(AtomicBool::new(false));
        let mut writers = Vec::new();
        for n in 0..64 {
            let (db, orgs, stop) = (store.store.clone(), orgs.clone(), stop.clone());
            writers.push(tokio::spawn(async move {
                let mut dice = Dice(n);
                let mut written = 0;
                while !stop.load(Ordering::Relaxed) && written < 40 {
                    let (a, b) = (*dice.pick(&orgs), *dice.pick(&orgs));
                    db.write(&actor(), async |tx| {
                        tx.record(visit(a, day(2021, 3, 1), record)).await?;
                        // Some transactions stay open after others that began later have ended.
                        if n % 7 == 0 {
                            tokio::task::yield_now().await;
                        }
                        tx.record(visit(b, day(2021, 4, 1), record)).await
                    })
                    .await
                    .unwrap();
                    written += 2;
                }
                written
            }));
        }
        let mut given = Vec::new();
        for _ in 0..25 {
            given.push(answer(&store, None).await);
            for (known, numbers) in given.iter().rev().take(3) {
                assert_eq!(&answer(&store, Some(*known)).await.1, numbers, "{}: at {known}", store.on);
            }
        }
        stop.store(true, Ordering::Relaxed);
        let mut written = 0;
        for writer in writers {
            written += writer.await.unwrap();
        }
        for (known, numbers) in &given {
            assert_eq!(&answer(&store, Some(*known)).await.1, numbers, "{}: afterwards, at {known}", store.on);
        }
        assert_eq!(answer(&store, None).await.1[0], Number::Count(written), "{}: nothing lost or doubled", store.on);
        assert_eq!(rebuild::compare(&store).await.unwrap(), [], "{}", store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_acts_on_one_firm_count_it_once() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        let acts = (0..16).map(|_| {
            let (db, org) = (store.store.clone(), orgs[0]);
            tokio::spawn(async move {
                db.write(&actor(), async |tx| tx.record(visit(org, day(2021, 3, 1), record)).await).await
            })
        });
        for act in acts.collect::<Vec<_>>() {
            act.await.unwrap().unwrap();
        }
        let read = store.read().await.unwrap();
        let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
        let above = read.catalog().indicator("sample.visited_above").unwrap();
        assert_eq!(evaluate(&read, &[above], &q).await.unwrap()[0].number, Number::Count(1), "{}", store.on);
    }
}

#[tokio::test]
async fn one_refused_act_does_not_spoil_its_neighbours_commit() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        let by = actor();
        let good = store.write(&by, async |tx| tx.record(visit(orgs[0], day(2021, 3, 1), record)).await);
        let bad = store.write(&by, async |tx| tx.record(visit(orgs[0], day(2999, 3, 1), record)).await);
        let (good, bad) = tokio::join!(good, bad);
        assert!(good.is_ok() && bad.is_err(), "{}", store.on);
        assert_eq!(answer(&store, None).await.1[0], Number::Count(1), "{}", store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_dropped_half_way_leaves_nothing_and_spoils_nobody() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 2).await;
        // A browser that goes away drops its request in the middle: as the first of a group, and as a later one.
        for neighbours in [0, 1, 3] {
            let kept: Vec<_> = (0..neighbours)
                .map(|_| {
                    let (db, org) = (store.store.clone(), orgs[0]);
                    tokio::spawn(async move {
                        db.write(&actor(), async |tx| tx.record(visit(org, day(2021, 3, 1), record)).await).await
                    })
                })
                .collect();
            let (reached, half_way) = tokio::sync::oneshot::channel();
            let (db, org) = (store.store.clone(), orgs[1]);
            let dropped = tokio::spawn(async move {
                db.write(&actor(), async |tx| {
                    kernel::ledger::record::enter(tx, "sample", "不应留下", "", "").await?;
                    tx.record(visit(org, day(2021, 3, 1), record)).await?;
                    reached.send(()).unwrap();
                    std::future::pending::<kernel::Result<()>>().await
                })
                .await
            });
            half_way.await.unwrap();
            dropped.abort();
            assert!(dropped.await.unwrap_err().is_cancelled());
            for act in kept {
                act.await.unwrap().unwrap();
            }
        }
        let read = store.read().await.unwrap();
        let left = read.one("SELECT COUNT(*) AS n FROM record WHERE title = '不应留下'").await.unwrap();
        assert_eq!(left.int("n").unwrap(), 0, "{}", store.on);
        drop(read);
        store.write(&actor(), async |tx| tx.record(visit(orgs[1], day(2021, 4, 1), record)).await).await.unwrap();
        assert_eq!(answer(&store, None).await.1[0], Number::Count(5), "{}: the neighbours' acts stand", store.on);
        assert_eq!(rebuild::compare(&store).await.unwrap(), [], "{}", store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_that_start_at_once_build_the_sums_once() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 40).await;
        store
            .write(&actor(), async |tx| {
                for i in 0..3000_usize {
                    let on = day(2020, 1, 1) + chrono::Days::new(i as u64 % 600);
                    tx.record(visit(orgs[i % orgs.len()], on, record)).await?;
                }
                tx.run("UPDATE series SET built = 0").await
            })
            .await
            .unwrap();
        let by = actor();
        let open = || Store::open(store.place(), &[sample::MODULE], kernel::store::Limits::default());
        let writer = store.write(&by, async |tx| tx.record(visit(orgs[0], day(2021, 1, 1), record)).await);
        let (a, b, written) = tokio::join!(open(), open(), writer);
        written.unwrap();
        assert_eq!(rebuild::compare(&a.unwrap()).await.unwrap().len(), 0, "{}: cells that differ", store.on);
        b.unwrap().close().await.unwrap();
    }
}

/// Each of two acts holds what the other wants next. The embedded database has one writer and knows no such embrace.
#[tokio::test]
async fn two_acts_in_each_others_way_are_told_to_try_again() {
    for store in stores(&[sample::MODULE]).await.into_iter().filter(|store| store.on == "PostgreSQL") {
        let (orgs, _) = sample::city(&store, 2).await;
        let both_hold = tokio::sync::Barrier::new(2);
        let act = async |first: kernel::id::OrgId, second: kernel::id::OrgId| {
            let take = async |tx: &kernel::store::Tx, org: kernel::id::OrgId| {
                tx.run(("UPDATE organisation SET status = status WHERE id = $1", kernel::args![org])).await
            };
            let act = async |tx: &mut kernel::store::Tx| {
                take(tx, first).await?;
                both_hold.wait().await;
                take(tx, second).await
            };
            store.write(&actor(), act).await
        };
        let (one, other) = tokio::join!(act(orgs[0], orgs[1]), act(orgs[1], orgs[0]));
        let refused = if one.is_err() { one } else { other };
        assert!(matches!(&refused, Err(kernel::Error::Conflict(said)) if said.contains("请重试")), "{refused:?}");
    }
}

#[tokio::test]
async fn a_record_that_is_there_already_is_told_in_words() {
    for store in stores(&[sample::MODULE]).await {
        sample::city(&store, 1).await;
        let unit = kernel::id::UnitId(1);
        let twice = store.write(&actor(), async |tx| kernel::org::create_unit(tx, unit, "east", "又一个").await).await;
        let Err(kernel::Error::Conflict(said)) = twice else { panic!("{}: {twice:?}", store.on) };
        assert!(said.contains("已有相同的记录") && !said.to_lowercase().contains("unit"), "{}: {said}", store.on);
    }
}
