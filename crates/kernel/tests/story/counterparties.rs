//! A case with another side: who is chosen reads it and acts in it, and nobody else of its kind does.

use kernel::access::Actor;
use kernel::case::{self, Case, Doing, Values};
use kernel::id::{CaseId, OrgId};
use kernel::ledger::browse;
use kernel::store::Store;
use kernel::{Error, Result};
use testkit::sample_errand::{firm, sender};
use testkit::{sample, stores};

fn chosen(org: OrgId) -> Values {
    Values::from([("runner".to_owned(), org.to_string())])
}

async fn asked(store: &Store, by: &Actor, org: OrgId) -> CaseId {
    store.write(by, async |tx| case::open(tx, "sample.errand", org, &Values::new(), "").await).await.unwrap()
}

async fn act(store: &Store, by: &Actor, id: CaseId, action: &str, values: &Values) -> Result<Case> {
    let events = case::events(&store.read().await.unwrap(), id).await.unwrap();
    let (revision, remarks) = (events.len() as i64, Values::new());
    let doing = Doing { action, revision, values, note: "理由", remarks: &remarks };
    store.write(by, async |tx| case::act(tx, id, doing).await).await
}

async fn desk(store: &Store, by: &Actor) -> Vec<CaseId> {
    let found = case::desk(&store.read().await.unwrap(), by, None, 10).await.unwrap();
    found.into_iter().map(|case| case.id).collect()
}

/// Two bodies that can run, one that asks.
fn cast(orgs: &[OrgId]) -> (OrgId, OrgId, OrgId) {
    let mut runners = orgs.iter().filter(|org| org.0 % 2 == 0);
    let (one, two) = (*runners.next().unwrap(), *runners.next().unwrap());
    (*orgs.iter().find(|org| org.0 % 2 == 1).unwrap(), one, two)
}

#[tokio::test]
async fn who_is_chosen_reads_it_and_acts_and_its_facts_name_him() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 6).await;
        let (asker, one, two) = cast(&orgs);
        let (firm_a, firm_b, firm_c, boss) = (firm(1, asker), firm(2, one), firm(3, two), sender(4));
        let none = Values::new();
        let id = asked(&store, &firm_a, asker).await;
        assert!(desk(&store, &firm_b).await.is_empty(), "{}", store.on);

        act(&store, &boss, id, "send", &chosen(one)).await.unwrap();
        assert_eq!((desk(&store, &firm_b).await, desk(&store, &firm_c).await), (vec![id], vec![]), "{}", store.on);
        assert!(desk(&store, &firm_a).await.is_empty(), "it waits for the other side, not for the asker");
        let read = store.read().await.unwrap();
        assert!(case::find(&read, &firm_b, id).await.is_ok());
        assert!(matches!(case::find(&read, &firm_c, id).await, Err(Error::NotFound)), "not chosen, not seen");
        drop(read);

        let found = act(&store, &firm_b, id, "decline", &none).await.unwrap();
        assert_eq!((found.state.as_str(), found.counterparty), ("asked", Some(one)), "{}", store.on);
        act(&store, &boss, id, "send", &chosen(two)).await.unwrap();
        assert!(matches!(act(&store, &firm_b, id, "run", &none).await, Err(Error::NotFound)), "no longer his");
        assert!(matches!(act(&store, &firm_a, id, "run", &none).await, Err(Error::Conflict(_))), "nor the asker's");
        let found = act(&store, &firm_c, id, "run", &none).await.unwrap();
        assert_eq!(found.counterparty, Some(two));

        let left = act(&store, &boss, id, "leave", &none).await.unwrap();
        let read = store.read().await.unwrap();
        let mut facts = Vec::new();
        for position in case::facts_of(&read, left.record).await.unwrap() {
            let fact = browse::find(&read, &sample::ALL, position).await.unwrap();
            assert_eq!((fact.subject, fact.counterparty), (asker, Some(two)), "{}", store.on);
            facts.push((fact.kind.to_string(), fact.quantity));
        }
        let stayed = |n| ("sample.stayed".to_owned(), n);
        assert_eq!(facts, [("sample.visited".to_owned(), 1), stayed(1), stayed(-1)], "{}", store.on);
        let events = case::events(&read, id).await.unwrap();
        let replayed = case::replay(left.flow, &events).unwrap();
        let told: Vec<i64> = replayed.facts.iter().map(|fact| fact.quantity).collect();
        assert_eq!((replayed.state.as_str(), told), ("left", vec![1, 1, -1]), "{}", store.on);
        assert_eq!(replayed.values["runner"].split(' ').next(), Some(two.to_string().as_str()));
    }
}

#[tokio::test]
async fn only_those_that_can_be_chosen_are() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 6).await;
        let (asker, ..) = cast(&orgs);
        let id = asked(&store, &firm(1, asker), asker).await;
        for typed in [asker.to_string(), "9999".into(), "某公司".into()] {
            let values = Values::from([("runner".to_owned(), typed.clone())]);
            let Err(Error::Invalid(faults)) = act(&store, &sender(4), id, "send", &values).await else {
                panic!("{}: {typed} is taken", store.on);
            };
            assert!(faults.at("runner").is_some_and(|f| f.contains("从列表中选择")), "{faults:?}");
        }
    }
}
