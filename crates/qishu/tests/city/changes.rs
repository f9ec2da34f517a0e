//! A change request through the pages: asked by the enterprise, sent back at a field, mended, accepted by another person.

use testkit::TestApp;

use super::sign_in;

pub(super) async fn a_change_is_asked_for_mended_and_accepted(app: &TestApp) {
    let (firm, officer) = (sign_in(app, "qiye").await, sign_in(app, "jingban").await);
    // What the demonstration left waiting: the firm's own request came back to it, another waits for the bureau.
    assert_eq!(firm.get("/").await.location.as_deref(), Some("/desk"), "what waits comes first");
    let desk = firm.get("/desk").await;
    let (titles, links) = (
        desk.texts("[aria-labelledby=waiting] .cell-title a"),
        desk.attributes("[aria-labelledby=waiting] .cell-title a", "href"),
    );
    let own = titles.iter().zip(links).filter(|(title, _)| title.starts_with("档案变更申请")).map(|(_, href)| href);
    let waiting: Vec<String> = own.collect();
    assert_eq!(waiting.len(), 1, "what the firm opened and must mend itself stands there once");
    let case = waiting[0].clone();
    let page = firm.get(&case).await;
    assert!(page.texts(".field-error").concat().contains("缺文号"), "the remark stands at its field");
    assert!(page.texts(".notice").concat().contains("请写明通知书的文号"));
    let number = case.rsplit('/').next().unwrap().to_owned();

    // Outsiders see nothing, by whatever way.
    let bank = sign_in(app, "yinhang").await;
    assert_eq!(bank.get(&case).await.status, 404);
    assert_eq!(bank.post(&format!("{case}/act"), &[("action", "withdraw"), ("revision", "2")]).await.status, 404);
    assert_eq!(bank.post(&format!("{case}/comments"), &[("text", "看看")]).await.status, 404);
    let waits = bank.get("/desk").await.texts("main .cell-title a");
    assert!(!waits.iter().any(|title| title.starts_with("档案变更申请")), "{waits:?}");

    let act = format!("{case}/act");
    let revision = page.value_of("revision").unwrap();
    let mended = |source: &'static str, revision: String| {
        vec![
            ("action", "mend".to_owned()),
            ("revision", revision),
            ("f.attribute", "address".to_owned()),
            ("f.value", "演示工业园二路8号".to_owned()),
            ("f.valid_from", "2021-08-02".to_owned()),
            ("f.source", source.to_owned()),
        ]
    };
    let post = async |fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        firm.post(&act, &fields).await
    };
    let refused = post(mended("", revision.clone())).await;
    assert_eq!(refused.status, 422);
    assert!(refused.texts(".field-error").concat().contains("请填写依据"), "{:?}", refused.texts(".field-error"));
    assert_eq!(refused.value_of("f.value").as_deref(), Some("演示工业园二路8号"), "what was typed is kept");
    assert_eq!(post(mended("变更登记通知书 演示〔2021〕7号", revision.clone())).await.status, 303);
    let stale = post(mended("变更登记通知书", revision)).await;
    assert_eq!(stale.status, 409, "the page was of before");
    assert!(stale.texts("[role=alert]").concat().contains("补正后提交"), "{:?}", stale.texts("[role=alert]"));

    let shown = officer.get(&case).await;
    assert!(shown.texts("main").concat().contains("现登记为"), "what stands now is beside it");
    assert!(shown.texts("main").concat().contains("待确认"), "the clock says where its days come from");
    let long = "长".repeat(201);
    let remarked = [("action", "return"), ("revision", "3"), ("note", "再补"), ("r.source", long.as_str())];
    let remarked = officer.post(&act, &remarked).await;
    assert_eq!(remarked.status, 422);
    assert!(remarked.texts(".field-error").concat().contains("最多 200 个字"), "a remark too long says so where it is");
    let odd = officer.post(&act, &[("action", "accept"), ("revision", "x")]).await;
    assert_eq!(odd.status, 422);
    assert!(odd.texts("[role=alert]").concat().contains("请刷新后重新办理"), "what stands at no input is told above");
    let accept = [("action", "accept"), ("revision", "3"), ("note", "")];
    assert_eq!(officer.post(&act, &accept).await.status, 303);
    let dossier = firm.get(&firm.get(&case).await.attributes("main .facts-dl a[href^='/orgs/']", "href")[0]).await;
    assert!(dossier.texts("main").concat().contains("演示工业园二路8号"), "the record says it now");
    assert!(dossier.texts("main").concat().contains(&format!("变更申请第 {number} 件")), "and where it is from");
    let ended = officer.post(&act, &[("action", "refuse"), ("revision", "4"), ("note", "再看看")]).await;
    assert!(ended.texts("[role=alert]").concat().contains("已变更"), "an ended case stays as it is");

    // Who asked does not accept: a request of the bureau's own waits for somebody else.
    let orgs = officer.get("/api/v1/organisations?kind=enterprise&unit=1&limit=1").await.json();
    let org = orgs["items"][0]["id"].to_string();
    let new = format!("/cases/new?flow=registry.change&org={org}");
    let asked =
        [("f.attribute", "park"), ("f.value", "演示园区"), ("f.valid_from", "2021-08-01"), ("f.source", "协议")];
    let own = officer.post(&new, &asked).await.location.unwrap();
    let blocked = officer.post(&format!("{own}/act"), &[("action", "accept"), ("revision", "1")]).await;
    assert_eq!(blocked.status, 409);
    assert!(blocked.texts("[role=alert]").concat().contains("须由另一人办理"));
    let twice = officer.post(&new, &asked).await;
    assert!(twice.texts("[role=alert]").concat().contains("正在审核"), "one request about one thing at a time");
    let unsaid = officer.post(&new, &[("f.attribute", "alias"), ("note", &"长".repeat(1001))]).await;
    assert!(unsaid.texts(".field-error").concat().contains("最多 1000 个字"), "a note too long says so");
    assert_eq!(officer.get("/flows/registry.change").await.texts("svg .flow-label").len(), 5, "the flow is drawn");
}
