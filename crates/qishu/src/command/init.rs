//! `qishu init`.

use std::io::{BufRead, IsTerminal, Write};

use kernel::access::{Actor, NewAccount, create_account};
use kernel::id::UnitId;
use kernel::org::{create_unit, units};
use kernel::{Error, Result, args};

use crate::Cli;

/// Make a new platform.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the city, as 黄石市.
    #[arg(long)]
    city: String,
    /// A reporting unit as CODE=NAME; give it once per unit, in order.
    #[arg(long = "unit", value_name = "CODE=NAME", required = true)]
    units: Vec<String>,
    /// Login of the first account, a bureau officer.
    #[arg(long, default_value = "admin")]
    login: String,
}

/// Makes city, units and the first account. There is no default password: it is asked for, or taken from
/// the first line of standard input.
///
/// # Errors
/// [`Error::Conflict`] when the database already holds a platform; [`Error::Invalid`] for bad input.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let parsed = args
        .units
        .iter()
        .map(|unit| match unit.split_once('=') {
            Some((code, name)) if !code.trim().is_empty() && !name.trim().is_empty() => Ok((code.trim(), name.trim())),
            _ => Err(Error::invalid("unit", format!("“{unit}”应写成 代码=名称，例如 daye=大冶市"))),
        })
        .collect::<Result<Vec<_>>>()?;
    let store = cli.open().await?;
    if !units(&store.read().await?).await?.is_empty() {
        return Err(Error::Conflict("数据库中已有填报单元，没有作任何改动；新平台请用空目录或空库".into()));
    }
    let password = password()?;
    store
        .write(&Actor::system("初始化"), async |tx| {
            for (i, (code, name)) in parsed.iter().enumerate() {
                create_unit(tx, UnitId(i as i64 + 1), code, name).await?;
            }
            tx.run(("INSERT INTO setting (name, value) VALUES ('city.name', $1)", args![args.city.trim()])).await?;
            let account = NewAccount {
                login: args.login.trim(),
                name: "市局管理员",
                role: "bureau_officer",
                password: &password,
                unit: None,
                org: None,
            };
            create_account(tx, account).await
        })
        .await?;
    println!("已建立 {}：{} 个填报单元，账号 {}。启动：{}", args.city, parsed.len(), args.login, cli.line("serve"));
    store.close().await
}

fn password() -> Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        print!("请设置口令（至少 10 个字符，输入时可见）：");
        std::io::stdout().flush().map_err(|e| Error::Internal(e.to_string()))?;
    }
    let mut line = String::new();
    input.lock().read_line(&mut line).map_err(|e| Error::invalid("password", format!("读不到口令：{e}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
