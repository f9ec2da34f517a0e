//! Reporting a month: report, fact and library are one act, and of two people who report at once one wins.

use kernel::access::{Actor, Scope};
use kernel::audit::Verb;
use kernel::case::{self, Case};
use kernel::id::{CaseId, OrgId, RecordId};
use kernel::ledger::record::NewRecord;
use kernel::ledger::{NewFact, browse, record};
use kernel::org;
use kernel::publication::Published;
use kernel::store::{Read, Tx};
use kernel::value::day::{self, Day};
use kernel::value::money::Fen;
use kernel::{Error, Result, args};

use super::actions::{day_in, settle, text};
use super::model::{Milestone, Moves, Report, standing};
use super::report::{Against, Checked, ReportForm, after, checked};
use super::rules::{first_of_month, last_of_month, month_label};
use super::{FLOW, REPORT, queries};

/// A project with all that a monthly report is held against.
#[derive(Debug, Clone)]
pub(super) struct Month {
    /// Its case.
    pub case: Case,
    pub(super) milestones: Vec<Milestone>,
    pub(super) reports: Vec<Report>,
}

impl Month {
    /// Loads a project that the actor may report about.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a project out of reach; [`Error::Conflict`] for one that takes no reports now.
    pub(super) async fn load(read: &Read, scope: &Scope, id: CaseId, actor: &Actor) -> Result<Self> {
        queries::find(read, scope, id).await?;
        let case = case::find(read, actor, id).await?;
        let milestones = queries::milestones(read, &[id]).await?.remove(&id).unwrap_or_default();
        let reports = queries::reports(read, &[id]).await?.remove(&id).unwrap_or_default();
        Ok(Self { case, milestones, reports })
    }

    /// Whether months are reported in its state.
    pub(super) fn takes_reports(&self) -> bool {
        self.case.flow.code == FLOW.code && self.case.state == "building"
    }

    /// Number of its last report; 0 for none.
    pub(super) fn seen(&self) -> i64 {
        self.reports.iter().map(|report| report.id).max().unwrap_or(0)
    }

    pub(super) fn against(&self, today: Day) -> Against<'_> {
        let values = &self.case.values;
        Against {
            planned: Fen(text(values, "invest").parse().unwrap_or(0)),
            began: day_in(values, "began_on").unwrap_or(today),
            reports: &self.reports,
            milestones: &self.milestones,
            today,
        }
    }

    /// The report that stands for a month.
    pub(super) fn of(&self, month: Day) -> Option<&Report> {
        standing(&self.reports).into_iter().find(|report| report.month == month)
    }
}

/// Reports a month of a project, or corrects it: report, fact and library are one act.
///
/// # Errors
/// [`Error::NotFound`] out of reach; [`Error::Conflict`] when somebody reported meanwhile, or the state takes no
/// reports; [`Error::Invalid`] with every fault at its field.
pub async fn file_report(tx: &mut Tx, id: CaseId, form: &ReportForm) -> Result<()> {
    // Two people who report about one project take turns.
    case::hold(tx, &[id]).await?;
    let actor = tx.actor().clone();
    let month = Month::load(tx, &actor.scope(REPORT), id, &actor).await?;
    not_meanwhile(&month, form)?;
    write_report(tx, &month, form).await
}

/// Writes a report of a project that is held and was loaded in this act.
pub(super) async fn write_report(tx: &mut Tx, month: &Month, form: &ReportForm) -> Result<()> {
    if !month.takes_reports() {
        let state = month.case.flow.state_label(&month.case.state);
        return Err(Error::Conflict(format!("本项目现为“{state}”，只有在建项目报送月度进度")));
    }
    let body = org::find(tx, month.case.subject).await?;
    if body.merged_into.is_some() {
        return Err(Error::Conflict("该企业的档案已并入其他档案，请先撤销合并或由市局处理".into()));
    }
    let against = month.against(tx.today());
    let checked = checked(form, &against)?;
    let milestones = after(&against, &checked);
    let what = format!("{}“{}”{}进度", body.name, text(&month.case.values, "name"), month_label(checked.month));
    tx.act(Verb::PROJECT_REPORTED, "case", month.case.id.0);
    tx.concerns(month.case.subject);
    tx.purpose(&checked.reason);
    let before = month.of(checked.month);
    let wan = |fen: Fen| format!("{} 万元", fen.exact_wan());
    tx.changes(&what, &before.map(|report| wan(report.invested)).unwrap_or_default(), &wan(checked.invested));
    if let Some(before) = before {
        take_back(tx, before, &checked).await?;
    }
    let record = record::enter(tx, "projects", &what, &checked.evidence, &checked.reason).await?;
    invested(tx, month.case.subject, &checked, record).await?;
    let id = insert(tx, month.case.id, &checked, record.0).await?;
    for (ord, (held, one)) in (0_i64..).zip(month.milestones.iter().zip(&milestones)) {
        if held != one {
            let sql = "UPDATE project_milestone SET state = $1, done_on = $2 WHERE case_id = $3 AND ord = $4";
            tx.run((sql, args![one.state.clone(), one.done_on, month.case.id, ord])).await?;
        }
    }
    let mut reports = month.reports.clone();
    reports.push(written(id, record, checked, tx));
    settle(tx, &month.case, &milestones, &reports).await
}

/// The fact of a month; nothing done is no fact.
async fn invested(tx: &mut Tx, subject: OrgId, checked: &Checked, record: RecordId) -> Result<()> {
    if checked.invested.0 == 0 {
        return Ok(());
    }
    let on = last_of_month(checked.month).min(tx.today());
    tx.record(NewFact::new("projects.invested", subject, on, record).quantity(0).amount(checked.invested)).await
}

fn written(id: i64, record: RecordId, checked: Checked, tx: &Tx) -> Report {
    let Checked { month, invested, moves, problem, problem_unit, evidence, reason } = checked;
    let (at, by) = (tx.now(), tx.actor().name.clone());
    Report { id, month, invested, moves, problem, problem_unit, evidence, reason, record, at, by }
}

async fn insert(tx: &Tx, case: CaseId, checked: &Checked, record: i64) -> Result<i64> {
    tx.insert((
        "INSERT INTO project_report (case_id, month, invested_fen, milestones, problem, problem_unit, evidence, reason, \
         record_id, reported_at, reported_by, account_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        args![
            case,
            checked.month,
            checked.invested.0,
            json(&checked.moves)?,
            checked.problem.clone(),
            checked.problem_unit.clone(),
            checked.evidence.clone(),
            checked.reason.clone(),
            record,
            tx.now(),
            tx.actor().name.clone(),
            tx.actor().account,
        ],
    ))
    .await
}

fn json(moves: &Moves) -> Result<String> {
    serde_json::to_string(moves).map_err(|e| Error::Internal(e.to_string()))
}

/// Whether the project's reports are still as the actor saw them.
fn not_meanwhile(month: &Month, form: &ReportForm) -> Result<()> {
    let seen = month.seen();
    if form.seen.trim().parse() == Ok(seen) {
        return Ok(());
    }
    match month.reports.iter().find(|report| report.id == seen) {
        Some(last) => Err(Error::Conflict(format!(
            "{} 已于 {} 报送{}进度，这里的内容已经不是最新；请核对后再报",
            last.by,
            day::minute(last.at),
            month_label(last.month)
        ))),
        None => Err(Error::Conflict("提交的内容不是从本项目的页面发出的，请刷新后重新填报".into())),
    }
}

/// Takes back the fact of a report that is corrected; what was signed with a publication, no one person takes back.
async fn take_back(tx: &mut Tx, before: &Report, checked: &Checked) -> Result<()> {
    let published = Published::load(tx).await?;
    for position in case::facts_of(tx, before.record).await? {
        if published.rests_on(&browse::find(tx, &Scope::All, position).await?) {
            let month = month_label(before.month);
            return Err(Error::Conflict(format!(
                "{month}的完成投资在已发布数字背后，请先对第 {position} 号事实申请更正"
            )));
        }
        tx.reverse(position, &format!("更正月报：{}", checked.reason)).await?;
    }
    Ok(())
}

/// Takes over the months of a project from a ledger kept elsewhere: as many reports and facts, settled once.
///
/// # Errors
/// [`Error::NotFound`] out of reach; [`Error::Conflict`] for a project that is not being built, or has reports already.
pub async fn take_over(tx: &mut Tx, id: CaseId, months: &[(Day, Fen)]) -> Result<()> {
    case::hold(tx, &[id]).await?;
    let actor = tx.actor().clone();
    let mut held = Month::load(tx, &actor.scope(REPORT), id, &actor).await?;
    if !held.takes_reports() || !held.reports.is_empty() {
        return Err(Error::Conflict("只能为没有月报的在建项目接入以前的月报".into()));
    }
    let name = text(&held.case.values, "name").to_owned();
    let title = |month: Day| format!("{}“{name}”{}进度", held.case.subject_name, month_label(month));
    let new =
        |(month, _): &(Day, Fen)| NewRecord { title: title(*month), document: String::new(), detail: String::new() };
    let records = record::enter_all(tx, "projects", &months.iter().map(new).collect::<Vec<_>>()).await?;
    tx.act(Verb::PROJECT_REPORTED, "case", id.0);
    tx.concerns(held.case.subject);
    for ((month, fen), record) in months.iter().zip(records) {
        let checked = Checked { month: first_of_month(*month), invested: *fen, ..Checked::default() };
        invested(tx, held.case.subject, &checked, record).await?;
        let id = insert(tx, held.case.id, &checked, record.0).await?;
        held.reports.push(written(id, record, checked, tx));
    }
    settle(tx, &held.case, &held.milestones, &held.reports).await
}

/// Number of a project's last report, which a form says it saw; 0 for none. The project was found within a scope.
///
/// # Errors
/// As the database says.
pub async fn last_report(read: &Read, id: CaseId) -> Result<i64> {
    let sql = "SELECT MAX(id) AS last FROM project_report WHERE case_id = $1";
    read.one((sql, args![id])).await?.int("last")
}

/// The month a report is due for on a day: the one before, until it is reported; then the one that runs.
pub(super) fn due_month(month: &Month, today: Day) -> Day {
    let this = first_of_month(today);
    let before = this - chrono::Months::new(1);
    let began = month.against(today).began;
    match month.of(before) {
        None if first_of_month(began) <= before => before,
        _ => this,
    }
}
