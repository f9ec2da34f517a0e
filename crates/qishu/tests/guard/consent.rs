//! Without a live consent no route shows a bank anything of an enterprise; with one it shows what was consented to, and
//! every read is in the log, in the enterprise's trail and on its consent's page.

use chrono::{TimeDelta, Utc};
use kernel::Result;
use kernel::access::{Actor, role};
use kernel::args;
use kernel::audit::{self, Query, Verb};
use kernel::consent::{self, Edition, NewConsent};
use kernel::id::{AccountId, ConsentId, OrgId, Position};
use kernel::ledger::{NewFact, record};
use kernel::org::{self, YearFigures};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use testkit::{Answer, Client};
use web::Need;

use super::stage::{Owned, Stage, account, stages};

/// What nobody may see without consent, beside name and code: an amount of revenue, in 万元 as pages and in fen as answers write it.
const REVENUE: (i64, [&str; 2]) = (765_432_100, ["765.4321", "765432100"]);

/// A bank that has nothing to do with the enterprise, with one person in it.
async fn bank(stage: &Stage) -> OrgId {
    let org = super::stage::bank(&stage.store, "另一家银行", "MADT0078").await;
    let owned = Owned { org, ..stage.own.clone() };
    account(&stage.store, "reader", &role("bank").unwrap(), &owned).await;
    org
}

fn giver(org: OrgId) -> Actor {
    Actor::in_role(AccountId(0), "企业法人", role("enterprise").unwrap(), Vec::new(), Some(org))
}

/// Gives a consent so many days ago, for the days from `first` to `last` counted from then.
async fn given(stage: &Stage, to: OrgId, ago: i64, (first, last): (i64, i64), items: &[&str]) -> Result<ConsentId> {
    let then = Utc::now() - TimeDelta::days(ago);
    stage
        .store
        .write_at(then, &giver(stage.own.org), async |tx| {
            let on = |n| tx.today() + TimeDelta::days(n);
            let new = NewConsent {
                recipient: Some(to),
                items: items.iter().map(|&item| item.to_owned()).collect(),
                purpose: "申请流动资金贷款".into(),
                valid_from: on(first),
                valid_to: on(last),
                text: Edition::on(tx.today()).map(Edition::digest).unwrap_or_default(),
            };
            consent::give(tx, &new).await
        })
        .await
}

/// Facts and figures of the enterprise beside those of the stage; the answer is a fact of a kind that is not consented to.
async fn more_to_hide(stage: &Stage) -> Position {
    let org = stage.own.org;
    stage
        .store
        .write(&Actor::system("准备"), async |tx| {
            let record = record::enter(tx, "cloud", "上云台账", "", "").await?;
            let on = Day::from_ymd_opt(2021, 4, 1).unwrap();
            tx.record(NewFact::new("cloud.adopted", org, on, record).class("business")).await?;
            let (year, revenue) = (2020, Some(Fen(REVENUE.0)));
            let figures = YearFigures { year, employees: Some(3), revenue, assets: None, source: "年报".into() };
            org::record_year(tx, org, &figures).await.map(drop)
        })
        .await
        .unwrap();
    let row = stage.store.read().await.unwrap().one("SELECT MAX(position) AS p FROM fact").await.unwrap();
    Position(row.int("p").unwrap())
}

/// Every page and answer that whoever is in the bank may ask for, with the numbers of the enterprise in it.
fn paths(stage: &Stage) -> Vec<String> {
    let bank = role("bank").unwrap();
    let may = |need: &Need| match need {
        Need::May(permission) => bank.holds(*permission),
        Need::SignedIn | Need::Open => true,
    };
    let gets = stage.app.app.route_table().iter().filter(|(method, _, need)| *method == "GET" && may(need));
    let mut paths: Vec<String> = gets.map(|(_, pattern, _)| stage.path(pattern, &stage.own)).collect();
    let (code, name) = (&stage.own.code, &stage.own.name);
    for list in ["/orgs", "/api/v1/organisations", "/ledger", "/api/v1/facts"] {
        paths.push(format!("{list}?q={code}"));
        paths.push(format!("{list}?kind="));
    }
    paths.push(format!("/orgs?q={}", name.chars().last().unwrap()));
    paths
}

fn tells(stage: &Stage, answer: &Answer) -> bool {
    answer.body.contains(&stage.own.name)
        || REVENUE.1.iter().any(|shown| answer.body.contains(shown))
        // A search repeats what was typed into it.
        || answer.texts("td").iter().any(|cell| cell.contains(&stage.own.code))
}

async fn asked(client: &Client, stage: &Stage, besides: &[&str]) -> Vec<String> {
    let mut told = Vec::new();
    for path in paths(stage) {
        if besides.contains(&path.as_str()) {
            continue;
        }
        let answer = client.get(&path).await;
        assert!(answer.status.as_u16() < 500, "{}: {path}: {}", stage.store.on, answer.status);
        if tells(stage, &answer) {
            told.push(path);
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_live_consent_no_route_tells_a_bank_of_an_enterprise() {
    for stage in stages().await {
        let (on, none) = (stage.store.on, Vec::<String>::new());
        more_to_hide(&stage).await;
        let to = bank(&stage).await;
        let client = stage.client("reader").await;
        assert!(paths(&stage).len() > 20, "{on}: {} routes", paths(&stage).len());
        assert_eq!(asked(&client, &stage, &[]).await, none, "{on}: nothing was consented to");
        // From here on the list of received consents names whoever once gave one.
        let received = ["/consents/received"];
        let all = ["org.years", "diagnosis", "cloud"];
        given(&stage, to, 400, (0, 300), &all).await.unwrap();
        assert_eq!(asked(&client, &stage, &received).await, none, "{on}: the consent has expired");
        given(&stage, to, 0, (2, 30), &all).await.unwrap();
        assert_eq!(asked(&client, &stage, &received).await, none, "{on}: the consent has not begun");
        let id = given(&stage, to, 0, (0, 30), &all).await.unwrap();
        let open = asked(&client, &stage, &received).await;
        assert!(open.len() >= 12, "{on}: with a consent the routes do tell: {open:?}");
        stage.store.write(&giver(stage.own.org), async |tx| consent::revoke(tx, id, "贷款已还清").await).await.unwrap();
        assert_eq!(asked(&client, &stage, &received).await, none, "{on}: revoked, at once, in the same session");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_under_a_consent_is_what_was_consented_to_and_is_written_down() {
    for stage in stages().await {
        let on = stage.store.on;
        let hidden = more_to_hide(&stage).await;
        let to = bank(&stage).await;
        let id = given(&stage, to, 0, (0, 30), &["diagnosis"]).await.unwrap();
        let client = stage.client("reader").await;
        let query = Query { verb: Verb::CONSENT_READ.code.into(), limit: 1000, ..Query::default() };
        let entries = async || {
            audit::list(&stage.store.read().await.unwrap(), &kernel::access::Scope::All, &query).await.unwrap()
        };
        for path in paths(&stage) {
            let before = entries().await.len();
            let answer = client.get(&path).await;
            let is_own_list = path == "/consents/received";
            let noted = entries().await;
            assert!(
                !tells(&stage, &answer) || is_own_list || noted.len() > before,
                "{on}: {path} told and is not in the log"
            );
            assert!(noted.iter().all(|e| e.object_id == Some(id.0) && e.purpose == "申请流动资金贷款"), "{on}: {path}");
            for shown in REVENUE.1 {
                assert!(!answer.body.contains(shown), "{on}: {path} shows figures that were not consented to");
            }
            assert!(!answer.body.contains("上云台账"), "{on}: {path} shows facts that were not consented to");
        }
        for path in [format!("/facts/{hidden}"), format!("/api/v1/facts/{hidden}"), format!("/facts/{hidden}/proof")] {
            assert_eq!(client.get(&path).await.status, 404, "{on}: {path}");
        }
        // The enterprise sees it in its trail and at its consent; another one does not find the consent.
        let owner = stage.client("enterprise").await;
        assert!(owner.get("/trail").await.body.contains("凭授权查看"), "{on}");
        let page = owner.get(&format!("/consents/{id}")).await;
        assert!(page.body.contains("一企一档") && page.body.contains("金融机构"), "{on}: {}", page.body);
        let other = Owned { org: stage.foreign.org, ..stage.own.clone() };
        account(&stage.store, "other", &role("enterprise").unwrap(), &other).await;
        let other = stage.client("other").await;
        assert_eq!(other.get(&format!("/consents/{id}")).await.status, 404, "{on}");
        assert_eq!(other.post(&format!("/consents/{id}/revoke"), &[]).await.status, 404, "{on}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enterprise_consents_reads_the_text_and_takes_it_back() {
    for stage in stages().await {
        let on = stage.store.on;
        let to = bank(&stage).await;
        let (owner, reader) = (stage.client("enterprise").await, stage.client("reader").await);
        let form = owner.get("/consents/new").await;
        let (text, from, until) =
            (form.value_of("text").unwrap(), form.value_of("valid_from").unwrap(), form.value_of("valid_to").unwrap());
        let to = to.to_string();
        let typed = |purpose: &'static str, agreed: &'static str, until: &str| {
            [
                ("recipient", to.clone()),
                ("items", "diagnosis".to_owned()),
                ("purpose", purpose.to_owned()),
                ("valid_from", from.clone()),
                ("valid_to", until.to_owned()),
                ("text", text.clone()),
                ("agreed", agreed.to_owned()),
            ]
        };
        let send = async |fields: &[(&'static str, String)]| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            owner.post("/consents", &fields).await
        };
        for (fields, said) in [
            (typed("", "1", &until), "请写明用途"),
            (typed("贷款", "", &until), "请先阅读授权书"),
            (typed("贷款", "1", "2020-01-01"), "止日早于起日"),
            (typed("贷款", "1", "2999-01-01"), "最长 366 天"),
        ] {
            let refused = send(&fields).await;
            assert_eq!(refused.status, 422, "{on}: {said}");
            assert!(
                refused.body.contains(said) && refused.body.contains("diagnosis"),
                "{on}: {said}; what was typed stays"
            );
        }
        let given = send(&typed("贷款", "1", &until)).await;
        assert_eq!(given.status, 303, "{on}: {:?}", given.texts(".field-error"));
        let page = given.location.unwrap();
        assert!(reader.get("/consents/received").await.body.contains(&stage.own.name), "{on}");
        assert_eq!(reader.get(&format!("/orgs/{}", stage.own.org)).await.status, 200, "{on}");
        let revoke = format!("{page}/revoke");
        assert_eq!(owner.post(&revoke, &[("reason", "不贷了")]).await.status, 303, "{on}");
        assert_eq!(reader.get(&format!("/orgs/{}", stage.own.org)).await.status, 404, "{on}: at once");
        assert_eq!(owner.post(&revoke, &[("reason", "再撤")]).await.status, 409, "{on}: once");
        // Nobody rewrites, revives or deletes a consent, not even past the program.
        for sql in [
            "UPDATE consent SET revoked_at = NULL",
            "UPDATE consent SET valid_to = '2999-12-31'",
            "DELETE FROM consent",
        ] {
            let written = stage.store.upkeep("测试", async |tx| tx.run((sql, args![])).await).await;
            assert!(written.is_err(), "{on}: {sql}: {written:?}");
        }
    }
}
