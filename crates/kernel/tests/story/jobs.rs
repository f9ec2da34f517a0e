//! A job is carried out once, by one runner, whatever happens to runners.

use std::pin::Pin;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::access::Actor;
use kernel::id::JobId;
use kernel::job::{self, Job, Outcome, Running, When};
use kernel::module::Module;
use kernel::store::Store;
use kernel::{Error, Result, args};
use testkit::{sample, stores};

type Later<'a> = Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>>;

/// Does what its input says.
fn obey(job: &Running) -> Later<'_> {
    Box::pin(async move {
        match job.input().split_once(':').unwrap_or((job.input(), "")) {
            ("count", name) => {
                let sql = "INSERT INTO setting (name, value) VALUES ($1, '1') \
                           ON CONFLICT (name) DO UPDATE SET value = setting.value || '1'";
                let act = async |tx: &mut kernel::store::Tx| {
                    tx.run((sql, args![name])).await?;
                    job.finish_in(tx, "已计数").await
                };
                job.store().write(&Actor::system("测试"), act).await?;
                Ok("已计数".into())
            }
            ("unavailable", _) => Err(Error::Unavailable("对方没有应答".into())),
            ("refused", _) => Err(Error::Conflict("材料不齐".into())),
            ("panic", _) => panic!("a job that falls over"),
            ("wait", _) => {
                job.says(3, 10);
                while job.goes_on().is_ok() {
                    tokio::task::yield_now().await;
                }
                job.goes_on().map(|()| String::new())
            }
            _ => Ok("什么也没做".into()),
        }
    })
}

const JOBS: &[Job] = &[
    Job { code: "sample.obey", label: "样例作业", when: When::Asked, run: obey },
    Job { code: "sample.night", label: "夜间样例", when: When::Night((2, 30), (6, 0)), run: obey },
    Job { code: "sample.morning", label: "早间样例", when: When::WorkingDay, run: obey },
];

const MODULE: Module = Module { jobs: JOBS, ..Module::new("jobs", "作业样例") };

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{text}+08:00")).unwrap().with_timezone(&Utc)
}

async fn asked(store: &Store, key: &str, input: &str) -> Option<JobId> {
    let act = async |tx: &mut kernel::store::Tx| job::ask(tx, "sample.obey", key, input, "").await;
    store.write_at(at("2021-09-01T10:00:00"), &sample::actor(), act).await.unwrap()
}

async fn row(store: &Store, id: JobId) -> job::Row {
    job::find(&store.read().await.unwrap(), id).await.unwrap()
}

async fn counted(store: &Store, name: &str) -> i64 {
    let row =
        store.read().await.unwrap().opt(("SELECT value FROM setting WHERE name = $1", args![name])).await.unwrap();
    row.map_or(0, |row| row.get::<String>("value").unwrap().len() as i64)
}

#[tokio::test]
async fn what_is_asked_for_twice_is_done_once() {
    for store in stores(&[sample::MODULE, MODULE]).await {
        let id = asked(&store, "a", "count:a").await.unwrap();
        assert_eq!(asked(&store, "a", "count:a").await, None, "{}", store.on);
        let now = at("2021-09-01T10:01:00");
        assert!(job::run_next(&store, &JOBS[0], "one", now).await.unwrap());
        assert!(!job::run_next(&store, &JOBS[0], "one", now).await.unwrap(), "nothing is left");
        let done = row(&store, id).await;
        assert_eq!(
            (done.outcome, done.answer.as_str(), done.attempts),
            (Some(Outcome::Done), "已计数", 1),
            "{}",
            store.on
        );
        assert_eq!(counted(&store, "a").await, 1);
    }
}

#[tokio::test]
async fn who_has_lost_a_job_does_nothing_in_it() {
    for store in stores(&[sample::MODULE, MODULE]).await {
        let id = asked(&store, "a", "count:a").await.unwrap();
        // Another runner has it and has died: its lease is over after half a minute.
        let (now, dead) =
            (at("2021-09-01T10:01:00"), "UPDATE job SET runner = 'dead', attempts = 1, leased_until = $1");
        store.upkeep("测试", async |tx| tx.run((dead, args![now + TimeDelta::seconds(30)])).await).await.unwrap();
        assert!(!job::run_next(&store, &JOBS[0], "two", now).await.unwrap(), "{}: it is held", store.on);
        assert!(job::run_next(&store, &JOBS[0], "two", now + TimeDelta::seconds(31)).await.unwrap(), "{}", store.on);
        assert_eq!((counted(&store, "a").await, row(&store, id).await.attempts), (1, 2), "{}", store.on);
    }
}

#[tokio::test]
async fn trouble_is_tried_again_and_a_refusal_is_not() {
    for store in stores(&[sample::MODULE, MODULE]).await {
        let (lost, refused, falls) = (
            asked(&store, "l", "unavailable").await.unwrap(),
            asked(&store, "r", "refused").await.unwrap(),
            asked(&store, "p", "panic").await.unwrap(),
        );
        let mut now = at("2021-09-01T10:00:00");
        for _ in 0..4 {
            while job::run_next(&store, &JOBS[0], "one", now).await.unwrap() {}
            now += TimeDelta::hours(2);
        }
        let (lost, refused, falls) = (row(&store, lost).await, row(&store, refused).await, row(&store, falls).await);
        assert_eq!((lost.outcome, lost.attempts), (Some(Outcome::Failed), 4), "{}: three more times", store.on);
        assert_eq!((falls.outcome, falls.attempts), (Some(Outcome::Failed), 4), "{}: nothing else fell", store.on);
        assert_eq!((refused.attempts, refused.answer.as_str()), (1, "材料不齐"), "{}", store.on);
        // Once more by hand, from the beginning.
        store.write(&sample::actor(), async |tx| job::again(tx, refused.id).await).await.unwrap();
        assert!(job::run_next(&store, &JOBS[0], "one", Utc::now()).await.unwrap());
        let twice = store.write(&sample::actor(), async |tx| job::again(tx, JobId(99)).await).await;
        assert!(matches!(twice, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn a_job_that_kills_its_runner_each_time_is_given_up() {
    for store in stores(&[sample::MODULE, MODULE]).await {
        let id = asked(&store, "k", "count:k").await.unwrap();
        let mut now = at("2021-09-01T10:00:00");
        let died = "UPDATE job SET attempts = 4, runner = 'dead', leased_until = $1, next_at = $1";
        store.upkeep("测试", async |tx| tx.run((died, args![now])).await).await.unwrap();
        now += TimeDelta::minutes(1);
        assert!(!job::run_next(&store, &JOBS[0], "one", now).await.unwrap());
        let row = row(&store, id).await;
        assert!(row.outcome == Some(Outcome::Failed) && row.answer.contains("多次中断"), "{}: {row:?}", store.on);
        assert_eq!(counted(&store, "k").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_runners_do_each_job_once() {
    for store in stores(&[sample::MODULE, MODULE]).await {
        for n in 0..12 {
            asked(&store, &n.to_string(), "count:all").await.unwrap();
        }
        let tasks: Vec<_> = (0..4)
            .map(|runner| {
                let store = store.store.clone();
                tokio::spawn(async move {
                    let (name, mut done, mut looked) = (format!("runner {runner}"), 0, 0);
                    while looked < 200 && done < 12 {
                        looked += 1;
                        done += i32::from(job::run_next(&store, &JOBS[0], &name, Utc::now()).await.unwrap());
                    }
                    done
                })
            })
            .collect();
        let mut done = 0;
        for task in tasks {
            done += task.await.unwrap();
        }
        assert_eq!((done, counted(&store, "all").await), (12, 12), "{}", store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_a_job_ends_it_while_it_waits_and_while_it_runs() {
    for store in stores(&[sample::MODULE, MODULE]).await {
        let (waits, runs) = (asked(&store, "w", "count:w").await.unwrap(), asked(&store, "r", "wait").await.unwrap());
        store.write(&sample::actor(), async |tx| job::stop(tx, waits).await).await.unwrap();
        assert_eq!(row(&store, waits).await.outcome, Some(Outcome::Stopped), "{}", store.on);
        let again = store.write(&sample::actor(), async |tx| job::stop(tx, waits).await).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{}", store.on);
        let running = {
            let store = store.store.clone();
            tokio::spawn(async move { job::run_next(&store, &JOBS[0], "one", Utc::now()).await })
        };
        let far = loop {
            if let Some(far) = job::here(&store, runs).filter(|far| far.steps() == (3, 10)) {
                break far;
            }
            tokio::task::yield_now().await;
        };
        store.write(&sample::actor(), async |tx| job::stop(tx, runs).await).await.unwrap();
        job::stop_here(&store, runs);
        assert!(running.await.unwrap().unwrap());
        assert_eq!(far.steps(), (3, 10));
        assert_eq!(row(&store, runs).await.outcome, Some(Outcome::Stopped), "{}", store.on);
        assert_eq!(counted(&store, "w").await, 0);
    }
}

#[tokio::test]
async fn the_clock_plans_each_night_and_each_working_morning_once() {
    for store in stores(&[sample::MODULE, MODULE]).await {
        let planned = async |text: &str| {
            job::plan(&store, at(text)).await.unwrap();
            job::plan(&store, at(text)).await.unwrap();
            job::list(&store.read().await.unwrap(), None, true, None, 50).await.unwrap().len()
        };
        assert_eq!(planned("2021-09-29T02:00:00").await, 0, "{}", store.on);
        assert_eq!(planned("2021-09-29T02:30:00").await, 1, "{}", store.on);
        assert_eq!(planned("2021-09-29T08:59:00").await, 1, "{}", store.on);
        assert_eq!(planned("2021-09-29T09:00:00").await, 2, "{}", store.on);
        assert_eq!(planned("2021-10-01T10:00:00").await, 2, "{}: a holiday; the night was slept through", store.on);
        assert_eq!(planned("2021-10-02T03:00:00").await, 3, "{}: nights have no holiday", store.on);
    }
}
