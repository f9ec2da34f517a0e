//! Reads of imports, and of what rows are held against.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use kernel::access::Scope;
use kernel::id::{OrgId, Position, RecordId};
use kernel::ledger::entry::Happened;
use kernel::ledger::{FactKind, browse};
use kernel::publication::Published;
use kernel::store::{Read, Row, Sql};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result, args};

use super::model::{Import, Trace, What};

/// Imports listed at most.
const LISTED: i64 = 50;

const COLUMNS: &str = "SELECT i.id, i.template, i.file_name, i.digest, i.size, i.uploaded_at, i.uploaded_by, i.done_at, \
     i.done_by, i.saved, i.unchanged, i.refused, i.undone_at, i.undone_by, i.undo_reason, i.undo_left, i.columns, i.columns_at FROM import i WHERE ";

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
        columns: row.get("columns")?,
        columns_at: row.get("columns_at")?,
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

/// Facts of a record that are in effect, as a condition on an alias `f`.
pub(super) const STANDS: &str =
    "f.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position)";

/// A fact that was stored under a key.
pub(super) struct Stored {
    /// The number of the import.
    pub import: i64,
    pub digest: String,
    /// What it says.
    pub what: Happened,
}

/// What is stored under keys of rows, as long as a fact of it stands.
///
/// # Errors
/// As the database says.
pub(super) async fn stored(read: &Read, keys: &BTreeSet<String>) -> Result<HashMap<String, Stored>> {
    let keys: Vec<&String> = keys.iter().collect();
    let mut found = HashMap::new();
    for keys in keys.chunks(1000) {
        let mut sql = Sql::new(
            "SELECT k.row_key, k.import_id, k.digest, f.class, f.occurred_on, f.quantity, f.amount_fen, c.title, \
             c.document FROM import_key k JOIN record c ON c.id = k.record_id JOIN fact f ON f.record_id = k.record_id \
             WHERE k.undone = 0 AND k.row_key IN ",
        );
        sql.binds(keys.iter().map(|key| (*key).clone())).push(" AND ").push(STANDS).push(" ORDER BY f.position DESC");
        // Of several facts of a record the first stands last, and is the one that is told.
        for row in read.all(sql).await? {
            let what = Happened {
                class: row.get("class")?,
                on: row.get("occurred_on")?,
                quantity: row.get("quantity")?,
                amount: Fen(row.get("amount_fen")?),
                title: row.get("title")?,
                document: row.get("document")?,
            };
            let stored = Stored { import: row.get("import_id")?, digest: row.get("digest")?, what };
            found.insert(row.get("row_key")?, stored);
        }
    }
    Ok(found)
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

/// The facts in effect of an import, within a scope, that stand behind published figures, in the order of their positions.
///
/// # Errors
/// As the database says.
pub(super) async fn behind_published(read: &Read, scope: &Scope, import: i64) -> Result<Vec<Position>> {
    let published = Published::load(read).await?;
    let sql = format!(
        "SELECT f.position FROM fact f WHERE {STANDS} AND f.record_id IN \
         (SELECT t.record_id FROM import_trace t WHERE t.import_id = $1 AND t.what = 'fact') ORDER BY f.position"
    );
    let rows = read.all((&*sql, args![import])).await?;
    let positions = rows.iter().map(|row| Ok(Position(row.get("position")?))).collect::<Result<Vec<_>>>()?;
    let facts = browse::at(read, scope, &positions).await?;
    Ok(facts.iter().filter(|fact| published.rests_on(fact)).map(|fact| fact.position).collect())
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
    pub at: DateTime<Utc>,
    pub by: String,
}

/// The figure declared for exactly this day.
///
/// # Errors
/// As the database says.
pub(super) async fn declared(read: &Read, indicator: &str, as_on: Day) -> Result<Option<Stated>> {
    let sql = "SELECT value, source, person, recorded_at, recorded_by FROM declared WHERE indicator = $1 AND as_on = $2 \
         ORDER BY position DESC LIMIT 1";
    let Some(row) = read.opt((sql, args![indicator, as_on])).await? else { return Ok(None) };
    let stated = Stated {
        value: row.get("value")?,
        source: row.get("source")?,
        person: row.get("person")?,
        at: row.get("recorded_at")?,
        by: row.get("recorded_by")?,
    };
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
