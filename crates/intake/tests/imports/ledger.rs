//! Facts out of workbooks: what the form refuses, and rows under a number.

use super::*;

const HEAD: &str = "编号,事实种类,分类,信用代码,发生日期,金额（万元）,对方代码,事由,文号";

fn lines(rows: &[String]) -> Vec<u8> {
    csv(&[&[HEAD.to_owned()], rows].concat())
}

#[tokio::test]
async fn what_the_form_refuses_the_workbook_refuses_in_the_same_words() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let (a, gone) = (code(store, orgs[0]).await, code(store, orgs[3]).await);
        store.write(&actor, async |tx| org::merge(tx, orgs[3], orgs[4], "重复登记").await).await.unwrap();
        let rows = [
            format!("1,走访,,{a},2021-03-05,,,,"),
            format!("2,拨付,,{a},2021-03-05,,,拨付通知,"),
            format!("3,走访,,{a},2021-03-05,,{gone},走访,"),
            format!("4,走访,,{a},2021-03-05,,,{},{}", "题".repeat(201), "文".repeat(201)),
        ];
        let id = sent(store, &actor, What::Facts, lines(&rows)).await;
        let told = faults(store, &actor, id).await;
        for ((place, message), (at, said)) in told.iter().zip([
            ("H2", "请写明依据"),
            ("F3", "没有金额填 0"),
            ("G4", "已并入其他档案"),
            ("H5", "最多 200 个字"),
            ("I5", "最多 200 个字"),
        ]) {
            assert!(place == at && message.contains(said), "{at} {said}: {told:?}");
        }
        assert_eq!(told.len(), 5, "{told:?}");
        // Who may import but not enter facts is not asked to.
        let role = role("auditor").unwrap();
        let auditor = Actor::in_role(AccountId(3), "审计", role, vec![], None);
        let refused = receive(store, &auditor, What::Facts, "台账.csv", lines(&rows)).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_number_means_one_fact_as_long_as_it_stands() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let a = code(store, orgs[0]).await;
        let row = |amount: &str| lines(&[format!("007,拨付,,{a},2021-03-05,{amount},,贴息,某文")]);
        let first = sent(store, &actor, What::Facts, row("12.5")).await;
        carry_out(store, &actor, first, Mode::Whole, "").await.unwrap();
        let other = sent(store, &actor, What::Facts, row("13")).await;
        let told = faults(store, &actor, other).await;
        assert!(told.len() == 1 && told[0].0 == "A2", "{told:?}");
        assert!(told[0].1.contains("12.5 万元") && told[0].1.contains("13 万元"), "{told:?}");
        // The fact is reversed by hand: its number is free again, whatever the row says.
        let position = {
            let read = store.read().await.unwrap();
            kernel::id::Position(read.one("SELECT MAX(position) AS p FROM fact").await.unwrap().int("p").unwrap())
        };
        store.write(&actor, async |tx| tx.reverse(position, "录错").await).await.unwrap();
        let again = sent(store, &actor, What::Facts, row("12.5")).await;
        for id in [other, again] {
            assert_eq!(dry_run(store, &actor, id, false).await.unwrap().to_save(), 1);
        }
        carry_out(store, &actor, again, Mode::Whole, "").await.unwrap();
        assert_eq!(faults(store, &actor, other).await.len(), 1);
        assert!(kernel::ledger::rebuild::compare(store).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_fact_counts_for_the_unit_of_its_day_so_that_unit_has_to_be_held() {
    for (store, orgs) in cities().await {
        let store = &store.store;
        let a = code(store, orgs[0]).await;
        // It was of the west until 2020, and is of the east now.
        store
            .write(&bureau(), async |tx| {
                org::assert(tx, orgs[0], "unit", "2", day(2019, 1, 1), Some(day(2020, 12, 31)), "区划调整").await
            })
            .await
            .unwrap();
        let rows = [format!("1,走访,,{a},2020-05-01,,,走访,"), format!("2,走访,,{a},2021-05-01,,,走访,")];
        let id = sent(store, &county(1), What::Facts, lines(&rows)).await;
        let told = faults(store, &county(1), id).await;
        assert!(told.len() == 1 && told[0].0 == "E2" && told[0].1.contains("不属于您的填报单元"), "{told:?}");
        assert_eq!(carry_out(store, &county(1), id, Mode::Good, "").await.unwrap().saved, 1);
    }
}

#[tokio::test]
async fn the_name_beside_a_code_is_compared() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let a = code(store, orgs[0]).await;
        let head = "信用代码,名称,事实种类,发生日期,事由".to_owned();
        let rows = [
            head,
            format!("{a},别的公司,走访,2021-03-05,走访"),
            format!("{a},样例企业0000有限公司,走访,2021-03-06,走访"),
        ];
        let id = sent(store, &actor, What::Facts, csv(&rows)).await;
        let warned = told(store, &actor, id, Level::Warning).await;
        assert!(warned.len() == 1 && warned[0].0 == "B2" && warned[0].1.contains("样例企业0000"), "{warned:?}");
    }
}
