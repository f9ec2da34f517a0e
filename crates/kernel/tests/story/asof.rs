//! As-of reproducibility: whatever is recorded, reversed or reclassified later,
//! a question about a day, as known at a position, keeps the answer it had; and rows = figure throughout.

use kernel::id::{OrgId, Position, RecordId};
use kernel::indicator::{By, DrillRows, Measure, Number, Of, Question, Within, breakdown, drill, evaluate, recomputed};
use kernel::ledger::{NewFact, rebuild};
use kernel::org;
use kernel::store::{Read, Store};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use testkit::sample::{self, ALL, actor, day};
use testkit::{Dice, stores};

/// An answer that was given once.
struct Given {
    about: Day,
    known: Position,
    numbers: Vec<Number>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_past_question_has_the_answer_it_had() {
    for seed in [1, 2, 3] {
        for store in stores(&[sample::MODULE]).await {
            let (orgs, record) = sample::city(&store, 9).await;
            let mut dice = Dice(seed);
            let mut given = Vec::new();
            for round in 0..40 {
                act(&store, &mut dice, &orgs, record).await;
                if round % 4 == 0 {
                    given.push(ask(&store, random_day(&mut dice), None).await);
                }
            }
            for old in &given {
                let again = ask(&store, old.about, Some(old.known)).await;
                assert_eq!(
                    again.numbers, old.numbers,
                    "{} seed {seed}: about {} known {}",
                    store.on, old.about, old.known
                );
            }
            for _ in 0..4 {
                let about = random_day(&mut dice);
                let known = dice.pick(&given).known;
                rows_are_the_figure(&store, about, known, store.on).await;
            }
            let head = store.read().await.unwrap().head().unwrap();
            rows_are_the_figure(&store, day(2021, 8, 11), head, store.on).await;
            assert_eq!(rebuild::compare(&store).await.unwrap(), [], "{}: tallies equal a recount", store.on);
        }
    }
}

fn random_day(dice: &mut Dice) -> Day {
    day(2020, 1, 1) + chrono::Days::new(dice.below(700))
}

/// One random act: facts, a reversal, or a change of what an enterprise is.
pub async fn act(store: &Store, dice: &mut Dice, orgs: &[OrgId], record: RecordId) {
    let org = *dice.pick(orgs);
    let on = random_day(dice);
    match dice.below(10) {
        0 | 1 => {
            let facts = effective(store).await;
            if !facts.is_empty() {
                let fact = *dice.pick(&facts);
                store.write(&actor(), async |tx| tx.reverse(fact, "登记有误").await).await.unwrap();
            }
        }
        2 => {
            let (attribute, value) =
                if dice.below(2) == 0 { ("unit", dice.below(3) + 1) } else { ("above_scale", dice.below(2)) };
            let value = value.to_string();
            store
                .write(&actor(), async |tx| org::assert(tx, org, attribute, &value, on, None, "变更").await)
                .await
                .unwrap();
        }
        _ => {
            let facts: Vec<NewFact> = (0..=dice.below(5)).map(|_| random_fact(dice, orgs, record)).collect();
            store
                .write(&actor(), async |tx| {
                    for fact in facts {
                        tx.record(fact).await?;
                    }
                    Ok(())
                })
                .await
                .unwrap();
        }
    }
}

fn random_fact(dice: &mut Dice, orgs: &[OrgId], record: RecordId) -> NewFact {
    let (org, on) = (*dice.pick(orgs), random_day(dice));
    match dice.below(3) {
        0 => NewFact::new("sample.visited", org, on, record),
        1 => NewFact::new("sample.paid", org, on, record)
            .class(["a", "b", ""][dice.below(3) as usize])
            .quantity(dice.below(3) as i64 + 1)
            .amount(Fen(dice.below(1_000_000) as i64))
            .with(*dice.pick(orgs)),
        _ => NewFact::new("sample.joined", org, on, record)
            .quantity(if dice.below(3) == 0 { -1 } else { 1 })
            .amount(Fen(dice.below(2000) as i64 - 1000)),
    }
}

pub async fn effective(store: &Store) -> Vec<Position> {
    let read = store.read().await.unwrap();
    let sql = "SELECT position FROM fact f WHERE reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position)";
    read.all(sql).await.unwrap().iter().map(|r| Position(r.get("position").unwrap())).collect()
}

async fn ask(store: &Store, about: Day, known: Option<Position>) -> Given {
    let read = store.read().await.unwrap();
    let known = known.unwrap_or(read.head().unwrap());
    let q = Question { about, known, scope: &ALL };
    let figures = evaluate(&read, read.catalog().indicators(), &q).await.unwrap();
    Given { about, known, numbers: figures.into_iter().map(|f| f.number).collect() }
}

/// For every indicator: kept sums equal the facts, the list adds up to the figure, and so does every cell's list.
async fn rows_are_the_figure(store: &Store, about: Day, known: Position, on: &str) {
    let read = store.read().await.unwrap();
    let q = Question { about, known, scope: &ALL };
    for figure in evaluate(&read, read.catalog().indicators(), &q).await.unwrap() {
        let indicator = figure.indicator;
        if indicator.select().is_none() {
            continue;
        }
        let context = format!("{on} {} about {about} known {known}", indicator.code);
        assert_eq!(figure.number, recomputed(&read, indicator, &q).await.unwrap(), "{context}: kept = facts");
        let (number, rows) = listed(&read, indicator, &q, &Within::default()).await;
        assert_eq!((number, rows), (figure.number.clone(), figure.rows), "{context}: rows = figure");
        if matches!(indicator.measure, Measure::FirstDay(_)) {
            continue;
        }
        for by in [
            vec![By::Unit],
            vec![By::Region],
            vec![By::Month],
            vec![By::Industry],
            vec![By::Size],
            vec![By::Class],
            vec![By::Counterparty],
            vec![By::Unit, By::Month, By::Industry],
        ] {
            let cells = breakdown(&read, indicator, &by, &q).await.unwrap();
            for cell in &cells {
                let within = Within { keys: by.iter().copied().zip(cell.keys.iter().cloned()).collect() };
                let (number, rows) = listed(&read, indicator, &q, &within).await;
                assert_eq!((&number, rows), (&cell.number, cell.rows), "{context} {by:?} {:?}: rows = cell", cell.keys);
            }
            if !matches!(indicator.measure, Measure::Distinct(..)) {
                let sum: i64 = cells.iter().map(|c| whole(&c.number)).sum();
                assert_eq!(sum, whole(&figure.number), "{context} {by:?}: cells add up");
            }
        }
    }
}

fn whole(number: &Number) -> i64 {
    match number {
        Number::Count(n) => *n,
        Number::Money(fen) => fen.0,
        other => panic!("not additive: {other:?}"),
    }
}

/// What the list of a cell adds up to, read page by page.
async fn listed(
    read: &Read,
    indicator: &'static kernel::indicator::Indicator,
    q: &Question<'_>,
    within: &Within,
) -> (Number, i64) {
    let (mut quantity, mut amount, mut rows, mut first, mut after) = (0, 0, 0, None, None);
    loop {
        let page = drill(read, indicator, q, within, after.as_deref(), 7).await.unwrap();
        rows += page.rows.len() as i64;
        match page.rows {
            DrillRows::Facts(facts) => {
                quantity += facts.iter().map(|f| f.quantity).sum::<i64>();
                amount += facts.iter().map(|f| f.amount.0).sum::<i64>();
                first = first.or(facts.first().map(|f| f.occurred_on));
            }
            DrillRows::Subjects(_) | DrillRows::Groups(..) => {}
            other => panic!("no facts: {other:?}"),
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let number = match &indicator.measure {
        Measure::Quantity(_) => Number::Count(quantity),
        Measure::Amount(_) => Number::Money(Fen(amount)),
        Measure::FirstDay(_) => first.map_or(Number::None, Number::Day),
        Measure::Distinct(_, Of::Subject) | Measure::Distinct(..) | Measure::Count(_) => Number::Count(rows),
        other => panic!("not listed: {other:?}"),
    };
    (number, rows)
}
