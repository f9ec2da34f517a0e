//! Many people at once: no answer ever holds what belongs to somebody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::access::role;
use testkit::{Client, Dice};

use super::stage::{Stage, UNITS, account, stages};

/// Requests of the quick version; `QISHU_CROWD` asks for more, such as 100000.
const QUICK: usize = 1500;

/// What each person may never see.
#[derive(Clone)]
struct Person {
    client: Client,
    /// The unit whose secrets are another's; `None` for who may see both.
    forbidden: Option<usize>,
    /// Records of its own and of the other, as paths.
    paths: Arc<Vec<(String, bool)>>,
}

async fn people(stage: &Stage) -> Vec<Person> {
    let mut people = Vec::new();
    let patterns =
        ["/orgs/{id}", "/facts/{position}", "/records/{id}", "/api/v1/organisations/{id}", "/api/v1/facts/{position}"];
    let lists = ["/orgs", "/ledger", "/api/v1/organisations", "/api/v1/facts"];
    for (nth, (code, side)) in [
        ("enterprise", 0),
        ("enterprise", 1),
        ("bank", 0),
        ("county_officer", 0),
        ("county_officer", 1),
        ("bureau_officer", 0),
        ("auditor", 1),
        ("bank", 1),
    ]
    .into_iter()
    .enumerate()
    {
        let (own, other) = if side == 0 { (&stage.own, &stage.foreign) } else { (&stage.foreign, &stage.own) };
        let role = role(code).unwrap();
        account(&stage.store, &format!("crowd{nth}"), &role, own).await;
        let sees_all = matches!(role.code.as_str(), "bureau_officer" | "auditor");
        let mut paths: Vec<(String, bool)> = lists.iter().map(|l| ((*l).to_owned(), true)).collect();
        paths.extend(patterns.iter().map(|p| (stage.path(p, own), true)));
        paths.extend(patterns.iter().map(|p| (stage.path(p, other), sees_all)));
        let client = stage.client(&format!("crowd{nth}")).await;
        people.push(Person { client, forbidden: (!sees_all).then_some(1 - side), paths: Arc::new(paths) });
    }
    people
}

async fn roam(person: Person, seed: u64, left: Arc<AtomicUsize>) {
    let mut dice = Dice(seed);
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok() {
        let (path, is_open) = dice.pick(&person.paths).clone();
        let answer = person.client.get(&path).await;
        assert_eq!(answer.status.as_u16(), if is_open { 200 } else { 404 }, "{path}");
        if let Some(other) = person.forbidden {
            let secret = format!("{}的秘密企业", UNITS[other]);
            assert!(!answer.body.contains(&secret), "{path} told of {secret}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_people_at_once_see_only_their_own() {
    let requests = std::env::var("QISHU_CROWD").ok().and_then(|n| n.parse().ok()).unwrap_or(QUICK);
    for stage in stages().await {
        let people = people(&stage).await;
        let left = Arc::new(AtomicUsize::new(requests));
        let crowd: Vec<_> =
            (0..64).map(|n| tokio::spawn(roam(people[n % people.len()].clone(), n as u64, left.clone()))).collect();
        for one in crowd {
            one.await.unwrap_or_else(|e| panic!("{}: {e}", stage.store.on));
        }
        assert_eq!(left.load(Ordering::Relaxed), 0, "{}: all requests were made", stage.store.on);
    }
}
