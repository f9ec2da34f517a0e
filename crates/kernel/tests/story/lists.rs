//! Lists that go on where they ended: every row once, for everyone exactly their own, at a cost that does not grow.

use kernel::Error;
use kernel::access::Scope;
use kernel::id::{OrgId, Position, RecordId, UnitId};
use kernel::indicator::{By, DrillRows, Question, Within, breakdown, breakdown_page, drill};
use kernel::ledger::browse::{self, Query};
use kernel::ledger::{Fact, NewFact};
use kernel::store::{Read, Sql};
use testkit::sample::{self, ALL, actor, day};
use testkit::{Dice, TestStore, stores};

/// Whether a fact is among those meant.
type Holds<'a> = &'a dyn Fn(&Fact) -> bool;

/// Facts of many subjects with a few counterparties, in no order.
async fn facts(store: &TestStore, orgs: &[OrgId], record: RecordId) {
    let actor = actor();
    let act = store.write(&actor, async |tx| {
        let mut dice = Dice(7);
        for _ in 0..300 {
            let on = day(2021, dice.below(8) as u32 + 1, dice.below(28) as u32 + 1);
            let kind = *dice.pick(&["sample.visited", "sample.paid", "sample.joined"]);
            let class = if kind == "sample.paid" { *dice.pick(&["a", "b", ""]) } else { "" };
            let fact = NewFact::new(kind, *dice.pick(orgs), on, record).class(class);
            tx.record(if dice.below(2) == 0 { fact.with(*dice.pick(&orgs[..4])) } else { fact }).await?;
        }
        Ok(())
    });
    act.await.unwrap();
}

async fn listed(read: &Read, scope: &Scope, query: &Query) -> Vec<Position> {
    let mut found = Vec::new();
    let mut query = Query { limit: 17, ..query.clone() };
    loop {
        let page: Vec<Fact> = browse::list(read, scope, &query).await.unwrap();
        found.extend(page.iter().map(|f| f.position));
        query.before = page.last().map(|f| f.position);
        if page.len() < 17 {
            return found;
        }
    }
}

#[tokio::test]
async fn everyone_reads_their_own_part_of_the_ledger_once() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 12).await;
        facts(&store, &orgs, record).await;
        let read = store.read().await.unwrap();
        let all = browse::list(&read, &ALL, &Query { limit: 1000, ..Query::default() }).await.unwrap();
        assert_eq!(all.len(), 300, "{}", store.on);
        let own = orgs[1];
        let in_unit = |f: &Fact, unit: i64| f.dims.unit == unit;
        let names = |f: &Fact, org: OrgId| f.subject == org || f.counterparty == Some(org);
        let both = Scope::Any(vec![Scope::Units(vec![UnitId(3)]), Scope::Own(own)]);
        let scopes: [(Scope, Holds<'_>); 6] = [
            (Scope::All, &|_| true),
            (Scope::Units(vec![UnitId(1)]), &|f| in_unit(f, 1)),
            (Scope::Units(vec![UnitId(1), UnitId(2)]), &|f| in_unit(f, 1) || in_unit(f, 2)),
            (Scope::Own(own), &|f| names(f, own)),
            (both, &|f| in_unit(f, 3) || names(f, own)),
            (Scope::Nothing, &|_| false),
        ];
        let known = all[40].position;
        let queries: [(Query, Holds<'_>); 6] = [
            (Query::default(), &|_| true),
            (Query { kind: Some("sample.paid".into()), ..Query::default() }, &|f| f.kind == "sample.paid"),
            (Query { subject: Some(orgs[2]), ..Query::default() }, &|f| f.subject == orgs[2]),
            (Query { unit: Some(UnitId(1)), ..Query::default() }, &|f| in_unit(f, 1)),
            (Query { record: Some(record), to: Some(day(2021, 5, 1)), ..Query::default() }, &|f| {
                f.occurred_on <= day(2021, 5, 1)
            }),
            (Query { known: Some(known), ..Query::default() }, &|f| f.position <= known),
        ];
        for (scope, held) in &scopes {
            for (query, asked) in &queries {
                let expected: Vec<Position> = all.iter().filter(|f| held(f) && asked(f)).map(|f| f.position).collect();
                assert_eq!(listed(&read, scope, query).await, expected, "{} {scope:?} {query:?}", store.on);
            }
        }
    }
}

#[tokio::test]
async fn nobody_scans_the_ledger_to_read_a_part_of_it() {
    for store in stores(&[sample::MODULE]).await.into_iter().filter(|store| store.on == "SQLite") {
        let read = store.read().await.unwrap();
        let query = Query { known: Some(Position(500)), before: Some(Position(400)), limit: 51, ..Query::default() };
        for scope in [
            Scope::Own(OrgId(3)),
            Scope::Units(vec![UnitId(1)]),
            Scope::Units(vec![UnitId(1), UnitId(2)]),
            Scope::Any(vec![Scope::Units(vec![UnitId(1)]), Scope::Own(OrgId(3))]),
        ] {
            for query in [query.clone(), Query { subject: Some(OrgId(9)), ..query.clone() }] {
                let mut sql = Sql::new("EXPLAIN QUERY PLAN ");
                browse::select(&mut sql, read.catalog(), &scope, &query);
                let rows = read.all(sql).await.unwrap();
                let steps: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
                let facts: Vec<&String> = steps.iter().filter(|step| step.contains(" f")).collect();
                assert!(!facts.is_empty() && facts.iter().all(|step| !step.starts_with("SCAN f")), "{steps:#?}");
                let unit = steps.iter().filter(|step| step.contains("fact_by_unit")).count();
                assert_eq!(unit > 0, query.subject.is_none() && scope != Scope::Own(OrgId(3)), "{scope:?} {steps:#?}");
            }
        }
    }
}

#[tokio::test]
async fn counterparties_and_cells_come_page_by_page() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 12).await;
        facts(&store, &orgs, record).await;
        let read = store.read().await.unwrap();
        let q = Question { about: day(2021, 8, 31), known: read.head().unwrap(), scope: &ALL };
        let classes = read.catalog().indicator("sample.paid_classes").unwrap();
        let mut keys = Vec::new();
        let mut after = None;
        loop {
            let page = drill(&read, classes, &q, &Within::default(), after.as_deref(), 1).await.unwrap();
            let DrillRows::Groups(_, groups) = page.rows else { panic!("groups") };
            assert_eq!(groups.len(), 1, "{}", store.on);
            keys.push(groups[0].key.clone());
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(keys, ["", "a", "b"], "{}: the unclassified ones do not begin the list anew", store.on);

        let visits = read.catalog().indicator("sample.paid_quantity").unwrap();
        let by = [By::Counterparty, By::Month];
        let whole = breakdown(&read, visits, &by, &q).await.unwrap();
        let (mut cells, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = breakdown_page(&read, visits, &by, &q, after.as_deref(), 4).await.unwrap();
            cells.extend(page.into_iter().map(|cell| cell.keys));
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert!(cells.len() > 12, "{}", store.on);
        assert_eq!(cells, whole.into_iter().map(|cell| cell.keys).collect::<Vec<_>>(), "{}", store.on);
    }
}

#[tokio::test]
async fn a_broken_cursor_does_not_begin_anew() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 12).await;
        facts(&store, &orgs, record).await;
        let read = store.read().await.unwrap();
        let q = Question { about: day(2021, 8, 31), known: read.head().unwrap(), scope: &ALL };
        for (code, cursor) in [
            ("sample.visits", "abc"),
            ("sample.visits", "1.2021-02-30.4"),
            ("sample.visits", "1.2021-02-03.4.5"),
            ("sample.in", "x"),
            ("sample.paid_units", "1"),
            ("sample.paid_units", "k.x"),
        ] {
            let indicator = read.catalog().indicator(code).unwrap();
            let refused = drill(&read, indicator, &q, &Within::default(), Some(cursor), 10).await;
            assert!(
                matches!(&refused, Err(Error::Invalid(faults)) if faults.at("after").is_some()),
                "{}: {code} {cursor}: {refused:?}",
                store.on
            );
        }
        let indicator = read.catalog().indicator("sample.visits").unwrap();
        let refused = breakdown_page(&read, indicator, &[By::Unit], &q, Some("k.1~2"), 10).await;
        assert!(matches!(refused, Err(Error::Invalid(faults)) if faults.at("after").is_some()), "{}", store.on);
    }
}
