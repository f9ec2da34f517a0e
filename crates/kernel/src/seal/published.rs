//! Seals of publications in the database: making statements, proving a figure, verifying all of them.

use chrono::{DateTime, SubsecRound, Utc};

use super::block::Header;
use super::check::{Fault, Finding, Trust};
use super::hash::Hash;
use super::key::{PublicKey, SealKey};
use super::merkle;
use super::statement::{FigureProof, SealedFigure, Stated, Statement, check_statement, root_of};
use super::verify::Report;
use crate::id::{Position, PublicationId};
use crate::indicator::Number;
use crate::store::{Read, Row, Sql, Store, Tx, instant_text};
use crate::{Error, Result, args};

/// A publication as it is stored: what a statement says of it, and its figures.
struct Stored {
    title: String,
    published_on: String,
    digest: Hash,
    figures: Vec<SealedFigure>,
}

fn digest(row: &Row, index: usize) -> Result<Hash> {
    row.at::<String>(index)?.parse()
}

async fn stored(read: &Read, id: PublicationId) -> Result<Stored> {
    let row = read.one(("SELECT title, published_on, known, digest FROM publication WHERE id = $1", args![id])).await?;
    let known = row.at(2)?;
    let rows = read
        .all((
            "SELECT seq, citation, printed, indicator, version, definition, filter, about, value, row_count, digest \
             FROM publication_figure WHERE publication_id = $1 ORDER BY seq",
            args![id],
        ))
        .await?;
    let figures = rows.iter().map(|row| figure(row, id, known)).collect::<Result<_>>()?;
    Ok(Stored { title: row.at(0)?, published_on: row.exact_day(1)?, digest: digest(&row, 3)?, figures })
}

fn figure(row: &Row, id: PublicationId, known: i64) -> Result<SealedFigure> {
    let answer: String = row.at(8)?;
    // The value stands before the parts it was put together from.
    let unreadable = |e: serde_json::Error| Error::Internal(e.to_string());
    let (number, _): (Number, serde::de::IgnoredAny) = serde_json::from_str(&answer).map_err(unreadable)?;
    Ok(SealedFigure {
        publication: id.0,
        seq: row.at(0)?,
        citation: row.at(1)?,
        printed: row.at(2)?,
        indicator: row.at(3)?,
        version: row.at(4)?,
        definition: Hash::of(row.at::<String>(5)?.as_bytes()),
        filter: row.at(6)?,
        about: row.exact_day(7)?,
        known,
        value: serde_json::to_string(&number).map_err(unreadable)?,
        answer: Hash::of(answer.as_bytes()),
        rows: row.at(9)?,
        digest: digest(row, 10)?,
    })
}

/// Columns of a statement, in the order [`of`] reads them.
const STATEMENT: &str = "SELECT number, publication_id, previous, figures, root, block, block_hash, sealed_at, public_key, signature FROM publication_seal";

/// A statement with what is stored of its publication put in.
fn of(row: &Row, publication: &Stored) -> Result<(Statement, Vec<u8>)> {
    let hash = |index| {
        let bytes: Vec<u8> = row.at(index)?;
        Hash::from_slice(&bytes).ok_or_else(|| Error::Internal(format!("{} bytes are no hash", bytes.len())))
    };
    let key = PublicKey::from_slice(&row.at::<Vec<u8>>(8)?).ok_or_else(|| Error::Internal("no public key".into()))?;
    let statement = Statement {
        number: row.at(0)?,
        publication: row.at(1)?,
        previous: hash(2)?,
        title: publication.title.clone(),
        published_on: publication.published_on.clone(),
        digest: publication.digest,
        figures: row.at(3)?,
        root: hash(4)?,
        block: row.at(5)?,
        block_hash: hash(6)?,
        sealed_at: row.exact_instant(7)?,
        public_key: key,
    };
    Ok((statement, row.at(9)?))
}

async fn last(read: &Read) -> Result<Option<Statement>> {
    let mut sql = Sql::new(STATEMENT);
    sql.push(" ORDER BY number DESC LIMIT 1");
    let Some(row) = read.opt(sql).await? else { return Ok(None) };
    Ok(Some(of(&row, &stored(read, PublicationId(row.at(1)?)).await?)?.0))
}

/// The statement of a publication with its signature, if it is sealed yet.
///
/// # Errors
/// [`Error::Internal`] when it cannot be read.
pub async fn statement(read: &Read, id: PublicationId) -> Result<Option<(Statement, Vec<u8>)>> {
    let mut sql = Sql::new(STATEMENT);
    sql.push(" WHERE publication_id = ").bind(id);
    let Some(row) = read.opt(sql).await? else { return Ok(None) };
    of(&row, &stored(read, id).await?).map(Some)
}

/// The proof of a published figure. The caller has looked whether it may be seen.
///
/// # Errors
/// [`Error::NotFound`] without such a figure, or when its publication is not sealed yet.
pub async fn prove_figure(read: &Read, id: PublicationId, seq: i64) -> Result<FigureProof> {
    let (statement, signature) = statement(read, id).await?.ok_or(Error::NotFound)?;
    let figures = stored(read, id).await?.figures;
    let index = figures.iter().position(|f| f.seq == seq).ok_or(Error::NotFound)?;
    let leaves: Vec<Hash> = figures.iter().map(SealedFigure::leaf).collect();
    let (path, figure) = (merkle::path(&leaves, index), figures[index].clone());
    Ok(FigureProof { figure, statement, signature, index, path })
}

/// A publication without a seal, and up to which position its figures knew.
pub(super) async fn next_unsealed(read: &Read) -> Result<Option<(PublicationId, Position)>> {
    let sql = "SELECT id, known FROM publication p WHERE NOT EXISTS \
               (SELECT 1 FROM publication_seal s WHERE s.publication_id = p.id) ORDER BY id LIMIT 1";
    read.opt(sql).await?.map(|row| Ok((PublicationId(row.at(0)?), Position(row.at(1)?)))).transpose()
}

/// Signs a publication whose facts are sealed up to `head`.
pub(super) async fn sign(
    store: &Store,
    read: Read,
    id: PublicationId,
    head: Option<&Header>,
    key: &SealKey,
) -> Result<()> {
    let (before, publication) = (last(&read).await?, stored(&read, id).await?);
    let sealed_at = read.now().trunc_subsecs(6);
    drop(read);
    let statement = Statement {
        number: before.as_ref().map_or(1, |b| b.number + 1),
        previous: before.as_ref().map_or(Hash::ZERO, Statement::hash),
        publication: id.0,
        root: root_of(&publication.figures),
        figures: publication.figures.len() as i64,
        title: publication.title,
        published_on: publication.published_on,
        digest: publication.digest,
        block: head.map_or(0, |h| h.number),
        block_hash: head.map_or(Hash::ZERO, Header::hash),
        sealed_at: instant_text(sealed_at),
        public_key: key.public(),
    };
    let signature = statement.sign(key);
    store.upkeep("封存", async |tx| add(tx, &statement, signature, sealed_at).await).await
}

async fn add(tx: &Tx, statement: &Statement, signature: Vec<u8>, sealed_at: DateTime<Utc>) -> Result<()> {
    let last = tx.one("SELECT MAX(number) AS n FROM publication_seal").await?.int("n")?;
    if last + 1 != statement.number {
        return Err(Error::Conflict(format!("第 {} 份发布封存已由其他程序做过", statement.number)));
    }
    tx.run((
        "INSERT INTO publication_seal (number, publication_id, previous, figures, root, block, block_hash, sealed_at, public_key, signature) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            statement.number,
            statement.publication,
            statement.previous.0.to_vec(),
            statement.figures,
            statement.root.0.to_vec(),
            statement.block,
            statement.block_hash.0.to_vec(),
            sealed_at,
            statement.public_key.bytes().to_vec(),
            signature,
        ],
    ))
    .await?;
    Ok(())
}

/// All statements in their order, or the number of one that cannot be read with that of its publication and the reason.
pub(super) async fn all(read: &Read) -> Result<Vec<std::result::Result<Stated, (i64, i64, String)>>> {
    let mut sql = Sql::new(STATEMENT);
    sql.push(" ORDER BY number");
    let mut found = Vec::new();
    for row in read.all(sql).await? {
        let (number, id): (i64, i64) = (row.at(0)?, row.at(1)?);
        let known = match stored(read, PublicationId(id)).await {
            Ok(publication) => of(&row, &publication).map(|(statement, signature)| Stated {
                statement,
                signature,
                figures: publication.figures,
            }),
            Err(error) => Err(error),
        };
        found.push(known.map_err(|error| match error {
            Error::NotFound => (number, id, "发布已不在".to_owned()),
            other => (number, id, format!("读不出：{}", other.detail())),
        }));
    }
    Ok(found)
}

/// Recomputes every statement; `headers` are those of the sound blocks of facts.
pub(super) async fn verify(read: &Read, headers: &[Header], trust: &Trust, report: &mut Report) -> Result<()> {
    let mut before: Option<Statement> = None;
    for known in all(read).await? {
        report.publications += 1;
        let fault = match known {
            Ok(stated) => {
                let statement = &stated.statement;
                let block = headers.iter().find(|h| h.number == statement.block).map(Header::hash);
                let why = check_statement(before.as_ref(), &stated, block, trust);
                let fault =
                    why.map(|why| (statement.number, Fault::Publication(statement.publication, why.to_owned())));
                before = Some(stated.statement);
                fault
            }
            Err((number, id, why)) => Some((number, Fault::Publication(id, why))),
        };
        report.findings.extend(fault.map(|(block, fault)| Finding { block, fault }));
    }
    Ok(())
}
