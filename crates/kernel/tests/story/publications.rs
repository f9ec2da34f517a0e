//! Publications: what was published stays, what changed since is told in parts that sum to the difference,
//! and a past that answers differently is an alarm.

use std::collections::HashMap;

use kernel::access::{Actor, Scope};
use kernel::id::{AccountId, OrgId, Position, PublicationId, RecordId};
use kernel::indicator::{
    Display, Filter, Indicator, Measure, Number, Of, Question, RowKey, Window, evaluate, set_target,
};
use kernel::ledger::{NewFact, Select, browse};
use kernel::module::Module;
use kernel::org;
use kernel::publication::{
    self, Cause, Cited, Draft, Drift, Proposal, Publication, Replacement, Step, Verification, answers, rederive,
};
use kernel::store::{Limits, Store};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use testkit::sample::{self, ALL, actor, day, visit};
use testkit::{Dice, stores};

use super::asof::{act, effective};

pub fn cited(indicator: &str, about: Day) -> Cited {
    let filter = Filter::default();
    Cited { citation: indicator.into(), printed: String::new(), indicator: indicator.into(), about, filter }
}

pub async fn publish(store: &Store, figures: Vec<Cited>) -> PublicationId {
    let read = store.read().await.unwrap();
    let known = read.head().unwrap();
    let draft = Draft { title: "答复".into(), published_on: day(2021, 8, 11), known, body: "{}".into(), figures };
    let frozen = publication::freeze(&read, &draft).await.unwrap();
    let notes = publication::reconciled(&read, &draft).await.unwrap();
    drop(read);
    store
        .write(&actor(), async |tx| publication::enter(tx, &draft, frozen, notes, &HashMap::new()).await)
        .await
        .unwrap()
}

async fn verified(store: &Store, id: PublicationId) -> (Publication, Verification) {
    let read = store.read().await.unwrap();
    let publication = publication::find(&read, &ALL, id).await.unwrap();
    let found = rederive(&read, &publication, read.head().unwrap()).await.unwrap();
    (publication, found)
}

fn moved(step: &Step) -> Option<i64> {
    match (&step.before, &step.after) {
        (Number::Count(a), Number::Count(b)) => Some(b - a),
        (Number::Money(a), Number::Money(b)) => Some(b.0 - a.0),
        _ => None,
    }
}

/// The parts lead from as published to now without a gap, and their rows sum to them.
fn parts_sum(drift: &Drift, is_whole: bool, context: &str) {
    let mut at = drift.published.clone();
    for step in &drift.steps {
        assert_eq!(step.before, at, "{context}: a gap before {:?}", step.cause);
        at = step.after.clone();
        if let Some(moved) = moved(step).filter(|_| is_whole) {
            assert_eq!(step.rows.iter().map(|r| r.by).sum::<i64>(), moved, "{context}: rows of {:?}", step.cause);
        }
    }
    assert_eq!(at, drift.now, "{context}: the parts end where the figure is now");
}

/// Records a fact anew, by the same record, after its subject or class has changed.
async fn reclassify(store: &Store, dice: &mut Dice) {
    let facts = effective(store).await;
    if facts.is_empty() {
        return;
    }
    let fact = browse::find(&store.read().await.unwrap(), &ALL, *dice.pick(&facts)).await.unwrap();
    let class = if fact.kind == "sample.paid" { ["a", "b", ""][dice.below(3) as usize] } else { "" };
    let unit = (dice.below(3) + 1).to_string();
    store
        .write(&actor(), async |tx| {
            org::assert(tx, fact.subject, "unit", &unit, fact.occurred_on, None, "更正").await?;
            tx.reverse(fact.position, "分类有误").await?;
            let new = NewFact::new(&fact.kind, fact.subject, fact.occurred_on, fact.record)
                .class(class)
                .quantity(fact.quantity)
                .amount(fact.amount);
            tx.record(new).await
        })
        .await
        .unwrap();
}

/// What a document of the property cites: every sort of indicator, cells of some, units of one.
fn of_every_sort(about: Day) -> Vec<Cited> {
    let mut figures: Vec<Cited> = sample::INDICATORS.iter().map(|i| cited(i.code, about)).collect();
    for (by, key) in [("unit", "1"), ("month", "202103"), ("class", "a"), ("industry", "34"), ("size", "0")] {
        let filter = Filter { units: Vec::new(), cell: vec![(by.into(), key.into())] };
        figures.push(Cited { filter: filter.clone(), ..cited("sample.paid_quantity", about) });
        figures.push(Cited { filter: filter.clone(), ..cited("sample.visited_half", about) });
        figures.push(Cited { filter, ..cited("sample.paid_classes", about) });
    }
    // Of several days and of units: what was recorded later is read once for all of them.
    let earlier = about - chrono::Days::new(40);
    for units in [vec![1, 2], vec![3]] {
        let county = Filter { units, cell: Vec::new() };
        for on in [about, earlier] {
            figures.push(Cited { filter: county.clone(), ..cited("sample.visited_plan", on) });
            figures.push(Cited { filter: county.clone(), ..cited("sample.paid_all", on) });
        }
    }
    figures.extend(["sample.visits", "sample.in", "sample.share"].map(|code| cited(code, earlier)));
    figures
}

/// Something that moves figures.
async fn go_on(store: &Store, dice: &mut Dice, (orgs, record): (&[OrgId], RecordId)) {
    match dice.below(8) {
        0 | 1 => reclassify(store, dice).await,
        2 => {
            let target = dice.below(90) as i64;
            let set =
                async |tx: &mut kernel::store::Tx| set_target(tx, "sample.visits", "2021", 0, target, "文件").await;
            store.write(&actor(), set).await.unwrap();
        }
        _ => act(store, dice, orgs, record).await,
    }
}

/// The change of every figure of a publication up to a position, and how many have moved.
async fn is_explained(store: &Store, id: PublicationId, known: Option<Position>, context: &str) -> usize {
    let read = store.read().await.unwrap();
    let publication = publication::find(&read, &ALL, id).await.unwrap();
    let known = known.unwrap_or(read.head().unwrap()).max(publication.known);
    let found = rederive(&read, &publication, known).await.unwrap();
    assert_eq!(found.alarms, [], "{context}");
    let now = answers(&read, &publication.figures, known).await.unwrap();
    for (figure, now) in publication.figures.iter().zip(now) {
        let context = format!("{context} {} {:?}", figure.definition.code, figure.filter);
        match found.drifts.iter().find(|d| d.seq == figure.seq) {
            None => assert_eq!(figure.number, now.number, "{context}: unmoved"),
            Some(drift) => {
                assert_eq!((&drift.published, &drift.now), (&figure.number, &now.number), "{context}");
                let of_targets = matches!(now.indicator.measure, Measure::Target(_) | Measure::Total(_));
                parts_sum(drift, !of_targets, &context);
            }
        }
    }
    found.drifts.len()
}

/// One ledger goes on, and documents are published along its way: each is a history of its own, with another day,
/// another position and another sequel. What is known in between is explained too, not only the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_parts_of_any_change_sum_to_the_difference() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 9).await;
        let mut dice = Dice(11);
        let (mut published, mut known, mut explained) = (Vec::new(), Vec::new(), 0);
        for _ in 0..20 {
            act(&store, &mut dice, &orgs, record).await;
        }
        for round in 0..12 {
            let about = day(2021, 1, 1) + chrono::Days::new(dice.below(300));
            published.push(publish(&store, of_every_sort(about)).await);
            for _ in 0..12 {
                go_on(&store, &mut dice, (&orgs, record)).await;
            }
            known.push(store.read().await.unwrap().head().unwrap());
            let (id, at) = (*dice.pick(&published), *dice.pick(&known));
            is_explained(&store, id, Some(at), &format!("{} {id} known {at} round {round}", store.on)).await;
            explained += 1;
        }
        let mut moved = 0;
        for id in &published {
            moved += is_explained(&store, *id, None, &format!("{} {id} at the end", store.on)).await;
            explained += 1;
        }
        assert!(explained == 24 && moved > 120, "{}: {explained} histories, {moved} figures moved", store.on);
    }
}

fn step(drift: &Drift, cause: Cause) -> &Step {
    drift.steps.iter().find(|s| s.cause == cause).unwrap()
}

#[tokio::test]
async fn each_cause_is_told_with_its_rows() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 9).await;
        // 0, 3 and 6 are above scale.
        for (org, on) in [(0, 1), (3, 2), (1, 3)] {
            record_visit(&store, orgs[org], day(2021, 3, on), record).await;
        }
        let id = publish(&store, vec![cited("sample.visited_above", day(2021, 8, 11))]).await;
        record_visit(&store, orgs[6], day(2021, 5, 1), record).await;
        let late = store.read().await.unwrap().head().unwrap();
        let query = browse::Query { limit: 9, ..browse::Query::default() };
        let facts = browse::list(&store.read().await.unwrap(), &ALL, &query).await.unwrap();
        let of = |org: usize| facts.iter().find(|f| f.subject == orgs[org]).unwrap().position;
        store.write(&actor(), async |tx| tx.reverse(of(0), "重复登记").await).await.unwrap();
        // Was above scale all along: the fact is recorded anew by the same record.
        store
            .write(&actor(), async |tx| {
                org::assert(tx, orgs[1], "above_scale", "1", day(2021, 1, 1), None, "入规通知").await?;
                tx.reverse(of(1), "当日已是规上").await?;
                tx.record(visit(orgs[1], day(2021, 3, 3), record)).await
            })
            .await
            .unwrap();
        let (_, found) = verified(&store, id).await;
        assert_eq!(found.alarms, [], "{}", store.on);
        let drift = &found.drifts[0];
        assert_eq!((&drift.published, &drift.now), (&Number::Count(2), &Number::Count(3)), "{}", store.on);
        let parts: Vec<(Cause, Option<i64>)> = drift.steps.iter().map(|s| (s.cause, moved(s))).collect();
        let expected = [(Cause::Late, Some(1)), (Cause::Reversed, Some(-1)), (Cause::Reclassified, Some(1))];
        assert_eq!(parts, expected, "{}", store.on);
        assert_eq!(step(drift, Cause::Late).rows[0].key, RowKey::Fact(late.0), "{}: opens the late fact", store.on);
    }
}

async fn record_visit(store: &Store, org: OrgId, on: Day, record: RecordId) {
    store.write(&actor(), async |tx| tx.record(visit(org, on, record)).await).await.unwrap();
}

const CHANGED: &[Indicator] = &[Indicator {
    code: "sample.visits",
    version: 2,
    name: "走访",
    definition: "只计规上企业。",
    unit: "家",
    measure: Measure::Distinct(Select::of(&["sample.visited"]).above_scale(), Of::Subject),
    window: Window::YearToDate,
    owner: "测试",
    display: Display::WHOLE,
}];

#[tokio::test]
async fn a_changed_definition_is_a_part_of_its_own_and_the_old_one_still_answers() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 4).await;
        for org in &orgs {
            record_visit(&store, *org, day(2021, 3, 1), record).await;
        }
        let figures = vec![cited("sample.visits", day(2021, 8, 11)), cited("sample.in", day(2021, 8, 11))];
        let id = publish(&store, figures).await;
        record_visit(&store, orgs[0], day(2021, 4, 1), record).await;
        let module = Module { indicators: CHANGED, ..sample::MODULE };
        let changed = Store::open(store.place(), &[module], Limits::default()).await.unwrap();
        let (_, found) = verified(&changed, id).await;
        assert_eq!(found.alarms, [], "{}: the frozen definition gives the published number", store.on);
        let drift = found.drifts.iter().find(|d| d.seq == 1).unwrap();
        parts_sum(drift, false, store.on);
        assert_eq!((&drift.published, &drift.now), (&Number::Count(4), &Number::Count(2)), "{}", store.on);
        assert_eq!(moved(step(drift, Cause::Late)), Some(1), "{}", store.on);
        assert_eq!(moved(step(drift, Cause::Redefined)), Some(-3), "{}", store.on);
        let gone = found.drifts.iter().find(|d| d.seq == 2).unwrap();
        assert_eq!(gone.now, Number::None, "{}: an indicator that is not declared any more has no number", store.on);
        changed.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_changed_past_is_an_alarm() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 3).await;
        record_visit(&store, orgs[0], day(2021, 3, 1), record).await;
        let id = publish(&store, vec![cited("sample.first", day(2021, 8, 11))]).await;
        let text = async |sql: &str| store.write(&actor(), async |tx| tx.run(sql).await).await;
        let refused = text("UPDATE publication_figure SET row_count = 9").await;
        assert!(refused.is_err(), "{}: the tables refuse changes", store.on);
        assert!(text("DELETE FROM verification").await.is_err() || store.on == "SQLite", "{}", store.on);
        // Somebody with the keys of the database takes the guards away.
        let (fact, figure) = match store.on {
            "SQLite" => ("DROP TRIGGER fact_is_never_updated", "DROP TRIGGER publication_figure_is_never_updated"),
            _ => (
                "DROP TRIGGER fact_is_never_changed ON fact",
                "DROP TRIGGER publication_figure_is_never_changed ON publication_figure",
            ),
        };
        text(fact).await.unwrap();
        text("UPDATE fact SET occurred_on = '2021-02-01'").await.unwrap();
        let (_, found) = verified(&store, id).await;
        assert!(found.alarms.iter().any(|a| a.seq == Some(1)), "{}: {:?}", store.on, found.alarms);
        text("UPDATE fact SET occurred_on = '2021-03-01'").await.unwrap();
        assert_eq!(verified(&store, id).await.1.alarms, [], "{}", store.on);
        text(figure).await.unwrap();
        text("UPDATE publication_figure SET printed = '别的'").await.unwrap();
        let (_, found) = verified(&store, id).await;
        assert_eq!(found.alarms.iter().map(|a| a.seq).collect::<Vec<_>>(), [None], "{}", store.on);
    }
}

/// Someone with an account.
fn person(account: i64) -> Actor {
    Actor { account: AccountId(account), ..Actor::system("某人") }
}

#[tokio::test]
async fn a_correction_tells_what_it_moves_before_another_person_accepts_it() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 9).await;
        let paid = NewFact::new("sample.paid", orgs[0], day(2021, 7, 1), record).class("a").amount(Fen(50_000));
        store.write(&actor(), async |tx| tx.record(paid).await).await.unwrap();
        let position = store.read().await.unwrap().head().unwrap();
        let about = day(2021, 8, 11);
        let id = publish(&store, vec![cited("sample.paid_a", about), cited("sample.visits", about)]).await;
        let replacement =
            Replacement { subject: orgs[0], class: "a".into(), on: day(2021, 7, 2), quantity: 1, amount: 70_000 };
        let proposal = Proposal { reverse: true, replacement: Some(replacement) };
        let read = store.read().await.unwrap();
        let fact = browse::find(&read, &ALL, position).await.unwrap();
        let moves = publication::impact(&read, &fact, &proposal).await.unwrap();
        drop(read);
        let told: Vec<_> = moves.iter().map(|m| (m.seq, m.now.clone(), m.after.clone())).collect();
        let money = |fen| Number::Money(Fen(fen));
        assert_eq!(told, [(1, money(50_000), money(70_000))], "{}", store.on);

        let ask = async |tx: &mut kernel::store::Tx| {
            publication::request(tx, &ALL, position, "金额有误", &proposal, &moves).await
        };
        let asked = store.write(&person(1), ask).await.unwrap();
        assert!(store.write(&person(2), ask).await.is_err(), "{}: one request at a time", store.on);
        let own = store.write(&person(1), async |tx| publication::accept(tx, &ALL, asked, "").await).await;
        assert!(matches!(own, Err(kernel::Error::Conflict(_))), "{}: not one's own", store.on);
        let foreign = Scope::Units(vec![kernel::id::UnitId(2)]);
        let hidden = store.write(&person(2), async |tx| publication::accept(tx, &foreign, asked, "").await).await;
        assert!(matches!(hidden, Err(kernel::Error::NotFound)), "{}", store.on);
        store.write(&person(2), async |tx| publication::accept(tx, &ALL, asked, "").await).await.unwrap();
        let (_, found) = verified(&store, id).await;
        assert_eq!(found.drifts.iter().map(|d| d.now.clone()).collect::<Vec<_>>(), [money(70_000)], "{}", store.on);
        let again = store.write(&person(3), async |tx| publication::refuse(tx, &ALL, asked, "晚了").await).await;
        assert!(matches!(again, Err(kernel::Error::Conflict(_))), "{}: decided once", store.on);
        let q = Question { about, known: Position(i64::MAX), scope: &ALL };
        let read = store.read().await.unwrap();
        let now = evaluate(&read, &[read.catalog().indicator("sample.paid_a").unwrap()], &q).await.unwrap();
        assert_eq!(now[0].number, money(70_000), "{}", store.on);
    }
}

#[tokio::test]
async fn a_fact_behind_a_published_figure_is_not_taken_back_by_one_person() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 9).await;
        record_visit(&store, orgs[0], day(2021, 3, 1), record).await;
        record_visit(&store, orgs[1], day(2021, 9, 1), record).await;
        let paid = NewFact::new("sample.paid", orgs[0], day(2021, 3, 1), record).class("b").amount(Fen(5));
        store.write(&actor(), async |tx| tx.record(paid).await).await.unwrap();
        let query = browse::Query { limit: 9, ..browse::Query::default() };
        let facts = browse::list(&store.read().await.unwrap(), &ALL, &query).await.unwrap();
        let before = publication::Published::load(&store.read().await.unwrap()).await.unwrap();
        assert!(facts.iter().all(|fact| !before.rests_on(fact)), "{}: nothing is published yet", store.on);
        let east = Filter { units: vec![1], cell: Vec::new() };
        publish(&store, vec![Cited { filter: east, ..cited("sample.share", day(2021, 8, 11)) }]).await;
        let read = store.read().await.unwrap();
        let published = publication::Published::load(&read).await.unwrap();
        let guarded: Vec<(Day, &str)> = facts
            .iter()
            .filter(|fact| published.rests_on(fact))
            .map(|fact| (fact.occurred_on, fact.kind.as_str()))
            .collect();
        let expected = [(day(2021, 3, 1), "sample.visited")];
        assert_eq!(guarded, expected, "{}: not another kind, unit, or a day after the one published", store.on);
        for fact in &facts {
            // The rule and what the page tells agree on every fact.
            let moves = publication::impact(&read, fact, &Proposal::REVERSE).await.unwrap();
            assert_eq!(published.rests_on(fact), !moves.is_empty(), "{}: {}", store.on, fact.position);
            let refused = publication::refuse_alone(&read, fact).await;
            assert_eq!(matches!(refused, Err(kernel::Error::Conflict(_))), !moves.is_empty(), "{}", store.on);
        }
        drop(read);
        // What came later moves the figure as known now, and was no part of what was signed.
        record_visit(&store, orgs[0], day(2021, 3, 1), record).await;
        let read = store.read().await.unwrap();
        let late = browse::find(&read, &ALL, read.head().unwrap()).await.unwrap();
        assert_eq!(publication::impact(&read, &late, &Proposal::REVERSE).await.unwrap().len(), 1, "{}", store.on);
        assert!(!published.rests_on(&late), "{}", store.on);
    }
}

#[tokio::test]
async fn an_accepted_correction_leads_from_the_old_fact_to_the_new_and_back() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 9).await;
        record_visit(&store, orgs[0], day(2021, 3, 1), record).await;
        let old = store.read().await.unwrap().head().unwrap();
        // Another fact of the same record has no part in it.
        record_visit(&store, orgs[1], day(2021, 3, 1), record).await;
        let other = store.read().await.unwrap().head().unwrap();
        let replacement =
            Replacement { subject: orgs[0], class: String::new(), on: day(2021, 3, 2), quantity: 1, amount: 0 };
        let proposal = Proposal { reverse: true, replacement: Some(replacement) };
        let ask =
            async |tx: &mut kernel::store::Tx| publication::request(tx, &ALL, old, "日期有误", &proposal, &[]).await;
        let asked = store.write(&person(1), ask).await.unwrap();
        let fact = async |position| browse::find(&store.read().await.unwrap(), &ALL, position).await.unwrap();
        let told = async |position| {
            let read = store.read().await.unwrap();
            publication::corrections(&read, &ALL, &browse::find(&read, &ALL, position).await.unwrap()).await.unwrap()
        };
        assert_eq!(told(old).await, [], "{}: nothing before it is accepted", store.on);
        store.write(&person(2), async |tx| publication::accept(tx, &ALL, asked, "").await).await.unwrap();
        let reversal = fact(old).await.reversed_by.unwrap();
        let new = Position(reversal.0.max(store.read().await.unwrap().head().unwrap().0));
        let expected = publication::Corrected { amendment: asked, old, reversal: Some(reversal), new: Some(new) };
        for position in [old, reversal, new] {
            assert_eq!(told(position).await, vec![expected.clone()], "{}: from {position}", store.on);
        }
        assert_eq!(told(other).await, [], "{}", store.on);
        let read = store.read().await.unwrap();
        let west = Scope::Units(vec![kernel::id::UnitId(2)]);
        let hidden = publication::corrections(&read, &west, &browse::find(&read, &ALL, new).await.unwrap()).await;
        assert_eq!(hidden.unwrap(), [], "{}: positions outside the scope are not told", store.on);
    }
}

#[tokio::test]
async fn requests_and_publications_are_listed_page_by_page() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 9).await;
        let mut asked = Vec::new();
        for org in &orgs[..5] {
            record_visit(&store, *org, day(2021, 3, 1), record).await;
            let fact = store.read().await.unwrap().head().unwrap();
            publish(&store, vec![cited("sample.visits", day(2021, 8, 11))]).await;
            let ask = async |tx: &mut kernel::store::Tx| {
                publication::request(tx, &ALL, fact, "重复", &Proposal::REVERSE, &[]).await
            };
            asked.push(store.write(&person(1), ask).await.unwrap());
        }
        for decided in [asked[4], asked[1]] {
            let decide = async |tx: &mut kernel::store::Tx| publication::refuse(tx, &ALL, decided, "不妥").await;
            store.write(&person(2), decide).await.unwrap();
        }
        let read = store.read().await.unwrap();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = publication::Asked { after, limit: 2, ..publication::Asked::default() };
            let page = publication::list_amendments(&read, &ALL, page).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            seen.extend(page.iter().map(|a| a.id));
        }
        let expected = [3, 2, 0, 4, 1].map(|at: usize| asked[at]);
        assert_eq!(seen, expected, "{}: those that wait first, then the newest", store.on);
        let mut all = publication::ids(&read, &ALL).await.unwrap();
        all.reverse();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = publication::list(&read, &ALL, after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            seen.extend(page.iter().map(|p| p.id));
        }
        assert_eq!((seen.len(), &seen), (5, &all), "{}", store.on);
        let strange = publication::list(&read, &ALL, Some(PublicationId(999)), 2).await;
        assert!(matches!(strange, Err(kernel::Error::Invalid(_))), "{}: no page gave this cursor", store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_share_the_work_of_a_night() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 9).await;
        for org in &orgs[..6] {
            record_visit(&store, *org, day(2021, 3, 1), record).await;
            publish(&store, vec![cited("sample.visits", day(2021, 8, 11))]).await;
        }
        // PostgreSQL is shared by two servers; the embedded database has one, whose task may run twice.
        let other = match store.on {
            "SQLite" => store.store.clone(),
            _ => Store::open(store.place(), &[sample::MODULE], Limits::default()).await.unwrap(),
        };
        let (first, second) = (store.store.clone(), other.clone());
        let night = |store: Store| async move { publication::verify_all(&store, &actor()).await.unwrap().len() };
        let (one, two) = tokio::join!(tokio::spawn(night(first)), tokio::spawn(night(second)));
        assert_eq!(one.unwrap() + two.unwrap(), 6, "{}: each publication once", store.on);
        for id in publication::ids(&store.read().await.unwrap(), &ALL).await.unwrap() {
            let done = publication::verifications(&store.read().await.unwrap(), &ALL, id).await.unwrap().0;
            assert_eq!(done.len(), 1, "{}: {id}", store.on);
        }
        assert_eq!(night(store.store.clone()).await, 0, "{}: nothing is left of this night", store.on);
        let told = "SELECT verb FROM audit WHERE verb IN ('publication.verify', 'unnamed')";
        let told = store.read().await.unwrap().all(told).await.unwrap();
        let told: Vec<String> = told.iter().map(|row| row.get("verb").unwrap()).collect();
        assert_eq!(told, vec!["publication.verify"; 6], "{}: taking the work on is nobody's act", store.on);
    }
}
