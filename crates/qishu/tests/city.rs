//! The demonstration city on both databases: every figure of the seed comes out of records and opens them,
//! nobody sees rows beyond their scope, and every route keeps its need.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use kernel::access::{Scope, role};
use kernel::indicator::{DrillRows, Question, Within, drill, evaluate, recomputed, reconcile, reconcile_all};
use kernel::ledger::rebuild;
use kernel::publication;
use kernel::value::day::Day;
use testkit::{Client, TestApp, TestStore, stores};
use web::Need;

#[path = "city/changes.rs"]
mod changes;
#[path = "city/diagnosis.rs"]
mod diagnosis;
#[path = "city/doors.rs"]
mod doors;

const PASSWORD: &str = "huangshi-2021";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_city() {
    for store in stores(&qishu::city::modules()).await {
        qishu::demo::load(&store.store, &|_, _, _| {}).await.unwrap();
        figures_equal_the_seed(&store).await;
        rows_are_the_figure(&store).await;
        assert_eq!(rebuild::compare(&store).await.unwrap(), [], "{}: tallies equal a recount", store.on);
        rules_break_and_hold_as_stated(&store).await;
        the_reply_is_published(&store).await;
        let app = TestApp::new(&store, qishu::city::slices()).await;
        every_route_keeps_its_need(&app).await;
        the_api_describes_its_routes(&app);
        a_county_sees_only_its_own(&app, &store).await;
        a_merge_moves_no_foreign_facts(&app, &store).await;
        an_enterprise_sees_only_itself(&app, &store).await;
        changes::a_change_is_asked_for_mended_and_accepted(&app).await;
        diagnosis::an_order_is_confirmed_accepted_rated_and_settled(&app).await;
        doors::no_page_leads_to_a_shut_door(&app).await;
        a_fact_is_corrected(&app).await;
        a_correction_of_a_published_figure_is_seen_before_it_is_accepted(&app).await;
        the_published_figure_is_explained(&app, &store).await;
        the_reply_is_published_again(&app).await;
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
        ("institution", "jigou"),
        ("system_admin", "xitong"),
        ("security_admin", "anquan"),
        ("audit_admin", "sjgly"),
    ];
    let visitor = app.visitor();
    for (code, login) in logins {
        let role = role(code).unwrap();
        let client = sign_in(app, login).await;
        for (method, path, need) in app.app.route_table().to_vec() {
            let Need::May(permission) = need else { continue };
            // Nobody's account: what the system administrator is asked to do here would really be done.
            let id = if path.starts_with("/people/") { "999999" } else { "1" };
            let path = path.replace("{id}", id).replace("{position}", "1").replace("{code}", "diagnosis.completed");
            let path = path.replace("{seq}", "1").replace("{role}", "no_such_role");
            let (got, without) = if method == "GET" {
                (client.get(&path).await.status.as_u16(), visitor.get(&path).await.status.as_u16())
            } else {
                (client.post(&path, &[]).await.status.as_u16(), visitor.post(&path, &[]).await.status.as_u16())
            };
            assert_eq!(without, if path.starts_with("/api/") { 401 } else { 303 }, "{method} {path} by nobody");
            if role.holds(permission) {
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
    let page = officer.get(&path).await;
    let moved = page.texts(".moves .cell-title");
    assert!(moved.iter().any(|m| m.starts_with("A09")) && moved.iter().any(|m| m.starts_with("A10")), "{moved:?}");
    assert!(page.texts("form[data-confirm]").is_empty(), "what was published is not taken back by one person");
    assert!(page.attributes("#reverse ~ .panel a", "href").contains(&format!("{path}/amend")), "the way is offered");
    let alone = officer.post(&format!("{path}/reverse"), &[("reason", "验收未通过，登记有误")]).await;
    assert_eq!(alone.status.as_u16(), 409, "nor by asking past the page");
    assert!(alone.texts("[role=alert]").concat().contains("申请更正"), "{}", alone.body);
    assert_eq!(rows().await, before);
    let ask = [("reason", "验收未通过，登记有误"), ("reverse", "1")];
    officer.get(&format!("{path}/amend")).await;
    let look = officer.post(&format!("{path}/amend"), &ask).await;
    let seen = look.attributes("button[name=seen]", "value")[0].clone();
    let asked = officer.post(&format!("{path}/amend"), &[ask[0], ask[1], ("seen", &seen)]).await;
    assert_eq!(asked.status.as_u16(), 303, "{}", asked.body);
    let (leader, request) = (sign_in(app, "lingdao").await, asked.location.unwrap());
    let seen = leader.get(&request).await.value_of("seen").unwrap();
    let done = leader.post(&format!("{request}/accept"), &[("note", ""), ("seen", &seen)]).await;
    assert_eq!(done.status.as_u16(), 303, "{}", done.body);
    assert_eq!(rows().await, before - 1);
    let page = officer.get(&path).await;
    assert!(page.texts(".notice").concat().contains("本条是原事实 → 冲销"), "{:?}", page.texts(".notice"));
    let twice = officer.post(&format!("{path}/reverse"), &[("reason", "再冲一次")]).await;
    assert_eq!(twice.status.as_u16(), 409);
    let forged = officer.post(&format!("{path}/reverse"), &[("reason", "x"), ("csrf", "forged")]).await;
    assert_eq!(forged.status.as_u16(), 409, "a page's token is asked for");
}

/// Every rule of every module answers on any day; those the reply is known for break and hold as they should.
async fn rules_break_and_hold_as_stated(store: &TestStore) {
    let read = store.read().await.unwrap();
    let known = read.head().unwrap();
    for about in ["2020-12-31", "2021-03-31", "2021-06-30", "2021-08-11"] {
        let q = Question { about: about.parse().unwrap(), known, scope: &Scope::All };
        for outcome in reconcile_all(&read, &q).await.unwrap() {
            let context = format!("{}: {} on {about}: {}", store.on, outcome.rule.code, outcome.sides);
            assert_eq!(outcome.figures.len(), outcome.rule.check.indicators().len(), "{context}");
            assert!(!outcome.holds || outcome.excepted == 0, "{context}: what holds has no exceptions");
            assert!(outcome.holds || outcome.excepted > 0, "{context}: a break names its rows");
        }
    }
    let stated = [
        ("2021-08-11", "projects.types_add_up", "24 + 31 + 72 = 127 ≠ 129", 2),
        ("2021-08-11", "city.diagnoses_are_funded", "153 ≠ 111", 42),
        ("2021-08-11", "honours.benchmarks_once", "登记 5 次 = 5 家", 0),
        ("2021-08-11", "city.demonstrations_are_funded", "12 = 12", 0),
        ("2021-06-30", "guarantee.services_add_up", "13.76 + 0.43 + 15.78 = 29.97", 0),
        ("2021-06-30", "finance.amounts_fall", "14.7 ≥ 11.83 ≥ 8.83", 0),
        ("2021-06-30", "finance.firms_fall", "1040 ≥ 197 ≥ 127", 0),
    ];
    for (about, code, sides, excepted) in stated {
        let q = Question { about: about.parse().unwrap(), known, scope: &Scope::All };
        let outcome = reconcile(&read, read.catalog().rule(code).unwrap(), &q).await.unwrap();
        let found = (outcome.sides.as_str(), outcome.holds, outcome.exceptions.len());
        assert_eq!(found, (sides, excepted == 0, excepted), "{}: {code}", store.on);
    }
}

/// The city comes with its reply published: every figure comes out again, the two breaks stand as footnotes.
async fn the_reply_is_published(store: &TestStore) {
    let read = store.read().await.unwrap();
    let id = publication::ids(&read, &Scope::All).await.unwrap()[0];
    let published = publication::find(&read, &Scope::All, id).await.unwrap();
    assert_eq!(published.published_on.to_string(), "2021-08-11", "{}", store.on);
    let released: Vec<(&str, usize)> =
        published.notes.iter().filter(|n| n.release.is_some()).map(|n| (n.rule.as_str(), n.excepted)).collect();
    assert_eq!(released, [("projects.types_add_up", 2), ("city.diagnoses_are_funded", 42)], "{}", store.on);
    assert!(published.notes.iter().all(|n| n.holds != n.release.is_some()), "{}", store.on);
    let printed = |citation: &str| {
        let found = published.figures.iter().find(|f| f.citation == citation);
        found.map(|f| f.printed.clone())
    };
    assert_eq!(printed("X02"), None, "{}: what the letter does not cite is not published", store.on);
    assert!(published.figures.iter().any(|f| f.printed.starts_with("超过")), "{}: as the letter words it", store.on);
    let found = publication::rederive(&read, &published, read.head().unwrap()).await.unwrap();
    assert_eq!((found.alarms, found.drifts), (vec![], vec![]), "{}: nothing has changed yet", store.on);
}

async fn a_correction_of_a_published_figure_is_seen_before_it_is_accepted(app: &TestApp) {
    let officer = sign_in(app, "jingban").await;
    let rows = officer.get("/api/v1/facts?kind=finance.credit_granted&to=2021-06-30&limit=1").await.json();
    let position = rows["items"][0]["position"].as_i64().unwrap();
    let path = format!("/facts/{position}/amend");
    let form = officer.get(&path).await;
    let (code, on) = (form.value_of("code").unwrap(), form.value_of("on").unwrap());
    let fields = |reason: &'static str, seen: String| {
        [
            ("reason", reason.to_owned()),
            ("reverse", "1".to_owned()),
            ("replace", "1".to_owned()),
            ("code", code.clone()),
            ("on", on.clone()),
            ("quantity", "1".to_owned()),
            ("amount", "1元".to_owned()),
            ("seen", seen),
        ]
    };
    let send = async |reason, seen: &str| {
        let fields = fields(reason, seen.to_owned());
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        officer.post(&path, &fields).await
    };
    let half: Vec<(&str, &str)> = vec![("reason", "金额有误"), ("reverse", "1"), ("code", &code), ("amount", "2元")];
    let forgotten = officer.post(&path, &half).await;
    assert_eq!(forgotten.status.as_u16(), 422, "a changed amount without the tick is no plain reversal");
    assert!(forgotten.texts(".field-error").concat().contains("另记一条"));
    let faulty = send("", "").await;
    assert_eq!((faulty.status.as_u16(), faulty.texts(".field-error")), (422, vec!["请写明更正原因".to_owned()]));
    let shown = send("金额有误", "").await;
    let moved = shown.texts(".moves .cell-title");
    assert!(shown.status.as_u16() == 200 && moved.iter().any(|m| m.starts_with("C10")), "{moved:?}");
    let seen = shown.attributes("button[name=seen]", "value")[0].clone();
    let asked = send("金额有误", &seen).await;
    assert_eq!(asked.status.as_u16(), 303, "{}", asked.body);
    let request = asked.location.unwrap();
    assert_eq!(send("再来一份", &seen).await.status.as_u16(), 422, "one request at a time");
    assert!(officer.get(&request).await.texts("form[action$=accept]").is_empty(), "not one's own");
    assert_eq!(officer.post(&format!("{request}/refuse"), &[("note", "不妥")]).await.status.as_u16(), 409);
    let leader = sign_in(app, "lingdao").await;
    let page = leader.get(&request).await;
    let seen = page.value_of("seen").unwrap();
    let unseen = leader.post(&format!("{request}/accept"), &[("note", "")]).await;
    assert_eq!(unseen.status.as_u16(), 422, "what it moves is seen first");
    let done = leader.post(&format!("{request}/accept"), &[("note", ""), ("seen", &seen)]).await;
    assert_eq!(done.status.as_u16(), 303, "{}", done.body);
    old_and_new_fact_lead_to_each_other(&officer, position).await;
    let daye = sign_in(app, "daye").await;
    let foreign = officer.get("/api/v1/facts?unit=6&limit=1").await.json()["items"][0]["position"].clone();
    assert_eq!(daye.get(&format!("/facts/{foreign}/amend")).await.status.as_u16(), 404, "a foreign fact");
    a_county_learns_its_own_part_of_a_published_figure(&daye).await;
}

/// From the old fact to its reversal, to what was recorded instead, and back.
async fn old_and_new_fact_lead_to_each_other(officer: &Client, old: i64) {
    let links =
        async |fact: i64| officer.get(&format!("/facts/{fact}")).await.attributes(".notice a[href^='/facts/']", "href");
    let number = |href: &String| href.trim_start_matches("/facts/").parse::<i64>().unwrap();
    let from_old: Vec<i64> = links(old).await.iter().map(number).collect();
    let new = *from_old.iter().max().unwrap();
    let reversal = officer.get(&format!("/api/v1/facts/{old}")).await.json()["reversed_by"].as_i64().unwrap();
    assert!(from_old.contains(&reversal) && new != reversal, "{from_old:?}");
    for fact in [reversal, new] {
        let back: Vec<i64> = links(fact).await.iter().map(number).collect();
        assert!([old, reversal, new].iter().filter(|p| **p != fact).all(|p| back.contains(p)), "{fact}: {back:?}");
    }
    assert_eq!(officer.get(&format!("/api/v1/facts/{new}")).await.json()["amount_fen"], 100);
}

/// The published figures are the city's: a county sees which ones its fact is behind and what it adds, not how much
/// they are.
async fn a_county_learns_its_own_part_of_a_published_figure(daye: &Client) {
    let own = daye.get("/api/v1/facts?kind=finance.credit_granted&to=2021-06-30&limit=1").await.json();
    let position = own["items"][0]["position"].as_i64().unwrap();
    let page = daye.get(&format!("/facts/{position}")).await;
    let lines = page.texts(".moves tbody tr");
    assert!(lines.iter().any(|l| l.starts_with("C10")), "{lines:?}");
    assert!(page.texts(".moves td[data-label=发布时]").iter().all(|t| t == "全市数"), "{lines:?}");
    assert!(page.texts(".moves td[data-label=更正后]").iter().all(|t| t == "全市数"), "{lines:?}");
    assert!(page.texts(".moves td[data-label=变化]").iter().all(|t| !t.contains('→')), "{lines:?}");
    assert!(page.texts("form[data-confirm]").is_empty(), "the city's figure is not moved by one county officer");
    assert!(page.attributes("#reverse ~ .panel a", "href").contains(&format!("/facts/{position}/amend")));
}

/// A completed project was reversed above: the published 66 stays, and the page tells why it is 65 now.
async fn the_published_figure_is_explained(app: &TestApp, store: &TestStore) {
    let leader = sign_in(app, "lingdao").await;
    let page = leader.get("/publications/1").await;
    let lines: Vec<String> = page.texts(".readings tbody tr");
    let line = lines.iter().find(|l| l.contains("A09")).unwrap();
    assert!(line.ends_with("A09 66个 66 66 65 −1"), "{}: {line}", store.on);
    let verified = leader.post("/publications/1/verify", &[]).await;
    assert_eq!(verified.status.as_u16(), 303, "{}", store.on);
    let found = leader.get("/publications/1").await;
    assert!(found.texts(".notice-error").is_empty(), "{}: what was published comes out again", store.on);
    assert!(found.texts("#found ~ .table-list").concat().contains("冲销 −1"), "{}", store.on);
    let href = found.attributes("#found ~ .table-list .cell-title a", "href")[0].clone();
    let figure = leader.get(&href).await;
    assert_eq!(figure.status.as_u16(), 200);
    assert!(!figure.attributes("a[href^='/facts/']", "href").is_empty(), "{}: the rows open", store.on);
    let county = sign_in(app, "daye").await;
    assert_eq!(county.get("/publications/1").await.status.as_u16(), 403, "{}", store.on);
}

/// A break without a reason blocks; with one it is printed under the document.
async fn the_reply_is_published_again(app: &TestApp) {
    let officer = sign_in(app, "jingban").await;
    let form = officer.get("/reply/publish").await;
    let known = form.attributes("form[method=post] input[name=known]", "value")[0].clone();
    let rules = form.attributes("input[name=rule]", "value");
    assert_eq!(rules.len(), 2, "{rules:?}");
    let send = async |reasons: [&str; 2]| {
        let mut fields = vec![("known", known.as_str())];
        for (rule, reason) in rules.iter().zip(reasons) {
            fields.extend([("rule", rule.as_str()), ("reason", reason)]);
        }
        officer.post("/reply/publish", &fields).await
    };
    let blocked = send(["类型待核", " "]).await;
    assert_eq!(blocked.status.as_u16(), 422, "a break without a reason blocks");
    assert_eq!(blocked.texts(".field-error").len(), 1);
    let done = send(["类型待核", "下一批支持"]).await;
    assert_eq!(done.status.as_u16(), 303, "{}", done.body);
    let twice = send(["类型待核", "下一批支持"]).await;
    assert_eq!(twice.status.as_u16(), 422, "a second click publishes nothing");
    assert!(twice.texts("[role=alert]").concat().contains("发布过"), "{}", twice.body);
    let printed = officer.get(&format!("{}/print", done.location.unwrap())).await;
    let notes = printed.texts(".footnote").concat();
    assert!(notes.contains("127 ≠ 129") && notes.contains("类型待核") && notes.contains("清单（42）"), "{notes}");
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
