//! What waits for whom. Derived from states and permissions each time it is asked: nothing is kept that could be stale.

use std::collections::BTreeMap;

use super::flow::{Flow, Waits};
use super::store::{COLUMNS, Case, case_of};
use crate::access::{Actor, Permission, Scope};
use crate::id::CaseId;
use crate::store::{Read, Sql};
use crate::value::day::Day;
use crate::{Result, args};

/// A case that waits.
#[derive(Debug, Clone)]
pub struct DeskRow {
    /// The case.
    pub case: Case,
    /// Whether it was handed to this very person.
    pub mine: bool,
}

/// Where a list of waiting cases goes on: due day and number of the last one shown.
pub type Waiting = (Day, CaseId);

/// A day after all others, for cases without a due day.
fn never() -> Day {
    Day::from_ymd_opt(9999, 12, 31).unwrap_or(Day::MAX)
}

/// Adds the condition on cases in states that wait for the actor; `reach` widens or narrows a permission's scope.
fn waits_for(sql: &mut Sql, read: &Read, actor: &Actor) {
    let mut by_permission: BTreeMap<Permission, Vec<(&Flow, &str)>> = BTreeMap::new();
    let mut of_opener: Vec<(&Flow, &str)> = Vec::new();
    for flow in read.catalog().flows() {
        for state in flow.states {
            match state.waits {
                Waits::On(permission) => by_permission.entry(permission).or_default().push((flow, state.code)),
                Waits::Opener => of_opener.push((flow, state.code)),
                Waits::Nobody | Waits::Paused => {}
            }
        }
    }
    sql.push("(1 = 0");
    for (permission, states) in by_permission.iter().filter(|(permission, _)| actor.may(**permission)) {
        sql.push(" OR (");
        actor.scope(*permission).on_cases(sql, "c");
        sql.push(" AND ");
        in_states(sql, states);
        sql.push(")");
    }
    if actor.account.0 != 0 && !of_opener.is_empty() {
        sql.push(" OR (c.opener_id = ").bind(actor.account).push(" AND ");
        in_states(sql, &of_opener);
        sql.push(")");
    }
    sql.push(")");
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
pub async fn desk(read: &Read, actor: &Actor, after: Option<Waiting>, limit: i64) -> Result<Vec<DeskRow>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.ended = 0 AND ");
    waits_for(&mut sql, read, actor);
    page(&mut sql, after, limit);
    let rows = read.all(sql).await?;
    let me = actor.account;
    rows.iter()
        .map(|row| {
            let case = case_of(read.catalog(), row)?;
            Ok(DeskRow { mine: case.holder == Some(me), case })
        })
        .collect()
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

/// Cases the actor opened that have not ended: what he waits for; the newest first.
///
/// # Errors
/// As the database says.
pub async fn opened_by_me(read: &Read, actor: &Actor, limit: i64) -> Result<Vec<Case>> {
    if actor.account.0 == 0 {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push("c.ended = 0 AND c.opener_id = ").bind(actor.account);
    sql.push(" ORDER BY c.id DESC LIMIT ").bind(limit);
    read.all(sql).await?.iter().map(|row| case_of(read.catalog(), row)).collect()
}

/// How many cases are late in each reporting unit that a scope holds, for those who lead.
///
/// # Errors
/// As the database says.
pub async fn waiting_in_units(read: &Read, scope: &Scope, today: Day) -> Result<Vec<(i64, i64, i64)>> {
    let mut sql = Sql::from((
        "SELECT c.unit_id, CAST(COUNT(*) AS BIGINT) AS n, \
         CAST(SUM(CASE WHEN c.due_on < $1 THEN 1 ELSE 0 END) AS BIGINT) AS late FROM case_file c WHERE c.ended = 0 AND ",
        args![today],
    ));
    scope.on_cases(&mut sql, "c");
    sql.push(" GROUP BY c.unit_id ORDER BY late DESC, c.unit_id");
    read.all(sql).await?.iter().map(|row| Ok((row.get("unit_id")?, row.int("n")?, row.int("late")?))).collect()
}
