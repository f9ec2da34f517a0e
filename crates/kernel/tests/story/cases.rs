//! A case goes by its flow and no other way; state, values, facts and events tell the same story whatever people try.

use std::collections::BTreeMap;

use kernel::access::Actor;
use kernel::case::{self, Case, Doing, FactShape, Light, Values};
use kernel::id::{CaseId, OrgId};
use kernel::indicator::Filter;
use kernel::publication::{self, Cited, Draft};
use kernel::store::Store;
use kernel::value::day::Day;
use kernel::{Error, Result};
use testkit::sample::day;
use testkit::sample_case::{applicant, leader, worker};
use testkit::{Dice, sample, stores};

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

const DONE: [(&str, &str); 2] = [("done_on", "2021-07-01"), ("cost", "3.5")];

async fn opened(store: &Store, by: &Actor, org: OrgId) -> CaseId {
    let typed = values(&[("what", "设备改造"), ("class", "甲类")]);
    store.write(by, async |tx| case::open(tx, "sample.order", org, &typed, "").await).await.unwrap()
}

async fn case(store: &Store, id: CaseId) -> Case {
    case::find(&store.read().await.unwrap(), &leader(90), id).await.unwrap()
}

/// Does an action on the case as it stands.
async fn act(store: &Store, by: &Actor, id: CaseId, action: &str, typed: &[(&str, &str)], note: &str) -> Result<Case> {
    let revision = case(store, id).await.revision;
    let (values, remarks) = (values(typed), values(&[("what", "请写明型号")]));
    let doing = Doing { action, revision, values: &values, note, remarks: &remarks };
    store.write(by, async |tx| case::act(tx, id, doing).await).await
}

/// The facts of a case that stand, as the ledger has them.
async fn standing(store: &Store, case: &Case) -> Vec<FactShape> {
    let read = store.read().await.unwrap();
    let mut found = Vec::new();
    for position in case::facts_of(&read, case.record).await.unwrap() {
        let fact = kernel::ledger::browse::find(&read, &sample::ALL, position).await.unwrap();
        let kind = read.catalog().kind(&fact.kind).unwrap().decl.code;
        assert_eq!(fact.subject, case.subject);
        let (on, quantity, amount) = (fact.occurred_on, fact.quantity, fact.amount.0);
        found.push(FactShape { kind, class: fact.class, on, quantity, amount });
    }
    found
}

/// Row, events and ledger agree.
async fn consistent(store: &Store, id: CaseId) -> Case {
    let found = case(store, id).await;
    let events = case::events(&store.read().await.unwrap(), id).await.unwrap();
    let replayed = case::replay(found.flow, &events).unwrap_or_else(|wrong| panic!("case {id}: {wrong}"));
    assert_eq!((&replayed.state, &replayed.values), (&found.state, &found.values), "case {id}");
    assert_eq!(found.revision, events.len() as i64, "case {id}");
    let (mut told, mut kept) = (replayed.facts, standing(store, &found).await);
    told.sort();
    kept.sort();
    assert_eq!(told, kept, "case {id}");
    found
}

fn conflict(error: Error) -> String {
    match error {
        Error::Conflict(message) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_order_is_sent_back_mended_paused_signed_by_two_and_accepted_by_a_third() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let (firm, a, b, boss) = (applicant(1, orgs[0]), worker(2, 1), worker(3, 1), leader(4));
        let id = opened(&store, &firm, orgs[0]).await;
        let asked = consistent(&store, id).await;
        assert_eq!((asked.state.as_str(), asked.values["class"].as_str()), ("asked", "a"), "{}", store.on);
        assert!(asked.due_on.is_some(), "the clock of the review runs");

        let silent = act(&store, &a, id, "return", &[], " ").await.unwrap_err();
        assert!(matches!(&silent, Error::Invalid(faults) if faults.at("note").is_some_and(|m| m.contains("退回理由"))));
        let back = act(&store, &a, id, "return", &[], "型号不清").await.unwrap();
        assert_eq!((back.state.as_str(), back.due_on), ("mending", None));
        let events = case::events(&store.read().await.unwrap(), id).await.unwrap();
        assert_eq!(
            case::Standing::of(&events).remarks,
            values(&[("what", "请写明型号")]),
            "the remark is at its field"
        );
        let foreign = conflict(act(&store, &a, id, "mend", &[], "").await.unwrap_err());
        assert!(foreign.contains("待补正") && foreign.contains("没有可办的动作"), "{foreign}");
        let empty = act(&store, &firm, id, "mend", &[("what", "")], "").await.unwrap_err();
        assert!(matches!(&empty, Error::Invalid(faults) if faults.at("what") == Some("请填写事项")));
        act(&store, &firm, id, "mend", &[("what", "设备改造 A 型")], "").await.unwrap();

        let doing = act(&store, &a, id, "take", &[], "").await.unwrap();
        let paused = act(&store, &a, id, "pause", &[], "等企业停产检修").await.unwrap();
        assert_eq!((paused.due_on, paused.days_left), (None, Some(10)), "ten working days are left and stand still");
        let resumed = act(&store, &b, id, "resume", &[], "").await.unwrap();
        assert_eq!(resumed.due_on, doing.due_on, "{}: resumed on the same day, due on the same day", store.on);

        let half = act(&store, &a, id, "sign", &DONE, "").await.unwrap();
        assert_eq!((half.state.as_str(), half.revision), ("doing", 7), "one signature does not change the state");
        consistent(&store, id).await;
        let again = conflict(act(&store, &a, id, "sign", &DONE, "").await.unwrap_err());
        assert!(again.contains("您已签过，还需另外 1 人"), "{again}");
        let done = act(&store, &b, id, "sign", &DONE, "").await.unwrap();
        assert_eq!(done.state, "done");
        let kinds: Vec<_> = standing(&store, &done).await.iter().map(|f| (f.kind, f.amount)).collect();
        assert_eq!(kinds, [("sample.visited", 0), ("sample.paid", 3_500_000)], "{}", store.on);

        let rejected = act(&store, &boss, id, "reject", &[], "照片不全").await.unwrap();
        assert_eq!(standing(&store, &rejected).await, [], "what it wrote is taken back");
        act(&store, &boss, id, "sign", &DONE, "").await.unwrap();
        act(&store, &b, id, "sign", &DONE, "").await.unwrap();
        let own = conflict(act(&store, &boss, id, "accept", &[], "").await.unwrap_err());
        assert!(own.contains("须由另一人办理"), "who signed does not accept: {own}");
        let deputy = Actor { behalf: Some(boss.account), ..leader(5) };
        conflict(act(&store, &deputy, id, "accept", &[], "").await.unwrap_err());
        act(&store, &leader(5), id, "accept", &[], "").await.unwrap();
        let ended = consistent(&store, id).await;
        assert!(ended.flow.ends_in(&ended.state) && ended.due_on.is_none(), "{}", store.on);
        let told = "SELECT e.verb FROM audit e JOIN audit_org o ON o.number = e.number \
                    WHERE e.object = 'case' AND o.org_id = $1 ORDER BY e.number";
        let told = store.read().await.unwrap().all((told, kernel::args![orgs[0]])).await.unwrap();
        let verbs: Vec<String> = told.iter().map(|row| row.get("verb").unwrap()).collect();
        assert_eq!(verbs.len() as i64, ended.revision, "every step is in the trail of its firm");
        assert_eq!((verbs[0].as_str(), verbs[1].as_str()), ("case.open", "case.act"), "{}", store.on);
    }
}

#[tokio::test]
async fn what_is_out_of_reach_is_not_found_and_waits_for_nobody_there() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let (firm, other) = (applicant(1, orgs[0]), applicant(2, orgs[1]));
        let id = opened(&store, &firm, orgs[0]).await;
        let foreign =
            store.write(&other, async |tx| case::open(tx, "sample.order", orgs[0], &Values::new(), "").await).await;
        assert!(matches!(foreign, Err(Error::NotFound)), "{}: a firm opens nothing about another", store.on);
        let read = store.read().await.unwrap();
        let waits = async |actor: &Actor| {
            case::desk(&read, actor, None, 50).await.unwrap().iter().map(|case| case.id).collect::<Vec<_>>()
        };
        for stranger in [&other, &worker(3, 2), &applicant(4, orgs[2])] {
            assert!(matches!(case::find(&read, stranger, id).await, Err(Error::NotFound)), "{}", stranger.name);
            assert_eq!(waits(stranger).await, [], "{}", stranger.name);
        }
        assert_eq!(waits(&worker(5, 1)).await, [id], "it waits for the officers of its unit");
        assert_eq!(waits(&firm).await, [], "and not for the firm");
        assert_eq!(case::opened_by_me(&read, &firm, 9).await.unwrap().len(), 1);
        assert_eq!(
            case::running_by_unit(&read, &sample::ALL, "sample.order", read.today()).await.unwrap(),
            [(kernel::id::UnitId(1), 1, 0)]
        );
        drop(read);
        let act_there = act(&store, &worker(3, 2), id, "take", &[], "").await;
        assert!(matches!(act_there, Err(Error::NotFound)), "{}: neither is it acted on", store.on);
        let said = store.write(&other, async |tx| case::comment(tx, id, "看看").await).await;
        assert!(matches!(said, Err(Error::NotFound)), "{}", store.on);

        act(&store, &worker(5, 1), id, "return", &[], "请补充").await.unwrap();
        let read = store.read().await.unwrap();
        let rows = case::desk(&read, &firm, None, 9).await.unwrap();
        assert_eq!(rows.iter().map(|case| case.id).collect::<Vec<_>>(), [id], "now it waits for the firm");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_act_at_once_one_wins_and_the_other_learns_who() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let id = opened(&store, &applicant(1, orgs[0]), orgs[0]).await;
        let take = |account: i64| {
            let store = store.store.clone();
            tokio::spawn(async move {
                let (nothing, by) = (Values::new(), worker(account, 1));
                let doing = Doing { action: "take", revision: 1, values: &nothing, note: "", remarks: &nothing };
                store.write(&by, async |tx| case::act(tx, id, doing).await).await
            })
        };
        let tasks: Vec<_> = (2..10).map(take).collect();
        let mut lost = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(case) => assert_eq!(case.revision, 2),
                Err(error) => lost.push(conflict(error)),
            }
        }
        assert_eq!(lost.len(), 7, "{}: one wins", store.on);
        for told in &lost {
            assert!(told.contains("办理“受理”") && told.starts_with("经办"), "{}: {told}", store.on);
        }
        consistent(&store, id).await;
    }
}

#[tokio::test]
async fn a_signature_holds_for_what_was_signed_and_for_one_action() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let (a, b) = (worker(2, 1), worker(3, 1));
        let id = opened(&store, &applicant(1, orgs[0]), orgs[0]).await;
        act(&store, &a, id, "take", &[], "").await.unwrap();
        act(&store, &a, id, "sign", &DONE, "").await.unwrap();
        let dearer = act(&store, &b, id, "sign", &[("done_on", "2021-07-01"), ("cost", "350")], "").await.unwrap();
        assert_eq!(dearer.state, "doing", "{}: the first signed another amount", store.on);
        consistent(&store, id).await;
        act(&store, &a, id, "report", &[("what", "设备改造 B 型")], "").await.unwrap();
        let again = act(&store, &b, id, "sign", &[], "").await.unwrap();
        assert_eq!(again.state, "doing", "{}: what was signed before the report is void", store.on);
        // To stop it is another question: one voice for it does not make two with one for the other.
        let stop = act(&store, &a, id, "stop", &[], "").await.unwrap();
        assert_eq!(stop.state, "doing", "{}", store.on);
        consistent(&store, id).await;
        let done = act(&store, &a, id, "sign", &[], "").await.unwrap();
        assert_eq!((done.state.as_str(), done.values["cost"].as_str()), ("done", "350000000"), "{}", store.on);
        consistent(&store, id).await;
        let system = act(&store, &sample::actor(), id, "accept", &[], "").await.unwrap_err();
        assert!(matches!(system, Error::NotFound), "the system reads no cases it has no permission for");
    }
}

#[tokio::test]
async fn who_left_the_firm_has_left_its_cases() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let id = opened(&store, &applicant(1, orgs[0]), orgs[0]).await;
        act(&store, &worker(2, 1), id, "return", &[], "请补充").await.unwrap();
        let elsewhere = applicant(1, orgs[1]);
        let read = store.read().await.unwrap();
        assert!(matches!(case::find(&read, &elsewhere, id).await, Err(Error::NotFound)), "{}", store.on);
        assert!(case::desk(&read, &elsewhere, None, 9).await.unwrap().is_empty(), "{}", store.on);
        assert!(case::opened_by_me(&read, &elsewhere, 9).await.unwrap().is_empty(), "{}", store.on);
        assert!(!case::anything_waits(&read, &elsewhere).await.unwrap(), "{}", store.on);
        assert!(case::anything_waits(&read, &applicant(1, orgs[0])).await.unwrap(), "{}", store.on);
        drop(read);
        let mended = act(&store, &elsewhere, id, "mend", &[("what", "别的")], "").await;
        assert!(matches!(mended, Err(Error::NotFound)), "{}", store.on);
        let colleague = act(&store, &applicant(9, orgs[0]), id, "mend", &[], "").await.unwrap_err();
        assert!(conflict(colleague).contains("没有可办的动作"), "a colleague reads it and does not mend it");
    }
}

#[tokio::test]
async fn what_was_published_is_not_taken_back_with_a_case() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let (a, b) = (worker(2, 1), worker(3, 1));
        let id = opened(&store, &applicant(1, orgs[0]), orgs[0]).await;
        act(&store, &a, id, "take", &[], "").await.unwrap();
        act(&store, &a, id, "sign", &DONE, "").await.unwrap();
        act(&store, &b, id, "sign", &DONE, "").await.unwrap();
        let read = store.read().await.unwrap();
        let cited = Cited {
            citation: "A01".into(),
            printed: "1".into(),
            indicator: "sample.paid_quantity".into(),
            about: day(2021, 8, 11),
            filter: Filter::default(),
        };
        let draft = Draft {
            title: "答复".into(),
            published_on: day(2021, 8, 11),
            known: read.head().unwrap(),
            body: "{}".into(),
            figures: vec![cited],
        };
        let frozen = publication::freeze(&read, &draft).await.unwrap();
        drop(read);
        let reasons = std::collections::HashMap::new();
        store
            .write(&sample::actor(), async |tx| publication::enter(tx, &draft, frozen, vec![], &reasons).await)
            .await
            .unwrap();
        let refused = conflict(act(&store, &leader(4), id, "reject", &[], "照片不全").await.unwrap_err());
        assert!(refused.contains("已发布数字") && refused.contains("申请更正"), "{}: {refused}", store.on);
        let unchanged = consistent(&store, id).await;
        assert_eq!((unchanged.state.as_str(), standing(&store, &unchanged).await.len()), ("done", 2), "{}", store.on);
    }
}

#[tokio::test]
async fn what_is_due_first_stands_first_and_a_late_one_is_red() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 6).await;
        let typed = values(&[("what", "改造")]);
        let mut opened = Vec::new();
        for (org, days) in [(orgs[0], 1), (orgs[3], 30)] {
            let at = chrono::Utc::now() - chrono::Days::new(days);
            let by = applicant(days as i64, org);
            let id = store.write_at(at, &by, async |tx| case::open(tx, "sample.order", org, &typed, "").await).await;
            opened.push(id.unwrap());
        }
        let (read, officer) = (store.read().await.unwrap(), worker(9, 1));
        let rows = case::desk(&read, &officer, None, 1).await.unwrap();
        assert_eq!(rows[0].id, opened[1], "{}: the older is due first", store.on);
        let light = |case: &Case| {
            let clock = case.flow.state(&case.state).and_then(|s| s.clock).and_then(case::clock);
            case::light(clock, case.due_on, read.today())
        };
        assert_eq!(light(&rows[0]), Light::Red);
        let after = (rows[0].due_on.unwrap(), rows[0].id);
        let next = case::desk(&read, &officer, Some(after), 9).await.unwrap();
        assert_eq!(next.iter().map(|case| case.id).collect::<Vec<_>>(), [opened[0]]);
        assert_ne!(light(&next[0]), Light::Red);
    }
}

/// Whatever anybody tries in any order, what is kept is what the events come to.
#[tokio::test]
async fn any_sequence_of_actions_keeps_state_values_facts_and_events_equal() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 6).await;
        let mut dice = Dice(7);
        let mut reached: BTreeMap<String, usize> = BTreeMap::new();
        for round in 0..70 {
            let org = orgs[if round % 2 == 0 { 0 } else { 3 }];
            let firm = applicant(1, org);
            let people = [firm.clone(), worker(2, 1), worker(3, 1), leader(4), leader(5), worker(6, 2)];
            let id = opened(&store, &firm, org).await;
            for _ in 0..24 {
                let found = case(&store, id).await;
                // Mostly something the state allows, now and then anything.
                let possible: Vec<&str> = found
                    .flow
                    .actions
                    .iter()
                    .filter(|a| a.from.contains(&found.state.as_str()) || dice.below(12) == 0)
                    .map(|a| a.code)
                    .collect();
                if possible.is_empty() {
                    break;
                }
                let (action, by) = (*dice.pick(&possible), dice.pick(&people).clone());
                // Mostly the same content, as two signatures must cover the same.
                let other = if dice.below(6) == 0 { dice.below(8) } else { 0 };
                let cost = other.to_string();
                let day = Day::from_ymd_opt(2021, 1 + other as u32, 5).unwrap().to_string();
                let typed = [("done_on", day.as_str()), ("cost", cost.as_str()), ("what", "事项")];
                // A refusal is an answer too; it must leave nothing behind.
                let done = act(&store, &by, id, action, &typed, if dice.below(5) == 0 { "" } else { "理由" }).await;
                if let Ok(after) = done {
                    *reached.entry(after.state).or_default() += 1;
                }
            }
            consistent(&store, id).await;
        }
        for state in ["mending", "doing", "paused", "done", "accepted", "cancelled"] {
            assert!(reached.contains_key(state), "{}: {state} was reached: {reached:?}", store.on);
        }
        assert_eq!(kernel::ledger::rebuild::compare(&store).await.unwrap(), [], "{}", store.on);
    }
}

#[tokio::test]
async fn a_program_that_does_not_know_a_running_flow_refuses_to_start() {
    let dir = tempfile::tempdir().unwrap();
    let place = kernel::store::Place::Dir(dir.path().to_owned());
    let open = |modules: Vec<kernel::module::Module>| {
        let place = place.clone();
        async move { Store::open(&place, &modules, kernel::store::Limits::default()).await }
    };
    let store = open(vec![sample::MODULE]).await.unwrap();
    let (orgs, _) = sample::city(&store, 1).await;
    opened(&store, &applicant(1, orgs[0]), orgs[0]).await;
    store.close().await.unwrap();
    // A case whose due day could not be told then gets it at the next start.
    let store = open(vec![sample::MODULE]).await.unwrap();
    store.write(&leader(9), async |tx| tx.run("UPDATE case_file SET due_on = NULL").await).await.unwrap();
    store.close().await.unwrap();
    let store = open(vec![sample::MODULE]).await.unwrap();
    let rows = case::desk(&store.read().await.unwrap(), &leader(9), None, 9).await.unwrap();
    assert!(rows.len() == 1 && rows[0].due_on.is_some());
    store.close().await.unwrap();
    let without = kernel::module::Module { flows: &[], ..sample::MODULE };
    let refused = open(vec![without]).await;
    assert!(
        matches!(refused, Err(Error::Unavailable(told)) if told.contains("sample.order") && told.contains("第 1 版"))
    );
}
