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
        let (report, returned) = examine(store, &actor, What::Orgs, (bytes, None), (false, true)).await.unwrap();
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

#[tokio::test]
async fn the_page_lets_the_sheet_win_over_the_conflicts_it_has_shown_and_no_others() {
    for (store, orgs) in cities().await {
        let new =
            NewAccount { login: "ju", name: "局", role: "bureau_officer", password: PASSWORD, unit: None, org: None };
        store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
        let app = TestApp::new(&store, slices()).await;
        let page = app.signed_in("ju", PASSWORD).await;
        let (_, template) = blank(&store, &bureau(), What::Orgs).await.unwrap();
        let change = async |industry: &str| {
            let put = async |tx: &mut kernel::store::Tx| {
                org::assert(tx, orgs[0], "industry", industry, day(2021, 1, 1), None, "核定").await
            };
            store.write(&bureau(), put).await.unwrap();
        };
        change("3130").await;
        let key = format!("o{}", orgs[0]);
        let cells = [("行业", "1511"), ("起始日期", "2021-06-01"), ("依据", "公告")].map(|(n, t)| (key.as_str(), n, t));
        page.get("/imports").await;
        let sent =
            page.upload("/imports", &[("what", "orgs")], "县.xlsx", &edited(&template, "主体名录", &cells)).await;
        let here = sent.location.unwrap();
        let seen = page.get(&here).await.attributes("input[name=overwrite]", "value");
        change("1512").await;
        let save =
            async |seen: &str| page.post(&format!("{here}/save"), &[("mode", "whole"), ("overwrite", seen)]).await;
        let refused = save(&seen[0]).await;
        assert_eq!(refused.status.as_u16(), 422);
        assert!(refused.texts("[role=alert]")[0].contains("冲突已重新列出"), "{}", refused.body);
        let seen = refused.attributes("input[name=overwrite]", "value");
        assert_eq!(save(&seen[0]).await.status.as_u16(), 303);
        assert_eq!(attribute(&store, orgs[0], "industry").await, "1511");
    }
}

#[tokio::test]
async fn what_was_stored_of_a_firm_that_moved_away_is_no_longer_listed() {
    for (store, orgs) in cities().await {
        let unit = Some(UnitId(1));
        let new =
            NewAccount { login: "dong", name: "东", role: "county_officer", password: PASSWORD, unit, org: None };
        store.write(&sample::actor(), async |tx| create_account(tx, new).await).await.unwrap();
        let (a, b) = (code(&store, orgs[0]).await, code(&store, orgs[3]).await);
        let head = "事实种类,信用代码,发生日期,事由".to_owned();
        let rows = csv(&[head, format!("走访,{a},2021-03-05,走访"), format!("走访,{b},2021-03-06,走访")]);
        let id = sent(&store, &county(1), What::Facts, rows).await;
        carry_out(&store, &county(1), id, Mode::Whole, "").await.unwrap();
        let app = TestApp::new(&store, slices()).await;
        let east = app.signed_in("dong", PASSWORD).await;
        assert_eq!(east.get(&format!("/imports/{id}")).await.texts("#traces + div tbody tr").len(), 2);
        let moved = async |tx: &mut kernel::store::Tx| {
            org::assert(tx, orgs[0], "unit", "2", day(2021, 5, 1), None, "迁移").await
        };
        store.write(&bureau(), moved).await.unwrap();
        let page = east.get(&format!("/imports/{id}")).await;
        assert_eq!(page.texts("#traces + div tbody tr").len(), 1);
        assert!(page.body.contains("还有 1 项没有列出"), "{}", page.body);
    }
}
