//! Change requests under hard conditions: the firm moved meanwhile, two ask at once, a basis as long as it may be.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use kernel::access::{Actor, role};
use kernel::case::{self, Doing, Values};
use kernel::id::{AccountId, CaseId, OrgId, UnitId};
use kernel::store::Store;
use kernel::{Error, Result, org};
use testkit::sample::{self, day};
use testkit::{TestStore, stores};

async fn cities() -> Vec<(TestStore, Vec<OrgId>)> {
    let modules: Vec<_> = registry::slices().iter().map(|slice| slice.module).collect();
    let mut cities = Vec::new();
    for store in stores(&modules).await {
        let (orgs, _) = sample::city(&store, 3).await;
        cities.push((store, orgs));
    }
    cities
}

fn county(account: i64, unit: i64) -> Actor {
    let role = role("county_officer").unwrap();
    Actor { account: AccountId(account), role, units: vec![UnitId(unit)], ..Actor::system("县局") }
}

fn firm(account: i64, org: OrgId) -> Actor {
    let role = role("enterprise").unwrap();
    Actor { account: AccountId(account), role, org: Some(org), ..Actor::system("企业") }
}

async fn ask(store: &Store, by: &Actor, org: OrgId, source: &str) -> Result<CaseId> {
    let asked = [("attribute", "park"), ("value", "开发园"), ("valid_from", "2021-02-01"), ("source", source)];
    let asked: Values = asked.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    store.write(by, async |tx| case::open(tx, "registry.change", org, &asked, "").await).await
}

async fn accept(store: &Store, by: &Actor, id: CaseId) -> Result<()> {
    let nothing = Values::new();
    let doing = Doing { action: "accept", revision: 1, values: &nothing, note: "", remarks: &nothing };
    store.write(by, async |tx| case::act(tx, id, doing).await).await.map(drop)
}

#[tokio::test]
async fn after_a_move_the_old_county_is_told_who_can_accept() {
    for (store, orgs) in cities().await {
        let id = ask(&store, &firm(1, orgs[0]), orgs[0], "入园协议").await.unwrap();
        store
            .write(&sample::actor(), async |tx| {
                org::assert(tx, orgs[0], "unit", "2", day(2021, 5, 1), None, "区划调整").await
            })
            .await
            .unwrap();
        let told = accept(&store, &county(2, 1), id).await;
        assert!(matches!(&told, Err(Error::Conflict(told)) if told.contains("请报市局")), "{}: {told:?}", store.on);
        assert!(matches!(accept(&store, &county(3, 2), id).await, Err(Error::NotFound)), "{}", store.on);
        let bureau = Actor { account: AccountId(4), ..Actor::system("市局") };
        accept(&store, &bureau, id).await.unwrap();
    }
}

#[tokio::test]
async fn a_basis_as_long_as_it_may_be_is_accepted_and_a_longer_one_is_refused_when_asked() {
    for (store, orgs) in cities().await {
        let id = ask(&store, &firm(1, orgs[0]), orgs[0], &"据".repeat(160)).await.unwrap();
        accept(&store, &county(2, 1), id).await.unwrap();
        let long = ask(&store, &firm(1, orgs[0]), orgs[0], &"据".repeat(161)).await;
        assert!(matches!(&long, Err(Error::Invalid(faults)) if faults.at("source").is_some()), "{}", store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_ask_for_the_same_at_once_one_does() {
    for (store, orgs) in cities().await {
        let tasks: Vec<_> = (1..9)
            .map(|account| {
                let (store, org) = (store.store.clone(), orgs[0]);
                tokio::spawn(async move { ask(&store, &firm(account, org), org, "入园协议").await })
            })
            .collect();
        let mut opened = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => opened += 1,
                Err(Error::Conflict(told)) => assert!(told.contains("正在审核"), "{}: {told}", store.on),
                Err(other) => panic!("{}: {other:?}", store.on),
            }
        }
        assert_eq!(opened, 1, "{}", store.on);
    }
}
