//! `qishu account`: what is done about accounts on the server and not on a page.

use std::path::PathBuf;

use kernel::access::{self, Actor};
use kernel::id::AccountId;
use kernel::{Error, Result, args};

use crate::Cli;

/// Look after accounts on the server.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Do,
}

#[derive(Debug, clap::Subcommand)]
enum Do {
    /// Reset password and second factor of an account, also an administrator's, and print a one-time link.
    Reset {
        /// What is typed to sign in.
        login: String,
    },
    /// Take a file of known passwords, a line each; none of them can be set any more.
    KnownPasswords {
        /// The file, UTF-8.
        file: PathBuf,
    },
}

/// Carries out the command.
///
/// # Errors
/// [`Error::Invalid`] for an unknown login or a file that cannot be read.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let store = cli.open_existing().await?;
    let actor = Actor::system("命令行");
    match &args.command {
        Do::Reset { login } => {
            let link = store
                .write(&actor, async |tx| {
                    let row = tx.opt(("SELECT id FROM account WHERE login = $1", args![login.trim()])).await?;
                    let row = row.ok_or_else(|| Error::invalid("login", format!("没有登录名“{login}”，请核对")))?;
                    access::reset(tx, AccountId(row.get("id")?)).await
                })
                .await?;
            println!("设置口令的链接，72 小时内有效，只能用一次：/join/{link}");
        }
        Do::KnownPasswords { file } => {
            let text = std::fs::read_to_string(file)
                .map_err(|e| Error::invalid("file", format!("读不到 {}：{e}", file.display())))?;
            let added = store.write(&actor, async |tx| access::know_weak(tx, &text).await).await?;
            println!("新增 {added} 个已知口令");
        }
    }
    store.close().await
}
