//! What the office does with a proposal, and what it must not be able to do.

#![allow(clippy::unwrap_used, reason = "tests")]

mod proposer;

use kernel::access::{Actor, Scope, role};
use kernel::case::{self, Doing, Values};
use kernel::id::{AccountId, CaseId, OrgId, PublicationId};
use kernel::indicator::{Number, Question, figure};
use kernel::store::Store;
use kernel::value::day::Day;
use kernel::{Error, Result, org, publication};
use testkit::sample::day;
use testkit::{TestStore, stores};

use super::actions::{Contact, Promised, keep_promise, log_contact, save_draft};
use super::issue::{Issue, prepare};
use super::rules::{Paper, Record, bare_numbers, check_days, check_paper, check_reply, promise};
use super::{model, opinion, queries, settings};

fn messages(record: &Record, paper: &Paper) -> String {
    check_paper(record, paper).into_iter().map(|slip| slip.message).collect::<Vec<_>>().join("\n")
}

/// What the record says of proposal 82.
fn record_82() -> Record {
    Record {
        number: "委员提案〔2021〕82号".into(),
        title: "关于加快我市中小企业信息化平台建设的提案".into(),
        proposer: "农工党黄石市委会".into(),
        lead: "市经信局".into(),
        mark: "b".into(),
        ..Record::default()
    }
}

/// The form of 2021 as it was: the slips F02 to F05, F09, F11 and F12 of the list of figures.
#[test]
fn every_slip_of_the_form_of_2021_is_told() {
    let paper = Paper {
        numbers: "(代表建议[2020]82号) (委员提案[2020]82号)".into(),
        title: "关于2021年加快我市中小企信息化平台建设的提案".into(),
        lead: "农工市委会".into(),
        effect: "b".into(),
        publish: String::new(),
        signed_on: "2021.8.11".into(),
        receipt: String::new(),
    };
    let told = messages(&record_82(), &paper);
    for (id, slip) in [
        ("F02", "“(委员提案[2020]82号)”的年份应为 2021"),
        ("F02", "“(委员提案[2020]82号)”的年份应使用六角括号〔〕"),
        ("F04", "代表建议与委员提案只印一个"),
        ("F05", "标题与登记的不同，应为“关于加快我市中小企业信息化平台建设的提案”"),
        ("F09", "是否公开没有勾选"),
        ("F11", "签收人、签收时间空缺"),
        ("F12", "承办单位应为“市经信局”，填的是提案人"),
    ] {
        assert!(told.contains(slip), "{id}: {slip} in\n{told}");
    }
    // F03 and F07 are right: number 82, and the effect agrees with mark B.
    assert!(!told.contains("序号应为") && !told.contains("不一致"), "{told}");
    let right = Paper {
        numbers: "委员提案〔2021〕82号".into(),
        title: record_82().title,
        lead: "市经信局".into(),
        effect: "b".into(),
        publish: "yes".into(),
        signed_on: "2021.8.11".into(),
        receipt: "提案委 2021.8.16".into(),
    };
    assert_eq!(check_paper(&record_82(), &right), []);
    let other = Paper { numbers: "委员提案〔2021〕83号".into(), ..right };
    assert!(messages(&record_82(), &other).contains("可能属于另一件提案"));
}

/// The letter of 2021 as it was: without number and day (F10), and with parts that do not add up (A14).
#[test]
fn every_slip_of_the_letter_of_2021_is_told() {
    let broken = "已分类项目与在库项目（127 ≠ 129）".to_owned();
    let letter = Record { breaks: vec![(broken.clone(), None)], bare: vec!["129个".into()], ..record_82() };
    let told: Vec<String> = check_reply(&letter).into_iter().map(|slip| slip.message).collect();
    let told = told.join("\n");
    for slip in ["没有发文字号", "没有成文日期", "127 ≠ 129", "“129个”是手写的数字"] {
        assert!(told.contains(slip), "{slip} in\n{told}");
    }
    let mended = Record {
        issue: ("经信提复〔2021〕1号".into(), "2021-08-11".into()),
        breaks: vec![(broken, Some("两个项目类型待核".into()))],
        ..record_82()
    };
    assert_eq!(check_reply(&mended), []);
}

#[test]
fn numbers_written_by_hand_are_found_and_years_are_none() {
    assert_eq!(bare_numbers("已完成153家，总投资40亿元，2021年第82号提案，8月11日，第3次会议。"), ["153家", "40亿元"]);
    assert_eq!(bare_numbers("完成率66%，超过1500家"), ["66%", "1500家"]);
}

#[test]
fn days_that_run_backwards_are_told_and_promises_follow_their_clock() {
    let days: Vec<(&'static str, Option<Day>)> =
        vec![("交办日期", Some(day(2021, 3, 1))), ("成文日期", None), ("送达日期", Some(day(2021, 2, 1)))];
    assert!(check_days(&days)[0].message.contains("送达日期（2021-02-01）早于交办日期"));
    let due = day(2021, 12, 31);
    let states = [
        promise(Some(500), 500, due, day(2022, 2, 1)).0,
        promise(Some(153), 500, due, day(2021, 8, 11)).0,
        promise(Some(153), 500, due, day(2021, 12, 10)).0,
        promise(None, 500, due, day(2022, 1, 1)).0,
    ];
    assert_eq!(states, ["已兑现", "进行中", "即将到期", "逾期"]);
    assert!(!settings::office().source.is_empty() && !settings::office().confirmed);
}

fn person(account: i64, code: &str) -> Actor {
    Actor { account: AccountId(account), role: role(code).unwrap(), ..Actor::system(&format!("{code}{account}")) }
}

fn officer() -> Actor {
    person(1, "bureau_officer")
}

fn leader() -> Actor {
    person(2, "bureau_leader")
}

async fn bureau(store: &Store) -> OrgId {
    store
        .write(&Actor::system("测试"), async |tx| {
            let new = org::NewOrg {
                kind: "government".into(),
                credit_code: None,
                local_code: Some("HS-GOV-001".into()),
                since: day(2000, 1, 1),
                attributes: vec![("name".into(), "某某市经济和信息化局".into())],
                source: "测试".into(),
            };
            org::register(tx, new).await
        })
        .await
        .unwrap()
}

const REGISTERED: &[(&str, &str)] = &[
    ("kind", "cppcc"),
    ("year", "2021"),
    ("number", "82"),
    ("title", "关于加快我市中小企业信息化平台建设的提案"),
    ("proposer", "农工党某某市委会"),
    ("category", "digital"),
    ("received_on", "2021-03-01"),
];

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

async fn register(store: &Store, org: OrgId, pairs: &[(&str, &str)]) -> Result<CaseId> {
    let typed = values(pairs);
    store.write(&officer(), async |tx| case::open(tx, "proposals.proposal", org, &typed, "").await).await
}

async fn act(
    store: &Store,
    by: &Actor,
    id: CaseId,
    action: &str,
    pairs: &[(&str, &str)],
    note: &str,
) -> Result<String> {
    let revision = case::find(&store.read().await?, by, id).await?.revision;
    let (typed, nothing) = (values(pairs), Values::new());
    let doing = Doing { action, revision, values: &typed, note, remarks: &nothing };
    Ok(store.write(by, async |tx| case::act(tx, id, doing).await).await?.state)
}

async fn issue(store: &Store, id: CaseId, signed_on: &str) -> Result<String> {
    let typed = Issue { signed_on: signed_on.into(), reason: String::new() };
    let ready = prepare(&store.read().await?, &officer(), id, &typed).await?;
    store.write(&officer(), async |tx| super::issue(tx, ready).await).await
}

const TEXT: &str =
    "收悉。本年收到提案{{ figure(\"proposals.received\") }}，已沟通{{ figure(\"proposals.contacts\") }}。";

/// A proposal whose reply was issued.
async fn issued(store: &TestStore) -> (OrgId, CaseId) {
    let org = bureau(store).await;
    let id = register(store, org, REGISTERED).await.unwrap();
    let (officer, leader) = (officer(), leader());
    act(store, &officer, id, "assign", &[("lead", "市经信局"), ("assigned_on", "2021-03-10")], "").await.unwrap();
    act(store, &officer, id, "accept", &[], "").await.unwrap();
    let early = act(store, &officer, id, "draft", &[("mark", "b")], "").await;
    assert!(matches!(&early, Err(Error::Conflict(told)) if told.contains("还没有答复稿")), "{}: {early:?}", store.on);
    let contact = Contact { means: "visit".into(), on: "2021-05-06".into(), body: "面商办理意见".into() };
    store.write(&officer, async |tx| log_contact(tx, id, &contact).await).await.unwrap();
    store.write(&officer, async |tx| save_draft(tx, id, "2021-06-01", TEXT).await).await.unwrap();
    act(store, &officer, id, "draft", &[("mark", "b")], "").await.unwrap();
    let own = act(store, &officer, id, "countersign", &[], "").await;
    assert!(matches!(own, Err(Error::Conflict(_))), "{}: who drafted does not countersign", store.on);
    act(store, &leader, id, "countersign", &[], "").await.unwrap();
    act(store, &leader, id, "approve", &[], "").await.unwrap();
    let by_the_engine = act(store, &officer, id, "issue", &[("signed_on", "2021-06-01")], "").await;
    assert!(matches!(&by_the_engine, Err(Error::Conflict(told)) if told.contains("编号印发")), "{}", store.on);
    let backwards = issue(store, id, "2021-03-01").await;
    assert!(
        matches!(&backwards, Err(Error::Conflict(told)) if told.contains("早于交办日期")),
        "{}: {backwards:?}",
        store.on
    );
    assert_eq!(issue(store, id, "2021-06-01").await.unwrap(), "经信提复〔2021〕1号", "{}", store.on);
    assert!(issue(store, id, "2021-06-01").await.is_err(), "{}: not twice", store.on);
    (org, id)
}

#[tokio::test]
async fn a_proposal_goes_from_receipt_to_receipt_and_figures_follow() {
    for store in stores(&[super::module()]).await {
        let (_, id) = issued(&store).await;
        let (officer, on) = (officer(), &store.on);
        let read = store.read().await.unwrap();
        let reply = queries::issued(&read, id).await.unwrap();
        assert_eq!(reply[0].number, "经信提复〔2021〕1号", "{on}");
        let published = publication::find(&read, &Scope::All, PublicationId(reply[0].publication)).await.unwrap();
        assert_eq!(published.figures.len(), 2, "{on}");
        assert!(
            published.body.contains("经信提复〔2021〕1号")
                && published.body.contains("关于2021年市政协第82号提案的回复"),
            "{on}"
        );
        drop(read);
        act(&store, &officer, id, "deliver", &[("delivered_on", "2021-06-02")], "").await.unwrap();
        let given = [("effect", "b"), ("evaluation", "satisfied"), ("opinion_on", "2021-06-10")];
        let silent = act(&store, &officer, id, "opinion", &given, "").await;
        assert!(matches!(&silent, Err(Error::Invalid(f)) if f.at("publish").is_some()), "{on}: no default: {silent:?}");
        let given = [given.as_slice(), &[("publish", "yes")]].concat();
        let other = [("effect", "c"), ("evaluation", "satisfied"), ("publish", "yes"), ("opinion_on", "2021-06-10")];
        let differs = act(&store, &officer, id, "opinion", &other, "").await;
        assert!(matches!(&differs, Err(Error::Invalid(f)) if f.at("effect").is_some()), "{on}: {differs:?}");
        act(&store, &officer, id, "opinion", &given, "").await.unwrap();
        let closing = [("receipt", "市政协提案委"), ("receipt_on", "2021-06-15")];
        assert_eq!(act(&store, &officer, id, "close", &closing, "").await.unwrap(), "closed", "{on}");
        let read = store.read().await.unwrap();
        let q = Question { about: day(2021, 8, 11), known: read.head().unwrap(), scope: &Scope::All };
        for (code, n) in [
            ("received", 1),
            ("answered", 1),
            ("answered_in_time", 1),
            ("satisfied", 1),
            ("contacts", 1),
            ("closed", 1),
        ] {
            let figure = figure(&read, &format!("proposals.{code}"), &q).await.unwrap();
            assert_eq!(figure.number, Number::Count(n), "{on}: {code}");
        }
        let open = super::view::answered(&read, day(2021, 8, 11)).await.unwrap();
        assert_eq!(open.len(), 1, "{on}: the proposer agreed");
        assert!(
            open[0].text.contains("本年收到提案1件") && !open[0].text.contains("/publications/"),
            "{on}: {}",
            open[0].text
        );
        let late = store.write(&officer, async |tx| save_draft(tx, id, "2021-06-01", TEXT).await).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{on}: what is closed stays");
    }
}

#[tokio::test]
async fn an_unsatisfied_proposer_gets_a_second_answer_with_the_next_number() {
    for store in stores(&[super::module()]).await {
        let (org, id) = issued(&store).await;
        let (officer, leader, on) = (officer(), leader(), &store.on);
        act(&store, &officer, id, "deliver", &[("delivered_on", "2021-06-02")], "").await.unwrap();
        let given = [("effect", "b"), ("evaluation", "unsatisfied"), ("publish", "no"), ("opinion_on", "2021-06-10")];
        act(&store, &officer, id, "opinion", &given, "").await.unwrap();
        let closing = [("receipt", "提案委"), ("receipt_on", "2021-06-15")];
        let closed = act(&store, &officer, id, "close", &closing, "").await;
        assert!(matches!(&closed, Err(Error::Conflict(told)) if told.contains("二次办理")), "{on}: {closed:?}");
        act(&store, &officer, id, "second", &[], "补充平台建设时间表").await.unwrap();
        let same = act(&store, &officer, id, "draft", &[("mark", "b")], "").await;
        assert!(matches!(&same, Err(Error::Conflict(told)) if told.contains("答复稿")), "{on}: the first answer again");
        let contact = Contact { means: "visit".into(), on: "2021-06-18".into(), body: "再次面商".into() };
        store.write(&officer, async |tx| log_contact(tx, id, &contact).await).await.unwrap();
        store.write(&officer, async |tx| save_draft(tx, id, "2021-06-01", TEXT).await).await.unwrap();
        act(&store, &officer, id, "draft", &[("mark", "b")], "").await.unwrap();
        act(&store, &leader, id, "countersign", &[], "").await.unwrap();
        act(&store, &leader, id, "approve", &[], "").await.unwrap();
        let again = issue(&store, id, "2021-06-20").await;
        assert_eq!(again.unwrap(), "经信提复〔2021〕2号", "{on}");
        let read = store.read().await.unwrap();
        let numbers: Vec<String> = queries::issued(&read, id).await.unwrap().into_iter().map(|i| i.number).collect();
        assert!(numbers.contains(&"经信提复〔2021〕2号".to_owned()), "{on}: {numbers:?}");
        drop(read);
        let open = super::view::answered(&store.read().await.unwrap(), day(2021, 8, 11)).await.unwrap();
        assert!(open.is_empty(), "{on}: the proposer did not agree");
        // The days of the first round do not stand in the way of the second.
        act(&store, &officer, id, "deliver", &[("delivered_on", "2021-06-21")], "").await.unwrap();
        let given = [("effect", "b"), ("evaluation", "fairly"), ("publish", "no"), ("opinion_on", "2021-06-25")];
        act(&store, &officer, id, "opinion", &given, "").await.unwrap();
        let closing = [("receipt", "提案委"), ("receipt_on", "2021-06-28")];
        assert_eq!(act(&store, &officer, id, "close", &closing, "").await.unwrap(), "closed", "{on}");
        let twice = register(&store, org, REGISTERED).await;
        assert!(matches!(&twice, Err(Error::Invalid(f)) if f.at("number").is_some()), "{on}: {twice:?}");
    }
}

#[tokio::test]
async fn bad_input_is_told_at_its_field_and_strangers_find_nothing() {
    for store in stores(&[super::module()]).await {
        let (_, id) = issued(&store).await;
        let on = &store.on;
        let stranger = person(9, "bank");
        let contact = Contact { means: "visit".into(), on: "2021-05-06".into(), body: "x".into() };
        let seen = store.write(&stranger, async |tx| log_contact(tx, id, &contact).await).await;
        assert!(matches!(seen, Err(Error::NotFound)), "{on}: {seen:?}");
        let leader = leader();
        let read_only = store.write(&leader, async |tx| log_contact(tx, id, &contact).await).await;
        assert!(matches!(read_only, Err(Error::NotFound)), "{on}: who may read does not write");
        let officer = officer();
        let broken = store.write(&officer, async |tx| log_contact(tx, id, &Contact::default()).await).await;
        assert!(matches!(&broken, Err(Error::Invalid(f)) if f.0.len() == 3), "{on}: {broken:?}");
        let promised = Promised { indicator: "no.such".into(), floor: "-1".into(), ..Promised::default() };
        let broken = store.write(&officer, async |tx| keep_promise(tx, id, &promised).await).await;
        assert!(matches!(&broken, Err(Error::Invalid(f)) if f.0.len() == 5), "{on}: {broken:?}");
        let promised = Promised {
            body: "本年沟通不少于一次".into(),
            owner: "办公室".into(),
            due_on: "2021-12-31".into(),
            indicator: "proposals.contacts".into(),
            floor: "1".into(),
        };
        store.write(&officer, async |tx| keep_promise(tx, id, &promised).await).await.unwrap();
        let read = store.read().await.unwrap();
        let kept = queries::promises(&read, &Scope::All, id, day(2021, 8, 11)).await.unwrap();
        assert_eq!(kept[0].state, "已兑现", "{on}: closes by itself");
    }
}

#[tokio::test]
async fn a_broken_template_is_refused_with_its_place_and_the_form_says_what_the_record_knows() {
    for store in stores(&[super::module()]).await {
        let org = bureau(&store).await;
        let id = register(&store, org, REGISTERED).await.unwrap();
        let officer = officer();
        act(&store, &officer, id, "assign", &[("lead", "市经信局"), ("assigned_on", "2021-03-10")], "").await.unwrap();
        let text = "甲\n{{ figure(\"no.such\") }}";
        let told = store.write(&officer, async |tx| save_draft(tx, id, "2021-06-01", text).await).await;
        let Err(Error::Invalid(faults)) = told else { panic!("{}", store.on) };
        assert!(faults.at("template").unwrap().starts_with("第 2 行第 4 列：没有编号为 no.such"), "{faults:?}");
        let contact = Contact { means: "phone".into(), on: "2021-05-06".into(), body: "电话".into() };
        store.write(&officer, async |tx| log_contact(tx, id, &contact).await).await.unwrap();
        let read = store.read().await.unwrap();
        let case = case::find(&read, &officer, id).await.unwrap();
        let contacts = queries::contacts(&read, id).await.unwrap();
        let form = documents::html(&opinion::form(&model::Proposal::of(&case), &contacts));
        for part in ["委员提案〔2021〕82号", "市经信局", "电话联系（√）", "上门走访（　）", "是（　）　否（　）"]
        {
            assert!(form.contains(part), "{}: {part} in {form}", store.on);
        }
        assert!(!form.contains("代表建议〔"), "one number only");
    }
}
