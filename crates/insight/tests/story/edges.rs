//! What happens beside the straight way: lost sessions, wrong methods, wrong addresses, broken cursors, one letter.

use std::sync::Arc;

use super::stage::{PASSWORD, stages};
use kernel::args;
use tokio::sync::Notify;

#[tokio::test]
async fn what_was_typed_survives_a_session_that_ran_out() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        let fact = officer.get("/api/v1/facts?kind=sample.visited&limit=1").await.json()["items"][0]["position"]
            .as_i64()
            .unwrap();
        let path = format!("/facts/{fact}/reverse");
        officer.get(&format!("/facts/{fact}")).await;
        stage.run("UPDATE session SET expires_at = $1", args![chrono::Utc::now()]).await;
        let met = officer.post(&path, &[("reason", "重复登记")]).await;
        assert_eq!((met.status.as_u16(), met.value_of("next")), (401, Some(path.clone())), "{}", stage.on);
        assert!(met.texts(".notice").concat().contains("登录后确认一下"), "{}", stage.on);
        let kept = met.value_of("kept").unwrap();
        assert!(!kept.contains("csrf"), "{}: the old token is not kept", stage.on);

        let fields = [("login", "officer"), ("password", "wrong"), ("next", path.as_str()), ("kept", kept.as_str())];
        let wrong = officer.post("/sign-in", &fields).await;
        assert_eq!((wrong.status.as_u16(), wrong.value_of("kept")), (422, Some(kept.clone())), "{}", stage.on);
        let right = [("login", "officer"), ("password", super::stage::PASSWORD), fields[2], fields[3]];
        let confirm = officer.post("/sign-in", &right).await;
        assert_eq!(
            (confirm.status.as_u16(), confirm.texts("main li")),
            (200, vec!["重复登记".to_owned()]),
            "{}",
            stage.on
        );
        assert_eq!(confirm.attributes("main form", "action").concat(), path, "{}", stage.on);
        assert!(!confirm.texts("nav .menu li").is_empty(), "{}: the person is back in the frame", stage.on);
        let (token, reason) = (confirm.value_of("csrf").unwrap(), confirm.value_of("reason").unwrap());
        let fields = [("csrf", token.as_str()), ("reason", reason.as_str())];
        assert_eq!(officer.post(&path, &fields).await.status, 303, "{}", stage.on);
        let reversed = officer.get(&format!("/api/v1/facts/{fact}")).await.json();
        assert!(reversed["reversed_by"].is_number(), "{}", stage.on);
    }
}

#[tokio::test]
async fn a_form_of_an_earlier_session_is_shown_to_be_sent_again() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        officer.get("/board").await;
        let stale = officer.post("/facts/1/reverse", &[("csrf", "of-yesterday"), ("reason", "重复登记")]).await;
        assert_eq!(stale.status, 409, "{}", stage.on);
        assert_eq!(stale.attributes("main form", "action"), ["/facts/1/reverse"], "{}", stage.on);
        assert_eq!(stale.value_of("reason").as_deref(), Some("重复登记"), "{}", stage.on);
    }
}

/// Signing in once more in another tab is no form to send again: the page would show the password.
#[tokio::test]
async fn a_password_is_never_kept() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        officer.get("/board").await;
        let fields = [("csrf", "of-yesterday"), ("login", "officer"), ("password", super::stage::PASSWORD)];
        let stale = officer.post("/sign-in", &fields).await;
        assert_eq!(stale.status, 409, "{}", stage.on);
        assert!(!stale.body.contains(super::stage::PASSWORD), "{}", stage.on);
        let fields =
            [("login", "officer"), ("password", super::stage::PASSWORD), ("next", "/sign-out"), ("kept", "a=1")];
        let out = stage.app.visitor().post("/sign-in", &fields).await;
        assert_eq!((out.status.as_u16(), out.location.as_deref()), (303, Some("/")), "{}", stage.on);
    }
}

#[tokio::test]
async fn only_our_own_forms_come_back_after_signing_in() {
    for stage in stages().await {
        for (next, kept) in
            [("https://evil.example/", "a=1"), ("//evil.example", "a=1"), ("/board", "a=1"), ("/nowhere", "a=1")]
        {
            let fields = [("login", "officer"), ("password", super::stage::PASSWORD), ("next", next), ("kept", kept)];
            let answer = stage.app.visitor().post("/sign-in", &fields).await;
            assert_eq!((answer.status.as_u16(), answer.location.as_deref()), (303, Some("/")), "{}: {next}", stage.on);
        }
        let out = stage.app.visitor().post("/sign-out", &[("a", "1")]).await;
        assert_eq!(out.location.as_deref(), Some("/sign-in"), "{}: nothing to send again", stage.on);
    }
}

#[tokio::test]
async fn reading_keeps_a_visit_alive_and_expired_ones_are_forgotten() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        let soon = chrono::Utc::now() + chrono::TimeDelta::hours(1);
        stage.run("UPDATE session SET expires_at = $1", args![soon]).await;
        assert_eq!(officer.get("/board").await.status, 200, "{}", stage.on);
        let noted = stage.session_ends().await;
        assert!(noted[0] > soon + chrono::TimeDelta::minutes(30), "{}: {noted:?}", stage.on);
        officer.get("/board").await;
        assert_eq!(stage.session_ends().await, noted, "{}: not with every page", stage.on);
        stage.client("east").await;
        stage
            .run("UPDATE session SET expires_at = $1 WHERE expires_at = $2", args![chrono::Utc::now(), noted[0]])
            .await;
        stage.app.app.forget_expired_sessions().await.unwrap();
        assert_eq!(stage.session_ends().await.len(), 1, "{}: the other one stays", stage.on);
    }
}

#[tokio::test]
async fn a_wrong_method_and_a_wrong_address_are_told_in_words() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        for client in [&officer, &stage.app.visitor()] {
            let opened = client.get("/facts/1/reverse").await;
            assert_eq!(opened.status, 405, "{}", stage.on);
            assert_eq!(opened.attributes(".error-acts a", "href"), ["/facts/1", "/"], "{}", stage.on);
            assert!(opened.texts("h1").concat().contains("不能这样打开"), "{}", stage.on);
        }
        let posted = officer.post("/board", &[("a", "1")]).await;
        assert_eq!((posted.status.as_u16(), posted.attributes(".error-acts a", "href")[0].as_str()), (405, "/board"));
        let api = officer.post("/api/v1/facts", &[("a", "1")]).await;
        assert_eq!((api.status.as_u16(), api.content_type.as_str()), (405, "application/problem+json"), "{}", stage.on);
        assert_eq!((api.allow.as_deref(), api.json()["code"].as_str()), (Some("GET,HEAD"), Some("method_not_allowed")));
        let nowhere = officer.get("/api/v1/nothing").await;
        assert_eq!((nowhere.status.as_u16(), nowhere.content_type.as_str()), (404, "application/problem+json"));
    }
}

#[tokio::test]
async fn an_error_page_keeps_the_menu_it_points_to() {
    for stage in stages().await {
        let firm = stage.client("firm").await;
        for (path, status) in [("/board", 403), ("/facts/999999", 404), ("/nowhere", 404)] {
            let answer = firm.get(path).await;
            assert_eq!(answer.status.as_u16(), status, "{} {path}", stage.on);
            assert!(answer.texts(".side .menu li").concat().contains("事实账"), "{} {path}", stage.on);
        }
        assert!(stage.app.visitor().get("/nowhere").await.texts(".menu li").is_empty(), "{}", stage.on);
        let fact = firm.get("/api/v1/facts?limit=1").await.json()["items"][0]["position"].as_i64().unwrap();
        let page = firm.get(&format!("/facts/{fact}")).await;
        assert_eq!(page.texts(".side [aria-current=page]"), ["事实账"], "{}", stage.on);
    }
}

#[tokio::test]
async fn a_broken_cursor_leads_to_the_first_page() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        let page = officer.get("/indicators/sample.visits/rows?unit=1&after=abc").await;
        assert_eq!(page.status, 422, "{}", stage.on);
        let first = &page.attributes(".error-acts a", "href")[0];
        let opened = officer.get(first).await;
        assert!(first.contains("unit=1") && opened.status == 200, "{}: {first}", stage.on);
        for address in [
            "/api/v1/indicators/sample.visits/rows?after=abc",
            "/api/v1/indicators/sample.paid_units/rows?after=9",
            "/api/v1/indicators/sample.visits/figure?by=unit&after=abc",
        ] {
            let answer = officer.get(address).await;
            assert_eq!((answer.status.as_u16(), answer.json()["errors"][0]["field"].as_str()), (422, Some("after")));
        }
        let broken = officer.get("/ledger?before=abc").await;
        assert_eq!((broken.status.as_u16(), broken.attributes("[role=alert] a", "href")[0].as_str()), (422, "/ledger"));
    }
}

#[tokio::test]
async fn cells_of_a_breakdown_come_page_by_page() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        let base = "/api/v1/indicators/sample.visits/figure?by=unit&by=month";
        let whole = officer.get(base).await.json();
        assert!(whole["next"].is_null(), "{}", stage.on);
        let (mut cells, mut after) = (Vec::new(), String::new());
        loop {
            let page = officer.get(&format!("{base}&limit=4{after}")).await.json();
            cells.extend(page["breakdown"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        assert_eq!(Some(&cells), whole["breakdown"].as_array(), "{}", stage.on);
    }
}

#[tokio::test]
async fn the_description_of_the_api_is_in_chinese() {
    for stage in stages().await {
        let docs = stage.app.visitor().get("/api/docs").await;
        let chinese = |text: &String| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let (calls, words) = (docs.texts("summary"), docs.texts("td.roomy"));
        let plain: Vec<&String> = calls.iter().chain(&words).filter(|text| !chinese(text)).collect();
        assert!(calls.len() > 4 && plain.is_empty(), "{}: {plain:?}", stage.on);
    }
}

/// A page that is still under way, and has something to say at its end, while its reader signs out.
#[tokio::test]
async fn signing_out_ends_a_session_that_another_request_still_writes_to() {
    for stage in stages().await {
        let (entered, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (enter, release) = (entered.clone(), released.clone());
        let slow = move |ui: web::Ui| {
            let (enter, release) = (enter.clone(), release.clone());
            async move {
                enter.notify_one();
                release.notified().await;
                ui.done("/board", "办完了").await
            }
        };
        let routes = web::Routes::new().get("/slow", web::Need::SignedIn, slow);
        let module = kernel::module::Module::new("slow", "慢");
        let slices = vec![web::Slice { module, routes, menu: &[], api: None }, insight::board::slice()];
        let app = testkit::TestApp::new(&stage.store, slices).await;
        let officer = app.signed_in("officer", PASSWORD).await;
        officer.get("/board").await;
        let leave = async {
            entered.notified().await;
            let left = officer.post("/sign-out", &[]).await;
            released.notify_one();
            left
        };
        let (slow, left) = tokio::join!(officer.get("/slow"), leave);
        assert_eq!((slow.status.as_u16(), left.status.as_u16()), (303, 303), "{}: both end as they would", stage.on);
        let back = officer.get("/board").await;
        let door = back.location.unwrap_or_default();
        assert!(back.status == 303 && door.starts_with("/sign-in"), "{}: still signed in at {door}", stage.on);
        assert!(stage.session_ends().await.is_empty(), "{}: no session is left", stage.on);
    }
}
