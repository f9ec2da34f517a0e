//! The rows behind a figure as a set: in one order, comparable, with a digest.
//!
//! What a row is follows the measure: facts in effect, subjects (classes, units, counterparties) with their net
//! quantity, the first fact, targets, the declaration in force.

use std::collections::BTreeMap;

use sm3::{Digest, Sm3};

use super::direct::{self, Behind};
use super::target;
use super::{Indicator, Measure, Of, Question, Within};
use crate::Result;
use crate::store::{Read, Sql};

/// What a row is and which one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum RowKey {
    /// The fact at a position.
    Fact(i64),
    /// An organisation.
    Org(i64),
    /// A class.
    Class(String),
    /// A reporting unit.
    Unit(i64),
    /// The target at a position.
    Target(i64),
    /// The declaration at a position.
    Declared(i64),
}

/// Rows in the order of their keys, each with quantity and amount in fen.
pub type RowSet = BTreeMap<RowKey, (i64, i64)>;

/// Rows fetched at once.
const PAGE: usize = 20_000;

/// The rows behind an indicator that looks at rows itself.
///
/// # Errors
/// As the database says.
pub(crate) async fn row_set(read: &Read, leaf: &Indicator, q: &Question<'_>, within: &Within) -> Result<RowSet> {
    let Some(select) = leaf.select() else { return set_by_people(read, leaf, q).await };
    let (from, to) = within.days(leaf.window.range(q.about));
    if from.is_some_and(|from| from > to) {
        return Ok(RowSet::new());
    }
    let behind = Behind { select, from, to, within, by_subject: false };
    match leaf.measure {
        Measure::Distinct(_, of) => keys(read, &behind, of, q).await,
        Measure::FirstDay(_) | Measure::MonthsSince(_) => first(read, &behind, q).await,
        _ => facts(read, &behind, q).await,
    }
}

/// Positions of the facts that make the rows of an indicator, in their order: those that are its rows,
/// or for a net count all that are counted into it, reversals too.
///
/// # Errors
/// As the database says.
pub(crate) async fn positions(read: &Read, leaf: &Indicator, q: &Question<'_>, within: &Within) -> Result<Vec<i64>> {
    let (Some(select), Measure::Distinct(..)) = (leaf.select(), &leaf.measure) else {
        let rows = row_set(read, leaf, q, within).await?;
        return Ok(rows.into_keys().filter_map(|k| if let RowKey::Fact(at) = k { Some(at) } else { None }).collect());
    };
    let (from, to) = within.days(leaf.window.range(q.about));
    if from.is_some_and(|from| from > to) {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT f.position FROM fact f WHERE ");
    Behind { select, from, to, within, by_subject: false }.condition(&mut sql, read, q)?;
    sql.push(" ORDER BY f.position");
    read.all(sql).await?.iter().map(|row| row.get("position")).collect()
}

async fn set_by_people(read: &Read, leaf: &Indicator, q: &Question<'_>) -> Result<RowSet> {
    Ok(match leaf.measure {
        Measure::Target(of) => {
            let period = leaf.window.target_period(q.about);
            let rows = target::counting(target::target_rows(read, of, &period, q).await?);
            rows.into_iter().map(|t| (RowKey::Target(t.position.0), (t.value, 0))).collect()
        }
        Measure::Declared => {
            let rows = target::declared_rows(read, leaf.code, q).await?;
            rows.into_iter().take(1).map(|d| (RowKey::Declared(d.position.0), (1, 0))).collect()
        }
        _ => RowSet::new(),
    })
}

async fn facts(read: &Read, behind: &Behind<'_>, q: &Question<'_>) -> Result<RowSet> {
    let mut found = RowSet::new();
    let mut after = i64::MIN;
    loop {
        let mut sql = Sql::new("SELECT f.position, f.quantity, f.amount_fen FROM fact f WHERE ");
        behind.condition(&mut sql, read, q)?;
        direct::in_effect(&mut sql, q);
        sql.push(" AND f.position > ").bind(after).push(" ORDER BY f.position LIMIT ").bind(PAGE as i64);
        let rows = read.all(sql).await?;
        for row in &rows {
            after = row.get("position")?;
            found.insert(RowKey::Fact(after), (row.get("quantity")?, row.get("amount_fen")?));
        }
        if rows.len() < PAGE {
            return Ok(found);
        }
    }
}

async fn first(read: &Read, behind: &Behind<'_>, q: &Question<'_>) -> Result<RowSet> {
    let mut sql = Sql::new("SELECT f.position, f.quantity, f.amount_fen FROM fact f WHERE ");
    behind.condition(&mut sql, read, q)?;
    direct::in_effect(&mut sql, q);
    sql.push(" ORDER BY f.occurred_on, f.position LIMIT 1");
    let rows = read.all(sql).await?;
    rows.iter()
        .map(|row| Ok((RowKey::Fact(row.get("position")?), (row.get("quantity")?, row.get("amount_fen")?))))
        .collect()
}

async fn keys(read: &Read, behind: &Behind<'_>, of: Of, q: &Question<'_>) -> Result<RowSet> {
    let column = direct::column(of);
    let mut sql = Sql::new("SELECT ");
    sql.push(column).push(" AS k, CAST(SUM(f.quantity) AS BIGINT) AS quantity FROM fact f WHERE ");
    behind.condition(&mut sql, read, q)?;
    sql.push(" AND ").push(column).push(" IS NOT NULL GROUP BY ").push(column).push(" HAVING SUM(f.quantity) > 0");
    let mut found = RowSet::new();
    for row in read.all(sql).await? {
        let key = match of {
            Of::Subject | Of::Counterparty => RowKey::Org(row.get("k")?),
            Of::Unit => RowKey::Unit(row.get("k")?),
            Of::Class => RowKey::Class(row.get("k")?),
        };
        found.insert(key, (row.get("quantity")?, 0));
    }
    Ok(found)
}

/// What the subjects of a selection did, net: facts in effect, quantity, amount in fen. Those with nothing are left out.
///
/// # Errors
/// As the database says.
pub(crate) async fn by_subject(
    read: &Read,
    leaf: &Indicator,
    q: &Question<'_>,
) -> Result<BTreeMap<i64, (i64, i64, i64)>> {
    let Some(select) = leaf.select() else { return Ok(BTreeMap::new()) };
    let (from, to) = leaf.window.range(q.about);
    let within = Within::default();
    let behind = Behind { select, from, to, within: &within, by_subject: false };
    let mut sql = Sql::new("SELECT f.subject_id, ");
    sql.push(direct::SUMS).push(" FROM fact f WHERE ");
    behind.condition(&mut sql, read, q)?;
    sql.push(" GROUP BY f.subject_id");
    let mut found = BTreeMap::new();
    for row in read.all(sql).await? {
        let sums = (row.int("n")?, row.int("quantity")?, row.int("amount")?);
        let is_in = if matches!(leaf.measure, Measure::Distinct(..)) { sums.1 > 0 } else { sums.0 > 0 };
        if is_in {
            found.insert(row.get("subject_id")?, sums);
        }
    }
    Ok(found)
}

/// The SM3 digest of a row set: one line per row, in the order of the keys.
pub(crate) fn digest_of_rows(rows: &RowSet) -> String {
    let mut hash = Sm3::new();
    for (key, (quantity, amount)) in rows {
        let line = match key {
            RowKey::Fact(position) => format!("fact {position} {quantity} {amount}\n"),
            RowKey::Org(org) => format!("org {org} {quantity}\n"),
            RowKey::Class(class) => format!("class {class} {quantity}\n"),
            RowKey::Unit(unit) => format!("unit {unit} {quantity}\n"),
            RowKey::Target(position) => format!("target {position} {quantity}\n"),
            RowKey::Declared(position) => format!("declared {position}\n"),
        };
        hash.update(line.as_bytes());
    }
    hex(&hash.finalize())
}

/// The SM3 digest of a text.
pub(crate) fn digest_of_text(text: &str) -> String {
    hex(&Sm3::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_sm3() {
        // The example of GB/T 32905.
        let expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(digest_of_text("abc"), expected);
    }

    #[test]
    fn the_digest_tells_quantities_apart() {
        let one = RowSet::from([(RowKey::Org(1), (1, 0))]);
        let two = RowSet::from([(RowKey::Org(1), (2, 0))]);
        assert_ne!(digest_of_rows(&one), digest_of_rows(&two));
        assert_eq!(digest_of_rows(&one), digest_of_rows(&one.clone()));
    }
}
