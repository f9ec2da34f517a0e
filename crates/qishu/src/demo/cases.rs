//! Cases that wait for whoever tries the demonstration. They are opened on the day it is loaded, not on a day of the
//! year 2021: a desk on which everything is years late would teach nothing. They write no facts.

use kernel::access::{Actor, Scope, find_person, list_accounts};
use kernel::case::{self, Doing, Values};
use kernel::id::{CaseId, OrgId};
use kernel::store::Store;
use kernel::value::money::Fen;
use kernel::{Error, Result, args};
use money::guarantee::COMPENSATION_FLOW;
use money::guarantee::contracts::{self, Entry, Filters};
use money::guarantee::rules::{Event, Ledger, Step};
use registry::changes::FLOW;

use super::days::LAST;
use super::share::WAN;

/// Opens three change requests: one just asked for, one sent back to its enterprise, one accepted; and what waits for the
/// guarantor.
pub(super) async fn open_some(store: &Store) -> Result<()> {
    let (enterprise, county, bureau) =
        (actor(store, "qiye").await?, actor(store, "daye").await?, actor(store, "jingban").await?);
    let own = enterprise.org.ok_or_else(|| Error::Internal("demo: the enterprise's account has no firm".into()))?;
    let back = ask(store, &enterprise, own, &["address", "演示工业园二路8号", "2021-08-02", "变更登记通知书"]).await?;
    act(store, &bureau, back, "return", "请写明通知书的文号", &[("source", "缺文号")]).await?;
    let unit = county.units.first().map_or(0, |unit| unit.0);
    let mut others = firms_of(store, unit, own).await?.into_iter();
    let (Some(waiting), Some(done)) = (others.next(), others.next()) else { return Ok(()) };
    ask(store, &county, waiting, &["park", "演示新材料产业园", "2021-07-01", "入园协议 演示〔2021〕3号"]).await?;
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

async fn actor(store: &Store, login: &str) -> Result<Actor> {
    let read = store.read().await?;
    let accounts = list_accounts(&read, login, "", 10).await?;
    let found = accounts.iter().find(|account| account.login == login);
    let found = found.ok_or_else(|| Error::Internal(format!("demo: no account {login}")))?;
    Ok(find_person(&read, found.id, "").await?.actor())
}

/// Two enterprises of a unit besides one.
async fn firms_of(store: &Store, unit: i64, besides: OrgId) -> Result<Vec<OrgId>> {
    let sql = "SELECT id FROM organisation WHERE unit_id = $1 AND kind = 'enterprise' AND id <> $2 AND merged_into IS NULL \
               ORDER BY id LIMIT 2";
    let rows = store.read().await?.all((sql, args![unit, besides])).await?;
    rows.iter().map(|row| row.get("id").map(OrgId)).collect()
}

fn values(pairs: &[(&str, &str)]) -> Values {
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
