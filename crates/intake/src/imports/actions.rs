//! Receiving a workbook and saving what it says: one transaction, through the actions of the forms.

use std::collections::BTreeSet;

use kernel::audit::Verb;
use kernel::id::{OrgId, Position, RecordId};
use kernel::indicator::{declare, set_target};
use kernel::ledger::record;
use kernel::org;
use kernel::store::Tx;
use kernel::{Error, Result, args};
use registry::orgs::{self, ChangeForm, RegisterForm, YearForm};
use sheets::{ReadRow, Template, a1};

use super::check::{Desk, check};
use super::desk::digest;
use super::model::{Done, FactRow, Import, Mode, Plan, Report, Step, What};
use super::{queries, undo};

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
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let id = tx
        .insert((
            "INSERT INTO import (template, file_name, digest, size, uploaded_at, uploaded_by, account_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            args![what.code(), name, digest.clone(), size, tx.now(), actor.name.clone(), actor.account.0],
        ))
        .await?;
    tx.act(Verb::IMPORT_SENT, "import", id);
    tx.changes("文件", "", name);
    tx.changes("文件摘要", "", &digest);
    let units: BTreeSet<i64> = actor.units.iter().map(|unit| unit.0).collect();
    for unit in if units.is_empty() { BTreeSet::from([0]) } else { units } {
        tx.run(("INSERT INTO import_unit (import_id, unit_id) VALUES ($1, $2)", args![id, unit])).await?;
    }
    Ok(id)
}

/// Saves what a workbook says: looked through again inside the transaction, then written row by row. Where others have
/// changed the same values the sheet wins only over the conflicts that were seen, named by their digest.
///
/// # Errors
/// [`Error::Conflict`] when it was saved already, or other conflicts have come up; [`Error::Invalid`] at `mode` when everything was asked for and
/// a row has a fault, or when nothing can be saved. Then nothing is.
pub(super) async fn save(
    tx: &mut Tx,
    import: &Import,
    template: &Template,
    reading: sheets::Reading,
    (mode, overwrite): (Mode, &str),
) -> Result<Done> {
    claim(tx, import.id, mode).await?;
    let scope = tx.actor().scope(import.what.permission());
    // Nobody changes these bodies between the looking and the writing.
    org::hold(tx, &queries::orgs_with(tx, &codes(&reading)).await?).await?;
    let desk = Desk { read: tx, scope: &scope, overwrite: !overwrite.is_empty() };
    let report = check(&desk, import.what, template, reading).await?;
    if !overwrite.is_empty() && report.conflicts() != overwrite {
        return Err(Error::Conflict("又有人改动了同样的内容，什么都没有保存；冲突已重新列出，请核对后再保存".into()));
    }
    if mode == Mode::Whole && report.refused > 0 {
        let message =
            format!("有 {} 行不能保存，什么都没有保存；请改正后重新上传，或选择只保存无误的行", report.refused);
        return Err(Error::invalid("mode", message));
    }
    if report.plans.is_empty() {
        return Err(Error::invalid("mode", "没有可以保存的行：有误的行请改正，其余的行与现有内容相同"));
    }
    for plan in &report.plans {
        row(tx, import, &report, plan).await.map_err(|error| at_row(error, &report, plan))?;
    }
    tx.act(Verb::IMPORT_SAVED, "import", import.id);
    tx.changes("文件", "", &import.file_name);
    let done = Done { saved: report.plans.len(), unchanged: report.unchanged, refused: report.refused };
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    tx.run((
        "UPDATE import SET saved = $1, unchanged = $2, refused = $3 WHERE id = $4",
        args![number(done.saved), number(done.unchanged), number(done.refused), import.id],
    ))
    .await?;
    Ok(done)
}

/// The codes in a workbook, by which organisations are found.
fn codes(reading: &sheets::Reading) -> BTreeSet<String> {
    let typed = reading.rows.iter().flat_map(|row| [row.typed("credit_code"), row.typed("local_code")]);
    typed.filter(|code| !code.is_empty()).map(|code| orgs::code(&code)).collect()
}

/// What an action refuses although the looking found nothing, told with the row it is about.
fn at_row(error: Error, report: &Report, plan: &Plan) -> Error {
    let Some(row) = report.reading.rows.get(plan.row) else { return error };
    let sheet = report.reading.pages.get(row.page).map_or("", |p| p.name.as_str());
    let place = format!("什么都没有保存。工作表“{sheet}”第 {} 行：", row.row);
    match error {
        Error::Invalid(faults) => {
            let words: Vec<String> = faults.0.into_iter().map(|f| f.message).collect();
            Error::invalid("mode", format!("{place}{}", words.join("；")))
        }
        Error::Conflict(message) => Error::Conflict(format!("{place}{message}")),
        other => other,
    }
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
            Step::Lift { org, position, source } => lift(tx, &from, *org, *position, source).await?,
            Step::Fact(fact) => self::fact(tx, &from, fact, &plan.key).await?,
            Step::Declare { indicator, new } => {
                let position = declare(tx, indicator, &new.value, new.as_on, &new.source, &new.person).await?;
                trace(tx, &from, ("declared", column), (Some(position.0), None, None), indicator, &new.value).await?;
            }
            Step::Target { indicator, new } => {
                let position = set_target(tx, indicator, &new.period, new.unit, new.value, &new.source).await?;
                let shown = from.row.typed("value");
                trace(tx, &from, ("target", column), (Some(position.0), None, None), indicator, &shown).await?;
            }
        }
    }
    Ok(())
}

async fn register(tx: &mut Tx, from: &From<'_>, form: &RegisterForm) -> Result<()> {
    let org = orgs::register(tx, form).await?;
    trace(tx, from, ("register", "name"), (None, None, Some(org.0)), "name", &form.name).await
}

/// Taking this import back strikes the body off again, so it leaves the trace of a registration.
async fn lift(tx: &mut Tx, from: &From<'_>, org: OrgId, position: Position, source: &str) -> Result<()> {
    undo::attribute(tx, org, position, source).await?;
    trace(tx, from, ("register", "credit_code"), (None, None, Some(org.0)), "status", "恢复").await
}

async fn change(tx: &mut Tx, from: &From<'_>, org: OrgId, form: &ChangeForm, column: &str) -> Result<()> {
    orgs::change(tx, org, form).await?;
    let sql = "SELECT MAX(position) AS position FROM org_attribute WHERE org_id = $1 AND attribute = $2";
    let position = tx.one((sql, args![org, form.attribute.clone()])).await?.int("position")?;
    trace(tx, from, ("attribute", column), (Some(position), None, Some(org.0)), &form.attribute, &form.value).await
}

async fn year(tx: &mut Tx, from: &From<'_>, org: OrgId, form: &YearForm) -> Result<()> {
    let year = orgs::record_year(tx, org, form).await?;
    let sql = "SELECT MAX(position) AS position FROM org_year WHERE org_id = $1 AND year = $2";
    let position = tx.one((sql, args![org, i64::from(year)])).await?.int("position")?;
    let said = [("从业人员 ", &form.employees), ("营业收入 ", &form.revenue), ("资产总额 ", &form.assets)];
    let said = said.iter().filter(|(_, figure)| !figure.is_empty()).map(|(name, figure)| format!("{name}{figure}"));
    let value = said.collect::<Vec<_>>().join("，");
    trace(tx, from, ("year", "year"), (Some(position), None, Some(org.0)), &form.year, &value).await?;
    // The size classes that followed go with the figures when they are taken back.
    let sql = "SELECT position, value FROM org_attribute WHERE org_id = $1 AND attribute = 'size' AND position > $2 \
               ORDER BY position";
    for row in &tx.all((sql, args![org, position])).await? {
        let (position, size) = (row.int("position")?, org::size_label(row.text("value")?.parse().unwrap_or(0)));
        trace(tx, from, ("class", "year"), (Some(position), None, Some(org.0)), &form.year, size).await?;
    }
    Ok(())
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
    let record: RecordId = record::enter(tx, "intake", &fact.what.title, &fact.what.document, &detail).await?;
    // A key whose facts have all been reversed is free again: the looking has found none of it standing.
    let sql = format!(
        "UPDATE import_key SET undone = 1 WHERE row_key = $1 AND undone = 0 AND NOT EXISTS \
         (SELECT 1 FROM fact f WHERE f.record_id = import_key.record_id AND {})",
        queries::STANDS
    );
    tx.run((&*sql, args![key])).await?;
    let sql = "INSERT INTO import_key (row_key, import_id, record_id, digest) VALUES ($1, $2, $3, $4)";
    tx.run((sql, args![key, from.import.id, record, fact.digest()])).await.map_err(|error| match error {
        Error::Conflict(_) => Error::Conflict("同样的行刚由其他人导入，什么都没有保存；请重新打开本页再保存".into()),
        other => other,
    })?;
    tx.record(fact.new_fact(record)).await?;
    let said = format!("{} × {}，{} 元", fact.what.on, fact.what.quantity, fact.what.amount.yuan());
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
