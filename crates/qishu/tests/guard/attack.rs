//! What attackers send: it is refused or kept as text, nothing leaks, and the process lives.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use kernel::access::Scope;
use kernel::args;
use kernel::audit::{self, Query};
use testkit::{Client, Form};
use tower::ServiceExt;
use web::Edges;

use super::stage::{PASSWORD, Stage, stages};

/// What is typed into every field.
const TYPED: [&str; 12] = [
    "'; DROP TABLE fact; --",
    "1 OR 1=1",
    "\" UNION SELECT password_hash FROM account --",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{7*7}}${7*7}",
    "\u{1}\u{8}\u{1b}[31m",
    "\u{0}",
    "𠮷野家😀\u{202e}",
    "../../etc/passwd",
    "99999999999999999999999999",
    "%00%0d%0aSet-Cookie: x=y",
];

/// Pages with forms, for an officer.
fn pages(stage: &Stage) -> Vec<String> {
    let own = |pattern: &str| stage.path(pattern, &stage.own);
    let mut pages: Vec<String> = [
        "/orgs",
        "/orgs/mismatches",
        "/orgs/new",
        "/ledger",
        "/facts/new",
        "/imports",
        "/indicators",
        "/board",
        "/amendments",
        "/publications",
        "/reply/publish",
        "/projects",
        "/projects/changes",
        "/projects/workbook",
        "/guarantee",
        "/guarantee/limits",
        "/guarantee/bulletin",
    ]
    .map(str::to_owned)
    .to_vec();
    pages.extend(
        [
            "/orgs/{id}",
            "/orgs/{id}/edit",
            "/orgs/{id}/merge",
            "/facts/{position}",
            "/facts/{position}/amend",
            "/amendments/{id}",
            "/imports/{id}",
            "/indicators/{code}",
            "/indicators/{code}/targets",
            "/indicators/{code}/rows",
            "/publications/{id}",
            "/projects/{id}/report",
        ]
        .map(own),
    );
    pages
}

async fn submit(client: &Client, form: &Form, field: &str, typed: &str) -> (StatusCode, String) {
    let fields: Vec<(&str, &str)> =
        form.fields.iter().map(|(n, v)| (n.as_str(), if n == field { typed } else { v.as_str() })).collect();
    let answer = if form.is_post {
        client.post(&form.action, &fields).await
    } else {
        let query: String = fields.iter().map(|(n, v)| format!("{n}={}&", encoded(v))).collect();
        client.get(&format!("{}?{query}", form.action)).await
    };
    (answer.status, answer.body)
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_typed_into_any_field_is_text_or_refused() {
    for stage in stages().await {
        let mut fields = 0;
        for login in ["bureau_officer", "audit_admin", "guarantor"] {
            let client = stage.client(login).await;
            let mut pages = pages(&stage);
            if login == "audit_admin" {
                pages = vec!["/audit".to_owned()];
            }
            if login == "guarantor" {
                pages = vec![stage.path("/guarantee/contracts/{id}", &stage.own)];
                pages.extend(["startup", "bridge"].map(|ledger| format!("/guarantee/contracts/new?ledger={ledger}")));
            }
            for page in pages {
                let opened = client.get(&page).await;
                for form in opened.forms().into_iter().filter(|f| !matches!(f.action.as_str(), "" | "/sign-out")) {
                    for (field, typed) in form.texts.iter().flat_map(|f| TYPED.map(|t| (f, t))) {
                        fields += 1;
                        let (status, body) = submit(&client, &form, field, typed).await;
                        let at = format!("{}: {page}: {} {field} = {typed:?}", stage.store.on, form.action);
                        assert!(status.as_u16() < 500, "{at}: {status}");
                        for raw in ["<script>alert(1)", "<img src=x", "argon2id"] {
                            assert!(!body.contains(raw), "{at} comes back as it is");
                        }
                    }
                }
            }
        }
        assert!(fields > 300, "{}: {fields} fields were tried", stage.store.on);
        let read = stage.store.read().await.unwrap();
        assert!(read.one("SELECT COUNT(*) AS n FROM fact").await.unwrap().int("n").unwrap() >= 2, "{}", stage.store.on);
        drop(read);
        assert_eq!(stage.app.visitor().get("/readyz").await.status, 200, "{}: the process lives", stage.store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_addresses_find_nothing_and_break_nothing() {
    for stage in stages().await {
        let client = stage.client("bureau_officer").await;
        for path in [
            "/static/../../../etc/passwd",
            "/static/%2e%2e/%2e%2e/etc/passwd",
            "/orgs/..%2f..%2fetc%2fpasswd",
            "/orgs/%00",
            "/orgs/%ff%fe",
            "/orgs/-1",
            "/orgs/9223372036854775808",
            "/orgs/1%20OR%201=1",
            "/facts/1;DROP",
            "/audit/'",
            "/ledger?before=x&unit=%27",
            "/ledger?kind=%27%20OR%201=1",
            "/indicators/..%2f/rows.csv",
            "//evil.example/x",
            "/orgs?after=%ff",
        ] {
            let answer = client.get(path).await;
            assert!(answer.status.as_u16() < 500, "{}: {path}: {}", stage.store.on, answer.status);
            assert!(!answer.body.contains("root:"), "{}: {path}", stage.store.on);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_or_replayed_form_changes_nothing() {
    for stage in stages().await {
        let on = stage.store.on;
        let client = stage.client("bureau_officer").await;
        let fact = format!("/facts/{}", stage.own.fact);
        client.get(&fact).await;
        let reverse = format!("{fact}/reverse");
        let forged = client.post(&reverse, &[("reason", "伪造"), ("csrf", "guessed")]).await;
        assert!(forged.status.is_client_error(), "{on}: a guessed token: {}", forged.status);
        // Another person's token is none.
        let other = stage.client("bureau_leader").await;
        let token = other.get("/orgs").await.value_of("csrf").unwrap();
        let stolen = client.post(&reverse, &[("reason", "伪造"), ("csrf", &token)]).await;
        assert!(stolen.status.is_client_error(), "{on}: somebody else's token: {}", stolen.status);
        let router = stage.at_edges(Edges::default()).await;
        let foreign = Request::post(&*reverse)
            .header("sec-fetch-site", "cross-site")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("reason=x"))
            .unwrap();
        assert_eq!(router.oneshot(foreign).await.unwrap().status(), 403, "{on}: from another site");
        let read = stage.store.read().await.unwrap();
        let reversals = read.one("SELECT COUNT(*) AS n FROM fact WHERE reverses IS NOT NULL").await.unwrap();
        assert_eq!(reversals.int("n").unwrap(), 0, "{on}: nothing was done");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_of_an_account_without_a_seat_or_out_of_use_opens_nothing() {
    for stage in stages().await {
        let client = stage.client("bureau_officer").await;
        assert_eq!(client.get("/orgs").await.status, 200);
        let held = "(SELECT id FROM account WHERE login = 'bureau_officer')";
        let set = async |what: &str| {
            let sql = (what, args![chrono::Utc::now()]);
            stage.store.upkeep("测试", async |tx| tx.run(sql).await).await.unwrap();
        };
        set(&format!("UPDATE membership SET ended_at = $1, ended_by = '测试' WHERE account_id IN {held}")).await;
        let answer = client.get("/orgs").await;
        assert_ne!(answer.status, 200, "{}: no seat is left", stage.store.on);
        assert!(!answer.body.contains("秘密企业"), "{}", stage.store.on);
        set(&format!("UPDATE account SET disabled_at = $1 WHERE id IN {held}")).await;
        assert_eq!(client.get("/orgs").await.status, 303, "{}: nobody is signed in", stage.store.on);
        assert_eq!(client.get("/api/v1/organisations").await.status, 401, "{}", stage.store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_wrong_passwords_are_hardly_looked_at() {
    let stage = stages().await.remove(0);
    let router = stage.at_edges(Edges { sign_ins: 9, ..Edges::default() }).await;
    let mut refused = 0;
    for n in 0..10_000 {
        let request = Request::post("/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(format!("login=enterprise&password=wrong-password-{n}")))
            .unwrap();
        let status = router.clone().oneshot(request).await.unwrap().status();
        assert!(matches!(status.as_u16(), 422 | 429), "{status}");
        refused += u32::from(status == 429);
    }
    assert!(refused > 9_900, "{}: {refused} were turned away unread", stage.store.on);
    let query = Query { verb: "account.sign_in_failed".into(), limit: 200, ..Query::default() };
    let noted = audit::list(&stage.store.read().await.unwrap(), &Scope::All, &query).await.unwrap();
    assert_eq!(noted.len() as u32, 10_000 - refused, "{}: those looked at are in the log", stage.store.on);
    assert_eq!(stage.app.visitor().get("/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_login_and_a_wrong_password_look_alike() {
    for stage in stages().await {
        let visitor = stage.app.visitor();
        let mut said = Vec::new();
        for (login, password) in [("enterprise", "not-the-password"), ("nobody-here", PASSWORD)] {
            let answer = visitor.post("/sign-in", &[("login", login), ("password", password)]).await;
            said.push((answer.status, answer.body.replace(login, "LOGIN")));
        }
        assert_eq!(said[0], said[1], "{}", stage.store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_beyond_the_scope_shows_nothing_of_it() {
    for stage in stages().await {
        let client = stage.client("county_officer").await;
        for path in [
            "/ledger?unit=2".to_owned(),
            format!("/ledger?q={}", stage.foreign.code),
            "/orgs?unit=2".to_owned(),
            format!("/orgs?q={}", stage.foreign.code),
            "/api/v1/facts?unit=2".to_owned(),
            format!("/indicators/diagnosis.completed?org={}", stage.foreign.code),
            "/indicators/diagnosis.completed/rows?unit=2".to_owned(),
        ] {
            let answer = client.get(&path).await;
            assert!(answer.status.as_u16() < 500, "{path}");
            assert!(!answer.body.contains(&stage.foreign.name), "{}: {path} tells of another unit", stage.store.on);
        }
    }
}
