//! From filing to acceptance, and whatever people try.

use kernel::case;
use kernel::indicator::Number;
use kernel::value::money::Fen;
use testkit::Dice;

use super::super::queries::{self, Filters};
use super::*;

#[tokio::test]
async fn a_project_goes_from_filing_to_acceptance_and_counts() {
    for (store, orgs) in cities().await {
        let (id, firm, officer) = building(&store, orgs[0]).await;
        assert_eq!(number(&store, "projects.in_library").await, Number::Count(1), "{}", store.on);
        assert_eq!(number(&store, "projects.workshops").await, Number::Count(1), "{}", store.on);
        assert_eq!(number(&store, "projects.investment").await, Number::Money(Fen(1_000_000_000)), "{}", store.on);
        report(&store, &firm, id, "2021-02", "200", &[]).await.unwrap();
        act(&store, &officer, id, "suspend", &[]).await.unwrap();
        let refused = conflict(report(&store, &firm, id, "2021-03", "1", &[]).await.unwrap_err());
        assert!(refused.contains("停建"), "{refused}");
        consistent(&store, id).await;
        act(&store, &officer, id, "resume", &[]).await.unwrap();
        act(&store, &firm, id, "complete", &[("completed_on", "2021-07-20")]).await.unwrap();
        assert_eq!(
            number(&store, "projects.completed").await,
            Number::Count(0),
            "{}: not before it is accepted",
            store.on
        );
        let other = county(22, 1);
        act(&store, &other, id, "accept", &[("completed_on", "2021-07-21")]).await.unwrap();
        assert_eq!(number(&store, "projects.completed").await, Number::Count(1), "{}", store.on);
        assert_eq!(number(&store, "projects.invested").await, Number::Money(Fen(200_000_000)), "{}", store.on);
        consistent(&store, id).await;
    }
}

#[tokio::test]
async fn an_officer_who_filed_for_a_firm_does_not_check_it_himself() {
    for (store, orgs) in cities().await {
        let officer = county(21, 1);
        let id = filed(&store, &officer, orgs[0]).await;
        let own = conflict(act(&store, &officer, id, "enter", &[("entered_on", "2021-02-01")]).await.unwrap_err());
        assert!(own.contains("须由另一人办理"), "{}: {own}", store.on);
        act(&store, &county(22, 1), id, "enter", &[("entered_on", "2021-02-01")]).await.unwrap();
        let not_yet =
            conflict(act(&store, &officer, id, "accept", &[("completed_on", "2021-02-01")]).await.unwrap_err());
        assert!(not_yet.contains("在库待开工") && not_yet.contains("开工"), "what can be done is named: {not_yet}");
        let again = store.write(&officer, async |tx| case::open(tx, FLOW.code, orgs[0], &values(PLAN), "").await).await;
        assert!(fault(again.unwrap_err(), "name").contains("已有同名项目"), "{}", store.on);
    }
}

#[tokio::test]
async fn of_two_officers_who_accept_at_once_one_wins_and_the_other_sees_who() {
    for (store, orgs) in cities().await {
        let (id, firm, _) = building(&store, orgs[0]).await;
        let reported = act(&store, &firm, id, "complete", &[("completed_on", "2021-07-20")]).await.unwrap();
        let (one, two) = (county(31, 1), county(32, 1));
        let typed = values(&[("completed_on", "2021-07-20")]);
        let remarks = Values::new();
        let doing =
            Doing { action: "accept", revision: reported.revision, values: &typed, note: "", remarks: &remarks };
        let (first, second) = tokio::join!(
            store.write(&one, async |tx| case::act(tx, id, doing).await),
            store.write(&two, async |tx| case::act(tx, id, doing).await)
        );
        assert!(first.is_ok() != second.is_ok(), "{}: one of them wins", store.on);
        let told = conflict(first.err().or(second.err()).unwrap());
        assert!(told.contains("已于") && told.contains("验收通过"), "{}: {told}", store.on);
        assert_eq!(number(&store, "projects.completed").await, Number::Count(1), "{}", store.on);
        consistent(&store, id).await;
    }
}

#[tokio::test]
async fn an_unclassified_project_is_a_row_of_its_own_until_it_is_classified() {
    for (store, orgs) in cities().await {
        let officer = county(22, 1);
        let plan: Vec<(&str, &str)> = PLAN.iter().filter(|(field, _)| *field != "type").copied().collect();
        let filing = values(&plan);
        let id = store
            .write(&firm(11, orgs[0]), async |tx| case::open(tx, FLOW.code, orgs[0], &filing, "").await)
            .await
            .unwrap();
        act(&store, &officer, id, "enter", &[("entered_on", "2021-02-01")]).await.unwrap();
        assert_eq!(number(&store, "projects.unclassified").await, Number::Count(1), "{}", store.on);
        let read = store.read().await.unwrap();
        let question = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
        let totals = super::super::totals(&read, &question).await.unwrap();
        let last = totals.by_unit.rows.last().unwrap();
        assert_eq!((last.1, last.3, totals.by_unit.sums.1), ("未分类", 1, 1), "{}", store.on);
        drop(read);
        let adjusted = [("type", "智能工厂"), ("invest", "1200"), ("entered_on", "2021-02-01")];
        act(&store, &officer, id, "adjust", &adjusted).await.unwrap();
        assert_eq!(number(&store, "projects.unclassified").await, Number::Count(0), "{}", store.on);
        assert_eq!(number(&store, "projects.factories").await, Number::Count(1), "{}", store.on);
        assert_eq!(number(&store, "projects.investment").await, Number::Money(Fen(1_200_000_000)), "{}", store.on);
        consistent(&store, id).await;
        act(&store, &officer, id, "withdraw", &[]).await.unwrap();
        assert_eq!(number(&store, "projects.in_library").await, Number::Count(0), "{}: taken back", store.on);
        consistent(&store, id).await;
    }
}

#[tokio::test]
async fn what_belongs_to_others_is_not_found() {
    for (store, orgs) in cities().await {
        let (id, _, _) = building(&store, orgs[0]).await;
        let read = store.read().await.unwrap();
        let all = Filters { limit: 50, on: read.today(), ..Filters::default() };
        for (who, sees) in [(firm(12, orgs[1]), 0), (county(23, 2), 0), (firm(11, orgs[0]), 1), (county(21, 1), 1)] {
            let scope = who.scope(super::super::READ);
            assert_eq!(queries::list(&read, &scope, &all).await.unwrap().len(), sees, "{}: {}", store.on, who.name);
            assert_eq!(queries::find(&read, &scope, id).await.is_ok(), sees == 1, "{}: {}", store.on, who.name);
        }
        drop(read);
        let foreign = report(&store, &county(23, 2), id, "2021-02", "1", &[]).await;
        assert!(matches!(foreign, Err(Error::NotFound)), "{}", store.on);
    }
}

#[tokio::test]
async fn lists_and_lights_agree_with_the_rule() {
    for (store, orgs) in cities().await {
        let (id, firm, _) = building(&store, orgs[0]).await;
        report(&store, &firm, id, "2021-02", "900", &[]).await.unwrap();
        let read = store.read().await.unwrap();
        let project = queries::find(&read, &ALL, id).await.unwrap();
        for on in ["2021-03-05", "2021-04-05", "2021-04-12", "2021-05-20", "2022-06-01"] {
            let on = kernel::value::day::parse_day(on).unwrap();
            let lit = super::super::rules::light(&project.marks, on).light;
            for (light, code) in
                [(case::Light::Red, "red"), (case::Light::Yellow, "yellow"), (case::Light::Green, "green")]
            {
                let filters = Filters { light: code.into(), on, limit: 5, ..Filters::default() };
                let found = queries::list(&read, &ALL, &filters).await.unwrap();
                assert_eq!(found.len(), usize::from(lit == light), "{}: {code} on {on}", store.on);
            }
        }
    }
}

/// Six random people try everything there is on one project, and report in between.
async fn driven(store: &TestStore, org: OrgId, seed: u64) {
    let mut dice = Dice(seed);
    let people = [firm(11, org), county(21, 1), county(22, 1), firm(12, org)];
    let plan = values(&[PLAN, &[("name", &format!("项目{seed}"))]].concat());
    let id = store.write(&people[0], async |tx| case::open(tx, FLOW.code, org, &plan, "").await).await.unwrap();
    let typed = [
        ("entered_on", "2021-02-01"),
        ("began_on", "2021-02-10"),
        ("completed_on", "2021-07-01"),
        ("invest", "800"),
        ("type", "智能工厂"),
    ];
    for _ in 0..14 {
        let who = dice.pick(&people).clone();
        if dice.below(3) == 0 {
            let month = format!("2021-{:02}", 2 + dice.below(4));
            let invested = ["0", "50", "400", "-20"][dice.below(4) as usize];
            let reason = if dice.below(2) == 0 { "更正" } else { "" };
            report(store, &who, id, &month, invested, &[("reason", reason), ("m.0", "doing")]).await.ok();
        } else {
            let action = dice.pick(FLOW.actions).code;
            act(store, &who, id, action, &typed).await.ok();
        }
        consistent(store, id).await;
    }
}

#[tokio::test]
async fn whatever_people_try_state_facts_and_library_agree() {
    for (store, orgs) in cities().await {
        for seed in 0..12 {
            driven(&store, orgs[0], seed).await;
        }
        let read = store.read().await.unwrap();
        let all = Filters { state: "all".into(), limit: 50, on: read.today(), ..Filters::default() };
        let found = queries::list(&read, &ALL, &all).await.unwrap();
        let states: std::collections::BTreeSet<String> = found.iter().map(|project| project.state.clone()).collect();
        assert!(found.len() == 12 && states.len() > 3, "{}: they went different ways: {states:?}", store.on);
        assert!(states.iter().all(|state| FLOW.state(state).is_some()), "{}", store.on);
    }
}
