//! Receiving a workbook and saving what it says: one transaction, through the actions of the forms.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kernel::audit::Verb;
use kernel::store::Tx;
use kernel::{Error, Result, args};
use sheets::Template;

use super::check::{Desk, Seen, check};
use super::desk::digest;
use super::known::Known;
use super::model::{Checked, Done, Import, Mode, Plan, Report, What};
use super::peers::Peers;
use super::stretches::{Progress, Stretches, parted};
use super::write::write;

/// Keeps an uploaded file.
///
/// # Errors
/// As the database says.
pub(super) async fn receive(
    tx: &Tx,
    what: What,
    name: &str,
    bytes: &[u8],
    (columns, columns_at): (&str, Option<DateTime<Utc>>),
) -> Result<i64> {
    let digest = digest(bytes);
    tx.run((
        "INSERT INTO import_file (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
        args![digest.clone(), bytes.to_vec()],
    ))
    .await?;
    let actor = tx.actor();
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let id = tx
        .insert((
            "INSERT INTO import (template, file_name, digest, size, uploaded_at, uploaded_by, account_id, columns, columns_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            args![
                what.code(), name, digest.clone(), size, tx.now(), actor.name.clone(), actor.account.0, columns, columns_at
            ],
        ))
        .await?;
    tx.act(Verb::IMPORT_SENT, "import", id);
    tx.changes("文件", "", name);
    tx.changes("文件摘要", "", &digest);
    let units: BTreeSet<i64> = actor.units.iter().map(|unit| unit.0).collect();
    for unit in if units.is_empty() { BTreeSet::from([0]) } else { units } {
        tx.run(("INSERT INTO import_unit (import_id, unit_id) VALUES ($1, $2)", args![id, unit])).await?;
    }
    Ok(id)
}

/// Saves what a workbook says, in one transaction: each stretch of rows is looked through again and written. Where
/// others have changed the same values the sheet wins only over the conflicts that were seen, named by their digest.
///
/// # Errors
/// [`Error::Conflict`] when it was saved already, was stopped, or other conflicts have come up; [`Error::Invalid`] at
/// `mode` when everything was asked for and a row has a fault, or when nothing can be saved. Then nothing is.
pub(super) async fn save(
    tx: &mut Tx,
    import: &Import,
    template: &Template,
    stretches: &mut Stretches,
    (mode, overwrite): (Mode, &str),
    progress: &Progress,
) -> Result<(Done, Report)> {
    claim(tx, import.id, mode).await?;
    let scope = tx.actor().scope(import.what.permission());
    let peers = Peers::load(tx, import.what).await?;
    let (mut report, mut seen) = (Report::default(), Seen::new());
    while let Some(next) = stretches.next().await? {
        let (reading, last) = parted(next);
        progress.add(reading.rows.len())?;
        let known = Known::load_held(tx, &scope, import.what, &reading).await?;
        let desk = Desk { read: tx, scope: &scope, overwrite: !overwrite.is_empty(), known, peers: &peers };
        let mut checked = check(&desk, import.what, template, reading, &mut seen).await?;
        report.take_in(&mut checked);
        // What cannot be saved whole is only looked through to its end, so that all of it can be told.
        if mode == Mode::Good || report.refused == 0 {
            write(tx, import, &checked).await.map_err(|(error, plan)| at_row(error, &checked, plan))?;
        }
        last.into_iter().for_each(|last| report.end(last));
    }
    verdict(&report, mode, overwrite)?;
    tx.act(Verb::IMPORT_SAVED, "import", import.id);
    tx.changes("文件", "", &import.file_name);
    let done = Done { saved: report.to_save(), unchanged: report.unchanged, refused: report.refused };
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    tx.run((
        "UPDATE import SET saved = $1, unchanged = $2, refused = $3 WHERE id = $4",
        args![number(done.saved), number(done.unchanged), number(done.refused), import.id],
    ))
    .await?;
    Ok((done, report))
}

/// Whether all that was looked through and written may stay.
fn verdict(report: &Report, mode: Mode, overwrite: &str) -> Result<()> {
    if !overwrite.is_empty() && report.conflicts() != overwrite {
        return Err(Error::Conflict("又有人改动了同样的内容，什么都没有保存；冲突已重新列出，请核对后再保存".into()));
    }
    if mode == Mode::Whole && report.refused > 0 {
        let message =
            format!("有 {} 行不能保存，什么都没有保存；请改正后重新上传，或选择只保存无误的行", report.refused);
        return Err(Error::invalid("mode", message));
    }
    if report.to_save() == 0 {
        return Err(Error::invalid("mode", "没有可以保存的行：有误的行请改正，其余的行与现有内容相同"));
    }
    Ok(())
}

/// What an action refuses although the looking found nothing, told with the row it is about.
fn at_row(error: Error, checked: &Checked, plan: &Plan) -> Error {
    let Some(row) = checked.reading.rows.get(plan.row) else { return error };
    let sheet = checked.reading.pages.get(row.page).map_or("", |p| p.name.as_str());
    let place = format!("什么都没有保存。工作表“{sheet}”第 {} 行：", row.row);
    match error {
        Error::Invalid(faults) => {
            let words: Vec<String> = faults.0.into_iter().map(|f| f.message).collect();
            Error::invalid("mode", format!("{place}{}", words.join("；")))
        }
        Error::Conflict(message) => Error::Conflict(format!("{place}{message}")),
        other => other,
    }
}

/// Marks the import as done before anything is written, so that of two who save it at once one waits and is told.
async fn claim(tx: &Tx, id: i64, mode: Mode) -> Result<()> {
    let mode = if mode == Mode::Whole { "whole" } else { "good" };
    let claimed = tx
        .run((
            "UPDATE import SET done_at = $1, done_by = $2, mode = $3 WHERE id = $4 AND done_at IS NULL",
            args![tx.now(), tx.actor().name.clone(), mode, id],
        ))
        .await?;
    if claimed == 1 {
        Ok(())
    } else {
        Err(Error::Conflict("这次导入已经保存过了，没有重复保存".into()))
    }
}
