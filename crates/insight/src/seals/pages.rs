//! The page of seals, the button that has them recomputed, and the exported ledger.

use std::time::Duration;

use askama::Template;
use axum::response::Response;
use kernel::Error;
use kernel::access::Scope;
use kernel::audit::{Note, Verb};
use kernel::seal::{self, Checked, Header, MANY};
use serde::Deserialize;
use web::{Frame, Posted, Result, Ui, download};

use super::{SEAL_CHECK, SEAL_READ};
use crate::ledger::LEDGER_READ;
use crate::link;
use crate::wording;
use kernel::value::day;

/// Blocks of a page.
const PAGE: i64 = 30;
/// Facts that a browser is given as one file; more are exported by the command.
const MOST: i64 = 100_000;

#[derive(Template)]
#[template(path = "seals/templates/list.html")]
struct List {
    cx: Frame,
    /// The last block; nothing when nothing is sealed.
    last: Option<BlockRow>,
    facts: i64,
    unsealed: String,
    publications: (i64, i64),
    keys: Vec<(String, String)>,
    blocks: Vec<BlockRow>,
    first: String,
    next: String,
    checks: Vec<CheckRow>,
    may_check: bool,
    /// Whether the file may be taken away here, or is too long for a browser.
    may_export: bool,
    is_long: bool,
}

struct BlockRow {
    number: i64,
    range: String,
    facts: i64,
    sealed_at: String,
    hash: String,
    key: String,
}

impl From<&Header> for BlockRow {
    fn from(header: &Header) -> Self {
        Self {
            number: header.number,
            range: format!("第 {} 至 {} 号", header.first, header.last),
            facts: header.facts,
            sealed_at: wording::sealed(&header.sealed_at),
            hash: header.hash().to_string(),
            key: header.public_key.fingerprint(),
        }
    }
}

struct CheckRow {
    at: String,
    by: String,
    scope: String,
    head: String,
    found: i64,
    findings: Vec<String>,
}

impl From<Checked> for CheckRow {
    fn from(checked: Checked) -> Self {
        let Checked { blocks, facts, publications, unsealed, .. } = checked;
        Self {
            at: day::minute(checked.at),
            by: checked.by,
            scope: format!("{blocks} 块 {facts} 条事实、{publications} 份发布；{unsealed} 条尚未封存"),
            head: checked.head,
            found: checked.found,
            findings: checked.findings,
        }
    }
}

pub(super) async fn list(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    let before = link::number(ui.query(), "before", "块号")?;
    let sealed = seal::sealed(&read).await?;
    let blocks = seal::blocks(&read, before.unwrap_or(i64::MAX), PAGE).await?;
    let next = blocks.last().map(|b| b.number).filter(|n| *n > 1);
    let unsealed = if sealed.unsealed < MANY { sealed.unsealed.to_string() } else { format!("{MANY} 条以上") };
    ui.page(&List {
        cx: ui.frame(&read).await?,
        last: sealed.last.as_ref().map(BlockRow::from),
        facts: sealed.facts,
        unsealed,
        publications: sealed.publications,
        keys: sealed.keys.iter().map(|key| (key.fingerprint(), key.to_string())).collect(),
        first: before.map(|_: i64| "/seals#blocks".to_owned()).unwrap_or_default(),
        next: next.map(|n| format!("/seals?before={n}#blocks")).unwrap_or_default(),
        blocks: blocks.iter().map(BlockRow::from).collect(),
        checks: seal::checks(&read, 10).await?.into_iter().map(CheckRow::from).collect(),
        may_check: ui.actor().may(SEAL_CHECK),
        may_export: sealed.facts > 0 && ui.scope(LEDGER_READ) == Scope::All,
        is_long: sealed.facts > MOST,
    })
}

/// A form with nothing but its token.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// How long a person waits for the result; a long ledger goes on without them.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn check(ui: Ui, Posted(Nothing {}): Posted<Nothing>) -> Result<Response> {
    let said = match seal::check_within(ui.store(), ui.actor(), PATIENCE).await? {
        Some(checked) if checked.found == 0 => "复核完毕：全部封存完好".to_owned(),
        Some(checked) => format!("复核完毕：有 {} 处不符，见下", checked.found),
        None => "复核正在进行，完成后结果列在下面；请过一会儿再打开本页".to_owned(),
    };
    ui.done("/seals#checks", &said).await
}

pub(super) async fn ledger(ui: Ui) -> Result<Response> {
    let read = ui.read().await?;
    if ui.scope(LEDGER_READ) != Scope::All || ui.scope(SEAL_READ) != Scope::All {
        return Err(Error::NotFound.into());
    }
    if seal::sealed(&read).await?.facts > MOST {
        let message = format!("账本超过 {MOST} 条，浏览器下载不合适：请管理员运行 qishu export ledger 文件名");
        return Err(Error::Conflict(message).into());
    }
    drop(read);
    let mut file = Vec::new();
    seal::export(ui.store(), &mut file, &|_, _| {}).await?;
    ui.note(Note::of(Verb::FILE_EXPORTED, "ledger", None).detail("文件", "ledger.jsonl")).await?;
    Ok(lines("ledger.jsonl", file))
}

/// The answer that saves lines of JSON under a name.
pub(crate) fn lines(name: &str, file: Vec<u8>) -> Response {
    download(name, "application/x-ndjson", file)
}
