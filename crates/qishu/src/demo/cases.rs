//! Cases that wait for whoever tries the demonstration. They are opened on the day it is loaded, not on a day of the
//! year 2021: a desk on which everything is years late would teach nothing. They write no facts.

use kernel::access::{Actor, find_person, list_accounts};
use kernel::case::{self, Doing, Values};
use kernel::id::{CaseId, OrgId};
use kernel::store::Store;
use kernel::{Error, Result, args};
use registry::changes::FLOW;

/// Opens three change requests: one just asked for, one sent back to its enterprise, one accepted.
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
    act(store, &bureau, accepted, "accept", "", &[]).await
}

pub(super) async fn actor(store: &Store, login: &str) -> Result<Actor> {
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
