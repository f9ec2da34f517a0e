//! `qishu backup` and `qishu restore`.

use std::path::PathBuf;

use kernel::Result;
use qishu::backup::State;

use crate::Cli;

/// Back the embedded database up while it is in use.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of backups, best on another disk; later backups add only what changed.
    dir: PathBuf,
    /// Keep this many backups and remove older ones.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    keep: Option<u16>,
}

/// Makes a backup.
///
/// # Errors
/// [`kernel::Error::Invalid`] on PostgreSQL.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let store = cli.open_existing().await?;
    let made = qishu::backup::backup(&store, &args.dir, args.keep.map(usize::from)).await?;
    println!(
        "已备份 {}：{} 条事实，数据 {} KiB，其中新写 {} KiB",
        made.manifest.display(),
        made.facts,
        made.all.div_ceil(1024),
        made.written.div_ceil(1024)
    );
    store.close().await
}

/// Restore a backup into a new place.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// A backup directory (its last backup is taken), one manifest in it, or a mirror.
    backup: PathBuf,
    /// The new data directory: it must not exist, or be empty.
    to: PathBuf,
}

/// Restores and compares; the answer is whether all agrees.
///
/// # Errors
/// [`kernel::Error::Conflict`] when the place is not empty or a piece is damaged.
pub async fn restore(args: &RestoreArgs) -> Result<bool> {
    let modules = qishu::city::modules();
    if let Some(copy) = kernel::store::mirrored(&args.backup)? {
        let (state, differences) = qishu::backup::restore_mirror(&copy, &args.to, &modules).await?;
        println!("已恢复镜像 {} 到 {}", copy.display(), args.to.display());
        return Ok(told(&state, &differences, "文件结构、封存、汇总核对无误", "镜像有损坏，请改用备份"));
    }
    let done = qishu::backup::restore(&args.backup, &args.to, &modules).await?;
    println!("已恢复 {} 的备份到 {}", done.manifest.made_at, args.to.display());
    let wrong = "恢复的数据与备份清单不一致，请勿使用";
    Ok(told(&done.state, &done.differences, "行数、封存、指标、汇总与备份时一致", wrong))
}

/// Prints what was restored; the answer is whether all is well.
fn told(state: &State, differences: &[String], well: &str, wrong: &str) -> bool {
    for (table, rows) in &state.rows {
        println!("  {table}：{rows} 行");
    }
    match &state.seal {
        Some((number, hash)) => println!("  封存至第 {number} 块，散列 {hash}"),
        None => println!("  没有封存"),
    }
    println!("  {} 个指标按第 {} 号、统计至 {} 重算", state.figures.len(), state.head, state.about);
    for difference in differences {
        println!("不符：{difference}");
    }
    println!("{}", if differences.is_empty() { well } else { wrong });
    differences.is_empty()
}
