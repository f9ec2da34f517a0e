//! From where values were taken: the cell of a workbook behind an attribute or the figures of a year.
//!
//! Owns the words, by the position of the value. Never interprets them.

use std::collections::HashMap;

use crate::id::{OrgId, Position};
use crate::store::{Read, Row, Sql, Tx};
use crate::{Result, args};

/// Where one value was taken from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The place of the value among everything recorded.
    pub position: Position,
    /// Whose value it is.
    pub org: OrgId,
    /// Where it was taken from, in Chinese.
    pub words: String,
}

/// Keeps from where values were taken that this act records.
///
/// # Errors
/// As the database says.
pub async fn keep_origins(tx: &Tx, origins: &[Origin]) -> Result<()> {
    for origins in origins.chunks(1000) {
        let mut sql = Sql::new("INSERT INTO org_origin (position, org_id, words) VALUES ");
        for (i, origin) in origins.iter().enumerate() {
            sql.push(if i == 0 { "(" } else { ", (" }).bind(origin.position).push(", ").bind(origin.org);
            sql.push(", ").bind(origin.words.clone()).push(")");
        }
        tx.run(sql).await?;
    }
    Ok(())
}

/// From where the attributes of an organisation were taken, by their position.
///
/// # Errors
/// As the database says.
pub async fn origins(read: &Read, org: OrgId) -> Result<HashMap<Position, String>> {
    let sql = "SELECT position, words FROM org_origin WHERE org_id = $1";
    let origin = |row: &Row| Ok((Position(row.get("position")?), row.get("words")?));
    read.all((sql, args![org])).await?.iter().map(origin).collect()
}

/// From where the figures of each year were taken that are known at `known`, by the year.
///
/// # Errors
/// As the database says.
pub async fn year_origins(read: &Read, org: OrgId, known: Position) -> Result<HashMap<i32, String>> {
    let sql = "SELECT y.year, o.words FROM org_year y JOIN org_origin o ON o.position = y.position WHERE y.org_id = $1 \
               AND y.position = (SELECT MAX(position) FROM org_year z WHERE z.org_id = $1 AND z.year = y.year \
               AND z.position <= $2)";
    let origin = |row: &Row| Ok((i32::try_from(row.get::<i64>("year")?).unwrap_or(0), row.get("words")?));
    read.all((sql, args![org, known])).await?.iter().map(origin).collect()
}
