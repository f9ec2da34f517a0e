//! Bad input: refused at the field, nothing half-written.

use kernel::Error;
use kernel::indicator::{Display, Indicator, Measure, Window};
use kernel::ledger::{Catalog, MOST_FEN, NewFact, Select};
use kernel::module::Module;
use kernel::org::{self, NewOrg};
use kernel::store::{Limits, Migration, Place, Store};
use kernel::value::money::Fen;
use testkit::sample::{self, actor, day, visit};
use testkit::stores;

fn field(result: kernel::Result<impl Sized>) -> String {
    match result {
        Err(Error::Invalid(faults)) => faults.0[0].field.clone(),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("accepted"),
    }
}

#[tokio::test]
async fn a_wrong_fact_names_its_field_and_takes_the_whole_act_with_it() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        let org = orgs[0];
        let on = day(2021, 3, 1);
        for (fact, at) in [
            (NewFact::new("sample.unknown", org, on, record), "kind"),
            (visit(org, day(2999, 1, 1), record), "occurred_on"),
            (visit(org, on, record).amount(Fen(1)), "amount"),
            (visit(org, on, record).quantity(0), "quantity"),
            (NewFact::new("sample.paid", org, on, record).class("z"), "class"),
            (visit(org, on, record).quantity(i64::MAX), "quantity"),
            (NewFact::new("sample.paid", org, on, record).amount(Fen(i64::MAX)), "amount"),
            (visit(kernel::id::OrgId(999), on, record), "subject"),
        ] {
            let done = store
                .write(&actor(), async |tx| {
                    tx.record(visit(org, on, record)).await?;
                    tx.record(fact).await
                })
                .await;
            assert_eq!(field(done), at, "{}", store.on);
        }
        let read = store.read().await.unwrap();
        assert_eq!(
            read.one("SELECT COUNT(*) AS n FROM fact").await.unwrap().int("n").unwrap(),
            0,
            "{}: nothing half-written",
            store.on
        );
        assert_eq!(read.one("SELECT COUNT(*) AS n FROM tally").await.unwrap().int("n").unwrap(), 0);
    }
}

/// One engine turns a sum that is too large into a number with a point, without a word.
#[tokio::test]
async fn a_sum_that_cannot_be_kept_exactly_is_refused_and_the_sums_stand() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        let paid = |fen| NewFact::new("sample.paid", orgs[0], day(2021, 3, 1), record).amount(Fen(fen));
        store.write(&actor(), async |tx| tx.record(paid(500)).await).await.unwrap();
        let much = store
            .write(&actor(), async |tx| {
                for _ in 0..101 {
                    tx.record(paid(MOST_FEN)).await?;
                }
                Ok(())
            })
            .await;
        let told = much.expect_err("too much").to_string();
        assert!(told.contains("超出"), "{}: {told}", store.on);
        assert_eq!(kernel::ledger::rebuild::compare(&store).await.unwrap(), [], "{}", store.on);
    }
}

#[tokio::test]
async fn a_wrong_organisation_lists_all_its_faults() {
    for store in stores(&[sample::MODULE]).await {
        sample::city(&store, 1).await;
        let new = NewOrg {
            kind: "starship".into(),
            credit_code: Some("914403001922038217".into()),
            local_code: None,
            since: day(2999, 1, 1),
            attributes: vec![("industry".into(), "9999".into()), ("shoe_size".into(), "42".into())],
            source: String::new(),
        };
        let Err(Error::Invalid(faults)) = store.write(&actor(), async |tx| org::register(tx, new).await).await else {
            panic!("accepted");
        };
        let fields: Vec<&str> = faults.0.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, ["kind", "credit_code", "since", "source", "name", "industry", "shoe_size"], "{}", store.on);
    }
}

const fn broken(code: &'static str, measure: Measure) -> Indicator {
    Indicator {
        code,
        version: 1,
        name: "坏指标",
        definition: "坏。",
        unit: "个",
        measure,
        window: Window::AsOf,
        owner: "测试",
        display: Display::WHOLE,
    }
}

#[test]
fn an_indicator_with_an_unknown_kind_or_a_ring_is_refused() {
    static BAD: &[Indicator] = &[
        broken("bad.kind", Measure::Count(Select::of(&["no.such"]))),
        broken("bad.money", Measure::Amount(Select::of(&["sample.visited"]))),
        broken("bad.class", Measure::Count(Select::of(&["sample.paid"]).classes(&["zz"]))),
        broken("bad.ring_a", Measure::Total(&["bad.ring_b"])),
        broken("bad.ring_b", Measure::Total(&["bad.ring_a"])),
        broken("bad.part", Measure::Ratio("no.such", "bad.kind")),
    ];
    let module = Module { indicators: BAD, ..Module::new("bad", "坏") };
    let Err(Error::Invalid(faults)) = Catalog::declare(&[sample::MODULE, module]) else { panic!("accepted") };
    let fields: Vec<&str> = faults.0.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["bad.kind", "bad.money", "bad.class", "bad.ring_a", "bad.ring_b", "bad.part"]);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::Dir(dir.path().to_owned());
    const NEWER: &[Migration] =
        &[Migration { name: "kernel_9999_from_the_future", sql: "CREATE TABLE future (id BIGINT)" }];
    let newer = Module { migrations: NEWER, ..sample::MODULE };
    Store::open(&place, &[newer], Limits::default()).await.unwrap().close().await.unwrap();
    let Err(Error::Unavailable(message)) = Store::open(&place, &[sample::MODULE], Limits::default()).await else {
        panic!("opened");
    };
    assert!(message.contains("更新版本"), "{message}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unavailable() {
    let place = Place::Url("postgres://nobody@127.0.0.1:1/none".into());
    assert!(matches!(Store::open(&place, &[sample::MODULE], Limits::default()).await, Err(Error::Unavailable(_))));
}
