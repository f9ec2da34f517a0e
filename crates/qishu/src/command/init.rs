//! `qishu init`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use kernel::{Error, Result};
use qishu::founding::{self, AdminPlan, Plan, UnitPlan};

use crate::Cli;

/// Make a new platform.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Everything in a file: city, [[unit]] with code and name, [system], [security] and [audit] with login and name.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["city", "units"])]
    file: Option<PathBuf>,
    /// Name of the city, as 黄石市; asked for when it is left out.
    #[arg(long)]
    city: Option<String>,
    /// A reporting unit as CODE=NAME; give it once per unit, in order. Asked for when left out.
    #[arg(long = "unit", value_name = "CODE=NAME")]
    units: Vec<String>,
}

/// Makes city, units and the three administrators. There is no default password: it is asked for without being
/// shown, or set by a one-time link.
///
/// # Errors
/// [`Error::Conflict`] when the database already holds a platform; [`Error::Invalid`] for bad input.
pub async fn run(cli: &Cli, args: &Args) -> Result<()> {
    let plan = match &args.file {
        Some(file) => Plan::read(
            &std::fs::read_to_string(file)
                .map_err(|e| Error::invalid("file", format!("读不到 {}：{e}", file.display())))?,
        )?,
        None => asked(args)?,
    };
    let store = cli.open().await?;
    let waiting = founding::found(&store, &plan).await?;
    println!("已建立 {}：{} 个填报单元，三个管理员。启动：{}", plan.city, plan.unit.len(), cli.line("serve"));
    for one in &waiting {
        println!("{}（{}）设置口令的链接，72 小时内有效，只能用一次：{}", one.duty, one.login, one.path);
    }
    println!("第一次登录时，管理员要绑定手机验证器。业务账号由系统管理员开通，由安全管理员授予角色。");
    store.close().await
}

/// Asks at the terminal, or reads the answers from standard input, a line each.
fn asked(args: &Args) -> Result<Plan> {
    let city = match &args.city {
        Some(city) => city.clone(),
        None => line("城市名称，例如 黄石市：")?,
    };
    let typed = match args.units.is_empty() {
        false => args.units.clone(),
        true => line("填报单元，写成 代码=名称，用空格隔开，例如 DY=大冶市 YX=阳新县：")?
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
    };
    let unit = typed.iter().map(|unit| unit_plan(unit)).collect::<Result<Vec<_>>>()?;
    let admin = |duty: &str| -> Result<AdminPlan> {
        let name = line(&format!("{duty}的姓名："))?;
        let login = line(&format!("{duty}的登录名："))?;
        let password = secret(&format!("{duty}的口令（至少 12 个字符，留空则给一次性链接）："))?;
        Ok(AdminPlan { login, name, password: Some(password).filter(|p| !p.is_empty()) })
    };
    Ok(Plan {
        city, unit, system: admin("系统管理员")?, security: admin("安全管理员")?, audit: admin("审计管理员")?
    })
}

fn unit_plan(typed: &str) -> Result<UnitPlan> {
    match typed.split_once('=') {
        Some((code, name)) if !code.trim().is_empty() && !name.trim().is_empty() => {
            Ok(UnitPlan { code: code.trim().to_owned(), name: name.trim().to_owned() })
        }
        _ => Err(Error::invalid("unit", format!("“{typed}”应写成 代码=名称，例如 DY=大冶市"))),
    }
}

fn line(prompt: &str) -> Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        print!("{prompt}");
        std::io::stdout().flush().map_err(|e| Error::Internal(e.to_string()))?;
    }
    let mut line = String::new();
    let read = input.lock().read_line(&mut line);
    match read.map_err(|e| Error::invalid("input", format!("读不到输入：{e}")))? {
        0 => Err(Error::invalid("input", "输入不完整；没有终端时请用 --file 给出初始化文件")),
        _ => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

/// A line that is not shown while it is typed.
fn secret(prompt: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        return line(prompt);
    }
    let echo = |on: bool| {
        let set = Command::new("stty").arg(if on { "echo" } else { "-echo" }).stdin(Stdio::inherit()).status();
        set.is_ok_and(|status| status.success())
    };
    if !echo(false) {
        let told = "这个终端不能隐藏输入的口令；请用 --file 给出初始化文件，口令用一次性链接设置";
        return Err(Error::Unavailable(told.into()));
    }
    let typed = line(prompt);
    echo(true);
    println!();
    typed
}
