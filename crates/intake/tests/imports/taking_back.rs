//! Taking imports back: what was true before comes back, and nobody's later work is touched.

use super::*;
use std::collections::HashMap;

use kernel::id::Position;
use kernel::indicator::Filter;
use kernel::publication::{Cited, Draft, Proposal, Replacement, accept, enter, freeze, request};

async fn on(store: &Store, org: OrgId, attribute: &str, (y, m, d): (i32, u32, u32)) -> String {
    let history = org::history(&store.read().await.unwrap(), org, None).await.unwrap();
    org::value_on(&history, attribute, day(y, m, d)).map(|a| a.value.clone()).unwrap_or_default()
}

async fn assert(
    store: &Store,
    org: OrgId,
    attribute: &str,
    value: &str,
    from: (i32, u32, u32),
    to: Option<(i32, u32, u32)>,
) {
    let (from, to) = (day(from.0, from.1, from.2), to.map(|(y, m, d)| day(y, m, d)));
    store.write(&bureau(), async |tx| org::assert(tx, org, attribute, value, from, to, "核定").await).await.unwrap();
}

async fn saved(store: &Store, actor: &Actor, what: What, lines: &[String]) -> i64 {
    let id = sent(store, actor, what, csv(lines)).await;
    assert_eq!(faults(store, actor, id).await, []);
    carry_out(store, actor, id, Mode::Whole, "").await.unwrap();
    id
}

#[tokio::test]
async fn every_stretch_of_days_gets_back_what_it_had_and_later_work_stays() {
    const MARK: &str = "mark.specialised";
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let a = code(store, orgs[0]).await;
        assert(store, orgs[0], MARK, "国家级", (2019, 1, 1), Some((2020, 12, 31))).await;
        assert(store, orgs[0], MARK, "省级", (2021, 1, 1), None).await;
        let lines =
            ["信用代码,标记,起始日期,截止日期,依据".to_owned(), format!("{a},专精特新,2020-07-01,2021-06-30,公告")];
        let id = saved(store, &actor, What::Marks, &lines).await;
        assert(store, orgs[0], MARK, "市级", (2021, 3, 1), Some((2021, 3, 31))).await;
        let left = take_back(store, &actor, id, "传错").await.unwrap();
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(left[0].contains("请在档案里核对：专精特新（2021-03-01 至 2021-03-31）"), "{left:?}");
        for (at, value) in [
            ((2020, 6, 30), "国家级"),
            ((2020, 7, 1), "国家级"),
            ((2021, 1, 1), "省级"),
            ((2021, 3, 15), "市级"),
            ((2021, 4, 1), "省级"),
            ((2021, 7, 1), "省级"),
        ] {
            assert_eq!(on(store, orgs[0], MARK, at).await, value, "{at:?}");
        }
    }
}

#[tokio::test]
async fn what_a_correction_put_in_place_of_an_imported_fact_stays() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let (a, b) = (code(store, orgs[0]).await, code(store, orgs[3]).await);
        let head = "编号,事实种类,信用代码,发生日期,事由".to_owned();
        let lines = [head, format!("1,走访,{a},2021-03-05,走访"), format!("2,走访,{b},2021-03-06,走访")];
        let id = saved(store, &actor, What::Facts, &lines).await;
        let fact = {
            let read = store.read().await.unwrap();
            let row = read.one(("SELECT position FROM fact WHERE subject_id = $1", args![orgs[0]])).await.unwrap();
            Position(row.int("position").unwrap())
        };
        let new = Replacement { subject: orgs[0], on: day(2021, 3, 4), class: String::new(), quantity: 1, amount: 0 };
        let proposal = Proposal { reverse: true, replacement: Some(new) };
        let asked =
            store.write(&actor, async |tx| request(tx, &ALL, fact, "日期有误", &proposal, &[]).await).await.unwrap();
        let other = Actor { account: AccountId(9), ..bureau() };
        store.write(&other, async |tx| accept(tx, &ALL, asked, "").await).await.unwrap();
        // The other one is moved by a merge, as it is.
        store.write(&actor, async |tx| org::merge(tx, orgs[3], orgs[1], "重复登记").await).await.unwrap();
        let left = take_back(store, &actor, id, "传错").await.unwrap();
        assert!(left.len() == 1 && left[0].contains("更正后的事实没有改动"), "{left:?}");
        assert_eq!(visits(store).await, Number::Count(1), "the corrected one stays, the moved one is gone");
        assert!(kernel::ledger::rebuild::compare(store).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_size_class_goes_with_the_figures_it_followed_from() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let a = code(store, orgs[0]).await;
        let head = "信用代码,年度,从业人员,营业收入（万元）,依据".to_owned();
        saved(store, &actor, What::Years, &[head.clone(), format!("{a},2020,120,,年报")]).await;
        assert_eq!(attribute(store, orgs[0], "size").await, "");
        let lines = [head.clone(), format!("{a},2020,120,5000,更正")];
        let id = saved(store, &actor, What::Years, &lines).await;
        let size = attribute(store, orgs[0], "size").await;
        assert_ne!(size, "");
        assert_eq!(take_back(store, &actor, id, "传错").await.unwrap(), Vec::<String>::new());
        assert_eq!(attribute(store, orgs[0], "size").await, "");
        // Figures that somebody has corrected since stay, and so does their class.
        let id = saved(store, &actor, What::Years, &lines).await;
        saved(store, &actor, What::Years, &[head, format!("{a},2020,121,5000,再更正")]).await;
        let left = take_back(store, &actor, id, "传错").await.unwrap();
        assert!(left.len() == 1 && left[0].contains("之后又有变更"), "{left:?}");
        assert_eq!(attribute(store, orgs[0], "size").await, size);
    }
}

#[tokio::test]
async fn a_body_that_was_struck_off_comes_back_with_its_next_import() {
    for (store, _) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let head = "名称,信用代码,本地编号,经营状态,起始日期,依据".to_owned();
        let lines = |name: &str| [head.clone(), format!("{name},,TD-01,,2021-01-01,批文")];
        let first = saved(store, &actor, What::Orgs, &lines("新团队")).await;
        let team = org::find_by_code(&store.read().await.unwrap(), &Scope::All, "TD-01").await.unwrap().id;
        take_back(store, &actor, first, "名称写错").await.unwrap();
        assert_eq!(attribute(store, team, "status").await, "撤销");
        let second = saved(store, &actor, What::Orgs, &lines("新团队之名")).await;
        assert_eq!(
            (attribute(store, team, "status").await, attribute(store, team, "name").await),
            (String::new(), "新团队之名".into())
        );
        take_back(store, &actor, second, "还是不对").await.unwrap();
        assert_eq!(attribute(store, team, "status").await, "撤销");
        let third = saved(store, &actor, What::Orgs, &lines("新团队之名")).await;
        assert(store, team, "address", "某路 1 号", (2021, 2, 1), None).await;
        let left = take_back(store, &actor, third, "又不对").await.unwrap();
        assert!(left.iter().any(|words| words.contains("之后又有人登记，档案保留")), "{left:?}");
        assert_eq!(attribute(store, team, "status").await, "");
    }
}

#[tokio::test]
async fn a_firm_that_moved_away_is_left_and_told() {
    for (store, orgs) in cities().await {
        let (store, east) = (&store.store, county(1));
        let a = code(store, orgs[0]).await;
        let lines =
            ["名称,信用代码,行业,起始日期,依据".to_owned(), format!("样例企业0000有限公司,{a},1511,2021-01-01,核定")];
        let id = saved(store, &east, What::Orgs, &lines).await;
        let facts = ["事实种类,信用代码,发生日期,事由".to_owned(), format!("走访,{a},2021-03-05,走访")];
        let visited = saved(store, &east, What::Facts, &facts).await;
        assert(store, orgs[0], "unit", "2", (2021, 5, 1), None).await;
        for id in [id, visited] {
            let left = take_back(store, &east, id, "传错").await.unwrap();
            assert!(left.len() == 1 && left[0].contains("不在您的管理范围内"), "{left:?}");
        }
        assert_eq!(attribute(store, orgs[0], "industry").await, "1511");
        assert_eq!(visits(store).await, Number::Count(1));
    }
}

/// Publishes how often firms were visited.
async fn publish_visits(store: &Store) {
    let read = store.read().await.unwrap();
    let figures = vec![Cited {
        citation: "A01".into(),
        printed: "2".into(),
        indicator: "sample.visits".into(),
        about: day(2021, 6, 30),
        filter: Filter::default(),
    }];
    let known = read.head().unwrap();
    let draft = Draft { title: "答复".into(), published_on: day(2021, 8, 11), known, body: "{}".into(), figures };
    let frozen = freeze(&read, &draft).await.unwrap();
    drop(read);
    let enter = async |tx: &mut kernel::store::Tx| enter(tx, &draft, frozen, Vec::new(), &HashMap::new()).await;
    store.write(&bureau(), enter).await.unwrap();
}

#[tokio::test]
async fn what_stands_behind_a_published_figure_is_left_to_a_request() {
    for (store, orgs) in cities().await {
        let (store, actor) = (&store.store, bureau());
        let (a, b) = (code(store, orgs[0]).await, code(store, orgs[3]).await);
        let head = "编号,事实种类,信用代码,发生日期,事由".to_owned();
        // One within the published half-year, one after it.
        let lines = [head, format!("1,走访,{a},2021-03-05,走访"), format!("2,走访,{b},2021-07-06,走访")];
        let id = saved(store, &actor, What::Facts, &lines).await;
        publish_visits(store).await;
        let left = take_back(store, &actor, id, "传错").await.unwrap();
        assert!(left.len() == 1 && left[0].contains("已发布数字背后") && left[0].contains("申请更正"), "{left:?}");
        assert_eq!(visits(store).await, Number::Count(1), "the published one stays, the other is gone");
        // A workbook that came after the document is taken back whole, whatever days it is about.
        let head = "编号,事实种类,信用代码,发生日期,事由".to_owned();
        let late = saved(store, &actor, What::Facts, &[head, format!("3,走访,{b},2021-03-07,走访")]).await;
        assert_eq!(take_back(store, &actor, late, "传错").await.unwrap(), Vec::<String>::new());
        assert!(kernel::ledger::rebuild::compare(store).await.unwrap().is_empty());
    }
}
