//! Sealing a million facts, and verifying them: from the database, and from the exported file.

use std::io::BufWriter;
use std::path::Path;
use std::time::Instant;

use kernel::seal::{BLOCK_FACTS, SealKey, Trust, check_file, export, seal_block, verify};
use kernel::store::Store;
use kernel::{Error, Result};
use serde_json::{Value, json};

/// Facts that are sealed and verified.
const FACTS: i64 = 1_000_000;

/// Seals the first million facts, or all there are, and verifies them. With a directory the sealed ledger is written
/// into it, verified there, and left for the peers.
///
/// # Errors
/// [`Error::Conflict`] when verifying finds something.
pub(super) async fn measure(store: &Store, dir: Option<&Path>) -> Result<Value> {
    let (key, begun, mut facts) = (SealKey::from_bytes(&[7; 32])?, Instant::now(), 0);
    while facts < FACTS {
        let Some(header) = seal_block(store, &key, BLOCK_FACTS.min(FACTS - facts), true).await? else { break };
        facts += header.facts;
    }
    let sealing = begun.elapsed().as_secs_f64();
    let trust = Trust { keys: [key.public()].into(), head: None };
    let begun = Instant::now();
    let report = verify(store, &trust, &|_, _| {}).await?;
    let verifying = begun.elapsed().as_secs_f64();
    if !report.is_whole() {
        return Err(Error::Conflict(format!("封存的事实核对出 {} 处不符", report.findings.len())));
    }
    let facts = report.facts;
    println!("seals: sealed in {sealing:.1} s, {facts} facts verified in {verifying:.1} s");
    let mut found = json!({ "facts": facts, "seal_s": sealing, "verify_s": verifying });
    if let Some(dir) = dir {
        let path = dir.join("ledger.jsonl");
        let refused = |e: std::io::Error| Error::Unavailable(format!("{}：{e}", path.display()));
        let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(&path).map_err(refused)?);
        export(store, &mut out, &|_, _| {}).await?;
        drop(out);
        let begun = Instant::now();
        let file = std::fs::File::open(&path).map_err(refused)?;
        let report = check_file(&mut std::io::BufReader::with_capacity(1 << 20, file), &trust).map_err(refused)?;
        let spent = begun.elapsed().as_secs_f64();
        if !report.is_whole() {
            return Err(Error::Conflict("导出的文件核对不符".into()));
        }
        println!("seals: the exported file verified in {spent:.1} s");
        found["verify_file_s"] = json!(spent);
    }
    Ok(found)
}
