//! What an auditor does with seals: nothing that was sealed can be changed, taken away, added or moved unseen.

use std::sync::LazyLock;

use kernel::ledger::NewFact;
use kernel::seal::{self, Fault, Finding, SealKey, Trust};
use kernel::value::money::Fen;
use testkit::sample::{self, actor, day, visit};
use testkit::{TestStore, stores};

static KEY: LazyLock<SealKey> = LazyLock::new(|| SealKey::from_bytes(&[7; 32]).unwrap());

fn trust() -> Trust {
    Trust { keys: [KEY.public()].into(), head: None }
}

/// Twelve facts of all sorts, sealed as blocks of five, five and two; returns their positions.
async fn sealed(store: &TestStore) -> Vec<i64> {
    let (orgs, record) = sample::city(store, 4).await;
    for i in 0..11_u32 {
        let fact = match i % 3 {
            0 => visit(orgs[0], day(2021, 1, i + 1), record),
            1 => NewFact::new("sample.paid", orgs[1], day(2021, 2, i + 1), record).class("a").amount(Fen(12_345)),
            _ => NewFact::new("sample.joined", orgs[2], day(2021, 3, i + 1), record).with(orgs[3]).amount(Fen(5)),
        };
        store.write(&actor(), async |tx| tx.record(fact).await).await.unwrap();
    }
    let last = store.read().await.unwrap().head().unwrap();
    store.write(&actor(), async |tx| tx.reverse(last, "登记错").await).await.unwrap();
    assert_eq!(seal::seal_ripe(store, &KEY, 5).await.unwrap(), 2, "a block begun today waits until it is full");
    assert_eq!(seal::seal_all(store, &KEY, 5).await.unwrap(), 1);
    assert_eq!(seal::seal_all(store, &KEY, 5).await.unwrap(), 0, "nothing is left");
    let rows = store.read().await.unwrap().all("SELECT position FROM fact ORDER BY position").await.unwrap();
    rows.iter().map(|row| row.get("position").unwrap()).collect()
}

async fn run(store: &TestStore, sql: &str) {
    store.write(&actor(), async |tx| tx.run(sql).await).await.unwrap_or_else(|e| panic!("{sql}: {}", e.detail()));
}

/// Takes the triggers away, as one who owns the database can, and keeps a copy to put things back from.
async fn unguarded(store: &TestStore) {
    let triggers = match store.on {
        "SQLite" => {
            ["fact_is_never_updated", "fact_is_never_deleted", "seal_is_never_updated", "seal_is_never_deleted"]
                .map(str::to_owned)
                .to_vec()
        }
        _ => vec!["fact_is_never_changed ON fact".to_owned(), "seal_is_never_changed ON seal".to_owned()],
    };
    for trigger in triggers {
        run(store, &format!("DROP TRIGGER {trigger}")).await;
    }
    run(store, "CREATE TABLE kept_fact AS SELECT * FROM fact").await;
    run(store, "CREATE TABLE kept_seal AS SELECT * FROM seal").await;
}

async fn put_back(store: &TestStore) {
    run(store, "DELETE FROM fact").await;
    run(store, "DELETE FROM seal").await;
    run(store, "INSERT INTO fact SELECT * FROM kept_fact").await;
    run(store, "INSERT INTO seal SELECT * FROM kept_seal").await;
    assert_eq!(findings(store).await, [], "{}: whole again", store.on);
}

async fn findings(store: &TestStore) -> Vec<Finding> {
    seal::verify(store, &trust(), &|_, _| {}).await.unwrap().findings
}

async fn first_fault(store: &TestStore, what: &str) -> Fault {
    let found = findings(store).await;
    found.into_iter().next().unwrap_or_else(|| panic!("{}: {what} was not found", store.on)).fault
}

#[tokio::test]
async fn a_sealed_ledger_is_whole_and_its_seals_stay() {
    for store in stores(&[sample::MODULE]).await {
        let positions = sealed(&store).await;
        let report = seal::verify(&store, &trust(), &|_, _| {}).await.unwrap();
        assert_eq!((report.blocks, report.facts, report.unsealed, report.is_whole()), (3, 12, 0, true), "{}", store.on);
        let other = Trust { keys: [SealKey::from_bytes(&[9; 32]).unwrap().public()].into(), head: report.head };
        let found = seal::verify(&store, &other, &|_, _| {}).await.unwrap().findings;
        assert_eq!(
            found.first().map(|f| f.fault.clone()),
            Some(Fault::Key(KEY.public())),
            "another key is not trusted"
        );
        for sql in ["UPDATE seal SET facts = 1", "DELETE FROM seal"] {
            assert!(store.write(&actor(), async |tx| tx.run(sql).await).await.is_err(), "{}: {sql}", store.on);
        }
        let read = store.read().await.unwrap();
        let mark = seal::covering(&read, kernel::id::Position(positions[6])).await.unwrap().unwrap();
        assert_eq!(mark.header.number, 2);
        let after = kernel::id::Position(positions[11] + 1);
        assert!(seal::covering(&read, after).await.unwrap().is_none(), "what comes later is not sealed yet");
    }
}

#[tokio::test]
async fn whatever_is_changed_in_a_fact_is_found_and_named() {
    for store in stores(&[sample::MODULE]).await {
        let positions = sealed(&store).await;
        unguarded(&store).await;
        let row = positions[11];
        for (column, value) in [
            ("kind", "kind % 3 + 1"),
            ("class", "'b'"),
            ("subject_id", "subject_id + 1"),
            ("counterparty_id", "subject_id"),
            ("unit_id", "unit_id + 1"),
            ("region", "region + 1"),
            ("industry", "'3452'"),
            ("size", "size + 1"),
            ("above_scale", "1 - above_scale"),
            ("occurred_on", "'2020-12-31'"),
            ("quantity", "quantity + 1"),
            ("amount_fen", "amount_fen + 1"),
            ("record_id", "record_id + 1"),
            ("reverses", "NULL"),
            ("reason", "''"),
            ("reason", "NULL"),
            ("recorded_at", "'2020-01-01 00:00:00+00:00'"),
            ("recorded_by", "'他人'"),
        ] {
            run(&store, &format!("UPDATE fact SET {column} = {value} WHERE position = {row}")).await;
            let fault = first_fault(&store, column).await;
            let named = matches!(&fault, Fault::Changed(p) | Fault::Unreadable(p, _) if *p == row);
            assert!(named, "{}: {column}: {fault:?}", store.on);
            put_back(&store).await;
        }
    }
}

/// SQLite keeps days and instants as text and takes any type anywhere: the same value in other bytes is found too.
#[tokio::test]
async fn the_same_value_in_other_bytes_is_found() {
    for store in stores(&[sample::MODULE]).await.into_iter().filter(|s| s.on == "SQLite") {
        let positions = sealed(&store).await;
        unguarded(&store).await;
        for change in [
            "recorded_at = replace(recorded_at, 'T', ' ')",
            "recorded_at = replace(recorded_at, '+00:00', 'Z')",
            "occurred_on = occurred_on || ' '",
            "occurred_on = CAST(occurred_on AS BLOB)",
            "class = CAST(class AS BLOB)",
            "recorded_by = recorded_by || char(0)",
            "quantity = 0.5",
            "quantity = CAST('1' AS BLOB)",
        ] {
            run(&store, &format!("UPDATE fact SET {change} WHERE position = {}", positions[4])).await;
            let fault = first_fault(&store, change).await;
            let named = matches!(&fault, Fault::Changed(p) | Fault::Unreadable(p, _) if *p == positions[4]);
            assert!(named, "{change}: {fault:?}");
            put_back(&store).await;
        }
    }
}

#[tokio::test]
async fn a_fact_taken_away_added_or_moved_is_found_and_named() {
    for store in stores(&[sample::MODULE]).await {
        let p = sealed(&store).await;
        unguarded(&store).await;
        run(&store, &format!("DELETE FROM fact WHERE position = {}", p[7])).await;
        assert_eq!(first_fault(&store, "missing").await, Fault::Missing(p[7]), "{}", store.on);
        put_back(&store).await;

        // Positions of attributes lie between those of facts: one of them takes a forged fact.
        run(&store, &format!("UPDATE fact SET position = 1 WHERE position = {}", p[11])).await;
        assert_eq!(first_fault(&store, "added").await, Fault::Added(1), "{}", store.on);
        put_back(&store).await;

        let swap = [(p[5], -1), (p[6], p[5]), (-1, p[6])];
        for (from, to) in swap {
            run(&store, &format!("UPDATE fact SET position = {to} WHERE position = {from}")).await;
        }
        assert_eq!(first_fault(&store, "moved").await, Fault::Moved(p[5], p[6]), "{}", store.on);
        put_back(&store).await;

        run(&store, &format!("UPDATE fact SET position = -5 WHERE position = {}", p[0])).await;
        assert_eq!(first_fault(&store, "before the first").await, Fault::Added(-5), "{}", store.on);
    }
}

#[tokio::test]
async fn a_seal_that_was_tampered_with_is_found() {
    for store in stores(&[sample::MODULE]).await {
        let p = sealed(&store).await;
        unguarded(&store).await;
        let whole = seal::verify(&store, &trust(), &|_, _| {}).await.unwrap();
        let second = "(SELECT {} FROM kept_seal WHERE number = 2)";
        let of_second = |column: &str| second.replace("{}", column);
        for (change, fault) in [
            (format!("signature = {}", of_second("signature")), Fault::Signature),
            (format!("root = {}", of_second("root")), Fault::Signature),
            (format!("previous = {}", of_second("root")), Fault::Chain),
            (format!("leaves = {}", of_second("leaves")), Fault::Leaves),
            ("facts = facts + 1".into(), Fault::Signature),
            ("sealed_at = '2020-01-01T00:00:00+00:00'".into(), Fault::Signature),
            (format!("first_position = {}", p[5]), Fault::Range),
        ] {
            run(&store, &format!("UPDATE seal SET {change} WHERE number = 3")).await;
            assert_eq!(first_fault(&store, &change).await, fault, "{}: {change}", store.on);
            put_back(&store).await;
        }
        run(&store, "DELETE FROM seal WHERE number = 2").await;
        assert_eq!(first_fault(&store, "a block is gone").await, Fault::Number, "{}", store.on);
        put_back(&store).await;

        // Cutting off the end leaves a chain that is whole: only who knows a later block finds it.
        run(&store, "DELETE FROM seal WHERE number = 3").await;
        assert_eq!(findings(&store).await, []);
        let known = Trust { head: whole.head, ..trust() };
        let found = seal::verify(&store, &known, &|_, _| {}).await.unwrap().findings;
        assert_eq!(found.first().map(|f| f.fault.clone()), whole.head.map(Fault::Head), "{}", store.on);
    }
}

#[tokio::test]
async fn an_export_and_a_code_on_paper_are_verified_by_the_program_apart() {
    for store in stores(&[sample::MODULE]).await {
        let p = sealed(&store).await;
        let mut file = Vec::new();
        let exported = seal::export(&store, &mut file, &|_, _| {}).await.unwrap();
        assert_eq!((exported.blocks, exported.facts), (3, 12), "{}", store.on);
        let key = KEY.public().to_string();
        let head = seal::verify(&store, &trust(), &|_, _| {}).await.unwrap().head.unwrap().to_string();
        let known = verifier::Known { keys: vec![key.clone()], head: Some(head.clone()) };
        let sound = verifier::check_ledger(&mut &file[..], &known).unwrap();
        assert_eq!((sound.blocks, sound.facts, sound.head), (3, 12, head), "{}", store.on);
        assert!(seal::check_file(&mut &file[..], &trust()).unwrap().is_whole());

        for position in p {
            let read = store.read().await.unwrap();
            let proof = seal::prove(&read, kernel::id::Position(position)).await.unwrap();
            assert!(proof.holds());
            let text = proof.text();
            let proven = verifier::check_proof(&text, None, std::slice::from_ref(&key)).unwrap();
            assert_eq!((proven.position, proven.block), (position, proof.header.number));
            assert!(verifier::check_proof(&text, Some(&proof.header.root.to_string()), &[]).is_ok());
            assert!(verifier::check_proof(&text, None, &[]).is_err(), "something must be known from elsewhere");
            assert!(verifier::check_proof(&text, Some(&seal::Hash::ZERO.to_string()), &[]).is_err());
            let last = text.len() - 9;
            let other = if text.as_bytes()[last] == b'A' { "B" } else { "A" };
            let forged = format!("{}{other}{}", &text[..last], &text[last + 1..]);
            assert!(verifier::check_proof(&forged, None, std::slice::from_ref(&key)).is_err(), "{}", store.on);
        }
    }
}
