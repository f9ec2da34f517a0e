//! The demonstration city "Huangshi 2021": made up, deterministic, and true to every figure of the reply.
//!
//! # How totals are met
//!
//! No figure is stored. The generator writes records and facts, and the figures come out of them.
//!
//! - Definitions are in `demo/huangshi-2021/`: units, targets, accounts, the bodies that the reply names.
//!   Everybody else is made up ([`names`]), with credit codes of the unassigned region 420299.
//! - Every area writes its totals as constants at the top of its file (153 firms, 40 亿元 …).
//!   Counts are met by choosing so many firms; amounts by cutting the total into unequal shares within
//!   bounds that add up to it to the fen ([`share`]).
//! - What must lie within something else is built from it: who is granted is chosen among those that asked,
//!   those among the registered; what is paid out has the grant as its upper bound.
//! - Parts that are not free follow: other income is the total less the fees that the loans bring.
//! - Beside what counts stands what does not: pilots of earlier years, firms below designated size,
//!   lapsed services, facts after the end of June, wrong entries that were reversed.
//!   They change no figure of the reply, and give "why is it not in this number" something to say.
//! - All acts go into one [`script`], each with the day on which it was written down, and are played in that
//!   order ([`player`]), so that the ledger's days are real: mostly within five days, some weeks late.
//!   The platform starts on 28 December 2020 by taking over the ledgers of earlier years.
//! - Floors have an exact value above them: 53 apps, 1,523 firms on the cloud, 12,486 reads,
//!   2,168 万元 of the city, 5,360 万元 of the counties; the number of enterprise platforms, not given, is 6.
//!
//! Each area draws from its own stream of numbers, so that a change in one leaves the others as they were.

mod bridge;
mod building;
mod cases;
mod cast;
pub mod city;
mod cloud;
mod contracts;
mod credit;
mod days;
mod diagnosis;
mod enterprises;
mod finance;
mod funds;
mod govern;
mod guarantee;
mod honours;
mod market;
mod names;
mod orders;
mod papers;
mod player;
mod projects;
mod proposals;
mod random;
mod script;
mod service;
mod share;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use insight::reply::publish::Prepared;
use kernel::access::Actor;
use kernel::id::{NoticeId, OrgId};
use kernel::publication;
use kernel::store::{Store, Tx};
use kernel::{Error, Result};

use cast::Cast;
use script::Script;

/// Fills an empty store with the demonstration city.
///
/// # Errors
/// [`Error::Conflict`] when the store holds anything already; nothing is written then.
pub async fn load(store: &Store, progress: &dyn Fn(&str, u64, u64)) -> Result<()> {
    let city = city::read()?;
    let start = player::instant(days::GO_LIVE, -1)?;
    store
        .write_at(start, &Actor::system("演示数据"), async |tx| {
            refuse_unless_empty(tx).await?;
            city::found(tx, &city).await?;
            // Officers check from the first day on; people of organisations follow when these are registered.
            city::open_accounts(tx, &city, None).await
        })
        .await?;
    let mut script = Script::default();
    let cast = rehearse(&mut script, &city)?;
    let (enterprise, bank) = (cast.firms.first().map(|f| f.who), cast.banks.first().map(|b| b.who));
    let institution = cast.institutions.first().map(|i| i.who);
    let guarantor = Some(cast.guarantor.who);
    let officer = cases::actor(store, "jingban").await?;
    let given = player::play(store, script, &officer, progress).await?;
    let id = |who: Option<usize>| -> Result<OrgId> {
        let id = who.and_then(|who| given.get(who).copied().flatten());
        id.ok_or_else(|| Error::Internal("demo: nobody plays this part".into()))
    };
    let parts = city::Parts {
        enterprise: id(enterprise)?,
        bank: id(bank)?,
        institution: id(institution)?,
        guarantor: id(guarantor)?,
    };
    let end = player::instant(days::LAST, 0)? + TimeDelta::hours(9);
    progress("开通演示账号", 0, city.account.len() as u64);
    store
        .write_at(end, &Actor::system("演示数据"), async |tx| city::open_accounts(tx, &city, Some(&parts)).await)
        .await?;
    progress("开通演示账号", city.account.len() as u64, city.account.len() as u64);
    publish_reply(store, end + TimeDelta::minutes(3)).await?;
    progress("发布答复件", 1, 1);
    proposals::answer(store, end + TimeDelta::minutes(5)).await?;
    progress("答复提案", 1, 1);
    // What went on before is no news to the officer who handled it.
    kernel::notice::read_all(store, officer.account, NoticeId(i64::MAX)).await?;
    cases::open_some(store).await?;
    orders::open_some(store).await?;
    market::open_some(store).await?;
    Ok(())
}

/// Publishes the reply on its day, by the same acts as the button on its page.
async fn publish_reply(store: &Store, at: DateTime<Utc>) -> Result<()> {
    let read = store.read().await?;
    let prepared = insight::reply::publish::prepare(&read, crate::figures::city()?, days::LAST, read.head()?).await?;
    drop(read);
    let reasons: HashMap<String, String> = prepared
        .notes
        .iter()
        .filter(|note| !note.holds)
        .filter_map(|note| Some((note.key(), released(&note.rule)?.to_owned())))
        .collect();
    let Prepared { draft, figures, notes, .. } = prepared;
    store
        .write_at(at, &Actor::system("市局领导（演示）"), async |tx| {
            publication::enter(tx, &draft, figures, notes, &reasons).await
        })
        .await?;
    Ok(())
}

/// Why a break of a rule was let pass when the reply was signed.
fn released(rule: &str) -> Option<&'static str> {
    match rule {
        "projects.types_add_up" => Some("有两个在库项目的类型尚待核定，核定后归入相应分类"),
        "city.diagnoses_are_funded" => Some("完成数与资金支持数口径不同：清单所列企业已完成诊断，列入下一批资金支持"),
        _ => None,
    }
}

/// How to sign in to the demonstration, a line each; nothing when the store is not one.
///
/// # Errors
/// As the database says.
pub async fn sign_in_help(store: &Store) -> Result<Vec<String>> {
    let read = store.read().await?;
    let row = read.opt("SELECT value FROM setting WHERE name = 'demo'").await?;
    if row.map(|r| r.text("value")).transpose()?.as_deref() != Some("1") {
        return Ok(Vec::new());
    }
    let city = city::read()?;
    let mut lines = vec![format!("演示账号（口令均为 {}，仅供演示）：", city.password)];
    lines.extend(city.account.iter().map(|a| format!("  {}  {}", a.login, a.name)));
    Ok(lines)
}

async fn refuse_unless_empty(tx: &Tx) -> Result<()> {
    for table in ["unit", "organisation", "account"] {
        let sql = format!("SELECT id FROM {table} LIMIT 1");
        if tx.opt(sql.as_str()).await?.is_some() {
            return Err(Error::Conflict("数据库里已有内容，演示数据只能装入空库；请换一个数据目录".into()));
        }
    }
    Ok(())
}

/// Lets every area put its part into the script.
fn rehearse(script: &mut Script, city: &city::CityFile) -> Result<Cast> {
    let cast = Cast::assemble(script, city, &city::named()?)?;
    govern::plan(script, &cast, city)?;
    let diagnosed = diagnosis::plan(script, &cast)?;
    let projects = projects::plan(&cast);
    building::plan(script, &projects);
    let demonstrations = honours::plan(script, &cast)?;
    cloud::plan(script, &cast)?;
    let registered = finance::plan(script, &cast)?;
    credit::plan(script, &cast, &registered);
    let fees = guarantee::plan(script, &cast);
    bridge::plan(script, &cast, fees);
    funds::plan(script, &cast, &projects, &demonstrations, &diagnosed)?;
    service::plan(script, &cast)?;
    Ok(cast)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::LedgerAct;
    use script::{Act, Entry, Step};

    fn rehearsed() -> Script {
        let mut script = Script::default();
        rehearse(&mut script, &city::read().expect("readable")).expect("every part is played");
        script
    }

    fn entries(script: &Script) -> impl Iterator<Item = (kernel::value::day::Day, &Entry)> {
        script.acts.iter().filter_map(|timed| match &timed.act {
            Act::Enter(_, entry) => Some((timed.when.0, entry)),
            _ => None,
        })
    }

    #[test]
    fn two_rehearsals_are_the_same() {
        assert_eq!(format!("{:?}", rehearsed()), format!("{:?}", rehearsed()));
    }

    #[test]
    fn nothing_is_written_down_before_it_happened_or_after_the_reply() {
        let script = rehearsed();
        for timed in &script.acts {
            if let Act::Ledger(LedgerAct::Move(_, moving)) = &timed.act {
                assert!(moving.on <= timed.when.0, "{moving:?}");
            }
        }
        assert!(script.acts.iter().all(|timed| (days::GO_LIVE..=days::LAST).contains(&timed.when.0)));
        for (on, entry) in entries(&script) {
            assert!(entry.facts.iter().all(|f| f.on <= on), "{}", entry.title);
        }
    }

    #[test]
    fn a_body_that_the_reply_names_never_carries_money() {
        let script = rehearsed();
        let named = |who: usize| script.orgs[who].local_code.as_deref().is_some_and(|c| c.starts_with("HS-NAMED"));
        let facts: Vec<_> = entries(&script).flat_map(|(_, entry)| &entry.facts).filter(|f| f.amount.0 != 0).collect();
        assert!(facts.len() > 500);
        assert!(!facts.iter().any(|f| named(f.who) || f.with.is_some_and(named)));
        let filed = script.acts.iter().filter_map(|timed| match timed.act {
            Act::Case(_, _, Step::Open { flow: "projects.project", who, .. }) => Some(who),
            _ => None,
        });
        let filed: Vec<usize> = filed.collect();
        assert!(filed.len() > 129 && !filed.iter().any(|who| named(*who)));
        let signed = script.acts.iter().filter_map(|timed| match &timed.act {
            Act::Ledger(LedgerAct::Sign(_, signing)) => Some(signing),
            _ => None,
        });
        assert!(signed.clone().count() > 1000);
        assert!(!signed.into_iter().any(|s| [s.subject, s.bank, s.operator].into_iter().any(named)));
    }

    #[test]
    fn only_made_up_bodies_have_credit_codes() {
        for org in rehearsed().orgs {
            let name = org.attributes.iter().find(|(code, _)| code == "name").map(|(_, name)| name.as_str());
            if let Some(code) = org.credit_code {
                assert!(code.get(2..8) == Some("420299") && name.is_some_and(|n| n.ends_with(names::MARK)), "{name:?}");
            }
        }
    }
}
