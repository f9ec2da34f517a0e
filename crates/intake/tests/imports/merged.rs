//! A ledger is sent again after two of its firms turned out to be one.

use super::*;

#[tokio::test]
async fn what_was_stored_about_a_duplicate_is_not_stored_again_about_the_one_that_stays() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let (gone, stays) = (code(store, orgs[0]).await, code(store, orgs[3]).await);
        let bank = code(store, orgs[4]).await;
        let rows = |code: &str, amount: &str| {
            csv(&[
                "编号,事实种类,信用代码,发生日期,金额（万元）,对方代码,事由".to_owned(),
                format!("007,拨付,{code},2021-03-05,{amount},{bank},贴息"),
                format!(",拨付,{code},2021-03-06,3,,奖励"),
            ])
        };
        let first = sent(store, &actor, What::Facts, rows(&gone, "12.5")).await;
        carry_out(store, &actor, first, Mode::Whole, "").await.unwrap();
        store.write(&actor, async |tx| org::merge(tx, orgs[0], orgs[3], "重复登记").await).await.unwrap();
        let again = sent(store, &actor, What::Facts, rows(&stays, "12.5")).await;
        let report = dry_run(store, &actor, again, false).await.unwrap();
        assert_eq!((report.unchanged, report.to_save(), report.refused), (2, 0, 0), "{:?}", report.reading.findings);
        let other = sent(store, &actor, What::Facts, rows(&stays, "13")).await;
        let told = faults(store, &actor, other).await;
        assert!(told.len() == 1 && told[0].1.contains("第 1 次导入"), "the number is taken: {told:?}");
        // Also when the counterparty went into another body.
        store.write(&actor, async |tx| org::merge(tx, orgs[4], orgs[5], "机构合并").await).await.unwrap();
        let bank = code(store, orgs[5]).await;
        let third = csv(&[
            "编号,事实种类,信用代码,发生日期,金额（万元）,对方代码,事由".to_owned(),
            format!("007,拨付,{stays},2021-03-05,12.5,{bank},贴息"),
        ]);
        let third = sent(store, &actor, What::Facts, third).await;
        assert_eq!(dry_run(store, &actor, third, false).await.unwrap().unchanged, 1);
        // A firm of its own with the same number has nothing to do with it.
        let own = code(store, orgs[1]).await;
        let fourth = sent(store, &actor, What::Facts, rows(&own, "1").to_vec()).await;
        let report = dry_run(store, &actor, fourth, false).await;
        assert!(report.unwrap().to_save() > 0);
    }
}
