//! Every route × every role × own and foreign records: derived from the needs, asked of the application, and written down
//! in `docs/permissions.tsv`, so that a change of who may what is seen by whoever reads the change.

use std::collections::BTreeMap;
use std::fmt::Write;

use kernel::access::{Reach, Role};
use testkit::Client;
use web::Need;

use super::stage::{Owned, Stage, held, stages};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.tsv");
const HEAD: &str = "# Every route, what it needs, and the status of own/foreign records by role. One number: both alike.\n\
# Made by `QISHU_WRITE=1 cargo nextest run -E 'test(every_route_answers)'`; the test compares.\n";

/// How far the role's grants for the need reach; `None` without a grant.
fn reach(role: &Role, pattern: &str, need: Need) -> Option<Reach> {
    let permission = match need {
        Need::May(permission) => permission,
        // Who may read a case is decided by its flow.
        Need::SignedIn if is_case(pattern) => registry::changes::READ,
        Need::SignedIn | Need::Open => return Some(Reach::All),
    };
    let mut reaches = role.grants.iter().filter(|g| g.permission == permission.0).flat_map(|g| g.reach.clone());
    let first = reaches.next()?;
    Some(if reaches.any(|r| r == Reach::All) { Reach::All } else { first })
}

fn is_case(pattern: &str) -> bool {
    pattern.starts_with("/cases/{id}") || pattern.starts_with("/api/v1/cases/{id}")
}

/// Whether a pattern names a record of the one who made it; nobody on this stage has made one, and numbers of others lead nowhere.
fn is_personal(pattern: &str) -> bool {
    let starts = ["/imports/mappings/{", "/notices/{", "/bulks/{", "/views/{", "/projects/workbook/{"];
    starts.iter().any(|start| pattern.starts_with(start))
}

/// Whether a pattern names a record that belongs to somebody.
fn is_owned(pattern: &str) -> bool {
    if is_case(pattern) {
        return true;
    }
    let of = |start: &str| pattern.starts_with(start) && pattern.contains('{');
    let templates = pattern.starts_with("/imports/templates");
    !templates
        && [
            "/orgs/",
            "/facts/",
            "/records/",
            "/amendments/",
            "/imports/",
            "/claims/",
            "/consents/{",
            "/projects/",
            "/guarantee/contracts/",
            "/diagnosis/orders/",
            "/finance/demands/",
            "/api/v1/organisations/",
            "/api/v1/facts/",
        ]
        .iter()
        .any(|start| of(start))
}

async fn ask(client: &Client, method: &str, path: &str) -> u16 {
    // What is posted is refused for what it says, so that nothing changes for who asks next.
    let long = "长".repeat(1500);
    let answer = match method {
        "GET" => client.get(path).await,
        _ if path.starts_with("/api/") => client.tell(path, &serde_json::json!({ "reason": long, "note": long })).await,
        _ => {
            let kind = ("kind", "diagnosis.completed");
            client.post(path, &[kind, ("reason", &long), ("note", &long), ("source", &long), ("mode", "whole")]).await
        }
    };
    answer.status.as_u16()
}

/// Whether a form of people would really be carried out here, such as taking an account out of use: it is asked only of
/// whoever may not.
fn is_done_at_once(method: &str, pattern: &str) -> bool {
    let forms = [
        "/people",
        "/grants",
        "/roles",
        "/claims",
        "/me",
        "/staff",
        "/seat",
        "/view-as",
        "/sign-in-policy",
        "/jobs",
        "/outbox",
        "/notices",
    ];
    method == "POST" && forms.iter().any(|form| pattern.starts_with(form))
}

/// Asks for own and foreign; checks both against what the need says.
async fn asked(stage: &Stage, role: &Role, client: &Client, route: (&str, &str, Need)) -> String {
    let (method, pattern, need) = route;
    if is_done_at_once(method, pattern) && reach(role, pattern, need).is_some() {
        return "may".to_owned();
    }
    let status = async |owned: &Owned| ask(client, method, &stage.path(pattern, owned)).await;
    let (own, foreign) = (status(&stage.own).await, status(&stage.foreign).await);
    let at = format!("{}: {method} {pattern} by {}", stage.store.on, role.code);
    assert!(own < 500 && foreign < 500, "{at}: {own}/{foreign}");
    match reach(role, pattern, need) {
        None if is_case(pattern) => assert_eq!((own, foreign), (404, 404), "{at}: nobody's case is found"),
        None => assert_eq!((own, foreign), (403, 403), "{at} without a grant"),
        Some(_) if is_personal(pattern) => assert_eq!((own, foreign), (404, 404), "{at}: another's is not found"),
        Some(Reach::All) => assert!(![401, 403, 404].contains(&own), "{at}: {own}"),
        Some(_) if is_owned(pattern) => {
            assert!(![401, 403, 404].contains(&own), "{at} on its own: {own}");
            assert_eq!(foreign, 404, "{at}: what belongs to another is not found");
        }
        Some(_) => assert!(![401, 403].contains(&own), "{at}: {own}"),
    }
    if own == foreign { own.to_string() } else { format!("{own}/{foreign}") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_every_role_as_written_down() {
    let mut written = Vec::new();
    for stage in stages().await {
        let mut table: BTreeMap<(String, &str), (String, Vec<String>)> = BTreeMap::new();
        let mut routes = stage.app.app.route_table().to_vec();
        // Whoever signs out asks for nothing more.
        routes.retain(|(_, path, _)| !matches!(*path, "/sign-in" | "/sign-out"));
        let visitor = stage.app.visitor();
        for (method, pattern, need) in &routes {
            let word = match need {
                Need::Open => "open".to_owned(),
                Need::SignedIn => "signed in".to_owned(),
                Need::May(permission) => permission.0.to_owned(),
            };
            let status = ask(&visitor, method, &stage.path(pattern, &stage.own)).await;
            // A form that was filled in waits in the sign-in page.
            let door = if pattern.starts_with("/api/") || *method == "POST" { 401 } else { 303 };
            match need {
                // A form without what it asks for, or a link that nobody was given: told so, never a closed door.
                Need::Open => {
                    assert!([200, 303, 404, 409, 422].contains(&status), "{method} {pattern} by nobody: {status}")
                }
                _ => assert_eq!(status, door, "{method} {pattern} by nobody"),
            }
            table.insert(((*pattern).to_owned(), *method), (word, vec![status.to_string()]));
        }
        for role in held() {
            let client = stage.client(&role.code).await;
            client.get("/").await;
            client.get("/orgs").await;
            for (method, pattern, need) in &routes {
                let cell = asked(&stage, &role, &client, (method, pattern, *need)).await;
                table.get_mut(&((*pattern).to_owned(), *method)).unwrap().1.push(cell);
            }
        }
        let mut text = format!("{HEAD}route\tmethod\tneed\tnobody");
        held().iter().for_each(|role| write!(text, "\t{}", role.code).unwrap());
        for ((pattern, method), (need, cells)) in table {
            write!(text, "\n{pattern}\t{method}\t{need}\t{}", cells.join("\t")).unwrap();
        }
        text.push('\n');
        written.push((stage.store.on, text));
    }
    if std::env::var("QISHU_WRITE").is_ok() {
        std::fs::write(FILE, &written[0].1).unwrap();
    }
    let held = std::fs::read_to_string(FILE).unwrap_or_default();
    for (on, text) in written {
        for (ours, theirs) in text.lines().zip(held.lines()) {
            assert_eq!(ours, theirs, "{on}: docs/permissions.tsv says otherwise; QISHU_WRITE=1 writes it anew");
        }
        assert_eq!(text.lines().count(), held.lines().count(), "{on}: routes were added or taken away");
    }
}

#[test]
fn a_route_cannot_be_declared_without_a_need() {
    // `Routes::get` and `post` take a need; what is served beside the table is named here.
    let app = include_str!("../../../web/src/app.rs");
    let served: Vec<&str> =
        app.match_indices(".route(\"").filter_map(|(at, _)| app[at + 8..].split('"').next()).collect();
    assert_eq!(served, ["/metrics", "/healthz", "/readyz", "/api/openapi.json"]);
    for folder in ["registry", "insight", "intake", "money", "transform"] {
        let lib = format!("{}/../{folder}/src", env!("CARGO_MANIFEST_DIR"));
        for file in files(std::path::Path::new(&lib)) {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(!text.contains("axum::Router"), "{} serves something beside the table", file.display());
        }
    }
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
