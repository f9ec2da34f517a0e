//! `qishu export`.

use std::path::PathBuf;

use intake::imports::{self, What};
use kernel::access::Actor;
use kernel::{Error, Result};

use crate::Cli;

/// Write a template, prefilled with what is known.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What it is for: orgs, years, marks, facts, targets or declared.
    #[arg(long, value_name = "WHAT")]
    template: String,
    /// Where to write it; the working directory by default.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes the template.
///
/// # Errors
/// [`Error::Invalid`] for an unknown template, [`Error::Unavailable`] when the file cannot be written.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let what = what(&args.template)?;
    let store = cli.open_existing().await?;
    let (name, bytes) = imports::blank(&store, &Actor::system("命令行"), what).await?;
    let path = args.out.clone().unwrap_or_else(|| PathBuf::from(name));
    std::fs::write(&path, bytes).map_err(|e| Error::Unavailable(format!("写不了 {}：{e}", path.display())))?;
    println!("已写到 {}", path.display());
    store.close().await
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
