//! `qishu verify` and `qishu export`.

use std::io::BufWriter;
use std::path::PathBuf;

use kernel::seal::{Hash, PublicKey, Trust, export, verify};
use kernel::{Error, Result};

use crate::Cli;
use crate::output::Progress;

/// Recompute what was sealed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to verify: ledger.
    what: String,
    /// A public key that may sign, or a file that holds one; without any, every key is accepted and named.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// Hash of a block that must be in the chain, as printed on a proof or by a backup.
    #[arg(long, value_name = "HASH")]
    head: Option<String>,
}

/// Verifies the ledger; the answer is whether it is whole.
///
/// # Errors
/// [`Error::Invalid`] for something else than `ledger`, or a key or hash that is none.
pub async fn run(cli: &Cli, args: &Args) -> Result<bool> {
    ledger_only(&args.what)?;
    let trust = Trust {
        keys: args.keys.iter().map(|key| PublicKey::find(key)).collect::<Result<_>>()?,
        head: args.head.as_deref().map(str::parse::<Hash>).transpose()?,
    };
    let store = cli.open_existing().await?;
    let progress = Progress::new();
    let report = verify(&store, &trust, &|done, of| progress.report("核对", done, of)).await;
    progress.finish();
    let report = report?;
    for key in &report.keys {
        println!("签名公钥：{key}");
    }
    if args.keys.is_empty() && report.blocks > 0 {
        println!("没有给出受信任的公钥（--key）：只说明封存后未被改动，不说明由谁封存");
    }
    for finding in report.findings.iter().take(20) {
        println!("{finding}");
    }
    let (blocks, facts, unsealed) = (report.blocks, report.facts, report.unsealed);
    let head = report.head.map(|h| h.to_string()).unwrap_or_default();
    let verdict =
        if report.is_whole() { "完好".to_owned() } else { format!("有 {} 处不符", report.findings.len()) };
    println!("{verdict}：{blocks} 块，{facts} 条事实，另有 {unsealed} 条尚未封存；末块散列 {head}");
    store.close().await?;
    Ok(report.is_whole())
}

/// Write the sealed ledger into a file that can be verified elsewhere.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// What to export: ledger.
    what: String,
    /// The new file, JSON lines.
    file: PathBuf,
}

/// Exports the ledger.
///
/// # Errors
/// [`Error::Conflict`] when the file exists or nothing is sealed.
pub async fn export_file(cli: &Cli, args: &ExportArgs) -> Result<()> {
    ledger_only(&args.what)?;
    let store = cli.open_existing().await?;
    let file = std::fs::File::create_new(&args.file).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Conflict(format!("{} 已存在，没有改动", args.file.display())),
        _ => Error::Unavailable(format!("写不了 {}：{e}", args.file.display())),
    })?;
    let progress = Progress::new();
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let done = export(&store, &mut out, &|done, of| progress.report("导出", done, of)).await;
    progress.finish();
    let synced = done.and_then(|d| out.get_ref().sync_all().map(|()| d).map_err(|e| Error::Unavailable(e.to_string())));
    if synced.is_err() {
        // Half a file would only mislead.
        std::fs::remove_file(&args.file).ok();
    }
    let done = synced?;
    println!(
        "已导出 {} 块 {} 条事实；可用 qishu-verify ledger {} 在别处核对",
        done.blocks,
        done.facts,
        args.file.display()
    );
    store.close().await
}

fn ledger_only(what: &str) -> Result<()> {
    match what {
        "ledger" => Ok(()),
        other => Err(Error::invalid("what", format!("“{other}”不认识；现有：ledger"))),
    }
}
