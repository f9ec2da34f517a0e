//! What people see and type.

use kernel::access::{NewAccount, create_account};
use testkit::TestApp;

use super::*;

const PASSWORD: &str = "rain on three roofs";

async fn account(store: &Store, login: &str, role: &str, unit: Option<i64>, org: Option<OrgId>) {
    let new = NewAccount { login, name: login, role, password: PASSWORD, unit: unit.map(UnitId), org };
    store.write(&Actor::system("测试"), async |tx| create_account(tx, new).await).await.unwrap();
}

#[tokio::test]
async fn a_firm_reports_on_its_page_and_sees_nobody_elses() {
    for (store, orgs) in cities().await {
        let (id, _, _) = building(&store, orgs[0]).await;
        account(&store, "firm", "enterprise", None, Some(orgs[0])).await;
        account(&store, "other", "enterprise", None, Some(orgs[1])).await;
        account(&store, "officer", "county_officer", Some(1), None).await;
        let app = TestApp::new(&store, vec![super::super::slice()]).await;
        let firm = app.signed_in("firm", PASSWORD).await;
        let form = format!("/projects/{id}/report");
        let page = firm.get(&format!("{form}?month=2021-03")).await;
        let seen = page.value_of("seen").unwrap();
        assert!(page.texts(".field-last").concat().contains("上月：没有报送"), "{}: {}", store.on, page.body);
        let wrong = [("month", "2021-03"), ("seen", &*seen), ("invested", "三百"), ("problem", "<b>缺手续</b>")];
        let refused = firm.post(&form, &wrong).await;
        assert_eq!(refused.status, 422, "{}", store.on);
        assert_eq!(refused.value_of("invested").as_deref(), Some("三百"), "{}: what was typed is kept", store.on);
        assert!(refused.texts(".field-error").concat().contains("由哪个单位负责解决"), "{}", store.on);
        assert!(!refused.body.contains("<b>缺手续"), "{}", store.on);
        let right =
            [("month", "2021-03"), ("seen", &*seen), ("invested", "300"), ("m.0", "done"), ("d.0", "2021-03-30")];
        assert_eq!(firm.post(&form, &right).await.status, 303, "{}", store.on);
        let stale = firm.post(&form, &right).await;
        assert_eq!(stale.status, 409, "{}: the page was of before", store.on);
        let shown = firm.get(&format!("/projects/{id}")).await;
        assert!(shown.texts("main").concat().contains("300 万元"), "{}: {}", store.on, shown.body);
        let next = firm.get(&format!("{form}?month=2021-04")).await;
        assert!(
            next.texts(".field-last").concat().contains("上月：300 万元"),
            "{}: last month stands beside",
            store.on
        );

        let other = app.signed_in("other", PASSWORD).await;
        for path in [format!("/projects/{id}"), form.clone()] {
            assert_eq!(other.get(&path).await.status, 404, "{}: {path}", store.on);
        }
        assert_eq!(other.post(&form, &right).await.status, 404, "{}", store.on);
        assert!(!other.get("/projects?state=all").await.body.contains("冲压车间改造"), "{}", store.on);
        assert!(!other.get("/projects/changes").await.body.contains("冲压车间改造"), "{}", store.on);

        let officer = app.signed_in("officer", PASSWORD).await;
        for path in ["/projects", "/projects/board", "/projects/gantt", "/projects/totals", "/projects/changes"] {
            let page = officer.get(path).await;
            assert_eq!(page.status, 200, "{}: {path}", store.on);
            assert!(path == "/projects/totals" || page.body.contains("冲压车间改造"), "{}: {path}", store.on);
        }
        assert_eq!(officer.get("/projects?light=blue").await.status, 422, "{}", store.on);
        let (status, blank) = officer.download("/projects/workbook/blank").await;
        assert!(status == 200 && blank.starts_with(b"PK"), "{}", store.on);
        let sent = officer.upload("/projects/workbook", &[], "表.xlsx", &blank).await;
        let at = sent.location.unwrap();
        let looked = officer.get(&at).await;
        assert!(looked.texts("main").concat().contains("没有要保存的内容"), "{}: {}", store.on, looked.body);
        assert_eq!(firm.get(&at).await.status, 404, "{}: nobody else opens it", store.on);
    }
}
