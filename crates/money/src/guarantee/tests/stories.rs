//! The life of contracts, who may see and do what, and what becomes of figures.

use kernel::Error;
use kernel::access::Scope;
use kernel::case::{self, Doing, Values};
use kernel::id::CaseId;
use kernel::indicator::{Number, Question, figure};
use kernel::store::Store;
use kernel::value::money::Fen;
use testkit::sample::{ALL, actor, day};

use super::fixture::{City, WAN, cities, entry, told};
use crate::guarantee::contracts::{self, Drift, Entered, Entry};
use crate::guarantee::id::ContractId;
use crate::guarantee::rules::{Event, Ledger};
use crate::guarantee::totals::balances;
use crate::guarantee::{COMPENSATION_FLOW, READ};

async fn number(store: &Store, code: &str) -> Number {
    let read = store.read().await.unwrap();
    let q = Question { about: day(2021, 12, 31), known: read.head().unwrap(), scope: &ALL };
    figure(&read, code, &q).await.unwrap().number
}

async fn enter(city: &City, account: i64, entry: &Entry) -> kernel::Result<Entered> {
    let clerk = city.clerk(account);
    let scope = clerk.scope(crate::guarantee::ENTER);
    city.store.write(&clerk, async |tx| contracts::enter(tx, &scope, entry).await).await
}

async fn act(
    city: &City,
    account: i64,
    id: CaseId,
    revision: i64,
    action: &str,
    typed: &[(&str, &str)],
) -> kernel::Result<()> {
    let values: Values = typed.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    let nothing = Values::new();
    let doing = Doing { action, revision, values: &values, note: "", remarks: &nothing };
    city.store.write(&city.clerk(account), async |tx| case::act(tx, id, doing).await).await.map(drop)
}

#[tokio::test]
async fn a_loan_is_paid_out_repaid_and_corrected_and_figures_follow() {
    for city in cities().await {
        let id = city.paid_out(0, "担保一", 400).await;
        city.posts(&entry(id, Event::Fee, day(2021, 1, 5), 32_000)).await.unwrap();
        let repaid = city.posts(&entry(id, Event::Repaid, day(2021, 7, 1), 100 * WAN)).await.unwrap();
        assert_eq!(number(&city.store, "guarantee.in_force").await, Number::Money(Fen(300 * WAN)), "{}", city.store.on);
        let reversed = async |reason: &str| {
            let reverse =
                async |tx: &mut kernel::store::Tx| contracts::reverse(tx, &Scope::All, (id, repaid), reason).await;
            city.store.write(&actor(), reverse).await
        };
        assert!(told(reversed(" ").await).contains("冲销原因"));
        reversed("还款凭证属于另一合同").await.unwrap();
        assert!(told(reversed("再来一次").await).contains("已被冲销"));
        let contract = city.found(id).await;
        assert_eq!(contract.book.outstanding(), Fen(400 * WAN));
        assert_eq!((contract.book.last_on, contract.events), (Some(day(2021, 1, 5)), 4));
        for (code, fen) in [("guarantee.in_force", 400 * WAN), ("guarantee.ended_total", 0)] {
            assert_eq!(number(&city.store, code).await, Number::Money(Fen(fen)), "{code} on {}", city.store.on);
        }
        let read = city.store.read().await.unwrap();
        assert_eq!(contracts::drift(&read).await.unwrap(), Drift::default(), "{}", city.store.on);
        let then = balances(&read, &ALL, Ledger::Guarantee, day(2021, 1, 4)).await.unwrap();
        let now = balances(&read, &ALL, Ledger::Guarantee, day(2021, 1, 5)).await.unwrap();
        assert_eq!((then.len(), now.len(), now[0].amount), (0, 1, Fen(400 * WAN)));
    }
}

#[tokio::test]
async fn an_event_in_the_middle_is_taken_back_only_after_those_behind_it() {
    for city in cities().await {
        let id = city.paid_out(0, "担保一", 400).await;
        let first = city.posts(&entry(id, Event::Repaid, day(2021, 7, 1), 100 * WAN)).await.unwrap();
        city.posts(&entry(id, Event::Repaid, day(2021, 8, 1), 300 * WAN)).await.unwrap();
        let reverse = async |tx: &mut kernel::store::Tx| contracts::reverse(tx, &Scope::All, (id, first), "错").await;
        assert!(told(city.store.write(&actor(), reverse).await).contains("相反顺序"));
        let late = city.posts(&entry(id, Event::Repaid, day(2021, 7, 15), 1)).await;
        assert!(told(late).contains("依次补登"), "{}", city.store.on);
    }
}

#[tokio::test]
async fn a_large_entry_waits_for_somebody_else() {
    for city in cities().await {
        let id = city.signed(&city.contract(0, "担保一", 600)).await.unwrap();
        let issue = entry(id, Event::Issued, day(2021, 1, 5), 600 * WAN);
        let Entered::Waits(case) = enter(&city, 1, &issue).await.unwrap() else { panic!("six million wait") };
        assert_eq!(city.found(id).await.book.issued, Fen(0));
        assert!(told(enter(&city, 1, &issue).await).contains("正在等待复核"));
        assert!(matches!(act(&city, 1, case, 1, "agree", &[]).await, Err(Error::Conflict(_))), "not one's own");
        act(&city, 2, case, 1, "agree", &[]).await.unwrap();
        let contract = city.found(id).await;
        assert_eq!(contract.book.outstanding(), Fen(600 * WAN));
        let read = city.store.read().await.unwrap();
        let events = contracts::events(&read, &contract).await.unwrap();
        assert_eq!((events[0].recorded_by.as_str(), events[0].checked_by.as_str()), ("担保经办1", "担保经办2"));
        drop(read);
        let small = entry(id, Event::Repaid, day(2021, 2, 5), 499 * WAN);
        assert!(
            matches!(enter(&city, 1, &small).await.unwrap(), Entered::Posted(_)),
            "below the amount one person does"
        );
    }
}

#[tokio::test]
async fn a_compensation_is_checked_paid_and_shared_and_happens_once() {
    for city in cities().await {
        let id = city.paid_out(0, "担保一", 400).await;
        let open = async |account: i64| {
            let clerk = city.clerk(account);
            let typed = [
                ("contract", id.to_string()),
                ("notified_on", "2022-01-10".into()),
                ("amount", "400".into()),
                ("interest", "33333.33元".into()),
                ("document", "代偿通知书".into()),
            ];
            let values: Values = typed.map(|(field, value)| (field.to_owned(), value)).into();
            let open = async |tx: &mut kernel::store::Tx| {
                case::open(tx, COMPENSATION_FLOW.code, city.guarantor, &values, "").await
            };
            city.store.write(&clerk, open).await
        };
        assert!(told(open(1).await).contains("先登记逾期"), "{}", city.store.on);
        city.posts(&entry(id, Event::Overdue, day(2022, 1, 4), 400 * WAN)).await.unwrap();
        let case = open(1).await.unwrap();
        assert!(told(open(2).await).contains("正在办理"));
        act(&city, 1, case, 1, "inspect", &[("finding", "停产，资产已保全")]).await.unwrap();
        assert!(matches!(act(&city, 1, case, 2, "pay", &[("paid_on", "2022-02-01")]).await, Err(Error::Conflict(_))));
        act(&city, 2, case, 2, "pay", &[("paid_on", "2022-02-01")]).await.unwrap();
        let contract = city.found(id).await;
        assert_eq!((contract.book.outstanding(), contract.book.claim()), (Fen(0), Fen(403_333_333)));
        city.posts(&entry(id, Event::Recovered, day(2022, 3, 1), 100_000_001)).await.unwrap();
        let read = city.store.read().await.unwrap();
        let shares = contracts::shares(&read, &contract).await.unwrap();
        let parts: Vec<i64> = shares.iter().map(|share| share.amount.0).collect();
        let of_loss = [161_333_335, 120_999_999, 80_666_666, 40_333_333];
        let of_recovery = [40_000_001, 30_000_000, 20_000_000, 10_000_000];
        assert_eq!(parts, [of_loss, of_recovery].concat(), "{}", city.store.on);
        drop(read);
        assert!(told(open(1).await).contains("现有余额"), "a second compensation of a closed case");
        let lost = Entry { document: String::new(), ..entry(id, Event::WrittenOff, day(2022, 4, 1), 1) };
        assert!(told(city.posts(&lost).await).contains("法院文书"));
        let q_day = day(2022, 12, 31);
        let read = city.store.read().await.unwrap();
        let q = Question { about: q_day, known: read.head().unwrap(), scope: &ALL };
        let claim = figure(&read, "guarantee.claim", &q).await.unwrap().number;
        assert_eq!(claim, Number::Money(Fen(303_333_332)), "{}", city.store.on);
    }
}

#[tokio::test]
async fn whoever_is_no_party_finds_nothing() {
    for city in cities().await {
        let id = city.paid_out(0, "担保一", 400).await;
        let read = city.store.read().await.unwrap();
        let seen = async |actor: kernel::access::Actor| contracts::find(&read, &actor.scope(READ), id).await.is_ok();
        assert!(seen(city.clerk(1)).await);
        assert!(seen(city.somebody("bank", city.bank)).await && !seen(city.somebody("bank", city.other_bank)).await);
        let firm = |n: usize| city.somebody("enterprise", city.firms[n]);
        assert!(seen(firm(0)).await && !seen(firm(1)).await, "{}", city.store.on);
        assert!(!seen(city.somebody("guarantor", city.other_guarantor)).await);
        let none = balances(&read, &Scope::Own(city.other_guarantor), Ledger::Guarantee, day(2021, 12, 31)).await;
        assert!(none.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_is_not_right_with_a_contract_is_told_at_its_field() {
    for city in cities().await {
        let good = city.contract(0, "担保一", 100);
        city.signed(&good).await.unwrap();
        let mut startup = city.contract(1, "创贷一", 301);
        (startup.ledger, startup.agreement, startup.product) = (Ledger::Startup, None, "startup".into());
        let mut bridge = city.contract(1, "过桥一", 960);
        (bridge.ledger, bridge.agreement, bridge.product) = (Ledger::Bridge, None, "bridge".into());
        bridge.renewal_amount = Some(Fen(1000 * WAN));
        for (new, words) in [
            (good.clone(), "已登记"),
            (super::super::contracts::NewContract { rate_bp: 4350, number: "二".into(), ..good.clone() }, "多写一位"),
            (
                super::super::contracts::NewContract { bank: city.other_bank, number: "三".into(), ..good.clone() },
                "签订的",
            ),
            (
                super::super::contracts::NewContract { bank: city.firms[2], number: "四".into(), ..good.clone() },
                "不是金融机构",
            ),
            (startup, "最多 300 万元"),
            (bridge, "950 万元"),
        ] {
            let told = told(city.signed(&new).await);
            assert!(told.contains(words), "{told} on {}", city.store.on);
        }
        assert_eq!(
            city.found(ContractId(1)).await.split.unwrap().stored(),
            "guarantor:4000,reguarantor:3000,bank:2000,government:1000"
        );
    }
}

#[tokio::test]
async fn repeated_bridging_is_a_chain_to_the_loan_it_began_with() {
    for city in cities().await {
        let mut last = ContractId(0);
        for n in 1..=3 {
            let mut new = city.contract(0, &format!("过桥{n}"), 100);
            (new.ledger, new.agreement, new.product) = (Ledger::Bridge, None, "bridge".into());
            (new.underlying, new.renewal) = (format!("贷{n}"), format!("贷{}", n + 1));
            last = city.signed(&new).await.unwrap();
            city.posts(&entry(last, Event::Issued, day(2021, 1, 5), 100 * WAN)).await.unwrap();
        }
        let read = city.store.read().await.unwrap();
        let chain = contracts::chain(&read, &city.found(last).await).await.unwrap();
        let numbers: Vec<&str> = chain.iter().map(|c| c.underlying.as_str()).collect();
        assert_eq!(numbers, ["贷1", "贷2", "贷3"], "{}", city.store.on);
        assert_eq!(contracts::running_bridges(&read, city.firms[0], day(2021, 1, 1)).await.unwrap(), 3);
        let served = number(&city.store, "guarantee.served").await;
        assert_eq!(served, Number::Count(0), "the second half of 2021 had none");
    }
}
