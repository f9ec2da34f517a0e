//! `qishu demo`.

use kernel::Result;
use kernel::store::Limits;

use crate::Cli;
use crate::output::Progress;

/// Load the demonstration city.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do nothing when the database already holds something.
    #[arg(long)]
    if_empty: bool,
}

/// Loads the demonstration city.
///
/// # Errors
/// [`kernel::Error::Conflict`] when the database holds something already.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let store = cli.open_with(Limits::LOAD).await?;
    if args.if_empty && !kernel::org::units(&store.read().await?).await?.is_empty() {
        return store.close().await;
    }
    let progress = Progress::new();
    let done = qishu::demo::load(&store, &|stage, done, of| progress.report(stage, done, of)).await;
    progress.finish();
    done?;
    println!("演示城市已装载。启动：{}", cli.line("serve"));
    for line in qishu::demo::sign_in_help(&store).await? {
        println!("{line}");
    }
    store.close().await
}
