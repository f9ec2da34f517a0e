//! Taking an import back by compensation: facts are reversed, earlier values are asserted again.
//! What somebody changed since stays as it is, and is told.

use kernel::id::{OrgId, Position};
use kernel::indicator::{declare, set_target, withdraw_declared, withdraw_target};
use kernel::org::{self, Assertion, YearFigures, value_on};
use kernel::store::{Row, Tx};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::{Error, Result, args};

use super::model::{Import, Trace};
use super::queries;

/// Takes everything back that nobody has changed since; the answer names what was left.
///
/// # Errors
/// [`Error::Invalid`] without a reason, [`Error::Conflict`] when it is not saved or taken back already.
pub(super) async fn take_back(tx: &mut Tx, import: &Import, reason: &str) -> Result<Vec<String>> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::invalid("reason", "请写明撤销的原因，例如 传错了文件"));
    }
    let claimed = tx
        .run((
            "UPDATE import SET undone_at = $1, undone_by = $2, undo_reason = $3
             WHERE id = $4 AND done_at IS NOT NULL AND undone_at IS NULL",
            args![tx.now(), tx.actor().name.clone(), reason, import.id],
        ))
        .await?;
    if claimed != 1 {
        return Err(Error::Conflict("这次导入还没有保存，或已经撤销".into()));
    }
    let source = format!("{TAKEN_BACK} {} 次导入：{reason}", import.id);
    let mut left = Vec::new();
    // The last step first, so that each finds the store as it left it.
    for trace in queries::traces(tx, import.id, i64::MAX).await?.iter().rev() {
        if let Some(why) = one(tx, trace, &source).await? {
            left.push(format!("“{}”{} {}：{why}", trace.sheet, trace.cell, trace.label));
        }
    }
    tx.run(("UPDATE import_key SET undone = 1 WHERE import_id = $1", args![import.id])).await?;
    tx.run(("UPDATE import SET undo_left = $1 WHERE id = $2", args![left.join("\n"), import.id])).await?;
    Ok(left)
}

/// Takes one stored value back; the answer says why it was left, if it was.
async fn one(tx: &mut Tx, trace: &Trace, source: &str) -> Result<Option<String>> {
    match (trace.what.as_str(), trace.position, trace.org) {
        ("fact", _, _) => fact(tx, trace.record.unwrap_or(0), source).await,
        ("attribute", Some(position), Some(org)) => attribute(tx, org, position, source).await,
        ("year", Some(position), Some(org)) => year(tx, org, position, source).await,
        ("register", _, Some(org)) => registered(tx, org, source).await,
        ("target", Some(position), _) => target(tx, position, source).await,
        ("declared", Some(position), _) => declared(tx, position, source).await,
        _ => Ok(Some("没有可撤销的内容".into())),
    }
}

/// How the source of a compensation begins.
const TAKEN_BACK: &str = "撤销第";

/// Whether a value still stands as an import stored it: by itself, or brought back by a later import's undoing.
fn stands(newest: i64, source: &str, mine: i64, same: bool) -> bool {
    newest == mine || (same && source.starts_with(TAKEN_BACK))
}

const CHANGED: &str = "之后又有变更，没有改动";

/// Reverses whatever stands for the record now, also after a merge moved it.
async fn fact(tx: &mut Tx, record: i64, reason: &str) -> Result<Option<String>> {
    let rows = tx
        .all((
            "SELECT f.position FROM fact f WHERE f.record_id = $1 AND f.reverses IS NULL
             AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position) ORDER BY f.position",
            args![record],
        ))
        .await?;
    for row in &rows {
        tx.reverse(Position(row.get("position")?), reason).await?;
    }
    Ok(rows.is_empty().then(|| "已被冲销".into()))
}

async fn attribute(tx: &Tx, org: OrgId, position: i64, source: &str) -> Result<Option<String>> {
    let history = org::history(tx, org, None).await?;
    let Some(mine) = history.iter().find(|a| a.position.0 == position) else { return Ok(Some(CHANGED.into())) };
    let now = value_on(&history, &mine.attribute, mine.valid_from);
    if !now.is_some_and(|a| stands(a.position.0, &a.source, position, a.value == mine.value)) {
        return Ok(Some(CHANGED.into()));
    }
    let before: Vec<Assertion> = history.iter().filter(|a| a.position < mine.position).cloned().collect();
    let (from, to) = (mine.valid_from, mine.valid_to);
    match value_on(&before, &mine.attribute, from).filter(|a| !a.value.is_empty()) {
        Some(earlier) => {
            let to = [to, earlier.valid_to].into_iter().flatten().min();
            org::assert(tx, org, &mine.attribute, &earlier.value, from, to, source).await?.position
        }
        None => org::withdraw(tx, org, &mine.attribute, from, to, source).await?,
    };
    Ok(None)
}

async fn year(tx: &Tx, org: OrgId, position: i64, source: &str) -> Result<Option<String>> {
    let sql = "SELECT year FROM org_year WHERE position = $1";
    let year = tx.one((sql, args![position])).await?.int("year")?;
    let rows = tx
        .all((
            "SELECT position, employees, revenue_fen, assets_fen, source FROM org_year
             WHERE org_id = $1 AND year = $2 ORDER BY position DESC",
            args![org, year],
        ))
        .await?;
    let year = i32::try_from(year).map_err(|e| Error::Internal(e.to_string()))?;
    let all = rows.iter().map(|row| figures(row, year)).collect::<Result<Vec<_>>>()?;
    let Some(mine) = all.iter().position(|(at, _)| *at == position) else { return Ok(Some(CHANGED.into())) };
    let same =
        |a: &YearFigures, b: &YearFigures| (a.employees, a.revenue, a.assets) == (b.employees, b.revenue, b.assets);
    if let (Some((newest, now)), Some((_, mine))) = (all.first(), all.get(mine))
        && !stands(*newest, &now.source, position, same(now, mine))
    {
        return Ok(Some(CHANGED.into()));
    }
    let nothing = YearFigures { year, employees: None, revenue: None, assets: None, source: String::new() };
    let earlier = all.get(mine + 1).map(|(_, figures)| figures.clone());
    let is_first = earlier.is_none();
    let figures = YearFigures { source: source.to_owned(), ..earlier.unwrap_or(nothing) };
    org::record_year(tx, org, &figures).await?;
    if is_first {
        class_of(tx, org, year, position, source).await?;
    }
    Ok(None)
}

fn figures(row: &Row, year: i32) -> Result<(i64, YearFigures)> {
    let figures = YearFigures {
        year,
        employees: row.get("employees")?,
        revenue: row.get::<Option<i64>>("revenue_fen")?.map(Fen),
        assets: row.get::<Option<i64>>("assets_fen")?.map(Fen),
        source: row.get("source")?,
    };
    Ok((row.get("position")?, figures))
}

/// The size class that followed from figures that are gone.
async fn class_of(tx: &Tx, org: OrgId, year: i32, after: i64, source: &str) -> Result<()> {
    let Some(from) = Day::from_ymd_opt(year + 1, 1, 1) else { return Ok(()) };
    let history = org::history(tx, org, None).await?;
    let Some(size) = value_on(&history, "size", from).filter(|a| a.position.0 > after && a.valid_from == from) else {
        return Ok(());
    };
    attribute(tx, org, size.position.0, source).await.map(|_| ())
}

/// A body that was registered stays registered, since others may cite it; it is marked as struck off.
async fn registered(tx: &Tx, org: OrgId, source: &str) -> Result<Option<String>> {
    let facts = tx
        .one((
            "SELECT COUNT(*) AS n FROM fact f WHERE f.subject_id = $1 AND f.reverses IS NULL
             AND NOT EXISTS (SELECT 1 FROM fact r WHERE r.reverses = f.position)",
            args![org],
        ))
        .await?
        .int("n")?;
    let known = org::find(tx, org).await?;
    if facts > 0 || known.merged_into.is_some() {
        return Ok(Some("已有事实或已并档，档案保留".into()));
    }
    let history = org::history(tx, org, None).await?;
    let since = history.first().map_or(tx.today(), |a| a.valid_from);
    org::assert(tx, org, "status", "撤销", since, None, source).await?;
    Ok(Some("档案不能删除，经营状态已改为“撤销”".into()))
}

async fn target(tx: &Tx, position: i64, source: &str) -> Result<Option<String>> {
    let sql = "SELECT t.indicator, t.period, t.unit_id, t.value, t.position, t.source FROM target t \
               JOIN target m ON m.position = $1 AND t.indicator = m.indicator AND t.period = m.period \
               AND t.unit_id = m.unit_id ORDER BY t.position DESC";
    let rows = tx.all((sql, args![position])).await?;
    let Some((mine, earlier)) = standing(&rows, position, "value")? else { return Ok(Some(CHANGED.into())) };
    let (indicator, period): (String, String) = (mine.get("indicator")?, mine.get("period")?);
    let unit = mine.int("unit_id")?;
    match earlier.map(|r| r.int("value")).transpose()?.filter(|v| *v >= 0) {
        Some(value) => set_target(tx, &indicator, &period, unit, value, source).await?,
        None => withdraw_target(tx, &indicator, &period, unit, source).await?,
    };
    Ok(None)
}

async fn declared(tx: &Tx, position: i64, source: &str) -> Result<Option<String>> {
    let sql = "SELECT d.indicator, d.as_on, d.value, d.person, d.position, d.source FROM declared d \
               JOIN declared m ON m.position = $1 AND d.indicator = m.indicator AND d.as_on = m.as_on \
               ORDER BY d.position DESC";
    let rows = tx.all((sql, args![position])).await?;
    let Some((mine, earlier)) = standing(&rows, position, "value")? else { return Ok(Some(CHANGED.into())) };
    let (indicator, as_on): (String, Day) = (mine.get("indicator")?, mine.get("as_on")?);
    let earlier = earlier.map(|r| Ok::<_, Error>((r.text("value")?, r.text("person")?))).transpose()?;
    match earlier.filter(|(value, _)| !value.is_empty()) {
        Some((value, person)) => declare(tx, &indicator, &value, as_on, source, &person).await?,
        None => withdraw_declared(tx, &indicator, as_on, source).await?,
    };
    Ok(None)
}

/// Of rows with the newest first: the one at `position` and the one before it, if what it says still stands.
fn standing<'a>(rows: &'a [Row], position: i64, value: &str) -> Result<Option<(&'a Row, Option<&'a Row>)>> {
    let said = |row: &Row| row.get::<String>(value).or_else(|_| row.int(value).map(|n| n.to_string()));
    for (index, mine) in rows.iter().enumerate() {
        if mine.int("position")? == position {
            let Some(newest) = rows.first() else { return Ok(None) };
            let same = said(newest)? == said(mine)?;
            let stands = stands(newest.int("position")?, &newest.text("source")?, position, same);
            return Ok(stands.then(|| (mine, rows.get(index + 1))));
        }
    }
    Ok(None)
}
