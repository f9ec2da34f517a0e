//! What waits for whom. Derived from states and permissions each time it is asked: nothing is kept that could be stale.

use std::collections::BTreeMap;

use super::flow::{By, Flow, Waits};
use super::store::{COLUMNS, Case, case_of};
use crate::access::{Actor, Permission, Scope, Side};
use crate::id::{CaseId, UnitId};
use crate::store::{Read, Sql};
use crate::value::day::Day;
use crate::{Result, args};

/// Where a list of waiting cases goes on: due day and number of the last one shown.
pub type Waiting = (Day, CaseId);

/// A day after all others, for cases without a due day.
fn never() -> Day {
    Day::from_ymd_opt(9999, 12, 31).unwrap_or(Day::MAX)
}

/// For whom states wait: those who hold a permission over one side; of them only who opened it, where that is said.
type WaitsFor = (Permission, bool, Side);

/// Adds the condition on cases in states that wait for the actor, within what his permissions reach.
fn waits_for(sql: &mut Sql, read: &Read, actor: &Actor) {
    let mut states: BTreeMap<WaitsFor, Vec<(&Flow, &str)>> = BTreeMap::new();
    for flow in read.catalog().flows() {
        let opening = flow.opening().map(|action| action.by);
        for state in flow.states {
            let key = match (state.waits, opening) {
                (Waits::On(permission), _) => (permission, false, Side::Subject),
                (Waits::Counterparty(permission), _) => (permission, false, Side::Counterparty),
                (Waits::Opener, Some(By::May(permission))) => (permission, true, Side::Subject),
                _ => continue,
            };
            states.entry(key).or_default().push((flow, state.code));
        }
    }
    sql.push("(1 = 0");
    for ((permission, opened_by_me, side), states) in
        states.iter().filter(|((permission, ..), _)| actor.may(*permission))
    {
        // The system and the public are nobody who could have opened something.
        if *opened_by_me && actor.account.0 == 0 {
            continue;
        }
        sql.push(" OR (");
        actor.scope(*permission).on_cases_as(sql, "c", *side);
        if *opened_by_me {
            sql.push(" AND c.opener_id IN ").ints(selves(actor));
        }
        sql.push(" AND ");
        in_states(sql, states);
        sql.push(")");
    }
    sql.push(")");
}

/// The accounts an actor acts as: his own, and that of whom he stands in for.
fn selves(actor: &Actor) -> impl Iterator<Item = i64> {
    [Some(actor.account), actor.behalf].into_iter().flatten().map(|account| account.0)
}

fn in_states(sql: &mut Sql, states: &[(&Flow, &str)]) {
    sql.push("(");
    for (i, (flow, state)) in states.iter().enumerate() {
        sql.push(if i == 0 { "" } else { " OR " });
        sql.push("(c.flow = ").bind(flow.code).push(" AND c.version = ").bind(flow.version);
        sql.push(" AND c.state = ").bind(*state).push(")");
    }
    sql.push(")");
}

/// What waits for the actor: what is due first stands first.
///
/// # Errors
/// As the database says.
pub async fn desk(read: &Read, actor: &Actor, after: Option<Waiting>, limit: i64) -> Result<Vec<Case>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.ended = 0 AND ");
    waits_for(&mut sql, read, actor);
    page(&mut sql, after, limit);
    read.all(sql).await?.iter().map(|row| case_of(read.catalog(), row)).collect()
}

/// Whether anything waits for the actor.
///
/// # Errors
/// As the database says.
pub async fn anything_waits(read: &Read, actor: &Actor) -> Result<bool> {
    let mut sql = Sql::new("SELECT c.id FROM case_file c WHERE c.ended = 0 AND ");
    waits_for(&mut sql, read, actor);
    sql.push(" LIMIT 1");
    Ok(read.opt(sql).await?.is_some())
}

fn page(sql: &mut Sql, after: Option<Waiting>, limit: i64) {
    if let Some((due_on, id)) = after {
        sql.push(" AND (COALESCE(c.due_on, ").bind(never()).push(") > ").bind(due_on);
        sql.push(" OR (COALESCE(c.due_on, ")
            .bind(never())
            .push(") = ")
            .bind(due_on)
            .push(" AND c.id > ")
            .bind(id)
            .push("))");
    }
    sql.push(" ORDER BY COALESCE(c.due_on, ").bind(never()).push("), c.id LIMIT ").bind(limit);
}

/// Cases the actor opened that have not ended, as far as he still reads them: what he waits for; the newest first.
///
/// # Errors
/// As the database says.
pub async fn opened_by_me(read: &Read, actor: &Actor, limit: i64) -> Result<Vec<Case>> {
    let flows: Vec<&Flow> = read.catalog().flows().iter().copied().filter(|flow| actor.may(flow.read)).collect();
    if actor.account.0 == 0 || flows.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.ended = 0 AND c.opener_id IN ").ints(selves(actor)).push(" AND (");
    for (i, flow) in flows.iter().enumerate() {
        sql.push(if i == 0 { "(c.flow = " } else { " OR (c.flow = " }).bind(flow.code).push(" AND ");
        actor.scope(flow.read).on_cases(&mut sql, "c");
        sql.push(")");
    }
    sql.push(") ORDER BY c.id DESC LIMIT ").bind(limit);
    read.all(sql).await?.iter().map(|row| case_of(read.catalog(), row)).collect()
}

/// How many cases of a flow run, and how many of them are late, in each reporting unit that a scope holds.
///
/// # Errors
/// As the database says.
pub async fn running_by_unit(read: &Read, scope: &Scope, flow: &str, today: Day) -> Result<Vec<(UnitId, i64, i64)>> {
    let mut sql = Sql::from((
        "SELECT c.unit_id, CAST(COUNT(*) AS BIGINT) AS n, \
         CAST(SUM(CASE WHEN c.due_on < $1 THEN 1 ELSE 0 END) AS BIGINT) AS late \
         FROM case_file c WHERE c.ended = 0 AND c.flow = $2 AND ",
        args![today, flow],
    ));
    scope.on_cases(&mut sql, "c");
    sql.push(" GROUP BY c.unit_id ORDER BY late DESC, c.unit_id");
    read.all(sql).await?.iter().map(|row| Ok((UnitId(row.get("unit_id")?), row.int("n")?, row.int("late")?))).collect()
}
