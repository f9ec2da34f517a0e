//! Who is told of a change request, how it reaches people outside, and how they are reminded.

#![allow(missing_docs, clippy::unwrap_used, reason = "tests")]

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::access::{Actor, NewAccount, create_account};
use kernel::case::{self, Doing, Values};
use kernel::id::{AccountId, CaseId, OrgId, UnitId};
use kernel::notice::{self, Channel, Choice, DeliveryState, Message, Outcome, Refused};
use kernel::store::{Store, Tx};
use kernel::{Error, Result};
use testkit::{TestStore, sample, stores};

/// A city with an account for each who may be told, or must not be.
struct City {
    store: TestStore,
    firm: OrgId,
    own: Actor,
    county: Actor,
    bureau: Actor,
    leader: Actor,
    /// Another county, another firm, a bank.
    others: Vec<Actor>,
}

async fn account(store: &Store, login: &str, role: &str, unit: Option<i64>, org: Option<OrgId>) -> Actor {
    let new = NewAccount { login, name: login, role, password: "a long password", unit: unit.map(UnitId), org };
    let act = async |tx: &mut Tx| create_account(tx, new).await;
    let id = store.write_at(at("2021-01-04T09:00:00"), &sample::actor(), act).await.unwrap();
    let role = kernel::access::role(role).unwrap();
    Actor::in_role(id, login, role, unit.map(UnitId).into_iter().collect(), org)
}

async fn cities() -> Vec<City> {
    let modules: Vec<_> = registry::slices().iter().map(|slice| slice.module).collect();
    let mut cities = Vec::new();
    for store in stores(&modules).await {
        let (orgs, _) = sample::city(&store, 3).await;
        let firm = orgs[0];
        cities.push(City {
            firm,
            own: account(&store, "企业", "enterprise", None, Some(firm)).await,
            county: account(&store, "县局", "county_officer", Some(1), None).await,
            bureau: account(&store, "市局", "bureau_officer", None, None).await,
            leader: account(&store, "领导", "bureau_leader", None, None).await,
            others: vec![
                account(&store, "外县", "county_officer", Some(2), None).await,
                account(&store, "别家", "enterprise", None, Some(orgs[1])).await,
                account(&store, "银行", "bank", None, Some(orgs[2])).await,
            ],
            store,
        });
    }
    cities
}

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{text}+08:00")).unwrap().with_timezone(&Utc)
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

impl City {
    async fn ask(&self, now: &str) -> CaseId {
        let typed =
            values(&[("attribute", "park"), ("value", "开发园"), ("valid_from", "2021-02-01"), ("source", "入园协议")]);
        let act = async |tx: &mut Tx| case::open(tx, "registry.change", self.firm, &typed, "").await;
        self.store.write_at(at(now), &self.own, act).await.unwrap()
    }

    async fn act(&self, by: &Actor, now: &str, (id, revision): (CaseId, i64), action: &str, note: &str) -> Result<()> {
        let nothing = Values::new();
        let doing = Doing { action, revision, values: &nothing, note, remarks: &nothing };
        self.store.write_at(at(now), by, async |tx| case::act(tx, id, doing).await).await.map(drop)
    }

    async fn titles(&self, of: &Actor) -> Vec<String> {
        let read = self.store.read().await.unwrap();
        let found = notice::list(&read, of.account, false, None, 50).await.unwrap();
        found.into_iter().map(|one| format!("{}｜{}", one.title, one.body)).collect()
    }

    async fn nobody_else_was_told(&self) {
        for other in &self.others {
            assert_eq!(self.titles(other).await, [""; 0], "{}: {}", self.store.on, other.name);
        }
    }

    /// Somebody wants mail.
    async fn wants_mail(&self, who: &Actor, daily: bool) {
        let chosen = Choice { mail: "someone@example.cn".into(), phone: String::new(), daily };
        self.store.write(who, async |tx| notice::choose(tx, &chosen).await).await.unwrap();
    }

    async fn counted(&self, state: DeliveryState) -> i64 {
        let counted = notice::counted(&self.store.read().await.unwrap()).await.unwrap();
        counted.iter().find(|(s, _)| *s == state).unwrap().1
    }

    async fn climb(&self, now: &str) -> case::Climbed {
        self.store.write_at(at(now), &sample::actor(), async |tx| case::climb(tx).await).await.unwrap()
    }
}

#[tokio::test]
async fn those_it_waits_for_are_told_and_nobody_without_a_right_to_it() {
    for city in cities().await {
        let id = city.ask("2021-09-01T10:00:00").await;
        for officer in [&city.county, &city.bureau] {
            let told = city.titles(officer).await;
            assert!(told.len() == 1 && told[0].contains("待审核") && told[0].contains("2021-09-08"), "{told:?}");
        }
        assert_eq!(city.titles(&city.own).await, [""; 0], "who acts is not told of it");
        city.act(&city.county, "2021-09-02T09:00:00", (id, 1), "return", "缺文号").await.unwrap();
        let told = city.titles(&city.own).await;
        assert!(told.len() == 1 && told[0].contains("待补正") && told[0].contains("缺文号"), "{told:?}");
        assert_eq!(city.titles(&city.bureau).await.len(), 1, "it no longer waits for the bureau");
        let word = async |tx: &mut Tx| case::comment(tx, id, "文号已在附件").await;
        city.store.write(&city.own, word).await.unwrap();
        assert!(city.titles(&city.county).await[0].contains("文号已在附件"));
        city.nobody_else_was_told().await;
    }
}

#[tokio::test]
async fn an_act_that_comes_to_nothing_tells_nobody() {
    for city in cities().await {
        let act = async |tx: &mut Tx| {
            let typed =
                values(&[("attribute", "park"), ("value", "园"), ("valid_from", "2021-02-01"), ("source", "据")]);
            case::open(tx, "registry.change", city.firm, &typed, "").await?;
            Err::<(), Error>(Error::Conflict("事后想起不对".into()))
        };
        assert!(city.store.write(&city.own, act).await.is_err());
        assert_eq!(city.titles(&city.county).await, [""; 0], "{}", city.store.on);
        assert_eq!(city.counted(DeliveryState::Waiting).await, 0, "{}", city.store.on);
    }
}

/// A receiver that answers as it is told, and keeps what it took.
#[derive(Default)]
struct Receiver {
    answers: Mutex<Vec<Refused>>,
    took: Mutex<Vec<Message>>,
}

#[async_trait::async_trait]
impl Channel for Receiver {
    fn code(&self) -> &'static str {
        "mail"
    }

    async fn send(&self, message: &Message) -> std::result::Result<(), Refused> {
        if let Some(refused) = self.answers.lock().unwrap().pop() {
            return Err(refused);
        }
        self.took.lock().unwrap().push(message.clone());
        Ok(())
    }
}

#[tokio::test]
async fn what_is_refused_for_now_comes_again_and_what_is_refused_for_good_does_not() {
    for city in cities().await {
        city.wants_mail(&city.county, false).await;
        city.wants_mail(&city.bureau, false).await;
        // In the evening: nothing goes out before the next morning.
        city.ask("2021-09-01T20:00:00").await;
        let later = Refused::Later("450 busy".into());
        let receiver = Receiver {
            answers: Mutex::new(vec![later, Refused::Never("550 no such user".into())]),
            ..Receiver::default()
        };
        let send = async |now: &str| notice::deliver_next(&city.store, &receiver, "worker", at(now)).await.unwrap();
        assert_eq!(send("2021-09-01T23:00:00").await, Outcome::Nothing, "{}: not at night", city.store.on);
        assert_eq!(send("2021-09-02T08:30:00").await, Outcome::Refused, "{}", city.store.on);
        assert_eq!(send("2021-09-02T08:30:01").await, Outcome::Refused, "{}", city.store.on);
        assert_eq!(send("2021-09-02T08:30:02").await, Outcome::Nothing, "{}: the wait is not over", city.store.on);
        assert_eq!(send("2021-09-02T08:31:30").await, Outcome::Sent, "{}", city.store.on);
        assert_eq!(send("2021-09-02T12:00:00").await, Outcome::Nothing, "{}: never twice", city.store.on);
        assert_eq!((city.counted(DeliveryState::Sent).await, city.counted(DeliveryState::Failed).await), (1, 1));
        let read = city.store.read().await.unwrap();
        let failed = notice::deliveries(&read, DeliveryState::Failed, None, 10).await.unwrap();
        assert_eq!(failed[0].answer, "550 no such user", "{}", city.store.on);
        drop(read);
        // By hand it goes out once more.
        let again = async |tx: &mut Tx| notice::send_again(tx, failed[0].id).await;
        city.store.write_at(at("2021-09-02T13:00:00"), &city.bureau, again).await.unwrap();
        assert_eq!(send("2021-09-02T13:00:00").await, Outcome::Sent, "{}", city.store.on);
        assert!(city.store.write(&city.bureau, again).await.is_err(), "{}: it was sent", city.store.on);
    }
}

#[tokio::test]
async fn what_waits_for_an_account_out_of_use_is_not_sent() {
    for city in cities().await {
        city.wants_mail(&city.county, false).await;
        city.ask("2021-09-01T20:00:00").await;
        let who = city.county.account;
        city.store.write(&city.bureau, async |tx| kernel::access::disable(tx, who).await).await.unwrap();
        let receiver = Receiver::default();
        let morning = at("2021-09-02T09:00:00");
        let sent = notice::deliver_next(&city.store, &receiver, "worker", morning).await.unwrap();
        assert_eq!(sent, Outcome::Nothing, "{}", city.store.on);
        assert!(receiver.took.lock().unwrap().is_empty(), "{}: it told of the firm", city.store.on);
        assert_eq!(city.counted(DeliveryState::Failed).await, 1, "{}: and it is said why", city.store.on);
    }
}

#[tokio::test]
async fn a_receiver_that_stays_away_for_four_days_ends_the_attempts_and_is_told() {
    for city in cities().await {
        city.wants_mail(&city.county, false).await;
        city.ask("2021-09-01T10:00:00").await;
        let receiver = Receiver::default();
        let (mut now, mut tries) = (at("2021-09-01T10:00:00"), 0);
        while now < at("2021-09-08T10:00:00") {
            receiver.answers.lock().unwrap().push(Refused::Later("no connection".into()));
            let outcome = notice::deliver_next(&city.store, &receiver, "worker", now).await.unwrap();
            tries += i32::from(outcome == Outcome::Refused);
            now += TimeDelta::minutes(1);
        }
        assert!(
            receiver.took.lock().unwrap().is_empty() && (6..=9).contains(&tries),
            "{}: {tries} tries",
            city.store.on
        );
        assert_eq!(city.counted(DeliveryState::Failed).await, 1, "{}", city.store.on);
        assert_eq!(city.titles(&city.county).await.len(), 1, "{}: in the inbox it stands all the same", city.store.on);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_of_several_servers_send_each_message_once() {
    for city in cities().await {
        city.wants_mail(&city.county, false).await;
        city.wants_mail(&city.bureau, false).await;
        let id = city.ask("2021-09-01T10:00:00").await;
        for n in 0..10 {
            let word = async |tx: &mut Tx| case::comment(tx, id, &format!("第 {n} 句")).await;
            city.store.write_at(at("2021-09-01T10:00:00"), &city.own, word).await.unwrap();
        }
        // To two officers the request and ten words; to the one who sent it back ten more.
        city.act(&city.county, "2021-09-01T10:10:00", (id, 1), "return", "缺文号").await.unwrap();
        let word = async |tx: &mut Tx| case::comment(tx, id, "补好了").await;
        for _ in 0..10 {
            city.store.write_at(at("2021-09-01T10:20:00"), &city.own, word).await.unwrap();
        }
        let receiver = std::sync::Arc::new(Receiver::default());
        let workers: Vec<_> = (0..4)
            .map(|n| {
                let (store, receiver) = (city.store.store.clone(), receiver.clone());
                tokio::spawn(async move {
                    for _ in 0..100 {
                        let now = at("2021-09-01T11:00:00");
                        notice::deliver_next(&store, &*receiver, &format!("worker {n}"), now).await.unwrap();
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        let mut keys: Vec<String> = receiver.took.lock().unwrap().iter().map(|message| message.key.clone()).collect();
        assert_eq!(keys.len(), 32, "{}", city.store.on);
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 32, "{}: each once", city.store.on);
    }
}

#[tokio::test]
async fn a_worker_that_died_is_replaced_when_its_lease_is_over() {
    for city in cities().await {
        city.wants_mail(&city.county, false).await;
        city.ask("2021-09-01T10:00:00").await;
        let now = at("2021-09-01T10:00:00");
        let dead =
            async |tx: &mut Tx| kernel::background::take(tx, "outbox.mail", "dead", TimeDelta::seconds(60)).await;
        assert!(city.store.upkeep_at(now, "测试", dead).await.unwrap());
        let receiver = Receiver::default();
        let send = async |now| notice::deliver_next(&city.store, &receiver, "alive", now).await.unwrap();
        assert_eq!(send(now + TimeDelta::seconds(59)).await, Outcome::Elsewhere, "{}", city.store.on);
        assert_eq!(send(now + TimeDelta::seconds(61)).await, Outcome::Sent, "{}", city.store.on);
    }
}

#[tokio::test]
async fn a_ladder_is_climbed_once_and_ends_when_the_work_is_done() {
    for city in cities().await {
        // Wednesday; due on Wednesday the 8th. Two working days before: Monday the 6th.
        let id = city.ask("2021-09-01T10:00:00").await;
        let before = city.titles(&city.county).await.len();
        assert_eq!(city.climb("2021-09-03T09:00:00").await, case::Climbed::default(), "{}", city.store.on);
        assert_eq!(city.climb("2021-09-06T09:00:00").await, case::Climbed { cases: 1, people: 2 }, "{}", city.store.on);
        assert_eq!(city.climb("2021-09-06T09:01:00").await, case::Climbed::default(), "{}: once", city.store.on);
        let told = city.titles(&city.county).await;
        assert!(told.len() == before + 1 && told[0].contains("还有 2 个工作日"), "{told:?}");
        // A day late: the reviewers; three days late: the leader too.
        assert_eq!(city.climb("2021-09-09T09:00:00").await.cases, 1, "{}", city.store.on);
        assert_eq!(city.titles(&city.leader).await, [""; 0], "{}", city.store.on);
        city.climb("2021-09-13T09:00:00").await;
        let told = city.titles(&city.leader).await;
        assert!(told.len() == 1 && told[0].contains("已超期 3 个工作日"), "{told:?}");
        // Sent back: from now on the firm is reminded, and nobody of what the officers have done.
        city.act(&city.county, "2021-09-13T10:00:00", (id, 1), "return", "缺文号").await.unwrap();
        let officers = city.titles(&city.county).await.len();
        city.climb("2021-09-23T09:00:00").await;
        assert_eq!(city.titles(&city.county).await.len(), officers, "{}", city.store.on);
        assert!(city.titles(&city.own).await[0].contains("还有 3 个工作日"), "{}", city.store.on);
        city.act(&city.own, "2021-09-23T10:00:00", (id, 2), "withdraw", "").await.unwrap();
        assert_eq!(city.climb("2021-10-20T09:00:00").await, case::Climbed::default(), "{}: done", city.store.on);
        city.nobody_else_was_told().await;
        effect_is_measured(&city).await;
    }
}

async fn effect_is_measured(city: &City) {
    let read = city.store.read().await.unwrap();
    let since = at("2021-01-01T00:00:00");
    let stays = case::reminded(&read, &sample::ALL, "registry.change", since, 100).await.unwrap();
    let effects = case::effects(&stays);
    let of = |clock: &str, rung| effects.get(&(clock.to_owned(), rung)).copied().unwrap_or_default();
    let review = (1..=3).map(|rung| (of("registry.change.review", rung).told, of("registry.change.review", rung).left));
    assert_eq!(review.collect::<Vec<_>>(), [(1, 0), (1, 0), (1, 1)], "{}: after the leader was told", city.store.on);
    assert_eq!(of("registry.change.mend", 1).soon, 1, "{}: withdrawn within 48 hours", city.store.on);
    let foreign = city.others[0].scope(registry::changes::READ);
    assert!(case::reminded(&read, &foreign, "registry.change", since, 100).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_wants_to_be_told_once_a_day_gets_one_mail_in_the_morning() {
    for city in cities().await {
        city.wants_mail(&city.county, true).await;
        let id = city.ask("2021-09-01T10:00:00").await;
        let receiver = Receiver::default();
        let send = async |now: &str| notice::deliver_next(&city.store, &receiver, "worker", at(now)).await.unwrap();
        assert_eq!(send("2021-09-01T10:01:00").await, Outcome::Nothing, "{}", city.store.on);
        city.climb("2021-09-02T09:00:00").await;
        assert_eq!(send("2021-09-02T09:00:00").await, Outcome::Sent, "{}", city.store.on);
        assert_eq!(send("2021-09-02T09:00:00").await, Outcome::Nothing, "{}", city.store.on);
        assert!(receiver.took.lock().unwrap()[0].body.contains("待审核"), "{}", city.store.on);
        let open = notice::list(&city.store.read().await.unwrap(), city.county.account, true, None, 9).await.unwrap();
        let case = open.iter().find(|one| one.href == format!("/cases/{id}")).unwrap();
        assert_eq!(notice::open(&city.store, city.county.account, case.id).await.unwrap(), case.href);
        let foreign = notice::open(&city.store, city.own.account, case.id).await;
        assert!(matches!(foreign, Err(Error::NotFound)), "{}: somebody else's", city.store.on);
        let read = city.store.read().await.unwrap();
        assert_eq!(notice::unread(&read, city.county.account).await.unwrap(), open.len() as i64 - 1);
        assert_eq!(notice::unread(&read, AccountId(0)).await.unwrap(), 0);
    }
}
