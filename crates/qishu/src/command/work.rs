//! `qishu work`: what a server does in the background, without serving pages.

use kernel::Result;
use kernel::store::Store;
use qishu::channels::{self, Outside};
use tokio::task::JoinHandle;

use crate::Cli;

/// Carry out jobs and send notices without serving pages: beside servers that are busy, or while they rest.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    outside: Outside,
}

/// Works until it is told to stop.
///
/// # Errors
/// [`kernel::Error::Unavailable`] when there is no database; [`kernel::Error::Invalid`] for a channel that cannot be used.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let store = cli.open_existing().await?;
    let tasks = start(&store, &args.outside)?;
    eprintln!("后台已启动：作业与通知");
    super::serve::stopped().await;
    tasks.iter().for_each(JoinHandle::abort);
    store.close().await
}

/// Starts the workers of a server: jobs, and a worker for each channel that is set.
///
/// # Errors
/// [`kernel::Error::Invalid`] for a channel that cannot be used.
pub fn start(store: &Store, outside: &Outside) -> Result<Vec<JoinHandle<()>>> {
    let mut tasks = channels::start(store, outside.channels()?);
    tasks.push(tokio::spawn(kernel::job::work(store.clone())));
    Ok(tasks)
}
