//! Verifying a whole ledger or log, and writing it out: block by block, several blocks at once.

use std::collections::BTreeSet;
use std::io::Write;

use tokio::task::JoinSet;

use super::block::Header;
use super::check::{Fault, Finding, Trust, check_facts, check_header};
use super::fact::SealedFact;
use super::file::{Hashing, write_block, write_end, write_head, write_past, write_publication};
use super::hash::Hash;
use super::sealed::Sealable;
use super::{End, published, store};
use crate::store::{Read, Sql, Store};
use crate::{Error, Result};

/// What verifying found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Blocks looked at.
    pub blocks: i64,
    /// Facts they hold.
    pub facts: i64,
    /// Facts that are not sealed yet.
    pub unsealed: i64,
    /// Seals of publications looked at.
    pub publications: i64,
    /// Hash of the last block; nothing without blocks.
    pub head: Option<Hash>,
    /// The keys that signed.
    pub keys: BTreeSet<String>,
    /// What is wrong, the first first; of each block at most one fault of the header and one of its facts.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    /// Takes in a header that follows `before`.
    pub(super) fn header<S: Sealable>(
        &mut self,
        before: Option<&Header>,
        header: &Header,
        signature: &[u8],
        trust: &Trust,
    ) {
        self.blocks += 1;
        self.facts += header.facts;
        self.keys.insert(header.public_key.to_string());
        self.head = Some(header.hash());
        let fault = check_header::<S>(before, header, signature, trust);
        self.findings.extend(fault.map(|fault| Finding { block: header.number, fault }));
    }
}

/// Blocks that are read and hashed at the same time.
const AT_ONCE: usize = 4;

/// Recomputes every sealed block. `progress` hears how many blocks of how many are done.
///
/// # Errors
/// When the database cannot be read; what is wrong in it is in the report.
pub async fn verify(store: &Store, trust: &Trust, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Report> {
    verify_of::<SealedFact>(store, trust, progress).await
}

/// As [`verify`], of any sort. Of what was archived the headers are checked.
pub(crate) async fn verify_of<S: Sealable>(
    store: &Store,
    trust: &Trust,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report> {
    let read = store.read().await?;
    let (mut report, mut sound) = (Report::default(), Vec::new());
    let headers = store::headers::<S>(&read).await?;
    let archived = S::archived(&read).await?;
    let mut before: Option<Header> = None;
    let mut known = trust.head.is_none();
    for stored in headers {
        match stored {
            Ok((header, signature)) => {
                report.header::<S>(before.as_ref(), &header, &signature, trust);
                known |= trust.head == report.head;
                if header.last > archived {
                    sound.push((header.clone(), signature));
                }
                before = Some(header);
            }
            Err((number, why)) => report.findings.push(Finding { block: number, fault: Fault::Block(why) }),
        }
    }
    outside::<S>(&read, archived, before.as_ref().map_or(0, |b| b.last), &mut report).await?;
    if !S::IS_AUDIT {
        let of_facts: Vec<Header> = sound.iter().map(|(header, _)| header.clone()).collect();
        published::verify(&read, &of_facts, trust, &mut report).await?;
    }
    drop(read);
    let faults = all_blocks::<S>(store, sound, progress).await?;
    report.findings.extend(faults);
    report.findings.sort_by_key(|f| f.block);
    if let Some(hash) = trust.head.filter(|_| !known) {
        report.findings.push(Finding { block: report.blocks, fault: Fault::Head(hash) });
    }
    Ok(report)
}

/// Counts the rows behind the last block, and finds one before the first position that may be there.
async fn outside<S: Sealable>(read: &Read, archived: i64, last: i64, report: &mut Report) -> Result<()> {
    let (table, position) = (S::TABLE, S::POSITION);
    let mut sql = Sql::new("SELECT COUNT(*) AS n FROM ");
    sql.push(table).push(" WHERE ").push(position).push(" > ").bind(last);
    report.unsealed = read.one(sql).await?.int("n")?;
    let mut sql = Sql::new("SELECT MIN(");
    sql.push(position).push(") AS p FROM ").push(table).push(" WHERE ").push(position).push(" <= ").bind(archived);
    if let Some(added) = read.one(sql).await?.get::<Option<i64>>("p")? {
        report.findings.push(Finding { block: 0, fault: Fault::Added(added) });
    }
    Ok(())
}

async fn all_blocks<S: Sealable>(
    store: &Store,
    blocks: Vec<(Header, Vec<u8>)>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Vec<Finding>> {
    let (of, mut done) = (blocks.len() as u64, 0);
    let (mut waiting, mut running, mut found) = (blocks.into_iter(), JoinSet::new(), Vec::new());
    loop {
        while running.len() < AT_ONCE
            && let Some((header, signature)) = waiting.next()
        {
            running.spawn(one_block::<S>(store.clone(), header, signature));
        }
        let Some(ended) = running.join_next().await else { return Ok(found) };
        found.extend(ended.map_err(|e| Error::Internal(e.to_string()))??);
        done += 1;
        progress(done, of);
    }
}

async fn one_block<S: Sealable>(store: Store, header: Header, signature: Vec<u8>) -> Result<Option<Finding>> {
    let number = header.number;
    let read = store.read().await?;
    let (first, last, limit) = (header.first, header.last, header.facts.clamp(0, 1 << 20) + 1);
    let fault = match store::whole::<S>(&read, header, signature).await {
        Ok(block) => check_facts(&block, &S::between(&read, first, last, limit).await?),
        Err(Error::Conflict(_)) => Some(Fault::Leaves),
        Err(other) => return Err(other),
    };
    Ok(fault.map(|fault| Finding { block: number, fault }))
}

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Blocks.
    pub blocks: i64,
    /// Facts.
    pub facts: i64,
    /// Publications.
    pub publications: i64,
}

/// Writes every sealed fact, every seal and every sealed publication as lines of JSON; see `docs/seals.md`.
///
/// # Errors
/// [`Error::Conflict`] when nothing is sealed or a fact cannot be read; [`Error::Unavailable`] when the file cannot be written.
pub async fn export(
    store: &Store,
    out: &mut (dyn Write + Send),
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Exported> {
    export_of::<SealedFact>(store, i64::MAX, out, progress).await
}

/// As [`export`], of any sort, up to the block with this number. Of what was archived the headers are written.
pub(crate) async fn export_of<S: Sealable>(
    store: &Store,
    until: i64,
    out: &mut (dyn Write + Send),
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Exported> {
    let full = |e: std::io::Error| Error::Unavailable(format!("写不了文件：{e}"));
    let read = store.read().await?;
    let (headers, archived) = (store::headers::<S>(&read).await?, S::archived(&read).await?);
    if headers.is_empty() {
        return Err(Error::Conflict("还没有封存的块：请先运行 qishu seal --seal-key FILE".into()));
    }
    let mut out = Hashing::of(out);
    let (of, mut end) = (headers.len() as u64, End::default());
    write_head::<S>(&mut out).map_err(full)?;
    for stored in headers {
        let (header, signature) = stored.map_err(|(n, why)| Error::Conflict(format!("第 {n} 块读不出：{why}")))?;
        if header.number > until {
            break;
        }
        if header.last <= archived {
            write_past(&mut out, &header, &signature).map_err(full)?;
            continue;
        }
        let limit = header.facts.clamp(0, 1 << 20) + 1;
        let rows = S::between(&read, header.first, header.last, limit).await?;
        let rows = rows.into_iter().collect::<std::result::Result<Vec<S>, _>>();
        let rows = rows.map_err(|(p, why)| Error::Conflict(format!("第 {p} 号读不出，不是完好的一条：{why}")))?;
        let block = store::whole::<S>(&read, header, signature).await?;
        write_block(&mut out, &rows, &block).map_err(full)?;
        end.take(&block.header, rows.len());
        progress(end.blocks as u64, of);
    }
    let publications = if S::IS_AUDIT { Vec::new() } else { published::all(&read).await? };
    for stated in publications {
        let unreadable = |(_, id, why)| Error::Conflict(format!("第 {id} 号发布的封存不成立：{why}"));
        write_publication(&mut out, &stated.map_err(unreadable)?).map_err(full)?;
        end.publications += 1;
    }
    end.sm3 = out.hash();
    write_end(&mut out, &end).map_err(full)?;
    out.flush().map_err(full)?;
    Ok(Exported { blocks: end.blocks, facts: end.facts, publications: end.publications })
}
