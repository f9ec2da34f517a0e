//! Publications in a list, page by page.

use super::register::{Verified, is_visible, verified};
use crate::access::Scope;
use crate::id::{Position, PublicationId};
use crate::store::{Read, Sql};
use crate::value::day::Day;
use crate::{Error, Result, args};

/// A publication in a list.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Number.
    pub id: PublicationId,
    /// Title of the document.
    pub title: String,
    /// The day it was published.
    pub published_on: Day,
    /// The position its figures were known at.
    pub known: Position,
    /// By whom it was published.
    pub published_by: String,
    /// How many figures it cites.
    pub figures: i64,
    /// What the last re-derivation found.
    pub last: Option<Verified>,
}

/// A page of publications, the newest first: those after the one with which the page before ended.
///
/// # Errors
/// [`Error::Invalid`] at `after` for a publication that does not exist.
pub async fn list(read: &Read, scope: &Scope, after: Option<PublicationId>, limit: i64) -> Result<Vec<Summary>> {
    if !is_visible(scope) {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "SELECT p.id AS number, p.title, p.published_on, p.known AS published_known, p.published_by, \
         (SELECT COUNT(*) FROM publication_figure f WHERE f.publication_id = p.id) AS figures, \
         v.id, v.known, v.alarms, v.drifted, v.verified_at, v.verified_by FROM publication p LEFT JOIN verification v \
         ON v.id = (SELECT MAX(n.id) FROM verification n WHERE n.publication_id = p.id)",
    );
    if let Some(after) = after {
        let edge = read.opt(("SELECT published_on FROM publication WHERE id = $1", args![after])).await?;
        let unknown = || Error::invalid("after", "翻页位置不存在，请从第一页看起");
        let on: Day = edge.ok_or_else(unknown)?.get("published_on")?;
        sql.push(" WHERE p.published_on < ").bind(on).push(" OR (p.published_on = ").bind(on);
        sql.push(" AND p.id < ").bind(after).push(")");
    }
    sql.push(" ORDER BY p.published_on DESC, p.id DESC LIMIT ").bind(limit.clamp(1, 500));
    let rows = read.all(sql).await?;
    rows.iter()
        .map(|row| {
            Ok(Summary {
                id: PublicationId(row.get("number")?),
                title: row.get("title")?,
                published_on: row.get("published_on")?,
                known: Position(row.get("published_known")?),
                published_by: row.get("published_by")?,
                figures: row.int("figures")?,
                last: row.get::<Option<i64>>("id")?.map(|_| verified(row)).transpose()?,
            })
        })
        .collect()
}
