//! Appending: stamp each fact with what its subject was on the day, count it in, write it.

use std::collections::{BTreeSet, HashMap};

use super::fact::Reversal;
use super::presence::{Move, steps};
use super::tally::{Deltas, Sums};
use super::{Dims, NewFact, Partition, Select, Series, SeriesKind, tally};
use crate::id::{OrgId, Position, RecordId};
use crate::org;
use crate::store::{Read, Row, Sql, Tx};
use crate::value::day::Day;
use crate::value::money::Fen;
use crate::{Error, Result, args};

/// A fact that knows what its subject was on the day.
struct Stamped {
    kind: i64,
    fact: NewFact,
    dims: Dims,
}

/// Appends facts and counts them into `deltas`; who calls writes these before the act ends.
pub(crate) async fn append(tx: &Tx, facts: Vec<NewFact>, deltas: &mut Deltas) -> Result<()> {
    let (facts, positions) = prepare(tx, facts, deltas).await?;
    tx.run_all(inserts(tx, &facts, &positions)).await
}

/// Appends the last facts of an act, and writes the tallies that all its facts move.
pub(crate) async fn finish(tx: &Tx, facts: Vec<NewFact>, mut deltas: Deltas) -> Result<()> {
    let (facts, positions) = prepare(tx, facts, &mut deltas).await?;
    let cells = deltas.into_cells();
    tx.run_all(inserts(tx, &facts, &positions).chain(tally::changes(tx, &cells))).await
}

async fn prepare(tx: &Tx, facts: Vec<NewFact>, deltas: &mut Deltas) -> Result<(Vec<Stamped>, Vec<Position>)> {
    if facts.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let facts = stamp(tx, facts).await?;
    count_in(tx, &facts, deltas).await?;
    let positions = tx.draw_positions(facts.len()).await?;
    if positions.len() != facts.len() {
        return Err(Error::Internal("one position a fact".into()));
    }
    Ok((facts, positions))
}

async fn stamp(tx: &Tx, facts: Vec<NewFact>) -> Result<Vec<Stamped>> {
    let subjects: BTreeSet<i64> = facts.iter().map(|f| f.subject.0).collect();
    // Two acts on one subject take turns: what the first adds decides whether the second enters a distinct count.
    tx.hold("organisation", &subjects.iter().copied().collect::<Vec<_>>()).await?;
    let current = org::current_dims(tx, &subjects).await?;
    let mut stamped = Vec::with_capacity(facts.len());
    for fact in facts {
        let kind = tx.catalog().kind(&fact.kind).map(|k| k.id);
        let kind = kind.ok_or_else(|| Error::invalid("kind", format!("没有“{}”这种事实", fact.kind)))?;
        let dims = match (&fact.reversal, current.get(&fact.subject.0)) {
            (Some(reversal), _) => reversal.dims.clone(),
            (None, Some(now)) if now.merged => {
                let message = "该主体已并入其他档案，请在保留的档案上登记";
                return Err(Error::invalid("subject", message));
            }
            (None, Some(now)) if now.since <= fact.on && fact.on <= now.until => now.dims.clone(),
            (None, Some(_)) => org::dims_on(tx, fact.subject, fact.on).await?,
            (None, None) => return Err(Error::invalid("subject", format!("没有编号为 {} 的主体", fact.subject))),
        };
        stamped.push(Stamped { kind, fact, dims });
    }
    Ok(stamped)
}

async fn count_in(tx: &Tx, facts: &[Stamped], deltas: &mut Deltas) -> Result<()> {
    // The facts of one series that counts subjects, by subject.
    let mut entering: HashMap<i64, (&Series, HashMap<i64, Vec<Move>>)> = HashMap::new();
    for f in facts {
        let sign = if f.fact.reversal.is_some() { -1 } else { 1 };
        let sums = Sums { n: sign, quantity: f.fact.quantity, amount: f.fact.amount.0 };
        for series in tx.catalog().series_of_kind(f.kind) {
            if !series.select.passes(&f.fact.class, &f.dims) {
                continue;
            }
            if series.additive() {
                deltas.fact(series, f.fact.on, &f.dims, sums);
            } else {
                let subjects = &mut entering.entry(series.id).or_insert((series, HashMap::new())).1;
                let moved = Move { day: f.fact.on, unit: f.dims.unit, quantity: f.fact.quantity };
                subjects.entry(f.fact.subject.0).or_default().push(moved);
            }
        }
    }
    // Series over the same kinds read the same facts: they are fetched once for all of them.
    let mut by_kinds: HashMap<&'static [&'static str], BTreeSet<i64>> = HashMap::new();
    for (series, subjects) in entering.values() {
        by_kinds.entry(series.select.kinds).or_default().extend(subjects.keys());
    }
    let mut held: HashMap<&'static [&'static str], Held> = HashMap::new();
    for (kinds, subjects) in by_kinds {
        held.insert(kinds, held_moves(tx, kinds, &subjects).await?);
    }
    for (series, subjects) in entering.into_values() {
        let SeriesKind::Presence(partition) = series.kind else { continue };
        let held = held.get(series.select.kinds);
        for (subject, new) in subjects {
            let facts = held.and_then(|h| h.get(&subject)).map_or(&[][..], Vec::as_slice);
            let old: Vec<Move> =
                facts.iter().filter(|f| series.select.passes(&f.class, &f.dims)).map(|f| f.moved).collect();
            enter(series, partition, &old, &new, deltas);
        }
    }
    Ok(())
}

/// Counts the difference that `new` moves make to one subject's steps.
fn enter(series: &Series, partition: Partition, old: &[Move], new: &[Move], deltas: &mut Deltas) {
    let all: Vec<Move> = old.iter().chain(new).copied().collect();
    let mut units: BTreeSet<i64> = new.iter().map(|m| m.unit).collect();
    units.insert(0);
    for unit in units {
        for (day, step) in steps(partition, old, unit) {
            deltas.spread(series.id, day, unit, Sums { n: -step, ..Sums::default() });
        }
        for (day, step) in steps(partition, &all, unit) {
            deltas.spread(series.id, day, unit, Sums { n: step, ..Sums::default() });
        }
    }
}

/// What the ledger holds of subjects in some kinds.
type Held = HashMap<i64, Vec<HeldMove>>;

struct HeldMove {
    class: String,
    dims: Dims,
    moved: Move,
}

async fn held_moves(read: &Read, kinds: &'static [&'static str], subjects: &BTreeSet<i64>) -> Result<Held> {
    let mut found = Held::new();
    let ids: Vec<i64> = subjects.iter().copied().collect();
    for ids in ids.chunks(2000) {
        let mut sql = Sql::want(ids.iter().copied());
        sql.push(
            "SELECT f.subject_id, f.class, f.unit_id, f.size, f.above_scale, f.occurred_on, f.quantity \
             FROM want w CROSS JOIN fact f WHERE f.subject_id = w.id AND ",
        );
        Select::of(kinds).condition(&mut sql, "f", read.catalog())?;
        for row in read.all(sql).await? {
            let dims = Dims { size: row.at(3)?, above_scale: row.at(4)?, ..Dims::default() };
            let moved = Move { day: row.at(5)?, unit: row.at(2)?, quantity: row.at(6)? };
            found.entry(row.at(0)?).or_default().push(HeldMove { class: row.at(1)?, dims, moved });
        }
    }
    Ok(found)
}

pub(super) fn move_of(row: &Row) -> Result<Move> {
    Ok(Move { day: row.get("occurred_on")?, unit: row.get("unit_id")?, quantity: row.get("quantity")? })
}

/// Facts of one statement: as many as make its parameters few enough to be bound quickly.
const ROWS: usize = 200;

/// The statements that write facts, each put together when its turn comes.
fn inserts<'a>(tx: &'a Tx, facts: &'a [Stamped], positions: &'a [Position]) -> impl Iterator<Item = Sql> + 'a {
    facts.chunks(ROWS).zip(positions.chunks(ROWS)).map(|(facts, positions)| insert(tx, facts, positions))
}

fn insert(tx: &Tx, facts: &[Stamped], positions: &[Position]) -> Sql {
    let by = &tx.actor().name;
    let mut sql = Sql::new(
        "INSERT INTO fact (position, kind, class, subject_id, counterparty_id, unit_id, region, industry, size, \
         above_scale, occurred_on, quantity, amount_fen, record_id, reverses, reason, recorded_at, recorded_by) VALUES ",
    );
    for (i, (f, position)) in facts.iter().zip(positions).enumerate() {
        sql.push(if i == 0 { "(" } else { ", (" });
        let reversal = f.fact.reversal.as_ref();
        let values = args![
            position.0,
            f.kind,
            f.fact.class.clone(),
            f.fact.subject.0,
            f.fact.counterparty.map(|c| c.0),
            f.dims.unit,
            f.dims.region,
            f.dims.industry.clone(),
            f.dims.size,
            f.dims.above_scale,
            f.fact.on,
            f.fact.quantity,
            f.fact.amount.0,
            f.fact.record.0,
            reversal.map(|r| r.of.0),
            reversal.map(|r| r.reason.clone()),
            tx.now(),
            by.clone(),
        ];
        for (j, value) in values.into_iter().enumerate() {
            if j > 0 {
                sql.push(", ");
            }
            sql.bind(value);
        }
        sql.push(")");
    }
    sql
}

/// Characters of a reason at most: it is stored with every fact that an act takes back.
const LONGEST_REASON: usize = 300;

/// The opposite of a fact: same day, same dimensions, negative quantity and amount.
pub(crate) async fn opposite(tx: &Tx, position: Position, reason: &str) -> Result<NewFact> {
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "请写明冲销原因"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::invalid("reason", format!("冲销原因最多 {LONGEST_REASON} 个字")));
    }
    let row = tx
        .opt((
            "SELECT f.kind, f.class, f.subject_id, f.counterparty_id, f.unit_id, f.region, f.industry, f.size, f.above_scale, \
             f.occurred_on, f.quantity, f.amount_fen, f.record_id, f.reverses, \
             (SELECT r.position FROM fact r WHERE r.reverses = f.position) AS reversed_by \
             FROM fact f WHERE f.position = $1",
            args![position],
        ))
        .await?
        .ok_or(Error::NotFound)?;
    if row.get::<Option<i64>>("reverses")?.is_some() {
        return Err(Error::Conflict("这是一条冲销记录，不能再冲销；请重新登记正确的事实".into()));
    }
    if let Some(by) = row.get::<Option<i64>>("reversed_by")? {
        return Err(Error::Conflict(format!("该事实已被第 {by} 号冲销")));
    }
    Ok(NewFact {
        kind: tx.catalog().kind_by_id(row.get("kind")?)?.decl.code.to_owned(),
        class: row.get("class")?,
        subject: OrgId(row.get("subject_id")?),
        counterparty: row.get::<Option<i64>>("counterparty_id")?.map(OrgId),
        on: row.get::<Day>("occurred_on")?,
        quantity: -row.get::<i64>("quantity")?,
        amount: Fen(-row.get::<i64>("amount_fen")?),
        record: RecordId(row.get("record_id")?),
        reversal: Some(Reversal {
            of: position,
            reason: reason.trim().to_owned(),
            dims: Dims {
                unit: row.get("unit_id")?,
                region: row.get("region")?,
                industry: row.get("industry")?,
                size: row.get("size")?,
                above_scale: row.get("above_scale")?,
            },
        }),
    })
}
