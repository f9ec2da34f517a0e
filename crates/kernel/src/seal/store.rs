//! Blocks in the database.

use chrono::{DateTime, Utc};

use super::block::{Block, Header, leaves_of};
use super::fact::SealedFact;
use super::hash::Hash;
use super::key::PublicKey;
use super::sealed::Sealable;
use crate::id::Position;
use crate::store::{Read, Row, Sql, Tx};
use crate::{Error, Result, args};

/// Columns of a header and its signature, in the order [`of`] reads them.
fn header_of<S: Sealable>() -> Sql {
    let mut sql = Sql::new(
        "SELECT number, previous, first_position, last_position, facts, root, sealed_at, public_key, signature FROM ",
    );
    sql.push(S::SEALS);
    sql
}

/// A header with its signature, or the number of a row that is none, with the reason.
pub(crate) type StoredHeader = std::result::Result<(Header, Vec<u8>), (i64, String)>;

/// Where a fact is sealed.
#[derive(Debug, Clone)]
pub struct Mark {
    /// The block's header.
    pub header: Header,
    /// When it was sealed.
    pub sealed_at: DateTime<Utc>,
}

/// All headers with their signatures, in their order.
pub(crate) async fn headers<S: Sealable>(read: &Read) -> Result<Vec<StoredHeader>> {
    let mut sql = header_of::<S>();
    sql.push(" ORDER BY number");
    read.all(sql).await?.iter().map(stored).collect()
}

/// Headers before a number with their signatures, the newest first.
pub(super) async fn headers_before(read: &Read, before: i64, limit: i64) -> Result<Vec<StoredHeader>> {
    let mut sql = header_of::<SealedFact>();
    sql.push(" WHERE number < ").bind(before).push(" ORDER BY number DESC LIMIT ").bind(limit);
    read.all(sql).await?.iter().map(stored).collect()
}

/// The header of the last block.
///
/// # Errors
/// [`Error::Conflict`] when it cannot be read.
pub async fn head(read: &Read) -> Result<Option<Header>> {
    head_of::<SealedFact>(read).await
}

/// As [`head`], of any sort.
pub(crate) async fn head_of<S: Sealable>(read: &Read) -> Result<Option<Header>> {
    let mut sql = header_of::<S>();
    sql.push(" ORDER BY number DESC LIMIT 1");
    read.opt(sql).await?.map(|row| well(&row)).transpose()
}

/// The block that holds this position, if it is sealed yet.
///
/// # Errors
/// [`Error::Conflict`] when it cannot be read.
pub async fn covering(read: &Read, position: Position) -> Result<Option<Mark>> {
    let mut sql = header_of::<SealedFact>();
    sql.push(" WHERE last_position >= ").bind(position).push(" ORDER BY last_position LIMIT 1");
    let row = read.opt(sql).await?.filter(|row| row.int("first_position").is_ok_and(|first| first <= position.0));
    row.map(|row| Ok(Mark { header: well(&row)?, sealed_at: row.get("sealed_at")? })).transpose()
}

/// The whole block that begins with this header.
pub(super) async fn whole<S: Sealable>(read: &Read, header: Header, signature: Vec<u8>) -> Result<Block> {
    let mut sql = Sql::new("SELECT leaves FROM ");
    sql.push(S::SEALS).push(" WHERE number = ").bind(header.number);
    let row = read.one(sql).await?;
    let leaves = leaves_of(&row.get::<Vec<u8>>("leaves")?);
    let number = header.number;
    let leaves =
        leaves.ok_or_else(|| Error::Conflict(format!("第 {number} 块的叶子清单不完整：请运行 qishu verify ledger")))?;
    Ok(Block { header, signature, leaves })
}

/// The signature of a block.
pub(super) async fn signature(read: &Read, number: i64) -> Result<Vec<u8>> {
    read.one(("SELECT signature FROM seal WHERE number = $1", args![number])).await?.get("signature")
}

/// Writes a block behind those that are there.
///
/// # Errors
/// [`Error::Conflict`] when another sealed meanwhile.
pub(super) async fn add<S: Sealable>(tx: &Tx, block: &Block, sealed_at: DateTime<Utc>) -> Result<()> {
    let (header, table) = (&block.header, S::SEALS);
    let last = tx.one(&*format!("SELECT MAX(number) AS n FROM {table}")).await?.int("n")?;
    if last + 1 != header.number {
        return Err(Error::Conflict(format!("第 {} 块已由其他程序封存", header.number)));
    }
    let into = format!(
        "INSERT INTO {table} (number, first_position, last_position, facts, previous, root, leaves, sealed_at, public_key, signature) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    );
    tx.run((
        &*into,
        args![
            header.number,
            header.first,
            header.last,
            header.facts,
            header.previous.0.to_vec(),
            header.root.0.to_vec(),
            block.leaf_bytes(),
            sealed_at,
            header.public_key.bytes().to_vec(),
            block.signature.clone(),
        ],
    ))
    .await?;
    Ok(())
}

fn stored(row: &Row) -> Result<StoredHeader> {
    let number = row.at(0)?;
    Ok(of(row, number).map_err(|error| (number, error.detail())))
}

fn well(row: &Row) -> Result<Header> {
    stored(row)?
        .map(|(header, _)| header)
        .map_err(|(number, why)| Error::Conflict(format!("第 {number} 块读不出（{why}）：请运行 qishu verify ledger")))
}

fn of(row: &Row, number: i64) -> Result<(Header, Vec<u8>)> {
    let hash = |index| {
        let bytes: Vec<u8> = row.at(index)?;
        Hash::from_slice(&bytes).ok_or_else(|| Error::Internal(format!("{} bytes are no hash", bytes.len())))
    };
    let key = PublicKey::from_slice(&row.at::<Vec<u8>>(7)?).ok_or_else(|| Error::Internal("no public key".into()))?;
    let header = Header {
        number,
        previous: hash(1)?,
        first: row.at(2)?,
        last: row.at(3)?,
        facts: row.at(4)?,
        root: hash(5)?,
        sealed_at: row.exact_instant(6)?,
        public_key: key,
    };
    Ok((header, row.at(8)?))
}
