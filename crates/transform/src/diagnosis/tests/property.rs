//! Whatever people try, an order stands in a state of the table, and its facts are those its events come to.

use kernel::case;
use kernel::id::CaseId;
use kernel::store::Store;
use testkit::{Dice, sample, stores};

use super::super::{ORDER, module};
use super::stage::*;

/// The state of an order after what was tried, checked against its events and the ledger.
async fn consistent(store: &Store, id: CaseId) -> String {
    let read = store.read().await.unwrap();
    let found = case::find(&read, &bureau(1), id).await.unwrap();
    assert!(ORDER.state(&found.state).is_some(), "{} is no state", found.state);
    let events = case::events(&read, id).await.unwrap();
    let replayed = case::replay(&ORDER, &events).unwrap_or_else(|wrong| panic!("order {id}: {wrong}"));
    assert_eq!((&replayed.state, &replayed.values), (&found.state, &found.values), "order {id}");
    let mut told: Vec<_> = replayed.facts.iter().map(|f| (f.kind.to_owned(), f.on, f.quantity, f.amount)).collect();
    let mut kept = Vec::new();
    for position in case::facts_of(&read, found.record).await.unwrap() {
        let fact = kernel::ledger::browse::find(&read, &sample::ALL, position).await.unwrap();
        kept.push((fact.kind.to_string(), fact.occurred_on, fact.quantity, fact.amount.0));
    }
    told.sort();
    kept.sort();
    assert_eq!(told, kept, "order {id}: {}", found.state);
    found.state
}

#[tokio::test]
async fn any_sequence_of_actions_keeps_state_values_and_facts_together() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 8, 2).await;
        for org in &stage.institutions {
            select(&store, *org, far(), "50").await;
        }
        let (on, mut dice) = (today(), Dice(7));
        let mut reached = std::collections::BTreeSet::new();
        for firm_org in &stage.firms {
            let id =
                open(&store, &firm(*firm_org), ORDER.code, *firm_org, &[("plan_year", &this_year())]).await.unwrap();
            let (mut done, mut state) = (0, "requested".to_owned());
            for _ in 0..60 {
                let chosen = *dice.pick(&stage.institutions);
                let people = [
                    bureau(1),
                    bureau(2),
                    firm(*firm_org),
                    institution(stage.institutions[0]),
                    institution(stage.institutions[1]),
                ];
                let by = dice.pick(&people);
                // Now and then the papers are made, so that reports can be delivered.
                if dice.below(4) == 0 {
                    assess(&store, by, id, [3, 1, 0, 0]).await.ok();
                    write_report(&store, by, id, &whole(done)).await.is_ok().then(|| done += 1);
                }
                // Mostly what the state allows, now and then anything.
                let here: Vec<_> = ORDER.actions.iter().filter(|one| one.from.contains(&state.as_str())).collect();
                let action = match dice.below(4) {
                    0 => dice.pick(ORDER.actions).code,
                    _ => here.get(dice.below(here.len() as u64) as usize).map_or("request", |one| one.code),
                };
                let institution = chosen.to_string();
                let typed = [
                    ("institution", institution.as_str()),
                    ("on_site_on", &on),
                    ("report_no", "样例"),
                    ("reported_on", &on),
                    ("completed_on", &on),
                    ("subsidy", "1"),
                    ("settled_on", &on),
                ];
                // Cancelling ends everything: it is tried rarely.
                if !matches!(action, "cancel" | "withdraw") || dice.below(12) == 0 {
                    act(&store, by, id, action, &typed).await.ok();
                }
                state = consistent(&store, id).await;
                reached.insert(state.clone());
            }
        }
        assert!(reached.len() >= 7, "{}: the dice went through {reached:?}", store.on);
    }
}
