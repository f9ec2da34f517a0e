//! The three ledgers of guarantees: contracts and events in bulk, then what pages ask of them.
//!
//! Rows are written straight into the tables, since two million entries one by one would take hours; sums and exposures
//! are counted from them by the module itself. Writing is measured with entries through the module.

use kernel::access::{Actor, Scope};
use kernel::id::OrgId;
use kernel::ledger::record;
use kernel::store::{Sql, Store};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result};
use money::guarantee::agreements::{self, NewStanding, Standing};
use money::guarantee::contracts::{self, Entry, Filters};
use money::guarantee::id::ContractId;
use money::guarantee::rules::{Event, Ledger, Step};
use money::guarantee::totals;
use serde_json::{Value, json};

use super::city::City;
use super::dice::Dice;
use super::load::{first_day, random_day};
use super::progress;
use super::timing::{Spread, repeat};

/// Contracts written in one act.
const BATCH: u64 = 2_000;
/// Rows of one statement.
const ROWS: usize = 400;
/// Guarantors and banks that share the contracts.
const GUARANTORS: u64 = 5;
const BANKS: u64 = 24;
const WAN: i64 = 1_000_000;

/// What was measured.
pub(super) struct Measured(Vec<(&'static str, Spread)>, i64, i64);

impl Measured {
    pub(super) fn json(&self) -> Value {
        let spreads = self.0.iter().map(|(name, spread)| ((*name).to_owned(), json!(spread)));
        let mut all: serde_json::Map<String, Value> = spreads.collect();
        all.insert("contracts".into(), json!(self.1));
        all.insert("events".into(), json!(self.2));
        Value::Object(all)
    }
}

/// Fills the ledgers unless they hold something, and asks.
pub(super) async fn measure(store: &Store, city: &City, (n, events): (u64, u64), times: usize) -> Result<Measured> {
    if count(store, "guarantee_contract").await? == 0 {
        fill(store, city, n, events).await?;
    }
    let (held, posted) = (count(store, "guarantee_contract").await?, count(store, "guarantee_event").await?);
    println!("ledgers: {held} contracts, {posted} events");
    let guarantor = city.nth(city.guarantors());
    let mut dice = Dice::new(71);
    let mut spreads = Vec::new();
    let asked = repeat(5, times, async |_| {
        let on = random_day(&mut dice);
        totals::balances(&store.read().await?, &Scope::All, Ledger::Guarantee, on).await.map(drop)
    });
    spreads.push(("in_force_by_unit_and_guarantor", asked.await?.spread()));
    let filters = |i: usize| Filters {
        state: ["", "in_force", ""][i % 3].to_owned(),
        after: (i % 3 == 2).then_some((None, ContractId(held / 2))),
        limit: 51,
        ..Filters::default()
    };
    let asked = repeat(5, times, async |i| {
        contracts::list(&store.read().await?, &Scope::Own(guarantor), &filters(i)).await.map(drop)
    });
    spreads.push(("portfolio_page", asked.await?.spread()));
    let asked = repeat(2, times.min(50), async |_| {
        let due = Filters { due_by: Some(random_day(&mut dice)), limit: 51, ..Filters::default() };
        contracts::list(&store.read().await?, &Scope::Own(guarantor), &due).await.map(drop)
    });
    spreads.push(("due_page", asked.await?.spread()));
    let asked = repeat(2, times.min(50), async |_| {
        let on = random_day(&mut dice);
        totals::bulletin(&store.read().await?, &Scope::All, Ledger::Guarantee, on).await.map(drop)
    });
    spreads.push(("bulletin", asked.await?.spread()));
    let asked = repeat(1, 5, async |_| {
        let (on, small) = (random_day(&mut dice), Fen(500 * WAN));
        totals::households(&store.read().await?, &Scope::All, Ledger::Guarantee, on, small).await.map(drop)
    });
    spreads.push(("households", asked.await?.spread()));
    spreads.push(("entry", entries(store, held, times.min(200)).await?));
    for (name, spread) in &spreads {
        println!("ledgers {name}: {spread}");
    }
    Ok(Measured(spreads, held, posted))
}

/// Fees entered through the module, one act each.
async fn entries(store: &Store, held: i64, times: usize) -> Result<Spread> {
    let actor = Actor::system("性能测试");
    let mut dice = Dice::new(72);
    let asked = repeat(2, times, async |_| {
        let contract = ContractId(1 + dice.below(held.unsigned_abs()) as i64);
        let read = store.read().await?;
        let on = contracts::find(&read, &Scope::All, contract).await?.signed_on;
        drop(read);
        let step = Step { event: Event::Fee, on, amount: Fen(100), interest: Fen(0), due_on: None };
        let (account, document, note) = ("guarantee_fee".to_owned(), String::new(), String::new());
        let entry = Entry { contract, seen: None, step, account, document, note, maker: None };
        store.write(&actor, async |tx| contracts::post(tx, &Scope::All, &entry).await.map(drop)).await
    });
    Ok(asked.await?.spread())
}

async fn count(store: &Store, table: &str) -> Result<i64> {
    store.read().await?.one(&*format!("SELECT COUNT(*) AS n FROM {table}")).await?.int("n")
}

async fn fill(store: &Store, city: &City, n: u64, events: u64) -> Result<()> {
    let actor = Actor::system("性能测试");
    let guarantors: Vec<OrgId> = (0..GUARANTORS).map(|i| city.nth(city.guarantors() + i)).collect();
    let standing = Standing {
        as_on: Day::from_ymd_opt(2010, 1, 1).unwrap_or_default(),
        net_assets: Fen(1_000_000_000 * WAN / 1_000),
        reserve: Fen(0),
        mainly_small: true,
        source: "性能测试".into(),
    };
    let mut record_id = None;
    store
        .write(&actor, async |tx| {
            for operator in &guarantors {
                let new = NewStanding { operator: *operator, standing: standing.clone() };
                agreements::stand(tx, &Scope::All, &new).await?;
            }
            record_id = Some(record::enter(tx, "guarantee", "性能测试", "", "").await?);
            Ok(())
        })
        .await?;
    let record = record_id.ok_or_else(|| Error::Internal("no record".into()))?.0;
    let each = (events / n.max(1)).max(2);
    let mut dice = Dice::new(70);
    let bar = progress("contracts", n);
    let mut next = 0;
    while next < n {
        let end = (next + BATCH).min(n);
        let plans: Vec<Plan> = (next..end).map(|i| Plan::draw(i, each, city, &guarantors, &mut dice)).collect();
        store
            .write(&actor, async |tx| {
                for plans in plans.chunks(ROWS / 4) {
                    tx.run(Plan::contracts(plans, each, record, tx.now())).await?;
                }
                for plan in plans.chunks(ROWS / each as usize + 1) {
                    tx.run(Plan::events(plan, each, record, tx.now())).await?;
                }
                Ok(())
            })
            .await?;
        next = end;
        bar.set_position(next);
    }
    bar.finish_and_clear();
    store.write(&actor, async |tx| contracts::rebuild(tx).await).await
}

/// A contract: paid out on its first day, a fee, then equal repayments.
struct Plan {
    id: i64,
    operator: OrgId,
    subject: OrgId,
    bank: OrgId,
    unit: i64,
    principal: i64,
    on: Day,
}

impl Plan {
    fn draw(i: u64, each: u64, city: &City, guarantors: &[OrgId], dice: &mut Dice) -> Self {
        // A multiple of the number of repayments, so that every second contract ends at nothing.
        let principal = (each as i64 - 2).max(1) * 2 * (3 + dice.below(50) as i64) * WAN;
        let on = random_day(dice).max(first_day());
        let (subject, operator) = (city.firm(dice), *dice.pick(guarantors));
        let (bank, unit) = (city.nth(dice.below(BANKS)), 1 + dice.below(7) as i64);
        Self { id: i as i64 + 1, operator, subject, bank, unit, principal, on }
    }

    /// What a repayment is: every second contract keeps half.
    fn part(&self, each: u64) -> i64 {
        let parts = (each as i64 - 2).max(1);
        let all = if self.id % 2 == 0 { self.principal } else { self.principal / 2 };
        all / parts
    }

    fn contracts(plans: &[Self], each: u64, record: i64, now: chrono::DateTime<chrono::Utc>) -> Sql {
        let mut sql = Sql::new(
            "INSERT INTO guarantee_contract (id, ledger, operator_id, subject_id, counterparty_id, unit_id, number, product, \
             principal_fen, is_small, rate_bp, fee_bp, signed_on, matures_on, split, edition, person_tail, underlying, renewal, \
             record_id, recorded_at, recorded_by, issued_fen, repaid_fen, outstanding_fen, fee_fen, events, due_on) VALUES ",
        );
        for (i, plan) in plans.iter().enumerate() {
            sql.push(if i == 0 { "(" } else { ", (" }).bind(plan.id).push(", 1, ").bind(plan.operator).push(", ");
            sql.bind(plan.subject).push(", ").bind(plan.bank).push(", ").bind(plan.unit).push(", ");
            sql.bind(format!("测〔{}〕{}", plan.on.format("%Y"), plan.id)).push(", 'ordinary', ").bind(plan.principal);
            sql.push(", ").bind(i64::from(plan.principal <= 500 * WAN)).push(", 435, 80, ").bind(plan.on).push(", ");
            sql.bind(plan.on + chrono::Days::new(365))
                .push(", 'guarantor:4000,reguarantor:3000,bank:2000,government:1000', ");
            sql.push("'hubei-2019', '', '', '', ").bind(record).push(", ").bind(now).push(", '性能测试', ");
            let repaid = plan.part(each) * (each as i64 - 2);
            for number in [plan.principal, repaid, plan.principal - repaid, plan.principal / 125, each as i64] {
                sql.bind(number).push(", ");
            }
            sql.bind(plan.on + chrono::Days::new(365)).push(")");
        }
        sql
    }

    fn events(plans: &[Self], each: u64, record: i64, now: chrono::DateTime<chrono::Utc>) -> Sql {
        let mut sql = Sql::new(
            "INSERT INTO guarantee_event (contract_id, seq, event, occurred_on, amount_fen, interest_fen, account, document, note, \
             moved_n, moved_fen, record_id, recorded_at, recorded_by, account_id, checked_by) VALUES ",
        );
        let rows = plans.iter().flat_map(|plan| (0..each).map(move |seq| (plan, seq)));
        for (i, (plan, seq)) in rows.enumerate() {
            let part = plan.part(each);
            let ends = seq + 1 == each && part * (each as i64 - 2) == plan.principal;
            let (event, amount, moved) = match seq {
                0 => ("issued", plan.principal, (1, plan.principal)),
                1 => ("fee", plan.principal / 125, (0, 0)),
                _ => ("repaid", part, (-i64::from(ends), -part)),
            };
            sql.push(if i == 0 { "(" } else { ", (" }).bind(plan.id).push(", ").bind(seq as i64 + 1).push(", ");
            sql.bind(event)
                .push(", ")
                .bind(plan.on + chrono::Days::new(seq * 30))
                .push(", ")
                .bind(amount)
                .push(", 0, ");
            sql.bind(if event == "fee" { "guarantee_fee" } else { "" }).push(", '', '', ").bind(moved.0).push(", ");
            sql.bind(moved.1).push(", ").bind(record).push(", ").bind(now).push(", '性能测试', 0, '')");
        }
        sql
    }
}
