//! Reads of imports, and of what templates are prefilled with.

use std::collections::BTreeMap;

use chrono::Datelike;
use kernel::access::Scope;
use kernel::id::{OrgId, UnitId};
use kernel::org::{ORG_COLUMNS, Organisation, YearFigures};
use kernel::store::{Read, Row, Sql};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result, args};
use registry::orgs::holds_unit;
use sheets::{Filled, Value};

use super::model::{Import, Trace, What};
use super::orgs::value_of;
use super::years;

/// Rows that a template is prefilled with at most.
const PREFILLED: i64 = 20_000;

const COLUMNS: &str = "SELECT id, template, file_name, digest, size, uploaded_at, uploaded_by, unit_id, done_at, done_by, \
     saved, unchanged, refused, undone_at, undone_by, undo_reason, undo_left FROM import";

fn import(row: &Row) -> Result<Import> {
    let code: String = row.get("template")?;
    Ok(Import {
        id: row.get("id")?,
        what: What::find(&code).ok_or_else(|| Error::Internal(format!("unknown template {code}")))?,
        file_name: row.get("file_name")?,
        digest: row.get("digest")?,
        size: row.get("size")?,
        uploaded_at: row.get("uploaded_at")?,
        uploaded_by: row.get("uploaded_by")?,
        unit: UnitId(row.get("unit_id")?),
        done_at: row.get("done_at")?,
        done_by: row.text("done_by")?,
        saved: row.get("saved")?,
        unchanged: row.get("unchanged")?,
        refused: row.get("refused")?,
        undone_at: row.get("undone_at")?,
        undone_by: row.text("undone_by")?,
        undo_reason: row.get("undo_reason")?,
        undo_left: row.get("undo_left")?,
    })
}

/// The import with this number.
///
/// # Errors
/// [`Error::NotFound`] also for one of a unit that the scope does not hold.
pub(super) async fn find(read: &Read, scope: &Scope, id: i64) -> Result<Import> {
    let found = import(&read.one((&*format!("{COLUMNS} WHERE id = $1"), args![id])).await?)?;
    if holds_unit(scope, found.unit) { Ok(found) } else { Err(Error::NotFound) }
}

/// The newest imports that the scope holds.
///
/// # Errors
/// As the database says.
pub(super) async fn list(read: &Read, scope: &Scope) -> Result<Vec<Import>> {
    let rows = read.all(&*format!("{COLUMNS} ORDER BY id DESC LIMIT 500")).await?;
    let mut found = rows.iter().map(import).collect::<Result<Vec<_>>>()?;
    found.retain(|i| holds_unit(scope, i.unit));
    found.truncate(50);
    Ok(found)
}

/// The content of an uploaded file.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) async fn content(read: &Read, digest: &str) -> Result<Vec<u8>> {
    read.one(("SELECT content FROM import_file WHERE digest = $1", args![digest])).await?.get("content")
}

/// What an import stored, in order; at most `limit`.
///
/// # Errors
/// As the database says.
pub(super) async fn traces(read: &Read, import: i64, limit: i64) -> Result<Vec<Trace>> {
    let rows = read
        .all((
            "SELECT what, position, record_id, org_id, field, value, sheet, cell, label FROM import_trace
             WHERE import_id = $1 ORDER BY id LIMIT $2",
            args![import, limit],
        ))
        .await?;
    let trace = |row: &Row| {
        Ok(Trace {
            what: row.get("what")?,
            position: row.get("position")?,
            record: row.get("record_id")?,
            org: row.get::<Option<i64>>("org_id")?.map(OrgId),
            field: row.get("field")?,
            value: row.get("value")?,
            sheet: row.get("sheet")?,
            cell: row.get("cell")?,
            label: row.get("label")?,
        })
    };
    rows.iter().map(trace).collect()
}

/// Whether the row of a fact is stored already.
///
/// # Errors
/// As the database says.
pub(super) async fn is_stored(read: &Read, key: &str) -> Result<bool> {
    let sql = "SELECT import_id FROM import_key WHERE row_key = $1 AND undone = 0";
    Ok(read.opt((sql, args![key])).await?.is_some())
}

/// The figure declared for exactly this day, with source and person.
///
/// # Errors
/// As the database says.
pub(super) async fn declared(read: &Read, indicator: &str, as_on: Day) -> Result<Option<(String, String, String)>> {
    let sql =
        "SELECT value, source, person FROM declared WHERE indicator = $1 AND as_on = $2 ORDER BY position DESC LIMIT 1";
    let row = read.opt((sql, args![indicator, as_on])).await?;
    let row = row.map(|r| Ok::<_, Error>((r.get("value")?, r.get("source")?, r.get("person")?))).transpose()?;
    Ok(row.filter(|(value, _, _): &(String, _, _)| !value.is_empty()))
}

/// The target in force, with its source.
///
/// # Errors
/// As the database says.
pub(super) async fn target(read: &Read, indicator: &str, period: &str, unit: i64) -> Result<Option<(i64, String)>> {
    let sql = "SELECT value, source FROM target WHERE indicator = $1 AND period = $2 AND unit_id = $3 \
               ORDER BY position DESC LIMIT 1";
    let row = read.opt((sql, args![indicator, period, unit])).await?;
    let row = row.map(|r| Ok::<_, Error>((r.get("value")?, r.get("source")?))).transpose()?;
    Ok(row.filter(|(value, _): &(i64, _)| *value >= 0))
}

/// What a template is prefilled with.
///
/// # Errors
/// As the database says.
pub(super) async fn prefilled(read: &Read, what: What, scope: &Scope) -> Result<Vec<Filled>> {
    match what {
        What::Orgs => orgs(read, scope).await,
        What::Years => year_rows(read, scope).await,
        What::Targets => targets(read, scope).await,
        What::Marks | What::Facts | What::Declared => Ok(Vec::new()),
    }
}

async fn held(read: &Read, scope: &Scope) -> Result<Vec<Organisation>> {
    let mut sql = Sql::new(ORG_COLUMNS);
    sql.push(" WHERE o.merged_into IS NULL AND ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" ORDER BY o.unit_id, o.id LIMIT ").bind(PREFILLED);
    read.all(sql).await?.iter().map(Organisation::of).collect()
}

async fn orgs(read: &Read, scope: &Scope) -> Result<Vec<Filled>> {
    let mut sql = Sql::new(
        "SELECT a.org_id, a.attribute, a.value FROM org_attribute a JOIN organisation o ON o.id = a.org_id WHERE ",
    );
    scope.on_orgs(&mut sql, "o");
    sql.push(" AND o.merged_into IS NULL AND a.attribute IN ").binds(super::orgs::ATTRIBUTES.map(|(code, _)| code));
    sql.push(" AND a.valid_from <= ").bind(read.today());
    sql.push(" AND (a.valid_to IS NULL OR a.valid_to >= ").bind(read.today()).push(") ORDER BY a.position");
    // Of the assertions that cover today, the one recorded last stands last.
    let mut values: BTreeMap<i64, BTreeMap<&'static str, Value>> = BTreeMap::new();
    for row in read.all(sql).await? {
        let (attribute, stored): (String, String) = (row.get("attribute")?, row.get("value")?);
        let Some((_, column)) = super::orgs::ATTRIBUTES.into_iter().find(|(code, _)| *code == attribute) else {
            continue;
        };
        let of = values.entry(row.get("org_id")?).or_default();
        match value_of(&attribute, &stored) {
            Some(value) => of.insert(column, value),
            None => of.remove(column),
        };
    }
    let filled = |org: Organisation| {
        let mut cells = values.remove(&org.id.0).unwrap_or_default();
        let code = |c: Option<String>| c.map(Value::Text);
        cells.extend(code(org.credit_code).map(|v| ("credit_code", v)));
        cells.extend(code(org.local_code).map(|v| ("local_code", v)));
        cells.insert("kind", Value::Text(org.kind));
        Filled { key: format!("o{}", org.id), values: cells }
    };
    Ok(held(read, scope).await?.into_iter().map(filled).collect())
}

async fn year_rows(read: &Read, scope: &Scope) -> Result<Vec<Filled>> {
    let year = read.today().year() - 1;
    let mut sql = Sql::new(
        "SELECT y.org_id, y.employees, y.revenue_fen, y.assets_fen, y.source FROM org_year y \
         JOIN organisation o ON o.id = y.org_id WHERE ",
    );
    scope.on_orgs(&mut sql, "o");
    sql.push(" AND y.year = ").bind(i64::from(year)).push(" ORDER BY y.position");
    let mut figures: BTreeMap<i64, YearFigures> = BTreeMap::new();
    for row in read.all(sql).await? {
        let of_year = YearFigures {
            year,
            employees: row.get("employees")?,
            revenue: row.get::<Option<i64>>("revenue_fen")?.map(Fen),
            assets: row.get::<Option<i64>>("assets_fen")?.map(Fen),
            source: row.get("source")?,
        };
        figures.insert(row.get("org_id")?, of_year);
    }
    let filled = |org: Organisation| {
        let mut values = BTreeMap::from([
            ("credit_code", Value::Text(org.code().to_owned())),
            ("name", Value::Text(org.name.clone())),
            ("year", Value::Count(i64::from(year))),
        ]);
        if let Some(of_year) = figures.get(&org.id.0) {
            values.extend(years::cells(of_year).into_iter().filter_map(|(key, value)| Some((key, value?))));
            values.insert("source", Value::Text(of_year.source.clone()));
        }
        Filled { key: format!("o{}-{year}", org.id), values }
    };
    let enterprises =
        held(read, scope).await?.into_iter().filter(|o| o.kind == "enterprise" || o.kind == "sole_trader");
    Ok(enterprises.map(filled).collect())
}

async fn targets(read: &Read, scope: &Scope) -> Result<Vec<Filled>> {
    let sql = "SELECT indicator, period, unit_id, value, source FROM target ORDER BY position";
    let mut last: BTreeMap<(String, String, i64), (i64, String)> = BTreeMap::new();
    for row in read.all(sql).await? {
        let key = (row.get("indicator")?, row.get("period")?, row.get("unit_id")?);
        last.insert(key, (row.get("value")?, row.get("source")?));
    }
    let shown = |((indicator, period, unit), (value, source)): ((String, String, i64), (i64, String))| {
        let of = read.catalog().indicator(&indicator)?;
        let money = matches!(of.measure, kernel::indicator::Measure::Amount(_));
        let shown = if money { Fen(value).exact_wan() } else { value.to_string() };
        let visible = value >= 0 && (*scope == Scope::All || holds_unit(scope, UnitId(unit)));
        let mut values = BTreeMap::from([
            ("indicator", Value::Text(indicator.clone())),
            ("period", Value::Text(period.clone())),
            ("value", Value::Text(shown)),
            ("source", Value::Text(source)),
        ]);
        if unit != 0 {
            values.insert("unit", Value::Text(unit.to_string()));
        }
        visible.then(|| Filled { key: format!("{indicator}|{period}|{unit}"), values })
    };
    Ok(last.into_iter().filter_map(shown).collect())
}
