//! The first disk is lost: `kill -9` in the middle of writing, and the data directory goes with it.
//! What the mirror said it holds is in it, whole, and the tallies equal a recount.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kernel::ledger::rebuild;
use kernel::store::{Limits, Place, Store, mirrored};
use testkit::{Dice, sample};

/// What the writer said: acts with their instant, and up to when the mirror held everything.
#[derive(Default)]
struct Said {
    acts: Vec<(String, u64)>,
    held: Vec<u64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_mirror_held_outlives_the_first_disk() {
    let kills: u64 = std::env::var("QISHU_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let mut dice = Dice(11);
    let (mut acts, mut kept, mut oldest) = (0, 0, 0);
    for round in 0..kills {
        let dir = tempfile::tempdir().unwrap();
        let (data, mirror) = (dir.path().join("data"), dir.path().join("mirror"));
        let said = write_and_kill(&data, &mirror, round, Duration::from_millis(400 + dice.below(1200)));
        std::fs::remove_dir_all(&data).unwrap();
        let found = open_mirror(&mirror, &dir.path().join("new")).await;
        let held = *said.held.last().expect("the mirror said something");
        let missing: Vec<_> = said.acts.iter().filter(|(title, at)| *at <= held && !found.contains(title)).collect();
        assert!(missing.is_empty(), "round {round}: {} acts before {held} are lost: {missing:?}", missing.len());
        // The oldest act that was not yet on the second disk tells how much a lost disk would have cost.
        let lag = |at: &u64| said.held.iter().find(|held| *held >= at).map(|_| 0);
        let end = said.acts.iter().map(|(_, at)| *at).max().unwrap_or(0);
        let waiting = said.acts.iter().map(|(_, at)| *at).filter(|at| lag(at).is_none()).min();
        oldest = oldest.max(waiting.map_or(0, |at| end - at));
        acts += said.acts.len();
        kept += said.acts.iter().filter(|(title, _)| found.contains(title)).count();
    }
    assert!(acts as u64 > kills * 10, "the writers were at work: {acts} acts");
    println!(
        "{kills} lost disks, {acts} acts acknowledged, {kept} in the mirrors; the oldest lost one was {oldest} µs old"
    );
}

/// The acts in a mirror, each of them whole.
async fn open_mirror(mirror: &Path, to: &Path) -> HashSet<String> {
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(mirrored(mirror).unwrap().expect("a whole copy")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
    let store = Store::open(&Place::Dir(to.to_owned()), &[sample::MODULE], Limits::default()).await.unwrap();
    let read = store.read().await.unwrap();
    assert_eq!(read.one("PRAGMA integrity_check").await.unwrap().text("integrity_check").unwrap(), "ok");
    let sql = "SELECT r.title, r.document, COUNT(f.position) AS n FROM record r LEFT JOIN fact f ON f.record_id = r.id \
               WHERE r.title LIKE 'act %' GROUP BY r.id, r.title, r.document";
    let mut found = HashSet::new();
    for row in read.all(sql).await.unwrap() {
        let title: String = row.get("title").unwrap();
        assert_eq!(row.text("document").unwrap(), row.int("n").unwrap().to_string(), "{title} is whole");
        found.insert(title);
    }
    drop(read);
    assert_eq!(rebuild::compare(&store).await.unwrap(), [], "tallies equal a recount");
    store.close().await.unwrap();
    found
}

fn write_and_kill(data: &Path, mirror: &Path, seed: u64, after: Duration) -> Said {
    let mut hammer = Command::new(env!("CARGO_BIN_EXE_hammer"))
        .arg(data)
        .arg(seed.to_string())
        .arg(mirror)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(hammer.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut said = Said::default();
    let mut take = |line: String| {
        // A line that the kill cut off has no end that can be trusted; it is the last one and not looked at.
        match line.split_once('\t') {
            Some(("held", at)) => said.held.extend(at.parse::<u64>()),
            Some((title, at)) if title.starts_with("act ") => {
                said.acts.extend(at.parse().map(|at| (title.to_owned(), at)))
            }
            other => panic!("the mirror was not kept: {other:?}"),
        }
    };
    let mut until = None;
    let mut held: Option<String> = None;
    for line in lines.by_ref() {
        if let Some(before) = held.replace(line) {
            take(before);
            // From the first act on.
            let until = *until.get_or_insert_with(|| Instant::now() + after);
            if Instant::now() >= until {
                break;
            }
        }
    }
    hammer.kill().unwrap();
    hammer.wait().unwrap();
    for line in lines {
        if let Some(before) = held.replace(line) {
            take(before);
        }
    }
    said
}
