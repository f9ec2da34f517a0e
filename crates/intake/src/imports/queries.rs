//! Reads of imports, and of what rows are held against.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kernel::access::Scope;
use kernel::id::{OrgId, Position, RecordId};
use kernel::ledger::FactKind;
use kernel::ledger::entry::Happened;
use kernel::store::{Read, Row, Sql};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result, args};

use super::model::{Import, Trace, What};

/// Imports listed at most.
const LISTED: i64 = 50;

const COLUMNS: &str = "SELECT i.id, i.template, i.file_name, i.digest, i.size, i.uploaded_at, i.uploaded_by, i.done_at, \
     i.done_by, i.saved, i.unchanged, i.refused, i.undone_at, i.undone_by, i.undo_reason, i.undo_left FROM import i WHERE ";

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

/// An import is seen by who holds all units whose rows it may hold.
fn within(scope: &Scope, sql: &mut Sql) {
    match units(scope) {
        None => sql.push("1 = 1"),
        Some(units) if units.is_empty() => sql.push("1 = 0"),
        Some(units) => sql
            .push("NOT EXISTS (SELECT 1 FROM import_unit u WHERE u.import_id = i.id AND u.unit_id NOT IN ")
            .ints(units)
            .push(")"),
    };
}

/// The units of a scope; `None` for everything.
fn units(scope: &Scope) -> Option<Vec<i64>> {
    match scope {
        Scope::All => None,
        Scope::Units(units) => Some(units.iter().map(|u| u.0).collect()),
        Scope::Any(parts) => parts.iter().map(units).collect::<Option<Vec<_>>>().map(|parts| parts.concat()),
        // An import is told by its units alone: who answers for a part of their rows sees none.
        Scope::Every(_) | Scope::Industry(_) | Scope::Own(_) | Scope::Nothing => Some(Vec::new()),
    }
}

/// The import with this number.
///
/// # Errors
/// [`Error::NotFound`] also for one with a unit that the scope does not hold.
pub(super) async fn find(read: &Read, scope: &Scope, id: i64) -> Result<Import> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("i.id = ").bind(id).push(" AND ");
    within(scope, &mut sql);
    import(&read.one(sql).await?)
}

/// The newest imports that the scope holds.
///
/// # Errors
/// As the database says.
pub(super) async fn list(read: &Read, scope: &Scope) -> Result<Vec<Import>> {
    let mut sql = Sql::new(COLUMNS);
    within(scope, &mut sql);
    sql.push(" ORDER BY i.id DESC LIMIT ").bind(LISTED);
    read.all(sql).await?.iter().map(import).collect()
}

/// The content of an uploaded file.
///
/// # Errors
/// [`Error::NotFound`].
pub(super) async fn content(read: &Read, digest: &str) -> Result<Vec<u8>> {
    read.one(("SELECT content FROM import_file WHERE digest = $1", args![digest])).await?.get("content")
}

/// What an import stored about organisations that the scope holds now, in order; at most `limit`.
///
/// # Errors
/// As the database says.
pub(super) async fn traces(read: &Read, scope: &Scope, import: i64, limit: i64) -> Result<Vec<Trace>> {
    let mut sql = Sql::new(
        "SELECT t.what, t.position, t.record_id, t.org_id, t.field, t.value, t.sheet, t.cell, t.label \
         FROM import_trace t LEFT JOIN organisation o ON o.id = t.org_id WHERE t.import_id = ",
    );
    sql.bind(import).push(" AND (t.org_id IS NULL OR ");
    scope.on_orgs(&mut sql, "o");
    sql.push(") ORDER BY t.id LIMIT ").bind(limit);
    let rows = read.all(sql).await?;
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

/// How many values an import stored.
///
/// # Errors
/// As the database says.
pub(super) async fn count_traces(read: &Read, import: i64) -> Result<i64> {
    let sql = "SELECT COUNT(*) AS n FROM import_trace WHERE import_id = $1";
    read.one((sql, args![import])).await?.int("n")
}

/// The organisations with these codes, whoever may see them.
///
/// # Errors
/// As the database says.
pub(super) async fn orgs_with(read: &Read, codes: &BTreeSet<String>) -> Result<BTreeSet<OrgId>> {
    let codes: Vec<&String> = codes.iter().collect();
    let mut found = BTreeSet::new();
    for codes in codes.chunks(500) {
        let mut sql = Sql::new("SELECT id FROM organisation WHERE credit_code IN ");
        sql.binds(codes.iter().map(|c| (*c).clone()))
            .push(" OR local_code IN ")
            .binds(codes.iter().map(|c| (*c).clone()));
        for row in read.all(sql).await? {
            found.insert(OrgId(row.get("id")?));
        }
    }
    Ok(found)
}

/// Facts of a record that are in effect, as a condition on an alias `f`.
pub(super) const STANDS: &str =
    "f.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position)";

/// A fact that was stored under a key.
pub(super) struct Stored {
    /// The number of the import.
    pub import: i64,
    pub digest: String,
    /// What it says, for people.
    pub said: String,
}

/// What is stored under the key of a row of this kind, as long as a fact of it stands.
///
/// # Errors
/// As the database says.
pub(super) async fn stored(read: &Read, kind: &FactKind, key: &str) -> Result<Option<Stored>> {
    let sql = format!(
        "SELECT k.import_id, k.digest, f.class, f.occurred_on, f.quantity, f.amount_fen, c.title, c.document \
         FROM import_key k JOIN record c ON c.id = k.record_id JOIN fact f ON f.record_id = k.record_id \
         WHERE k.row_key = $1 AND k.undone = 0 AND {STANDS} ORDER BY f.position LIMIT 1"
    );
    let Some(row) = read.opt((&*sql, args![key])).await? else { return Ok(None) };
    let what = Happened {
        class: row.get("class")?,
        on: row.get("occurred_on")?,
        quantity: row.get("quantity")?,
        amount: Fen(row.get("amount_fen")?),
        title: row.get("title")?,
        document: row.get("document")?,
    };
    Ok(Some(Stored { import: row.get("import_id")?, digest: row.get("digest")?, said: said(kind, &what) }))
}

/// What happened, in a line.
pub(super) fn said(kind: &FactKind, what: &Happened) -> String {
    let mut parts = vec![what.on.to_string(), kind.class_label(&what.class).to_owned()];
    parts.push(format!("{} {}", what.quantity, kind.unit));
    parts.push(if kind.money { format!("{} 万元", what.amount.exact_wan()) } else { String::new() });
    parts.extend([what.title.clone(), what.document.clone()]);
    parts.retain(|part| !part.is_empty());
    parts.join("，")
}

/// A fact of a record that is in effect.
pub(super) struct Standing {
    pub position: Position,
    /// Whether it is the one first recorded, or that one moved by a merge, and not what a correction put in its place.
    pub is_own: bool,
}

/// The facts of a record that are in effect.
///
/// # Errors
/// As the database says.
pub(super) async fn own_facts(read: &Read, record: RecordId) -> Result<Vec<Standing>> {
    // A merge carries a fact over as it is, so a move says the same of another subject.
    let sql = format!(
        "SELECT f.position, CAST(CASE WHEN f.position = m.position THEN 1 WHEN f.kind = m.kind AND f.class = m.class \
         AND f.occurred_on = m.occurred_on AND f.quantity = m.quantity AND f.amount_fen = m.amount_fen AND NOT EXISTS \
         (SELECT 1 FROM amendment a JOIN amendment_decision d ON d.amendment_id = a.id AND d.accepted = 1 \
         JOIN fact c ON c.position = a.fact WHERE c.record_id = f.record_id) THEN 1 ELSE 0 END AS BIGINT) AS own \
         FROM fact f JOIN fact m ON m.position = (SELECT MIN(position) FROM fact WHERE record_id = $1) \
         WHERE f.record_id = $1 AND {STANDS} ORDER BY f.position"
    );
    let rows = read.all((&*sql, args![record])).await?;
    let standing = |row: &Row| Ok(Standing { position: Position(row.get("position")?), is_own: row.int("own")? == 1 });
    rows.iter().map(standing).collect()
}

/// Whether a body is the subject of a fact in effect.
///
/// # Errors
/// As the database says.
pub(super) async fn has_facts(read: &Read, org: OrgId) -> Result<bool> {
    let sql = format!("SELECT f.position FROM fact f WHERE f.subject_id = $1 AND {STANDS} LIMIT 1");
    Ok(read.opt((&*sql, args![org])).await?.is_some())
}

/// Whether yearly figures of a body were recorded after an instant.
///
/// # Errors
/// As the database says.
pub(super) async fn has_years_after(read: &Read, org: OrgId, at: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT position FROM org_year WHERE org_id = $1 AND recorded_at > $2 LIMIT 1";
    Ok(read.opt((sql, args![org, at])).await?.is_some())
}

/// A figure declared for a day.
pub(super) struct Stated {
    pub value: String,
    pub source: String,
    pub person: String,
}

/// The figure declared for exactly this day.
///
/// # Errors
/// As the database says.
pub(super) async fn declared(read: &Read, indicator: &str, as_on: Day) -> Result<Option<Stated>> {
    let sql =
        "SELECT value, source, person FROM declared WHERE indicator = $1 AND as_on = $2 ORDER BY position DESC LIMIT 1";
    let Some(row) = read.opt((sql, args![indicator, as_on])).await? else { return Ok(None) };
    let stated = Stated { value: row.get("value")?, source: row.get("source")?, person: row.get("person")? };
    Ok(Some(stated).filter(|stated| !stated.value.is_empty()))
}

/// What was last said of a target.
pub(super) struct LastTarget {
    /// Below zero when it was withdrawn.
    pub value: i64,
    pub source: String,
    pub at: DateTime<Utc>,
    pub by: String,
}

/// What was last said of a target.
///
/// # Errors
/// As the database says.
pub(super) async fn target(read: &Read, indicator: &str, period: &str, unit: i64) -> Result<Option<LastTarget>> {
    let sql = "SELECT value, source, recorded_at, recorded_by FROM target WHERE indicator = $1 AND period = $2 \
               AND unit_id = $3 ORDER BY position DESC LIMIT 1";
    let row = read.opt((sql, args![indicator, period, unit])).await?;
    row.map(|row| {
        let (at, by) = (row.get("recorded_at")?, row.get("recorded_by")?);
        Ok(LastTarget { value: row.get("value")?, source: row.get("source")?, at, by })
    })
    .transpose()
}

/// When and by whom the figures of a year were last recorded.
///
/// # Errors
/// As the database says.
pub(super) async fn year_by(read: &Read, org: OrgId, year: &str) -> Result<Option<(DateTime<Utc>, String)>> {
    let sql = "SELECT recorded_at, recorded_by FROM org_year WHERE org_id = $1 AND year = $2 \
               ORDER BY position DESC LIMIT 1";
    let row = read.opt((sql, args![org, year.parse::<i64>().unwrap_or(0)])).await?;
    row.map(|row| Ok((row.get("recorded_at")?, row.get("recorded_by")?))).transpose()
}
