//! Cases that wait for whoever tries the demonstration, and a consent that one firm once gave and took back.
//!
//! They are opened on the day it is loaded, not on a day of the year 2021: a desk on which everything is years late would
//! teach nothing. They write no facts.

use chrono::{Months, TimeDelta, Utc};
use kernel::access::{Actor, Scope, find_person, list_accounts};
use kernel::background::Rhythm;
use kernel::case::{self, Doing, Values};
use kernel::consent::{self, Edition, NewConsent};
use kernel::id::{CaseId, OrgId};
use kernel::org;
use kernel::store::{Store, Tx};
use kernel::value::day::{self, Day};
use kernel::value::money::Fen;
use kernel::{Error, Result, args};
use money::guarantee::COMPENSATION_FLOW;
use money::guarantee::contracts::{self, Entry, Filters};
use money::guarantee::rules::{Event, Ledger, Step};
use registry::changes::FLOW;

use super::days::LAST;
use super::share::WAN;

/// Opens four change requests: one that nobody has handled for two weeks and of which people were reminded, one sent back
/// to its enterprise, one just asked for, one accepted; files a project; and what waits for the guarantor.
pub(super) async fn open_some(store: &Store) -> Result<()> {
    let (enterprise, county, bureau) =
        (actor(store, "qiye").await?, actor(store, "daye").await?, actor(store, "jingban").await?);
    let own = enterprise.org.ok_or_else(|| Error::Internal("demo: the enterprise's account has no firm".into()))?;
    late(store, &county, own).await?;
    let back = ask(store, &enterprise, own, &["address", "演示工业园二路8号", "2021-08-02", "变更登记通知书"]).await?;
    act(store, &bureau, back, "return", "请写明通知书的文号", &[("source", "缺文号")]).await?;
    file_project(store, &enterprise, own).await?;
    let unit = county.units.first().map_or(0, |unit| unit.0);
    let mut others = firms_of(store, unit, own).await?.into_iter();
    let (Some(waiting), Some(done)) = (others.next(), others.next()) else { return Ok(()) };
    ask(store, &county, waiting, &["park", "演示新材料产业园", "2021-07-01", "入园协议 演示〔2021〕3号"]).await?;
    consent_once(store, &enterprise).await?;
    telephone(store, &county, own).await?;
    let accepted = ask(store, &county, done, &["alias", "演示铸造", "2021-06-01", "企业来函"]).await?;
    act(store, &bureau, accepted, "accept", "", &[]).await?;
    of_the_guarantor(store, &actor(store, "danbao").await?).await
}

/// A large repayment that waits for a second person, and a notice of a bank about the loan that is late.
async fn of_the_guarantor(store: &Store, clerk: &Actor) -> Result<()> {
    let operator = clerk.org.ok_or_else(|| Error::Internal("demo: the guarantor's account has no body".into()))?;
    let read = store.read().await?;
    let of = |state: &str| Filters {
        ledger: Some(Ledger::Guarantee),
        state: state.into(),
        limit: 200,
        ..Filters::default()
    };
    let in_force = contracts::list(&read, &Scope::All, &of("in_force")).await?;
    let late = contracts::list(&read, &Scope::All, &of("overdue")).await?;
    drop(read);
    let amount = Fen(600 * WAN);
    let large = in_force.iter().find(|c| c.book.overdue.0 == 0 && c.book.outstanding() >= amount);
    if let Some(contract) = large {
        let step = Step { event: Event::Repaid, on: LAST, amount, interest: Fen(0), due_on: None };
        let (document, account, note) = ("演示还款回单".to_owned(), String::new(), String::new());
        let entry = Entry { contract: contract.id, seen: None, step, account, document, note, maker: None };
        let scope = clerk.scope(money::guarantee::ENTER);
        store.write(clerk, async |tx| contracts::enter(tx, &scope, &entry).await.map(drop)).await?;
    }
    if let Some(contract) = late.first() {
        let (id, owed) = (contract.id.to_string(), format!("{}元", contract.book.outstanding().yuan()));
        let fields = ["contract", "notified_on", "amount", "interest", "document"];
        let typed = [id.as_str(), "2021-08-10", owed.as_str(), "3.5", "演示代偿通知书〔2021〕2号"];
        let typed = values(&fields.into_iter().zip(typed).collect::<Vec<_>>());
        let flow = COMPENSATION_FLOW.code;
        store.write(clerk, async |tx| case::open(tx, flow, operator, &typed, "").await.map(drop)).await?;
    }
    Ok(())
}

/// How to reach the firm: sealed, masked on its dossier.
async fn telephone(store: &Store, by: &Actor, own: OrgId) -> Result<()> {
    let since = Day::from_ymd_opt(2021, 1, 4).unwrap_or_default();
    let told = async |tx: &mut Tx| {
        org::assert(tx, own, "contact_phone", "0714-5550100", since, None, "企业来函（演示）").await
    };
    store.write(by, told).await.map(drop)
}

/// A consent that has been taken back, so that the bank begins without any.
async fn consent_once(store: &Store, enterprise: &Actor) -> Result<()> {
    let bank = actor(store, "yinhang").await?.org;
    store
        .write(enterprise, async |tx| {
            let today = tx.today();
            let new = NewConsent {
                recipient: bank,
                items: vec!["org.years".into(), "finance".into()],
                purpose: "申请流动资金贷款（演示）".into(),
                valid_from: today,
                valid_to: today.checked_add_months(Months::new(3)).unwrap_or(today),
                text: Edition::on(today).map(Edition::digest).unwrap_or_default(),
            };
            let id = consent::give(tx, &new).await?;
            consent::revoke(tx, id, "贷款已经放下来了（演示）").await
        })
        .await
}

/// A request of two weeks ago, and the reminders of the mornings since.
async fn late(store: &Store, by: &Actor, org: OrgId) -> Result<()> {
    let (now, days) = (Utc::now(), 14);
    let typed = [("attribute", "alias"), ("value", "演示一厂"), ("valid_from", "2021-07-01"), ("source", "企业来函")];
    let typed = values(&typed);
    let open = async |tx: &mut Tx| case::open(tx, FLOW.code, org, &typed, "").await;
    store.write_at(now - TimeDelta::days(days), by, open).await?;
    let hours = Rhythm::read(&store.read().await?).await?.hours;
    for ago in (0..days).rev() {
        let on = day::today(now - TimeDelta::days(ago));
        let morning = day::at(on, hours.digest);
        if hours.is_for_digests(on, hours.digest) && morning < now {
            store.write_at(morning, &Actor::system("催办"), async |tx| case::climb(tx).await).await?;
        }
    }
    Ok(())
}

/// Whoever signs in with this login.
pub(super) async fn actor(store: &Store, login: &str) -> Result<Actor> {
    let read = store.read().await?;
    let accounts = list_accounts(&read, login, "", 10).await?;
    let found = accounts.iter().find(|account| account.login == login);
    let found = found.ok_or_else(|| Error::Internal(format!("demo: no account {login}")))?;
    Ok(find_person(&read, found.id, "").await?.actor())
}

/// A project that waits to be checked.
async fn file_project(store: &Store, by: &Actor, org: OrgId) -> Result<()> {
    let plan = values(&[
        ("name", "装配线数字化改造项目"),
        ("type", "line"),
        ("invest", "680"),
        ("start_on", "2021-09-01"),
        ("end_on", "2022-03-31"),
        ("milestones", "设备采购 2021-10-31\n设备安装 2021-12-31\n联调试产 2022-02-28"),
        ("equipment", "装配机器人 4 360\n控制系统 1 120"),
        ("source", "diagnosis"),
        ("diagnosis", "智能化诊断报告建议（演示）"),
        ("contact", "项目负责人（演示）"),
    ]);
    store.write(by, async |tx| case::open(tx, "projects.project", org, &plan, "").await).await.map(drop)
}

/// Two enterprises of a unit besides one.
async fn firms_of(store: &Store, unit: i64, besides: OrgId) -> Result<Vec<OrgId>> {
    let sql = "SELECT id FROM organisation WHERE unit_id = $1 AND kind = 'enterprise' AND id <> $2 AND merged_into IS NULL \
               ORDER BY id LIMIT 2";
    let rows = store.read().await?.all((sql, args![unit, besides])).await?;
    rows.iter().map(|row| row.get("id").map(OrgId)).collect()
}

pub(super) fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

async fn ask(store: &Store, by: &Actor, org: OrgId, typed: &[&str; 4]) -> Result<CaseId> {
    let fields = ["attribute", "value", "valid_from", "source"];
    let typed = values(&fields.into_iter().zip(typed.iter().copied()).collect::<Vec<_>>());
    store.write(by, async |tx| case::open(tx, FLOW.code, org, &typed, "").await).await
}

async fn act(store: &Store, by: &Actor, id: CaseId, action: &str, note: &str, remarks: &[(&str, &str)]) -> Result<()> {
    let (nothing, remarks) = (Values::new(), values(remarks));
    let doing = Doing { action, revision: 1, values: &nothing, note, remarks: &remarks };
    store.write(by, async |tx| case::act(tx, id, doing).await).await.map(drop)
}
