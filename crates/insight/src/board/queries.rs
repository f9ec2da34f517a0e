//! Reads of the board: which indicators have targets at all, so that only those are asked for theirs.

use std::collections::HashSet;

use kernel::Result;
use kernel::id::Position;
use kernel::store::{Read, Sql};

/// Codes of the indicators for which a target was set, as known then.
///
/// # Errors
/// As the database says.
pub(super) async fn targeted(read: &Read, known: Position) -> Result<HashSet<String>> {
    let mut sql = Sql::new("SELECT DISTINCT indicator FROM target WHERE position <= ");
    sql.bind(known);
    read.all(sql).await?.iter().map(|row| row.get("indicator")).collect()
}
