//! An action on many cases: each by the same rules as one by one, each with its answer, once, also after a crash.

use std::collections::BTreeSet;

use kernel::access::{Actor, At, Grant, NewAccount, create_account, create_role, set_role};
use kernel::case::{self, BulkState, Counted, Doing, Values, Way};
use kernel::id::{BulkId, CaseId, OrgId, UnitId};
use kernel::store::Store;
use kernel::{Error, args};
use testkit::sample_case::{applicant, leader};
use testkit::{TestStore, sample, stores};

fn one(field: &str, value: &str) -> Values {
    Values::from([(field.to_owned(), value.to_owned())])
}

async fn opened(store: &Store, orgs: &[OrgId], n: usize) -> Vec<CaseId> {
    let mut ids = Vec::new();
    for org in orgs.iter().cycle().take(n) {
        let firm = applicant(500, *org);
        let typed = one("what", "设备改造");
        ids.push(store.write(&firm, async |tx| case::open(tx, "sample.order", *org, &typed, "").await).await.unwrap());
    }
    ids
}

async fn act(store: &Store, by: &Actor, id: CaseId, action: &str, revision: i64) {
    let nothing = Values::new();
    let doing = Doing { action, revision, values: &nothing, note: "说明", remarks: &nothing };
    store.write(by, async |tx| case::act(tx, id, doing).await).await.unwrap();
}

/// An officer with an account, as the background knows no other people.
async fn officer(store: &TestStore) -> Actor {
    let new = NewAccount {
        login: "bulk",
        name: "经办",
        role: "sample_boss",
        password: "a-password-for-tests",
        unit: None,
        org: None,
    };
    let grants = ["sample.work", "sample.lead", "sample.read"].map(|p| Grant::parse(p, "all").unwrap());
    let system = sample::actor();
    let write = store.write(&system, async |tx| {
        create_role(tx, "sample_boss", "样例经办", At::City).await?;
        set_role(tx, "sample_boss", "样例经办", grants.to_vec()).await?;
        create_account(tx, new).await
    });
    let account = write.await.unwrap();
    kernel::access::find_person(&store.read().await.unwrap(), account, "").await.unwrap().actor()
}

async fn drafted(store: &Store, by: &Actor, action: &str, ids: &[CaseId]) -> BulkId {
    store.write(by, async |tx| case::draft(tx, "sample.order", action, ids, "测试").await).await.unwrap()
}

async fn counted(store: &Store, by: &Actor, id: BulkId) -> Counted {
    let read = store.read().await.unwrap();
    case::find_bulk(&read, by, id).await.unwrap().count(&read).await.unwrap()
}

async fn states(store: &Store) -> Vec<(String, i64)> {
    let sql = "SELECT state, COUNT(*) AS n FROM case_file GROUP BY state ORDER BY state";
    let rows = store.read().await.unwrap().all(sql).await.unwrap();
    rows.iter().map(|row| (row.get("state").unwrap(), row.int("n").unwrap())).collect()
}

#[tokio::test]
async fn half_refused_is_told_case_by_case_and_the_rest_is_done_once() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 6).await;
        let ids = opened(&store, &orgs, 8).await;
        let boss = officer(&store).await;
        for id in &ids[..4] {
            act(&store, &leader(90), *id, "return", 1).await;
        }
        let bulk = drafted(&store, &boss, "take", &ids).await;
        let before = counted(&store, &boss, bulk).await;
        assert_eq!((before.hopeful, before.hopeless), (4, 4), "{}", store.on);
        assert_eq!(states(&store).await, [("asked".into(), 4), ("mending".into(), 4)], "looking does nothing");
        // Between looking and asking somebody acts on one more.
        act(&store, &leader(90), ids[7], "return", 1).await;
        store.write(&boss, async |tx| case::start(tx, bulk, &Values::new(), "").await).await.unwrap();
        let twice = store.write(&boss, async |tx| case::start(tx, bulk, &Values::new(), "").await).await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{}: asked twice", store.on);
        tokio::try_join!(case::run(&store, bulk), case::run(&store, bulk)).unwrap();
        let after = counted(&store, &boss, bulk).await;
        assert_eq!((after.done, after.refused, after.hopeful + after.hopeless), (3, 5, 0), "{}", store.on);
        assert_eq!(states(&store).await, [("doing".into(), 3), ("mending".into(), 5)], "{}", store.on);
        let read = store.read().await.unwrap();
        let found = case::find_bulk(&read, &boss, bulk).await.unwrap();
        assert_eq!(found.state, BulkState::Done);
        let refused = case::list_rows(&read, &boss, &found, Way::Refused, CaseId(0), 100).await.unwrap();
        assert!(refused.iter().all(|row| !row.said.is_empty()), "each says why");
        assert!(refused.iter().any(|row| row.case == ids[7] && row.said.contains("已经不是最新")), "{refused:?}");
        // Every case has two events at most: nothing was done twice, and its facts were written once.
        let sql = "SELECT COUNT(*) AS n FROM fact f JOIN case_file c ON c.record_id = f.record_id";
        let facts = read.one(sql).await;
        assert_eq!(facts.unwrap().int("n").unwrap(), 3, "{}", store.on);
    }
}

#[tokio::test]
async fn it_is_taken_back_at_once_but_not_what_others_went_on_with() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let ids = opened(&store, &orgs, 5).await;
        let boss = officer(&store).await;
        for id in &ids {
            act(&store, &leader(90), *id, "take", 1).await;
        }
        let bulk = drafted(&store, &boss, "pause", &ids).await;
        let silent = store.write(&boss, async |tx| case::start(tx, bulk, &Values::new(), " ").await).await;
        assert!(matches!(&silent, Err(Error::Invalid(faults)) if faults.at("note").is_some()), "{}", store.on);
        store.write(&boss, async |tx| case::start(tx, bulk, &Values::new(), "停产检修").await).await.unwrap();
        case::run(&store, bulk).await.unwrap();
        assert_eq!(states(&store).await, [("paused".into(), 5)], "{}", store.on);
        act(&store, &leader(90), ids[0], "resume", 3).await;
        let back = store.write(&boss, async |tx| case::undo(tx, bulk).await).await.unwrap();
        let seen = counted(&store, &boss, back).await;
        assert_eq!((seen.hopeful, seen.hopeless), (4, 1), "{}", store.on);
        store.write(&boss, async |tx| case::start(tx, back, &Values::new(), "").await).await.unwrap();
        case::run(&store, back).await.unwrap();
        assert_eq!(states(&store).await, [("doing".into(), 5)], "{}", store.on);
        let again = store.write(&boss, async |tx| case::undo(tx, back).await).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "what took back is not taken back");
        let taken = drafted(&store, &boss, "sign", &ids).await;
        let none = store.write(&boss, async |tx| case::undo(tx, taken).await).await;
        assert!(matches!(none, Err(Error::Conflict(_))), "an action without its opposite");
    }
}

#[tokio::test]
async fn nobody_acts_on_what_lies_outside_his_reach_whatever_he_names() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 6).await;
        let ids = opened(&store, &orgs, 6).await;
        let east = testkit::sample_case::worker(77, 1);
        let bulk = drafted(&store, &east, "take", &ids).await;
        let read = store.read().await.unwrap();
        let found = case::find_bulk(&read, &east, bulk).await.unwrap();
        let rows = case::list_rows(&read, &east, &found, Way::Hopeful, CaseId(0), 100).await.unwrap();
        let sql = "SELECT id FROM case_file WHERE unit_id = $1";
        let own = read.all((sql, args![UnitId(1)])).await.unwrap();
        let own: BTreeSet<i64> = own.iter().map(|row| row.get("id").unwrap()).collect();
        assert_eq!(rows.iter().map(|row| row.case.0).collect::<BTreeSet<_>>(), own, "{}", store.on);
        assert!(own.len() < ids.len() && !own.is_empty(), "there is something to leak");
        let other = testkit::sample_case::worker(78, 1);
        assert!(matches!(case::find_bulk(&read, &other, bulk).await, Err(Error::NotFound)), "somebody else's");
        drop(read);
        // The account is out of use when its turn comes: nothing is done for it.
        store.write(&east, async |tx| case::start(tx, bulk, &Values::new(), "").await).await.unwrap();
        case::run(&store, bulk).await.unwrap();
        let after = counted(&store, &east, bulk).await;
        assert_eq!((after.done, after.refused), (0, own.len() as i64), "{}", store.on);
    }
}

#[tokio::test]
async fn who_stands_in_goes_on_with_the_others_case_but_is_no_second_pair_of_eyes() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let (a, b) = (leader(90), leader(91));
        let b_for_a = Actor { behalf: Some(a.account), ..b.clone() };
        let firm = applicant(1, orgs[0]);
        let firm_deputy = Actor { behalf: Some(firm.account), ..applicant(2, orgs[0]) };
        let typed = one("what", "设备改造");
        let open = async |by: &Actor| {
            store.write(by, async |tx| case::open(tx, "sample.order", orgs[0], &typed, "").await).await.unwrap()
        };
        let id = open(&firm_deputy).await;
        act(&store, &a, id, "return", 1).await;
        let read = store.read().await.unwrap();
        for by in [&firm, &firm_deputy] {
            assert_eq!(case::desk(&read, by, None, 10).await.unwrap().len(), 1, "{}: it waits for both", store.on);
        }
        assert!(case::desk(&read, &applicant(2, orgs[0]), None, 10).await.unwrap().is_empty(), "not without the stead");
        drop(read);
        act(&store, &firm, id, "mend", 2).await;
        act(&store, &a, id, "take", 3).await;
        let typed =
            Values::from([("done_on".to_owned(), "2021-07-01".to_owned()), ("cost".to_owned(), "3.5".to_owned())]);
        let sign = async |by: &Actor, action: &str, revision: i64| {
            let nothing = Values::new();
            let doing = Doing { action, revision, values: &typed, note: "", remarks: &nothing };
            store.write(by, async |tx| case::act(tx, id, doing).await).await
        };
        sign(&b_for_a, "sign", 4).await.unwrap();
        for by in [&a, &b, &b_for_a] {
            let again = sign(by, "sign", 5).await;
            assert!(matches!(&again, Err(Error::Conflict(said)) if said.contains("已签过")), "{}: {again:?}", store.on);
        }
        sign(&leader(92), "sign", 5).await.unwrap();
        // a took it, and b signed in a's stead: neither accepts what the other did for him.
        for by in [&a, &b, &b_for_a] {
            let own = sign(by, "accept", 6).await;
            assert!(matches!(&own, Err(Error::Conflict(said)) if said.contains("另一人")), "{}: {own:?}", store.on);
        }
        sign(&leader(93), "accept", 6).await.unwrap();
    }
}
