//! Evidence for a change request: what is taken, what is refused, who gets it, and that it stands in the record.

use axum::http::StatusCode;
use chrono::Utc;
use kernel::access::{Actor, NewAccount, create_account, role};
use kernel::case::{self, Doing, NewFile, Scanned, Values};
use kernel::id::{AccountId, UnitId};
use kernel::store::Tx;
use kernel::{Error, org};
use testkit::{TestApp, stores};

use super::stage::{PASSWORD, ask, people};

const PDF: &[u8] = b"%PDF-1.7 \xe6\x89\xb9\xe5\xa4\x8d";

#[tokio::test]
async fn evidence_goes_from_the_firm_to_the_officer_and_into_the_record() {
    for store in stores(&qishu::city::modules()).await {
        let stage = people(&store, "").await;
        let id = ask(&store, &stage, Utc::now()).await;
        let app = TestApp::new(&store, qishu::city::slices()).await;
        let (firm, officer) = (app.signed_in("企业", PASSWORD).await, app.signed_in("县局", PASSWORD).await);
        let path = format!("/cases/{id}/attachments");
        firm.get(&format!("/cases/{id}")).await;
        for (name, bytes) in
            [("程序.pdf", b"MZ\x90".as_slice()), ("图.png", PDF), ("表.xlsm", b"PK\x03\x04"), ("空.pdf", b"")]
        {
            let refused = firm.upload(&path, &[], name, bytes).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}: {name}", store.on);
        }
        firm.get(&format!("/cases/{id}")).await;
        assert_eq!(
            firm.upload(&path, &[], "C:\\材料\\批复.pdf", PDF).await.status,
            StatusCode::SEE_OTHER,
            "{}",
            store.on
        );
        firm.get(&format!("/cases/{id}")).await;
        let twice = firm.upload(&path, &[], "批复副本.pdf", PDF).await;
        assert!(twice.body.contains("已经上传过，名为“批复.pdf”"), "{}", store.on);
        let page = officer.get(&format!("/cases/{id}")).await;
        assert!(page.body.contains("证明材料 1 份") && page.body.contains("批复.pdf"), "{}", store.on);
        let headers = officer.headers(&format!("{path}/1")).await;
        assert_eq!(headers["content-type"], "application/pdf");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment;"));
        assert!(headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
        assert_eq!(officer.download(&format!("{path}/1")).await, (StatusCode::OK, PDF.to_vec()), "{}", store.on);
        let nothing = Values::new();
        let doing = Doing { action: "accept", revision: 1, values: &nothing, note: "", remarks: &nothing };
        store.write(&stage.officer, async |tx| case::act(tx, id, doing).await).await.unwrap();
        let read = store.read().await.unwrap();
        let now = org::attributes(&read, stage.firm, read.today(), None).await.unwrap();
        let park = now.iter().find(|one| one.attribute == "park").unwrap();
        assert!(park.source.ends_with(&format!("（变更申请第 {id} 件，附件 1 份）")), "{}: {}", store.on, park.source);
        drop(read);
        let late = NewFile { name: "迟到.pdf", bytes: b"%PDF-1.4", scanned: Scanned::Not };
        let late = store.write(&stage.own, async |tx| case::attach(tx, id, late).await).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{}: the case has ended", store.on);
    }
}

#[tokio::test]
async fn who_may_not_read_a_case_neither_adds_nor_gets_its_files() {
    for store in stores(&qishu::city::modules()).await {
        let stage = people(&store, "").await;
        let id = ask(&store, &stage, Utc::now()).await;
        let file = NewFile { name: "批复.pdf", bytes: PDF, scanned: Scanned::Clean };
        store.write(&stage.own, async |tx| case::attach(tx, id, file).await).await.unwrap();
        let foreign = async |tx: &mut Tx| {
            org::create_unit(tx, UnitId(2), "u2", "第二单元").await?;
            let new = NewAccount {
                login: "外县",
                name: "外县",
                role: "county_officer",
                password: PASSWORD,
                unit: Some(UnitId(2)),
                org: None,
            };
            create_account(tx, new).await
        };
        let account: AccountId = store.write(&Actor::system("测试"), foreign).await.unwrap();
        let other = Actor::in_role(account, "外县", role("county_officer").unwrap(), vec![UnitId(2)], None);
        let adds = store.write(&other, async |tx| case::attach(tx, id, file).await).await;
        assert!(matches!(adds, Err(Error::NotFound)), "{}", store.on);
        let app = TestApp::new(&store, qishu::city::slices()).await;
        let client = app.signed_in("外县", PASSWORD).await;
        for path in [
            format!("/cases/{id}/attachments/1"),
            format!("/cases/{id}/attachments/2"),
            "/cases/99/attachments/1".into(),
        ] {
            assert_eq!(client.get(&path).await.status, StatusCode::NOT_FOUND, "{}: {path}", store.on);
        }
        client.get("/desk").await;
        let sent = client.upload(&format!("/cases/{id}/attachments"), &[], "别的.pdf", b"%PDF-1.4").await;
        assert_eq!(sent.status, StatusCode::NOT_FOUND, "{}", store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_holds_no_more_files_than_it_may_even_when_many_come_at_once() {
    for store in stores(&qishu::city::modules()).await {
        let stage = people(&store, "").await;
        let id = ask(&store, &stage, Utc::now()).await;
        let tasks: Vec<_> = (0..24)
            .map(|n| {
                let (store, own) = (store.store.clone(), stage.own.clone());
                tokio::spawn(async move {
                    let bytes = format!("%PDF-1.7 {n}");
                    let file = NewFile { name: "材料.pdf", bytes: bytes.as_bytes(), scanned: Scanned::Not };
                    store.write(&own, async |tx| case::attach(tx, id, file).await).await.is_ok()
                })
            })
            .collect();
        let mut kept = 0;
        for task in tasks {
            kept += usize::from(task.await.unwrap());
        }
        let held = case::attachments(&store.read().await.unwrap(), id).await.unwrap();
        assert_eq!((kept, held.len()), (20, 20), "{}", store.on);
    }
}
