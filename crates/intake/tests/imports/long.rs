//! Long workbooks: looked through and saved by the server while people do other things.

use chrono::{DateTime, TimeDelta, Utc};
use testkit::Client;

use super::*;

/// A ledger of this many visits, long enough for the background.
fn ledger(code: &str, rows: usize, last: &str) -> Vec<u8> {
    let line = |n: usize| {
        let (month, day) = (n / 28 % 7 + 1, n % 28 + 1);
        format!(
            "ZF-2021-{n:06},走访,{code},2021-{month:02}-{day:02},走访企业第 {n} 次，了解生产经营情况和遇到的困难，登记需求并转交责任单位办理"
        )
    };
    let lines = std::iter::once("编号,事实种类,信用代码,发生日期,事由".to_owned()).chain((1..=rows).map(line));
    csv(&lines.chain([last.to_owned()]).collect::<Vec<_>>())
}

async fn officer(app: &TestApp, store: &Store) -> Client {
    let new =
        NewAccount {
            login: "ju", name: "市局张", role: "bureau_officer", password: PASSWORD, unit: None, org: None
        };
    store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
    app.signed_in("ju", PASSWORD).await
}

async fn facts(store: &Store) -> i64 {
    let read = store.read().await.unwrap();
    read.one("SELECT COUNT(*) AS n FROM fact").await.unwrap().int("n").unwrap()
}

fn now() -> DateTime<Utc> {
    Utc::now()
}

#[tokio::test]
async fn a_long_ledger_is_looked_through_and_saved_in_the_background() {
    for (store, orgs) in cities().await {
        let a = code(&store, orgs[0]).await;
        let app = TestApp::new(&store, slices()).await;
        let bureau = officer(&app, &store).await;
        bureau.get("/imports").await;
        let bytes = ledger(&a, 2500, &format!("坏的,走访,{a},很早,走访"));
        let answer = bureau.upload("/imports", &[("what", "facts")], "全年.csv", &bytes).await;
        let here = answer.location.unwrap();
        let page = bureau.get(&here).await;
        assert!(page.body.contains("正在核对") && page.body.contains("取消"), "{}", page.body);
        assert!(work_once(&store, "甲", now()).await.unwrap());
        assert!(!work_once(&store, "甲", now()).await.unwrap(), "nothing is left to do");
        let page = bureau.get(&here).await;
        assert!(page.body.contains("看不懂日期"), "{}", page.body);
        assert_eq!(page.texts(".stat-value"), ["2500行", "1行", "0行"]);
        // All or nothing: with a fault nothing is saved, and it is said why.
        bureau.post(&format!("{here}/save"), &[("mode", "whole")]).await;
        assert!(bureau.get(&here).await.body.contains("正在保存"));
        let busy = bureau.post(&format!("{here}/save"), &[("mode", "good")]).await;
        assert_eq!(busy.status.as_u16(), 422, "one thing at a time");
        assert!(work_once(&store, "甲", now()).await.unwrap());
        assert!(bureau.get(&here).await.texts("[role=alert]")[0].contains("1 行不能保存"));
        assert_eq!(facts(&store).await, 0);
        bureau.post(&format!("{here}/save"), &[("mode", "good")]).await;
        assert!(work_once(&store, "甲", now()).await.unwrap());
        assert_eq!(facts(&store).await, 2500);
        let page = bureau.get(&here).await;
        assert!(page.body.contains("2500 行") && page.body.contains("市局张"), "{}", page.body);
        assert!(kernel::ledger::rebuild::compare(&store).await.unwrap().is_empty());
        // Sent again: everything is there, so there is nothing to save.
        let answer = bureau.upload("/imports", &[("what", "facts")], "全年.csv", &bytes).await;
        assert!(work_once(&store, "甲", now()).await.unwrap());
        assert_eq!(bureau.get(&answer.location.unwrap()).await.texts(".stat-value"), ["0行", "1行", "2500行"]);
    }
}

#[tokio::test]
async fn work_that_was_cancelled_or_left_behind_saves_nothing_and_can_be_taken_up() {
    for (store, orgs) in cities().await {
        let a = code(&store, orgs[0]).await;
        let app = TestApp::new(&store, slices()).await;
        let bureau = officer(&app, &store).await;
        bureau.get("/imports").await;
        let answer = bureau.upload("/imports", &[("what", "facts")], "全年.csv", &ledger(&a, 2500, "")).await;
        let here = answer.location.unwrap();
        bureau.get(&here).await;
        // Cancelled before a server comes to it: it is not even begun.
        bureau.post(&format!("{here}/cancel"), &[]).await;
        assert!(work_once(&store, "甲", now()).await.unwrap());
        let page = bureau.get(&here).await;
        assert!(page.texts("[role=alert]")[0].contains("已取消"), "{}", page.body);
        bureau.post(&format!("{here}/check"), &[]).await;
        assert!(work_once(&store, "甲", now()).await.unwrap());
        bureau.post(&format!("{here}/save"), &[("mode", "whole")]).await;
        // A server takes it and dies: nobody else touches it while its lease runs, then another takes it up.
        let sql = "UPDATE import_work SET worker = '死', leased_until = $1 WHERE ended_at IS NULL";
        let until = now() + TimeDelta::seconds(30);
        store.upkeep("测试", async |tx| tx.run((sql, args![until])).await).await.unwrap();
        assert!(!work_once(&store, "乙", now()).await.unwrap(), "the lease runs");
        assert_eq!(facts(&store).await, 0);
        assert!(work_once(&store, "乙", until + TimeDelta::seconds(1)).await.unwrap());
        assert_eq!(facts(&store).await, 2500);
        // Who comes late to cancel is told what to do instead.
        let answer = bureau.post(&format!("{here}/cancel"), &[]).await;
        assert_eq!(answer.status.as_u16(), 303);
        assert!(bureau.get(&here).await.body.contains("撤销这次导入"));
        // The log tells what people did, each time by its name, and nothing of the machine's own leases.
        let said = "SELECT verb FROM audit WHERE object = 'import' OR verb = 'unnamed' ORDER BY number";
        let said = store.read().await.unwrap().all(said).await.unwrap();
        let said: Vec<String> = said.iter().map(|row| row.get("verb").unwrap()).collect();
        let done = ["send", "ask", "stop", "ask", "ask", "save", "stop"].map(|act| format!("intake.{act}"));
        assert_eq!(said, done, "{}", store.on);
    }
}

#[tokio::test]
async fn of_two_servers_one_saves() {
    for (store, orgs) in cities().await {
        let a = code(&store, orgs[0]).await;
        let app = TestApp::new(&store, slices()).await;
        let bureau = officer(&app, &store).await;
        bureau.get("/imports").await;
        let answer = bureau.upload("/imports", &[("what", "facts")], "全年.csv", &ledger(&a, 2500, "")).await;
        let here = answer.location.unwrap();
        assert!(work_once(&store, "甲", now()).await.unwrap());
        bureau.get(&here).await;
        bureau.post(&format!("{here}/save"), &[("mode", "whole")]).await;
        // The second one believes that the first has died: its clock is an hour fast.
        let late = now() + TimeDelta::hours(1);
        let (first, second) = tokio::join!(work_once(&store, "甲", now()), work_once(&store, "乙", late));
        assert!(first.unwrap() | second.unwrap());
        assert_eq!(facts(&store).await, 2500, "on {}", store.on);
        assert!(kernel::ledger::rebuild::compare(&store).await.unwrap().is_empty());
        let page = bureau.get(&here).await;
        assert!(page.body.contains("已保存"), "{}", page.body);
    }
}

#[tokio::test]
async fn who_cancels_while_it_is_saved_has_all_of_it_or_nothing() {
    for (store, orgs) in cities().await {
        let a = code(&store, orgs[0]).await;
        let app = TestApp::new(&store, slices()).await;
        let bureau = officer(&app, &store).await;
        bureau.get("/imports").await;
        let bytes = ledger(&a, 4500, "");
        let here = bureau.upload("/imports", &[("what", "facts")], "全年.csv", &bytes).await.location.unwrap();
        assert!(work_once(&store, "甲", now()).await.unwrap());
        bureau.get(&here).await;
        bureau.post(&format!("{here}/save"), &[("mode", "whole")]).await;
        let cancel = format!("{here}/cancel");
        let (worked, answer) = tokio::join!(work_once(&store, "甲", now()), bureau.post(&cancel, &[]));
        assert!(worked.unwrap() && answer.status.as_u16() == 303);
        let (saved, page) = (facts(&store).await, bureau.get(&here).await);
        match saved {
            0 => assert!(page.texts("[role=alert]")[0].contains("已取消"), "{}", page.body),
            4500 => assert!(page.body.contains("撤销这次导入"), "{}", page.body),
            half => panic!("{half} of 4500 on {}", store.on),
        }
        assert!(kernel::ledger::rebuild::compare(&store).await.unwrap().is_empty());
    }
}
