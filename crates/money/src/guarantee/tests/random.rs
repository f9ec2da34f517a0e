//! Random people enter random events: whatever they do, balances, sums, facts and figures agree.

use kernel::access::Scope;
use kernel::id::Position;
use kernel::indicator::{Number, Question, figure};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use testkit::Dice;
use testkit::sample::{ALL, actor, day};

use super::fixture::{City, WAN, cities, entry};
use crate::guarantee::contracts::{self, Drift, Entry};
use crate::guarantee::id::ContractId;
use crate::guarantee::rules::{Event, Ledger, Step};
use crate::guarantee::totals::balances;

/// What is in force on a day as events of a contract say, found by going through them.
async fn model(city: &City, ids: &[ContractId], on: Day) -> i64 {
    let read = city.store.read().await.unwrap();
    let mut sum = 0;
    for id in ids {
        let contract = contracts::find(&read, &ALL, *id).await.unwrap();
        let events = contracts::events(&read, &contract).await.unwrap();
        let standing = events.iter().filter(|posted| posted.stands() && posted.step.on <= on);
        sum += standing.map(|posted| posted.step.event.moves() * posted.step.amount.0).sum::<i64>();
    }
    sum
}

async fn in_force(city: &City, about: Day, known: Option<Position>) -> i64 {
    let read = city.store.read().await.unwrap();
    let known = known.unwrap_or(read.head().unwrap());
    let q = Question { about, known, scope: &ALL };
    match figure(&read, "guarantee.in_force", &q).await.unwrap().number {
        Number::Money(fen) => fen.0,
        other => panic!("no amount: {other:?}"),
    }
}

#[tokio::test]
async fn whatever_is_entered_balances_sums_and_figures_agree() {
    for city in cities().await {
        let mut dice = Dice(0x6a5);
        let mut ids = Vec::new();
        for n in 0..4 {
            ids.push(city.signed(&city.contract(n, &format!("担保{n}"), 300)).await.unwrap());
        }
        let (mut on, mut reported, mut corrected) = (day(2021, 1, 4), Vec::new(), 0);
        for round in 0..200 {
            on = on + chrono::Days::new(dice.below(3));
            let id = *dice.pick(&ids);
            if dice.below(6) == 0 {
                corrected += i64::from(takes_back(&city, id, &mut dice).await);
            } else {
                // Most of what is typed is refused: nothing of it may stay behind.
                city.posts(&typed(id, on, &mut dice)).await.ok();
            }
            if round % 20 == 19 {
                let read = city.store.read().await.unwrap();
                let head = read.head().unwrap();
                assert_eq!(contracts::drift(&read).await.unwrap(), Drift::default(), "{}", city.store.on);
                drop(read);
                reported.push((on, head, in_force(&city, on, None).await));
                assert_eq!(in_force(&city, on, None).await, model(&city, &ids, on).await, "{}", city.store.on);
            }
        }
        assert!(corrected > 0, "something was corrected");
        for (on, head, then) in reported {
            assert_eq!(in_force(&city, on, Some(head)).await, then, "what was reported can be asked again");
            let now = in_force(&city, on, None).await;
            assert_eq!(now, model(&city, &ids, on).await, "{on} on {}", city.store.on);
            let read = city.store.read().await.unwrap();
            let kept = balances(&read, &ALL, Ledger::Guarantee, on).await.unwrap();
            assert_eq!(kept.iter().map(|b| b.amount.0).sum::<i64>(), now, "kept sums on {}", city.store.on);
            assert!(kept.iter().all(|b| b.amount.0 > 0 && b.contracts > 0));
        }
        compensations_sum_to_the_loss(&city, &ids).await;
        rebuilding_changes_nothing(&city).await;
    }
}

fn typed(id: ContractId, on: Day, dice: &mut Dice) -> Entry {
    let more = [Event::Issued, Event::Overdue, Event::Overdue, Event::Compensated, Event::Compensated];
    let event = *dice.pick(&[Ledger::Guarantee.events(), &more].concat());
    let most = if event == Event::Issued { 200 } else { 60 };
    let fen = dice.below(most * WAN as u64) as i64;
    let mut entry = entry(id, event, on, fen);
    let interest = if event == Event::Compensated { Fen(dice.below(99_999) as i64) } else { Fen(0) };
    let due_on = (event == Event::Extended).then(|| on + chrono::Days::new(400 + dice.below(90)));
    let amount = if event == Event::Extended { Fen(0) } else { entry.step.amount };
    entry.step = Step { interest, due_on, amount, ..entry.step };
    entry
}

/// Takes the last event of a contract back, if there is one.
async fn takes_back(city: &City, id: ContractId, dice: &mut Dice) -> bool {
    let read = city.store.read().await.unwrap();
    let contract = contracts::find(&read, &ALL, id).await.unwrap();
    let events = contracts::events(&read, &contract).await.unwrap();
    drop(read);
    let standing: Vec<_> = events.iter().filter(|posted| posted.stands()).collect();
    let Some(found) = standing.last().filter(|_| dice.below(3) > 0).or(standing.first()) else { return false };
    let target = (id, found.id);
    let reverse = async |tx: &mut kernel::store::Tx| contracts::reverse(tx, &Scope::All, target, "录错").await;
    city.store.write(&actor(), reverse).await.is_ok()
}

async fn compensations_sum_to_the_loss(city: &City, ids: &[ContractId]) {
    let read = city.store.read().await.unwrap();
    let mut seen = 0;
    for id in ids {
        let contract = contracts::find(&read, &ALL, *id).await.unwrap();
        let shares = contracts::shares(&read, &contract).await.unwrap();
        for posted in contracts::events(&read, &contract).await.unwrap() {
            if !matches!(posted.step.event, Event::Compensated | Event::Recovered | Event::WrittenOff) {
                continue;
            }
            let sign = if posted.reverses.is_some() { -1 } else { 1 };
            let parts: i64 = shares.iter().filter(|share| share.event == posted.id).map(|share| share.amount.0).sum();
            assert_eq!(parts, sign * (posted.step.amount.0 + posted.step.interest.0), "{}", city.store.on);
            seen += 1;
        }
    }
    assert!(seen > 0, "something was compensated");
}

async fn rebuilding_changes_nothing(city: &City) {
    city.store.write(&actor(), async |tx| contracts::rebuild(tx).await).await.unwrap();
    let read = city.store.read().await.unwrap();
    assert_eq!(contracts::drift(&read).await.unwrap(), Drift::default(), "{}", city.store.on);
}
