//! Stories through the router: searching, changing, and what is office work.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use kernel::access::{NewAccount, create_account};
use kernel::id::{OrgId, UnitId};
use kernel::org::NewOrg;
use testkit::sample;
use testkit::{TestApp, TestStore, stores};

const PASSWORD: &str = "a-password-for-tests";

async fn stages() -> Vec<(TestStore, TestApp, Vec<OrgId>)> {
    let modules: Vec<_> = registry::slices().iter().map(|slice| slice.module).collect();
    let mut stages = Vec::new();
    for store in stores(&modules).await {
        let (orgs, _) = sample::city(&store, 6).await;
        let people = [
            ("officer", "bureau_officer", None, None),
            ("leader", "bureau_leader", None, None),
            ("east", "county_officer", Some(UnitId(1)), None),
            ("firm", "enterprise", None, Some(orgs[1])),
            ("bank", "bank", None, Some(orgs[2])),
        ];
        for (login, role, unit, org) in people {
            let new = NewAccount { login, name: login, role, password: PASSWORD, unit, org };
            store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
        }
        let app = TestApp::new(&store, registry::slices()).await;
        stages.push((store, app, orgs));
    }
    stages
}

#[tokio::test]
async fn one_letter_is_too_little_to_search_for() {
    for (store, app, _) in stages().await {
        let officer = app.signed_in("officer", PASSWORD).await;
        for typed in ["a", "7", "%E6%A0%B7+y"] {
            let page = officer.get(&format!("/orgs?q={typed}")).await;
            assert_eq!((page.status.as_u16(), page.texts("tbody tr").len()), (422, 0), "{} {typed}", store.on);
            assert!(page.texts(".field-error").concat().contains("至少写两个"), "{} {typed}", store.on);
            let api = officer.get(&format!("/api/v1/organisations?q={typed}")).await;
            assert_eq!((api.status.as_u16(), api.json()["errors"][0]["field"].as_str()), (422, Some("q")));
        }
        for typed in ["yl", "%E6%A0%B7"] {
            assert_eq!(
                officer.get(&format!("/orgs?q={typed}")).await.texts("tbody tr").len(),
                6,
                "{} {typed}",
                store.on
            );
        }
    }
}

#[tokio::test]
async fn a_change_of_the_past_says_until_when_it_holds() {
    for (store, app, orgs) in stages().await {
        let officer = app.signed_in("officer", PASSWORD).await;
        let path = format!("/orgs/{}/attributes", orgs[0]);
        officer.get("/orgs").await;
        let mut said = Vec::new();
        for (value, from) in [("二园", "2021-03-01"), ("一园", "2020-01-01")] {
            let typed = [("attribute", "park"), ("value", value), ("valid_from", from), ("source", "说明")];
            assert_eq!(officer.post(&path, &typed).await.status, 303, "{}", store.on);
            said.push(officer.get("/orgs").await.texts("[role=status]").concat());
        }
        assert_eq!(said[0], "变更已登记", "{}", store.on);
        assert!(said[1].contains("有效到 2021-02-28"), "{}: {}", store.on, said[1]);
    }
}

#[tokio::test]
async fn comparing_size_classes_is_office_work() {
    for (store, app, _) in stages().await {
        for (login, may) in [("officer", true), ("leader", true), ("east", true), ("firm", false), ("bank", false)] {
            let client = app.signed_in(login, PASSWORD).await;
            let status = client.get("/orgs/mismatches").await.status.as_u16();
            assert_eq!(status, if may { 200 } else { 403 }, "{} {login}", store.on);
            let menu = client.get("/orgs").await.texts(".side .menu a");
            assert_eq!(menu.contains(&"划型核对".to_owned()), may, "{} {login}: {menu:?}", store.on);
        }
    }
}

#[tokio::test]
async fn a_broken_place_in_a_list_leads_to_its_beginning() {
    for (store, app, _) in stages().await {
        let officer = app.signed_in("officer", PASSWORD).await;
        for (path, at, first) in [
            ("/orgs?unit=1&after=x", ".notice-error a", "/orgs?unit=1"),
            ("/orgs/mismatches?after=x", ".error-acts a", "/orgs/mismatches"),
        ] {
            let page = officer.get(path).await;
            assert_eq!((page.status.as_u16(), page.attributes(at, "href")[0].as_str()), (422, first), "{}", store.on);
        }
    }
}

/// A firm moved in on 1 May: what it was in March is the other county's, whose figures count it then.
#[tokio::test]
async fn a_county_does_not_write_into_a_time_that_was_anothers() {
    for (store, app, orgs) in stages().await {
        let (officer, east) = (app.signed_in("officer", PASSWORD).await, app.signed_in("east", PASSWORD).await);
        let read = store.read().await.unwrap();
        let mut foreign = None;
        for org in orgs {
            if kernel::org::find(&read, org).await.unwrap().unit != 1 {
                foreign = Some(org);
            }
        }
        drop(read);
        let path = format!("/orgs/{}/attributes", foreign.unwrap());
        officer.get("/orgs").await;
        east.get("/orgs").await;
        let moved = [("attribute", "unit"), ("value", "1"), ("valid_from", "2021-05-01"), ("source", "迁入通知")];
        assert_eq!(officer.post(&path, &moved).await.status, 303, "{}", store.on);
        for (attribute, value) in [("unit", "1"), ("address", "演示路 1 号")] {
            let backdated =
                [("attribute", attribute), ("value", value), ("valid_from", "2021-03-01"), ("source", "倒签")];
            let refused = east.post(&path, &backdated).await;
            assert_eq!(refused.status, 422, "{} {attribute}", store.on);
            assert!(refused.texts(".field-error").concat().contains("其他填报单元"), "{} {attribute}", store.on);
        }
        let own =
            [("attribute", "address"), ("value", "演示路 1 号"), ("valid_from", "2021-06-01"), ("source", "来函")];
        assert_eq!(east.post(&path, &own).await.status, 303, "{}", store.on);
    }
}

/// Banks, bureaus and the like were registered first, and are not what the office looks for.
#[tokio::test]
async fn the_list_begins_with_enterprises_and_says_so() {
    for (store, app, _) in stages().await {
        let bureau = NewOrg {
            kind: "government".into(),
            credit_code: None,
            local_code: Some("JG-01".into()),
            since: sample::day(2020, 1, 1),
            attributes: vec![("name".into(), "样例机关".into()), ("unit".into(), "1".into())],
            source: "测试".into(),
        };
        store.write(&sample::actor(), async |tx| kernel::org::register(tx, bureau).await).await.unwrap();
        let officer = app.signed_in("officer", PASSWORD).await;
        let rows = async |path: &str| {
            let page = officer.get(path).await;
            (
                page.texts("tbody tr").len(),
                page.texts(".pager-count").concat(),
                page.attributes("a[href='/orgs?kind=']", "href").len(),
            )
        };
        assert_eq!(rows("/orgs").await, (6, "共 6 条，本页 6 条".into(), 1), "{}: with a way to all", store.on);
        assert_eq!(rows("/orgs?kind=").await, (7, "共 7 条，本页 7 条".into(), 0), "{}", store.on);
        assert_eq!(rows("/orgs?kind=government").await.0, 1, "{}", store.on);
        // Who looks for a name looks everywhere; a program gets what it asks for.
        assert_eq!(rows("/orgs?q=%E6%A0%B7%E4%BE%8B%E6%9C%BA%E5%85%B3").await.0, 1, "{}", store.on);
        let api = officer.get("/api/v1/organisations").await.json();
        assert_eq!(api["items"].as_array().unwrap().len(), 7, "{}", store.on);
        let bank = app.signed_in("bank", PASSWORD).await;
        assert_eq!(bank.get("/orgs").await.texts("tbody tr").len(), 1, "{}: its own, whatever it is", store.on);
    }
}
