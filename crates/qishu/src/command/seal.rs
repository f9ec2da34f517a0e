//! `qishu seal`, and the sealing that goes on while `qishu serve` runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kernel::seal::{BLOCK_FACTS, SealKey, seal_all, seal_ripe};
use kernel::store::Store;
use kernel::{Error, Result, audit};

use crate::Cli;

/// The key and the size of a block.
#[derive(Debug, Clone, clap::Args)]
pub struct Sealing {
    /// File with the private key that seals; it belongs outside the data directory.
    #[arg(long, env = "QISHU_SEAL_KEY", value_name = "FILE")]
    seal_key: Option<PathBuf>,
    /// Facts of a full block.
    #[arg(long, env = "QISHU_SEAL_FACTS", default_value_t = BLOCK_FACTS, value_name = "N",
          value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    seal_facts: i64,
}

/// Seal what is recorded, or make a key.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Make a new key in this file (and its public key in FILE.pub), and nothing else.
    #[arg(long, value_name = "FILE")]
    new_key: Option<PathBuf>,
    #[command(flatten)]
    sealing: Sealing,
}

/// Seals everything that is settled.
///
/// # Errors
/// [`Error::Invalid`] without a key.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    if let Some(path) = &args.new_key {
        let key = SealKey::create(path)?;
        println!("私钥：{}（只有本人可读，请另行保管，不随备份）\n公钥：{}", path.display(), key.public());
        return Ok(());
    }
    let path = args.sealing.seal_key.as_deref();
    let message = "请用 --seal-key 指定封存私钥；没有时先运行 qishu seal --new-key FILE";
    let key = SealKey::read(path.ok_or_else(|| Error::invalid("seal-key", message))?)?;
    let store = cli.open_existing().await?;
    let blocks = seal_all(&store, &key, args.sealing.seal_facts).await?;
    match kernel::seal::head(&store.read().await?).await? {
        Some(head) => {
            println!("新封 {blocks} 块；末块第 {} 块，至第 {} 号，散列 {}", head.number, head.last, head.hash());
        }
        None => println!("账上还没有事实，没有封存"),
    }
    let blocks = audit::seal_all(&store, &key).await?;
    if let Some(digest) = audit::digest(&store.read().await?).await? {
        println!(
            "审计日志：新封 {blocks} 块；末块第 {} 块，至第 {} 号，散列 {}",
            digest.block, digest.last, digest.head
        );
    }
    store.close().await
}

/// How often a running server looks whether something is ripe.
const LOOK: Duration = Duration::from_secs(10);

impl Sealing {
    /// Keeps sealing in the background when a key is set; ends with the returned task.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the key cannot be read.
    pub fn start(&self, store: &Store) -> Result<Option<tokio::task::JoinHandle<()>>> {
        let Some(path) = &self.seal_key else { return Ok(None) };
        apart(path, store)?;
        let (key, size, store) = (SealKey::read(path)?, self.seal_facts, store.clone());
        Ok(Some(tokio::spawn(async move {
            let mut clock = tokio::time::interval(LOOK);
            loop {
                clock.tick().await;
                let sealed = seal_ripe(&store, &key, size).await;
                if let Err(error) = sealed.and(audit::seal_ripe(&store, &key).await) {
                    // The next look tries again: another server may have sealed at the same moment.
                    tracing::warn!(error = error.detail(), "sealing");
                }
            }
        })))
    }
}

/// Who takes the data must not get the key with it.
fn apart(key: &Path, store: &Store) -> Result<()> {
    let inside = match store.place() {
        kernel::store::Place::Dir(dir) => {
            key.canonicalize().ok().zip(dir.canonicalize().ok()).is_some_and(|(k, d)| k.starts_with(d))
        }
        kernel::store::Place::Url(_) => false,
    };
    if inside {
        return Err(Error::invalid("seal-key", "封存私钥不能放在数据目录里：请移到别处，最好另一块盘"));
    }
    Ok(())
}
