//! The demonstration city on both databases: every figure of the seed comes out of records and opens them,
//! nobody sees rows beyond their scope, and every route keeps its need.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use kernel::access::{ROLES, Scope};
use kernel::indicator::{DrillRows, Question, Within, drill, evaluate, recomputed};
use kernel::ledger::rebuild;
use kernel::value::day::Day;
use testkit::{Client, TestApp, TestStore, stores};
use web::Need;

const PASSWORD: &str = "huangshi-2021";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_city() {
    for store in stores(&qishu::city::modules()).await {
        qishu::demo::load(&store.store, &|_, _, _| {}).await.unwrap();
        figures_equal_the_seed(&store).await;
        rows_are_the_figure(&store).await;
        assert_eq!(rebuild::compare(&store).await.unwrap(), [], "{}: tallies equal a recount", store.on);
        let app = TestApp::new(&store, qishu::city::slices()).await;
        every_route_keeps_its_need(&app).await;
        the_api_describes_its_routes(&app);
        a_county_sees_only_its_own(&app, &store).await;
        a_merge_moves_no_foreign_facts(&app, &store).await;
        an_enterprise_sees_only_itself(&app, &store).await;
        a_fact_is_corrected(&app).await;
        odd_input_is_refused_and_the_process_lives(&app).await;
        let again = qishu::demo::load(&store.store, &|_, _, _| {}).await;
        assert!(matches!(again, Err(kernel::Error::Conflict(_))), "{}: a full store is not loaded over", store.on);
    }
}

/// `huangshi-2021.tsv` holds id, value, unit and time of every statistic of the real reply.
async fn figures_equal_the_seed(store: &TestStore) {
    let figures = qishu::figures::all(&store.read().await.unwrap()).await.unwrap();
    let mut expected = include_str!("huangshi-2021.tsv").lines().skip(1).map(|l| l.split('\t').collect::<Vec<_>>());
    for figure in &figures {
        let row = expected.next().unwrap();
        assert_eq!([figure.id.as_str(), &figure.value, &figure.unit, &figure.seed_as_of], row[..], "{}", store.on);
        assert!(figure.rows > 0, "{}: {} has rows behind it", store.on, figure.id);
    }
    assert_eq!(expected.next(), None, "every statistic of the seed is computed");
}

/// For every indicator: what is kept equals the facts, and the list has as many rows as the figure says.
async fn rows_are_the_figure(store: &TestStore) {
    let read = store.read().await.unwrap();
    let scope = Scope::All;
    for about in ["2020-12-31", "2021-03-31", "2021-06-30", "2021-08-11"] {
        let about: Day = about.parse().unwrap();
        let q = Question { about, known: read.head().unwrap(), scope: &scope };
        for figure in evaluate(&read, read.catalog().indicators(), &q).await.unwrap() {
            let code = figure.indicator.code;
            if figure.indicator.select().is_some() {
                let again = recomputed(&read, figure.indicator, &q).await.unwrap();
                assert_eq!(figure.number, again, "{}: {code} on {about}", store.on);
            }
            let page = drill(&read, figure.indicator, &q, &Within::default(), None, 10_000).await.unwrap();
            if !matches!(page.rows, DrillRows::Parts(_)) && figure.rows > 0 {
                assert_eq!(page.rows.len() as i64, figure.rows, "{}: {code} on {about}", store.on);
            }
        }
    }
}

async fn sign_in(app: &TestApp, login: &str) -> Client {
    app.signed_in(login, PASSWORD).await
}

/// Every GET route: a visitor is sent to sign in, a role without the permission is refused.
async fn every_route_keeps_its_need(app: &TestApp) {
    let logins = [
        ("bureau_leader", "lingdao"),
        ("bureau_officer", "jingban"),
        ("county_officer", "daye"),
        ("enterprise", "qiye"),
        ("bank", "yinhang"),
        ("auditor", "shenji"),
    ];
    assert_eq!(logins.len(), ROLES.len(), "a demonstration account for every role");
    let visitor = app.visitor();
    for (code, login) in logins {
        let role = ROLES.iter().find(|r| r.code == code).unwrap();
        let client = sign_in(app, login).await;
        for (method, path, need) in app.app.route_table().to_vec() {
            let Need::May(permission) = need else { continue };
            let path = path.replace("{id}", "1").replace("{position}", "1").replace("{code}", "diagnosis.completed");
            let (got, without) = if method == "GET" {
                (client.get(&path).await.status.as_u16(), visitor.get(&path).await.status.as_u16())
            } else {
                (client.post(&path, &[]).await.status.as_u16(), visitor.post(&path, &[]).await.status.as_u16())
            };
            assert_eq!(without, if path.starts_with("/api/") { 401 } else { 303 }, "{method} {path} by nobody");
            if role.grants.iter().any(|(p, _)| *p == permission.0) {
                assert!(got != 403 && got < 500, "{method} {path} by {code}: {got}");
            } else {
                assert_eq!(got, 403, "{method} {path} by {code}");
            }
        }
    }
}

fn the_api_describes_its_routes(app: &TestApp) {
    let described: Vec<&str> = app.app.openapi().paths.paths.keys().map(String::as_str).collect();
    let mut routed: Vec<&str> =
        app.app.route_table().iter().map(|r| r.1).filter(|p| p.starts_with("/api/v1")).collect();
    routed.sort_unstable();
    routed.dedup();
    assert_eq!(described, routed);
}

/// An organisation of another unit, with facts, that must not leak.
async fn foreign_org(store: &TestStore) -> (i64, String, i64) {
    let row = store
        .read()
        .await
        .unwrap()
        .one("SELECT o.id, o.name, f.position FROM fact f JOIN organisation o ON o.id = f.subject_id WHERE f.unit_id = 6 AND o.unit_id = 6 ORDER BY f.position LIMIT 1")
        .await
        .unwrap();
    (row.get("id").unwrap(), row.get("name").unwrap(), row.get("position").unwrap())
}

async fn a_county_sees_only_its_own(app: &TestApp, store: &TestStore) {
    let daye = sign_in(app, "daye").await;
    let (id, name, position) = foreign_org(store).await;
    let api = format!("/api/v1/organisations/{id}");
    for path in [format!("/orgs/{id}"), format!("/orgs/{id}/edit"), format!("/facts/{position}"), api] {
        assert_eq!(daye.get(&path).await.status.as_u16(), 404, "{}: {path}", store.on);
    }
    daye.get("/orgs").await;
    let reversed = daye.post(&format!("/facts/{position}/reverse"), &[("reason", "越权")]).await;
    assert_eq!(reversed.status.as_u16(), 404, "{}: a foreign fact is not corrected", store.on);
    for path in [
        format!("/orgs?q={}", "%E6%A0%B7%E4%BE%8B"),
        "/ledger".into(),
        "/ledger?unit=6".into(),
        "/board?unit=6".into(),
        "/api/v1/facts?unit=6".into(),
        "/indicators/cloud.firms/rows?unit=6".into(),
        "/indicators/cloud.firms/rows.csv".into(),
        format!("/indicators/cloud.firms/rows?counterparty={id}"),
        format!("/indicators/cloud.firms?org={}", "%E6%A0%B7%E4%BE%8B"),
    ] {
        let answer = daye.get(&path).await;
        // Asking for a foreign unit outright may be refused; anything else is answered, without foreign rows.
        let refused = path.contains("unit=6") && answer.status.as_u16() == 422;
        assert!(refused || answer.status.as_u16() == 200, "{}: {path} {}", store.on, answer.status);
        assert!(!answer.body.contains(&name), "{}: {path} leaks {name}", store.on);
    }
    let csv = daye.get("/indicators/cloud.firms/rows.csv").await.body;
    let own = store.read().await.unwrap().one("SELECT COUNT(DISTINCT subject_id) AS n FROM fact f JOIN fact_kind k ON k.id = f.kind WHERE k.code = 'cloud.adopted' AND f.unit_id = 1").await.unwrap();
    let rows = csv.lines().filter(|l| l.contains("大冶市")).count() as i64;
    assert!(rows > 0 && rows <= own.int("n").unwrap(), "{}: the own rows are there", store.on);
}

/// An officer may not move facts of another county by merging a body that has moved between the two.
async fn a_merge_moves_no_foreign_facts(app: &TestApp, store: &TestStore) {
    let sql = "SELECT o.id FROM organisation o WHERE o.unit_id = 6 AND o.merged_into IS NULL AND EXISTS \
               (SELECT 1 FROM fact f WHERE f.subject_id = o.id AND f.unit_id = 5 AND f.reverses IS NULL) ORDER BY o.id LIMIT 1";
    let read = store.read().await.unwrap();
    let moved: i64 = read.one(sql).await.unwrap().get("id").unwrap();
    let other = "SELECT o.credit_code AS code FROM organisation o WHERE o.unit_id = 6 AND o.merged_into IS NULL AND o.id <> $1 AND o.credit_code IS NOT NULL ORDER BY o.id LIMIT 1";
    let into: String = read.one((other, kernel::args![moved])).await.unwrap().get("code").unwrap();
    drop(read);
    let kaifaqu = sign_in(app, "kaifaqu").await;
    kaifaqu.get("/orgs").await;
    let path = format!("/orgs/{moved}/merge");
    let answer = kaifaqu.post(&path, &[("into", into.as_str()), ("reason", "重复登记")]).await;
    assert_eq!(answer.status.as_u16(), 422, "{}: {}", store.on, answer.body.len());
    assert!(answer.body.contains("请报市局办理"), "{}: says whom to ask", store.on);
}

async fn an_enterprise_sees_only_itself(app: &TestApp, store: &TestStore) {
    let qiye = sign_in(app, "qiye").await;
    let home = qiye.get("/").await;
    let own = home.location.unwrap();
    let dossier = qiye.get(&own).await;
    assert_eq!(dossier.status.as_u16(), 200);
    let (id, name, _) = foreign_org(store).await;
    if own != format!("/orgs/{id}") {
        assert_eq!(qiye.get(&format!("/orgs/{id}")).await.status.as_u16(), 404);
        assert!(!qiye.get("/ledger").await.body.contains(&name), "{}: the ledger shows own facts only", store.on);
    }
    assert_eq!(qiye.get("/orgs").await.texts("tbody tr").len(), 1, "{}: one organisation", store.on);
}

async fn a_fact_is_corrected(app: &TestApp) {
    let officer = sign_in(app, "jingban").await;
    let rows =
        async || officer.get("/api/v1/indicators/projects.completed/figure").await.json()["rows"].as_i64().unwrap();
    let before = rows().await;
    let list = officer.get("/api/v1/indicators/projects.completed/rows").await.json();
    let position = list["items"][0]["position"].as_i64().or(list["items"][0]["fact"]["position"].as_i64()).unwrap();
    let path = format!("/facts/{position}");
    officer.get(&path).await;
    let refused = officer.post(&format!("{path}/reverse"), &[("reason", " ")]).await;
    assert_eq!(refused.status.as_u16(), 422, "a reason is asked for");
    let done = officer.post(&format!("{path}/reverse"), &[("reason", "验收未通过，登记有误")]).await;
    assert_eq!(done.status.as_u16(), 303, "{}", done.body);
    assert_eq!(rows().await, before - 1);
    officer.get(&path).await;
    let twice = officer.post(&format!("{path}/reverse"), &[("reason", "再冲一次")]).await;
    assert_eq!(twice.status.as_u16(), 409);
    let forged = officer.post(&format!("{path}/reverse"), &[("reason", "x"), ("csrf", "forged")]).await;
    assert_eq!(forged.status.as_u16(), 409, "a page's token is asked for");
}

async fn odd_input_is_refused_and_the_process_lives(app: &TestApp) {
    let officer = sign_in(app, "jingban").await;
    let long = "企".repeat(5_000);
    for path in [
        "/orgs/abc",
        "/orgs/-1",
        "/orgs/99999999999999999999",
        "/facts/0",
        "/records/x",
        "/indicators/no.such",
        "/board?about=abc",
        "/board?known=xyz",
        "/board?known=-1",
        "/ledger?before=abc",
        "/ledger?kind=no.such",
        "/orgs?unit=x&after=y",
        "/orgs?q=%22%27--%3B%2A%29",
        "/orgs?q=%F0%A0%AE%B7",
        "/orgs?q=%00",
        "/indicators/cloud.firms/rows?month=999999",
        "/indicators/cloud.firms?by=unit&by=unit",
        "/indicators/cloud.firms/rows?after=garbage",
        "/indicators/cloud.firms/rows?by-unit=1%20OR%201=1",
        "/api/v1/facts?limit=1000000",
        "/api/v1/indicators/cloud.firms/figure?about=2999-01-01",
        "/no/such/page",
        &format!("/orgs?q={}", serde_html_form::to_string([("q", long.as_str())]).unwrap().trim_start_matches("q=")),
    ] {
        let answer = officer.get(path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
        assert!(!answer.body.contains("SELECT"), "{path} shows no SQL");
    }
    officer.get("/orgs/1/edit?attribute=name").await;
    let nul = officer.post("/orgs/1/attributes", &[("attribute", "name"), ("source", "a\0b")]).await;
    assert_eq!(nul.status.as_u16(), 422, "a NUL is refused on both databases");
    assert!(officer.get("/orgs?status=a%00b").await.status.as_u16() == 422);
    assert_eq!(app.visitor().get("/healthz").await.body, "ok");
    assert_eq!(app.visitor().get("/readyz").await.body, "ready");
    let wrong = app.visitor().post("/sign-in", &[("login", "jingban"), ("password", "wrong")]).await;
    let nobody = app.visitor().post("/sign-in", &[("login", "nobody"), ("password", "wrong")]).await;
    assert_eq!((wrong.status, nobody.status), (nobody.status, wrong.status));
    assert_eq!(wrong.texts("[role=alert]"), nobody.texts("[role=alert]"), "the two errors look the same");
}
