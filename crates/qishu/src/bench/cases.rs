//! Lists and bulk actions: a hundred thousand cases listed as the page does, ten thousand of them decided at once.

use std::time::{Duration, Instant};

use kernel::access::{Actor, NewAccount, Permission, create_account, find_person};
use kernel::case::{self, Values};
use kernel::id::{AccountId, CaseId, OrgId};
use kernel::list;
use kernel::store::Store;
use kernel::{Error, Result};
use serde_json::{Value, json};

use super::dice::Dice;
use super::timing::{Spread, repeat};

/// The flow measured.
const FLOW: &str = "registry.change";
/// Cases that are listed, or as many as there are organisations.
const CASES: u64 = 100_000;
/// Cases that are decided at once.
const AT_ONCE: usize = 10_000;
/// Cases opened in one act.
const OPENED: usize = 500;

/// What was measured.
pub(super) struct Measured {
    pub cases: usize,
    pub pages: Spread,
    pub draft: Duration,
    pub bulk: Duration,
    pub at_once: usize,
}

impl Measured {
    pub(super) fn json(&self) -> Value {
        json!({
            "cases": self.cases, "at_once": self.at_once,
            "draft_s": self.draft.as_secs_f64(), "bulk_s": self.bulk.as_secs_f64(),
        })
    }
}

/// Opens cases where none are kept, lists them, and decides a part of them at once.
///
/// # Errors
/// [`Error::Conflict`] when a case that should be decided is refused.
pub(super) async fn measure(store: &Store, orgs: u64, times: usize) -> Result<Measured> {
    let cases = opened(store, orgs.min(CASES)).await?;
    let pages = pages(store, times).await?;
    let (draft, bulk, at_once) = decided(store, &cases).await?;
    Ok(Measured { cases: cases.len(), pages, draft, bulk, at_once })
}

async fn opened(store: &Store, orgs: u64) -> Result<Vec<CaseId>> {
    let asker = Actor { account: AccountId(i64::MAX), ..Actor::system("测量") };
    let typed = [("attribute", "park"), ("value", "开发园"), ("valid_from", "2021-02-01"), ("source", "入园协议")];
    let typed: Values = typed.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    let sql = "SELECT id FROM organisation WHERE merged_into IS NULL ORDER BY id LIMIT $1";
    let subjects = store.read().await?.all((sql, kernel::args![orgs as i64])).await?;
    let subjects = subjects.iter().map(|row| row.get("id").map(OrgId)).collect::<Result<Vec<_>>>()?;
    let bar = super::progress("cases", subjects.len() as u64);
    let mut cases = Vec::new();
    for some in subjects.chunks(OPENED) {
        let opened = store.write(&asker, async |tx| {
            let mut opened = Vec::new();
            for subject in some {
                opened.push(case::open(tx, FLOW, *subject, &typed, "").await?);
            }
            Ok(opened)
        });
        cases.extend(opened.await?);
        bar.inc(some.len() as u64);
    }
    bar.finish_and_clear();
    Ok(cases)
}

/// Pages as they are asked for: the first, sorted, narrowed, searched, and somewhere in the middle; each with its count.
async fn pages(store: &Store, times: usize) -> Result<Spread> {
    let read = store.read().await?;
    let units: Vec<_> = kernel::org::units(&read).await?.into_iter().map(|u| (u.id.to_string(), u.name)).collect();
    let flow = store.catalog().newest_flow(FLOW).ok_or(Error::NotFound)?;
    let listing = case::listing(store.catalog(), flow, units.clone());
    let newest = read.one("SELECT MAX(id) AS n FROM case_file").await?.int("n")?;
    drop(read);
    let may = |_: Permission| true;
    let mut dice = Dice::new(41);
    let asked = repeat(20, times, async |i| {
        let unit = dice.pick(&units).0.clone();
        let middle = (1 + dice.below(newest.max(2) as u64 - 1) as i64).to_string();
        let pairs: Vec<(&str, String)> = match i % 6 {
            0 => vec![],
            1 => vec![("sort", "due".into())],
            2 => vec![("sort", "-opened".into())],
            3 => vec![("unit", unit)],
            4 => vec![("after", middle)],
            _ => vec![("state", "asked".into()), ("unit", unit), ("sort", "due".into())],
        };
        let pairs: Vec<(String, String)> = pairs.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        let read = store.read().await?;
        let scope = kernel::access::Scope::All;
        let asked = listing.asked(&pairs, &may)?;
        list::page(&read, &listing, &scope, &asked, &may).await?;
        list::count(&read, &listing, &scope, &asked).await?;
        Ok(())
    });
    Ok(asked.await?.spread())
}

async fn decided(store: &Store, cases: &[CaseId]) -> Result<(Duration, Duration, usize)> {
    let new = NewAccount {
        login: "bench-bulk",
        name: "测量",
        role: "bureau_officer",
        password: "a-password-for-measuring",
        unit: None,
        org: None,
    };
    let account = store.write(&Actor::system("测量"), async |tx| create_account(tx, new).await).await?;
    let actor = find_person(&store.read().await?, account, "").await?.actor();
    let some = &cases[..cases.len().min(AT_ONCE)];
    let begun = Instant::now();
    let bulk = store.write(&actor, async |tx| case::draft(tx, FLOW, "accept", some, "测量").await).await?;
    let draft = begun.elapsed();
    store.write(&actor, async |tx| case::start(tx, bulk, &Values::new(), "").await).await?;
    let begun = Instant::now();
    case::run(store, bulk).await?;
    let spent = begun.elapsed();
    let read = store.read().await?;
    let counted = case::find_bulk(&read, &actor, bulk).await?.count(&read).await?;
    if counted.done != some.len() as i64 {
        return Err(Error::Conflict(format!("{} 件中只办成 {} 件", some.len(), counted.done)));
    }
    Ok((draft, spent, some.len()))
}
