//! `qishu`: the one binary. Every command takes `--data DIR` (embedded) or `--database URL` (PostgreSQL).

mod command;
mod output;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kernel::store::{Limits, Place, Store};
use kernel::{Error, Result};
use tracing_subscriber::EnvFilter;

use output::Format;
use qishu::{bench, city};

/// 企枢 Qishu: the platform of a city for its small and medium enterprises.
#[derive(Debug, Parser)]
#[command(name = "qishu", version, about, after_help = EXIT_CODES)]
struct Cli {
    /// Directory of the embedded database.
    #[arg(long, global = true, default_value = "qishu-data", env = "QISHU_DATA", value_name = "DIR")]
    data: PathBuf,
    /// Address of a PostgreSQL database, instead of the embedded one.
    #[arg(long, global = true, env = "QISHU_DATABASE", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value = "text")]
    format: Format,
    /// Log lines as JSON.
    #[arg(long, global = true, env = "QISHU_LOG_JSON")]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

impl Cli {
    /// How another command is called on the same data; an address may hold a password, so it is not repeated.
    fn line(&self, command: &str) -> String {
        match &self.database {
            Some(_) => format!("qishu {command}，用同一个 --database"),
            None if self.data.as_os_str() == "qishu-data" => format!("qishu {command}"),
            None => format!("qishu {command} --data {}", self.data.display()),
        }
    }
}

const EXIT_CODES: &str = "\
Exit codes: 0 done · 1 failed · 2 wrong usage or input · 3 the database, port or disk cannot be used · 4 a check found something";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and the API.
    Serve(command::serve::Args),
    /// Make a new platform: city, reporting units, the three administrators.
    Init(command::init::Args),
    /// Look after accounts on the server: a link for somebody locked out, a list of known passwords.
    Account(command::account::Args),
    /// Load the demonstration city into an empty database.
    Demo(command::demo::Args),
    /// Print the figures of a reply, computed from the records.
    Figures(command::figures::Args),
    /// Import a workbook: looked through first, then saved whole or in part.
    Import(command::import::Args),
    /// Check the installation: database, tallies against a recount, reference data.
    Doctor(command::doctor::Args),
    /// Seal ledger and audit log: sign what is recorded so that no change goes unseen.
    Seal(command::seal::Args),
    /// Recompute what was sealed, or re-derive what was published, and name what differs.
    Verify(command::verify::Args),
    /// The audit log: its digest, and taking old entries out with proof.
    Audit(command::audit::Args),
    /// Write the sealed ledger or audit log for `qishu-verify`, or a workbook template prefilled with what is known.
    Export(command::export::Args),
    /// Back the embedded database up while it is in use.
    Backup(command::backup::Args),
    /// Restore a backup into a new place and compare it.
    Restore(command::backup::RestoreArgs),
    /// Measure speed on a large synthetic city (see bench/README.md).
    Bench(bench::Args),
}

impl Cli {
    fn place(&self) -> Place {
        match &self.database {
            Some(url) => Place::Url(url.clone()),
            None => Place::Dir(self.data.clone()),
        }
    }

    async fn open(&self) -> Result<Store> {
        self.open_with(Limits::default()).await
    }

    async fn open_with(&self, limits: Limits) -> Result<Store> {
        Store::open(&self.place(), &city::modules(), limits).await
    }

    /// As [`Cli::open`], but an embedded database that does not exist is an error and not made.
    async fn open_existing(&self) -> Result<Store> {
        if let Place::Dir(dir) = self.place()
            && !dir.join("qishu.sqlite").exists()
        {
            return Err(Error::Unavailable(format!(
                "{} 中没有数据库：请先运行 qishu init（新建）或 qishu demo（演示数据）",
                dir.display()
            )));
        }
        self.open().await
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log(cli.log_json);
    let done = match &cli.command {
        Command::Serve(args) => command::serve::run(&cli, args).await,
        Command::Init(args) => command::init::run(&cli, args).await,
        Command::Account(args) => command::account::run(&cli, args).await,
        Command::Demo(args) => command::demo::run(&cli, args).await,
        Command::Figures(args) => command::figures::run(&cli, args).await,
        Command::Import(args) => return code(command::import::run(&cli, args).await, 4),
        Command::Doctor(args) => return code(command::doctor::run(&cli, args).await, 4),
        Command::Seal(args) => command::seal::run(&cli, args).await,
        Command::Verify(args) => return code(command::verify::run(&cli, args).await, 4),
        Command::Audit(args) => command::audit::run(&cli, args).await,
        Command::Export(args) => command::export::run(&cli, args).await,
        Command::Backup(args) => command::backup::run(&cli, args).await,
        Command::Restore(args) => return code(command::backup::restore(args).await, 4),
        Command::Bench(args) => bench::run(args, city::modules()).await,
    };
    code(done.map(|()| true), 1)
}

/// The exit code of an outcome; `false` is a check that found something.
fn code(done: Result<bool>, found: u8) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(found),
        Err(error) => {
            eprintln!("{}", error.detail());
            ExitCode::from(match error {
                Error::Invalid(_) | Error::NotFound => 2,
                Error::Unavailable(_) => 3,
                _ => 1,
            })
        }
    }
}

fn log(json: bool) {
    let filter = EnvFilter::try_from_env("QISHU_LOG").unwrap_or_else(|_| EnvFilter::new("warn,qishu=info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        subscriber.json().init();
    } else {
        subscriber.init();
    }
}
