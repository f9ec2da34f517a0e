//! Writing the rows of a stretch through the actions of the forms, with a trace from every value to its cell.
//!
//! Facts, records and traces go in lots: a historical ledger has a hundred thousand of them. Never decides what may be
//! written: that was looked at in the same transaction.

use std::collections::{BTreeSet, HashMap, HashSet};

use kernel::id::{OrgId, Position};
use kernel::indicator::{declare, set_target};
use kernel::ledger::record::{self, NewRecord};
use kernel::org::{self, Origin};
use kernel::store::{Sql, Tx};
use kernel::{Error, Result, args};
use registry::orgs::{self, ChangeForm, RegisterForm, YearForm};
use sheets::{ReadRow, a1};

use super::model::{Checked, FactRow, Import, Plan, Step};
use super::{queries, undo};

/// Rows written by one statement.
const LOT: usize = 1000;

/// Where a row stands, for sources and traces.
struct From<'a> {
    sheet: &'a str,
    row: &'a ReadRow,
    label: &'a str,
}

impl From<'_> {
    fn cell(&self, column: &str) -> String {
        let col = self.row.cells.get(column).map(|c| c.col);
        col.map_or_else(|| format!("第{}行", self.row.row), |col| a1(col, self.row.row))
    }

    /// All its cells, as a range.
    fn cells(&self) -> String {
        let cols = || self.row.cells.values().map(|c| c.col);
        let corner = |col: Option<u16>| a1(col.unwrap_or(0), self.row.row);
        format!("{}:{}", corner(cols().min()), corner(cols().max()))
    }
}

/// A trace to be written.
struct NewTrace {
    what: &'static str,
    pointers: Pointers,
    field: String,
    value: String,
    sheet: String,
    cell: String,
    label: String,
    /// The cells of the attributes of a body that was registered.
    cells: Vec<(&'static str, String)>,
}

/// Position, record, body.
type Pointers = (Option<i64>, Option<i64>, Option<i64>);

/// A fact to be written, with where it stands.
struct NewFactRow<'a> {
    fact: &'a FactRow,
    key: &'a str,
    from: From<'a>,
}

/// Writes the rows of a stretch.
///
/// # Errors
/// What an action refuses, with the row it is about.
pub(super) async fn write<'a>(
    tx: &mut Tx,
    import: &Import,
    checked: &'a Checked,
) -> std::result::Result<(), (Error, &'a Plan)> {
    let (mut traces, mut facts) = (Vec::new(), Vec::new());
    for plan in &checked.plans {
        let Some(row) = checked.reading.rows.get(plan.row) else { continue };
        let sheet = checked.reading.pages.get(row.page).map_or("", |p| p.name.as_str());
        for (step, column) in &plan.steps {
            let from = From { sheet, row, label: &plan.label };
            match step {
                Step::Fact(fact) => facts.push((NewFactRow { fact, key: &plan.key, from }, plan)),
                step => take(tx, &from, step, column, &mut traces).await.map_err(|error| (error, plan))?,
            }
        }
    }
    let Some(first) = checked.plans.first() else { return Ok(()) };
    for lot in facts.chunks(LOT) {
        self::facts(tx, import, lot, &mut traces).await.map_err(|error| (error, lot.first().map_or(first, |f| f.1)))?;
    }
    for lot in traces.chunks(LOT) {
        keep(tx, import, lot).await.map_err(|error| (error, first))?;
        origins(tx, import, lot).await.map_err(|error| (error, first))?;
    }
    Ok(())
}

async fn take(
    tx: &mut Tx,
    from: &From<'_>,
    step: &Step,
    column: &'static str,
    traces: &mut Vec<NewTrace>,
) -> Result<()> {
    let trace = match step {
        Step::Register(form) => register(tx, from, form).await?,
        Step::Change { org, form } => change(tx, from, *org, form, column).await?,
        Step::Year { org, form } => return year(tx, from, *org, form, traces).await,
        Step::Lift { org, position, source } => lift(tx, from, *org, *position, source).await?,
        Step::Declare { indicator, new } => {
            let position = declare(tx, indicator, &new.value, new.as_on, &new.source, &new.person).await?;
            trace(from, ("declared", column), (Some(position.0), None, None), indicator, &new.value)
        }
        Step::Target { indicator, new } => {
            let position = set_target(tx, indicator, &new.period, new.unit, new.value, &new.source).await?;
            trace(from, ("target", column), (Some(position.0), None, None), indicator, &from.row.typed("value"))
        }
        Step::Fact(_) => return Err(Error::Internal("facts are written in lots".into())),
    };
    traces.push(trace);
    Ok(())
}

async fn register(tx: &mut Tx, from: &From<'_>, form: &RegisterForm) -> Result<NewTrace> {
    let org = orgs::register(tx, form).await?;
    let trace = trace(from, ("register", "name"), (None, None, Some(org.0)), "name", &form.name);
    let cells = super::orgs::ATTRIBUTES.into_iter().map(|(attribute, column)| (attribute, from.cell(column)));
    Ok(NewTrace { cells: cells.collect(), ..trace })
}

/// Taking this import back strikes the body off again, so it leaves the trace of a registration.
async fn lift(tx: &mut Tx, from: &From<'_>, org: OrgId, position: Position, source: &str) -> Result<NewTrace> {
    undo::attribute(tx, org, position, source).await?;
    Ok(trace(from, ("register", "credit_code"), (None, None, Some(org.0)), "status", "恢复"))
}

async fn change(tx: &mut Tx, from: &From<'_>, org: OrgId, form: &ChangeForm, column: &'static str) -> Result<NewTrace> {
    orgs::change(tx, org, form).await?;
    let sql = "SELECT MAX(position) AS position FROM org_attribute WHERE org_id = $1 AND attribute = $2";
    let position = tx.one((sql, args![org, form.attribute.clone()])).await?.int("position")?;
    Ok(trace(from, ("attribute", column), (Some(position), None, Some(org.0)), &form.attribute, &form.value))
}

async fn year(tx: &mut Tx, from: &From<'_>, org: OrgId, form: &YearForm, traces: &mut Vec<NewTrace>) -> Result<()> {
    let year = orgs::record_year(tx, org, form).await?;
    let sql = "SELECT MAX(position) AS position FROM org_year WHERE org_id = $1 AND year = $2";
    let position = tx.one((sql, args![org, i64::from(year)])).await?.int("position")?;
    let said = [("从业人员 ", &form.employees), ("营业收入 ", &form.revenue), ("资产总额 ", &form.assets)];
    let said = said.iter().filter(|(_, figure)| !figure.is_empty()).map(|(name, figure)| format!("{name}{figure}"));
    let value = said.collect::<Vec<_>>().join("，");
    traces.push(trace(from, ("year", "year"), (Some(position), None, Some(org.0)), &form.year, &value));
    // The size classes that followed go with the figures when they are taken back.
    let sql = "SELECT position, value FROM org_attribute WHERE org_id = $1 AND attribute = 'size' AND position > $2 \
               ORDER BY position";
    for row in &tx.all((sql, args![org, position])).await? {
        let (position, size) = (row.int("position")?, org::size_label(row.text("value")?.parse().unwrap_or(0)));
        traces.push(trace(from, ("class", "year"), (Some(position), None, Some(org.0)), &form.year, size));
    }
    Ok(())
}

/// Writes facts with their records and keys.
async fn facts(
    tx: &mut Tx,
    import: &Import,
    lot: &[(NewFactRow<'_>, &Plan)],
    traces: &mut Vec<NewTrace>,
) -> Result<()> {
    let digest = import.digest.get(..16).unwrap_or_default();
    let record = |(new, _): &(NewFactRow<'_>, &Plan)| NewRecord {
        title: new.fact.what.title.clone(),
        document: new.fact.what.document.clone(),
        detail: format!(
            "导入自 {}，工作表“{}”{}（第 {} 次导入，文件摘要 {digest}）",
            import.file_name,
            new.from.sheet,
            new.from.cells(),
            import.id
        ),
    };
    let records = record::enter_all(tx, "intake", &lot.iter().map(record).collect::<Vec<_>>()).await?;
    free(tx, lot.iter().map(|(new, _)| new.key)).await?;
    let mut sql = Sql::new("INSERT INTO import_key (row_key, import_id, record_id, digest) VALUES ");
    for (i, ((new, _), record)) in lot.iter().zip(&records).enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" }).bind(new.key).push(", ").bind(import.id).push(", ");
        sql.bind(*record).push(", ").bind(new.fact.digest()).push(")");
    }
    tx.run(sql).await.map_err(|error| match error {
        Error::Conflict(_) => Error::Conflict("同样的行刚由其他人导入，什么都没有保存；请重新打开本页再保存".into()),
        other => other,
    })?;
    for ((new, _), record) in lot.iter().zip(records) {
        tx.record(new.fact.new_fact(record)).await?;
        let what = &new.fact.what;
        let said = format!("{} × {}，{} 元", what.on, what.quantity, what.amount.yuan());
        let pointers = (None, Some(record.0), Some(new.fact.subject.0));
        let mut trace = trace(&new.from, ("fact", "fact"), pointers, &new.fact.kind, &said);
        trace.cell = new.from.cells();
        traces.push(trace);
    }
    Ok(())
}

/// Frees keys whose facts have all been reversed: the looking has found none of them standing.
async fn free(tx: &Tx, keys: impl Iterator<Item = &str>) -> Result<()> {
    let keys: BTreeSet<String> = keys.map(str::to_owned).collect();
    let mut sql = Sql::new("UPDATE import_key SET undone = 1 WHERE undone = 0 AND row_key IN ");
    sql.binds(keys).push(" AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.record_id = import_key.record_id AND ");
    sql.push(queries::STANDS).push(")");
    tx.run(sql).await?;
    Ok(())
}

fn trace(
    from: &From<'_>,
    (what, column): (&'static str, &str),
    pointers: Pointers,
    field: &str,
    value: &str,
) -> NewTrace {
    NewTrace {
        what,
        pointers,
        field: field.to_owned(),
        value: value.to_owned(),
        sheet: from.sheet.to_owned(),
        cell: from.cell(column),
        label: from.label.to_owned(),
        cells: Vec::new(),
    }
}

/// Keeps from which cells attributes and yearly figures were taken, so that their own page can say it.
async fn origins(tx: &Tx, import: &Import, lot: &[NewTrace]) -> Result<()> {
    let words = |trace: &NewTrace, cell: &str| {
        format!("导入自 {}，工作表“{}”{cell}（第 {} 次导入）", import.file_name, trace.sheet, import.id)
    };
    let mut origins = Vec::new();
    let mut registered: HashMap<OrgId, &NewTrace> = HashMap::new();
    for trace in lot {
        match (trace.what, trace.pointers) {
            ("attribute" | "year", (Some(position), _, Some(org))) => {
                let (position, org) = (Position(position), OrgId(org));
                origins.push(Origin { position, org, words: words(trace, &trace.cell) });
            }
            ("register", (_, _, Some(org))) if !trace.cells.is_empty() => {
                registered.insert(OrgId(org), trace);
            }
            _ => {}
        }
    }
    // All that is on record about a body of this lot came with its registration, or has its own trace.
    let mut said: HashSet<Position> = origins.iter().map(|origin| origin.position).collect();
    for (org, history) in org::histories(tx, &registered.keys().copied().collect()).await? {
        let Some(trace) = registered.get(&org) else { continue };
        for assertion in history.iter().filter(|assertion| said.insert(assertion.position)) {
            if let Some((_, cell)) = trace.cells.iter().find(|(attribute, _)| *attribute == assertion.attribute) {
                origins.push(Origin { position: assertion.position, org, words: words(trace, cell) });
            }
        }
    }
    org::keep_origins(tx, &origins).await
}

/// Keeps traces.
async fn keep(tx: &Tx, import: &Import, lot: &[NewTrace]) -> Result<()> {
    let mut sql = Sql::new(
        "INSERT INTO import_trace (import_id, what, position, record_id, org_id, field, value, sheet, cell, label) VALUES ",
    );
    for (i, trace) in lot.iter().enumerate() {
        let (position, record, org) = trace.pointers;
        sql.push(if i == 0 { "(" } else { ", (" }).bind(import.id);
        sql.push(", ").bind(trace.what).push(", ").bind(position).push(", ").bind(record).push(", ").bind(org);
        for text in [&trace.field, &trace.value, &trace.sheet, &trace.cell, &trace.label] {
            sql.push(", ").bind(text.clone());
        }
        sql.push(")");
    }
    tx.run(sql).await?;
    Ok(())
}
