//! Limits hold whoever enters at the same time.

use kernel::Result;
use kernel::access::Scope;
use kernel::value::money::Fen;
use testkit::sample::{actor, day};

use super::fixture::{City, WAN, cities, entry, posts, stand, told};
use crate::guarantee::agreements;
use crate::guarantee::contracts::{self, Drift};
use crate::guarantee::id::{ContractId, EventId};
use crate::guarantee::rules::Event;

/// Posts one event on each contract at the same time.
async fn at_once(city: &City, contracts: &[ContractId], event: Event, fen: i64) -> Vec<Result<EventId>> {
    let tasks: Vec<_> = contracts
        .iter()
        .map(|id| {
            let (store, entry) = (city.store.store.clone(), entry(*id, event, day(2021, 1, 6), fen));
            tokio::spawn(async move { posts(&store, &entry).await })
        })
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_entries_at_once_never_exceed_the_limit_of_one_firm() {
    for city in cities().await {
        let mut signed = Vec::new();
        for n in 0..64 {
            signed.push(city.signed(&city.contract(0, &format!("担保{n}"), 100)).await.unwrap());
        }
        // Of 64 loans of 100 万元 the limit of 2000 万元 takes 20.
        let done = at_once(&city, &signed, Event::Issued, 100 * WAN).await;
        let posted = done.iter().filter(|result| result.is_ok()).count();
        assert_eq!(posted, 20, "{}", city.store.on);
        let refusal = told(done.into_iter().find(Result::is_err).unwrap());
        assert!(refusal.contains("同一被担保人将达到 2100 万元，超过上限 2000 万元"), "{refusal}");
        let read = city.store.read().await.unwrap();
        assert_eq!(contracts::drift(&read).await.unwrap(), Drift::default(), "{}", city.store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_repayments_at_once_never_exceed_the_balance() {
    for city in cities().await {
        let id = city.paid_out(0, "担保一", 100).await;
        let done = at_once(&city, &[id; 64], Event::Repaid, 3 * WAN).await;
        assert_eq!(done.iter().filter(|result| result.is_ok()).count(), 33, "{}", city.store.on);
        assert_eq!(city.found(id).await.book.outstanding(), Fen(WAN));
    }
}

#[tokio::test]
async fn group_agreement_and_leverage_are_held_and_told() {
    for city in cities().await {
        let relate = async |tx: &mut kernel::store::Tx| {
            for firm in [0, 1] {
                agreements::relate(tx, &Scope::All, city.firms[firm], "样例集团", "股权核查").await?;
            }
            Ok(())
        };
        city.store.write(&actor(), relate).await.unwrap();
        city.paid_out(0, "一", 2000).await;
        // The group takes 3000 万元; the second firm alone might have 2000.
        let second = city.signed(&city.contract(1, "二", 1500)).await.unwrap();
        let told_group = told(city.posts(&entry(second, Event::Issued, day(2021, 1, 6), 1001 * WAN)).await);
        assert!(told_group.contains("关联方将达到 3001 万元"), "{told_group} on {}", city.store.on);
        city.posts(&entry(second, Event::Issued, day(2021, 1, 6), 1000 * WAN)).await.unwrap();
        // The agreement takes 5000 万元.
        let third = city.signed(&city.contract(2, "三", 2000)).await.unwrap();
        city.posts(&entry(third, Event::Issued, day(2021, 1, 6), 1900 * WAN)).await.unwrap();
        let fourth = city.signed(&city.contract(3, "四", 200)).await.unwrap();
        let told_cap = told(city.posts(&entry(fourth, Event::Issued, day(2021, 1, 6), 101 * WAN)).await);
        assert!(told_cap.contains("合作协议额度"), "{told_cap}");
        // With net assets of 390 万元 everything above 3900 is too much, small loans weigh three quarters.
        city.store.write(&actor(), async |tx| stand(tx, city.guarantor, 390 * WAN).await).await.unwrap();
        let told_all = told(city.posts(&entry(fourth, Event::Issued, day(2021, 1, 6), WAN)).await);
        assert!(told_all.contains("融资担保责任余额将达到 4900.75 万元"), "{told_all} on {}", city.store.on);
    }
}
