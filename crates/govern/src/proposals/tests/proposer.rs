//! The proposer answers by himself, and the term is extended by whoever answers for it.

use kernel::access::Actor;
use kernel::{Error, case};
use testkit::stores;

use super::super::proposer::{Opinion, give, make, proposer};
use super::{REGISTERED, act, bureau, issued, leader, officer, person, register};

fn opinion() -> Opinion {
    let text = |text: &str| text.to_owned();
    Opinion {
        effect: text("a"),
        evaluation: text("satisfied"),
        publish: text("yes"),
        opinion: text("办理认真"),
        signed: text("某某市委会"),
    }
}

#[tokio::test]
async fn a_proposer_fills_in_his_form_once_and_reads_nothing_else() {
    for store in stores(&[super::super::module()]).await {
        let (_, id) = issued(&store).await;
        let on = &store.on;
        let early = store.write(&officer(), async |tx| make(tx, id).await).await;
        assert!(matches!(early, Err(Error::Conflict(_))), "{on}: nothing was delivered yet");
        act(&store, &officer(), id, "deliver", &[("delivered_on", "2021-06-02")], "").await.unwrap();
        for other in [leader(), person(9, "bank")] {
            let made = store.write(&other, async |tx| make(tx, id).await).await;
            assert!(matches!(made, Err(Error::NotFound)), "{on}: {}", other.name);
        }
        let first = store.write(&officer(), async |tx| make(tx, id).await).await.unwrap();
        let link = store.write(&officer(), async |tx| make(tx, id).await).await.unwrap();
        let who = proposer(&Actor::public());
        for (stale, why) in [(first.as_str(), "a newer one was made"), ("aaaa", "never was one"), ("", "none")] {
            let refused = store.write(&who, async |tx| give(tx, stale, &opinion()).await).await;
            assert!(matches!(refused, Err(Error::Conflict(_))), "{on}: {why}");
        }
        let silent = Opinion { publish: String::new(), ..opinion() };
        let refused = store.write(&who, async |tx| give(tx, &link, &silent).await).await;
        assert!(matches!(&refused, Err(Error::Invalid(f)) if f.at("publish").is_some()), "{on}: {refused:?}");
        store.write(&who, async |tx| give(tx, &link, &opinion()).await).await.unwrap();
        let again = store.write(&who, async |tx| give(tx, &link, &opinion()).await).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{on}: once");
        let read = store.read().await.unwrap();
        let case = case::find(&read, &officer(), id).await.unwrap();
        assert_eq!((case.state.as_str(), case.values["publish"].as_str()), ("opinion", "yes"), "{on}");
        let last = case::events(&read, id).await.unwrap().pop().unwrap();
        assert!(last.by.contains("提案人") && last.note.contains("某某市委会"), "{on}: {} {}", last.by, last.note);
    }
}

#[tokio::test]
async fn a_term_is_extended_with_a_reason_by_who_answers_for_it() {
    for store in stores(&[super::super::module()]).await {
        let org = bureau(&store).await;
        let id = register(&store, org, REGISTERED).await.unwrap();
        act(&store, &officer(), id, "assign", &[("lead", "市经信局"), ("assigned_on", "2021-03-10")], "")
            .await
            .unwrap();
        act(&store, &officer(), id, "accept", &[], "").await.unwrap();
        let by_himself = act(&store, &officer(), id, "extend", &[], "情况复杂").await;
        assert!(matches!(by_himself, Err(Error::Conflict(_))), "{}: {by_himself:?}", store.on);
        let silent = act(&store, &leader(), id, "extend", &[], "").await;
        assert!(matches!(silent, Err(Error::Invalid(_))), "{}: {silent:?}", store.on);
        let state = act(&store, &leader(), id, "extend", &[], "涉及三个部门，需现场核实").await.unwrap();
        assert_eq!(state, "extended", "{}", store.on);
        let twice = act(&store, &leader(), id, "extend", &[], "再延一次").await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{}: once", store.on);
    }
}
