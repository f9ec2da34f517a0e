//! `qishu export`.

use std::fs::File;
use std::io::{BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use intake::imports::{self, What};
use kernel::access::Actor;
use kernel::id::PublicationId;
use kernel::{Error, Result, audit, seal};

use crate::Cli;
use crate::output::Progress;

/// Write the sealed ledger or audit log, a published figure with its proofs, or a workbook template prefilled with what is known.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// `ledger`, `audit`, `figure`, or a template: orgs, years, marks, facts, targets or declared.
    what: String,
    /// The new file; a template goes into the working directory by default.
    #[arg(required_if_eq_any([("what", "ledger"), ("what", "audit"), ("what", "figure")]))]
    file: Option<PathBuf>,
    /// The figure: number of its publication, and its place there, such as 1/15.
    #[arg(long, value_name = "PUBLICATION/PLACE", required_if_eq("what", "figure"))]
    of: Option<String>,
}

/// Writes what was asked for.
///
/// # Errors
/// [`Error::Invalid`] for something that is not exported, [`Error::Conflict`] when the file of the ledger exists or nothing is sealed,
/// [`Error::Unavailable`] when the file cannot be written.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    match (args.what.as_str(), &args.file) {
        (what @ ("ledger" | "audit"), Some(file)) => sealed(cli, what, file).await,
        ("figure", Some(file)) => figure(cli, args.of.as_deref().unwrap_or_default(), file).await,
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
    let mut out = new_file(path)?;
    let progress = Progress::new();
    let report = |done, of| progress.report("导出", done, of);
    let done = match what {
        "audit" => audit::export(&store, &mut out, &report).await,
        _ => seal::export(&store, &mut out, &report).await,
    };
    progress.finish();
    let (done, file) = (kept(path, &out, done)?, path.display());
    println!(
        "已导出 {} 块 {} 条、{} 份发布；可用 qishu-verify {what} {file} 在别处核对",
        done.blocks, done.facts, done.publications
    );
    store.close().await
}

async fn figure(cli: &Cli, of: &str, path: &Path) -> Result<()> {
    let numbers = of.split_once('/').and_then(|(id, seq)| Some((id.parse().ok()?, seq.parse().ok()?)));
    let message = format!("“{of}”不是发布的编号和数字的序号：应如 1/15，即第 1 号发布的第 15 个数字");
    let (id, seq) = numbers.ok_or_else(|| Error::invalid("of", message))?;
    let store = cli.open_existing().await?;
    let mut out = new_file(path)?;
    let done = seal::export_figure(&store.read().await?, PublicationId(id), seq, &mut out).await;
    let missing = || Error::invalid("of", format!("没有 {of} 这个数字，或者它的发布尚未封存：请先运行 qishu seal"));
    let done = done.map_err(|e| if matches!(e, Error::NotFound) { missing() } else { e });
    let (facts, file) = (kept(path, &out, done)?, path.display());
    println!("已导出这个数字和它的 {facts} 条事实；可用 qishu-verify figure {file} --key 公钥 在别处核对");
    store.close().await
}

fn new_file(path: &Path) -> Result<BufWriter<File>> {
    let file = File::create_new(path).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => Error::Conflict(format!("{} 已存在，没有改动", path.display())),
        _ => unwritable(path, &e),
    })?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}

/// Makes what was written durable; half a file would only mislead, and is removed.
fn kept<T>(path: &Path, out: &BufWriter<File>, done: Result<T>) -> Result<T> {
    let synced = done.and_then(|d| out.get_ref().sync_all().map(|()| d).map_err(|e| unwritable(path, &e)));
    if synced.is_err() {
        std::fs::remove_file(path).ok();
    }
    synced
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
