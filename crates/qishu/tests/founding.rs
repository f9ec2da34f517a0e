//! The first start: a plan is looked through, founded once, and leaves nobody with a default password.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use kernel::Error;
use qishu::founding::{Plan, found};
use testkit::{TestApp, stores};

const PLAN: &str = r#"
city = "样例市"
unit = [{ code = "E", name = "东区" }, { code = "W", name = "西区" }]
[system]
login = "xt"
name = "甲"
password = "three open doors"
[security]
login = "aq"
name = "乙"
[audit]
login = "sj"
name = "丙"
"#;

fn fields(plan: &str) -> Vec<String> {
    match Plan::read(plan).and_then(|p| p.check()) {
        Err(Error::Invalid(faults)) => faults.0.into_iter().map(|f| f.field).collect(),
        other => panic!("faults expected: {other:?}"),
    }
}

#[test]
fn a_plan_with_faults_is_refused_before_anything_is_written() {
    assert_eq!(fields(&PLAN.replace("样例市", " ")), ["city"]);
    assert_eq!(fields(&PLAN.replace("\"E\"", "\"\"")), ["unit"]);
    assert_eq!(fields(&PLAN.replace("\"sj\"", "\"aq\"")), ["audit_admin"], "one account, one duty");
    assert_eq!(fields(&PLAN.replace("three open doors", "admin@123456")), ["system_admin"]);
    assert_eq!(fields("city = '样例市'"), ["file"]);
}

#[tokio::test]
async fn a_platform_is_founded_once_with_three_administrators() {
    for store in stores(&qishu::city::modules()).await {
        let plan = Plan::read(PLAN).unwrap();
        let waiting = found(&store.store, &plan).await.unwrap();
        assert_eq!(waiting.iter().map(|w| w.login.as_str()).collect::<Vec<_>>(), ["aq", "sj"], "{}", store.on);
        assert!(matches!(found(&store.store, &plan).await, Err(Error::Conflict(_))), "{}: once", store.on);
        let app = TestApp::new(&store, qishu::city::slices()).await;
        let visitor = app.visitor();
        assert_eq!(visitor.get(&waiting[0].path).await.status, 200, "{}", store.on);
        for password in ["", "admin", "huangshi-2021", "aq"] {
            assert_eq!(visitor.post("/sign-in", &[("login", "aq"), ("password", password)]).await.status, 422);
        }
        // The right password leads to the second factor, and no further without it.
        let bind = visitor.post("/sign-in", &[("login", "xt"), ("password", "three open doors")]).await;
        assert_eq!((bind.status.as_u16(), bind.texts("h1").concat().as_str()), (200, "绑定验证器"), "{}", store.on);
        assert_eq!(visitor.get("/people").await.status, 303, "{}", store.on);
    }
}
