//! The inbox, its settings, and the pages of those who run the platform.

use axum::http::StatusCode;
use kernel::access::{Actor, NewAccount, Policy, create_account};
use kernel::store::Tx;
use kernel::{case, job};
use testkit::{Client, TestApp, stores};

use super::stage::{PASSWORD, ask, at, people};

async fn admin(store: &testkit::TestStore, app: &TestApp) -> Client {
    let new =
        NewAccount { login: "管理", name: "管理", role: "system_admin", password: PASSWORD, unit: None, org: None };
    // Second factors are told of elsewhere.
    let act = async |tx: &mut Tx| {
        Policy { second_factor: Vec::new(), ..Policy::default() }.set(tx).await?;
        create_account(tx, new).await
    };
    store.write(&Actor::system("测试"), act).await.unwrap();
    app.signed_in("管理", PASSWORD).await
}

#[tokio::test]
async fn an_officer_sees_what_is_new_opens_it_and_says_where_else_to_be_told() {
    for store in stores(&qishu::city::modules()).await {
        let stage = people(&store, "").await;
        let id = ask(&store, &stage, chrono::Utc::now()).await;
        let app = TestApp::new(&store, qishu::city::slices()).await;
        let (officer, firm) = (app.signed_in("县局", PASSWORD).await, app.signed_in("企业", PASSWORD).await);
        let inbox = officer.get("/notices").await;
        assert_eq!(inbox.texts(".topbar-user .unread"), ["未读 1 条"], "{}", store.on);
        let href = inbox.attributes(".notices li a", "href").remove(0);
        assert_eq!(firm.get(&href).await.status, StatusCode::NOT_FOUND, "{}: somebody else's", store.on);
        assert_eq!(officer.get(&href).await.location.as_deref(), Some(&*format!("/cases/{id}")), "{}", store.on);
        assert!(officer.get("/notices").await.texts(".topbar-user .unread").is_empty(), "{}", store.on);
        let word = async |tx: &mut Tx| case::comment(tx, id, "请抓紧").await;
        store.write(&stage.own, word).await.unwrap();
        let newest = officer.get("/notices").await.value_of("newest").unwrap();
        assert_eq!(officer.post("/notices/read", &[("newest", &newest)]).await.status, StatusCode::SEE_OTHER);
        assert!(officer.get("/notices?unread=1").await.body.contains("没有未读的通知"), "{}", store.on);
        officer.get("/notices/settings").await;
        let wrong = officer.post("/notices/settings", &[("mail", "somebody"), ("phone", "12345")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", store.on);
        assert!(wrong.body.contains("完整的邮箱地址") && wrong.body.contains("11 位手机号码"), "{}", store.on);
        assert_eq!(wrong.value_of("mail").as_deref(), Some("somebody"), "{}: what was typed stays", store.on);
        let right = [("mail", "a@example.cn"), ("phone", ""), ("daily", "1")];
        assert_eq!(officer.post("/notices/settings", &right).await.status, StatusCode::SEE_OTHER, "{}", store.on);
        assert_eq!(officer.get("/notices/settings").await.value_of("mail").as_deref(), Some("a@example.cn"));
    }
}

#[tokio::test]
async fn who_runs_the_platform_sees_jobs_and_deliveries_and_nobody_else_does() {
    for store in stores(&qishu::city::modules()).await {
        let stage = people(&store, "a@example.cn").await;
        ask(&store, &stage, at("2021-09-01T10:00:00")).await;
        let ask_for = async |tx: &mut Tx| job::ask(tx, "night.seals", "by hand", "", "").await;
        let id = store.write(&Actor::system("测试"), ask_for).await.unwrap().unwrap();
        let give_up = async |tx: &mut Tx| tx.run("UPDATE delivery SET state = 'failed', answer = '550 no'").await;
        store.write(&Actor::system("测试"), give_up).await.unwrap();
        let app = TestApp::new(&store, qishu::city::slices()).await;
        let (admin, officer) = (admin(&store, &app).await, app.signed_in("县局", PASSWORD).await);
        for path in ["/jobs", "/outbox"] {
            assert_eq!(officer.get(path).await.status, StatusCode::FORBIDDEN, "{}: {path}", store.on);
        }
        let jobs = admin.get("/jobs").await;
        assert!(jobs.body.contains("核对封存") && jobs.body.contains("等待办理"), "{}", store.on);
        assert_eq!(admin.post(&format!("/jobs/{id}/stop"), &[]).await.status, StatusCode::SEE_OTHER, "{}", store.on);
        assert!(admin.get("/jobs").await.body.contains("已取消"), "{}", store.on);
        assert_eq!(admin.post(&format!("/jobs/{id}/stop"), &[]).await.status, StatusCode::CONFLICT, "{}", store.on);
        assert_eq!(admin.post(&format!("/jobs/{id}/again"), &[]).await.status, StatusCode::SEE_OTHER, "{}", store.on);
        let outbox = admin.get("/outbox").await;
        assert!(
            outbox.body.contains("550 no") && !outbox.body.contains("开发园"),
            "{}: not what was written",
            store.on
        );
        assert_eq!(admin.post("/outbox/1/again", &[]).await.status, StatusCode::SEE_OTHER, "{}", store.on);
        assert!(admin.get("/outbox?state=waiting").await.body.contains("县局"), "{}", store.on);
    }
}
