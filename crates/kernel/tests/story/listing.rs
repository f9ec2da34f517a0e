//! One list for all: whatever it is sorted by and narrowed to, every row once, the same forwards and back, on both
//! databases; and nothing of a column that one may not see.

use kernel::Error;
use kernel::access::{Permission, Scope};
use kernel::case::{self, Values};
use kernel::id::{OrgId, UnitId};
use kernel::list::{Cell, List, page};
use kernel::store::{Read, Store};
use testkit::sample_case::{FLOW, applicant, leader};
use testkit::{TestStore, sample, stores};

const SECRET: Permission = Permission("sample.secret");

fn pairs(text: &[(&str, &str)]) -> Vec<(String, String)> {
    text.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

fn fields(error: &Error) -> Vec<&str> {
    match error {
        Error::Invalid(faults) => faults.0.iter().map(|f| f.field.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

/// Cases of which a part has no due day.
async fn cases(store: &Store, orgs: &[OrgId]) {
    for (i, org) in orgs.iter().cycle().take(23).enumerate() {
        let firm = applicant(i as i64 + 1, *org);
        let typed =
            Values::from([("what".to_owned(), format!("改造{}", i % 3)), ("class".to_owned(), "甲类".to_owned())]);
        let id = store.write(&firm, async |tx| case::open(tx, "sample.order", *org, &typed, "").await).await.unwrap();
        if i % 4 == 0 {
            let nothing = Values::new();
            let doing = case::Doing { action: "return", revision: 1, values: &nothing, note: "退", remarks: &nothing };
            store.write(&leader(99), async |tx| case::act(tx, id, doing).await).await.unwrap();
        }
    }
}

fn listing(store: &TestStore) -> List {
    let units = (1..=3).map(|n| (n.to_string(), format!("单元{n}"))).collect();
    let flow = store.catalog().newest_flow(FLOW.code).unwrap();
    let mut list = case::listing(store.catalog(), flow, units);
    list.columns.iter_mut().filter(|c| c.code == "by").for_each(|c| c.needs = Some(SECRET));
    list
}

async fn walked(read: &Read, list: &List, scope: &Scope, asked: &[(&str, &str)]) -> Vec<i64> {
    let mut asked = list.asked(&pairs(asked), &|_| false).unwrap();
    asked.limit = 5;
    let (mut forward, mut pages) = (Vec::new(), 0);
    let mut last = None;
    loop {
        let found = page(read, list, scope, &asked, &|_| false).await.unwrap();
        forward.extend(found.rows.iter().map(|row| row.id));
        pages += 1;
        last = found.prev.or(last);
        match found.next {
            Some(next) => asked.after = Some(next),
            None => break,
        }
    }
    // Back to the beginning, page by page.
    let mut back: Vec<i64> = Vec::new();
    asked.after = None;
    while let Some(edge) = last {
        asked.before = Some(edge);
        let found = page(read, list, scope, &asked, &|_| false).await.unwrap();
        back.splice(0..0, found.rows.iter().map(|row| row.id));
        last = found.prev;
    }
    let seen = forward.len() - forward.len().saturating_sub((pages - 1) * 5);
    assert_eq!(back, forward[..seen], "the same on the way back");
    forward
}

#[tokio::test]
async fn every_row_stands_once_whatever_it_is_sorted_by() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 7).await;
        cases(&store, &orgs).await;
        let (read, list) = (store.read().await.unwrap(), listing(&store));
        let rows = read.all("SELECT id, unit_id, due_on FROM case_file ORDER BY id").await.unwrap();
        let all: Vec<(i64, i64, Option<kernel::value::day::Day>)> = rows
            .iter()
            .map(|row| (row.get("id").unwrap(), row.get("unit_id").unwrap(), row.get("due_on").unwrap()))
            .collect();
        for scope in [Scope::All, Scope::Units(vec![UnitId(1)]), Scope::Nothing] {
            for (sort, by_due, down) in
                [("id", false, false), ("-id", false, true), ("due", true, false), ("-due", true, true)]
            {
                let mut expected: Vec<_> = all.iter().filter(|(_, unit, _)| scope.holds(UnitId(*unit))).collect();
                expected.sort_by_key(|(id, _, due)| {
                    (if by_due { due.is_none() } else { false }, due.filter(|_| by_due), *id)
                });
                if down {
                    expected.reverse();
                }
                let expected: Vec<i64> = expected.iter().map(|(id, _, _)| *id).collect();
                assert_eq!(
                    walked(&read, &list, &scope, &[("sort", sort)]).await,
                    expected,
                    "{} {sort} {scope:?}",
                    store.on
                );
            }
        }
        let due: Vec<i64> = all.iter().filter(|(_, _, due)| due.is_some()).map(|(id, _, _)| *id).collect();
        assert!(!due.is_empty() && due.len() < all.len());
        let narrowed =
            walked(&read, &list, &Scope::All, &[("sort", "id"), ("due.from", "2000-01-01"), ("unit", "1")]).await;
        let expected: Vec<i64> =
            all.iter().filter(|(_, unit, due)| *unit == 1 && due.is_some()).map(|(id, _, _)| *id).collect();
        assert_eq!(narrowed, expected, "{}", store.on);
        let today = read.today().to_string();
        let opened = walked(&read, &list, &Scope::All, &[("opened.from", &today), ("opened.to", &today)]).await;
        assert_eq!(opened.len(), all.len(), "{}: the day holds its first and last instant", store.on);
        let asked = list.asked(&pairs(&[("state", "mending")]), &|_| false).unwrap();
        assert_eq!(kernel::list::count(&read, &list, &Scope::All, &asked).await.unwrap(), 6);
        assert_eq!(kernel::list::ids(&read, &list, &Scope::All, &asked, 6).await.unwrap().len(), 6);
        assert!(kernel::list::ids(&read, &list, &Scope::All, &asked, 5).await.is_err(), "more than are taken at once");
    }
}

#[tokio::test]
async fn what_may_not_be_seen_is_neither_shown_nor_asked_by() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 2).await;
        cases(&store, &orgs).await;
        let (read, list) = (store.read().await.unwrap(), listing(&store));
        for (name, value) in [("by", "企业1"), ("sort", "by"), ("show", "by"), ("sort", "nothing"), ("show", "nothing")]
        {
            let refused = list.asked(&pairs(&[(name, value)]), &|_| false).unwrap_err();
            assert_eq!(fields(&refused), [name], "{name}={value}");
        }
        let asked = list.asked(&pairs(&[("x", "left alone")]), &|_| false).unwrap();
        let blind = page(&read, &list, &Scope::All, &asked, &|_| false).await.unwrap();
        assert_eq!(*blind.rows[0].cell("by"), Cell::None, "{}", store.on);
        let may = |permission: Permission| permission == SECRET;
        let asked = list.asked(&pairs(&[("by", "企业1"), ("show", "by")]), &may).unwrap();
        let seeing = page(&read, &list, &Scope::All, &asked, &may).await.unwrap();
        assert!(seeing.rows.iter().all(|row| row.cell("by").text().starts_with("企业1")), "{}", store.on);
        assert_eq!(seeing.rows.len(), 11, "企业1 and 企业10 to 企业19");
    }
}

#[tokio::test]
async fn what_means_nothing_is_told_at_its_parameter() {
    for store in stores(&[sample::MODULE]).await {
        let list = listing(&store);
        let long = "查".repeat(10_000);
        for (name, value) in [
            ("q", "a"),
            ("q", long.as_str()),
            ("unit", "9"),
            ("state", "gone"),
            ("due.from", "2021-02-30"),
            ("opened.to", "昨天"),
            ("after", "x"),
            ("after", "5_2021-01-01"),
            ("limit", "0"),
            ("limit", "1000000"),
        ] {
            let refused = list.asked(&pairs(&[(name, value)]), &|_| true).unwrap_err();
            assert_eq!(fields(&refused), [name], "{name}");
        }
        assert!(!list.asked(&pairs(&[("unit", " "), ("due.to", "")]), &|_| true).unwrap().narrows(), "empty means all");
        let literal = list.asked(&pairs(&[("by", "100%_")]), &|_| true).unwrap();
        let read = store.read().await.unwrap();
        assert!(page(&read, &list, &Scope::All, &literal, &|_| true).await.unwrap().rows.is_empty(), "no wildcards");
    }
}

#[tokio::test]
async fn a_case_is_found_by_its_words_by_initials_and_by_whom_it_is_about_at_once() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let firm = applicant(1, orgs[0]);
        let typed = Values::from([("what".to_owned(), "数字化转型诊断补贴".to_owned())]);
        let id =
            store.write(&firm, async |tx| case::open(tx, "sample.order", orgs[0], &typed, "").await).await.unwrap();
        let (read, list) = (store.read().await.unwrap(), listing(&store));
        for (typed, found) in [
            ("转型诊断", true),
            ("szhzx", true),
            ("诊断补贴数字化", true),
            ("样例 补贴", true),
            ("数字化贷款", false),
            ("断", true),
        ] {
            let asked = list.asked(&pairs(&[("q", typed)]), &|_| true).unwrap();
            let rows = page(&read, &list, &Scope::All, &asked, &|_| true).await.unwrap().rows;
            assert_eq!(rows.iter().any(|row| row.id == id.0), found, "{} {typed}", store.on);
            let foreign = page(&read, &list, &Scope::Own(orgs[1]), &asked, &|_| true).await.unwrap().rows;
            assert!(foreign.is_empty(), "{} {typed}: not through the search either", store.on);
        }
    }
}
