//! What an office does with facts: count, correct, look back.

use kernel::indicator::{DrillRows, Number, Question, Within, declare, drill, figure, set_target, why};
use kernel::ledger::{NewFact, browse, rebuild};
use kernel::value::money::Fen;
use testkit::sample::{self, ALL, actor, day, visit};
use testkit::stores;

#[tokio::test]
async fn a_correction_is_a_reversal_and_a_new_fact() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 3).await;
        store
            .write(&actor(), async |tx| {
                tx.record(visit(orgs[0], day(2021, 3, 1), record)).await?;
                tx.record(visit(orgs[1], day(2021, 3, 2), record)).await
            })
            .await
            .unwrap();
        let before = store.read().await.unwrap().head().unwrap();
        store
            .write(&actor(), async |tx| {
                tx.reverse(before, "走访对象登记错").await?;
                tx.record(visit(orgs[2], day(2021, 3, 2), record)).await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        for known in [before, read.head().unwrap()] {
            let q = Question { about: day(2021, 8, 11), known, scope: &ALL };
            assert_eq!(figure(&read, "sample.visits", &q).await.unwrap().number, Number::Count(2), "{}", store.on);
        }
        let again = store.write(&actor(), async |tx| tx.reverse(before, "再冲一次").await).await;
        assert!(matches!(again, Err(kernel::Error::Conflict(_))), "{}: reversed once only", store.on);
        let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
        let verdict = why(&read, read.catalog().indicator("sample.visits").unwrap(), orgs[1], &q).await.unwrap();
        assert!(!verdict.counted && verdict.reasons[0].contains("冲销"), "{:?}", verdict.reasons);
    }
}

#[tokio::test]
async fn a_fact_can_be_neither_changed_nor_deleted() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        let figures = kernel::org::YearFigures {
            year: 2020,
            employees: Some(30),
            revenue: None,
            assets: None,
            source: "年报".into(),
        };
        store
            .write(&actor(), async |tx| {
                kernel::indicator::set_target(tx, "sample.visits", "2021", 1, 20, "文件一").await?;
                kernel::indicator::declare(tx, "sample.declared", "4", day(2021, 6, 1), "通报", "责任人").await?;
                kernel::org::record_year(tx, orgs[0], &figures).await?;
                tx.record(visit(orgs[0], day(2021, 3, 1), record)).await
            })
            .await
            .unwrap();
        for sql in [
            "UPDATE fact SET quantity = 2",
            "DELETE FROM fact",
            "UPDATE org_attribute SET value = 'x'",
            "DELETE FROM org_attribute",
            "UPDATE org_year SET employees = 1",
            "DELETE FROM org_year",
            "UPDATE target SET value = 1",
            "DELETE FROM target",
            "UPDATE declared SET value = '1'",
            "DELETE FROM declared",
        ] {
            let tampered = store.write(&actor(), async |tx| tx.run(sql).await).await;
            assert!(tampered.is_err(), "{}: {sql}", store.on);
        }
    }
}

#[tokio::test]
async fn the_unit_of_the_day_counts_not_the_unit_of_today() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        store
            .write(&actor(), async |tx| {
                kernel::org::assert(tx, orgs[0], "unit", "2", day(2021, 6, 1), None, "搬迁").await?;
                tx.record(visit(orgs[0], day(2021, 5, 31), record)).await?;
                tx.record(visit(orgs[0], day(2021, 6, 1), record)).await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        let facts = browse::list(&read, &ALL, &browse::Query { limit: 10, ..Default::default() }).await.unwrap();
        let units: Vec<i64> = facts.iter().map(|f| f.unit.0).collect();
        assert_eq!(units, [2, 1], "{}", store.on);
    }
}

#[tokio::test]
async fn a_day_is_known_up_to_its_last_position() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        let first = store.read().await.unwrap().head().unwrap();
        let noon =
            |d: u32| chrono::DateTime::parse_from_rfc3339(&format!("2030-01-{d:02}T12:00:00+08:00")).unwrap().to_utc();
        for d in [5, 6, 6, 9] {
            let act = async |tx: &mut kernel::store::Tx| tx.record(visit(orgs[0], day(2021, 1, 1), record)).await;
            store.write_at(noon(d), &actor(), act).await.unwrap();
        }
        let read = store.read().await.unwrap();
        let at = async |d| browse::position_on(&read, day(2030, 1, d)).await.unwrap().0 - first.0;
        assert_eq!([at(4).await, at(5).await, at(6).await, at(8).await, at(9).await], [0, 1, 3, 3, 4], "{}", store.on);
    }
}

#[tokio::test]
async fn targets_and_declared_figures_have_a_past_too() {
    for store in stores(&[sample::MODULE]).await {
        sample::city(&store, 1).await;
        let set = async |value| {
            store
                .write(&actor(), async |tx| set_target(tx, "sample.visits", "2021", 1, value, "计划").await)
                .await
                .unwrap()
        };
        let (old, new) = (set(100).await, set(120).await);
        store
            .write(&actor(), async |tx| {
                declare(tx, "sample.declared", "4", day(2021, 1, 1), "省厅通报", "信息化科").await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        for (known, value) in [(old, 100), (new, 120)] {
            let q = Question { about: day(2021, 8, 11), known, scope: &ALL };
            assert_eq!(figure(&read, "sample.target", &q).await.unwrap().number, Number::Count(value), "{}", store.on);
        }
        let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
        assert_eq!(figure(&read, "sample.declared", &q).await.unwrap().number, Number::Count(4));
        let early = Question { about: day(2020, 12, 31), ..q };
        assert_eq!(figure(&read, "sample.declared", &early).await.unwrap().number, Number::None);
    }
}

#[tokio::test]
async fn a_merge_moves_the_facts_and_can_be_taken_back() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 2).await;
        store
            .write(&actor(), async |tx| {
                tx.record(visit(orgs[0], day(2021, 3, 1), record)).await?;
                tx.record(NewFact::new("sample.joined", orgs[1], day(2021, 3, 1), record)).await?;
                tx.record(NewFact::new("sample.joined", orgs[0], day(2021, 4, 1), record).amount(Fen(5))).await
            })
            .await
            .unwrap();
        let count = async || {
            let read = store.read().await.unwrap();
            let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
            figure(&read, "sample.in", &q).await.unwrap().number
        };
        assert_eq!(count().await, Number::Count(2), "{}", store.on);
        store.write(&actor(), async |tx| kernel::org::merge(tx, orgs[1], orgs[0], "同一企业").await).await.unwrap();
        assert_eq!(count().await, Number::Count(1), "{}", store.on);
        let again = store.write(&actor(), async |tx| kernel::org::merge(tx, orgs[1], orgs[0], "再并").await).await;
        assert!(matches!(again, Err(kernel::Error::Conflict(_))));
        let late = store.write(&actor(), async |tx| tx.record(visit(orgs[1], day(2021, 5, 1), record)).await).await;
        assert!(matches!(late, Err(kernel::Error::Invalid(_))), "{}: a merged body has no facts of its own", store.on);
        store.write(&actor(), async |tx| kernel::org::unmerge(tx, orgs[1], "误并").await).await.unwrap();
        assert_eq!(count().await, Number::Count(2), "{}", store.on);
        assert_eq!(rebuild::compare(&store).await.unwrap(), [], "{}", store.on);
    }
}

#[tokio::test]
async fn a_deleted_tally_is_found_and_rebuilt() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 2).await;
        store.write(&actor(), async |tx| tx.record(visit(orgs[0], day(2021, 3, 1), record)).await).await.unwrap();
        store.write(&actor(), async |tx| tx.run("UPDATE tally SET n = n + 1 WHERE grain = 1").await).await.unwrap();
        assert!(!rebuild::compare(&store).await.unwrap().is_empty(), "{}", store.on);
        rebuild::rebuild_all(&store).await.unwrap();
        assert_eq!(rebuild::compare(&store).await.unwrap(), [], "{}", store.on);
    }
}

#[tokio::test]
async fn an_indicator_that_was_away_counts_what_happened_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let place = kernel::store::Place::Dir(dir.path().to_owned());
    let open =
        async |module| kernel::store::Store::open(&place, &[module], kernel::store::Limits::default()).await.unwrap();
    let store = open(sample::MODULE).await;
    let (orgs, record) = sample::city(&store, 2).await;
    store.close().await.unwrap();
    let without = kernel::module::Module { indicators: &[], ..sample::MODULE };
    let store = open(without).await;
    store.write(&actor(), async |tx| tx.record(visit(orgs[0], day(2021, 3, 1), record)).await).await.unwrap();
    store.close().await.unwrap();
    let store = open(sample::MODULE).await;
    let read = store.read().await.unwrap();
    let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
    assert_eq!(figure(&read, "sample.visits", &q).await.unwrap().number, Number::Count(1));
    assert_eq!(rebuild::compare(&store).await.unwrap(), []);
}

#[tokio::test]
async fn a_reversed_fact_gives_a_subject_no_first_day() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        store.write(&actor(), async |tx| tx.record(visit(orgs[0], day(2021, 2, 1), record)).await).await.unwrap();
        let early = store.read().await.unwrap().head().unwrap();
        store
            .write(&actor(), async |tx| {
                tx.reverse(early, "登记有误").await?;
                tx.record(visit(orgs[0], day(2021, 3, 1), record)).await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        let indicator = read.catalog().indicator("sample.visited_above").unwrap();
        for (known, first) in [(early, day(2021, 2, 1)), (read.head().unwrap(), day(2021, 3, 1))] {
            let q = Question { about: day(2021, 8, 11), known, scope: &ALL };
            let page = drill(&read, indicator, &q, &Within::default(), None, 10).await.unwrap();
            let DrillRows::Subjects(rows) = page.rows else { panic!("subjects") };
            assert_eq!((rows[0].first_on, rows[0].last_on), (first, first), "{}", store.on);
        }
    }
}

#[tokio::test]
async fn the_citys_own_target_stands_before_what_some_units_have_entered() {
    for store in stores(&[sample::MODULE]).await {
        sample::city(&store, 1).await;
        store
            .write(&actor(), async |tx| {
                set_target(tx, "sample.visits", "2021", 0, 152, "市计划").await?;
                set_target(tx, "sample.visits", "2021", 1, 48, "东区计划").await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &ALL };
        let found = figure(&read, "sample.target", &q).await.unwrap();
        assert_eq!((found.number, found.rows), (Number::Count(152), 1), "{}", store.on);
        let east = kernel::access::Scope::Units(vec![kernel::id::UnitId(1)]);
        let q = Question { scope: &east, ..q };
        assert_eq!(figure(&read, "sample.target", &q).await.unwrap().number, Number::Count(48), "{}", store.on);
    }
}

#[tokio::test]
async fn a_fact_is_used_by_what_is_made_of_the_indicators_that_count_it() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 1).await;
        let fact = NewFact::new("sample.paid", orgs[0], day(2021, 3, 1), record).class("a");
        let expected = ["sample.visited_half", "sample.paid_a", "sample.paid_all", "sample.paid_quantity"];
        let expected = [&expected[..], &["sample.paid_classes", "sample.paid_units", "sample.total"]].concat();
        let codes = |found: Vec<&'static kernel::indicator::Indicator>| -> Vec<&str> {
            found.iter().map(|indicator| indicator.code).collect()
        };
        let read = store.read().await.unwrap();
        let would = kernel::indicator::would_move(&read, &fact).await.unwrap();
        assert_eq!(codes(would), expected, "{}: before it is recorded", store.on);
        store.write(&actor(), async |tx| tx.record(fact).await).await.unwrap();
        let read = store.read().await.unwrap();
        let query = browse::Query { limit: 1, ..Default::default() };
        let found = browse::list(&read, &ALL, &query).await.unwrap();
        let used = kernel::indicator::used_by(&read, &found[0], day(2021, 3, 1), read.head().unwrap());
        assert_eq!(codes(used), expected, "{}: and after", store.on);
    }
}
