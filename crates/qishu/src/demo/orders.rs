//! Orders for diagnoses that wait for whoever tries the demonstration, opened on the day it is loaded. They stop before
//! the enterprise confirms, so that they write no facts.

use chrono::Datelike;
use kernel::access::{Actor, Scope};
use kernel::case::{self, Doing, Values};
use kernel::id::{CaseId, OrgId};
use kernel::store::{Store, Tx};
use kernel::{Error, Result, args};
use transform::diagnosis::history::{Papers, enter_papers};
use transform::diagnosis::{ORDER, SELECTION};

use super::cases::actor;
use super::papers;

/// Prolongs the selection of the institutions, and opens four orders: one for the enterprise to confirm, one for the
/// institution to take, one it works on, and two that wait to be sent.
pub(super) async fn open_some(store: &Store) -> Result<()> {
    let (enterprise, institution) = (actor(store, "qiye").await?, actor(store, "jigou").await?);
    let bureau = actor(store, "jingban").await?;
    let none = || Error::Internal("demo: an account has no organisation".into());
    let (own, by) = (enterprise.org.ok_or_else(none)?, institution.org.ok_or_else(none)?);
    store.write(&bureau, async |tx| prolong(tx).await).await?;
    let others = firms(store, own).await?;
    let order =
        async |firm: OrgId, to: bool| store.write(&bureau, async |tx| opened(tx, firm, to.then_some(by)).await).await;
    let mine = order(own, true).await?;
    work(store, &institution, mine, true).await?;
    for (nth, firm) in others.into_iter().enumerate() {
        let id = order(firm, nth < 2).await?;
        if nth == 1 {
            work(store, &institution, id, false).await?;
        }
    }
    Ok(())
}

/// The institutions stay selected until the end of next year.
async fn prolong(tx: &mut Tx) -> Result<()> {
    let until = format!("{}-12-31", tx.today().year() + 1);
    for selected in case::list(tx, &Scope::All, SELECTION.code, Some("selected"), None, 100).await? {
        let typed = values(&[("valid_to", &until), ("quota", "60")]);
        act(tx, selected.id, selected.revision, "adjust", &typed, "续聘（演示）").await?;
    }
    Ok(())
}

async fn opened(tx: &mut Tx, firm: OrgId, to: Option<OrgId>) -> Result<CaseId> {
    let year = tx.today().year().to_string();
    let asked = values(&[("plan_year", &year), ("wish", "想知道先从哪里改起")]);
    let id = case::open(tx, ORDER.code, firm, &asked, "").await?;
    if let Some(to) = to {
        act(tx, id, 1, "assign", &values(&[("institution", &to.to_string())]), "").await?;
    }
    Ok(id)
}

/// The institution works on an order, and delivers it.
async fn work(store: &Store, institution: &Actor, id: CaseId, delivers: bool) -> Result<()> {
    store
        .write(institution, async |tx| {
            let today = tx.today().to_string();
            act(tx, id, 2, "take", &Values::new(), "").await?;
            act(tx, id, 3, "enter", &values(&[("on_site_on", &today)]), "").await?;
            if delivers {
                enter_papers(tx, id, &Papers { ..papers::of(5, "33") }).await?;
                let typed = values(&[("report_no", "演示诊断第1号"), ("reported_on", &today)]);
                act(tx, id, 4, "deliver", &typed, "").await?;
            }
            Ok(())
        })
        .await
}

async fn act(tx: &mut Tx, id: CaseId, revision: i64, action: &str, typed: &Values, note: &str) -> Result<()> {
    let remarks = Values::new();
    case::act(tx, id, Doing { action, revision, values: typed, note, remarks: &remarks }).await.map(drop)
}

fn values(pairs: &[(&str, &str)]) -> Values {
    pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
}

/// Four enterprises besides one.
async fn firms(store: &Store, besides: OrgId) -> Result<Vec<OrgId>> {
    let sql = "SELECT id FROM organisation WHERE kind = 'enterprise' AND credit_code IS NOT NULL AND id <> $1 \
               AND merged_into IS NULL AND status = '存续' ORDER BY id LIMIT 4";
    let rows = store.read().await?.all((sql, args![besides])).await?;
    rows.iter().map(|row| row.get("id").map(OrgId)).collect()
}
