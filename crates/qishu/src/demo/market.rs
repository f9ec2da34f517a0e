//! Products, demands and answers for whoever tries the demonstration, opened on the day it is loaded.
//!
//! What they write is dated on that day, so that figures about the year 2021 stay as they are.

use kernel::access::Actor;
use kernel::case::{self, Doing, Values};
use kernel::id::{CaseId, OrgId};
use kernel::store::Store;
use kernel::{Error, Result};
use money::finance::{ANSWERS, DEMANDS, PRODUCT, REGISTRATION};

use super::cases::{actor, values};

/// What a product of the demonstration says besides its own words.
const COMMON: [(&str, &str); 6] = [
    ("months", "24"),
    ("repayment", "end"),
    ("materials", "营业执照、近两年财务报表、纳税证明（演示）"),
    ("accept_days", "2"),
    ("decide_days", "7"),
    ("units", ""),
];

/// Name, least and most in 万元, rates in basis points, way of security, sizes.
const PRODUCTS: [[&str; 7]; 2] = [
    ["演示流水贷", "10", "300", "420", "600", "credit", "微型 小型 中型"],
    ["演示设备贷", "100", "2000", "385", "520", "mortgage", ""],
];

/// Puts two products on sale; publishes two demands of the enterprise: one that waits for its bank and another one, and
/// one for which the bank has made an offer.
pub(super) async fn open_some(store: &Store) -> Result<()> {
    let (enterprise, bank) = (actor(store, "qiye").await?, actor(store, "yinhang").await?);
    let officer = actor(store, "jingban").await?;
    let none = || Error::Internal("demo: an account has no organisation".into());
    let (own, by) = (enterprise.org.ok_or_else(none)?, bank.org.ok_or_else(none)?);
    for product in PRODUCTS {
        let id = open(store, &bank, PRODUCT.code, by, &terms(&product)).await?;
        act(store, &officer, id, "publish", &[]).await?;
    }
    match open(store, &enterprise, REGISTRATION.code, own, &[]).await {
        // It was registered in 2021 already.
        Ok(_) | Err(Error::Conflict(_)) => {}
        Err(other) => return Err(other),
    }
    let first = demand(store, &enterprise, own, "320", "购买生产设备（演示）").await?;
    ask(store, &enterprise, (own, first, by), "320", "购买生产设备（演示）").await?;
    let others = case::bodies(&store.read().await?, &ANSWERS, own).await?;
    if let Some(other) = others.iter().find(|body| body.org != by) {
        ask(store, &enterprise, (own, first, other.org), "320", "购买生产设备（演示）").await?;
    }
    let second = demand(store, &enterprise, own, "80", "补充流动资金（演示）").await?;
    let answer = ask(store, &enterprise, (own, second, by), "80", "补充流动资金（演示）").await?;
    act(store, &bank, answer, "accept", &[]).await?;
    let offer = [("offered", "80"), ("term", "12"), ("rate", "435"), ("fee", "0.2"), ("repayment", "end")];
    act(store, &bank, answer, "offer", &offer).await
}

fn terms<'a>(product: &[&'a str; 7]) -> Vec<(&'a str, &'a str)> {
    let fields = ["name", "least", "most", "least_rate", "most_rate", "way", "sizes"];
    fields.into_iter().zip(product.iter().copied()).chain(COMMON).collect()
}

async fn demand(store: &Store, by: &Actor, own: OrgId, wan: &str, purpose: &str) -> Result<CaseId> {
    let typed = [("amount", wan), ("months", "12"), ("most_rate", "500"), ("way", "credit"), ("purpose", purpose)];
    open(store, by, DEMANDS.code, own, &typed).await
}

async fn ask(
    store: &Store,
    by: &Actor,
    (own, demand, bank): (OrgId, CaseId, OrgId),
    wan: &str,
    purpose: &str,
) -> Result<CaseId> {
    let (demand, bank) = (demand.to_string(), bank.to_string());
    let typed =
        [("demand", demand.as_str()), ("bank", bank.as_str()), ("amount", wan), ("months", "12"), ("purpose", purpose)];
    open(store, by, ANSWERS.code, own, &typed).await
}

async fn open(store: &Store, by: &Actor, flow: &str, subject: OrgId, typed: &[(&str, &str)]) -> Result<CaseId> {
    let typed = values(typed);
    store.write(by, async |tx| case::open(tx, flow, subject, &typed, "").await).await
}

async fn act(store: &Store, by: &Actor, id: CaseId, action: &str, typed: &[(&str, &str)]) -> Result<()> {
    let revision = case::find(&store.read().await?, by, id).await?.revision;
    let (typed, remarks) = (values(typed), Values::new());
    let doing = Doing { action, revision, values: &typed, note: "", remarks: &remarks };
    store.write(by, async |tx| case::act(tx, id, doing).await).await.map(drop)
}
