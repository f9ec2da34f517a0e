//! Cases through the router: lists with their filters, files and views; many at once; programs; search.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use kernel::access::{NewAccount, create_account};
use kernel::case;
use kernel::id::{BulkId, OrgId, UnitId};
use kernel::store::Store;
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp, TestStore, sample, stores};

const PASSWORD: &str = "a-password-for-tests";

struct Stage {
    on: &'static str,
    store: TestStore,
    app: TestApp,
    orgs: Vec<OrgId>,
}

impl Stage {
    async fn client(&self, login: &str) -> Client {
        self.app.signed_in(login, PASSWORD).await
    }

    fn store(&self) -> &Store {
        &self.store
    }

    /// A request of each firm for a change of its record.
    async fn requests(&self) -> Vec<i64> {
        let officer = self.client("other").await;
        let mut ids = Vec::new();
        for (i, org) in self.orgs.iter().enumerate() {
            let made = officer.tell("/api/v1/cases", &asked(*org, &format!("开发园{i}区"))).await;
            assert_eq!(made.status, 201, "{}: {}", self.on, made.body);
            ids.push(made.json()["id"].as_i64().unwrap());
        }
        ids
    }
}

fn asked(org: OrgId, park: &str) -> Value {
    let values = json!({"attribute": "park", "value": park, "valid_from": "2021-02-01", "source": "入园协议"});
    json!({"flow": "registry.change", "subject": org.0, "values": values})
}

async fn stages() -> Vec<Stage> {
    let slices = || [insight::slices(None), registry::slices()].concat();
    let modules: Vec<_> = slices().iter().map(|slice| slice.module).collect();
    let mut stages = Vec::new();
    for store in stores(&modules).await {
        let (orgs, _) = sample::city(&store, 6).await;
        let people = [
            ("officer", "bureau_officer", None, None),
            ("other", "bureau_officer", None, None),
            ("east", "county_officer", Some(UnitId(1)), None),
            ("firm", "enterprise", None, Some(orgs[1])),
        ];
        for (login, role, unit, org) in people {
            let new = NewAccount { login, name: login, role, password: PASSWORD, unit, org };
            store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
        }
        let app = TestApp::new(&store, slices()).await;
        stages.push(Stage { on: store.on, store, app, orgs });
    }
    stages
}

fn titles(page: &Answer) -> Vec<String> {
    page.texts("td.cell-title")
}

#[tokio::test]
async fn a_list_is_narrowed_kept_shared_and_taken_away_whole() {
    for stage in stages().await {
        stage.requests().await;
        let officer = stage.client("officer").await;
        let all = officer.get("/cases?flow=registry.change").await;
        assert_eq!(titles(&all).len(), 6, "{}", stage.on);
        let narrowed = "/cases?flow=registry.change&unit=1&sort=-due&show=state&show=value";
        let page = officer.get(narrowed).await;
        let east = titles(&page).len();
        assert!(east > 0 && east < 6 && page.texts("thead th").concat().contains("变更为"), "{}", stage.on);
        let kept =
            officer.post("/views", &[("list", "cases.registry.change"), ("name", "东区"), ("address", narrowed)]).await;
        assert_eq!((kept.status.as_u16(), kept.location.as_deref()), (303, Some(narrowed)), "{}", stage.on);
        let shown = officer.get("/cases").await;
        assert_eq!(shown.attributes(".list-views a", "href"), [narrowed], "{}", stage.on);
        let other = stage.client("other").await;
        assert!(other.get("/cases").await.texts(".list-views a").is_empty(), "a view is one's own");
        let delete = shown.attributes(".list-views form", "action").concat();
        assert_eq!(other.post(&delete, &[]).await.status, 404, "{}", stage.on);
        let away = officer.post("/views", &[("list", "x"), ("name", "坏"), ("address", "https://example.org")]).await;
        assert_eq!(away.status, 422);

        let (status, text) = officer.download("/cases.csv?flow=registry.change&unit=1&limit=1").await;
        let text = String::from_utf8(text).unwrap();
        assert_eq!(
            (status.as_u16(), text.lines().count()),
            (200, east + 1),
            "{}: all rows, not a page: {text}",
            stage.on
        );
        let (status, book) = officer.download("/cases.xlsx?flow=registry.change").await;
        assert!(status == 200 && book.starts_with(b"PK"), "{}", stage.on);
        let sql = "SELECT COUNT(*) AS n FROM audit WHERE verb = 'list.export'";
        assert_eq!(stage.store().read().await.unwrap().one(sql).await.unwrap().int("n").unwrap(), 2, "{}", stage.on);
        let county = stage.client("east").await;
        let own = county.get("/cases?flow=registry.change").await;
        assert_eq!(titles(&own).len(), east, "{}: the gate holds", stage.on);
        let (_, text) = county.download("/cases.csv?flow=registry.change").await;
        assert_eq!(String::from_utf8(text).unwrap().lines().count(), east + 1, "{}: in files too", stage.on);
        let foreign = county.get("/cases?flow=registry.change&unit=2").await;
        assert_eq!(foreign.status, 422, "{}: a unit of others is none to choose", stage.on);
        for wrong in ["sort=revision", "show=secret", "after=x", "state=gone"] {
            let page = officer.get(&format!("/cases?flow=registry.change&{wrong}")).await;
            assert_eq!((page.status.as_u16(), titles(&page).len()), (422, 0), "{} {wrong}", stage.on);
        }
        assert_eq!(stage.client("firm").await.get("/cases").await.status, 403, "{}", stage.on);
    }
}

#[tokio::test]
async fn many_are_looked_at_confirmed_and_answered_one_by_one() {
    for stage in stages().await {
        let ids = stage.requests().await;
        let officer = stage.client("officer").await;
        officer.get("/cases").await;
        // One of them was refused by somebody already.
        let path = format!("/api/v1/cases/{}/actions", ids[0]);
        let refused =
            officer.tell_with(&path, &[("If-Match", "\"1\"")], &json!({"action": "refuse", "note": "重复"})).await;
        assert_eq!(refused.status, 200, "{}", refused.body);
        let fields =
            [("flow", "registry.change"), ("query", "flow=registry.change"), ("which", "all"), ("action", "accept")];
        let looked = officer.post("/bulks", &fields).await;
        let bulk = looked.location.unwrap();
        let page = officer.get(&bulk).await;
        assert_eq!(page.texts(".stat-value").len(), 2, "{}: {}", stage.on, page.body);
        assert!(
            page.texts(".tabs a").concat().contains("可以办（5）")
                && page.texts(".tabs a").concat().contains("不能办（1）")
        );
        let other = stage.client("east").await;
        assert_eq!(other.get(&bulk).await.status, 404, "{}: somebody else's", stage.on);
        let started = officer.post(&format!("{bulk}/run"), &[("note", "集中审核")]).await;
        assert_eq!(started.status, 303, "{}", started.body);
        let id: BulkId = bulk.rsplit('/').next().unwrap().parse().unwrap();
        case::run(stage.store(), id).await.unwrap();
        let done = officer.get(&bulk).await;
        assert!(done.texts("[role=status]").concat().contains("办成 5 件，未办 1 件"), "{}", done.body);
        assert_eq!(done.texts("td.long").len(), 1, "{}: the reason", stage.on);
        let none = officer.post("/bulks", &[("flow", "registry.change"), ("which", "ids"), ("action", "accept")]).await;
        assert_eq!(none.status, 422, "{}: nothing chosen", stage.on);
        let unknown = officer
            .post(
                "/bulks",
                &[
                    ("flow", "registry.change"),
                    ("which", "codes"),
                    ("codes", "91420299NOSUCH0001"),
                    ("action", "accept"),
                ],
            )
            .await;
        assert_eq!(unknown.status, 422, "{}: codes of nobody", stage.on);
    }
}

#[tokio::test]
async fn a_program_opens_and_acts_once_and_is_told_who_was_first() {
    for stage in stages().await {
        let (firm, officer) = (stage.client("firm").await, stage.client("officer").await);
        let body = asked(stage.orgs[1], "开发园");
        let key = [("Idempotency-Key", "county-7")];
        let first = firm.tell_with("/api/v1/cases", &key, &body).await;
        assert_eq!(first.status, 201, "{}: {}", stage.on, first.body);
        let again = firm.tell_with("/api/v1/cases", &key, &body).await;
        assert_eq!(
            (again.status.as_u16(), again.json()["id"].clone()),
            (201, first.json()["id"].clone()),
            "{}",
            stage.on
        );
        let other = firm.tell_with("/api/v1/cases", &key, &asked(stage.orgs[1], "别的园")).await;
        assert_eq!((other.status.as_u16(), other.json()["code"].as_str()), (422, Some("key_used")), "{}", other.body);
        let theirs = officer.tell_with("/api/v1/cases", &key, &asked(stage.orgs[2], "开发园")).await;
        assert_eq!(theirs.status, 201, "{}: a key is one's own", stage.on);
        let doubled = firm.tell("/api/v1/cases", &body).await;
        assert_eq!(
            (doubled.status.as_u16(), doubled.json()["code"].as_str()),
            (409, Some("conflict")),
            "{}",
            doubled.body
        );
        let foreign = firm.tell("/api/v1/cases", &asked(stage.orgs[3], "园")).await;
        assert_eq!(foreign.status, 404, "{}: {}", stage.on, foreign.body);

        let path = format!("/api/v1/cases/{}", first.json()["id"]);
        let seen = officer.get(&path).await;
        assert_eq!(officer.headers(&path).await["etag"], "\"1\"", "{}", stage.on);
        let offered: Vec<&str> = seen.json()["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["code"].as_str().unwrap().to_owned().leak() as &str)
            .collect();
        assert_eq!(offered, ["accept", "return", "refuse"], "{}", seen.body);
        assert_eq!(
            stage.client("east").await.get(&path).await.status.as_u16(),
            if stage.in_east(1).await { 200 } else { 404 }
        );
        let act = format!("{path}/actions");
        let blind = officer.tell(&act, &json!({"action": "accept"})).await;
        assert_eq!((blind.status.as_u16(), blind.json()["code"].as_str()), (428, Some("precondition_required")));
        let silent = officer.tell_with(&act, &[("If-Match", "\"1\"")], &json!({"action": "return"})).await;
        assert_eq!((silent.status.as_u16(), silent.json()["errors"][0]["field"].as_str()), (422, Some("note")));
        let back =
            officer.tell_with(&act, &[("If-Match", "\"1\"")], &json!({"action": "return", "note": "缺协议"})).await;
        assert_eq!((back.status.as_u16(), back.json()["state"].as_str()), (200, Some("mending")), "{}", back.body);
        let late = stage.client("other").await;
        let late = late.tell_with(&act, &[("If-Match", "\"1\"")], &json!({"action": "accept"})).await;
        assert_eq!((late.status.as_u16(), late.json()["code"].as_str()), (412, Some("stale")), "{}", late.body);
        assert_eq!(late.json()["changed_by"].as_str(), Some("officer"));
        let impossible = officer.tell_with(&act, &[("If-Match", "\"2\"")], &json!({"action": "accept"})).await;
        assert_eq!((impossible.status.as_u16(), impossible.json()["code"].as_str()), (409, Some("conflict")));
        let said = firm.tell(&format!("{path}/comments"), &json!({"text": "协议已补"})).await;
        assert_eq!((said.status.as_u16(), said.json()["comments"][0]["text"].as_str()), (201, Some("协议已补")));
        let list = officer.get("/api/v1/cases?flow=registry.change&state=mending").await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        let own = firm.get("/api/v1/cases").await.json();
        assert_eq!(own["items"].as_array().unwrap().len(), 1, "{}: its own, not that of others: {own}", stage.on);
    }
}

impl Stage {
    async fn in_east(&self, at: usize) -> bool {
        let sql = "SELECT unit_id FROM organisation WHERE id = $1";
        let row = self.store().read().await.unwrap().one((sql, kernel::args![self.orgs[at]])).await.unwrap();
        row.get::<i64>("unit_id").unwrap() == 1
    }
}

#[tokio::test]
async fn of_two_who_send_one_key_at_once_both_are_answered_and_one_case_is_opened() {
    for stage in stages().await {
        let body = asked(stage.orgs[1], "开发园");
        let firm = stage.client("firm").await;
        let sends = (0..6).map(|_| {
            let (firm, body) = (firm.clone(), body.clone());
            async move { firm.tell_with("/api/v1/cases", &[("Idempotency-Key", "k")], &body).await.status.as_u16() }
        });
        let tasks: Vec<_> = sends.map(tokio::spawn).collect();
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        assert!(statuses.iter().all(|status| *status == 201), "{}: {statuses:?}", stage.on);
        let n = stage.store().read().await.unwrap().one("SELECT COUNT(*) AS n FROM case_file").await.unwrap();
        assert_eq!(n.int("n").unwrap(), 1, "{}", stage.on);
    }
}

#[tokio::test]
async fn search_finds_at_once_what_one_may_see_and_nothing_else() {
    for stage in stages().await {
        stage.requests().await;
        let officer = stage.client("officer").await;
        let page = officer.get("/search?q=%E5%BC%80%E5%8F%91%E5%9B%AD").await;
        assert_eq!(page.texts(".found li").len(), 6, "{}: {}", stage.on, page.body);
        let name = page.texts(".found a").concat();
        assert!(name.contains("档案变更申请"), "{}", stage.on);
        let firm = stage.client("firm").await.get("/search?q=%E5%BC%80%E5%8F%91%E5%9B%AD").await;
        assert_eq!(firm.texts(".found li").len(), 1, "{}: its own", stage.on);
        let long = "%E6%9F%A5".repeat(3000);
        for typed in ["a", long.as_str()] {
            let page = officer.get(&format!("/search?q={typed}")).await;
            assert_eq!((page.status.as_u16(), page.texts(".field-error").len()), (422, 1), "{}", stage.on);
        }
        assert_eq!(officer.get("/search?q=%22%27--%3B%2A%29").await.status, 200, "{}", stage.on);
    }
}

#[tokio::test]
async fn how_pages_look_goes_with_the_person() {
    for stage in stages().await {
        let firm = stage.client("firm").await;
        let desk = firm.get("/desk").await;
        assert_eq!(desk.texts(".first-steps li").len(), 3, "{}: the first steps of a firm", stage.on);
        let kept = firm
            .post("/display", &[("contrast", "high"), ("type", "large"), ("steps", "done"), ("back", "/desk")])
            .await;
        assert_eq!(kept.location.as_deref(), Some("/desk"), "{}", stage.on);
        let elsewhere = stage.client("firm").await.get("/desk").await;
        assert_eq!(elsewhere.attributes("html", "class"), ["contrast-high type-large steps-done"], "{}", stage.on);
        assert!(elsewhere.texts(".first-steps li").is_empty());
        assert!(
            stage.client("officer").await.get("/desk").await.attributes("html", "class").is_empty(),
            "nobody else's"
        );
        firm.get("/desk").await;
        let wrong = firm.post("/display", &[("contrast", "loud")]).await;
        assert_eq!(wrong.status, 422);
        let away = firm.post("/display", &[("contrast", ""), ("back", "//example.org")]).await;
        assert_eq!(away.location.as_deref(), Some("/"), "{}", stage.on);
    }
}
