//! `qishu doctor`.

use kernel::Result;
use kernel::ledger::rebuild;
use kernel::store::Store;
use kernel::value::{calendar::WorkingCalendar, industry};
use qishu::compliance::{checks, document};
use serde::Serialize;

use crate::Cli;
use crate::output::{Format, table};

/// Check the installation.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Count the tallies again from the facts before comparing.
    #[arg(long)]
    rebuild: bool,
    /// Print the checks of an application under 等保三级 with the tests that prove them, and nothing else.
    #[arg(long, conflicts_with = "rebuild")]
    compliance: bool,
}

#[derive(Serialize)]
struct Check {
    check: &'static str,
    ok: bool,
    detail: String,
}

/// Runs all checks; the answer is whether all are well.
///
/// # Errors
/// When the database cannot be opened at all.
pub async fn run(cli: &Cli, args: &Args) -> Result<bool> {
    if args.compliance {
        match cli.format {
            Format::Json => println!("{}", serde_json::to_string(&checks()).unwrap_or_default()),
            _ => print!("{}", document()),
        }
        return Ok(true);
    }
    let store = cli.open_existing().await?;
    if args.rebuild {
        rebuild::rebuild_all(&store).await?;
    }
    let checks =
        [database(&store).await, tallies(&store).await?, ledger(&store).await?, reference(), calendar(), typefaces()];
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|c| vec![c.check.to_owned(), if c.ok { "正常" } else { "有问题" }.to_owned(), c.detail.clone()])
        .collect();
    table(cli.format, &["检查", "结果", "说明"], &rows, &checks);
    store.close().await?;
    Ok(checks.iter().all(|c| c.ok))
}

async fn database(store: &Store) -> Check {
    let (ok, detail) = match store.ready().await {
        Ok(()) => (true, format!("{:?} 可读可写", store.backend())),
        Err(error) => (false, error.detail()),
    };
    Check { check: "数据库", ok, detail }
}

async fn tallies(store: &Store) -> Result<Check> {
    let differences = rebuild::compare(store).await?;
    let detail = match differences.first() {
        None => "与逐条重算一致".to_owned(),
        Some(first) => format!(
            "{} 处与逐条重算不一致，例如 {} {}：存 {:?}，算 {:?}；可运行 qishu doctor --rebuild",
            differences.len(),
            first.series,
            first.cell,
            first.stored,
            first.counted
        ),
    };
    Ok(Check { check: "汇总", ok: differences.is_empty(), detail })
}

async fn ledger(store: &Store) -> Result<Check> {
    let read = store.read().await?;
    let row = read.one("SELECT COUNT(*) AS n FROM fact").await?;
    Ok(Check {
        check: "事实账", ok: true, detail: format!("{} 条事实，最新第 {} 号", row.int("n")?, read.head()?)
    })
}

fn reference() -> Check {
    let (ok, detail) = match industry::check_table() {
        Ok(()) => (true, format!("GB/T 4754-2017 共 {} 项，计数相符", industry::industries().len())),
        Err(faults) => (false, format!("行业分类表有 {} 处错误", faults.len())),
    };
    Check { check: "行业分类", ok, detail }
}

fn calendar() -> Check {
    let today = kernel::value::day::today(chrono::Utc::now());
    let calendar = WorkingCalendar::embedded();
    match calendar.add_working_days(today, 60) {
        Ok(day) => Check { check: "工作日历", ok: true, detail: format!("自今日起 60 个工作日为 {day}") },
        // A missing coming year is news every autumn, before the notice is out: said, but not a failure.
        Err(unknown) => {
            Check { check: "工作日历", ok: calendar.is_working(today).is_ok(), detail: unknown.to_string() }
        }
    }
}

/// Which typefaces documents are printed in. A stand-in is told; only a role for which nothing is there is a failure.
fn typefaces() -> Check {
    let fonts = documents::fonts();
    let missing: Vec<String> =
        fonts.missing().iter().map(|m| format!("{}（{}）", m.label, m.wanted.join("、"))).collect();
    let found: Vec<String> = fonts.found().iter().map(|f| format!("{}用 {}", f.label, f.family)).collect();
    let (ok, detail) = match (missing.is_empty(), fonts.fault()) {
        (true, "") => (true, found.join("，")),
        (true, fault) => (false, format!("{fault}；暂用 {}", found.join("，"))),
        (false, _) => {
            let install = "请安装 Debian 软件包 fonts-noto-cjk，公文字体另装 texlive-lang-chinese（Fandol）";
            (false, format!("没有可用的字体：{}；{install}", missing.join("，")))
        }
    };
    Check { check: "公文字体", ok, detail }
}
