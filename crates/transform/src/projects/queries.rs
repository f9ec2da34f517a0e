//! Reads of projects. Every list takes a scope; what it does not hold is not found.

use std::collections::BTreeMap;
use std::pin::Pin;

use kernel::access::Scope;
use kernel::case::{Case, Told};
use kernel::id::{CaseId, OrgId, RecordId, UnitId};
use kernel::store::{Read, Row, Sql};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result, args};

use super::flow::LIBRARY;
use super::model::{Marks, Milestone, Project, Report};
use super::rules::{self, Bounds};

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// Part of the name of the project or its firm.
    pub text: String,
    /// A reporting unit.
    pub unit: Option<UnitId>,
    /// Code of a type; `none` for unclassified.
    pub class: String,
    /// A state; empty for those of the library, `all` for all.
    pub state: String,
    /// `red`, `yellow` or `green`.
    pub light: String,
    /// A division of industry; `none` for unknown.
    pub industry: String,
    /// The day lights are for.
    pub on: Day,
    /// Projects with a smaller number.
    pub before: Option<CaseId>,
    /// At most so many.
    pub limit: i64,
}

const COLUMNS: &str = "SELECT p.case_id, p.subject_id, o.name AS firm, COALESCE(o.credit_code, o.local_code, '') AS code, p.unit_id, p.name, \
     p.class, p.industry, p.planned_fen, p.invested_fen, p.start_on, p.end_on, c.state, p.last_month, p.next_due, \
     p.silent_from, p.paid_until, p.problem, p.problem_unit";
const FROM: &str =
    " FROM project p JOIN case_file c ON c.id = p.case_id JOIN organisation o ON o.id = p.subject_id WHERE ";

fn project(row: &Row) -> Result<Project> {
    Ok(Project {
        id: CaseId(row.get("case_id")?),
        subject: OrgId(row.get("subject_id")?),
        firm: row.get("firm")?,
        code: row.get("code")?,
        unit: UnitId(row.get("unit_id")?),
        name: row.get("name")?,
        class: row.get("class")?,
        industry: row.get("industry")?,
        planned: Fen(row.get("planned_fen")?),
        invested: Fen(row.get("invested_fen")?),
        start_on: row.get("start_on")?,
        end_on: row.get("end_on")?,
        state: row.get("state")?,
        last_month: row.get("last_month")?,
        marks: Marks {
            next_due: row.get("next_due")?,
            silent_from: row.get("silent_from")?,
            paid_until: row.get("paid_until")?,
        },
        problem: row.get("problem")?,
        problem_unit: row.get("problem_unit")?,
    })
}

/// Appends what a list is narrowed to.
fn narrow(sql: &mut Sql, scope: &Scope, filters: &Filters) {
    scope.on_parties(sql, "p", &["subject_id"]);
    match filters.state.as_str() {
        "all" => {}
        "" => {
            sql.push(" AND c.state IN ").binds(LIBRARY.iter().map(|state| (*state).to_owned()));
        }
        state => {
            sql.push(" AND c.state = ").bind(state);
        }
    }
    if let Some(unit) = filters.unit {
        sql.push(" AND p.unit_id = ").bind(unit);
    }
    let named = |code: &str| if code == "none" { String::new() } else { code.to_owned() };
    if !filters.class.is_empty() {
        sql.push(" AND p.class = ").bind(named(&filters.class));
    }
    if !filters.industry.is_empty() {
        sql.push(" AND p.industry = ").bind(named(&filters.industry));
    }
    if !filters.text.is_empty() {
        let part = format!("%{}%", filters.text.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
        sql.push(" AND (p.name LIKE ").bind(part.clone()).push(" ESCAPE '!' OR o.name LIKE ").bind(part);
        sql.push(" ESCAPE '!')");
    }
    let lights = &rules::rules().lights;
    let (red, yellow) = (lights.bounds(true, filters.on), lights.bounds(false, filters.on));
    match filters.light.as_str() {
        "red" => turned(sql, " AND ", &red),
        "yellow" => {
            turned(sql, " AND NOT ", &red);
            turned(sql, " AND ", &yellow);
        }
        "green" => {
            sql.push(" AND p.next_due IS NOT NULL");
            turned(sql, " AND NOT ", &yellow);
        }
        _ => {}
    }
}

/// Appends "a mark has turned": the same comparison as [`rules::light`] makes.
fn turned(sql: &mut Sql, joined: &str, bounds: &Bounds) {
    let never = Day::from_ymd_opt(9999, 12, 31).unwrap_or(Day::MAX);
    sql.push(joined).push("(COALESCE(p.next_due, ").bind(never).push(") < ").bind(bounds.due);
    sql.push(" OR COALESCE(p.silent_from, ").bind(never).push(") <= ").bind(bounds.silent);
    sql.push(" OR COALESCE(p.paid_until, ").bind(never).push(") < ").bind(bounds.paid).push(")");
}

/// Projects that the scope holds, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(read: &Read, scope: &Scope, filters: &Filters) -> Result<Vec<Project>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(FROM);
    narrow(&mut sql, scope, filters);
    if let Some(before) = filters.before {
        sql.push(" AND p.case_id < ").bind(before);
    }
    sql.push(" ORDER BY p.case_id DESC LIMIT ").bind(filters.limit);
    read.all(sql).await?.iter().map(project).collect()
}

/// From where projects are counted: firms only where their names narrow.
fn counted(sql: &mut Sql, filters: &Filters) {
    sql.push(" FROM project p JOIN case_file c ON c.id = p.case_id");
    if !filters.text.is_empty() {
        sql.push(" JOIN organisation o ON o.id = p.subject_id");
    }
    sql.push(" WHERE ");
}

/// How many projects, what is planned and what is done of them, over all pages of a list.
///
/// # Errors
/// As the database says.
pub async fn sum(read: &Read, scope: &Scope, filters: &Filters) -> Result<(i64, Fen, Fen)> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS n, CAST(SUM(p.planned_fen) AS BIGINT) AS planned, CAST(SUM(p.invested_fen) AS BIGINT) AS done",
    );
    counted(&mut sql, filters);
    narrow(&mut sql, scope, filters);
    let row = read.one(sql).await?;
    Ok((row.int("n")?, Fen(row.int("planned")?), Fen(row.int("done")?)))
}

/// How many projects stand in each state.
///
/// # Errors
/// As the database says.
pub(super) async fn by_state(read: &Read, scope: &Scope, filters: &Filters) -> Result<BTreeMap<String, i64>> {
    let mut sql = Sql::new("SELECT c.state, COUNT(*) AS n");
    counted(&mut sql, filters);
    narrow(&mut sql, scope, filters);
    sql.push(" GROUP BY c.state");
    read.all(sql).await?.iter().map(|row| Ok((row.get("state")?, row.int("n")?))).collect()
}

/// The project with this number.
///
/// # Errors
/// [`Error::NotFound`], also for one outside the scope.
pub(super) async fn find(read: &Read, scope: &Scope, id: CaseId) -> Result<Project> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(FROM).push("p.case_id = ").bind(id).push(" AND ");
    scope.on_parties(&mut sql, "p", &["subject_id"]);
    project(&read.one(sql).await?)
}

/// Milestones of projects that were found within a scope, in their order.
///
/// # Errors
/// As the database says.
pub(super) async fn milestones(read: &Read, ids: &[CaseId]) -> Result<BTreeMap<CaseId, Vec<Milestone>>> {
    let mut found: BTreeMap<CaseId, Vec<Milestone>> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::new("SELECT case_id, name, due_on, state, done_on FROM project_milestone WHERE case_id IN ");
    sql.ints(ids.iter().map(|id| id.0)).push(" ORDER BY case_id, ord");
    for row in read.all(sql).await? {
        found.entry(CaseId(row.get("case_id")?)).or_default().push(Milestone {
            name: row.get("name")?,
            due_on: row.get("due_on")?,
            state: row.get("state")?,
            done_on: row.get("done_on")?,
        });
    }
    Ok(found)
}

/// All reports of projects that were found within a scope, in the order of months and then of time.
///
/// # Errors
/// As the database says.
pub(super) async fn reports(read: &Read, ids: &[CaseId]) -> Result<BTreeMap<CaseId, Vec<Report>>> {
    let mut found: BTreeMap<CaseId, Vec<Report>> = BTreeMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::new(
        "SELECT case_id, id, month, invested_fen, milestones, problem, problem_unit, evidence, reason, record_id, \
         reported_at, reported_by FROM project_report WHERE case_id IN ",
    );
    sql.ints(ids.iter().map(|id| id.0)).push(" ORDER BY case_id, month, id");
    for row in read.all(sql).await? {
        found.entry(CaseId(row.get("case_id")?)).or_default().push(report(&row)?);
    }
    Ok(found)
}

fn report(row: &Row) -> Result<Report> {
    Ok(Report {
        id: row.get("id")?,
        month: row.get("month")?,
        invested: Fen(row.get("invested_fen")?),
        moves: serde_json::from_str(&row.get::<String>("milestones")?).map_err(|e| Error::Internal(e.to_string()))?,
        problem: row.get("problem")?,
        problem_unit: row.get("problem_unit")?,
        evidence: row.get("evidence")?,
        reason: row.get("reason")?,
        record: RecordId(row.get("record_id")?),
        at: row.get("reported_at")?,
        by: row.get("reported_by")?,
    })
}

/// A project of the same firm with the same name that was neither refused nor withdrawn.
///
/// # Errors
/// As the database says.
pub(super) async fn namesake(read: &Read, subject: OrgId, name: &str) -> Result<Option<CaseId>> {
    let sql = "SELECT p.case_id FROM project p JOIN case_file c ON c.id = p.case_id \
               WHERE p.subject_id = $1 AND p.name = $2 AND c.state NOT IN ('refused', 'withdrawn') ORDER BY p.case_id LIMIT 1";
    read.opt((sql, args![subject, name])).await?.map(|row| row.get("case_id").map(CaseId)).transpose()
}

/// What is done of a project, and where its progress is.
pub(super) fn tells<'a>(
    read: &'a Read,
    case: &'a Case,
) -> Pin<Box<dyn Future<Output = Result<Vec<Told>>> + Send + 'a>> {
    Box::pin(async move {
        let found = find(read, &Scope::All, case.id).await?;
        let text = format!("累计完成投资 {} 万元，查看项目进度", found.invested.exact_wan());
        Ok(vec![Told { text, href: format!("/projects/{}", case.id) }])
    })
}
