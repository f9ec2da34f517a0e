//! A fact says in which block it is sealed, and its proof is a page whose code an outsider can verify.

use kernel::seal::{SealKey, seal_all};

use super::stage::stages;

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
