//! `qishu import`.

use std::path::{Path, PathBuf};

use intake::imports::{self, Done, Mode, What};
use kernel::access::Actor;
use kernel::store::Store;
use kernel::{Error, Result};
use sheets::{Level, Mapping};

use crate::Cli;
use crate::output::table;

/// Import a workbook: looked through first, then saved.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The workbook: .xlsx, .ods or .csv.
    file: PathBuf,
    /// What it holds: orgs, years, marks, facts, targets or declared.
    #[arg(long, value_name = "WHAT")]
    template: String,
    /// Look it through and save nothing.
    #[arg(long)]
    check: bool,
    /// Save the rows without faults, and leave the others.
    #[arg(long)]
    good_rows: bool,
    /// Where others changed the same values meanwhile, the sheet wins.
    #[arg(long)]
    overwrite: bool,
    /// Read the columns as this file says (see docs/operations.md); it is remembered for workbooks with the same heads.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Write the workbook with its faults marked to this file.
    #[arg(long, value_name = "FILE")]
    returned: Option<PathBuf>,
}

/// Imports a workbook; the answer is whether every row could be saved.
///
/// # Errors
/// [`Error::Invalid`] for a file that cannot be read, or when everything was asked for and a row has a fault.
pub async fn run(cli: &Cli, args: &Args) -> Result<bool> {
    let what = super::export::what(&args.template)?;
    let unread = |path: &Path, e: std::io::Error| Error::invalid("file", format!("读不到 {}：{e}", path.display()));
    let bytes = std::fs::read(&args.file).map_err(|e| unread(&args.file, e))?;
    let map = args.map.as_deref().map(|path| std::fs::read_to_string(path).map_err(|e| unread(path, e))).transpose()?;
    let name = args.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let store = cli.open_existing().await?;
    let actor = Actor::system("命令行导入");
    let said = match map {
        Some(text) => Some(imports::described(&store, &actor, what, &text).await?),
        None => None,
    };
    let order = Order { cli, args, store: &store, actor: &actor, what, said: said.as_ref() };
    let clean = match args.check || args.overwrite || args.returned.is_some() {
        true => order.looked_at_first(&name, bytes).await,
        false => order.at_once(&name, bytes).await,
    };
    store.close().await?;
    clean
}

/// What is asked for.
struct Order<'a> {
    cli: &'a Cli,
    args: &'a Args,
    store: &'a Store,
    actor: &'a Actor,
    what: What,
    said: Option<&'a Mapping>,
}

impl Order<'_> {
    fn mode(&self) -> Mode {
        if self.args.good_rows { Mode::Good } else { Mode::Whole }
    }

    async fn kept(&self, name: &str, bytes: Vec<u8>) -> Result<i64> {
        match self.said {
            Some(said) => imports::receive_mapped(self.store, self.actor, self.what, (name, bytes), said).await,
            None => imports::receive(self.store, self.actor, self.what, name, bytes).await,
        }
    }

    /// Looks the workbook through, writes it back with marks, and saves it if that was asked for.
    async fn looked_at_first(&self, name: &str, bytes: Vec<u8>) -> Result<bool> {
        eprintln!("正在读取并逐行核对 {name} …");
        let (args, whole) = (self.args, (bytes.clone(), self.said));
        let wanted = (args.overwrite, args.returned.is_some());
        let (report, returned) = imports::examine(self.store, self.actor, self.what, whole, wanted).await?;
        tell(self.cli, &report);
        if let (Some(path), Some(returned)) = (&args.returned, returned) {
            std::fs::write(path, returned.bytes)
                .map_err(|e| Error::Unavailable(format!("写不了 {}：{e}", path.display())))?;
            eprintln!("标好错误的表已写到 {}", path.display());
        }
        if !args.check && report.to_save() > 0 {
            eprintln!("正在保存 …");
            let overwrite = if args.overwrite { report.conflicts() } else { String::new() };
            let id = self.kept(name, bytes).await?;
            said(id, imports::carry_out(self.store, self.actor, id, self.mode(), &overwrite).await?);
        }
        Ok(report.refused == 0)
    }

    /// Saves the workbook in one go: it is looked through in the same act.
    async fn at_once(&self, name: &str, bytes: Vec<u8>) -> Result<bool> {
        eprintln!("正在读取、逐行核对并保存 {name} …");
        let id = self.kept(name, bytes).await?;
        match imports::carry_out_told(self.store, self.actor, id, self.mode(), "").await {
            Ok((done, report)) => {
                tell(self.cli, &report);
                said(id, done);
                Ok(report.refused == 0)
            }
            Err(error) => {
                // Nothing was saved: all that is wrong is told, and not only that something is.
                let report = imports::dry_run(self.store, self.actor, id, false).await?;
                tell(self.cli, &report);
                if report.to_save() == 0 { Ok(report.refused == 0) } else { Err(error) }
            }
        }
    }
}

fn said(id: i64, done: Done) {
    eprintln!(
        "已保存 {} 行；{} 行与现有内容相同，{} 行没有保存（第 {id} 次导入）",
        done.saved, done.unchanged, done.refused
    );
}

fn tell(cli: &Cli, report: &imports::Report) {
    for notice in &report.reading.notices {
        eprintln!("{notice}");
    }
    let level = |level: Level| match level {
        Level::Fault => "错误",
        Level::Conflict => "冲突",
        Level::Warning => "请核对",
        Level::Repair => "已规整",
    };
    let rows: Vec<Vec<String>> = report
        .reading
        .findings
        .iter()
        .map(|f| {
            let page = report.reading.pages.get(f.page).map(|p| p.name.clone()).unwrap_or_default();
            vec![level(f.level).into(), page, f.place(), f.head.clone(), f.raw.clone(), f.message.clone()]
        })
        .collect();
    if !rows.is_empty() {
        table(cli.format, &["类别", "工作表", "位置", "列", "填的是", "说明"], &rows, &rows);
    }
    eprintln!(
        "可以保存 {} 行，不能保存 {} 行，与现有内容相同 {} 行",
        report.to_save(),
        report.refused,
        report.unchanged
    );
}
