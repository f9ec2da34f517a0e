//! Building tallies from the ledger, and comparing them with a full recount.

use std::collections::{BTreeMap, HashMap};

use super::append::move_of;
use super::presence::{Move, steps};
use super::tally::{Cell, Deltas, Sums};
use super::{Dims, Series, SeriesKind, tally};
use crate::store::{Read, Sql, Store, Tx};
use crate::{Result, args};

/// Builds every series that has not been built: after a first start, or after an indicator was declared anew.
pub(crate) async fn build_missing(store: &Store) -> Result<()> {
    if unbuilt(&store.read().await?).await?.is_empty() {
        return Ok(());
    }
    store
        .upkeep("汇总重建", async |tx| {
            hold(tx).await?;
            // Another server may have built them while this one waited.
            let missing = unbuilt(tx).await?;
            for series in tx.catalog().series().iter().filter(|s| missing.contains(&s.id)) {
                build(tx, series).await?;
            }
            Ok(())
        })
        .await
}

async fn unbuilt(read: &Read) -> Result<Vec<i64>> {
    let declared: Vec<i64> = read.catalog().series().iter().map(|s| s.id).collect();
    let rows = read.all("SELECT id FROM series WHERE built = 0").await?;
    let ids = rows.iter().map(|r| r.get("id")).collect::<Result<Vec<i64>>>()?;
    Ok(ids.into_iter().filter(|id| declared.contains(id)).collect())
}

/// Nobody appends while sums are counted: what an open writer adds would be missed by the count and added to it.
/// In the order in which writers come to them.
async fn hold(tx: &Tx) -> Result<()> {
    tx.hold_tables(&["fact", "tally"]).await
}

async fn build(tx: &Tx, series: &Series) -> Result<()> {
    tx.run(("DELETE FROM tally WHERE series = $1", args![series.id])).await?;
    let cells = recount(tx, series).await?.into_cells();
    tx.run_all(tally::changes(tx, &cells)).await?;
    tx.run(("UPDATE series SET built = 1 WHERE id = $1", args![series.id])).await?;
    Ok(())
}

/// Throws all tallies away and counts them again.
///
/// # Errors
/// As the database says; then the old tallies stand.
pub async fn rebuild_all(store: &Store) -> Result<()> {
    store
        .upkeep("汇总重建", async |tx| {
            hold(tx).await?;
            for series in tx.catalog().series() {
                build(tx, series).await?;
            }
            Ok(())
        })
        .await
}

/// The tallies of one series as the facts say.
async fn recount(read: &Read, series: &Series) -> Result<Deltas> {
    let mut deltas = Deltas::default();
    let mut subject = (0, Vec::new());
    let mut after = (i64::MIN, i64::MIN);
    loop {
        let rows = page(read, series, after).await?;
        for row in &rows {
            let id: i64 = row.get("subject_id")?;
            after = (id, row.get("position")?);
            match series.kind {
                SeriesKind::Additive => add(&mut deltas, series, row)?,
                SeriesKind::Presence(_) => {
                    if subject.0 != id {
                        close(&mut deltas, series, &std::mem::take(&mut subject.1));
                        subject.0 = id;
                    }
                    subject.1.push(move_of(row)?);
                }
            }
        }
        if rows.len() < PAGE {
            close(&mut deltas, series, &subject.1);
            return Ok(deltas);
        }
    }
}

const PAGE: usize = 20_000;

/// Facts of a series ordered by subject, a page at a time, so that memory stays small.
async fn page(read: &Read, series: &Series, after: (i64, i64)) -> Result<Vec<crate::store::Row>> {
    let mut sql = Sql::new(
        "SELECT f.position, f.subject_id, f.unit_id, f.industry, f.occurred_on, f.quantity, f.amount_fen, f.reverses FROM fact f WHERE ",
    );
    series.select.condition(&mut sql, "f", read.catalog())?;
    sql.push(" AND (f.subject_id, f.position) > (").bind(after.0).push(", ").bind(after.1);
    sql.push(") ORDER BY f.subject_id, f.position LIMIT ").push(&PAGE.to_string());
    read.all(sql).await
}

fn add(deltas: &mut Deltas, series: &Series, row: &crate::store::Row) -> Result<()> {
    let sign = if row.get::<Option<i64>>("reverses")?.is_some() { -1 } else { 1 };
    let dims = Dims { unit: row.get("unit_id")?, industry: row.get("industry")?, ..Dims::default() };
    let sums = Sums { n: sign, quantity: row.get("quantity")?, amount: row.get("amount_fen")? };
    deltas.fact(series, row.get("occurred_on")?, &dims, sums);
    Ok(())
}

fn close(deltas: &mut Deltas, series: &Series, moves: &[Move]) {
    let SeriesKind::Presence(partition) = series.kind else { return };
    let mut units: Vec<i64> = moves.iter().map(|m| m.unit).chain([0]).collect();
    units.sort_unstable();
    units.dedup();
    for unit in units {
        for (day, step) in steps(partition, moves, unit) {
            deltas.spread(series.id, day, unit, Sums { n: step, ..Sums::default() });
        }
    }
}

/// One tally that differs from the recount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The series' text.
    pub series: String,
    /// Which cell, in words for an operator.
    pub cell: String,
    /// What is stored.
    pub stored: Sums,
    /// What the facts say.
    pub counted: Sums,
}

/// Compares all tallies with a full recount; an empty answer means that they agree.
///
/// # Errors
/// As the database says.
pub async fn compare(store: &Store) -> Result<Vec<Difference>> {
    let read = store.read().await?;
    let mut differences = Vec::new();
    for series in store.catalog().series() {
        let mut stored: HashMap<Cell, Sums> = HashMap::new();
        let rows = read
            .all((
                "SELECT grain, unit_id, period, industry, CAST(SUM(n) AS BIGINT) AS n, CAST(SUM(quantity) AS BIGINT) AS quantity, \
                 CAST(SUM(amount_fen) AS BIGINT) AS amount FROM tally WHERE series = $1 GROUP BY grain, unit_id, period, industry",
                args![series.id],
            ))
            .await?;
        for row in &rows {
            let cell = Cell {
                series: series.id,
                grain: row.get("grain")?,
                unit: row.get("unit_id")?,
                period: row.get("period")?,
                industry: row.get("industry")?,
            };
            stored.insert(cell, Sums { n: row.int("n")?, quantity: row.int("quantity")?, amount: row.int("amount")? });
        }
        let counted = recount(&read, series).await?.0;
        let cells: BTreeMap<Cell, ()> = stored.keys().chain(counted.keys()).map(|c| (*c, ())).collect();
        for cell in cells.into_keys() {
            let (stored, counted) =
                (stored.get(&cell).copied().unwrap_or_default(), counted.get(&cell).copied().unwrap_or_default());
            if stored != counted {
                let text =
                    format!("粒度 {} 单元 {} 期间 {} 行业 {}", cell.grain, cell.unit, cell.period, cell.industry);
                differences.push(Difference { series: series.spec.clone(), cell: text, stored, counted });
            }
        }
    }
    Ok(differences)
}
