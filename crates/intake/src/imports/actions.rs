//! Receiving a workbook and saving what it says: one transaction, through the actions of the forms.

use kernel::id::RecordId;
use kernel::indicator::{declare, set_target};
use kernel::ledger::record;
use kernel::store::Tx;
use kernel::{Error, Result, args};
use registry::orgs::{self, ChangeForm, RegisterForm, YearForm};
use sheets::{ReadRow, Template, a1};

use super::check::{Desk, check};
use super::desk::digest;
use super::model::{Done, FactRow, Import, Mode, Plan, Report, Step, What};

/// Longest source a form takes.
const LONGEST: usize = 200;

/// Keeps an uploaded file.
///
/// # Errors
/// As the database says.
pub(super) async fn receive(tx: &Tx, what: What, name: &str, bytes: &[u8]) -> Result<i64> {
    let digest = digest(bytes);
    tx.run((
        "INSERT INTO import_file (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
        args![digest.clone(), bytes.to_vec()],
    ))
    .await?;
    let actor = tx.actor();
    let unit = actor.units.first().map_or(0, |u| u.0);
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    tx.insert((
        "INSERT INTO import (template, file_name, digest, size, uploaded_at, uploaded_by, account_id, unit_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![what.code(), name, digest, size, tx.now(), actor.name.clone(), actor.account.0, unit],
    ))
    .await
}

/// Saves what a workbook says: looked through again inside the transaction, then written row by row.
///
/// # Errors
/// [`Error::Conflict`] when it was saved already; [`Error::Invalid`] at `mode` when everything was asked for and
/// a row has a fault, or when nothing can be saved. Then nothing is.
pub(super) async fn save(
    tx: &mut Tx,
    import: &Import,
    template: &Template,
    reading: sheets::Reading,
    (mode, overwrite): (Mode, bool),
) -> Result<Done> {
    claim(tx, import.id, mode).await?;
    let scope = tx.actor().scope(import.what.permission());
    let report = check(&Desk { read: tx, scope: &scope, overwrite }, import.what, template, reading).await?;
    if mode == Mode::Whole && report.refused > 0 {
        let message =
            format!("有 {} 行不能保存，什么都没有保存；请改正后重新上传，或选择只保存无误的行", report.refused);
        return Err(Error::invalid("mode", message));
    }
    if report.plans.is_empty() {
        return Err(Error::invalid("mode", "没有可以保存的行：有误的行请改正，其余的行与现有内容相同"));
    }
    for plan in &report.plans {
        row(tx, import, &report, plan).await?;
    }
    let done = Done { saved: report.plans.len(), unchanged: report.unchanged, refused: report.refused };
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    tx.run((
        "UPDATE import SET saved = $1, unchanged = $2, refused = $3 WHERE id = $4",
        args![number(done.saved), number(done.unchanged), number(done.refused), import.id],
    ))
    .await?;
    Ok(done)
}

/// Marks the import as done before anything is written, so that of two who save it at once one waits and is told.
async fn claim(tx: &Tx, id: i64, mode: Mode) -> Result<()> {
    let mode = if mode == Mode::Whole { "whole" } else { "good" };
    let claimed = tx
        .run((
            "UPDATE import SET done_at = $1, done_by = $2, mode = $3 WHERE id = $4 AND done_at IS NULL",
            args![tx.now(), tx.actor().name.clone(), mode, id],
        ))
        .await?;
    if claimed == 1 {
        Ok(())
    } else {
        Err(Error::Conflict("这次导入已经保存过了，没有重复保存".into()))
    }
}

/// Where a row stands, for sources and traces.
struct From<'a> {
    import: &'a Import,
    sheet: &'a str,
    row: &'a ReadRow,
    label: &'a str,
}

impl From<'_> {
    fn cell(&self, column: &str) -> String {
        let col = self.row.cells.get(column).map(|c| c.col);
        col.map_or_else(|| format!("第{}行", self.row.row), |col| a1(col, self.row.row))
    }

    /// The source with the cell it was read from, as far as it fits.
    fn source(&self, source: &str, column: &str) -> String {
        let place = format!("〔{}“{}”{}〕", self.import.file_name, self.sheet, self.cell(column));
        let fits = source.chars().count() + place.chars().count() <= LONGEST && !source.is_empty();
        if fits { format!("{source}{place}") } else { source.to_owned() }
    }
}

async fn row(tx: &mut Tx, import: &Import, report: &Report, plan: &Plan) -> Result<()> {
    let Some(row) = report.reading.rows.get(plan.row) else { return Ok(()) };
    let sheet = report.reading.pages.get(row.page).map_or("", |p| p.name.as_str());
    let from = From { import, sheet, row, label: &plan.label };
    for (step, column) in &plan.steps {
        match step {
            Step::Register(form) => register(tx, &from, form).await?,
            Step::Change { org, form } => change(tx, &from, *org, form, column).await?,
            Step::Year { org, form } => year(tx, &from, *org, form).await?,
            Step::Fact(fact) => self::fact(tx, &from, fact, &plan.key).await?,
            Step::Declare { indicator, value, as_on, source, person } => {
                let position = declare(tx, indicator, value, *as_on, &from.source(source, column), person).await?;
                trace(tx, &from, ("declared", column), (Some(position.0), None, None), indicator, value).await?;
            }
            Step::Target { indicator, period, unit, value, source } => {
                let position = set_target(tx, indicator, period, *unit, *value, &from.source(source, column)).await?;
                let shown = value.to_string();
                trace(tx, &from, ("target", column), (Some(position.0), None, None), indicator, &shown).await?;
            }
        }
    }
    Ok(())
}

async fn register(tx: &mut Tx, from: &From<'_>, form: &RegisterForm) -> Result<()> {
    let form = RegisterForm { source: from.source(&form.source, "name"), ..form.clone() };
    let org = orgs::register(tx, &form).await?;
    trace(tx, from, ("register", "name"), (None, None, Some(org.0)), "name", &form.name).await
}

async fn change(tx: &mut Tx, from: &From<'_>, org: kernel::id::OrgId, form: &ChangeForm, column: &str) -> Result<()> {
    let form = ChangeForm { source: from.source(&form.source, column), ..form.clone() };
    orgs::change(tx, org, &form).await?;
    let sql = "SELECT MAX(position) AS position FROM org_attribute WHERE org_id = $1 AND attribute = $2";
    let position = tx.one((sql, args![org, form.attribute.clone()])).await?.int("position")?;
    trace(tx, from, ("attribute", column), (Some(position), None, Some(org.0)), &form.attribute, &form.value).await
}

async fn year(tx: &mut Tx, from: &From<'_>, org: kernel::id::OrgId, form: &YearForm) -> Result<()> {
    let form = YearForm { year_source: from.source(&form.year_source, "year"), ..form.clone() };
    let year = orgs::record_year(tx, org, &form).await?;
    let sql = "SELECT MAX(position) AS position FROM org_year WHERE org_id = $1 AND year = $2";
    let position = tx.one((sql, args![org, i64::from(year)])).await?.int("position")?;
    let said = [("从业人员 ", &form.employees), ("营业收入 ", &form.revenue), ("资产总额 ", &form.assets)];
    let said = said.iter().filter(|(_, figure)| !figure.is_empty()).map(|(name, figure)| format!("{name}{figure}"));
    let value = said.collect::<Vec<_>>().join("，");
    trace(tx, from, ("year", "year"), (Some(position), None, Some(org.0)), &form.year, &value).await
}

async fn fact(tx: &mut Tx, from: &From<'_>, fact: &FactRow, key: &str) -> Result<()> {
    let cols = || from.row.cells.values().map(|c| c.col);
    let cells =
        format!("{}:{}", a1(cols().min().unwrap_or(0), from.row.row), a1(cols().max().unwrap_or(0), from.row.row));
    let detail = format!(
        "导入自 {}，工作表“{}”{cells}（第 {} 次导入，文件摘要 {}）",
        from.import.file_name,
        from.sheet,
        from.import.id,
        from.import.digest.get(..16).unwrap_or_default()
    );
    let record: RecordId = record::enter(tx, "intake", &fact.title, &fact.document, &detail).await?;
    tx.run(("INSERT INTO import_key (row_key, import_id) VALUES ($1, $2)", args![key, from.import.id])).await.map_err(
        |error| match error {
            Error::Conflict(_) => {
                Error::Conflict("同样的行刚由其他人导入，什么都没有保存；请重新打开本页再保存".into())
            }
            other => other,
        },
    )?;
    tx.record(fact.new_fact(record)).await?;
    let said = format!("{} × {}，{} 元", fact.on, fact.quantity, fact.amount.yuan());
    trace_at(tx, from, ("fact", &cells), (None, Some(record.0), Some(fact.subject.0)), &fact.kind, &said).await
}

type Pointers = (Option<i64>, Option<i64>, Option<i64>);

async fn trace(
    tx: &Tx,
    from: &From<'_>,
    (what, column): (&str, &str),
    pointers: Pointers,
    field: &str,
    value: &str,
) -> Result<()> {
    trace_at(tx, from, (what, &from.cell(column)), pointers, field, value).await
}

async fn trace_at(
    tx: &Tx,
    from: &From<'_>,
    (what, cell): (&str, &str),
    (position, record, org): Pointers,
    field: &str,
    value: &str,
) -> Result<()> {
    tx.run((
        "INSERT INTO import_trace (import_id, what, position, record_id, org_id, field, value, sheet, cell, label)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![from.import.id, what, position, record, org, field, value, from.sheet, cell, from.label],
    ))
    .await?;
    Ok(())
}
