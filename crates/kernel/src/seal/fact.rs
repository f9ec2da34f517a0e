//! A fact in the form that is sealed: independent of numbers, types and spellings of a database.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::hash::Hash;
use super::sealed::{Sealable, Stored};
use crate::id::Position;
use crate::ledger::browse;
use crate::store::{Read, Row, Sql, Store};
use crate::{Error, Result};

/// A fact as it is sealed. The order of the fields is that of its bytes; see `docs/seals.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedFact {
    /// Its place in the ledger.
    pub position: i64,
    /// Code of its kind.
    pub kind: String,
    /// Class code, empty when unclassified.
    pub class: String,
    /// Subject.
    pub subject: i64,
    /// Counterparty.
    pub counterparty: Option<i64>,
    /// Reporting unit on the day, 0 for none.
    pub unit: i64,
    /// Administrative division on the day, 0 for unknown.
    pub region: i64,
    /// Industry on the day.
    pub industry: String,
    /// Size class on the day, 0 for unknown.
    pub size: i64,
    /// Above designated size on the day: 1 or 0.
    pub above_scale: i64,
    /// The day it is about, `YYYY-MM-DD`.
    pub occurred_on: String,
    /// How many.
    pub quantity: i64,
    /// How much, in fen.
    pub amount_fen: i64,
    /// Number of the source record.
    pub record: i64,
    /// The fact it reverses.
    pub reverses: Option<i64>,
    /// Why.
    pub reason: Option<String>,
    /// When it was recorded, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
    pub recorded_at: String,
    /// By whom.
    pub recorded_by: String,
}

impl Sealable for SealedFact {
    const TABLE: &'static str = "fact";
    const POSITION: &'static str = "position";
    const SEALS: &'static str = "seal";
    const LEAF: u8 = 0;
    const IS_AUDIT: bool = false;

    fn genesis() -> Hash {
        Hash::ZERO
    }

    fn position(&self) -> i64 {
        self.position
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        let out = &mut bytes;
        int(out, self.position);
        text(out, &self.kind);
        text(out, &self.class);
        int(out, self.subject);
        maybe(out, self.counterparty.as_ref(), |out, v| int(out, *v));
        int(out, self.unit);
        int(out, self.region);
        text(out, &self.industry);
        int(out, self.size);
        int(out, self.above_scale);
        text(out, &self.occurred_on);
        int(out, self.quantity);
        int(out, self.amount_fen);
        int(out, self.record);
        maybe(out, self.reverses.as_ref(), |out, v| int(out, *v));
        maybe(out, self.reason.as_ref(), |out, v| text(out, v));
        text(out, &self.recorded_at);
        text(out, &self.recorded_by);
        bytes
    }

    async fn settled(store: &Store) -> Result<i64> {
        Ok(store.read().await?.head()?.0)
    }

    async fn between(read: &Read, first: i64, last: i64, limit: i64) -> Result<Vec<Stored<Self>>> {
        between(read, &kinds(read).await?, first, last, limit).await
    }

    async fn is_old(&self, read: &Read) -> Result<bool> {
        Ok(browse::day_of(read, Position(self.position)).await?.is_some_and(|day| day < read.today()))
    }

    async fn archived(_: &Read) -> Result<i64> {
        Ok(0)
    }
}

/// A whole number: 8 bytes, the highest first, two's complement.
pub(crate) fn int(out: &mut Vec<u8>, value: i64) {
    out.extend(value.to_be_bytes());
}

/// Text: the number of its bytes in 4 bytes, then its bytes in UTF-8.
pub(crate) fn text(out: &mut Vec<u8>, value: &str) {
    out.extend((value.len() as u32).to_be_bytes());
    out.extend(value.as_bytes());
}

/// Something that may be absent: 0, or 1 and its bytes.
pub(crate) fn maybe<T>(out: &mut Vec<u8>, value: Option<&T>, write: impl Fn(&mut Vec<u8>, &T)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        write(out, value);
    }
}

/// Codes of kinds by their number in this store.
pub(super) type Kinds = HashMap<i64, String>;

/// The kinds this store knows.
pub(super) async fn kinds(read: &Read) -> Result<Kinds> {
    let rows = read.all("SELECT id, code FROM fact_kind").await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("code")?))).collect()
}

/// Facts between two positions, both included, in their order.
async fn between(read: &Read, kinds: &Kinds, first: i64, last: i64, limit: i64) -> Result<Vec<Stored<SealedFact>>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE position BETWEEN ").bind(first).push(" AND ").bind(last);
    sql.push(" ORDER BY position LIMIT ").bind(limit);
    all(read, kinds, sql).await
}

/// The facts at these positions, in their order.
pub(super) async fn at(read: &Read, kinds: &Kinds, positions: &[i64]) -> Result<Vec<Stored<SealedFact>>> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" WHERE position IN ").ints(positions.iter().copied()).push(" ORDER BY position");
    all(read, kinds, sql).await
}

/// The columns of a sealed fact, in the order [`of`] reads them.
const COLUMNS: &str = "SELECT position, kind, class, subject_id, counterparty_id, unit_id, region, industry, size, above_scale, \
     occurred_on, quantity, amount_fen, record_id, reverses, reason, recorded_at, recorded_by FROM fact";

async fn all(read: &Read, kinds: &Kinds, sql: Sql) -> Result<Vec<Stored<SealedFact>>> {
    let rows = read.all(sql).await?;
    rows.iter()
        .map(|row| {
            let position = row.at(0)?;
            Ok(of(row, position, kinds).map_err(|error| (position, error.detail())))
        })
        .collect()
}

/// One fact as it is stored.
pub(super) async fn find(read: &Read, position: Position) -> Result<SealedFact> {
    let kinds = kinds(read).await?;
    match between(read, &kinds, position.0, position.0, 1).await?.pop() {
        Some(Ok(fact)) => Ok(fact),
        Some(Err((_, detail))) => Err(Error::Internal(detail)),
        None => Err(Error::NotFound),
    }
}

fn of(row: &Row, position: i64, kinds: &Kinds) -> Result<SealedFact> {
    let kind: i64 = row.at(1)?;
    Ok(SealedFact {
        position,
        kind: kinds.get(&kind).ok_or_else(|| Error::Internal(format!("no kind {kind}")))?.clone(),
        class: row.at(2)?,
        subject: row.at(3)?,
        counterparty: row.at(4)?,
        unit: row.at(5)?,
        region: row.at(6)?,
        industry: row.at(7)?,
        size: row.at(8)?,
        above_scale: row.at(9)?,
        occurred_on: row.exact_day(10)?,
        quantity: row.at(11)?,
        amount_fen: row.at(12)?,
        record: row.at(13)?,
        reverses: row.at(14)?,
        reason: row.at(15)?,
        recorded_at: row.exact_instant(16)?,
        recorded_by: row.at(17)?,
    })
}
