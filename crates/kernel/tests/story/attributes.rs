//! Attributes with two clocks.

use kernel::org::{self, YearFigures, attributes, find, history, value_on};
use kernel::value::money::Fen;
use testkit::sample::{self, actor, day};
use testkit::stores;

#[tokio::test]
async fn above_scale_on_30_june_as_known_on_11_august_has_an_answer() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 1).await;
        let org = orgs[0];
        let known = store.read().await.unwrap().head().unwrap();
        store
            .write(&actor(), async |tx| {
                org::assert(tx, org, "above_scale", "0", day(2021, 4, 1), None, "退库补登").await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        let on = async |known| {
            let all = attributes(&read, org, day(2021, 6, 30), Some(known)).await.unwrap();
            all.into_iter().find(|a| a.attribute == "above_scale").unwrap().value
        };
        assert_eq!(on(known).await, "1", "{}", store.on);
        assert_eq!(on(read.head().unwrap()).await, "0", "{}", store.on);
    }
}

#[tokio::test]
async fn late_knowledge_of_the_past_does_not_wipe_out_the_present() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 1).await;
        let org = orgs[0];
        store
            .write(&actor(), async |tx| {
                org::assert(tx, org, "name", "新名有限公司", day(2021, 3, 1), None, "变更登记").await?;
                org::assert(tx, org, "name", "曾用名有限公司", day(2020, 1, 1), None, "补登曾用名").await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        let all = history(&read, org, None).await.unwrap();
        let name = |d| value_on(&all, "name", d).unwrap().value.clone();
        assert_eq!(name(day(2021, 8, 1)), "新名有限公司", "{}", store.on);
        assert_eq!(name(day(2020, 6, 1)), "曾用名有限公司");
        assert_eq!(name(day(2019, 6, 1)), "样例企业0000有限公司");
        assert_eq!(find(&read, org).await.unwrap().name, "新名有限公司");
        for typed in ["新名", "曾用名", "样例", "xm", "cym"] {
            let mut sql = kernel::store::Sql::new("SELECT o.id FROM organisation o WHERE ");
            kernel::store::matches(&read, &mut sql, "o", typed);
            assert_eq!(read.all(sql).await.unwrap().len(), 1, "{}: {typed}", store.on);
        }
    }
}

#[tokio::test]
async fn whoever_fills_in_the_past_is_told_until_when_it_holds() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 1).await;
        let said = async |from, to| {
            let act =
                async |tx: &mut kernel::store::Tx| org::assert(tx, orgs[0], "park", "一园", from, to, "说明").await;
            store.write(&actor(), act).await.unwrap().cut_to
        };
        assert_eq!(said(day(2021, 3, 1), None).await, None, "{}: nothing follows", store.on);
        assert_eq!(said(day(2020, 1, 1), None).await, Some(day(2021, 2, 28)), "{}: 2021 stays as it is", store.on);
        assert_eq!(said(day(2019, 1, 1), Some(day(2019, 6, 30))).await, None, "{}: the end was typed", store.on);
    }
}

#[tokio::test]
async fn the_size_class_follows_from_the_years_figures() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 1).await;
        let figures = YearFigures {
            year: 2020,
            employees: Some(299),
            revenue: Some(Fen(40_000 * 1_000_000)),
            assets: None,
            source: "年报".into(),
        };
        store.write(&actor(), async |tx| org::record_year(tx, orgs[0], &figures).await).await.unwrap();
        let read = store.read().await.unwrap();
        assert_eq!(find(&read, orgs[0]).await.unwrap().size, 2, "{}: 299 persons make it 小型", store.on);
        let unfinished = YearFigures { year: 2999, ..figures };
        let refused = store.write(&actor(), async |tx| org::record_year(tx, orgs[0], &unfinished).await).await;
        assert!(matches!(refused, Err(kernel::Error::Invalid(_))));
    }
}

fn year_of(year: i32, employees: i64) -> YearFigures {
    let revenue = Some(Fen(50_000 * 1_000_000));
    YearFigures { year, employees: Some(employees), revenue, assets: None, source: "年报".into() }
}

#[tokio::test]
async fn a_corrected_year_leaves_the_class_of_later_years_alone() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 1).await;
        let org = orgs[0];
        store
            .write(&actor(), async |tx| {
                for year in [2021, 2022, 2023] {
                    org::record_year(tx, org, &year_of(year, 200)).await?;
                }
                org::record_year(tx, org, &year_of(2021, 500)).await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        let all = history(&read, org, None).await.unwrap();
        let class = |y| value_on(&all, "size", day(y, 6, 1)).unwrap().value.clone();
        assert_eq!([class(2022), class(2023), class(2024)], ["3", "2", "2"], "{}", store.on);
        assert_eq!(find(&read, org).await.unwrap().size, 2, "{}: today it is 小型", store.on);
    }
}

#[tokio::test]
async fn a_mark_that_has_expired_is_not_stamped_on_a_fact() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 2).await;
        let org = orgs[1];
        let then = chrono::DateTime::parse_from_rfc3339("2021-06-15T12:00:00+08:00").unwrap().to_utc();
        let (from, to) = (day(2021, 1, 1), Some(day(2021, 12, 31)));
        let mark = async |tx: &mut kernel::store::Tx| org::assert(tx, org, "above_scale", "1", from, to, "名单").await;
        store.write_at(then, &actor(), mark).await.unwrap();
        store
            .write(&actor(), async |tx| {
                tx.record(sample::visit(org, day(2021, 12, 31), record)).await?;
                tx.record(sample::visit(org, day(2022, 1, 1), record)).await
            })
            .await
            .unwrap();
        let read = store.read().await.unwrap();
        let query = kernel::ledger::browse::Query { limit: 10, ..Default::default() };
        let facts = kernel::ledger::browse::list(&read, &sample::ALL, &query).await.unwrap();
        let marks: Vec<i64> = facts.iter().map(|f| f.dims.above_scale).collect();
        assert_eq!(marks, [0, 1], "{}: the newer is no longer above scale", store.on);
        // What lists show follows the calendar when the platform starts.
        assert!(find(&read, org).await.unwrap().above_scale, "{}: projected when it was true", store.on);
        let again = kernel::store::Store::open(store.place(), &[sample::MODULE], kernel::store::Limits::default());
        let read = again.await.unwrap().read().await.unwrap();
        assert!(!find(&read, org).await.unwrap().above_scale, "{}: and no longer", store.on);
    }
}
