//! Taking old entries out of the store: written to a file with their seals first, then removed, and that is an act too.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write};
use std::path::Path;

use chrono::{DateTime, Months, Utc};

use super::{Retention, SealedEntry, Verb};
use crate::access::Actor;
use crate::seal::{Hash, Hasher, Header, Sealable, Trust, check_log, export_of, headers};
use crate::store::{Store, Tx};
use crate::value::day;
use crate::{Error, Result, args};

/// What was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// First and last number.
    pub numbers: (i64, i64),
    /// Blocks.
    pub blocks: i64,
    /// Entries.
    pub entries: i64,
    /// Hash of the last of these blocks.
    pub head: Hash,
    /// SM3 of the file.
    pub digest: Hash,
}

/// Writes every block that was sealed longer ago than [`Retention`] demands to a new file, checks the file, and removes the entries.
/// Headers and signatures stay, so that the chain can be verified from its beginning.
///
/// # Errors
/// [`Error::Conflict`] when nothing is old enough or the file exists; [`Error::Unavailable`] when it cannot be written.
/// Then nothing is removed.
pub async fn archive(store: &Store, actor: &Actor, now: DateTime<Utc>, path: &Path) -> Result<Archived> {
    let rule = Retention::on(day::today(now))
        .ok_or_else(|| Error::Conflict("没有现行的日志留存规定，不能归档：请核对系统时间".into()))?;
    let (blocks, archived) = old_blocks(store, now, rule.months).await?;
    let last = blocks.last().cloned().ok_or_else(|| {
        let (months, title) = (rule.months, &rule.title);
        Error::Conflict(format!("没有可归档的内容：封存满 {months} 个月的块才能归档（{title}），没有改动"))
    })?;
    let digest = written(store, last.number, path).await.inspect_err(|error| {
        // What somebody else wrote there stays; half a file of our own would only mislead.
        if !matches!(error, Error::Conflict(_)) {
            std::fs::remove_file(path).ok();
        }
    })?;
    let done = Archived {
        numbers: (archived + 1, last.last),
        blocks: blocks.len() as i64,
        entries: blocks.iter().map(|b| b.facts).sum(),
        head: last.hash(),
        digest,
    };
    store.write_at(now, actor, async |tx| remove(tx, &done, path).await).await?;
    Ok(done)
}

/// Blocks that are old enough and not archived yet, and the last number that is.
async fn old_blocks(store: &Store, now: DateTime<Utc>, months: u32) -> Result<(Vec<Header>, i64)> {
    let read = store.read().await?;
    let archived = SealedEntry::archived(&read).await?;
    let until = now.checked_sub_months(Months::new(months)).ok_or_else(|| Error::Internal("no such day".into()))?;
    let until = crate::store::instant_text(until);
    let broken = |(n, why)| Error::Conflict(format!("第 {n} 块读不出（{why}）：请先运行 qishu verify audit"));
    let headers = headers::<SealedEntry>(&read).await?.into_iter().map(|h| h.map_err(broken));
    let headers = headers.collect::<Result<Vec<_>>>()?.into_iter().map(|(header, _)| header);
    Ok((headers.filter(|h| h.last > archived).take_while(|h| h.sealed_at < until).collect(), archived))
}

/// Writes the file, reads it again and checks it; returns its digest.
async fn written(store: &Store, last_block: i64, path: &Path) -> Result<Hash> {
    let full = |e: std::io::Error| Error::Unavailable(format!("写不了 {}：{e}", path.display()));
    let file = File::create_new(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Conflict(format!("{} 已存在，没有改动", path.display())),
        _ => full(e),
    })?;
    let mut out = BufWriter::new(file);
    export_of::<SealedEntry>(store, last_block, &mut out, &|_, _| {}).await?;
    out.flush().map_err(full)?;
    out.get_ref().sync_all().map_err(full)?;
    let open = || File::open(path).map(BufReader::new).map_err(full);
    let report = check_log::<SealedEntry>(&mut open()?, &Trust::default()).map_err(full)?;
    if let Some(finding) = report.findings.first() {
        return Err(Error::Unavailable(format!("写出的文件不完好，没有删除任何条目：{finding}")));
    }
    let (mut hasher, mut file, mut piece) = (Hasher::default(), open()?, [0; 1 << 16]);
    loop {
        match file.read(&mut piece).map_err(full)? {
            0 => return Ok(hasher.finish()),
            n => hasher.update(&piece[..n]),
        }
    }
}

async fn remove(tx: &Tx, done: &Archived, path: &Path) -> Result<()> {
    let (first, last) = done.numbers;
    let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    tx.act(Verb::AUDIT_ARCHIVED, "audit", last);
    tx.changes("归档条目", "", &format!("第 {first} 至 {last} 号，共 {} 条", done.entries));
    tx.changes("归档文件", "", &file);
    tx.purpose(&done.digest.to_string());
    tx.run((
        "INSERT INTO audit_archive (last_number, first_number, blocks, entries, head, file, digest, archived_at, archived_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![
            last,
            first,
            done.blocks,
            done.entries,
            done.head.to_string(),
            file,
            done.digest.to_string(),
            tx.now(),
            tx.actor().name.clone()
        ],
    ))
    .await?;
    tx.run(("DELETE FROM audit_org WHERE number <= $1", args![last])).await?;
    tx.run(("DELETE FROM audit WHERE number <= $1", args![last])).await?;
    Ok(())
}
