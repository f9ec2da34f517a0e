//! Writes without pause until it is killed, and prints every act that was acknowledged.
//! usage: hammer DIR SEED, or hammer postgres://… SEED
//!
//! With a directory for a mirror as third argument each line is a name and an instant in microseconds:
//! acts with the moment they were acknowledged, and `held` whenever the mirror says that it holds all before an instant.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use kernel::id::OrgId;
use kernel::ledger::{NewFact, record};
use kernel::store::{Limits, MirrorState, Place, Store};
use kernel::value::money::Fen;
use testkit::Dice;
use testkit::sample::{self, actor, day, visit};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(seed)) = (arguments.next(), arguments.next().and_then(|s| s.parse::<u64>().ok())) else {
        eprintln!("usage: hammer DIR SEED, or hammer postgres://… SEED");
        std::process::exit(2);
    };
    let place = if dir.starts_with("postgres://") { Place::Url(dir) } else { Place::Dir(PathBuf::from(dir)) };
    let store = Store::open(&place, &[sample::MODULE], Limits::default()).await.expect("opens");
    let orgs = Arc::new(organisations(&store).await);
    let mut clock = None;
    if let Some(mirror) = arguments.next() {
        let begun = Instant::now();
        store.mirror(&PathBuf::from(mirror)).await.expect("a mirror");
        tokio::spawn(held(store.clone(), begun));
        clock = Some(begun);
    }
    let writer = |n| tokio::spawn(write(store.clone(), orgs.clone(), seed * 100 + n, clock));
    let writers: Vec<_> = (0..8).map(writer).collect();
    for writer in writers {
        writer.await.expect("writes");
    }
}

async fn organisations(store: &Store) -> Vec<OrgId> {
    let read = store.read().await.expect("reads");
    let rows = read.all("SELECT id FROM organisation ORDER BY id").await.expect("reads");
    let held: Vec<OrgId> = rows.iter().map(|r| OrgId(r.get("id").expect("an id"))).collect();
    drop(read);
    if held.is_empty() { sample::city(store, 20).await.0 } else { held }
}

/// Prints what the mirror says of itself.
async fn held(store: Store, begun: Instant) {
    let mut state = store.watch_mirror().expect("a mirror");
    loop {
        match &*state.borrow_and_update() {
            MirrorState::Holds(all_before) => {
                println!("held\t{}", all_before.saturating_duration_since(begun).as_micros())
            }
            other => println!("{other:?}\t0"),
        }
        if state.changed().await.is_err() {
            return;
        }
    }
}

async fn write(store: Store, orgs: Arc<Vec<OrgId>>, seed: u64, clock: Option<Instant>) {
    let mut dice = Dice(seed);
    for act in 0.. {
        let title = format!("act {seed}-{act}");
        let facts = dice.below(4) + 1;
        let (mut dice_in, orgs) = (dice.clone(), orgs.clone());
        dice.roll();
        store
            .write(&actor(), async |tx| {
                let record = record::enter(tx, "sample", &title, &facts.to_string(), "").await?;
                for _ in 0..facts {
                    let (org, on) = (*dice_in.pick(&orgs), day(2021, 1, 1) + chrono::Days::new(dice_in.below(200)));
                    let fact = if dice_in.below(2) == 0 {
                        visit(org, on, record)
                    } else {
                        NewFact::new("sample.paid", org, on, record).amount(Fen(dice_in.below(1000) as i64))
                    };
                    tx.record(fact).await?;
                }
                Ok(())
            })
            .await
            .expect("is written");
        let mut out = std::io::stdout().lock();
        match clock {
            Some(begun) => writeln!(out, "{title}\t{}", begun.elapsed().as_micros()).expect("prints"),
            None => writeln!(out, "{title}").expect("prints"),
        }
        out.flush().expect("prints");
    }
}
