//! `qishu figures`.

use kernel::{Error, Result};

use crate::Cli;
use crate::output::table;

/// Print the figures of a reply.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which reply.
    #[arg(default_value = "huangshi-2021")]
    reply: String,
}

/// Prints every figure of the reply, computed from the records.
///
/// # Errors
/// [`Error::NotFound`] for a reply that is not known.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    if args.reply != "huangshi-2021" {
        return Err(Error::invalid("reply", format!("没有名为“{}”的答复件；现有：huangshi-2021", args.reply)));
    }
    let store = cli.open_existing().await?;
    let figures = qishu::figures::all(&store.read().await?).await?;
    let columns = ["id", "value", "unit", "as_of", "rows", "exact", "text", "seed_as_of"];
    let rows: Vec<Vec<String>> = figures
        .iter()
        .map(|f| {
            let cells = [&f.id, &f.value, &f.unit, &f.as_of, &f.rows.to_string(), &f.exact, &f.text, &f.seed_as_of];
            cells.iter().map(ToString::to_string).collect()
        })
        .collect();
    table(cli.format, &columns, &rows, &figures);
    store.close().await
}
