//! `qishu verify`: what was sealed, what was published, and files that were made of it.

use kernel::id::PublicationId;
use kernel::seal::{self, Hash, PublicKey, Trust};
use kernel::{Error, Result, audit};

use crate::Cli;
use crate::output::Progress;

/// Recompute what was sealed, or re-derive what was published and say what changed since.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// `ledger`, `audit`, the number of a publication, or a Word or PDF file made of one.
    #[arg(required_unless_present = "all")]
    what: Option<String>,
    /// All publications.
    #[arg(long, conflicts_with = "what")]
    all: bool,
    /// For ledger and audit log: a public key that may sign, or a file that holds one; without any, every key is accepted and named.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// For ledger and audit log: hash of a block that must be in the chain, as printed on a proof or by a backup.
    #[arg(long, value_name = "HASH")]
    head: Option<String>,
}

/// Verifies; the answer is whether nothing is wrong.
///
/// # Errors
/// [`Error::Invalid`] for something that is neither the ledger, a publication nor a file of one, or a key or hash
/// that is none.
pub async fn run(cli: &Cli, args: &Args) -> Result<bool> {
    let of_ledger = !args.keys.is_empty() || args.head.is_some();
    match args.what.as_deref() {
        Some(what @ ("ledger" | "audit")) => sealed(cli, args, what).await,
        _ if of_ledger => {
            Err(Error::invalid("key", "--key 和 --head 只用于 qishu verify ledger 和 qishu verify audit"))
        }
        None => super::rederive::run(cli, None).await,
        Some(what) if super::file::is_file(what) => super::file::run(cli, what).await,
        Some(what) => {
            let unknown = |_| {
                Error::invalid("what", format!("“{what}”不认识：写 ledger、audit、发布的编号，或者一个 Word、PDF 文件"))
            };
            super::rederive::run(cli, Some(what.parse::<PublicationId>().map_err(unknown)?)).await
        }
    }
}

/// Verifies ledger or log; the answer is whether it is whole.
///
/// # Errors
/// [`Error::Invalid`] for a key or a hash that is none.
async fn sealed(cli: &Cli, args: &Args, what: &str) -> Result<bool> {
    let trust = Trust {
        keys: args.keys.iter().map(|key| PublicKey::find(key)).collect::<Result<_>>()?,
        head: args.head.as_deref().map(str::parse::<Hash>).transpose()?,
    };
    let store = cli.open_existing().await?;
    let progress = Progress::new();
    let report = |done, of| progress.report("核对", done, of);
    let report = match what {
        "audit" => audit::verify(&store, &trust, &report).await,
        _ => seal::verify(&store, &trust, &report).await,
    };
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
    println!("{verdict}：{blocks} 块，{facts} 条，另有 {unsealed} 条尚未封存；末块散列 {head}");
    store.close().await?;
    Ok(report.is_whole())
}
