//! An order from the request to the settlement, and what stands in its way.

use kernel::Error;
use kernel::case;
use kernel::id::CaseId;
use kernel::indicator::{Number, Question, figure};
use kernel::store::Store;
use testkit::sample::{ALL, day};
use testkit::stores;

use super::super::instrument::shipped;
use super::super::{ORDER, SELECTION, institutions, module, order, report};
use super::stage::*;

async fn count(store: &Store, indicator: &str) -> Number {
    let read = store.read().await.unwrap();
    let q = Question { about: read.today(), known: read.head().unwrap(), scope: &ALL };
    figure(&read, indicator, &q).await.unwrap().number
}

async fn state(store: &Store, id: CaseId) -> String {
    case::find(&store.read().await.unwrap(), &bureau(1), id).await.unwrap().state
}

#[tokio::test]
async fn an_order_goes_from_the_request_to_the_settlement_and_each_step_counts_by_itself() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 3, 1).await;
        let (firm_org, by) = (stage.firms[0], stage.institutions[0]);
        select(&store, by, far(), "5").await;
        assert_eq!(count(&store, "diagnosis.institutions").await, Number::Count(1), "{}", store.on);
        let id = assigned(&store, firm_org, by).await;
        to_confirmed(&store, id, firm_org, by).await;
        let counts = async |confirmed, completed, settled| {
            for (indicator, expected) in [("confirmed", confirmed), ("completed", completed), ("settled", settled)] {
                let found = count(&store, &format!("diagnosis.{indicator}")).await;
                assert_eq!(found, Number::Count(expected), "{}: {indicator}", store.on);
            }
        };
        counts(1, 0, 0).await;
        act(&store, &bureau(1), id, "accept", &[("completed_on", &today())]).await.unwrap();
        counts(1, 1, 0).await;
        let too_much = [("subsidy", "600"), ("settled_on", &*today())];
        let Err(Error::Invalid(faults)) = act(&store, &bureau(1), id, "settle", &too_much).await else {
            panic!("{}: more than the rule gives", store.on);
        };
        assert!(faults.at("subsidy").is_some(), "{faults:?}");
        act(&store, &bureau(1), id, "settle", &[("subsidy", "2"), ("settled_on", &today())]).await.unwrap();
        counts(1, 1, 1).await;
        let read = store.read().await.unwrap();
        let found = case::find(&read, &bureau(1), id).await.unwrap();
        for position in case::facts_of(&read, found.record).await.unwrap() {
            let fact = kernel::ledger::browse::find(&read, &ALL, position).await.unwrap();
            assert_eq!((fact.subject, fact.counterparty), (firm_org, Some(by)), "{}", store.on);
        }
    }
}

#[tokio::test]
async fn a_second_order_in_the_same_plan_year_names_the_first() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 3, 1).await;
        select(&store, stage.institutions[0], far(), "5").await;
        let first = assigned(&store, stage.firms[0], stage.institutions[0]).await;
        let again = open(&store, &bureau(2), ORDER.code, stage.firms[0], &[("plan_year", &this_year())]).await;
        let told = conflict(again);
        assert!(told.contains(&format!("第 {first} 件诊断（待机构接单")), "{}: {told}", store.on);
        act(&store, &bureau(2), first, "cancel", &[]).await.unwrap();
        assert!(
            open(&store, &bureau(2), ORDER.code, stage.firms[0], &[("plan_year", &this_year())]).await.is_ok(),
            "{}: a cancelled order takes no place",
            store.on
        );
        let old = open(&store, &bureau(2), ORDER.code, stage.firms[1], &[("plan_year", "2019")]).await;
        assert!(matches!(old, Err(Error::Invalid(_))), "{}", store.on);
    }
}

#[tokio::test]
async fn orders_go_round_by_places_left_and_only_to_valid_institutions() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 6, 4).await;
        let [big, small, lapsed, outside] = stage.institutions[..] else { panic!("four institutions") };
        select(&store, big, far(), "3").await;
        select(&store, small, far(), "2").await;
        select(&store, lapsed, day(2021, 12, 31), "9").await;
        let turn = async || -> Vec<_> {
            let read = store.read().await.unwrap();
            let offered = institutions::offered(&read, stage.firms[0]).await.unwrap();
            offered.iter().map(|body| body.org).collect()
        };
        assert_eq!(turn().await, [big, small], "{}: neither the lapsed one nor one that was never selected", store.on);
        assigned(&store, stage.firms[0], big).await;
        assert_eq!(turn().await, [small, big], "{}: two each, and the other never had one", store.on);
        assigned(&store, stage.firms[1], small).await;
        assigned(&store, stage.firms[2], small).await;
        assert_eq!(turn().await, [big], "{}: no place left", store.on);
        let id = open(&store, &firm(stage.firms[3]), ORDER.code, stage.firms[3], &[("plan_year", &this_year())])
            .await
            .unwrap();
        for wrong in [lapsed, outside, small] {
            let refused = act(&store, &bureau(1), id, "assign", &[("institution", &wrong.to_string())]).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{}: {wrong}", store.on);
        }
    }
}

#[tokio::test]
async fn an_institution_whose_selection_lapsed_meanwhile_takes_no_order() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 3, 1).await;
        let by = stage.institutions[0];
        let selection = select(&store, by, far(), "5").await;
        let id = assigned(&store, stage.firms[0], by).await;
        act(&store, &bureau(1), selection, "adjust", &[("valid_to", "2021-12-31"), ("quota", "5")]).await.unwrap();
        let told = conflict(act(&store, &institution(by), id, "take", &[]).await);
        assert!(told.contains("2021-03-01 至 2021-12-31"), "{}: {told}", store.on);
        act(&store, &institution(by), id, "decline", &[]).await.unwrap();
        assert_eq!(state(&store, id).await, "declined");
        act(&store, &bureau(1), selection, "leave", &[("left_on", &today())]).await.unwrap();
        assert_eq!(count(&store, "diagnosis.institutions").await, Number::Count(0), "{}: it left", store.on);
    }
}

#[tokio::test]
async fn nothing_of_an_order_is_seen_by_other_institutions_firms_or_counties() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 3, 2).await;
        let [by, other] = stage.institutions[..] else { panic!("two institutions") };
        select(&store, by, far(), "5").await;
        select(&store, other, far(), "5").await;
        let id = assigned(&store, stage.firms[0], by).await;
        let read = store.read().await.unwrap();
        for (who, sees) in [
            (institution(by), true),
            (firm(stage.firms[0]), true),
            (county(3, 1), true),
            (institution(other), false),
            (firm(stage.firms[1]), false),
            (county(4, 2), false),
        ] {
            let found = order::find(&read, &who, id).await;
            assert_eq!(found.is_ok(), sees, "{}: {}", store.on, who.name);
            assert!(sees || matches!(found, Err(Error::NotFound)), "{}: {}", store.on, who.name);
        }
        drop(read);
        assert!(
            matches!(act(&store, &institution(other), id, "take", &[]).await, Err(Error::NotFound)),
            "{}",
            store.on
        );
        conflict(act(&store, &firm(stage.firms[0]), id, "take", &[]).await);
    }
}

#[tokio::test]
async fn a_report_is_delivered_whole_and_not_changed_afterwards() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 3, 1).await;
        let (by, firm_org) = (stage.institutions[0], stage.firms[0]);
        let institute = institution(by);
        select(&store, by, far(), "5").await;
        let id = assigned(&store, firm_org, by).await;
        act(&store, &institute, id, "take", &[]).await.unwrap();
        act(&store, &institute, id, "enter", &[("on_site_on", &today())]).await.unwrap();
        let deliver = [("report_no", "样例1号"), ("reported_on", &*today())];
        let told = conflict(act(&store, &institute, id, "deliver", &deliver).await);
        assert!(told.contains("企业现状、行业案例") && told.contains("测评问卷"), "{}: {told}", store.on);

        write_report(&store, &institute, id, &whole(0)).await.unwrap();
        let told = conflict(write_report(&store, &institute, id, &whole(0)).await);
        assert!(told.contains("保存过这份报告"), "{}: two people write: {told}", store.on);
        conflict(write_report(&store, &firm(firm_org), id, &whole(1)).await);
        assess(&store, &firm(firm_org), id, [4, 3, 0, 0]).await.unwrap();
        act(&store, &institute, id, "deliver", &deliver).await.unwrap();
        let told = conflict(write_report(&store, &institute, id, &whole(1)).await);
        assert!(told.contains("待企业确认"), "{}: {told}", store.on);
        conflict(assess(&store, &institute, id, [5, 5, 5, 5]).await);

        act(&store, &firm(firm_org), id, "return", &[]).await.unwrap();
        write_report(&store, &institute, id, &whole(1)).await.unwrap();
        act(&store, &institute, id, "deliver", &deliver).await.unwrap();
        assert_eq!(state(&store, id).await, "reported", "{}", store.on);
    }
}

#[tokio::test]
async fn after_acceptance_the_enterprise_rates_takes_up_what_was_recommended_and_is_assessed_again() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 3, 1).await;
        let (by, firm_org) = (stage.institutions[0], stage.firms[0]);
        select(&store, by, far(), "5").await;
        let id = assigned(&store, firm_org, by).await;
        to_confirmed(&store, id, firm_org, by).await;
        let enterprise = firm(firm_org);
        let rate = async |who: &kernel::access::Actor| {
            store
                .write(who, async |tx| {
                    let order = order::hold(tx, id).await?;
                    report::rate(tx, &order, "5", "专业").await
                })
                .await
        };
        conflict(rate(&enterprise).await);
        act(&store, &bureau(1), id, "accept", &[("completed_on", &today())]).await.unwrap();
        conflict(rate(&institution(by)).await);
        rate(&enterprise).await.unwrap();
        assert!(conflict(rate(&enterprise).await).contains("已经评价过"), "{}", store.on);

        let item = report::find(&store.read().await.unwrap(), id).await.unwrap().items[0].id;
        let take = async |became: &str, note: &str| {
            store
                .write(&enterprise, async |tx| {
                    let order = order::hold(tx, id).await?;
                    report::take_up(tx, &order, item, became, note).await
                })
                .await
        };
        assert!(matches!(take("dropped", " ").await, Err(Error::Invalid(_))), "{}: a reason is asked for", store.on);
        take("project", "").await.unwrap();
        assert!(conflict(take("dropped", "不做了").await).contains("已转为项目"), "{}", store.on);

        assess(&store, &enterprise, id, [5, 3, 3, 1]).await.unwrap();
        let done = super::super::assessment::latest(&store.read().await.unwrap(), id).await.unwrap();
        let told: Vec<String> = done.iter().map(|one| one.words()).collect();
        assert_eq!(told, ["T0 30 分，自动化推进", "T1 60 分，网络化提升"], "{}", store.on);
    }
}

#[tokio::test]
async fn a_revoked_acceptance_takes_its_facts_back() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 3, 1).await;
        let (by, firm_org) = (stage.institutions[0], stage.firms[0]);
        select(&store, by, far(), "5").await;
        let id = assigned(&store, firm_org, by).await;
        to_confirmed(&store, id, firm_org, by).await;
        act(&store, &bureau(1), id, "accept", &[("completed_on", &today())]).await.unwrap();
        act(&store, &bureau(1), id, "revoke", &[]).await.unwrap();
        for indicator in ["diagnosis.confirmed", "diagnosis.completed"] {
            assert_eq!(count(&store, indicator).await, Number::Count(0), "{}: {indicator}", store.on);
        }
        act(&store, &firm(firm_org), id, "confirm", &[]).await.unwrap();
        act(&store, &bureau(1), id, "accept", &[("completed_on", &today())]).await.unwrap();
        assert_eq!(count(&store, "diagnosis.completed").await, Number::Count(1), "{}", store.on);
    }
}

#[tokio::test]
async fn of_two_officers_who_accept_at_once_one_wins_and_the_other_sees_who() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 3, 1).await;
        let (by, firm_org) = (stage.institutions[0], stage.firms[0]);
        select(&store, by, far(), "5").await;
        let id = assigned(&store, firm_org, by).await;
        to_confirmed(&store, id, firm_org, by).await;
        let (a, b, on) = (bureau(11), bureau(12), today());
        let done = [("completed_on", on.as_str())];
        // Both have the page open as it is now.
        let seen = (id, revision(&store, id).await);
        let (one, two) =
            tokio::join!(act_on(&store, &a, seen, "accept", &done), act_on(&store, &b, seen, "accept", &done));
        let (winner, told) = match (one, two) {
            (Ok(_), lost) => (&a, conflict(lost)),
            (lost, Ok(_)) => (&b, conflict(lost)),
            (one, two) => panic!("{}: nobody won: {one:?} {two:?}", store.on),
        };
        assert!(told.contains(&winner.name) && told.contains("验收通过"), "{}: {told}", store.on);
        assert_eq!(count(&store, "diagnosis.completed").await, Number::Count(1), "{}", store.on);
    }
}

#[tokio::test]
async fn one_institution_applies_once_and_a_bank_not_at_all() {
    for store in stores(&[module()]).await {
        let stage = city(&store, 3, 1).await;
        let by = stage.institutions[0];
        select(&store, by, far(), "5").await;
        let application = [("round", "样例遴选"), ("qualification", "样例资质")];
        let told = conflict(open(&store, &institution(by), SELECTION.code, by, &application).await);
        assert!(told.contains("已入选"), "{}: {told}", store.on);
    }
}

#[tokio::test]
async fn a_questionnaire_by_a_file_is_added_or_refused_and_the_old_one_stays() {
    for store in stores(&[module()]).await {
        let body = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/instruments/four-steps-2021.toml"));
        let add = async |body: &str| {
            store
                .write(&bureau(1), async |tx| super::super::assessment::add_instrument(tx, "steps.toml", body).await)
                .await
        };
        let Err(Error::Invalid(faults)) = add(body).await else { panic!("{}: it is there already", store.on) };
        assert!(faults.at("body").is_some_and(|f| f.contains("2021")), "{faults:?}");
        let newer = body.replace("edition = \"2021\"", "edition = \"2022\"");
        let broken = newer.replacen("points = \"5\"", "points = \"6\"", 1);
        let Err(Error::Invalid(faults)) = add(&broken).await else { panic!("{}: it does not sum", store.on) };
        assert!(
            faults.at("body").is_some_and(|f| f.contains("steps.toml：“a”应得 25 分，选项最多得 26 分")),
            "{faults:?}"
        );
        let read = store.read().await.unwrap();
        assert_eq!(super::super::assessment::instruments(&read).await.unwrap().len(), shipped().len(), "{}", store.on);
        drop(read);
        add(&newer).await.unwrap();
        let all = super::super::assessment::instruments(&store.read().await.unwrap()).await.unwrap();
        assert_eq!(all.len(), shipped().len() + 1, "{}", store.on);
    }
}
