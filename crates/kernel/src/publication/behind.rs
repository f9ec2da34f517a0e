//! What stands behind published figures about one subject.

use crate::id::OrgId;
use crate::store::{Read, Sql};
use crate::value::day::Day;
use crate::{Result, args};

/// How much about a subject stands behind what was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind {
    /// Facts of the subject from a day on that stand.
    pub facts: i64,
    /// Published figures that look at facts of their kinds, up to a day on or after that one.
    pub figures: i64,
}

/// Facts of a subject from a day on, and the published figures that look at their kinds: what a change of an attribute
/// leaves as it was recorded.
///
/// # Errors
/// As the database says.
pub async fn behind(read: &Read, subject: OrgId, from: Day) -> Result<Behind> {
    let sql = "SELECT f.kind, CAST(COUNT(*) AS BIGINT) AS n FROM fact f WHERE f.subject_id = $1 AND f.occurred_on >= $2 \
               AND f.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position) GROUP BY f.kind";
    let (mut facts, mut kinds) = (0, Vec::new());
    for row in read.all((sql, args![subject, from])).await? {
        facts += row.int("n")?;
        kinds.push(read.catalog().kind_by_id(row.get("kind")?)?.decl.code);
    }
    if kinds.is_empty() {
        return Ok(Behind { facts, figures: 0 });
    }
    let mut sql = Sql::new("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM publication_figure f WHERE f.about >= ");
    sql.bind(from).push(" AND (");
    for (i, kind) in kinds.iter().enumerate() {
        sql.push(if i == 0 { "f.kinds LIKE " } else { " OR f.kinds LIKE " }).bind(format!("%,{kind},%"));
    }
    sql.push(")");
    Ok(Behind { facts, figures: read.one(sql).await?.int("n")? })
}
