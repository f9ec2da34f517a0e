//! Who may: what a permission costs on every request, a sign-in, and a list within a scope beside the whole list.

use std::time::{Duration, Instant};

use kernel::access::{Actor, Permission, Scope, check_password, find_login, role};
use kernel::id::UnitId;
use kernel::ledger::browse::{self, Query};
use kernel::org::{ORG_COLUMNS, Organisation};
use kernel::store::{Sql, Store};
use kernel::{Error, Result};
use serde::Serialize;

use super::city::UNITS;
use super::server::{LOGIN, PASSWORD};
use super::timing::{Samples, Spread, repeat};

/// Rows of a page, and one that tells whether there are more.
const ROWS: i64 = 51;
/// Checks timed together: one alone is shorter than what a clock tells apart.
const CHECKS: u32 = 1000;

/// What was measured.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    /// One check: whether the role holds the permission, and the condition of its scope, in microseconds.
    pub check_us: f64,
    /// From the login to the password found right.
    pub sign_in: Spread,
    /// A page of organisations: all, of one unit, and what the second costs of the first by the medians.
    pub orgs: (Spread, Spread, f64),
    /// A page of the ledger, likewise.
    pub facts: (Spread, Spread, f64),
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "permission check: {:.2} microseconds", self.check_us)?;
        writeln!(f, "sign-in: {}", self.sign_in)?;
        for (what, (all, unit, ratio)) in [("organisations", self.orgs), ("facts", self.facts)] {
            writeln!(f, "page of {what}: all {all}; one unit {unit}; {ratio:.2} times")?;
        }
        Ok(())
    }
}

/// Measures all of it.
pub(super) async fn measure(store: &Store, times: usize) -> Result<Measured> {
    Ok(Measured {
        check_us: check()?,
        sign_in: sign_in(store).await?,
        orgs: beside(times, async |scope| orgs(store, scope).await).await?,
        facts: beside(times, async |scope| facts(store, scope).await).await?,
    })
}

fn officer() -> Result<Actor> {
    let role = role("county_officer").ok_or_else(|| Error::Internal("no county officer".into()))?;
    let unit = UNITS.first().map(|unit| UnitId(unit.0)).unwrap_or(UnitId(1));
    Ok(Actor { units: vec![unit], role, ..Actor::system("性能测试") })
}

/// The slowest of a hundred rounds, of one check.
fn check() -> Result<f64> {
    let (actor, permission) = (officer()?, Permission("ledger.read"));
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let started = Instant::now();
        for _ in 0..CHECKS {
            let mut sql = Sql::default();
            if std::hint::black_box(&actor).may(permission) {
                actor.scope(permission).on_facts(&mut sql, "f");
            }
            std::hint::black_box(sql);
        }
        slowest = slowest.max(started.elapsed() / CHECKS);
    }
    Ok((slowest.as_secs_f64() * 1e8).round() / 1e2)
}

async fn sign_in(store: &Store) -> Result<Spread> {
    let asked = repeat(2, 30, async |_| {
        let claim = find_login(&store.read().await?, LOGIN).await?;
        match check_password(claim, PASSWORD.to_owned()).await? {
            Some(_) => Ok(()),
            None => Err(Error::Internal("the right password was refused".into())),
        }
    });
    Ok(asked.await?.spread())
}

/// The same page without and with a scope, in turns, so that neither finds a warmer cache.
async fn beside(times: usize, mut ask: impl AsyncFnMut(&Scope) -> Result<()>) -> Result<(Spread, Spread, f64)> {
    let one = officer()?.scope(Permission("registry.read"));
    let (mut all, mut unit) = (Samples::default(), Samples::default());
    for turn in 0..times + 10 {
        for (scope, samples) in [(&Scope::All, &mut all), (&one, &mut unit)] {
            let started = Instant::now();
            ask(scope).await?;
            if turn >= 10 {
                samples.add(started.elapsed());
            }
        }
    }
    let (all, unit) = (all.spread(), unit.spread());
    Ok((all, unit, (unit.p50_ms / all.p50_ms.max(1e-6) * 100.0).round() / 100.0))
}

async fn orgs(store: &Store, scope: &Scope) -> Result<()> {
    let read = store.read().await?;
    let mut sql = Sql::new(ORG_COLUMNS);
    sql.push(" WHERE o.merged_into IS NULL AND ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" ORDER BY o.id LIMIT ").bind(ROWS);
    let found = read.all(sql).await?.iter().map(Organisation::of).collect::<Result<Vec<_>>>()?;
    if found.is_empty() { Err(Error::Internal("no organisation was found".into())) } else { Ok(()) }
}

async fn facts(store: &Store, scope: &Scope) -> Result<()> {
    let query = Query { limit: ROWS, ..Query::default() };
    let found = browse::list(&store.read().await?, scope, &query).await?;
    if found.is_empty() { Err(Error::Internal("no fact was found".into())) } else { Ok(()) }
}
