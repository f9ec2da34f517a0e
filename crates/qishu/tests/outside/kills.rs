//! `kill -9` of whoever sends notices and carries out jobs: no notice is lost, each is at the mail server under one number,
//! and what a job does is done once.
//!
//! Between the server's answer and our row nothing can be made certain: a kill just there sends the letter once more
//! under the same `Message-ID`, by which mail servers drop it. The test kills at this worst moment, when a letter has just
//! arrived, and counts: there are no more of them than kills.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::Utc;
use kernel::access::Actor;
use kernel::job;
use kernel::notice::DeliveryState;
use kernel::store::{Limits, Place, Store, Tx};
use kernel::{args, case};
use sea_orm::{ConnectionTrait, Database};
use testkit::Dice;

use super::smtp;
use super::stage::{ask, counted, people};

/// Every hour is an office hour, and nobody waits long.
const RHYTHM: &str = r#"
source = "测试"
confirmed = true
[hours]
opens = "00:00"
closes = "00:00"
digest = "00:00"
every_day = true
[outbox]
retry_seconds = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
keep_hours = 24
rest_seconds = 1
lease_seconds = 1
[jobs]
retry_seconds = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
lease_seconds = 1
"#;

/// Letters and jobs between two kills.
const EACH: usize = 25;

struct Worker {
    place: Place,
    /// Where its keys are made: the database alone has no place beside it.
    keys: PathBuf,
    smtp: String,
}

impl Worker {
    async fn store(&self) -> Store {
        Store::open(&self.place, &qishu::city::modules(), Limits::default()).await.unwrap()
    }

    fn start(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qishu"));
        match &self.place {
            Place::Dir(dir) => command.arg("--data").arg(dir),
            Place::Url(url) => command.arg("--database").arg(url),
        };
        command.arg("--field-key").arg(&self.keys).args([
            "work",
            "--smtp",
            &self.smtp,
            "--mail-from",
            "noreply@example.cn",
        ]);
        command.stdout(Stdio::null()).spawn().unwrap()
    }
}

async fn places(dir: &Path) -> Vec<(Place, &'static str)> {
    let mut places = vec![(Place::Dir(dir.join("data")), "SQLite")];
    if let Ok(url) = std::env::var("QISHU_TEST_POSTGRES") {
        let name = format!("t_outbox_{}", std::process::id());
        let admin = Database::connect(format!("{url}/postgres")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        places.push((Place::Url(format!("{url}/{name}")), "PostgreSQL"));
    }
    places
}

async fn number(store: &Store, sql: &str) -> i64 {
    store.read().await.unwrap().one((sql, args![])).await.unwrap().int("n").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_loses_no_notice_and_does_no_job_twice() {
    let kills: usize = std::env::var("QISHU_OUTBOX_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3);
    let dir = tempfile::tempdir().unwrap();
    for (place, name) in places(dir.path()).await {
        let (url, letters) = smtp::serve();
        let worker = Worker { place, keys: dir.path().join(format!("{name}.field-key")), smtp: url };
        let store = worker.store().await;
        let stage = people(&store, "officer@example.cn").await;
        let set = "INSERT INTO setting (name, value) VALUES ('background', $1)";
        let act = async |tx: &mut Tx| tx.run((set, args![RHYTHM])).await;
        store.write(&Actor::system("测试"), act).await.unwrap();
        let id = ask(&store, &stage, Utc::now()).await;
        let (mut told, mut jobs, mut dice) = (1, 0, Dice(5));
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        let mut keep = |letter: smtp::Letter| *found.entry(letter.header("Message-ID").to_owned()).or_default() += 1;
        for round in 0..kills {
            // Notices and jobs are written while the worker works.
            let mut child = worker.start();
            for n in 0..EACH {
                let word = async |tx: &mut Tx| {
                    case::comment(tx, id, &format!("第 {round} 轮第 {n} 句")).await?;
                    job::ask(tx, "night.reminders", &format!("{round}-{n}"), "", "").await
                };
                assert!(store.write(&stage.own, word).await.unwrap().is_some());
                (told, jobs) = (told + 1, jobs + 1);
            }
            // Some letters after it has begun, at any moment of its work.
            for _ in 0..=dice.below(EACH as u64 / 2) {
                if let Ok(letter) = letters.recv_timeout(Duration::from_secs(20)) {
                    keep(letter);
                }
                assert!(child.try_wait().unwrap().is_none(), "{name}: the worker ended by itself; see what it said");
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let mut last = worker.start();
        let open = "SELECT COUNT(*) AS n FROM job WHERE ended_at IS NULL";
        // As long as something comes about.
        let mut looks = tokio::time::interval(Duration::from_millis(100));
        let (mut left, mut idle) = (i64::MAX, 0);
        while left > 0 && idle < 300 {
            looks.tick().await;
            let now = counted(&store, DeliveryState::Waiting).await + number(&store, open).await;
            idle = if now < left { 0 } else { idle + 1 };
            left = now;
        }
        last.kill().unwrap();
        last.wait().unwrap();
        letters.try_iter().for_each(&mut keep);
        let states = (counted(&store, DeliveryState::Sent).await, counted(&store, DeliveryState::Failed).await);
        assert_eq!(states, (told, 0), "{name}: every notice is sent");
        assert_eq!(found.len() as i64, told, "{name}: each is at the server under its own number");
        let twice = found.values().filter(|times| **times > 1).count();
        let most = found.values().max().copied().unwrap_or_default();
        assert!(twice <= kills && most <= 3, "{name}: {twice} came once more, one of them {most} times");
        let done =
            number(&store, "SELECT COUNT(*) AS n FROM job WHERE outcome = 'done' AND kind = 'night.reminders'").await;
        let acts = number(&store, "SELECT COUNT(*) AS n FROM audit WHERE verb = 'case.remind'").await;
        let all = number(&store, "SELECT COUNT(*) AS n FROM job WHERE kind = 'night.reminders'").await;
        assert_eq!((done, acts), (all, all), "{name}: each job is done, and what it does once");
        assert!(all >= jobs, "{name}: those asked for, and what the clock planned");
        println!(
            "{name}: {kills} kills, {told} notices, {} at the server, {twice} once more under the same number; {all} jobs, {acts} acts",
            found.len()
        );
    }
}
