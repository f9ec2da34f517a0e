//! `kill -9` in the middle of an import: of its rows all are there or none, and what was acknowledged is there whole.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use kernel::access::Actor;
use kernel::id::UnitId;
use kernel::ledger::rebuild;
use kernel::org::{self, NewOrg};
use kernel::store::{Limits, Place, Store};
use kernel::value::day::Day;
use sea_orm::{ConnectionTrait, Database};
use testkit::Dice;

/// Rows of one import: more than one stretch is read of it.
const ROWS: usize = 2200;

/// Where the killed program writes.
struct Victim {
    place: Place,
    name: &'static str,
}

impl Victim {
    async fn open(&self) -> Store {
        Store::open(&self.place, &qishu::city::modules(), Limits::default()).await.unwrap()
    }

    fn import(&self, file: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qishu"));
        match &self.place {
            Place::Dir(dir) => command.arg("--data").arg(dir),
            Place::Url(url) => command.arg("--database").arg(url),
        };
        // The key of sensitive fields stands beside what is imported, not beside the store, which would outlive the test.
        command.arg("--field-key").arg(file.with_extension("field-key"));
        command.arg("import").arg(file).args(["--template", "facts"]).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Imports and kills the program after a while; the answer is whether it had said before that it was done.
    fn killed_after(&self, file: &Path, while_: Duration) -> bool {
        let mut child = self.import(file).spawn().unwrap();
        let mut said = child.stderr.take().unwrap();
        let (tell, ended) = mpsc::channel();
        let listener = std::thread::spawn(move || {
            let mut all = String::new();
            said.read_to_string(&mut all).unwrap();
            tell.send(()).unwrap();
            all
        });
        // Either it ends by itself, or its time is up.
        ended.recv_timeout(while_).ok();
        child.kill().ok();
        child.wait().unwrap();
        listener.join().unwrap().contains("已保存")
    }
}

async fn victims(dir: &Path) -> Vec<Victim> {
    let mut victims = vec![Victim { place: Place::Dir(dir.join("data")), name: "SQLite" }];
    if let Ok(url) = std::env::var("QISHU_TEST_POSTGRES") {
        let name = format!("t_kill_{}", std::process::id());
        let admin = Database::connect(format!("{url}/postgres")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        victims.push(Victim { place: Place::Url(format!("{url}/{name}")), name: "PostgreSQL" });
    }
    victims
}

/// One firm, about which all facts are.
async fn found(store: &Store) {
    let new = NewOrg {
        kind: "enterprise".into(),
        credit_code: None,
        local_code: Some("KILL-1".into()),
        since: Day::from_ymd_opt(2019, 1, 1).unwrap(),
        attributes: vec![("name".into(), "样例企业有限公司".into()), ("unit".into(), "1".into())],
        source: "测试".into(),
    };
    store
        .write(&Actor::system("测试"), async |tx| {
            org::create_unit(tx, UnitId(1), "u1", "第一单元").await?;
            org::register(tx, new).await
        })
        .await
        .unwrap();
}

/// The ledger of a round: its rows are known by their numbers.
fn ledger(path: &Path, round: u64) {
    let line =
        |n: usize| format!("{round}-{n},完成智能化诊断,KILL-1,2021-{:02}-{:02},第 {round} 次", n % 7 + 1, n % 28 + 1);
    let lines = std::iter::once("编号,事实种类,信用代码,发生日期,记录名称".to_owned()).chain((0..ROWS).map(line));
    std::fs::write(path, lines.collect::<Vec<_>>().join("\n")).unwrap();
}

/// How many facts, records, keys and traces a round has left.
async fn left(store: &Store, round: u64) -> [i64; 4] {
    let read = store.read().await.unwrap();
    let title = format!("第 {round} 次");
    let mut found = [0; 4];
    for (n, sql) in [
        "SELECT COUNT(*) AS n FROM fact f JOIN record r ON r.id = f.record_id WHERE r.title = $1",
        "SELECT COUNT(*) AS n FROM record r WHERE r.title = $1",
        "SELECT COUNT(*) AS n FROM import_key k JOIN record r ON r.id = k.record_id WHERE r.title = $1",
        "SELECT COUNT(*) AS n FROM import_trace t JOIN record r ON r.id = t.record_id WHERE r.title = $1",
    ]
    .into_iter()
    .enumerate()
    {
        found[n] = read.one((sql, kernel::args![title.clone()])).await.unwrap().int("n").unwrap();
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_during_an_import_leaves_all_of_it_or_nothing() {
    let kills: u64 = std::env::var("QISHU_IMPORT_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ledger.csv");
    for victim in victims(dir.path()).await {
        let store = victim.open().await;
        found(&store).await;
        store.close().await.unwrap();
        // One that nobody kills: how long it takes, so that the others are killed at every moment of it.
        ledger(&file, 0);
        let begun = Instant::now();
        let done = victim.import(&file).output().unwrap();
        assert!(
            done.status.success(),
            "an import that nobody kills is done: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        let whole = begun.elapsed();
        let mut dice = Dice(11);
        let mut acknowledged = vec![0];
        for round in 1..=kills {
            ledger(&file, round);
            if victim.killed_after(&file, whole.mul_f64((20 + dice.below(150)) as f64 / 100.0)) {
                acknowledged.push(round);
            }
        }
        let store = victim.open().await;
        let all = [ROWS as i64; 4];
        let mut whole = 0;
        for round in 0..=kills {
            let found = left(&store, round).await;
            assert!(found == all || found == [0; 4], "half an import of round {round} on {}: {found:?}", victim.name);
            assert!(
                found == all || !acknowledged.contains(&round),
                "an acknowledged import is lost on {}",
                victim.name
            );
            whole += u64::from(found == all);
        }
        let read = store.read().await.unwrap();
        let sql = "SELECT COUNT(*) AS n FROM import WHERE done_at IS NOT NULL";
        let done = read.one(sql).await.unwrap().int("n").unwrap();
        assert_eq!(done.unsigned_abs(), whole, "an import says that it is done when its rows are there");
        assert_eq!(rebuild::compare(&store).await.unwrap(), [], "tallies equal a recount");
        println!("{}: {kills} kills, {} acknowledged, {whole} whole, 0 half", victim.name, acknowledged.len());
    }
}
