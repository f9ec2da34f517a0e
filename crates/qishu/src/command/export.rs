//! `qishu export`.

use std::fs::File;
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use intake::imports::{self, What};
use kernel::access::Actor;
use kernel::{Error, Result, audit, seal};

use crate::Cli;
use crate::output::Progress;

/// Write the sealed ledger or audit log, or a workbook template prefilled with what is known.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// `ledger`, `audit`, or a template: orgs, years, marks, facts, targets or declared.
    what: String,
    /// The new file; a template goes into the working directory by default.
    #[arg(required_if_eq_any([("what", "ledger"), ("what", "audit")]))]
    file: Option<PathBuf>,
}

/// Writes what was asked for.
///
/// # Errors
/// [`Error::Invalid`] for something that is not exported, [`Error::Conflict`] when the file of the ledger exists or nothing is sealed,
/// [`Error::Unavailable`] when the file cannot be written.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    match (args.what.as_str(), &args.file) {
        (what @ ("ledger" | "audit"), Some(file)) => sealed(cli, what, file).await,
        (code, file) => template(cli, what(code)?, file.clone()).await,
    }
}

async fn template(cli: &Cli, what: What, file: Option<PathBuf>) -> Result<()> {
    let store = cli.open_existing().await?;
    let (name, bytes) = imports::blank(&store, &Actor::system("命令行"), what).await?;
    let path = file.unwrap_or_else(|| PathBuf::from(name));
    std::fs::write(&path, bytes).map_err(|e| unwritable(&path, &e))?;
    println!("已写到 {}", path.display());
    store.close().await
}

async fn sealed(cli: &Cli, what: &str, path: &Path) -> Result<()> {
    let store = cli.open_existing().await?;
    let file = File::create_new(path).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => Error::Conflict(format!("{} 已存在，没有改动", path.display())),
        _ => unwritable(path, &e),
    })?;
    let progress = Progress::new();
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let report = |done, of| progress.report("导出", done, of);
    let done = match what {
        "audit" => audit::export(&store, &mut out, &report).await,
        _ => seal::export(&store, &mut out, &report).await,
    };
    progress.finish();
    let synced = done.and_then(|d| out.get_ref().sync_all().map(|()| d).map_err(|e| unwritable(path, &e)));
    if synced.is_err() {
        // Half a file would only mislead.
        std::fs::remove_file(path).ok();
    }
    let (done, file) = (synced?, path.display());
    println!("已导出 {} 块 {} 条；可用 qishu-verify {what} {file} 在别处核对", done.blocks, done.facts);
    store.close().await
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("写不了 {}：{error}", path.display()))
}

/// The kind of import with this code.
///
/// # Errors
/// [`Error::Invalid`] naming those there are.
pub fn what(code: &str) -> Result<What> {
    What::find(code).ok_or_else(|| {
        let codes: Vec<&str> = What::ALL.into_iter().map(What::code).collect();
        Error::invalid("template", format!("没有“{code}”这种模板；现有：{}", codes.join("、")))
    })
}
