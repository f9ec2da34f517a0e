//! `qishu audit`: the digest to hand over, and taking old entries out with proof.

use std::path::PathBuf;

use chrono::Utc;
use clap::Subcommand;
use kernel::access::Actor;
use kernel::audit;
use kernel::{Error, Result};

use crate::Cli;
use crate::output::Format;

/// Print the digest of the audit log, or archive what is older than the rule demands.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Print number, hash and signer of the last sealed block, to be handed to the auditor.
    Digest,
    /// Write what was sealed longer ago than the log must be kept to a new file, check it, and remove it from the store.
    Archive {
        /// The new file.
        file: PathBuf,
    },
}

/// Runs it.
///
/// # Errors
/// [`Error::Conflict`] when nothing is sealed or old enough.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let store = cli.open_existing().await?;
    match &args.act {
        Act::Digest => {
            let nothing = || Error::Conflict("审计日志还没有封存：请先运行 qishu seal --seal-key FILE".into());
            let digest = audit::digest(&store.read().await?).await?.ok_or_else(nothing)?;
            match cli.format {
                Format::Json => println!("{}", serde_json::to_string(&digest).unwrap_or_default()),
                _ => println!(
                    "末块第 {} 块，至第 {} 号，封存于 {}\n散列 {}\n公钥 {}",
                    digest.block, digest.last, digest.sealed_at, digest.head, digest.public_key
                ),
            }
        }
        Act::Archive { file } => {
            let done = audit::archive(&store, &Actor::system("命令行"), Utc::now(), file).await?;
            let (first, last) = done.numbers;
            println!(
                "已归档第 {first} 至 {last} 号（{} 块 {} 条）到 {}\n文件 SM3 {}\n末块散列 {}",
                done.blocks,
                done.entries,
                file.display(),
                done.digest,
                done.head
            );
        }
    }
    store.close().await
}
