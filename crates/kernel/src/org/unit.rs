//! Reporting units (填报单元): who reports and is assessed, whatever the administrative division says.

use crate::audit::Verb;
use crate::id::UnitId;
use crate::store::{Read, Tx};
use crate::{Result, args};

/// A reporting unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Number; 0 is "no unit".
    pub id: UnitId,
    /// Short code used in workbooks and addresses.
    pub code: String,
    /// Name.
    pub name: String,
}

/// All units in their usual order.
///
/// # Errors
/// As the database says.
pub async fn units(read: &Read) -> Result<Vec<Unit>> {
    read.all("SELECT id, code, name FROM unit ORDER BY sort")
        .await?
        .iter()
        .map(|r| Ok(Unit { id: UnitId(r.get("id")?), code: r.get("code")?, name: r.get("name")? }))
        .collect()
}

/// Adds a unit at the end of the order.
///
/// # Errors
/// [`crate::Error::Conflict`] when the number or code is taken.
pub async fn create_unit(tx: &Tx, id: UnitId, code: &str, name: &str) -> Result<()> {
    tx.run(("INSERT INTO unit (id, code, name, sort) VALUES ($1, $2, $3, $1)", args![id, code, name])).await?;
    tx.step(Verb::UNIT_MADE, "unit", id.0);
    tx.changes("填报单元", "", name);
    Ok(())
}
