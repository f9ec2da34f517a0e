//! People enter facts, targets and figures from outside, each within their own units.

use super::stage::{Stage, stages};
use testkit::{Answer, Client};

async fn code(stage: &Stage, at: usize) -> String {
    let read = stage.store.read().await.unwrap();
    kernel::org::find(&read, stage.orgs[at]).await.unwrap().code().to_owned()
}

fn paid(subject: &str) -> Vec<(&str, &str)> {
    let on = ("occurred_on", "2021-06-01");
    vec![
        ("kind", "sample.paid"),
        ("class", "a"),
        ("subject", subject),
        on,
        ("quantity", "1"),
        ("amount", "12.5"),
        ("title", "拨款通知"),
    ]
}

async fn post(client: &Client, path: &str, fields: &[(&str, &str)], more: &[(&str, &str)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().chain(more).copied().collect();
    client.post(path, &fields).await
}

#[tokio::test]
async fn a_county_officer_looks_at_a_fact_and_then_enters_it() {
    for stage in stages().await {
        let (east, subject, bank) = (stage.client("east").await, code(&stage, 0).await, code(&stage, 2).await);
        let before = east.get("/api/v1/indicators/sample.paid_a/figure").await.json()["exact"]["fen"].as_i64().unwrap();
        let chooser = east.get("/facts/new").await;
        assert!(chooser.attributes("select[name=kind] option", "value").contains(&"sample.paid".to_owned()));
        let form = east.get(&format!("/facts/new?kind=sample.paid&subject={subject}")).await;
        assert_eq!(form.value_of("subject"), Some(subject.clone()), "{}", stage.on);
        let more = [("counterparty", bank.as_str())];
        let look = post(&east, "/facts", &paid(&subject), &more).await;
        assert_eq!(look.status, 200, "{}: {}", stage.on, look.texts(".field-error").concat());
        let moved = look.texts("#preview li").concat();
        assert!(moved.contains("sample.paid_a") && moved.contains("sample.total"), "{}: {moved}", stage.on);
        let looked = east.get("/api/v1/indicators/sample.paid_a/figure").await.json()["exact"]["fen"].as_i64();
        assert_eq!(looked, Some(before), "{}: looking changes nothing", stage.on);

        let done = post(&east, "/facts", &paid(&subject), &[more[0], ("act", "save")]).await;
        assert_eq!(done.status, 303, "{}: {}", stage.on, done.body);
        let fact = east.get(&done.location.unwrap()).await;
        let words = fact.texts("main").concat();
        for said in
            ["125,000.00 元", "12.5 万元", "拨款通知", "样例企业0002有限公司", "sample.paid_a", "已登记到事实账"]
        {
            assert!(words.contains(said), "{}: {said} in {words}", stage.on);
        }
        let after = east.get("/api/v1/indicators/sample.paid_a/figure").await.json()["exact"]["fen"].as_i64();
        assert_eq!(after, Some(before + 12_500_000), "{}", stage.on);
    }
}

#[tokio::test]
async fn a_fact_of_another_unit_is_not_entered() {
    for stage in stages().await {
        let (east, foreign, own) = (stage.client("east").await, code(&stage, 1).await, code(&stage, 0).await);
        east.get("/facts/new").await;
        let refused = post(&east, "/facts", &paid(&foreign), &[("act", "save")]).await;
        assert_eq!(refused.status, 422, "{}", stage.on);
        assert!(refused.texts(".field-error").concat().contains("没有找到"), "{}: as if it did not exist", stage.on);
        // It is ours today, but it was not on the day.
        let moved = stage.orgs[0];
        let from = testkit::sample::day(2020, 1, 1);
        stage.act(async |tx| kernel::org::assert(tx, moved, "unit", "2", from, None, "迁入前").await.map(drop)).await;
        let from = testkit::sample::day(2021, 7, 1);
        stage.act(async |tx| kernel::org::assert(tx, moved, "unit", "1", from, None, "迁入").await.map(drop)).await;
        let refused = post(&east, "/facts", &paid(&own), &[("act", "save")]).await;
        assert_eq!(refused.status, 422, "{}", stage.on);
        assert!(refused.texts(".field-error").concat().contains("不属于您的填报单元"), "{}", stage.on);
        for login in ["firm", "auditor"] {
            let client = stage.client(login).await;
            assert_eq!(client.get("/facts/new").await.status, 403, "{} {login}", stage.on);
            assert_eq!(post(&client, "/facts", &paid(&own), &[("act", "save")]).await.status, 403, "{}", stage.on);
            assert!(client.get("/ledger").await.attributes("a[href='/facts/new']", "href").is_empty(), "{login}");
        }
    }
}

#[tokio::test]
async fn a_name_that_several_have_is_chosen_from_and_faults_keep_what_was_typed() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        officer.get("/facts/new").await;
        let several = post(&officer, "/facts", &paid("样例企业000"), &[]).await;
        let choices = several.attributes("button[name=subject_pick]", "value");
        assert!(several.status == 422 && choices.len() > 1, "{}: {choices:?}", stage.on);
        let chosen =
            post(&officer, "/facts", &paid("样例企业000"), &[("subject_pick", &choices[0]), ("act", "save")]).await;
        assert_eq!(
            (chosen.status.as_u16(), chosen.value_of("subject").as_ref()),
            (200, Some(&choices[0])),
            "{}",
            stage.on
        );
        let wrong = [("kind", "sample.visited"), ("subject", "x"), ("occurred_on", "2999-01-01"), ("quantity", "0")];
        let refused = post(&officer, "/facts", &wrong, &[("title", "")]).await;
        assert_eq!(refused.status, 422, "{}", stage.on);
        assert_eq!(refused.texts(".field-error").len(), 3, "{}: {:?}", stage.on, refused.texts(".field-error"));
        assert_eq!(refused.value_of("occurred_on").as_deref(), Some("2999-01-01"), "{}", stage.on);
        let unknown = post(&officer, "/facts", &[("kind", "no.such")], &[]).await;
        assert_eq!(unknown.status, 404, "{}", stage.on);
    }
}

#[tokio::test]
async fn a_target_is_set_by_who_answers_for_the_unit() {
    for stage in stages().await {
        let (officer, east) = (stage.client("officer").await, stage.client("east").await);
        let path = "/indicators/sample.paid_all/targets";
        assert!(officer.get("/indicators/sample.paid_all").await.attributes("a", "href").contains(&path.to_owned()));
        officer.get(path).await;
        let typed = [("period", "2021"), ("unit", "0"), ("value", "1,200"), ("source", "文件二")];
        assert_eq!(officer.post(path, &typed).await.location.as_deref(), Some(path), "{}", stage.on);
        let board = officer.get("/indicators/sample.paid_all").await.texts(".headline .progress-text").concat();
        assert!(board.contains("目标 1,200 万元"), "{}: {board}", stage.on);

        let form = east.get(path).await;
        assert_eq!(form.attributes("select[name=unit] option", "value"), ["1"], "{}: only its own", stage.on);
        assert!(form.texts("tbody tr").is_empty(), "{}: the city's target is not its own", stage.on);
        for (unit, fault) in [("0", "全市目标由市局设定"), ("2", "只能设定本单元的目标")] {
            let typed = [("period", "2021"), ("unit", unit), ("value", "1"), ("source", "文件二")];
            let refused = east.post(path, &typed).await;
            assert_eq!(refused.status, 422, "{} {unit}", stage.on);
            assert!(refused.texts(".field-error").concat().contains(fault), "{} {unit}", stage.on);
        }
        let typed = [("period", "2021"), ("unit", "1"), ("value", "12.345678"), ("source", "文件三")];
        assert_eq!(east.post(path, &typed).await.status, 303, "{}", stage.on);
        let history = officer.get(path).await.texts("tbody td[data-label=目标]");
        assert_eq!(history, ["12.345678", "1,200"], "{}: newest first", stage.on);
        assert_eq!(officer.get("/indicators/sample.share/targets").await.status, 404, "{}: a ratio has none", stage.on);
        assert_eq!(stage.client("auditor").await.get(path).await.status, 403, "{}", stage.on);
    }
}

#[tokio::test]
async fn a_figure_from_outside_is_declared_with_source_and_person() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        let path = "/indicators/sample.declared/declared";
        officer.get(path).await;
        let refused = officer.post(path, &[("value", "3"), ("as_on", "2999-01-01")]).await;
        assert_eq!((refused.status.as_u16(), refused.texts(".field-error").len()), (422, 3), "{}", stage.on);
        let typed = [("value", "1,003"), ("as_on", "2021-07-01"), ("source", "通报二"), ("person", "某科")];
        assert_eq!(officer.post(path, &typed).await.location.as_deref(), Some(path), "{}", stage.on);
        assert_eq!(officer.get(path).await.texts("tbody .cell-title"), ["1,003", "4"], "{}", stage.on);
        let figure = officer.get("/api/v1/indicators/sample.declared/figure").await.json();
        assert_eq!(figure["value"], "1003", "{}", stage.on);
        assert_eq!(officer.get("/indicators/sample.visits/declared").await.status, 404, "{}", stage.on);
        assert_eq!(stage.client("east").await.get(path).await.status, 403, "{}: it is the whole city's", stage.on);
    }
}

#[tokio::test]
async fn the_same_fact_is_entered_twice_only_when_that_is_meant() {
    for stage in stages().await {
        let (east, subject) = (stage.client("east").await, code(&stage, 0).await);
        let rows = async || {
            east.get("/api/v1/facts?from=2021-06-01&to=2021-06-01").await.json()["items"].as_array().unwrap().len()
        };
        let before = rows().await;
        east.get("/facts/new?kind=sample.paid").await;
        let save = ("act", "save");
        let first = post(&east, "/facts", &paid(&subject), &[save]).await;
        assert_eq!(first.status, 303, "{}: {}", stage.on, first.body);
        let fact = first.location.unwrap();

        let look = post(&east, "/facts", &paid(&subject), &[]).await;
        assert_eq!(look.attributes("[role=alert] a", "href"), vec![fact.clone()], "{}: what stands is shown", stage.on);
        let blind = post(&east, "/facts", &paid(&subject), &[save]).await;
        assert_eq!(blind.status, 422, "{}", stage.on);
        assert!(blind.texts(".field-error").concat().contains("请勾选"), "{}", stage.on);
        assert_eq!(rows().await, before + 1, "{}", stage.on);
        // Another amount is another payment, and so is the same once somebody says so.
        let other: Vec<(&str, &str)> = paid(&subject).into_iter().filter(|(name, _)| *name != "amount").collect();
        assert_eq!(post(&east, "/facts", &other, &[("amount", "12.6"), save]).await.status, 303, "{}", stage.on);
        let meant = post(&east, "/facts", &paid(&subject), &[("again", "1"), save]).await;
        assert_eq!(meant.status, 303, "{}: {}", stage.on, meant.body);
        assert_eq!(rows().await, before + 3, "{}", stage.on);
        // What was taken back does not stand any more.
        let officer = stage.client("officer").await;
        for fact in [fact, meant.location.unwrap()] {
            officer.get(&fact).await;
            assert_eq!(
                officer.post(&format!("{fact}/reverse"), &[("reason", "重复")]).await.status,
                303,
                "{}",
                stage.on
            );
        }
        assert_eq!(post(&east, "/facts", &paid(&subject), &[save]).await.status, 303, "{}", stage.on);
    }
}
