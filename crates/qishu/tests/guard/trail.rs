//! The auditor reads the log, and an enterprise sees who looked at its data.

use kernel::access::Scope;
use kernel::audit::{self, Query};

use super::stage::{Stage, stages};

async fn verbs(stage: &Stage, query: Query) -> Vec<String> {
    let found =
        audit::list(&stage.store.read().await.unwrap(), &Scope::All, &Query { limit: 500, ..query }).await.unwrap();
    found.into_iter().map(|e| e.verb).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enterprise_sees_who_looked_at_its_data_and_what_for() {
    for stage in stages().await {
        let on = stage.store.on;
        let (officer, firm, auditor) =
            (stage.client("bureau_officer").await, stage.client("enterprise").await, stage.client("auditor").await);
        let dossier = format!("/orgs/{}", stage.own.org);
        firm.get(&dossier).await;
        assert!(
            firm.get("/trail").await.texts("tbody tr").iter().all(|row| !row.contains("查看档案")),
            "{on}: its own looking is no news"
        );
        officer.get(&dossier).await;
        officer.get(&format!("/api/v1{}", dossier.replace("/orgs", "/organisations"))).await;
        let (status, _) = officer
            .download("/indicators/diagnosis.completed/rows.csv?purpose=%E5%B9%B4%E5%BA%A6%E6%A3%80%E6%9F%A5")
            .await;
        assert_eq!(status, 200, "{on}");
        let page = firm.get("/trail").await;
        let rows = page.texts("tbody tr");
        assert!(
            rows[0].contains("导出明细") && rows[0].contains("年度检查") && rows[0].contains("市局经办"),
            "{on}: {rows:?}"
        );
        assert_eq!(rows.iter().filter(|row| row.contains("查看档案")).count(), 2, "{on}: {rows:?}");
        assert!(!page.body.contains("/audit/"), "{on}: the log itself is the auditor's");
        assert_eq!(firm.get(&format!("{dossier}/trail")).await.status, 200, "{on}");
        let other = firm.get(&format!("/orgs/{}/trail", stage.foreign.org)).await;
        assert_eq!(other.status, 404, "{on}: the trail of another is not found");
        assert!(auditor.get(&dossier).await.body.contains(&format!("{dossier}/trail")), "{on}: a link on the dossier");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_auditor_filters_the_log_opens_an_entry_and_takes_it_away() {
    for stage in stages().await {
        let on = stage.store.on;
        let (officer, auditor) = (stage.client("bureau_officer").await, stage.client("audit_admin").await);
        officer.get(&format!("/orgs/{}/edit", stage.own.org)).await;
        let form = [("attribute", "name"), ("value", "改名了"), ("valid_from", "2021-05-01"), ("source", "变更通知")];
        let changed = officer.post(&format!("/orgs/{}/attributes", stage.own.org), &form).await;
        assert_eq!(changed.status, 303, "{on}: {}", changed.body);
        let list = auditor.get("/audit?verb=org.change").await;
        let first = list.attributes("tbody a[href^='/audit/']", "href").remove(0);
        let entry = auditor.get(&first).await;
        let row = entry.texts("tbody tr").remove(0);
        assert_eq!(row, format!("名称{}改名了", stage.own.name), "{on}: old and new in words");
        assert!(auditor.get("/audit?from=2021-02-30").await.status == 422, "{on}");
        assert!(auditor.get("/audit?person=nobody").await.body.contains("没有符合条件的条目"), "{on}");
        let (status, file) = auditor.download("/audit.csv?verb=org.change").await;
        let text = String::from_utf8(file).unwrap();
        assert!(status == 200 && text.contains("名称") && text.contains("改名了"), "{on}: {text}");
        assert_eq!(verbs(&stage, Query { verb: "audit.export".into(), ..Query::default() }).await.len(), 1, "{on}");
        // Who else asks is refused, and that is in the log.
        assert_eq!(officer.get("/audit").await.status, 403, "{on}");
        let refused = verbs(&stage, Query { refused: Some(true), ..Query::default() }).await;
        assert_eq!(refused, ["access.refused"], "{on}");
        assert!(verbs(&stage, Query { verb: "unnamed".into(), ..Query::default() }).await.is_empty(), "{on}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_and_failing_to_is_written_down_without_what_was_typed() {
    for stage in stages().await {
        let on = stage.store.on;
        let visitor = stage.app.visitor();
        let wrong = visitor.post("/sign-in", &[("login", "my-secret-password"), ("password", "hunter2-hunter2")]).await;
        assert_eq!(wrong.status, 422, "{on}");
        visitor.post("/sign-in", &[("login", "enterprise"), ("password", "hunter2-hunter2")]).await;
        let client = stage.client("enterprise").await;
        client.get("/orgs").await;
        client.post("/sign-out", &[]).await;
        let found = verbs(&stage, Query::default()).await;
        assert_eq!(
            found[..4],
            ["account.sign_out", "account.sign_in", "account.sign_in_failed", "account.sign_in_failed"],
            "{on}"
        );
        let columns = "SELECT person || purpose || changes || object AS said FROM audit";
        let rows = stage.store.read().await.unwrap().all(columns).await.unwrap();
        let said: String = rows.iter().map(|row| row.get::<String>("said").unwrap()).collect();
        assert!(!said.contains("my-secret-password") && !said.contains("hunter2"), "{on}: nothing typed is kept");
    }
}
