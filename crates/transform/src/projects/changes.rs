//! What changed in the library between the ends of two days: steps taken, investment reported, milestones reached.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::Result;
use kernel::access::Scope;
use kernel::id::CaseId;
use kernel::store::{Read, Sql};
use kernel::value::day::{Day, day_end};
use kernel::value::money::Fen;

use super::model::{Report, standing};
use super::queries;

/// Steps read at most.
const MOST: i64 = 5000;

/// A project that changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// Its number.
    pub id: i64,
    /// Its firm.
    pub firm: String,
    /// Its name.
    pub name: String,
    /// States at both ends; the first is empty for one that was filed since.
    pub states: Option<(String, String)>,
    /// Investment reported by both ends.
    pub invested: (Fen, Fen),
    /// Milestones that were reported as reached in between.
    pub reached: Vec<String>,
}

/// All that changed.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Projects, the newest first.
    pub rows: Vec<Change>,
    /// How many came to a state in between, by its code.
    pub came_to: BTreeMap<String, i64>,
    /// Investment reported in between.
    pub invested: Fen,
    /// Whether there is more than is shown.
    pub cut: bool,
}

/// What changed after the end of one day until the end of another.
///
/// # Errors
/// As the database says.
pub(super) async fn changes(read: &Read, scope: &Scope, from: Day, to: Day) -> Result<Changes> {
    let span = (day_end(from), day_end(to));
    let mut found: BTreeMap<i64, Change> = BTreeMap::new();
    let mut changes = Changes::default();
    steps(read, scope, span, &mut found, &mut changes).await?;
    investments(read, scope, span, &mut found, &mut changes).await?;
    changes.rows = found.into_values().rev().collect();
    Ok(changes)
}

fn between(sql: &mut Sql, column: &str, (after, until): (DateTime<Utc>, DateTime<Utc>), scope: &Scope) {
    sql.push(column).push(" >= ").bind(after).push(" AND ").push(column).push(" < ").bind(until).push(" AND ");
    scope.on_parties(sql, "p", &["subject_id"]);
}

async fn steps(
    read: &Read,
    scope: &Scope,
    span: (DateTime<Utc>, DateTime<Utc>),
    found: &mut BTreeMap<i64, Change>,
    changes: &mut Changes,
) -> Result<()> {
    let mut sql = Sql::new(
        "SELECT e.case_id, e.from_state, e.to_state, o.name AS firm, p.name FROM case_event e \
         JOIN project p ON p.case_id = e.case_id JOIN organisation o ON o.id = p.subject_id WHERE e.from_state <> e.to_state AND ",
    );
    between(&mut sql, "e.done_at", span, scope);
    sql.push(" ORDER BY e.case_id DESC, e.revision LIMIT ").bind(MOST + 1);
    let rows = read.all(sql).await?;
    changes.cut = rows.len() as i64 > MOST;
    for row in &rows {
        let (from, to): (String, String) = (row.get("from_state")?, row.get("to_state")?);
        *changes.came_to.entry(to.clone()).or_default() += 1;
        let id: i64 = row.get("case_id")?;
        let (firm, name) = (row.get("firm")?, row.get("name")?);
        let change = found.entry(id).or_insert_with(|| Change { id, firm, name, ..Change::default() });
        let first = change.states.take().map_or(from, |(first, _)| first);
        change.states = Some((first, to));
    }
    Ok(())
}

async fn investments(
    read: &Read,
    scope: &Scope,
    span: (DateTime<Utc>, DateTime<Utc>),
    found: &mut BTreeMap<i64, Change>,
    changes: &mut Changes,
) -> Result<()> {
    let mut sql = Sql::new(
        "SELECT DISTINCT r.case_id, o.name AS firm, p.name FROM project_report r JOIN project p ON p.case_id = r.case_id \
         JOIN organisation o ON o.id = p.subject_id WHERE ",
    );
    between(&mut sql, "r.reported_at", span, scope);
    sql.push(" ORDER BY r.case_id DESC LIMIT ").bind(MOST + 1);
    let rows = read.all(sql).await?;
    changes.cut |= rows.len() as i64 > MOST;
    for row in &rows {
        let id: i64 = row.get("case_id")?;
        let (firm, name) = (row.get("firm")?, row.get("name")?);
        found.entry(id).or_insert_with(|| Change { id, firm, name, ..Change::default() });
    }
    let ids: Vec<CaseId> = found.keys().map(|id| CaseId(*id)).collect();
    for (id, reports) in queries::reports(read, &ids).await? {
        let Some(change) = found.get_mut(&id.0) else { continue };
        change.invested = (done_by(&reports, span.0), done_by(&reports, span.1));
        changes.invested.0 += change.invested.1.0 - change.invested.0.0;
        for report in reports.iter().filter(|report| (span.0..span.1).contains(&report.at)) {
            let done = report.moves.iter().filter(|(_, to)| to.state == "done").map(|(name, _)| name.clone());
            change.reached.extend(done);
        }
        change.reached.sort();
        change.reached.dedup();
    }
    Ok(())
}

/// What had been reported by an instant.
fn done_by(reports: &[Report], at: DateTime<Utc>) -> Fen {
    let known: Vec<Report> = reports.iter().filter(|report| report.at < at).cloned().collect();
    Fen(standing(&known).iter().map(|report| report.invested.0).sum())
}
