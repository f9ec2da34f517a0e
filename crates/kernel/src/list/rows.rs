//! The rows of a list: a page in keyset order, the count, and the numbers of all that are asked for.

use super::ask::{Asked, Edge, Test};
use super::column::{Cell, Column, Row};
use super::{List, May, Order};
use crate::access::Scope;
use crate::consent::{self, Used};
use crate::store::{Read, Sql, Value};
use crate::{Error, Result};

/// Rows counted at most, so that the cost of a page does not grow with the table.
pub const COUNTED: i64 = 10_000;

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Before which the page before ends; nothing on the first.
    pub prev: Option<Edge>,
    /// After which the next begins; nothing on the last.
    pub next: Option<Edge>,
    /// The consents that its rows rest on: to be written down before it is handed over.
    pub used: Vec<Used>,
}

/// A page of the list within a scope, for somebody with these permissions.
///
/// # Errors
/// As the database says.
pub async fn page(read: &Read, list: &List, scope: &Scope, asked: &Asked, may: May<'_>) -> Result<Page> {
    let columns = list.visible(may);
    let mut sql = Sql::new("SELECT ");
    sql.push(list.id).push(" AS row_id");
    for column in &columns {
        sql.push(", ").push(column.sql).push(" AS ").push(&named(column));
    }
    within(read, &mut sql, list, scope, asked);
    let back = asked.before.is_some() && asked.after.is_none();
    let by = asked.order.column.and_then(|code| list.column(code));
    let forward = asked.order.descending == back;
    if let Some(edge) = asked.after.as_ref().or(asked.before.as_ref()) {
        beyond(&mut sql, list.id, by, edge, forward);
    }
    order(&mut sql, list.id, by, forward);
    sql.push(" LIMIT ").bind(asked.limit + 1);
    let found = read.all(sql).await?;
    let rows = found.iter().map(|row| row_of(row, &columns)).collect::<Result<Vec<_>>>()?;
    let mut page = cut(rows, asked, back);
    if let Some(rests) = list.rests {
        page.used = consent::behind(read, scope, page.rows.iter().map(rests)).await?;
    }
    Ok(page)
}

fn named(column: &Column) -> String {
    format!("c_{}", column.code)
}

fn row_of(row: &crate::store::Row, columns: &[&Column]) -> Result<Row> {
    let cells = columns.iter().map(|column| Ok((column.code, column.cell(row, &named(column))?)));
    Ok(Row { id: row.get("row_id")?, cells: cells.collect::<Result<_>>()? })
}

/// The page out of one row more than it holds.
fn cut(mut rows: Vec<Row>, asked: &Asked, back: bool) -> Page {
    let more = rows.len() as i64 > asked.limit;
    rows.truncate(usize::try_from(asked.limit).unwrap_or(0));
    if back {
        rows.reverse();
    }
    let edge = |row: &Row| edge_of(row, asked.order);
    let prev = rows.first().filter(|_| if back { more } else { asked.after.is_some() }).map(edge);
    let next = rows.last().filter(|_| back || more).map(edge);
    Page { rows, prev, next, used: Vec::new() }
}

fn edge_of(row: &Row, order: Order) -> Edge {
    let value = order.column.map_or(Cell::None, |code| row.cell(code).clone());
    Edge { value, id: row.id }
}

/// Appends `FROM … WHERE` with the gate first: nothing is asked without it.
fn within(read: &Read, sql: &mut Sql, list: &List, scope: &Scope, asked: &Asked) {
    sql.push(" FROM ").push(list.from).push(" WHERE ");
    (list.gate)(scope, sql);
    for (text, value) in &list.fixed {
        sql.push(" AND ").push(text).bind(value.clone());
    }
    if let Some(search) = list.search.filter(|_| !asked.text.is_empty()) {
        sql.push(" AND ");
        search(read, sql, &asked.text);
    }
    for (at, test) in &asked.tests {
        let Some(column) = list.columns.get(*at) else { continue };
        sql.push(" AND ");
        match test {
            Test::Is(value) => sql.push(column.sql).push(" = ").bind(value.clone()),
            Test::Holds(text) => {
                let pattern = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                sql.push("LOWER(").push(column.sql).push(") LIKE ").bind(format!("%{pattern}%")).push(" ESCAPE '\\'")
            }
            Test::From(value) => sql.push(column.sql).push(" >= ").bind(value.clone()),
            Test::To(value) => sql.push(column.sql).push(" <= ").bind(value.clone()),
        };
    }
}

fn bound(cell: &Cell) -> Option<Value> {
    match cell {
        Cell::None => None,
        Cell::Text(text) => Some(text.clone().into()),
        Cell::Number(n) => Some((*n).into()),
        Cell::Money(fen) => Some(fen.0.into()),
        Cell::Day(on) => Some((*on).into()),
        Cell::Instant(at) => Some((*at).into()),
    }
}

/// Appends "the row stands beyond this edge". A row without a value is above all that have one, on both databases.
fn beyond(sql: &mut Sql, id: &str, by: Option<&Column>, edge: &Edge, forward: bool) {
    let past = if forward { " > " } else { " < " };
    sql.push(" AND ");
    let Some(column) = by else {
        sql.push(id).push(past).bind(edge.id);
        return;
    };
    let x = column.sql;
    match bound(&edge.value) {
        Some(value) => {
            let tied = |sql: &mut Sql, value: Value| {
                sql.push(x).push(past).bind(value.clone()).push(" OR (").push(x).push(" = ").bind(value);
                sql.push(" AND ").push(id).push(past).bind(edge.id).push(")");
            };
            if !column.nullable {
                // Said once more for the index, which cannot begin at an OR.
                sql.push(x).push(if forward { " >= " } else { " <= " }).bind(value.clone()).push(" AND ");
            }
            sql.push("(");
            tied(sql, value);
            if column.nullable && forward {
                sql.push(" OR ").push(x).push(" IS NULL");
            }
            sql.push(")");
        }
        None if forward => {
            sql.push(x).push(" IS NULL AND ").push(id).push(past).bind(edge.id);
        }
        None => {
            sql.push("(").push(x).push(" IS NOT NULL OR ").push(id).push(past).bind(edge.id).push(")");
        }
    }
}

fn order(sql: &mut Sql, id: &str, by: Option<&Column>, forward: bool) {
    let way = if forward { "" } else { " DESC" };
    sql.push(" ORDER BY ");
    if let Some(column) = by {
        sql.push(column.sql).push(way);
        if column.nullable {
            sql.push(if forward { " NULLS LAST" } else { " NULLS FIRST" });
        }
        sql.push(", ");
    }
    sql.push(id).push(way);
}

/// How many rows the list holds on all its pages, counted no further than one above [`COUNTED`].
///
/// # Errors
/// As the database says.
pub async fn count(read: &Read, list: &List, scope: &Scope, asked: &Asked) -> Result<i64> {
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM (SELECT 1 AS one");
    within(read, &mut sql, list, scope, asked);
    sql.push(" LIMIT ").bind(COUNTED + 1).push(") w");
    read.one(sql).await?.int("n")
}

/// The numbers of all rows that are asked for, on whatever page.
///
/// # Errors
/// [`Error::Invalid`] at `form` when there are more than `most`.
pub async fn ids(read: &Read, list: &List, scope: &Scope, asked: &Asked, most: i64) -> Result<Vec<i64>> {
    let mut sql = Sql::new("SELECT ");
    sql.push(list.id).push(" AS row_id");
    within(read, &mut sql, list, scope, asked);
    sql.push(" ORDER BY ").push(list.id).push(" LIMIT ").bind(most + 1);
    let found = read.all(sql).await?;
    if found.len() as i64 > most {
        return Err(Error::invalid("form", format!("一次最多 {most} 条，请用筛选缩小范围，分几次办理")));
    }
    found.iter().map(|row| row.get("row_id")).collect()
}
