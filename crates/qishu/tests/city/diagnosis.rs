//! An order through the pages: the enterprise confirms, the bureau accepts and settles; nobody else looks in.

use testkit::{Client, TestApp};

use super::sign_in;

/// The orders on the first page of a reader, by the text of their row.
async fn orders(client: &Client) -> Vec<String> {
    client.get("/diagnosis").await.attributes("main .cell-title a", "href")
}

/// Does an action on the page of a case.
async fn act(client: &Client, case: &str, action: &str, fields: &[(&str, &str)]) -> u16 {
    let page = client.get(case).await;
    let revision = page.value_of("revision").unwrap_or_default();
    let mut all = vec![("action", action), ("revision", revision.as_str())];
    all.extend(fields);
    client.post(&format!("{case}/act"), &all).await.status.as_u16()
}

pub(super) async fn an_order_is_confirmed_accepted_rated_and_settled(app: &TestApp) {
    let (firm, institute, bureau) =
        (sign_in(app, "qiye").await, sign_in(app, "jigou").await, sign_in(app, "jingban").await);
    let order = orders(&firm).await.first().cloned().unwrap();
    let number = order.rsplit('/').next().unwrap().to_owned();
    let case = format!("/cases/{number}");
    for outsider in ["yinhang", "kaifaqu"] {
        let outsider = sign_in(app, outsider).await;
        for page in ["", "/questionnaire", "/report"] {
            let status = outsider.get(&format!("{order}{page}")).await.status.as_u16();
            assert!([403, 404].contains(&status), "{order}{page}: {status}");
        }
    }
    let page = firm.get(&order).await;
    assert_eq!(page.status, 200);
    assert!(page.texts("h2").concat().contains("离“网络化提升”还差什么"), "{:?}", page.texts("h2"));
    assert_eq!(page.attributes("svg.radar", "role").len(), 1, "the radar is drawn");

    assert_eq!(act(&firm, &case, "confirm", &[]).await, 303);
    let today = kernel::value::day::today(chrono::Utc::now()).to_string();
    // The enterprise's page has no such form any more: it posts what it saw of the bureau's.
    let revision = bureau.get(&case).await.value_of("revision").unwrap();
    let forged = [("action", "accept"), ("revision", revision.as_str()), ("f.completed_on", today.as_str())];
    let refused = firm.post(&format!("{case}/act"), &forged).await;
    assert_eq!(refused.status, 409, "not the enterprise's to accept");
    assert_eq!(act(&bureau, &case, "accept", &[("f.completed_on", "2031-01-01")]).await, 422);
    assert_eq!(act(&bureau, &case, "accept", &[("f.completed_on", &today)]).await, 303);

    firm.get(&order).await;
    let rated = firm.post(&format!("{order}/rating"), &[("stars", "9"), ("words", "很好")]).await;
    assert_eq!(rated.status, 422);
    assert!(rated.body.contains("很好"), "what was typed stays");
    assert_eq!(firm.post(&format!("{order}/rating"), &[("stars", "5"), ("words", "很好")]).await.status, 303);
    a_recommendation_is_dropped_with_a_reason(&firm, &bureau, &order).await;
    it_is_settled(&institute, &bureau, &order, &today).await;
}

async fn a_recommendation_is_dropped_with_a_reason(firm: &Client, bureau: &Client, order: &str) {
    let open = bureau.get("/diagnosis/items").await;
    assert_eq!(open.status, 200);
    let page = firm.get(order).await;
    let item = page.value_of("item").unwrap();
    let drop = async |note: &str| {
        firm.post(&format!("{order}/items"), &[("item", &item), ("became", "dropped"), ("note", note)]).await
    };
    assert_eq!(drop("").await.status, 422, "a reason is asked for");
    assert_eq!(drop("已有同类设备").await.status, 303);
    assert_eq!(drop("再说一次").await.status, 422, "it was said already");
}

async fn it_is_settled(institute: &Client, bureau: &Client, order: &str, today: &str) {
    // All institutions are listed; the sheet of another is not found.
    let links = institute.get("/diagnosis/institutions").await.attributes("td[data-label=结算] a", "href");
    let mut own = Vec::new();
    for href in links.iter().filter(|href| href.contains("/settlement")) {
        match institute.get(href).await.status.as_u16() {
            200 => own.push(href.split('?').next().unwrap().to_owned()),
            other => assert_eq!(other, 404, "{href}"),
        }
    }
    assert_eq!((own.len(), links.len()), (1, 7), "{links:?}");
    let mine = own.remove(0);
    let year = &today[..4];
    let before = bureau.get(&format!("{mine}?year={year}")).await;
    assert!(before.texts(".stat").concat().contains("待结算 1件"), "{:?}", before.texts(".stat"));
    let refused = institute.post(&mine, &[("year", year)]).await;
    assert_eq!(refused.status, 403);
    let done = bureau.post(&mine, &[("year", year)]).await;
    assert_eq!(done.status, 303);
    let after = institute.get(&format!("{mine}?year={year}")).await;
    assert!(after.texts(".stat").concat().contains("待结算 0件"), "{:?}", after.texts(".stat"));
    let (status, file) = institute.download(&format!("{mine}.xlsx?year={year}")).await;
    assert_eq!(status, 200);
    assert!(file.starts_with(b"PK"), "a workbook");
    assert!(institute.get(order).await.body.contains("已结算"));
}
