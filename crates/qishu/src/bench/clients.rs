//! Committing: many clients, each writing one fact at a time and waiting until it is durable.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::access::Actor;
use kernel::id::RecordId;
use kernel::ledger::record;
use kernel::store::Store;
use kernel::value::day::today;
use kernel::{Error, Result};

use super::city::City;
use super::dice::Dice;
use super::timing::{Samples, Spread};
use super::weights::Mix;

/// What the clients measured.
#[derive(Debug)]
pub(super) struct Commits {
    /// Durable commits of all clients together, a second.
    pub per_second: f64,
    /// How long one commit took its client.
    pub each: Spread,
}

/// `clients` tasks commit single facts for `span`. A commit counts when the store has acknowledged it.
pub(super) async fn commit(store: &Store, city: &City, clients: u64, span: Duration) -> Result<Commits> {
    let record = store
        .write(&Actor::system("性能测试"), async |tx| record::enter(tx, "bench", "逐条登记", "", "").await)
        .await?;
    let mix = Arc::new(Mix::of(store.catalog()));
    if mix.is_empty() {
        return Err(Error::Conflict("没有任何模块声明事实种类".into()));
    }
    let city = Arc::new(city.clone());
    let started = Instant::now();
    let until = started + span;
    let mut tasks = Vec::new();
    for client in 0..clients {
        let (store, city, mix) = (store.clone(), city.clone(), mix.clone());
        tasks.push(tokio::spawn(async move { one_client(&store, &city, &mix, client, record, until).await }));
    }
    let mut all = Samples::default();
    for task in tasks {
        all.extend(task.await.map_err(|e| Error::Internal(e.to_string()))??);
    }
    let spent = started.elapsed().as_secs_f64();
    let each = all.spread();
    Ok(Commits { per_second: each.n as f64 / spent, each })
}

async fn one_client(
    store: &Store,
    city: &City,
    mix: &Mix,
    client: u64,
    record: RecordId,
    until: Instant,
) -> Result<Samples> {
    let actor = Actor::system("性能测试");
    let mut dice = Dice::new(5000 + client);
    let mut samples = Samples::default();
    while Instant::now() < until {
        let draft = mix.draw(&mut dice, city, today(chrono::Utc::now()));
        let started = Instant::now();
        store.write(&actor, async |tx| tx.record(draft.cited(record)).await).await?;
        samples.add(started.elapsed());
    }
    Ok(samples)
}
