//! A fact says in which block it is sealed, and its proof is a page whose code an outsider can verify.

use std::collections::HashMap;

use kernel::indicator::Filter;
use kernel::publication::{self, Cited, Draft};
use kernel::seal::{SealKey, seal_all};
use testkit::sample::day;

use super::stage::{Stage, stages};

/// Publishes one figure of the city.
async fn publish(stage: &Stage) {
    let cited = Cited {
        citation: "A01".into(),
        printed: "若干次".into(),
        indicator: "sample.visits".into(),
        about: day(2021, 6, 30),
        filter: Filter::default(),
    };
    let read = stage.store().read().await.unwrap();
    let (known, figures) = (read.head().unwrap(), vec![cited]);
    let draft = Draft { title: "回复".into(), published_on: day(2021, 8, 11), known, body: "{}".into(), figures };
    let frozen = publication::freeze(&read, &draft).await.unwrap();
    drop(read);
    stage.act(async |tx| publication::enter(tx, &draft, frozen, vec![], &HashMap::new()).await.map(drop)).await;
}

#[tokio::test]
async fn a_sealed_fact_has_a_proof_that_an_outsider_verifies() {
    for stage in stages().await {
        let officer = stage.client("officer").await;
        let rows = officer.get("/api/v1/indicators/sample.visits/rows?limit=1").await.json();
        let fact = rows["items"][0]["position"].as_i64().unwrap();
        let (page, proof) = (format!("/facts/{fact}"), format!("/facts/{fact}/proof"));
        assert!(officer.get(&page).await.body.contains("尚未封存"), "{}", stage.on);
        assert_eq!(officer.get(&proof).await.texts(".empty-state-title"), ["这条事实尚未封存"], "{}", stage.on);

        let key = SealKey::from_bytes(&[7; 32]).unwrap();
        seal_all(stage.store(), &key, 64).await.unwrap();
        let sealed = officer.get(&page).await;
        assert_eq!(sealed.attributes("a[href$=proof]", "href"), [proof.as_str()], "{}", stage.on);
        let shown = officer.get(&proof).await;
        assert!(shown.texts(".notice").concat().contains("与封存时一致"), "{}", stage.on);
        assert_eq!(shown.attributes("svg[role=img] path", "fill"), ["#000"], "{}", stage.on);
        let text = shown.texts("#proof-text").concat();
        let proven = verifier::check_proof(&text, None, &[key.public().to_string()]).unwrap();
        assert_eq!(proven.position, fact, "{}", stage.on);
        assert!(shown.texts(".hash").contains(&proven.root), "the root is printed beside the code");
    }
}

#[tokio::test]
async fn a_proof_is_only_for_who_may_see_the_fact() {
    for stage in stages().await {
        seal_all(stage.store(), &SealKey::from_bytes(&[7; 32]).unwrap(), 64).await.unwrap();
        let officer = stage.client("officer").await;
        let facts = officer.get("/api/v1/facts?unit=2&limit=1").await.json();
        let foreign = facts["items"][0]["position"].as_i64().unwrap();
        let proof = format!("/facts/{foreign}/proof");
        assert_eq!(officer.get(&proof).await.status, 200, "{}", stage.on);
        assert_eq!(stage.client("west").await.get(&proof).await.status, 200, "{}", stage.on);
        assert_eq!(stage.client("east").await.get(&proof).await.status, 404, "{}", stage.on);
    }
}

#[tokio::test]
async fn a_published_figure_has_a_proof_and_its_rows_are_taken_away() {
    for stage in stages().await {
        publish(&stage).await;
        let officer = stage.client("officer").await;
        let figure = "/publications/1/figures/1";
        let proof = format!("{figure}/proof");
        assert_eq!(officer.get(&proof).await.texts(".empty-state-title"), ["这份发布尚未封存"], "{}", stage.on);
        let key = SealKey::from_bytes(&[7; 32]).unwrap();
        seal_all(stage.store(), &key, 64).await.unwrap();

        let auditor = stage.client("auditor").await;
        assert!(auditor.get(figure).await.attributes("a.btn", "href").contains(&proof), "{}", stage.on);
        let shown = auditor.get(&proof).await;
        assert!(shown.texts(".notice").concat().contains("与封存时一致"), "{}", stage.on);
        let keys = [key.public().to_string()];
        let proven = verifier::check_proof(&shown.texts("#proof-text").concat(), None, &keys).unwrap();
        assert!(proven.is_figure && shown.texts(".hash").contains(&proven.root), "{}", stage.on);
        let rows = auditor.get(&format!("{figure}/rows.jsonl")).await;
        let sound = verifier::check_figure(&mut rows.body.as_bytes(), &keys).unwrap();
        assert!(sound.facts > 0 && sound.citation == "A01", "{}: {sound:?}", stage.on);
        for login in ["east", "firm"] {
            let client = stage.client(login).await;
            for path in [proof.clone(), format!("{figure}/rows.jsonl")] {
                assert_eq!(client.get(&path).await.status, 403, "{}: {login} {path}", stage.on);
            }
        }
    }
}

#[tokio::test]
async fn an_auditor_has_everything_recomputed_and_takes_the_ledger_away() {
    for stage in stages().await {
        let auditor = stage.client("auditor").await;
        assert_eq!(auditor.get("/seals").await.texts(".empty-state-title"), ["账上还没有封存"], "{}", stage.on);
        let key = SealKey::from_bytes(&[7; 32]).unwrap();
        seal_all(stage.store(), &key, 64).await.unwrap();
        let page = auditor.get("/seals").await;
        assert!(page.texts("summary").concat().contains(&key.public().fingerprint()), "{}", stage.on);
        assert_eq!(page.texts("#blocks ~ .table-list .cell-title").len(), 4, "{}", stage.on);
        let file = auditor.get("/seals/ledger.jsonl").await;
        let known = verifier::Known { keys: vec![key.public().to_string()], head: None };
        let sound = verifier::check_ledger(&mut file.body.as_bytes(), &known).unwrap();
        assert!(page.texts(".hash").contains(&sound.head), "{}", stage.on);

        assert_eq!(auditor.post("/seals/check", &[]).await.status, 303, "{}", stage.on);
        assert_eq!(auditor.get("/seals").await.texts("#checks ~ .table-list .state"), ["完好"], "{}", stage.on);
        let trigger = if stage.on == "SQLite" { "seal_is_never_updated" } else { "seal_is_never_changed ON seal" };
        stage.run(&format!("DROP TRIGGER {trigger}"), vec![]).await;
        stage.run("UPDATE seal SET facts = facts + 1 WHERE number = 2", vec![]).await;
        auditor.post("/seals/check", &[]).await;
        let found = auditor.get("/seals").await.texts("#checks ~ .table-list .state");
        assert!(
            found[0].contains("处不符") && found[1] == "完好",
            "{}: what was found before stays: {found:?}",
            stage.on
        );
        for login in ["east", "firm"] {
            let client = stage.client(login).await;
            assert_eq!(client.get("/seals").await.status, 403, "{}: {login}", stage.on);
            assert_eq!(client.get("/seals/ledger.jsonl").await.status, 403, "{}: {login}", stage.on);
        }
    }
}
