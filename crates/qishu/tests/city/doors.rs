//! No page leads to a shut door: what a person cannot open is told as text.

use testkit::TestApp;

use super::sign_in;

/// Every link in the main part of the pages where each role begins, and of a fact and a figure's rows, opens.
pub(super) async fn no_page_leads_to_a_shut_door(app: &TestApp) {
    for login in ["qiye", "yinhang", "daye", "shenji", "lingdao"] {
        let person = sign_in(app, login).await;
        let home = person.get("/").await.location.unwrap();
        let mut pages = vec![home, "/ledger".to_owned()];
        if login == "daye" {
            pages.push("/indicators/finance.loan_amount/rows".to_owned());
            pages.push("/rules".to_owned());
        }
        for page in pages {
            let links = person.get(&page).await.attributes("main a[href^='/']", "href");
            assert!(!links.is_empty(), "{login} {page}");
            // Pages of rows and indicators are many of one kind; a few of each will do.
            let mut looked_at = std::collections::HashMap::<String, usize>::new();
            for link in links {
                let kind = link.split(['?', '#']).next().unwrap().split('/').take(2).collect::<Vec<_>>().join("/");
                let times = looked_at.entry(kind).or_default();
                *times += 1;
                if *times > 8 {
                    continue;
                }
                let status = person.get(link.split('#').next().unwrap()).await.status.as_u16();
                assert!(matches!(status, 200 | 303), "{login} on {page}: {link} answers {status}");
            }
        }
    }
}
