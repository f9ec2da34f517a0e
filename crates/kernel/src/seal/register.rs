//! The seals as people look them up: blocks, keys, and what recomputing all of them found.
//!
//! Owns the table `seal_check`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::block::Header;
use super::check::Trust;
use super::hash::Hash;
use super::key::PublicKey;
use super::store::{self, headers_before};
use super::verify::{Report, verify};
use crate::access::Actor;
use crate::audit::Verb;
use crate::store::{Read, Row, Store, Tx};
use crate::value::day;
use crate::{Error, Result, args};

/// The seals in short.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// The last block; nothing when nothing is sealed.
    pub last: Option<Header>,
    /// Facts in all blocks.
    pub facts: i64,
    /// Facts behind the last block, counted up to [`MANY`].
    pub unsealed: i64,
    /// Publications that are sealed, and all there are.
    pub publications: (i64, i64),
    /// Who signed, the newest first.
    pub keys: Vec<PublicKey>,
}

/// As far as facts that are not sealed are counted for a page.
pub const MANY: i64 = 10_000;

/// The seals in short.
///
/// # Errors
/// As the database says.
pub async fn sealed(read: &Read) -> Result<Sealed> {
    let last = store::head(read).await?;
    let position = last.as_ref().map_or(0, |l| l.last);
    let unsealed = "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM fact WHERE position > $1 LIMIT $2) f";
    let publications = read
        .one(
            "SELECT (SELECT COUNT(*) FROM publication_seal) AS signed, (SELECT COUNT(*) FROM publication) AS every, \
             (SELECT CAST(SUM(facts) AS BIGINT) FROM seal) AS facts",
        )
        .await?;
    let keys = read.all("SELECT public_key, MAX(number) AS n FROM seal GROUP BY public_key ORDER BY n DESC").await?;
    Ok(Sealed {
        unsealed: read.one((unsealed, args![position, MANY])).await?.int("n")?,
        last,
        facts: publications.int("facts")?,
        publications: (publications.int("signed")?, publications.int("every")?),
        keys: keys.iter().filter_map(|row| row.at::<Vec<u8>>(0).ok().and_then(|b| PublicKey::from_slice(&b))).collect(),
    })
}

/// Headers of blocks before a number, the newest first. Those that cannot be read are left to [`verify`].
///
/// # Errors
/// As the database says.
pub async fn blocks(read: &Read, before: i64, limit: i64) -> Result<Vec<Header>> {
    Ok(headers_before(read, before, limit).await?.into_iter().filter_map(|h| h.ok().map(|(h, _)| h)).collect())
}

impl PublicKey {
    /// A short name of the key: the first half of its SM3, in groups of four digits.
    pub fn fingerprint(&self) -> String {
        let hash = Hash::of(self.bytes()).to_string();
        hash.as_bytes()[..32].chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
    }
}

/// What recomputing everything found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Blocks looked at.
    pub blocks: i64,
    /// Facts in them.
    pub facts: i64,
    /// Facts that were not sealed.
    pub unsealed: i64,
    /// Seals of publications looked at.
    pub publications: i64,
    /// Hash of the last block; empty without blocks.
    pub head: String,
    /// How much was wrong.
    pub found: i64,
    /// The first of it, as sentences.
    pub findings: Vec<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

/// Sentences that are kept of a check.
const KEPT: usize = 20;

/// Recomputes every seal and writes down what was found.
///
/// # Errors
/// As the database says; what is wrong with the seals is in the answer.
pub async fn check(store: &Store, actor: &Actor) -> Result<Checked> {
    let report = verify(store, &Trust::default(), &|_, _| {}).await?;
    let act = async |tx: &mut Tx| {
        tx.act(Verb::SEALS_CHECKED, "seal", None);
        tx.changes("不符", "", &report.findings.len().to_string());
        write_down(tx, &report).await
    };
    store.write(actor, act).await
}

async fn write_down(tx: &Tx, report: &Report) -> Result<Checked> {
    let checked = Checked {
        blocks: report.blocks,
        facts: report.facts,
        unsealed: report.unsealed,
        publications: report.publications,
        head: report.head.map(|h| h.to_string()).unwrap_or_default(),
        found: report.findings.len() as i64,
        findings: report.findings.iter().take(KEPT).map(ToString::to_string).collect(),
        at: tx.now(),
        by: tx.actor().name.clone(),
    };
    let c = &checked;
    tx.run((
        "INSERT INTO seal_check (blocks, facts, unsealed, publications, head, found, findings, checked_at, checked_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            c.blocks,
            c.facts,
            c.unsealed,
            c.publications,
            c.head.clone(),
            c.found,
            c.findings.join("\n"),
            c.at,
            c.by.clone()
        ],
    ))
    .await?;
    Ok(checked)
}

/// Whether somebody of this process is recomputing everything.
static AT_WORK: AtomicBool = AtomicBool::new(false);

/// As [`check`], for who cannot wait for long: nothing when it goes on after `patience`, or was going on already.
/// It ends all the same, and its result is kept.
///
/// # Errors
/// As [`check`].
pub async fn check_within(store: &Store, actor: &Actor, patience: Duration) -> Result<Option<Checked>> {
    if AT_WORK.swap(true, Ordering::SeqCst) {
        return Ok(None);
    }
    let (store, actor) = (store.clone(), actor.clone());
    let work = tokio::spawn(async move {
        let done = check(&store, &actor).await;
        AT_WORK.store(false, Ordering::SeqCst);
        if let Err(error) = &done {
            tracing::error!("复核全账没有做完：{}", error.detail());
        }
        done
    });
    match tokio::time::timeout(patience, work).await {
        Ok(done) => done.map_err(|e| Error::Internal(e.to_string()))?.map(Some),
        Err(_) => Ok(None),
    }
}

/// As [`check`], unless somebody of this name has done it today: so that several servers do not do the same night's work.
///
/// # Errors
/// As [`check`].
pub async fn check_once_a_day(store: &Store, actor: &Actor) -> Result<Option<Checked>> {
    let read = store.read().await?;
    let today = read.today();
    let is_done = checks(&read, 50).await?.iter().any(|c| c.by == actor.name && day::today(c.at) == today);
    let is_sealed = store::head(&read).await?.is_some();
    drop(read);
    if is_done || !is_sealed { Ok(None) } else { check(store, actor).await.map(Some) }
}

/// The last checks, the newest first.
///
/// # Errors
/// As the database says.
pub async fn checks(read: &Read, limit: i64) -> Result<Vec<Checked>> {
    let sql = "SELECT blocks, facts, unsealed, publications, head, found, findings, checked_at, checked_by \
               FROM seal_check ORDER BY id DESC LIMIT $1";
    read.all((sql, args![limit])).await?.iter().map(checked).collect()
}

fn checked(row: &Row) -> Result<Checked> {
    Ok(Checked {
        blocks: row.at(0)?,
        facts: row.at(1)?,
        unsealed: row.at(2)?,
        publications: row.at(3)?,
        head: row.at(4)?,
        found: row.at(5)?,
        findings: row.at::<String>(6)?.lines().map(str::to_owned).collect(),
        at: row.at(7)?,
        by: row.at(8)?,
    })
}
