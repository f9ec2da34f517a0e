//! What people see and type.

use kernel::access::{NewAccount, create_account};
use kernel::id::OrgId;
use kernel::value::credit_code::CreditCode;
use testkit::sample::{actor, day};
use testkit::{Client, TestApp};

use super::fixture::{City, WAN, cities, entry};
use crate::guarantee::id::ContractId;
use crate::guarantee::rules::Event;

const PASSWORD: &str = "a long password";

async fn account(city: &City, login: &str, role: &str, org: Option<OrgId>) {
    let new = NewAccount { login, name: login, role, password: PASSWORD, unit: None, org };
    city.store.write(&actor(), async |tx| create_account(tx, new).await).await.unwrap();
}

async fn app(city: &City) -> TestApp {
    account(city, "clerk", "guarantor", Some(city.guarantor)).await;
    account(city, "rival", "guarantor", Some(city.other_guarantor)).await;
    account(city, "firm", "enterprise", Some(city.firms[0])).await;
    account(city, "bureau", "bureau_officer", None).await;
    TestApp::new(&city.store, vec![crate::guarantee::slice()]).await
}

fn code(number: i64) -> String {
    CreditCode::compose("91420299", &format!("MADT{number:04}")).unwrap().to_string()
}

async fn signs(client: &Client, city: &City, changed: &[(&str, &str)]) -> testkit::Answer {
    client.get("/guarantee/contracts/new").await;
    let (firm, bank, agreement) = (code(0), city.bank.to_string(), city.agreement.to_string());
    let mut fields = vec![
        ("ledger", "guarantee"),
        ("number", "担保〔2021〕1号"),
        ("subject", firm.as_str()),
        ("bank", bank.as_str()),
        ("agreement", agreement.as_str()),
        ("product", "ordinary"),
        ("principal", "600"),
        ("rate", "4.35"),
        ("fee", "0.8"),
        ("signed_on", "2021-01-04"),
        ("matures_on", "2022-01-03"),
    ];
    for (name, value) in changed {
        fields.retain(|(n, _)| n != name);
        fields.push((name, value));
    }
    client.post("/guarantee/contracts/new", &fields).await
}

#[tokio::test]
async fn a_clerk_signs_enters_and_is_told_at_the_field() {
    for city in cities().await {
        let app = app(&city).await;
        let clerk = app.signed_in("clerk", PASSWORD).await;
        let refused = signs(&clerk, &city, &[("principal", "六百万"), ("subject", "91420299NOBODY0000")]).await;
        assert_eq!(refused.status.as_u16(), 422, "{}", city.store.on);
        assert_eq!(refused.value_of("principal").as_deref(), Some("六百万"), "what was typed is kept");
        assert_eq!(refused.texts(".field-error").len(), 2, "{:?}", refused.texts(".field-error"));
        let signed = signs(&clerk, &city, &[]).await;
        assert_eq!(signed.status.as_u16(), 303, "{}: {:?}", city.store.on, signed.texts(".field-error"));
        let page = signed.location.unwrap();
        let events = format!("{page}/events");
        clerk.get(&page).await;
        let step = [("event", "issued"), ("on", "2021-01-05"), ("amount", "300"), ("document", "放款凭证")];
        let seen = |n: &'static str| [&step[..], &[("seen", n)]].concat();
        assert_eq!(clerk.post(&events, &seen("0")).await.status.as_u16(), 303, "{}", city.store.on);
        let twice = clerk.post(&events, &seen("0")).await;
        assert!(twice.status == 422 && twice.body.contains("打开页面"), "sent twice: {}", twice.status);
        let over = [("event", "issued"), ("on", "2021-01-05"), ("amount", "300.01"), ("seen", "1")];
        assert!(clerk.post(&events, &over).await.body.contains("合同金额减去已放款"));
        let large = [("event", "repaid"), ("on", "2021-02-05"), ("amount", "299"), ("seen", "1")];
        assert_eq!(clerk.post(&events, &large).await.status.as_u16(), 303);
        let shown = clerk.get(&page).await;
        assert!(shown.body.contains("担保机构 40%") && shown.texts("td").iter().any(|cell| cell == "2. 还本"));
        let list = clerk.get("/guarantee?state=in_force").await;
        assert_eq!(list.texts("td.cell-title"), ["担保〔2021〕1号"]);
    }
}

#[tokio::test]
async fn a_large_entry_leads_to_its_case() {
    for city in cities().await {
        let app = app(&city).await;
        let clerk = app.signed_in("clerk", PASSWORD).await;
        let page = signs(&clerk, &city, &[]).await.location.unwrap();
        clerk.get(&page).await;
        let issue = [("event", "issued"), ("on", "2021-01-05"), ("amount", "600"), ("seen", "0")];
        let answer = clerk.post(&format!("{page}/events"), &issue).await;
        assert_eq!(answer.location.as_deref(), Some("/cases/1"), "{}: {}", city.store.on, answer.status);
        assert!(clerk.get(&page).await.body.contains("大额登记复核（第 1 件，待复核）"));
    }
}

#[tokio::test]
async fn others_find_nothing_and_a_firm_only_reads() {
    for city in cities().await {
        let id: ContractId = city.paid_out(0, "担保一", 400).await;
        let page = format!("/guarantee/contracts/{id}");
        let app = app(&city).await;
        let rival = app.signed_in("rival", PASSWORD).await;
        assert_eq!(rival.get(&page).await.status.as_u16(), 404, "{}", city.store.on);
        rival.get("/guarantee").await;
        let typed = [("event", "repaid"), ("on", "2021-02-05"), ("amount", "1"), ("seen", "1")];
        assert_eq!(rival.post(&format!("{page}/events"), &typed).await.status.as_u16(), 404);
        for path in ["/guarantee", "/guarantee/due", "/guarantee/limits", "/guarantee/totals", "/guarantee/bulletin"] {
            assert!(!rival.get(path).await.body.contains("担保一"), "{path} on {}", city.store.on);
        }
        let firm = app.signed_in("firm", PASSWORD).await;
        let shown = firm.get(&page).await;
        assert!(shown.status == 200 && !shown.body.contains("登记业务"), "{}", city.store.on);
        assert_eq!(firm.post(&format!("{page}/events"), &typed).await.status.as_u16(), 403);
        assert_eq!(firm.get("/guarantee/totals").await.status.as_u16(), 403);
    }
}

#[tokio::test]
async fn the_bureau_sees_totals_the_bulletin_and_the_limits() {
    for city in cities().await {
        let id = city.paid_out(0, "担保一", 400).await;
        city.posts(&entry(id, Event::Fee, day(2021, 1, 5), 32_000)).await.unwrap();
        city.paid_out(1, "担保二", 600).await;
        city.posts(&entry(id, Event::Repaid, day(2021, 2, 5), 100 * WAN)).await.unwrap();
        let app = app(&city).await;
        let bureau = app.signed_in("bureau", PASSWORD).await;
        let totals = bureau.get("/guarantee/totals?clock=set&about=2021-03-31").await;
        assert!(totals.body.contains("与事实账的在保余额相符"), "{}", city.store.on);
        assert!(totals.body.contains("合计 900 万元") && totals.body.contains("担保费收入"));
        let bulletin = bureau.get("/guarantee/bulletin?month=2021-01").await;
        let rows = bulletin.texts("tbody tr");
        assert!(rows.iter().any(|row| row.contains("500 万元及以下1400140040.00%")), "{rows:?}");
        assert!(
            bureau.get("/guarantee/bulletin?month=2021-02").await.texts("tbody tr")[0].contains("合计002900100.00%")
        );
        assert!(bureau.get("/guarantee/bulletin?month=x").await.body.contains("月份请写成"));
        let (status, bytes) = bureau.download("/guarantee/bulletin.xlsx?month=2021-01").await;
        assert!(status == 200 && bytes.starts_with(b"PK"), "{}", city.store.on);
        let limits = bureau.get(&format!("/guarantee/limits?operator={}", city.guarantor)).await;
        assert!(limits.body.contains("900 ／ 5,000"), "the agreement on {}", city.store.on);
        let path = format!("/guarantee/operators/{}/standings", city.guarantor);
        let refused =
            bureau.post(&path, &[("as_on", "2021-01-01"), ("net_assets", "-1"), ("standing_source", "x")]).await;
        assert!(refused.status == 422 && refused.body.contains("不能为负"));
    }
}
