//! Workbooks of a county: written with all its projects, looked through cell by cell, and what each row means.

use std::collections::{BTreeSet, HashMap};

use kernel::access::Actor;
use kernel::case::{self, Case, Values, filled};
use kernel::id::{CaseId, OrgId};
use kernel::store::{Read, Sql, Store};
use kernel::value::day;
use kernel::value::money::{Fen, MoneyUnit};
use kernel::{Error, Faults, Result, org};
use sheets::{Issued, Level, Limits, Mapping, ReadRow, Reading, Template};

use super::actions::new_faults;
use super::months::Month;
use super::report::{ReportForm, checked};
use super::rules::month_label;
use super::{FILE, FLOW, REPORT, queries, sheet};

/// Projects of one workbook.
const MOST: i64 = 5000;

/// What a row of a workbook does.
#[derive(Debug)]
pub(super) enum Step {
    Report(Box<Month>, ReportForm),
    File(OrgId, Values),
}

/// A workbook that was looked through.
#[derive(Debug)]
pub(super) struct Looked {
    /// What was read, with every fault at its cell.
    pub reading: Reading,
    pub steps: Vec<Step>,
    /// Rows that say nothing new.
    pub unchanged: usize,
}

impl Looked {
    /// Monthly reports it would save.
    pub fn reports(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::Report(..))).count()
    }

    /// Projects it would file.
    pub fn filings(&self) -> usize {
        self.steps.len() - self.reports()
    }

    /// Faults and conflicts, which keep all of it out.
    pub fn faults(&self) -> usize {
        self.reading.findings.iter().filter(|f| matches!(f.level, Level::Fault | Level::Conflict)).count()
    }
}

/// A workbook with all projects that the actor reports about: name of the file and content.
///
/// # Errors
/// As the database says.
pub async fn county_workbook(store: &Store, actor: &Actor) -> Result<(String, Vec<u8>)> {
    let read = store.read().await?;
    let (held, codes) = projects(&read, actor).await?;
    let code = |case: &Case| codes.get(&case.subject).map_or("", String::as_str);
    let rows = held.iter().map(|month| sheet::filled(month, code(&month.case), read.today())).collect::<Vec<_>>();
    let issued = Issued { owner: actor.name.clone(), at: format!("{}，第 {} 号", read.today(), read.head()?) };
    let name = format!("改造项目月报-{}.xlsx", read.today());
    drop(read);
    Ok((name, off_thread(move || sheets::write(&sheet::template(), &rows, &issued)).await?))
}

/// Projects that still move, with the codes of their firms.
async fn projects(read: &Read, actor: &Actor) -> Result<(Vec<Month>, HashMap<OrgId, String>)> {
    let scope = actor.scope(REPORT);
    let mut cases = Vec::new();
    for state in ["building", "library", "suspended", "reported"] {
        cases.extend(case::list(read, &scope, FLOW.code, Some(state), None, MOST).await?);
    }
    months(read, cases).await
}

/// Cases with what their reports are held against, asked for once for all of them.
async fn months(read: &Read, cases: Vec<Case>) -> Result<(Vec<Month>, HashMap<OrgId, String>)> {
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    let mut milestones = queries::milestones(read, &ids).await?;
    let mut reports = queries::reports(read, &ids).await?;
    let mut codes = HashMap::new();
    if !ids.is_empty() {
        let mut sql =
            Sql::new("SELECT id, COALESCE(credit_code, local_code, '') AS code FROM organisation WHERE id IN ");
        sql.ints(cases.iter().map(|case| case.subject.0).collect::<BTreeSet<_>>());
        for row in read.all(sql).await? {
            codes.insert(OrgId(row.get("id")?), row.get("code")?);
        }
    }
    let month = |case: Case| Month {
        milestones: milestones.remove(&case.id).unwrap_or_default(),
        reports: reports.remove(&case.id).unwrap_or_default(),
        case,
    };
    Ok((cases.into_iter().map(month).collect(), codes))
}

/// Reads a workbook; its rows are looked through by [`look_through`].
///
/// # Errors
/// [`Error::Invalid`] at `file` for a file that cannot be read, or is of another template.
pub(super) async fn opened(bytes: Vec<u8>) -> Result<(Vec<u8>, Reading)> {
    off_thread(move || {
        let book = sheets::open(&bytes, &Limits::UPLOAD)?;
        let reading = sheets::read(&book, &sheet::template(), &Mapping::default())?;
        Ok((bytes, reading))
    })
    .await
}

/// Looks through what was read, within what the actor may report and file. Nothing is written.
///
/// # Errors
/// As the database says; what is wrong with rows stands in the reading.
pub(super) async fn look_through(read: &Read, actor: &Actor, reading: Reading) -> Result<Looked> {
    let (held, codes) = projects(read, actor).await?;
    let held: HashMap<i64, Month> = held.into_iter().map(|month| (month.case.id.0, month)).collect();
    let rows = reading.rows.clone();
    let desk = Desk { read, actor, template: sheet::template(), held, codes };
    let mut looked = Looked { reading, steps: Vec::new(), unchanged: 0 };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for row in &rows {
        let found = match number(row) {
            Some(typed) => desk.known(row, &typed, &mut seen),
            None => desk.filing(row, &mut seen).await?,
        };
        match found {
            // What is wrong with its cells was told already.
            Row::Does(_) | Row::Nothing if row.faulty => {}
            Row::Does(step) => looked.steps.push(*step),
            Row::Nothing => looked.unchanged += 1,
            Row::Faulty(level, faults) => {
                for (column, message) in faults {
                    looked.reading.find(level, row, &desk.template, column, message);
                }
            }
        }
    }
    Ok(looked)
}

/// What was found out about a row.
enum Row {
    Does(Box<Step>),
    Nothing,
    Faulty(Level, Vec<(&'static str, String)>),
}

fn fault(column: &'static str, message: impl Into<String>) -> Row {
    Row::Faulty(Level::Fault, vec![(column, message.into())])
}

fn at_columns(faults: &Faults) -> Row {
    Row::Faulty(Level::Fault, faults.0.iter().map(|f| (sheet::column_of(&f.field), f.message.clone())).collect())
}

/// The number of a project that a row names.
pub(super) fn number(row: &ReadRow) -> Option<String> {
    Some(row.typed("number")).filter(|typed| !typed.is_empty())
}

/// What rows are held against.
struct Desk<'a> {
    read: &'a Read,
    actor: &'a Actor,
    template: Template,
    held: HashMap<i64, Month>,
    codes: HashMap<OrgId, String>,
}

impl Desk<'_> {
    /// A row about a project that is known.
    fn known(&self, row: &ReadRow, typed: &str, seen: &mut BTreeSet<String>) -> Row {
        let Some(month) = typed.parse().ok().and_then(|id: i64| self.held.get(&id)) else {
            return match sheet::says_something(row) {
                true => {
                    fault("number", format!("没有编号为 {typed} 的项目可以报送，或不在您的范围内；新项目请清空编号"))
                }
                false => Row::Nothing,
            };
        };
        if !seen.insert(format!("#{}", month.case.id)) {
            return fault("number", "这个项目在表中出现了两次，请只留一行");
        }
        let code = self.codes.get(&month.case.subject).map_or("", String::as_str);
        if row.typed("credit_code") != code {
            return fault(
                "credit_code",
                format!("第 {typed} 号项目属于 {}（{code}），与本行不符", month.case.subject_name),
            );
        }
        if !sheet::says_something(row) || row.faulty {
            return Row::Nothing;
        }
        if !month.takes_reports() {
            let state = month.case.flow.state_label(&month.case.state);
            return fault("invested", format!("本项目现为“{state}”，只有在建项目报送月度进度；请清空本月各栏"));
        }
        let form = match sheet::report(row, &month.milestones, month.seen()) {
            Ok(form) => form,
            Err(message) => return fault("reached", message),
        };
        if is_reported(month, &form) {
            return Row::Nothing;
        }
        let was = row.key.as_deref().and_then(sheet::of_key).filter(|(id, _)| *id == month.case.id.0);
        if let Some((_, was)) = was.filter(|(_, was)| *was != month.seen()) {
            return Row::Faulty(Level::Conflict, vec![("invested", meanwhile(month, was))]);
        }
        match checked(&form, &month.against(self.read.today())) {
            Ok(_) => Row::Does(Box::new(Step::Report(Box::new(month.clone()), form))),
            Err(Error::Invalid(faults)) => at_columns(&faults),
            Err(other) => fault("invested", other.to_string()),
        }
    }

    /// A row about a project that is to be filed.
    async fn filing(&self, row: &ReadRow, seen: &mut BTreeSet<String>) -> Result<Row> {
        let code = row.typed("credit_code");
        if code.is_empty() || row.faulty {
            return Ok(Row::Nothing);
        }
        let firm = match org::find_by_code(self.read, &self.actor.scope(FILE), &code).await {
            Ok(firm) => firm,
            Err(Error::NotFound) => {
                return Ok(fault(
                    "credit_code",
                    format!("企业库中没有代码为“{code}”的企业，或不在您的范围内；请核对代码"),
                ));
            }
            Err(other) => return Err(other),
        };
        if firm.merged_into.is_some() {
            return Ok(fault("credit_code", "该档案已并入其他档案，请填保留的代码"));
        }
        let values = sheet::filing(row);
        let Some(opening) = FLOW.opening() else { return Err(Error::NotFound) };
        let filled = match filled(&FLOW, opening, &Values::new(), &values, "", self.read.today()) {
            Ok(filled) => filled,
            Err(Error::Invalid(faults)) => return Ok(at_columns(&faults)),
            Err(other) => return Err(other),
        };
        let name = filled.values.get("name").cloned().unwrap_or_default();
        if !seen.insert(format!("{}|{name}", firm.id)) {
            return Ok(fault("project", "同一企业的同名项目在表中出现了两次"));
        }
        match new_faults(self.read, firm.id, &filled.values).await {
            Ok(()) => Ok(Row::Does(Box::new(Step::File(firm.id, values)))),
            Err(Error::Invalid(faults)) => Ok(at_columns(&faults)),
            Err(other) => Err(other),
        }
    }
}

/// Whether a month stands already as the row says it: the same workbook again saves nothing twice.
fn is_reported(month: &Month, form: &ReportForm) -> bool {
    let Some(of) = super::rules::month(&form.month).and_then(|first| month.of(first)) else { return false };
    let amount = Fen::parse(&form.invested, MoneyUnit::Wan);
    let done =
        |(place, _, _): &(usize, String, String)| month.milestones.get(*place).is_some_and(|m| m.state == "done");
    amount == Ok(of.invested)
        && of.problem == form.problem
        && of.problem_unit == form.problem_unit
        && form.milestones.iter().all(done)
}

/// What others reported since the workbook was written.
fn meanwhile(month: &Month, was: i64) -> String {
    let newer = month.reports.iter().filter(|report| report.id > was).max_by_key(|report| report.id);
    newer.map_or_else(
        || "本行的项目在表格下载后变动过，请下载新表".to_owned(),
        |last| {
            let at = day::minute(last.at);
            format!("表格下载后，{} 已于 {at} 报送{}进度；请下载新表核对后再报", last.by, month_label(last.month))
        },
    )
}

/// What opening and writing workbooks takes happens beside the threads that answer.
pub(super) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))?
}
