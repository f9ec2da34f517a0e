//! `qishu field-key`, and finding the keys of sensitive fields for every other command.

use std::path::{Path, PathBuf};

use kernel::access::Actor;
use kernel::audit::Verb;
use kernel::cipher::{KeyRing, count_unsealed, reseal};
use kernel::store::{Place, Store};
use kernel::{Error, Result};

use crate::Cli;

/// Look at the keys of sensitive fields, or change them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Make a new key and seal every field anew under it; the old key stays in the file to open older backups.
    #[arg(long)]
    rotate: bool,
    /// Take the old keys out of the file, once nothing is sealed by them.
    #[arg(long, conflicts_with = "rotate")]
    forget_old: bool,
}

/// The file with the keys: as asked, or beside the data directory.
fn path(cli: &Cli) -> PathBuf {
    cli.field_key.clone().unwrap_or_else(|| {
        let mut beside = cli.data.as_os_str().to_owned();
        beside.push(".field-key");
        PathBuf::from(beside)
    })
}

/// Whether something in the database is sealed already, so that a new key would open nothing.
async fn is_in_use(store: &Store) -> Result<bool> {
    let read = store.read().await?;
    let sealed = "SELECT id FROM secret UNION ALL SELECT id FROM account WHERE totp_secret LIKE '%:%' LIMIT 1";
    Ok(read.opt(sealed).await?.is_some())
}

fn outside(cli: &Cli, path: &Path) -> Result<()> {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let within = match (cli.place(), path.parent().and_then(real)) {
        (Place::Dir(dir), Some(parent)) => real(&dir).is_some_and(|dir| parent.starts_with(dir)),
        _ => false,
    };
    if within {
        return Err(Error::invalid("field-key", "敏感字段密钥不能放在数据目录里：请移到别处，最好另一块盘"));
    }
    Ok(())
}

/// Gives the store its keys; makes the first one where nothing was ever sealed. Without the key of what is sealed the
/// platform works all the same, and shows none of it.
///
/// # Errors
/// [`Error::Invalid`] for a key inside the data directory or a file that is no key.
pub(crate) async fn prepare(cli: &Cli, store: &Store) -> Result<()> {
    let path = path(cli);
    outside(cli, &path)?;
    let ring = match path.exists() {
        true => KeyRing::read(&path)?,
        false if is_in_use(store).await? => {
            eprintln!(
                "找不到敏感字段密钥 {}：敏感内容和验证器暂时不能使用，其他功能照常；请放回原来的密钥文件后重新启动",
                path.display()
            );
            return Ok(());
        }
        false => match KeyRing::create(&path) {
            // Another process was a moment earlier.
            Err(Error::Conflict(_)) => KeyRing::read(&path)?,
            Err(Error::Unavailable(why)) => {
                eprintln!("没有敏感字段密钥，敏感内容和验证器不能使用：{why}；可用 --field-key 指定别处的文件");
                return Ok(());
            }
            made => made?,
        },
    };
    store.use_field_keys(ring);
    // Secrets of second factors from before there were keys.
    if plain(store).await? {
        reseal(store).await?;
    }
    Ok(())
}

async fn plain(store: &Store) -> Result<bool> {
    let sql = "SELECT id FROM account WHERE totp_secret IS NOT NULL AND totp_secret NOT LIKE '%:%' LIMIT 1";
    Ok(store.read().await?.opt(sql).await?.is_some())
}

/// Looks at the keys, or changes them.
///
/// # Errors
/// [`Error::Conflict`] when old keys are still needed; [`Error::Unavailable`] when a field cannot be opened.
pub(crate) async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let store = cli.open_existing().await?;
    let path = path(cli);
    if args.rotate {
        rotate(&store, &path).await?;
    } else if args.forget_old {
        let left = count_unsealed(&store.read().await?).await?;
        if left > 0 {
            return Err(Error::Conflict(format!(
                "还有 {left} 项由旧密钥加密：请先运行 {}",
                cli.line("field-key --rotate")
            )));
        }
        KeyRing::forget_old(&path)?;
        println!("旧密钥已从 {} 去掉；用旧密钥加密的备份从此读不出敏感内容", path.display());
    } else {
        let ring = KeyRing::read(&path)?;
        println!("密钥文件 {}，共 {} 个密钥，当前为 {}", path.display(), ring.ids().len(), ring.ids().join("、"));
        println!("不是由当前密钥加密的：{} 项", count_unsealed(&store.read().await?).await?);
    }
    store.close().await
}

async fn rotate(store: &Store, path: &Path) -> Result<()> {
    let ring = KeyRing::add(path)?;
    let key = ring.ids().first().map(|id| (*id).to_owned()).unwrap_or_default();
    store.use_field_keys(ring);
    let done = reseal(store).await?;
    store
        .write(&Actor::system("命令行"), async |tx| {
            tx.act(Verb::FIELDS_RESEALED, "secret", None);
            tx.changes("密钥", "", &key);
            tx.changes("项数", "", &done.to_string());
            Ok(())
        })
        .await?;
    println!("已换用新密钥 {key}，{done} 项已重新加密。请另行备份密钥文件 {}", path.display());
    Ok(())
}
