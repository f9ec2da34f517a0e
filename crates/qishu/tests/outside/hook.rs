//! The webhook to a receiver that answers 500, is slow, is down, and at last takes it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use kernel::notice::{DeliveryState, Outcome, deliver_next};
use qishu::channels::{Hook, signature};
use testkit::stores;

use super::stage::{answer, ask, at, counted, people};

const SECRET: &str = "a secret of the receiver";

type Taken = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A receiver that gives these answers, the last one first; then it takes what comes.
async fn receiver(mut answers: Vec<StatusCode>) -> (String, Taken) {
    let (taken, listener) = (Taken::default(), tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap());
    let url = format!("http://{}/qishu", listener.local_addr().unwrap());
    let kept = taken.clone();
    answers.insert(0, StatusCode::NO_CONTENT);
    let answers = Arc::new(Mutex::new(answers));
    let take = move |headers: HeaderMap, body: Bytes| async move {
        kept.lock().unwrap().push((headers, body));
        let mut answers = answers.lock().unwrap();
        if answers.len() > 1 { answers.pop() } else { answers.last().copied() }.unwrap()
    };
    tokio::spawn(axum::serve(listener, Router::new().route("/qishu", post(take))).into_future());
    (url, taken)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_in_trouble_gets_the_same_thing_again_under_the_same_number() {
    for store in stores(&qishu::city::modules()).await {
        let stage = people(&store, "").await;
        let case = ask(&store, &stage, at("2021-09-01T10:00:00")).await;
        let (url, taken) = receiver(vec![StatusCode::INTERNAL_SERVER_ERROR]).await;
        let send = async |url: &str, now: &str| {
            let hook = Hook::patient(url, SECRET, "https://qishu.example.cn", Duration::from_millis(300)).unwrap();
            deliver_next(&store, &hook, "worker", at(now)).await.unwrap()
        };
        assert_eq!(send(&url, "2021-09-01T10:00:01").await, Outcome::Refused, "{}", store.on);
        assert!(answer(&store, "hook").await.unwrap().contains("500"), "{}", store.on);
        // Nobody listens; somebody listens and says nothing.
        let down = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(send(&format!("http://{down}/"), "2021-09-01T10:10:00").await, Outcome::Refused, "{}", store.on);
        let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let slow = format!("http://{}/", mute.local_addr().unwrap());
        assert_eq!(send(&slow, "2021-09-01T10:30:00").await, Outcome::Refused, "{}", store.on);
        assert_eq!(send(&url, "2021-09-01T15:00:00").await, Outcome::Sent, "{}", store.on);
        assert_eq!(send(&url, "2021-09-01T16:00:00").await, Outcome::Nothing, "{}", store.on);
        assert_eq!(counted(&store, DeliveryState::Sent).await, 1, "{}", store.on);
        let taken = std::mem::take(&mut *taken.lock().unwrap());
        assert_eq!(taken.len(), 2, "{}", store.on);
        assert_eq!(taken[0].0["idempotency-key"], taken[1].0["idempotency-key"], "{}", store.on);
        for (headers, body) in taken.iter() {
            let signed = headers["qishu-signature"].to_str().unwrap();
            let seconds = signed.strip_prefix("t=").and_then(|s| s.split(',').next()).unwrap().parse().unwrap();
            assert_eq!(signed, signature(SECRET, seconds, body), "{}: anybody who has the secret can check", store.on);
            let said: serde_json::Value = serde_json::from_slice(body).unwrap();
            assert_eq!(said["to"]["phone"], "13800000000");
            assert!(said["title"].as_str().unwrap().contains("待审核") && !said["url"].as_str().unwrap().is_empty());
        }
        // What the receiver calls wrong for good is not sent again.
        let (url, _) = receiver(vec![StatusCode::UNPROCESSABLE_ENTITY]).await;
        let word = async |tx: &mut kernel::store::Tx| kernel::case::comment(tx, case, "请抓紧").await;
        store.write_at(at("2021-09-01T16:00:00"), &stage.own, word).await.unwrap();
        assert_eq!(send(&url, "2021-09-01T16:00:01").await, Outcome::Refused, "{}", store.on);
        assert_eq!(counted(&store, DeliveryState::Failed).await, 1, "{}", store.on);
    }
}
