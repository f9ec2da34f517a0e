//! `kill -9` in the middle of writing: what was acknowledged is there, whole; what was not is there whole or not at all;
//! the tallies equal a recount.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kernel::ledger::rebuild;
use kernel::store::{Limits, Place, Store};
use testkit::{Dice, sample};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_nothing_acknowledged() {
    let kills: u64 = std::env::var("QISHU_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(7);
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..kills {
        acknowledged.extend(write_and_kill(dir.path(), round, Duration::from_millis(30 + dice.below(170))));
    }
    let store = Store::open(&Place::Dir(dir.path().to_owned()), &[sample::MODULE], Limits::default()).await.unwrap();
    let read = store.read().await.unwrap();
    let sql = "SELECT r.title, r.document, COUNT(f.position) AS n FROM record r LEFT JOIN fact f ON f.record_id = r.id \
               WHERE r.title LIKE 'act %' GROUP BY r.id, r.title, r.document";
    let mut found = std::collections::HashSet::new();
    for row in read.all(sql).await.unwrap() {
        let title: String = row.get("title").unwrap();
        assert_eq!(row.text("document").unwrap(), row.int("n").unwrap().to_string(), "{title} is whole");
        found.insert(title);
    }
    let lost: Vec<&String> = acknowledged.iter().filter(|t| !found.contains(*t)).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged acts lost: {lost:?}", lost.len(), acknowledged.len());
    assert!(acknowledged.len() as u64 > kills, "the writers were at work: {} acts", acknowledged.len());
    assert_eq!(rebuild::compare(&store).await.unwrap(), [], "tallies equal a recount");
    println!("{kills} kills, {} acts acknowledged, {} found, 0 lost", acknowledged.len(), found.len());
}

/// Runs the writer, kills it some time after its first acknowledgement, and returns what it acknowledged.
fn write_and_kill(dir: &std::path::Path, seed: u64, after: Duration) -> Vec<String> {
    let mut hammer = Command::new(env!("CARGO_BIN_EXE_hammer"))
        .arg(dir)
        .arg(seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(hammer.stdout.take().unwrap()).lines();
    let mut acknowledged = vec![lines.next().expect("a first act").unwrap()];
    let until = Instant::now() + after;
    while Instant::now() < until {
        match lines.next() {
            Some(Ok(line)) => acknowledged.push(line),
            _ => break,
        }
    }
    hammer.kill().unwrap();
    hammer.wait().unwrap();
    // A line cut off by the kill was still acknowledged only if it ended.
    acknowledged.extend(lines.map_while(Result::ok));
    acknowledged
}
