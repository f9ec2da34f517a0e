//! Facts that move figures: what was recorded after a position, or is proposed only.

use crate::Result;
use crate::id::{OrgId, Position, RecordId};
use crate::ledger::{Dims, Fact};
use crate::store::{Read, Sql};
use crate::value::day::Day;

/// A fact as far as figures are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    /// Where it stands; 0 for one that is only proposed.
    pub position: Position,
    /// Code of its kind.
    pub kind: String,
    /// Class code.
    pub class: String,
    /// What the subject was on the day.
    pub dims: Dims,
    /// Who did it.
    pub subject: OrgId,
    /// With whom.
    pub counterparty: Option<OrgId>,
    /// The day it is about.
    pub on: Day,
    /// How many.
    pub quantity: i64,
    /// How much, in fen.
    pub amount: i64,
    /// By which record.
    pub record: RecordId,
    /// The fact it takes back.
    pub reverses: Option<Position>,
}

impl Moved {
    /// A fact that stands in the ledger.
    pub(crate) fn of(fact: &Fact) -> Self {
        Self {
            position: fact.position,
            kind: fact.kind.clone(),
            class: fact.class.clone(),
            dims: fact.dims.clone(),
            subject: fact.subject,
            counterparty: fact.counterparty,
            on: fact.occurred_on,
            quantity: fact.quantity,
            amount: fact.amount.0,
            record: fact.record,
            reverses: fact.reverses,
        }
    }
}

/// The facts of some kinds recorded after one position and up to another, about days up to `to`.
pub(crate) async fn tail(
    read: &Read,
    kinds: &[&str],
    (after, known): (Position, Position),
    to: Day,
) -> Result<Vec<Moved>> {
    let ids: Vec<i64> = kinds.iter().filter_map(|k| read.catalog().kind(k)).map(|k| k.id).collect();
    if ids.is_empty() || known <= after {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "SELECT f.position, f.kind, f.class, f.subject_id, f.counterparty_id, f.unit_id, f.region, f.industry, f.size, \
         f.above_scale, f.occurred_on, f.quantity, f.amount_fen, f.record_id, f.reverses FROM fact f WHERE f.position > ",
    );
    // The sum with a constant keeps the planner on the position: what came later is usually little.
    sql.bind(after).push(" AND f.position <= ").bind(known).push(" AND f.kind + 0 IN ").ints(ids);
    sql.push(" AND f.occurred_on <= ").bind(to).push(" ORDER BY f.position");
    let mut found = Vec::new();
    for row in read.all(sql).await? {
        found.push(Moved {
            position: Position(row.get("position")?),
            kind: read.catalog().kind_by_id(row.get("kind")?)?.decl.code.to_owned(),
            class: row.get("class")?,
            dims: Dims {
                unit: row.get("unit_id")?,
                region: row.get("region")?,
                industry: row.get("industry")?,
                size: row.get("size")?,
                above_scale: row.get("above_scale")?,
            },
            subject: OrgId(row.get("subject_id")?),
            counterparty: row.get::<Option<i64>>("counterparty_id")?.map(OrgId),
            on: row.get("occurred_on")?,
            quantity: row.get("quantity")?,
            amount: row.get("amount_fen")?,
            record: RecordId(row.get("record_id")?),
            reverses: row.get::<Option<i64>>("reverses")?.map(Position),
        });
    }
    Ok(found)
}
