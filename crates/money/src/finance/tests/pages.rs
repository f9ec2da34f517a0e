//! What people see.

use kernel::access::{NewAccount, create_account};
use kernel::id::OrgId;
use testkit::TestApp;
use testkit::sample::actor;

use super::fixture::{City, PRODUCT, cities};

const PASSWORD: &str = "a long password";

async fn account(city: &City, login: &str, role: &str, org: Option<OrgId>) {
    let new = NewAccount { login, name: login, role, password: PASSWORD, unit: None, org };
    city.store.write(&actor(), async |tx| create_account(tx, new).await).await.unwrap();
}

#[tokio::test]
async fn offers_are_compared_by_what_they_cost_and_products_come_with_reasons() {
    for city in cities().await {
        let product = city.opens(&city.banker(city.bank), "finance.product", city.bank, PRODUCT).await.unwrap();
        city.acts(&city.bureau(), product, "publish", &[]).await.unwrap();
        let demand = city.demand().await;
        for (bank, rate, fee) in [(city.bank, "480", "0"), (city.other_bank, "400", "2")] {
            let id = city.asks(demand, bank, "100").await.unwrap();
            city.acts(&city.banker(bank), id, "accept", &[]).await.unwrap();
            let offer = [("offered", "100"), ("term", "12"), ("rate", rate), ("fee", fee), ("repayment", "end")];
            city.acts(&city.banker(bank), id, "offer", &offer).await.unwrap();
        }
        account(&city, "firm", "enterprise", Some(city.firms[0])).await;
        account(&city, "rival", "enterprise", Some(city.firms[1])).await;
        account(&city, "banker", "bank", Some(city.bank)).await;
        account(&city, "officer", "bureau_officer", None).await;
        let app = TestApp::new(&city.store, vec![crate::finance::slice()]).await;
        let path = format!("/finance/demands/{demand}");
        let firm = app.signed_in("firm", PASSWORD).await;
        let page = firm.get(&path).await;
        assert_eq!(page.status.as_u16(), 200, "{}", page.body);
        for text in ["4.80%", "6.00%", "最低", "样例贷", "符合", "未授权"] {
            assert!(page.body.contains(text), "{text} on {}: {}", city.store.on, page.body);
        }
        for login in ["rival", "banker"] {
            let other = app.signed_in(login, PASSWORD).await;
            assert_eq!(other.get(&path).await.status.as_u16(), 404, "{login}");
            assert!(!other.get("/finance").await.body.contains("另一银行"), "{login}");
        }
        let officer = app.signed_in("officer", PASSWORD).await;
        let funnel = officer.get("/finance/funnel").await;
        assert!(funnel.body.contains("样例银行") && funnel.body.contains("另一银行"), "{}", funnel.body);
        let public = app.visitor().get("/open/finance/products?amount=100").await;
        assert!(public.body.contains("样例贷"), "{}", public.body);
        assert!(!firm.get("/open/finance/products?amount=501").await.body.contains("样例贷"));
        // Whatever was asked this month is told next month, and never of one firm alone.
        let statistics = app.visitor().get("/open/finance/statistics").await;
        assert_eq!(statistics.status.as_u16(), 200, "{}", statistics.body);
        assert!(!statistics.body.contains("样例企业"), "{}", statistics.body);
    }
}
