//! A fact is corrected by reversing it: with a reason, once, by who may, and never retroactively.

use kernel::case::{self, Doing, Values};
use kernel::store::Tx;
use testkit::sample_case::{applicant, leader};

use super::stage::stages;

#[tokio::test]
async fn an_officer_reverses_a_fact_and_only_later_figures_change() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        let rows = officer.get("/api/v1/indicators/sample.visits/rows?limit=1").await.json();
        let fact = rows["items"][0]["position"].as_i64().unwrap();
        let figure = |json: serde_json::Value| (json["rows"].as_i64().unwrap(), json["known"].as_i64().unwrap());
        let (before, known) = figure(officer.get("/api/v1/indicators/sample.visits/figure").await.json());

        officer.get(&format!("/facts/{fact}")).await;
        let silent = officer.post(&format!("/facts/{fact}/reverse"), &[("reason", " ")]).await;
        assert_eq!(silent.status, 422, "{}", stage.on);
        assert_eq!(silent.texts(".field-error"), ["请写明冲销原因"]);
        let done = officer.post(&format!("/facts/{fact}/reverse"), &[("reason", "重复登记")]).await;
        assert_eq!((done.status.as_u16(), done.location), (303, Some(format!("/facts/{fact}"))), "{}", stage.on);
        let again = officer.post(&format!("/facts/{fact}/reverse"), &[("reason", "再来一次")]).await;
        assert_eq!(again.status, 409, "{}", stage.on);
        assert!(again.texts("[role=alert]").concat().contains("已被第"), "{}", stage.on);

        let (after, _) = figure(officer.get("/api/v1/indicators/sample.visits/figure?known=").await.json());
        let (past, _) =
            figure(officer.get(&format!("/api/v1/indicators/sample.visits/figure?known={known}")).await.json());
        assert_eq!((after, past), (before - 1, before), "{}", stage.on);
        let page = officer.get(&format!("/facts/{fact}?known=")).await;
        assert!(
            page.texts(".notice").concat().contains("重复登记") && page.texts("form[data-confirm]").is_empty(),
            "{}",
            stage.on
        );
    }
}

#[tokio::test]
async fn what_a_case_wrote_is_corrected_in_the_case() {
    for stage in stages().await {
        let (org, values) = (stage.orgs[0], Values::from([("what".into(), "设备改造".into())]));
        let ask = async |tx: &mut Tx| case::open(tx, "sample.order", org, &values, "").await;
        let id = stage.store.write(&applicant(70, org), ask).await.unwrap();
        let (values, remarks) = (Values::new(), Values::new());
        let take = Doing { action: "take", revision: 1, values: &values, note: "", remarks: &remarks };
        let taken = stage.store.write(&leader(90), async |tx| case::act(tx, id, take).await).await.unwrap();
        let fact = case::facts_of(&stage.store.read().await.unwrap(), taken.record).await.unwrap()[0];

        let officer = stage.client("officer").await;
        officer.get(&format!("/facts/{fact}")).await;
        let refused = officer.post(&format!("/facts/{fact}/reverse"), &[("reason", "登记错了")]).await;
        assert_eq!(refused.status, 409, "{}: {}", stage.on, refused.body);
        assert!(refused.texts("[role=alert]").concat().contains("请在办件中退回或撤销"), "{}", stage.on);
        let page = officer.get(&format!("/facts/{fact}")).await;
        assert!(!page.body.contains("已被"), "{}: it stands", stage.on);
    }
}

#[tokio::test]
async fn a_fact_of_another_unit_cannot_be_reversed_or_seen() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        let facts = officer.get("/api/v1/facts?unit=1&limit=1").await.json();
        let fact = facts["items"][0]["position"].as_i64().unwrap();
        let west = stage.client("west").await;
        west.get("/board").await;
        let refused = west.post(&format!("/facts/{fact}/reverse"), &[("reason", "不是我的")]).await;
        assert_eq!(refused.status, 404, "{}", stage.on);
        assert_eq!(west.get(&format!("/facts/{fact}")).await.status, 404, "{}", stage.on);
        assert_eq!(
            officer.get(&format!("/api/v1/facts/{fact}")).await.json()["reversed_by"],
            serde_json::Value::Null,
            "{}",
            stage.on
        );

        let auditor = stage.client("auditor").await;
        assert!(auditor.get(&format!("/facts/{fact}")).await.texts("form[data-confirm]").is_empty(), "{}", stage.on);
        assert_eq!(
            auditor.post(&format!("/facts/{fact}/reverse"), &[("reason", "审计不改账")]).await.status,
            403,
            "{}",
            stage.on
        );
    }
}
