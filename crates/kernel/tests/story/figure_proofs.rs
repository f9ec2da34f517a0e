//! What an auditor does with a published figure: its rows prove it, without the database, and nothing in them can be changed.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use kernel::id::{OrgId, PublicationId, RecordId};
use kernel::ledger::NewFact;
use kernel::seal::{self, Fault, SealKey, Trust};
use kernel::store::Store;
use kernel::value::money::Fen;
use testkit::sample::{self, actor, day, visit};
use testkit::{Dice, stores};

use super::publications::{cited, publish};

static KEY: LazyLock<SealKey> = LazyLock::new(|| SealKey::from_bytes(&[7; 32]).unwrap());

fn keys() -> Vec<String> {
    vec![KEY.public().to_string()]
}

/// Facts of every kind, some of them reversed.
async fn history(store: &Store, orgs: &[OrgId], record: RecordId, dice: &mut Dice) {
    for _ in 0..60 {
        let (org, on) = (*dice.pick(orgs), day(2021, dice.below(6) as u32 + 1, dice.below(28) as u32 + 1));
        let fact = match dice.below(3) {
            0 => visit(org, on, record),
            1 => {
                let class = *dice.pick(&["a", "b", ""]);
                NewFact::new("sample.paid", org, on, record).class(class).amount(Fen(dice.below(9_999) as i64))
            }
            _ => NewFact::new("sample.joined", org, on, record).with(*dice.pick(orgs)).amount(Fen(70)),
        };
        store.write(&actor(), async |tx| tx.record(fact).await).await.unwrap();
        if dice.below(5) == 0 {
            let last = store.read().await.unwrap().head().unwrap();
            store.write(&actor(), async |tx| tx.reverse(last, "登记错").await).await.unwrap();
        }
    }
}

async fn exported(store: &Store, id: PublicationId, seq: i64) -> Vec<u8> {
    let mut file = Vec::new();
    seal::export_figure(&store.read().await.unwrap(), id, seq, &mut file).await.unwrap();
    file
}

#[tokio::test]
async fn every_sort_of_figure_is_proven_by_its_rows() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 12).await;
        let mut dice = Dice(5);
        history(&store, &orgs, record, &mut dice).await;
        let figures: Vec<_> = sample::INDICATORS.iter().map(|i| cited(i.code, day(2021, 6, 30))).collect();
        let id = publish(&store, figures).await;
        // What is recorded later is no part of it.
        history(&store, &orgs, record, &mut dice).await;
        seal::seal_ripe(&store, &KEY, 16).await.unwrap();
        let mut with_facts = BTreeSet::new();
        for (seq, indicator) in (1..).zip(sample::INDICATORS) {
            let at = format!("{} of {}", indicator.code, store.on);
            let file = exported(&store, id, seq).await;
            let sound = verifier::check_figure(&mut &*file, &keys()).unwrap_or_else(|why| panic!("{at}: {why}"));
            assert_eq!(sound.citation, indicator.code, "{at}");
            if sound.facts > 0 {
                with_facts.insert(indicator.code);
            }
            let other = SealKey::from_bytes(&[8; 32]).unwrap().public().to_string();
            assert!(verifier::check_figure(&mut &*file, &[other]).is_err(), "{at}: another key");

            let proof = seal::prove_figure(&store.read().await.unwrap(), id, seq).await.unwrap();
            assert!(proof.holds(), "{at}");
            let proven =
                verifier::check_proof(&proof.text(), None, &keys()).unwrap_or_else(|why| panic!("{at}: {why}"));
            assert_eq!((proven.is_figure, proven.position), (true, id.0), "{at}");
            assert!(proven.fields.contains(&format!("value: {}", proof.figure.value)), "{at}: {:?}", proven.fields);
        }
        assert_eq!(with_facts.len(), sample::INDICATORS.len() - 2, "all but the target and the declared one");
        let report = seal::verify(&store, &Trust::default(), &|_, _| {}).await.unwrap();
        assert_eq!((report.publications, report.findings), (1, vec![]), "{}", store.on);
        let mut file = Vec::new();
        let exported = seal::export(&store, &mut file, &|_, _| {}).await.unwrap();
        let known = verifier::Known { keys: keys(), head: None };
        let sound = verifier::check_ledger(&mut &*file, &known).unwrap();
        assert_eq!((exported.publications, sound.publications), (1, 1), "{}", store.on);
        assert!(seal::check_file(&mut &*file, &Trust::default()).unwrap().is_whole(), "{}", store.on);
    }
}

#[tokio::test]
async fn a_row_that_is_changed_left_out_or_added_is_found() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 2).await;
        for month in 1..4 {
            let fact = visit(orgs[0], day(2021, month, 1), record);
            store.write(&actor(), async |tx| tx.record(fact).await).await.unwrap();
        }
        let id = publish(&store, vec![cited("sample.visits", day(2021, 2, 28))]).await;
        seal::seal_all(&store, &KEY, 16).await.unwrap();
        let file = exported(&store, id, 1).await;
        assert_eq!(verifier::check_figure(&mut &*file, &keys()).unwrap().facts, 2);
        let found = |file: &[u8]| verifier::check_figure(&mut &*file, &keys()).is_err();
        let mut changed = file.clone();
        for at in 0..file.len() {
            changed[at] ^= 1;
            assert!(found(&changed), "byte {at}: {}", String::from_utf8_lossy(&changed));
            changed[at] ^= 1;
        }
        // With an end that fits, the signed digest alone must find it.
        let lines: Vec<&[u8]> = file.split_inclusive(|b| *b == b'\n').collect();
        let facts: Vec<usize> = (0..lines.len()).filter(|n| lines[*n].starts_with(b"{\"fact\"")).collect();
        for (left_out, n) in facts.iter().zip([1, 1]) {
            let mut fewer: Vec<&[u8]> = lines.clone();
            fewer.remove(*left_out);
            fewer.pop();
            let mut forged = fewer.concat();
            let mut hasher = seal::Hasher::default();
            hasher.update(&forged);
            forged.extend(format!("{{\"end\":{{\"facts\":{n},\"sm3\":\"{}\"}}}}\n", hasher.finish()).bytes());
            let why = verifier::check_figure(&mut &*forged, &keys()).unwrap_err();
            assert!(why.contains("not the rows that were signed"), "{why}");
        }
    }
}

#[tokio::test]
async fn a_publication_that_is_changed_or_gone_is_named() {
    for store in stores(&[sample::MODULE]).await {
        let (orgs, record) = sample::city(&store, 2).await;
        store.write(&actor(), async |tx| tx.record(visit(orgs[0], day(2021, 1, 1), record)).await).await.unwrap();
        let id = publish(&store, vec![cited("sample.visits", day(2021, 6, 30))]).await;
        assert_eq!(seal::statement(&store.read().await.unwrap(), id).await.unwrap(), None);
        seal::seal_ripe(&store, &KEY, 4096).await.unwrap();
        let read = store.read().await.unwrap();
        let (statement, _) = seal::statement(&read, id).await.unwrap().unwrap();
        let head = seal::head(&read).await.unwrap().unwrap();
        assert_eq!((statement.number, statement.block, statement.block_hash), (1, 1, head.hash()), "facts come first");
        drop(read);
        let run = async |sql: &str| store.write(&actor(), async |tx| tx.run(sql).await).await.unwrap();
        let verify = async || seal::verify(&store, &Trust::default(), &|_, _| {}).await.unwrap().findings;
        assert_eq!(verify().await, []);
        let triggers = match store.on {
            "SQLite" => ["publication_figure_is_never_updated", "publication_is_never_updated"].map(str::to_owned),
            _ => ["publication_figure", "publication"].map(|t| format!("{t}_is_never_changed ON {t}")),
        };
        for trigger in triggers {
            run(&format!("DROP TRIGGER {trigger}")).await;
        }
        for (change, back) in [
            ("UPDATE publication_figure SET printed = '2'", "UPDATE publication_figure SET printed = ''"),
            ("UPDATE publication_figure SET row_count = 2", "UPDATE publication_figure SET row_count = 1"),
            ("UPDATE publication SET title = '答覆'", "UPDATE publication SET title = '答复'"),
            ("UPDATE publication SET known = known + 1", "UPDATE publication SET known = known - 1"),
        ] {
            run(change).await;
            let findings = verify().await;
            assert!(
                matches!(&findings[..], [f] if matches!(f.fault, Fault::Publication(n, _) if n == id.0)),
                "{change}: {findings:?}"
            );
            run(back).await;
        }
        assert_eq!(verify().await, []);
    }
}
