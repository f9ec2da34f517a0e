//! Yearly figures: an amount in another unit stands out against the firm's own past and against its peers.

use super::*;

async fn figures(store: &Store, orgs: &[OrgId], wan: i64) {
    let recorded = |n: i64| org::YearFigures {
        year: 2019,
        employees: Some(50),
        revenue: Some(Fen((wan + n) * 1_000_000)),
        assets: Some(Fen((wan + n) * 2_000_000)),
        source: "年报".into(),
    };
    for (n, org) in (0..).zip(orgs) {
        store.write(&bureau(), async |tx| org::record_year(tx, *org, &recorded(n)).await).await.unwrap();
    }
}

async fn industry(store: &Store, orgs: &[OrgId]) {
    for org in orgs {
        store
            .write(&bureau(), async |tx| org::assert(tx, *org, "industry", "3130", day(2019, 1, 1), None, "核定").await)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn an_amount_in_yuan_stands_out_against_firms_of_the_same_sort() {
    let modules: Vec<_> = slices().iter().map(|s| s.module).collect();
    for store in testkit::stores(&modules).await {
        let (orgs, _) = sample::city(&store, 8).await;
        let (store, actor) = (&store.store, bureau());
        industry(store, &orgs).await;
        figures(store, &orgs[..6], 5000).await;
        let size = |org: OrgId| async move { attribute(store, org, "size").await };
        // The seventh has no figures of its own; it is of the class of the others.
        let class = size(orgs[0]).await;
        store
            .write(&actor, async |tx| org::assert(tx, orgs[6], "size", &class, day(2020, 1, 1), None, "申报").await)
            .await
            .unwrap();
        let (new, known) = (code(store, orgs[6]).await, code(store, orgs[0]).await);
        let rows = |revenue: &str, assets: &str| {
            csv(&[
                "信用代码,年度,从业人员（人）,营业收入（万元）,资产总额（万元）,依据".to_owned(),
                format!("{new},2020,50,{revenue},{assets},年报"),
                format!("{known},2020,50,5001,10000,年报"),
            ])
        };
        let id = sent(store, &actor, What::Years, rows("50000000", "9000")).await;
        let warned = told(store, &actor, id, Level::Warning).await;
        assert_eq!(warned.len(), 1, "{warned:?}");
        assert!(
            warned[0].0 == "D2" && warned[0].1.contains("同类企业") && warned[0].1.contains("1 万倍"),
            "{warned:?}"
        );
        assert!(warned[0].1.contains("6 家") && !warned[0].1.contains("样例企业"), "a group, never a firm: {warned:?}");
        let id = sent(store, &actor, What::Years, rows("4000", "9000")).await;
        assert_eq!(told(store, &actor, id, Level::Warning).await, []);
    }
}

#[tokio::test]
async fn few_firms_are_no_measure() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        industry(store, &orgs).await;
        figures(store, &orgs[..4], 5000).await;
        let new = code(store, orgs[5]).await;
        let rows = csv(&[
            "信用代码,年度,从业人员（人）,营业收入（万元）,资产总额（万元）,依据".to_owned(),
            format!("{new},2020,50,50000000,9000,年报"),
        ]);
        let id = sent(store, &actor, What::Years, rows).await;
        assert_eq!(told(store, &actor, id, Level::Warning).await, []);
    }
}

#[tokio::test]
async fn a_conflict_in_yearly_figures_says_who_recorded_them_and_when() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, county(1));
        let (_, template) = blank(store, &actor, What::Years).await.unwrap();
        let year = i64::from(chrono::Datelike::year(&store.read().await.unwrap().today())) - 1;
        let recorded = org::YearFigures {
            year: year as i32,
            employees: Some(61),
            revenue: Some(Fen(5_000_000)),
            assets: Some(Fen(9_000_000)),
            source: "核定".into(),
        };
        store.write(&bureau(), async |tx| org::record_year(tx, orgs[0], &recorded).await).await.unwrap();
        let key = format!("o{}-{year}", orgs[0]);
        let cells = [
            (key.as_str(), "从业人员（人）", "60"),
            (key.as_str(), "营业收入（万元）", "5"),
            (key.as_str(), "资产总额（万元）", "9"),
            (key.as_str(), "依据", "年报"),
        ];
        let bytes = edited(&template, "年度数据", &cells);
        let id = receive(store, &actor, What::Years, "年报.xlsx", bytes).await.unwrap();
        let conflicts = told(store, &actor, id, Level::Conflict).await;
        assert!(!conflicts.is_empty() && conflicts[0].1.contains("由市局改为“61”"), "{conflicts:?}");
        let today = store.read().await.unwrap().today().to_string();
        assert!(conflicts[0].1.contains(&today), "{conflicts:?}");
    }
}
