//! Reads of organisations. Every function takes a scope; what the scope does not hold is not found.

use kernel::access::Scope;
use kernel::id::{OrgId, Position, UnitId};
use kernel::org::{self, ORG_COLUMNS, Organisation};
use kernel::store::{Read, Row, Sql, TOO_BROAD, matches, too_broad};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result};

use chrono::Datelike;

use super::above_scale::{Edition, Line};
use super::model::{Check, Compared, Filters, Listed, Mismatch};
use super::rules;

/// Organisations a comparison looks at in one stretch, so that its cost does not grow with the register.
const STRETCH: i64 = 5000;
/// Organisations counted at most.
pub(super) const COUNTED: i64 = 10_000;
/// Contradictions shown at once.
const SHOWN: i64 = 200;

/// One page of organisations that are not merged into another, by number;
/// by credit code when the beginning of one is asked for.
///
/// # Errors
/// [`Error::Invalid`] at `q` for a single letter or digit.
pub(super) async fn list(read: &Read, scope: &Scope, filters: &Filters) -> Result<Listed> {
    if too_broad(&filters.text) {
        return Err(Error::invalid("q", TOO_BROAD));
    }
    let mut sql = Sql::new(ORG_COLUMNS);
    let by_code = condition(read, &mut sql, scope, filters);
    let key = if by_code { "o.credit_code" } else { "o.id" };
    let back = filters.before.filter(|_| filters.after.is_none());
    if let Some(edge) = filters.after.or(back) {
        sql.push(" AND ").push(key).push(if back.is_some() { " < " } else { " > " });
        match by_code {
            true => sql.push("(SELECT p.credit_code FROM organisation p WHERE p.id = ").bind(edge).push(")"),
            false => sql.bind(edge),
        };
    }
    sql.push(" ORDER BY ")
        .push(key)
        .push(if back.is_some() { " DESC LIMIT " } else { " LIMIT " })
        .bind(filters.limit + 1);
    let rows = read.all(sql).await?.iter().map(Organisation::of).collect::<Result<Vec<_>>>()?;
    Ok(page(rows, filters, back.is_some()))
}

/// Appends what the list is narrowed to; the answer is whether that is a stretch of credit codes.
fn condition(read: &Read, sql: &mut Sql, scope: &Scope, filters: &Filters) -> bool {
    sql.push(" WHERE o.merged_into IS NULL AND ");
    scope.on_orgs(sql, "o");
    let range = rules::code_range(&filters.text);
    let by_code = range.is_some();
    if let Some((first, last)) = range {
        // A whole code is named as such, so that its index is preferred to that of the unit.
        match first == last {
            true => sql.push(" AND o.credit_code = ").bind(first),
            false => sql.push(" AND o.credit_code BETWEEN ").bind(first).push(" AND ").bind(last),
        };
    } else if !filters.text.is_empty() {
        sql.push(" AND ");
        matches(read, sql, "o", &filters.text);
    }
    narrow(sql, filters);
    by_code
}

/// How many organisations the list holds on all its pages. Counts no further than [`COUNTED`], so that the cost of a
/// page does not grow with the register.
///
/// # Errors
/// As the database says.
pub(super) async fn count(read: &Read, scope: &Scope, filters: &Filters) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM (SELECT o.id FROM organisation o");
    condition(read, &mut sql, scope, filters);
    sql.push(" LIMIT ").bind(COUNTED + 1).push(") w");
    read.one(sql).await?.int("n")
}

/// The rows of one page, in order, out of one row more than it holds.
fn page(mut rows: Vec<Organisation>, filters: &Filters, back: bool) -> Listed {
    let more = rows.len() as i64 > filters.limit;
    rows.truncate(usize::try_from(filters.limit).unwrap_or(0));
    if back {
        rows.reverse();
    }
    let prev = rows.first().filter(|_| if back { more } else { filters.after.is_some() }).map(|o| o.id);
    let next = rows.last().filter(|_| back || more).map(|o| o.id);
    Listed { rows, prev, next }
}

fn narrow(sql: &mut Sql, filters: &Filters) {
    if let Some(unit) = filters.unit {
        sql.push(" AND o.unit_id = ").bind(unit);
    }
    if let Some(kind) = &filters.kind {
        sql.push(" AND o.kind = ").bind(kind.clone());
    }
    if let Some(division) = &filters.division {
        sql.push(" AND substr(o.industry, 1, 2) = ").bind(division.clone());
    }
    if let Some(above) = filters.above_scale {
        sql.push(" AND o.above_scale = ").bind(i64::from(above));
    }
    if let Some(size) = filters.size {
        sql.push(" AND o.size = ").bind(size);
    }
    if let Some(status) = &filters.status {
        sql.push(" AND o.status = ").bind(status.clone());
    }
}

/// The organisation with this number, merged or not.
///
/// # Errors
/// [`kernel::Error::NotFound`] also when the scope does not hold it.
pub(super) async fn find(read: &Read, scope: &Scope, id: OrgId) -> Result<Organisation> {
    let mut sql = Sql::new(ORG_COLUMNS);
    sql.push(" WHERE o.id = ").bind(id).push(" AND ");
    scope.on_orgs(&mut sql, "o");
    Organisation::of(&read.one(sql).await?)
}

/// How many facts a merge of this organisation would move.
///
/// # Errors
/// [`kernel::Error::NotFound`] when the scope does not hold it.
pub(super) async fn movable(read: &Read, scope: &Scope, id: OrgId) -> Result<usize> {
    find(read, scope, id).await?;
    Ok(org::movable_facts(read, id).await?.len())
}

/// One stretch of organisations after `after`, and those of them that contradict themselves on `about` as known at `known`.
///
/// # Errors
/// As the database says.
pub(super) async fn compare(
    read: &Read,
    scope: &Scope,
    (about, known): (Day, Position),
    (check, edition): (Check, Option<&Edition>),
    after: Option<OrgId>,
) -> Result<Compared> {
    let after = after.unwrap_or(OrgId(0));
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS n, MAX(w.id) AS upto FROM (SELECT o.id FROM organisation o WHERE o.merged_into IS NULL AND ",
    );
    scope.on_orgs(&mut sql, "o");
    sql.push(" AND o.id > ").bind(after).push(" ORDER BY o.id LIMIT ").bind(STRETCH).push(") w");
    let stretch = read.one(sql).await?;
    let looked_at = stretch.int("n")?;
    let upto = OrgId(stretch.int("upto")?);
    let mut sql = Sql::new("SELECT * FROM (");
    as_then(&mut sql, (about, known));
    sql.push(" FROM organisation o WHERE o.merged_into IS NULL AND ");
    scope.on_orgs(&mut sql, "o");
    sql.push(" AND o.id > ").bind(after).push(" AND o.id <= ").bind(upto).push(") m WHERE ");
    match check {
        Check::Size => {
            sql.push("m.size_then <> '0' AND m.declared_then <> m.size_then");
        }
        Check::AboveScale => against_lines(&mut sql, edition.map_or(&[][..], |e| e.lines.as_slice())),
    }
    sql.push(" ORDER BY m.id LIMIT ").bind(SHOWN);
    let rows = read.all(sql).await?.iter().map(mismatch).collect::<Result<Vec<_>>>()?;
    let next = match rows.last() {
        Some(last) if rows.len() as i64 == SHOWN => Some(last.id),
        _ => Some(upto).filter(|_| looked_at == STRETCH),
    };
    Ok(Compared { rows, looked_at, next })
}

/// Selects what an organisation was on a day, as known at a position, and its revenue of the year before.
fn as_then(sql: &mut Sql, (about, known): (Day, Position)) {
    sql.push("SELECT o.id, o.name, o.credit_code, o.local_code, o.unit_id");
    for (attribute, column) in [
        ("industry", "industry_then"),
        ("size", "size_then"),
        ("declared_size", "declared_then"),
        ("above_scale", "above_then"),
    ] {
        sql.push(", (SELECT a.value FROM org_attribute a WHERE a.org_id = o.id AND a.attribute = '").push(attribute);
        sql.push("' AND a.position <= ").bind(known).push(" AND a.valid_from <= ").bind(about);
        sql.push(" AND (a.valid_to IS NULL OR a.valid_to >= ").bind(about);
        sql.push(") ORDER BY a.position DESC LIMIT 1) AS ").push(column);
    }
    sql.push(", (SELECT y.revenue_fen FROM org_year y WHERE y.org_id = o.id AND y.year = ")
        .bind(i64::from(about.year() - 1));
    sql.push(" AND y.position <= ").bind(known).push(" ORDER BY y.position DESC LIMIT 1) AS revenue_fen");
}

/// Appends "the mark and the revenue contradict each other by one of these lines".
fn against_lines(sql: &mut Sql, lines: &[Line]) {
    sql.push("(1 = 0");
    for line in lines {
        sql.push(" OR (substr(m.industry_then, 1, 2) IN ").binds(line.divisions.iter().copied());
        sql.push(" AND ((m.above_then = '1' AND m.revenue_fen < ").bind(line.revenue.0);
        sql.push(") OR (COALESCE(m.above_then, '0') <> '1' AND m.revenue_fen >= ").bind(line.revenue.0).push(")))");
    }
    sql.push(")");
}

fn mismatch(row: &Row) -> Result<Mismatch> {
    let size = |column: &str| Ok::<_, kernel::Error>(row.text(column)?.parse().unwrap_or(0));
    let credit_code = row.text("credit_code")?;
    Ok(Mismatch {
        id: OrgId(row.get("id")?),
        name: row.get("name")?,
        code: if credit_code.is_empty() { row.text("local_code")? } else { credit_code },
        unit: UnitId(row.get("unit_id")?),
        industry: row.text("industry_then")?,
        size: size("size_then")?,
        declared_size: size("declared_then")?,
        above_scale: row.text("above_then")? == "1",
        revenue: row.get::<Option<i64>>("revenue_fen")?.map(Fen),
    })
}
