//! The edge towards the network: headers, limits, proxies, sizes, files, logs and measures.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use kernel::access::Scope;
use kernel::audit::{self, Query};
use tower::ServiceExt;
use web::Edges;

use super::stage::{Stage, stages};

struct Told {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Told {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

async fn told(router: &Router, from: &str, request: axum::http::request::Builder, body: String) -> Told {
    let peer: SocketAddr = format!("{from}:40000").parse().unwrap();
    let mut request = request.body(Body::from(body)).unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), 1 << 22).await.unwrap();
    Told { status, headers, body: String::from_utf8_lossy(&bytes).into_owned() }
}

async fn get(router: &Router, from: &str, path: &str) -> Told {
    told(router, from, Request::get(path), String::new()).await
}

async fn sign_in(router: &Router, from: &str, login: &str) -> Told {
    let request = Request::post("/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    told(router, from, request, format!("login={login}&password=wrong-wrong-wrong")).await
}

async fn first() -> Stage {
    stages().await.remove(0)
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_guard_a_browser() {
    let stage = first().await;
    let router = stage.at_edges(Edges::default()).await;
    for path in ["/sign-in", "/nowhere", "/orgs", "/api/v1/facts", "/static/nothing.js", "/healthz"] {
        let answer = get(&router, "192.0.2.1", path).await;
        let csp = answer.header("content-security-policy").to_owned();
        for rule in [
            "default-src 'self'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            "base-uri 'none'",
        ] {
            assert!(csp.contains(rule), "{path}: {csp}");
        }
        assert!(!csp.contains("unsafe"), "{path}: {csp}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-permitted-cross-domain-policies", "none"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert!(answer.header("permissions-policy").contains("geolocation=()"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}: every answer has its number");
        assert_eq!(answer.header("server"), "", "{path}: says nothing of what answers");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: not without TLS");
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_is_believed_about_address_and_protocol() {
    let stage = first().await;
    let edges = Edges { proxies: vec!["10.0.0.0/8".parse().unwrap()], requests: 2, ..Edges::default() };
    let router = stage.at_edges(edges).await;
    let told_by = async |from: &str, client: &str| {
        let request = Request::get("/sign-in").header("x-forwarded-for", client).header("x-forwarded-proto", "https");
        told(&router, from, request, String::new()).await
    };
    let by_proxy = told_by("10.0.0.1", "203.0.113.1").await;
    assert!(by_proxy.header("strict-transport-security").contains("max-age="), "TLS ended at the proxy");
    let by_itself = told_by("192.0.2.9", "203.0.113.1").await;
    assert_eq!(by_itself.header("strict-transport-security"), "", "nobody else may claim TLS");
    // Two requests are taken from each address, whatever it claims to be.
    assert_eq!(told_by("192.0.2.9", "203.0.113.2").await.status, 200);
    assert_eq!(told_by("192.0.2.9", "203.0.113.3").await.status, 429);
    assert_eq!(told_by("10.0.0.1", "203.0.113.1").await.status, 200);
    assert_eq!(told_by("10.0.0.1", "203.0.113.1").await.status, 429);
    assert_eq!(told_by("10.0.0.1", "203.0.113.4").await.status, 200, "others behind the proxy are not held up");
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let stage = first().await;
    let router = stage.at_edges(Edges { requests: 5, ..Edges::default() }).await;
    for _ in 0..5 {
        assert_eq!(get(&router, "192.0.2.1", "/sign-in").await.status, 200);
    }
    let page = get(&router, "192.0.2.1", "/sign-in").await;
    let wait: u64 = page.header("retry-after").parse().unwrap();
    assert!(page.status == 429 && (1..=12).contains(&wait) && page.body.contains("秒后再试"), "{}", page.body);
    let api = get(&router, "192.0.2.1", "/api/v1/facts").await;
    assert!(api.status == 429 && api.body.contains("too_many_requests"), "{}", api.body);
    for path in ["/healthz", "/readyz", "/static/nothing.js"] {
        assert_ne!(get(&router, "192.0.2.1", path).await.status, 429, "{path} is always answered");
    }
    assert_eq!(get(&router, "192.0.2.2", "/sign-in").await.status, 200, "another address is not held up");
    let query = Query { verb: "access.throttled".into(), limit: 9, ..Query::default() };
    let noted = audit::list(&stage.store.read().await.unwrap(), &Scope::All, &query).await.unwrap();
    assert_eq!((noted.len(), noted[0].address.as_str()), (1, "192.0.2.1"), "the auditor is told once a minute");
}

#[tokio::test]
async fn signing_in_is_limited_by_address_and_by_login() {
    let stage = first().await;
    let router = stage.at_edges(Edges { sign_ins: 6, ..Edges::default() }).await;
    assert_eq!(sign_in(&router, "192.0.2.1", "enterprise").await.status, 422);
    assert_eq!(sign_in(&router, "192.0.2.2", "enterprise").await.status, 422);
    let limited = sign_in(&router, "192.0.2.3", "enterprise").await;
    assert_eq!(limited.status, 429, "from many addresses on one login");
    assert!(limited.header("retry-after").parse::<u64>().is_ok());
    for n in 0..6 {
        assert_eq!(sign_in(&router, "192.0.2.4", &format!("nobody{n}")).await.status, 422);
    }
    assert_eq!(sign_in(&router, "192.0.2.4", "nobody9").await.status, 429, "from one address on many logins");
    assert_eq!(get(&router, "192.0.2.4", "/sign-in").await.status, 200, "it may still read");
}

#[tokio::test]
async fn a_body_is_not_read_beyond_its_limit() {
    let stage = first().await;
    let router = stage.at_edges(Edges::default()).await;
    let request = Request::post("/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    let answer = told(&router, "192.0.2.1", request, format!("login={}", "a".repeat(3 << 20))).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("过大"), "{}", answer.body);
    let long = get(&router, "192.0.2.1", &format!("/sign-in?next=/{}", "a".repeat(60_000))).await;
    assert!(long.status.is_success() || long.status.is_client_error());
}

#[tokio::test]
async fn a_file_is_saved_and_never_shown_and_is_what_its_name_says() {
    let stage = first().await;
    let officer = stage.client("bureau_officer").await;
    officer.get("/imports").await;
    for (name, bytes) in [
        ("orgs.xlsx", &b"MZ\x90\x00 a program"[..]),
        ("orgs.csv", b"PK\x03\x04 a package"),
        ("orgs.ods", b"%PDF-1.7 a document"),
        ("orgs.csv", b"code,name\n\x7fELF\x00"),
    ] {
        let answer = officer.upload("/imports", &[("what", "orgs")], name, bytes).await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.body);
    }
    let saved = officer.headers(&format!("/imports/{}/file", stage.own.import)).await;
    let text = |name: &str| saved.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    assert!(text("content-disposition").starts_with("attachment; "), "{}", text("content-disposition"));
    assert_eq!(text("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!((text("x-content-type-options"), text("cache-control")), ("nosniff".into(), "no-store".into()));
}

#[tokio::test]
async fn what_is_measured_is_told_to_prometheus_and_to_nobody_else() {
    let stage = first().await;
    let officer = stage.client("bureau_officer").await;
    officer.get(&format!("/orgs/{}", stage.own.org)).await;
    officer.get("/orgs/999999").await;
    assert_eq!(officer.get("/metrics").await.status, 404, "not beside the pages");
    let answer = get(&stage.app.app.metrics_router(), "127.0.0.1", "/metrics").await;
    for line in [
        "qishu_requests_total{method=\"GET\",route=\"/orgs/{id}\",status=\"200\"} 1",
        "qishu_requests_total{method=\"GET\",route=\"/orgs/{id}\",status=\"404\"} 1",
        "qishu_request_seconds_count{route=\"/orgs/{id}\"} 2",
        "qishu_store_writes_waiting 0",
        "qishu_sessions ",
        "qishu_ledger_position ",
    ] {
        assert!(answer.body.contains(line), "{line} in {}", answer.body);
    }
    assert!(!answer.body.contains("999999"), "no address with its numbers becomes a label");
}
