//! Who sees what: the same gate for lists, single facts, records, figures and downloads.

use super::stage::stages;

#[tokio::test]
async fn a_county_sees_its_own_rows_only() {
    for stage in stages().await {
        let east = stage.client("east").await;
        let facts = east.get("/api/v1/facts?limit=500").await.json();
        let facts = facts["items"].as_array().unwrap();
        assert!(!facts.is_empty() && facts.iter().all(|fact| fact["unit"] == 1), "{}", stage.on);
        let whole = east.get("/api/v1/indicators/sample.visits/figure").await.json();
        let officer = stage.client("officer").await;
        let part = officer.get("/api/v1/indicators/sample.visits/figure?unit=1").await.json();
        assert_eq!(whole["rows"], part["rows"], "{}", stage.on);
        assert_eq!(east.get("/board?unit=2").await.status, 422, "{}", stage.on);
        assert_eq!(east.get("/indicators/sample.visits/rows.csv?unit=2").await.status, 422, "{}", stage.on);
        assert!(east.get("/board").await.texts("select[name=unit]").is_empty(), "{}", stage.on);
        assert_eq!(east.get("/reply").await.status, 403, "{}", stage.on);
    }
}

#[tokio::test]
async fn an_enterprise_comes_home_and_sees_what_names_it() {
    for stage in stages().await {
        let firm = stage.client("firm").await;
        let own = stage.orgs[4];
        assert_eq!(firm.get("/").await.location, Some(format!("/orgs/{own}")), "{}", stage.on);
        assert_eq!(firm.get("/board").await.status, 403, "{}", stage.on);
        let facts = firm.get("/api/v1/facts?limit=500").await.json();
        let names_it = |fact: &serde_json::Value| fact["subject"] == own.0 || fact["counterparty"] == own.0;
        assert!(facts["items"].as_array().unwrap().iter().all(names_it), "{}", stage.on);
        let fact = facts["items"][0]["position"].as_i64().unwrap();
        let page = firm.get(&format!("/facts/{fact}")).await;
        assert_eq!(page.status, 200, "{}", stage.on);
        assert!(page.attributes("#uses ~ .table-list a", "href").is_empty(), "{}", stage.on);
        let record = firm.get(&format!("/records/{}", stage.record)).await;
        assert_eq!(record.texts("tbody tr").len(), facts["items"].as_array().unwrap().len(), "{}", stage.on);
        assert_eq!(firm.get("/records/999").await.status, 404, "{}", stage.on);
    }
}

#[tokio::test]
async fn a_visitor_is_led_to_the_door_and_finds_the_description() {
    for stage in stages().await {
        let visitor = stage.app.visitor();
        assert_eq!(visitor.get("/board").await.location, Some("/sign-in?next=%2Fboard".to_owned()), "{}", stage.on);
        assert_eq!(visitor.get("/api/v1/facts").await.status, 401, "{}", stage.on);
        let docs = visitor.get("/api/docs").await.texts("summary .code");
        for path in ["/api/v1/facts", "/api/v1/indicators/{code}/rows", "/api/v1/figures"] {
            assert!(docs.iter().any(|found| found == path), "{path} in {docs:?}");
        }
    }
}
