//! Taking an import back by compensation: facts are reversed, earlier values are asserted again.
//! What somebody changed since stays as it is, and is told.

use std::collections::HashMap;

use kernel::access::Scope;
use kernel::audit::Verb;
use kernel::id::{OrgId, Position, RecordId};
use kernel::indicator::{declare, set_target, withdraw_declared, withdraw_target};
use kernel::ledger::browse;
use kernel::org::{self, Assertion, YearFigures, value_on};
use kernel::publication::Published;
use kernel::store::{Row, Tx};
use kernel::value::day::Day;
use kernel::value::money::Fen;
use kernel::value::text::too_long;
use kernel::{Error, Result, args};

use super::model::{Import, Trace};
use super::queries;

/// How the source of a compensation begins.
const TAKEN_BACK: &str = "撤销第";
/// How the source begins with which a body that was registered is struck off.
pub(super) const STRUCK: &str = "撤销登记：";

const CHANGED: &str = "之后又有变更，没有改动";
const BEYOND: &str = "现在不在您的管理范围内，没有改动，请报市局办理";

/// Takes everything back that nobody has changed since; the answer names what was left.
///
/// # Errors
/// [`Error::Invalid`] without a reason, [`Error::Conflict`] when it is not saved or taken back already.
pub(super) async fn take_back(tx: &mut Tx, import: &Import, reason: &str) -> Result<Vec<String>> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::invalid("reason", "请写明撤销的原因，例如 传错了文件"));
    }
    if let Some(message) = too_long(reason) {
        return Err(Error::invalid("reason", message));
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
    tx.act(Verb::IMPORT_UNDONE, "import", import.id);
    tx.purpose(reason);
    let traces = queries::traces(tx, &Scope::All, import.id, i64::MAX).await?;
    org::hold(tx, &traces.iter().filter_map(|t| t.org).collect()).await?;
    let source = format!("{TAKEN_BACK} {} 次导入：{reason}", import.id);
    let scope = tx.actor().scope(import.what.undo_permission());
    let mut classes: HashMap<(OrgId, &str), Vec<Position>> = HashMap::new();
    for trace in traces.iter().filter(|trace| trace.what == "class") {
        if let (Some(org), Some(position)) = (trace.org, trace.position) {
            classes.entry((org, trace.field.as_str())).or_default().push(Position(position));
        }
    }
    let published = Published::load(tx).await?;
    let undo = Undo { import, scope: &scope, source: &source, classes, published };
    let mut left = Vec::new();
    // The last step first, so that each finds the store as it left it.
    for trace in traces.iter().rev() {
        if let Some(why) = undo.one(tx, trace).await? {
            left.push(format!("“{}”{} {}：{why}", trace.sheet, trace.cell, trace.label));
        }
    }
    tx.run(("UPDATE import SET undo_left = $1 WHERE id = $2", args![left.join("\n"), import.id])).await?;
    Ok(left)
}

/// What is the same for everything an undoing takes back.
struct Undo<'a> {
    import: &'a Import,
    /// What the actor may take back now: a firm may have moved since.
    scope: &'a Scope,
    source: &'a str,
    /// The size classes that followed from the figures of a body for a year.
    classes: HashMap<(OrgId, &'a str), Vec<Position>>,
    /// What was published: nobody takes back alone what stands behind it.
    published: Published,
}

impl Undo<'_> {
    /// Takes one stored value back; the answer says why it was left, if it was.
    async fn one(&self, tx: &mut Tx, trace: &Trace) -> Result<Option<String>> {
        if let Some(org) = trace.org
            && let Err(error) = org::find_within(tx, self.scope, org).await
        {
            return if matches!(error, Error::NotFound) { Ok(Some(BEYOND.into())) } else { Err(error) };
        }
        match (trace.what.as_str(), trace.position, trace.org) {
            ("fact", _, _) => self.fact(tx, RecordId(trace.record.unwrap_or(0))).await,
            ("attribute", Some(position), Some(org)) => attribute(tx, org, Position(position), self.source).await,
            ("year", Some(position), Some(org)) => {
                let classes = self.classes.get(&(org, trace.field.as_str())).map_or(&[] as &[_], Vec::as_slice);
                year(tx, org, position, classes, self.source).await
            }
            // Goes with its year.
            ("class", _, _) => Ok(None),
            ("register", _, Some(org)) => self.registered(tx, org).await,
            ("target", Some(position), _) => target(tx, position, self.source).await,
            ("declared", Some(position), _) => declared(tx, position, self.source).await,
            _ => Ok(Some("没有可撤销的内容".into())),
        }
    }

    /// Reverses the fact that was recorded, also after a merge moved it; never what a correction put in its place, nor
    /// what stands behind a published figure.
    async fn fact(&self, tx: &mut Tx, record: RecordId) -> Result<Option<String>> {
        let standing = queries::own_facts(tx, record).await?;
        let (mine, others): (Vec<_>, Vec<_>) = standing.into_iter().partition(|fact| fact.is_own);
        let (mut alone, mut behind) = (Vec::new(), Vec::new());
        for fact in &mine {
            match browse::find(tx, self.scope, fact.position).await {
                Ok(found) if self.published.rests_on(&found) => behind.push(found.position),
                Ok(found) => alone.push(found.position),
                Err(Error::NotFound) => return Ok(Some(BEYOND.into())),
                Err(other) => return Err(other),
            }
        }
        for fact in &alone {
            tx.reverse(*fact, self.source).await?;
        }
        if others.is_empty() && behind.is_empty() {
            tx.run(("UPDATE import_key SET undone = 1 WHERE record_id = $1", args![record])).await?;
        }
        Ok(match (mine.is_empty(), others.is_empty(), behind.first()) {
            (_, false, _) => Some("之后经更正申请更正，更正后的事实没有改动".into()),
            (_, true, Some(fact)) => Some(format!(
                "在已发布数字背后，一个人不能冲销，没有改动：请打开第 {fact} 号事实，申请更正，由另一人审核"
            )),
            (true, true, None) => Some("已被冲销".into()),
            (false, true, None) => None,
        })
    }

    /// A body that was registered stays registered, since others may cite it; it is marked as struck off.
    async fn registered(&self, tx: &Tx, org: OrgId) -> Result<Option<String>> {
        let known = org::find(tx, org).await?;
        if queries::has_facts(tx, org).await? || known.merged_into.is_some() {
            return Ok(Some("已有事实或已并档，档案保留".into()));
        }
        let history = org::history(tx, org, None).await?;
        let saved_at = self.import.done_at.unwrap_or_default();
        let is_later = |a: &Assertion| a.recorded_at > saved_at && !a.source.starts_with(TAKEN_BACK);
        if history.iter().any(is_later) || queries::has_years_after(tx, org, saved_at).await? {
            return Ok(Some("之后又有人登记，档案保留，没有改动".into()));
        }
        let since = history.first().map_or(tx.today(), |a| a.valid_from);
        let source = format!("{STRUCK}{}", self.source);
        org::assert(tx, org, "status", "撤销", since, None, &source).await?;
        Ok(Some("档案不能删除，经营状态已改为“撤销”".into()))
    }
}

/// Whether a value still stands as an import stored it: by itself, or brought back by a later import's undoing.
fn stands(newest: i64, source: &str, mine: i64, same: bool) -> bool {
    newest == mine || (same && source.starts_with(TAKEN_BACK))
}

/// A stretch of days with one answer; open without an end.
type Days = (Day, Option<Day>);

/// Takes an assertion back, day by day: where it still stands, what was true before is asserted again; where somebody
/// has said otherwise since, that stays and is told.
///
/// # Errors
/// As the database says.
pub(super) async fn attribute(tx: &Tx, org: OrgId, position: Position, source: &str) -> Result<Option<String>> {
    let history = org::history(tx, org, None).await?;
    let Some(mine) = history.iter().find(|a| a.position == position) else { return Ok(Some(CHANGED.into())) };
    let before: Vec<Assertion> = history.iter().filter(|a| a.position < mine.position).cloned().collect();
    let (mut restored, mut left): (Vec<(Days, String)>, Vec<Days>) = (Vec::new(), Vec::new());
    for (from, to) in stretches(&history, mine) {
        let now = value_on(&history, &mine.attribute, from);
        if now.is_some_and(|a| stands(a.position.0, &a.source, position.0, a.value == mine.value)) {
            let value = value_on(&before, &mine.attribute, from).map(|a| a.value.clone()).unwrap_or_default();
            match restored.last_mut().filter(|((_, last), said)| joins(*last, from) && *said == value) {
                Some((days, _)) => days.1 = to,
                None => restored.push(((from, to), value)),
            }
        } else {
            match left.last_mut().filter(|(_, last)| joins(*last, from)) {
                Some(days) => days.1 = to,
                None => left.push((from, to)),
            }
        }
    }
    for ((from, to), value) in restored {
        match value.as_str() {
            "" => org::withdraw(tx, org, &mine.attribute, from, to, source).await?,
            value => org::assert(tx, org, &mine.attribute, value, from, to, source).await?.position,
        };
    }
    let days = |(from, to): &Days| format!("{from} 至 {}", to.map_or("今".into(), |to| to.to_string()));
    let left: Vec<String> = left.iter().map(days).collect();
    Ok((!left.is_empty()).then(|| format!("又有人改动，请在档案里核对：{}（{}）", mine.label, left.join("、"))))
}

/// Whether a stretch that ends on `last` goes on with `from`.
fn joins(last: Option<Day>, from: Day) -> bool {
    last.and_then(|last| last.succ_opt()) == Some(from)
}

/// The days of an assertion, cut wherever any other of its attribute begins or ends.
fn stretches(history: &[Assertion], mine: &Assertion) -> Vec<Days> {
    let of_it = history.iter().filter(|a| a.attribute == mine.attribute);
    let starts = of_it.flat_map(|a| [Some(a.valid_from), a.valid_to.and_then(|to| to.succ_opt())]).flatten();
    let within = |day: &Day| *day > mine.valid_from && mine.valid_to.is_none_or(|to| *day <= to);
    let mut starts: Vec<Day> = starts.filter(within).chain([mine.valid_from]).collect();
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next.pred_opt()).chain([mine.valid_to]);
    starts.iter().copied().zip(ends).collect()
}

/// Takes figures back with the size classes that followed from them, unless somebody recorded others since.
async fn year(tx: &Tx, org: OrgId, position: i64, classes: &[Position], source: &str) -> Result<Option<String>> {
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
    let figures = YearFigures { source: source.to_owned(), ..earlier.unwrap_or(nothing) };
    let mut left = Vec::new();
    for class in classes.iter().rev() {
        left.extend(attribute(tx, org, *class, source).await?);
    }
    org::record_year(tx, org, &figures).await?;
    Ok((!left.is_empty()).then(|| left.join("；")))
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
