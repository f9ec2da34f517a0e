//! Mail to a real server.

use std::net::TcpListener;
use std::time::Duration;

use kernel::notice::{DeliveryState, Outcome, deliver_next};
use qishu::channels::Mail;
use testkit::stores;

use super::smtp;
use super::stage::{answer, ask, at, counted, people};

const FROM: &str = "企枢 <noreply@example.cn>";
const SITE: &str = "https://qishu.example.cn/";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_says_what_is_to_be_done_and_carries_its_number() {
    for store in stores(&qishu::city::modules()).await {
        let (url, letters) = smtp::serve();
        let mail = Mail::new(&url, FROM, SITE).unwrap();
        let stage = people(&store, "officer@example.cn").await;
        ask(&store, &stage, at("2021-09-01T10:00:00")).await;
        let sent = deliver_next(&store, &mail, "worker", at("2021-09-01T10:00:01")).await.unwrap();
        assert_eq!(sent, Outcome::Sent, "{}: {:?}", store.on, answer(&store, "mail").await);
        let letter = letters.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(letter.to, ["officer@example.cn"], "{}", store.on);
        let id = letter.header("Message-ID");
        assert!(id.starts_with("<mail-") && id.ends_with("@example.cn>"), "{id}");
        assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
        assert_eq!((counted(&store, DeliveryState::Sent).await, letters.try_iter().count()), (1, 0), "{}", store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_that_does_not_exist_is_final_and_a_full_one_is_not() {
    for store in stores(&qishu::city::modules()).await {
        let (url, _letters) = smtp::serve();
        let mail = Mail::new(&url, FROM, SITE).unwrap();
        let stage = people(&store, "nobody@example.cn").await;
        let case = ask(&store, &stage, at("2021-09-01T10:00:00")).await;
        let send = async |now: &str| deliver_next(&store, &mail, "worker", at(now)).await.unwrap();
        assert_eq!(send("2021-09-01T10:00:01").await, Outcome::Refused, "{}", store.on);
        assert_eq!(counted(&store, DeliveryState::Failed).await, 1, "{}", store.on);
        assert!(answer(&store, "mail").await.unwrap().contains("550"), "{}", store.on);
        let full = kernel::notice::Choice { mail: "full@example.cn".into(), phone: String::new(), daily: false };
        store.write(&stage.officer, async |tx| kernel::notice::choose(tx, &full).await).await.unwrap();
        let word = async |tx: &mut kernel::store::Tx| kernel::case::comment(tx, case, "请抓紧").await;
        store.write_at(at("2021-09-01T10:01:00"), &stage.own, word).await.unwrap();
        assert_eq!(send("2021-09-01T10:01:01").await, Outcome::Refused, "{}", store.on);
        assert!(answer(&store, "mail").await.unwrap().contains("452"), "{}", store.on);
        assert_eq!(counted(&store, DeliveryState::Failed).await, 1, "{}: it comes again", store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_or_says_nothing_is_tried_again() {
    for store in stores(&qishu::city::modules()).await {
        let stage = people(&store, "officer@example.cn").await;
        ask(&store, &stage, at("2021-09-01T10:00:00")).await;
        // Taken and given back: nobody listens there.
        let down = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        // Listens, and never says a word.
        let mute = TcpListener::bind("127.0.0.1:0").unwrap();
        for (n, address) in [down, mute.local_addr().unwrap()].into_iter().enumerate() {
            let mail = Mail::patient(&format!("smtp://{address}"), FROM, SITE, Duration::from_millis(200)).unwrap();
            let now = at(["2021-09-01T10:00:01", "2021-09-01T10:05:00"][n]);
            assert_eq!(deliver_next(&store, &mail, "worker", now).await.unwrap(), Outcome::Refused, "{}", store.on);
        }
        let (url, letters) = smtp::serve();
        let mail = Mail::new(&url, FROM, SITE).unwrap();
        let now = at("2021-09-01T11:00:00");
        assert_eq!(deliver_next(&store, &mail, "worker", now).await.unwrap(), Outcome::Sent, "{}", store.on);
        assert_eq!(letters.try_iter().count(), 1, "{}", store.on);
    }
}
