//! A mirror on a second disk: it follows whoever writes, and what becomes of the second disk is nobody's trouble at the first.

use std::path::Path;

use kernel::store::{Limits, MirrorState, Place, Store, mirrored};
use testkit::sample::{self, actor, day, visit};

async fn open(dir: &Path) -> Store {
    Store::open(&Place::Dir(dir.to_owned()), &[sample::MODULE], Limits::default()).await.unwrap()
}

/// Every fact and every setting but the heartbeat, as text.
async fn told(store: &Store) -> Vec<String> {
    let read = store.read().await.unwrap();
    let rows =
        read.all("SELECT position, subject_id, record_id, recorded_by FROM fact ORDER BY position").await.unwrap();
    let fact = |row: &kernel::store::Row| {
        let n = |name| row.int(name).unwrap();
        format!("{} {} {} {}", n("position"), n("subject_id"), n("record_id"), row.text("recorded_by").unwrap())
    };
    rows.iter().map(fact).collect()
}

/// Opens what the mirror holds, in a place of its own.
async fn restored(mirror: &Path, to: &Path) -> Store {
    std::fs::create_dir(to).unwrap();
    let whole = mirrored(mirror).unwrap().expect("a whole copy");
    for name in kernel::store::FILES {
        std::fs::copy(whole.join(name), to.join(name)).unwrap();
    }
    open(to).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_follows_the_server_and_an_import_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let server = open(&at("data")).await;
    let (orgs, record) = sample::city(&server, 40).await;
    server.mirror(&at("mirror")).await.unwrap();
    // Alone it writes until the log is begun anew and the copy takes over what was in it.
    let copy = mirrored(&at("mirror")).unwrap().unwrap();
    let length = || std::fs::metadata(copy.join(kernel::store::FILES[0])).unwrap().len();
    let (first, mut acts) = (length(), 0);
    while length() == first && acts < 5000 {
        server.write(&actor(), async |tx| tx.record(visit(orgs[0], day(2021, 4, 1), record)).await).await.unwrap();
        acts += 1;
    }
    assert!(length() > first, "{acts} acts did not fill the log");
    assert_eq!(mirrored(&at("mirror")).unwrap().unwrap(), copy, "nothing had to be made anew");

    let command = open(&at("data")).await;
    // From both sides.
    let write = async |store: Store, month: u32| {
        for act in 0..20_u32 {
            let facts = async |tx: &mut kernel::store::Tx| {
                for org in &orgs {
                    tx.record(visit(*org, day(2021, month, act % 28 + 1), record)).await?;
                }
                Ok(())
            };
            store.write(&actor(), facts).await.unwrap();
        }
    };
    tokio::join!(write(server.clone(), 1), write(server.clone(), 2), write(command.clone(), 3));
    command.close().await.unwrap();
    let all = told(&server).await;
    assert_eq!(all.len(), 60 * orgs.len() + acts);
    let mut state = server.watch_mirror().unwrap();
    state.wait_for(|state| matches!(state, MirrorState::Holds(_))).await.unwrap();
    server.close().await.unwrap();
    let copies = std::fs::read_dir(at("mirror")).unwrap().filter(|e| e.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(copies, 1, "what is not the whole copy is removed");
    let copy = restored(&at("mirror"), &at("new")).await;
    assert_eq!(told(&copy).await, all);
    assert_eq!(kernel::ledger::rebuild::compare(&copy).await.unwrap(), []);

    // A platform that goes on from the mirror keeps a mirror of its own in the same place.
    copy.mirror(&at("mirror")).await.unwrap();
    copy.write(&actor(), async |tx| tx.record(visit(orgs[0], day(2021, 5, 1), record)).await).await.unwrap();
    copy.close().await.unwrap();
    let again = restored(&at("mirror"), &at("newer")).await;
    assert_eq!(told(&again).await.len(), all.len() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_disk_that_is_gone_keeps_nobody_from_writing() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let store = open(&at("data")).await;
    let (orgs, record) = sample::city(&store, 3).await;
    store.mirror(&at("mirror")).await.unwrap();
    let mut state = store.watch_mirror().unwrap();
    assert!(matches!(*state.borrow(), MirrorState::Holds(_)));
    // The disk is taken out, and something that is no directory stands in its place.
    std::fs::rename(at("mirror"), at("taken out")).unwrap();
    std::fs::write(at("mirror"), "").unwrap();
    let refused = state.wait_for(|state| matches!(state, MirrorState::Refused(_))).await.unwrap().clone();
    assert!(matches!(&refused, MirrorState::Refused(why) if why.contains("mirror")), "{refused:?}");
    store.write(&actor(), async |tx| tx.record(visit(orgs[0], day(2021, 5, 1), record)).await).await.unwrap();
    assert_eq!(told(&store).await.len(), 1);
    store.ready().await.unwrap();
    let held = restored(&at("taken out"), &at("new")).await;
    assert_eq!(told(&held).await.len(), 0, "what was mirrored until then is whole");
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_mirror_belongs_elsewhere_and_to_the_embedded_database() {
    for store in testkit::stores(&[sample::MODULE]).await {
        let place = match store.place() {
            Place::Dir(dir) => dir.join("inside"),
            Place::Url(_) => tempfile::tempdir().unwrap().path().to_owned(),
        };
        let refused = store.mirror(&place).await;
        assert!(matches!(refused, Err(kernel::Error::Invalid(_))), "{}: {refused:?}", store.on);
        assert_eq!(store.mirror_state(), None);
    }
}
