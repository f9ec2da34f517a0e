//! The register out of workbooks: what was on record before, who else holds a code, and who sees an import.

use super::*;
use intake::imports::examine;

#[tokio::test]
async fn a_value_that_ends_before_the_next_one_is_told_and_sent_again_unchanged() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let a = code(store, orgs[0]).await;
        store
            .write(&actor, async |tx| org::assert(tx, orgs[0], "industry", "3130", day(2021, 6, 1), None, "核定").await)
            .await
            .unwrap();
        let lines =
            ["名称,信用代码,行业,起始日期,依据".to_owned(), format!("样例企业0000有限公司,{a},1511,2020-01-01,补登")];
        let id = sent(store, &actor, What::Orgs, csv(&lines)).await;
        let warned = told(store, &actor, id, Level::Warning).await;
        assert!(warned.len() == 1 && warned[0].0 == "C2", "{warned:?}");
        assert!(warned[0].1.contains("只到 2021-05-31") && warned[0].1.contains("“3130”"), "{warned:?}");
        carry_out(store, &actor, id, Mode::Whole, "").await.unwrap();
        assert_eq!(attribute(store, orgs[0], "industry").await, "3130");
        let again = sent(store, &actor, What::Orgs, csv(&lines)).await;
        let report = dry_run(store, &actor, again, false).await.unwrap();
        assert_eq!((report.to_save(), report.unchanged), (0, 1));
    }
}

#[tokio::test]
async fn a_code_that_is_taken_and_a_name_that_is_too_long_are_found_before_saving() {
    for (store, _) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let head = "名称,信用代码,本地编号,起始日期,依据".to_owned();
        let held = sent(store, &actor, What::Orgs, csv(&[head.clone(), "甲团队,,TD-01,2021-01-01,批文".into()])).await;
        carry_out(store, &actor, held, Mode::Whole, "").await.unwrap();
        let new =
            |n: u32| kernel::value::credit_code::CreditCode::compose("91420299", &format!("MANEW{n:03}")).unwrap();
        let lines = [
            head,
            format!("乙公司,{},TD-01,2021-01-01,执照", new(1)),
            format!("丙公司,{},TD-02,2021-01-01,执照", new(2)),
            format!("丁公司,{},TD-02,2021-01-01,执照", new(3)),
            format!("{},{},,2021-01-01,执照", "长".repeat(121), new(4)),
        ];
        let id = sent(store, &actor, What::Orgs, csv(&lines)).await;
        let told = faults(store, &actor, id).await;
        for ((place, message), (at, said)) in
            told.iter().zip([("C2", "已被使用"), ("C4", "第 3 行重复"), ("A5", "最多 120 个字")])
        {
            assert!(place == at && message.contains(said), "{told:?}");
        }
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(carry_out(store, &actor, id, Mode::Good, "").await.unwrap().saved, 1);
    }
}

#[tokio::test]
async fn an_import_of_several_units_is_seen_by_who_holds_them_all() {
    for (store, _) in cities().await {
        let store = &store.store;
        let both = Actor { units: vec![UnitId(1), UnitId(2)], ..county(1) };
        let bytes = csv(&["信用代码,年度,依据".to_owned()]);
        let id = sent(store, &both, What::Years, bytes.clone()).await;
        for unit in [1, 2] {
            assert!(matches!(dry_run(store, &county(unit), id, false).await, Err(Error::NotFound)), "{unit}");
        }
        assert!(dry_run(store, &both, id, false).await.is_ok() && dry_run(store, &bureau(), id, false).await.is_ok());
        let own = sent(store, &county(1), What::Years, bytes).await;
        assert!(dry_run(store, &both, own, false).await.is_ok());
    }
}

#[tokio::test]
async fn a_workbook_that_is_only_checked_is_not_kept() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let a = code(store, orgs[0]).await;
        let bytes = csv(&["名称,信用代码,起始日期,依据".to_owned(), format!("新名称,{a},很早,执照")]);
        let (report, returned) = examine(store, &actor, What::Orgs, bytes, (false, true)).await.unwrap();
        assert_eq!((report.refused, returned.unwrap().own), (1, false));
        let kept = store.read().await.unwrap().one("SELECT COUNT(*) AS n FROM import_file").await.unwrap();
        assert_eq!(kept.int("n").unwrap(), 0);
    }
}

#[tokio::test]
async fn rows_of_a_template_that_nobody_filled_in_are_left_for_later() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let (_, template) = blank(store, &actor, What::Years).await.unwrap();
        let id = receive(store, &actor, What::Years, "年报.xlsx", template.clone()).await.unwrap();
        let report = dry_run(store, &actor, id, false).await.unwrap();
        assert_eq!((report.to_save(), report.unchanged, report.refused), (0, orgs.len(), 0), "{report:?}");
        let book = sheets::open(&template, &Limits::UPLOAD).unwrap();
        let key = format!("o{}-", orgs[0]);
        let keys = book.pages.iter().flat_map(|p| &p.rows).filter_map(|r| r.at(0)).map(sheets::Cell::shown);
        let key = keys.into_iter().find(|shown| shown.starts_with(&key)).unwrap();
        let bytes = edited(&template, "年度数据", &[(&key, "从业人员（人）", "120")]);
        let id = receive(store, &actor, What::Years, "年报.xlsx", bytes).await.unwrap();
        let told = faults(store, &actor, id).await;
        assert!(
            told.len() == 1 && told[0].1.contains("请填写依据"),
            "who fills in one cell says where it is from: {told:?}"
        );
    }
}
