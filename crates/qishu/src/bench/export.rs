//! Handing the same facts and the same questions, with our answers, to the peers.
//!
//! `facts.csv` is the ledger as it stands. `questions.json` says which facts each indicator counts on each
//! day asked about, so that the peers' SQL is made from the declarations and not written a second time,
//! and what we answered, so that a peer that answers otherwise is noticed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use kernel::access::Scope;
use kernel::id::Position;
use kernel::indicator::{By, Indicator, Measure, Number, Of, Question, breakdown, evaluate};
use kernel::ledger::{Filters, Select, browse};
use kernel::store::{Read, Store};
use kernel::value::day::Day;
use kernel::{Error, Result, args};
use serde_json::{Value, json};

use super::asking::amounts;
use super::dice::Dice;
use super::load::{self, day_at, random_day};
use super::publishing::FIGURES;
use super::weights::Mix;
use super::{file_error, progress};

/// Days on which the peers are asked.
const DAYS: usize = 12;
/// Days before the last about which they are asked as it was known then.
const PUBLISHED: [u64; 2] = [31, 365];
/// Facts read at once.
const PAGE: i64 = 50_000;

const HEADER: &str = "position,kind,class,subject_id,counterparty_id,unit_id,region,industry,size,above_scale,occurred_on,\
    quantity,amount_fen,record_id,reverses,reason,recorded_at,recorded_by";

/// Writes `facts.csv` and `questions.json` into `dir`, as known at the head of one snapshot.
pub(super) async fn write(store: &Store, dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(|e| file_error(dir, &e))?;
    let read = store.read().await?;
    let questions = questions(&read, store).await?;
    let path = dir.join("questions.json");
    std::fs::write(&path, format!("{questions:#}\n")).map_err(|e| file_error(&path, &e))?;
    facts(&read, &dir.join("facts.csv")).await
}

async fn facts(read: &Read, path: &Path) -> Result<()> {
    let failed = |e: std::io::Error| file_error(path, &e);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).map_err(failed)?);
    writeln!(out, "{HEADER}").map_err(failed)?;
    let head = read.head()?;
    let bar = progress("export", head.0.unsigned_abs());
    let mut after: i64 = 0;
    loop {
        let rows = read.all((LINES, args![after, head, PAGE])).await?;
        for row in &rows {
            writeln!(out, "{}", row.text("line")?).map_err(failed)?;
        }
        match rows.last() {
            Some(last) if rows.len() as i64 == PAGE => after = last.get("position")?,
            _ => break,
        }
        bar.set_position(after.unsigned_abs());
    }
    bar.finish_and_clear();
    out.flush().map_err(failed)
}

/// Lines of the file, put together by the database: one column to read instead of eighteen.
const LINES: &str = "SELECT f.position, f.position || ',' || f.kind || ',\"' || f.class || '\",' || f.subject_id || ',' || \
    COALESCE(CAST(f.counterparty_id AS TEXT), '') || ',' || f.unit_id || ',' || f.region || ',\"' || f.industry || '\",' || \
    f.size || ',' || f.above_scale || ',' || CAST(f.occurred_on AS TEXT) || ',' || f.quantity || ',' || f.amount_fen || ',' || \
    f.record_id || ',' || COALESCE(CAST(f.reverses AS TEXT), '') || ',' || COALESCE('\"' || f.reason || '\"', '') || ',' || \
    CAST(f.recorded_at AS TEXT) || ',\"' || f.recorded_by || '\"' AS line \
    FROM fact f WHERE f.position > $1 AND f.position <= $2 ORDER BY f.position LIMIT $3";

async fn questions(read: &Read, store: &Store) -> Result<Value> {
    let leaves: Vec<&'static Indicator> =
        store.catalog().indicators().iter().copied().filter(|i| i.select().is_some()).collect();
    let indicators = leaves.iter().filter_map(|i| described(store, i)).collect::<Vec<_>>();
    let mut dice = Dice::new(60);
    let mut boards = Vec::new();
    let mut cubes = Vec::new();
    let amounts = amounts(store);
    for _ in 0..DAYS {
        boards.push(board(read, &leaves, (random_day(&mut dice), read.head()?)).await?);
        if !amounts.is_empty() {
            cubes.push(
                cube(read, &leaves, dice.pick::<&kernel::indicator::Indicator>(&amounts), random_day(&mut dice))
                    .await?,
            );
        }
    }
    let mut then = Vec::new();
    for back in PUBLISHED {
        let on = day_at(load::DAYS.saturating_sub(1 + back));
        let mut board = board(read, &leaves, (on, browse::position_on(read, on).await?)).await?;
        leave_out(&mut board, &leaves, |leaf| !is_published(read, leaf));
        then.push(board);
    }
    let shares = Mix::of(store.catalog()).shares();
    let kinds = store.catalog().kinds().iter().zip(shares).map(|(kind, (_, share))| {
        let classes: Vec<&str> = kind.decl.classes.iter().map(|c| c.code).collect();
        json!({ "id": kind.id, "code": kind.decl.code, "money": kind.decl.money, "classes": classes, "share": share })
    });
    let held = read.one("SELECT COUNT(*) AS n FROM fact").await?.int("n")?;
    Ok(json!({
        "facts": held,
        "known": read.head()?.0,
        "indicators": indicators,
        "boards": boards,
        "then": then,
        "cubes": cubes,
        "kinds": kinds.collect::<Vec<_>>(),
        "sums": sums(store, &leaves),
    }))
}

/// Which facts an indicator counts, and what it makes of them.
fn described(store: &Store, indicator: &Indicator) -> Option<Value> {
    let (measure, of) = match &indicator.measure {
        Measure::Count(_) => ("count", ""),
        Measure::Quantity(_) => ("quantity", ""),
        Measure::Amount(_) => ("amount", ""),
        Measure::Distinct(_, of) => ("distinct", column(*of)),
        Measure::FirstDay(_) | Measure::MonthsSince(_) => ("first_day", ""),
        _ => return None,
    };
    let mut described = selection(store, indicator.select()?);
    described["code"] = json!(indicator.code);
    described["measure"] = json!(measure);
    described["of"] = json!(of);
    Some(described)
}

fn selection(store: &Store, select: &Select) -> Value {
    let kinds: Vec<i64> = select.kinds.iter().filter_map(|code| store.catalog().kind(code)).map(|k| k.id).collect();
    let Filters { classes, above_scale, sizes } = select.filters;
    json!({ "kinds": kinds, "classes": classes, "above_scale": above_scale, "sizes": sizes })
}

fn column(of: Of) -> &'static str {
    match of {
        Of::Subject => "subject_id",
        Of::Class => "class",
        Of::Unit => "unit_id",
        Of::Counterparty => "counterparty_id",
    }
}

/// The sums kept beside the ledger, each once: what an insert must also write to keep them.
fn sums(store: &Store, leaves: &[&'static Indicator]) -> Vec<Value> {
    let mut kept: Vec<Select> = Vec::new();
    for indicator in leaves {
        if let Measure::Count(select) | Measure::Quantity(select) | Measure::Amount(select) = &indicator.measure
            && !kept.contains(select)
        {
            kept.push(*select);
        }
    }
    kept.iter().map(|select| selection(store, select)).collect()
}

/// One day's questions as known at a position: from and to of each indicator (`null` when its window is empty) and our answers.
async fn board(read: &Read, leaves: &[&'static Indicator], (about, known): (Day, Position)) -> Result<Value> {
    let question = Question { about, known, scope: &Scope::All };
    let figures = evaluate(read, leaves, &question).await?;
    let windows: Vec<Value> = leaves.iter().map(|leaf| window(leaf, about)).collect();
    let answers: Vec<Value> = figures.iter().map(|figure| answer(&figure.number, &figure.indicator.measure)).collect();
    Ok(json!({ "about": about, "known": known.0, "windows": windows, "answers": answers }))
}

/// Does not ask the peers for some of a board's figures.
fn leave_out(board: &mut Value, leaves: &[&'static Indicator], is_out: impl Fn(&Indicator) -> bool) {
    for (leaf, window) in leaves.iter().zip(board["windows"].as_array_mut().into_iter().flatten()) {
        if is_out(leaf) {
            *window = Value::Null;
        }
    }
}

/// Whether the document of `publishing` cites it.
fn is_published(read: &Read, leaf: &Indicator) -> bool {
    read.catalog().indicators().iter().take(FIGURES).any(|cited| cited.code == leaf.code)
}

fn window(indicator: &Indicator, about: Day) -> Value {
    let (from, to) = indicator.window.range(about);
    if from.is_some_and(|from| from > to) { Value::Null } else { json!([from, to]) }
}

/// Months since a first day are not asked of the peers: they give the day, which costs the same.
fn answer(number: &Number, measure: &Measure) -> Value {
    match (number, measure) {
        (_, Measure::MonthsSince(_)) => json!("not compared"),
        (Number::Count(n), _) => json!(n),
        (Number::Money(fen), _) => json!(fen.0),
        (Number::Day(day), _) => json!(day),
        _ => Value::Null,
    }
}

/// A breakdown with the number of its cells and the sum over them.
async fn cube(read: &Read, leaves: &[&'static Indicator], indicator: &'static Indicator, about: Day) -> Result<Value> {
    let question = Question { about, known: read.head()?, scope: &Scope::All };
    let cells = breakdown(read, indicator, &[By::Unit, By::Month, By::Industry], &question).await?;
    let total: i64 = cells.iter().map(|c| if let Number::Money(fen) = c.number { fen.0 } else { 0 }).sum();
    let index = leaves.iter().position(|leaf| leaf.code == indicator.code);
    let index = index.ok_or_else(|| Error::Internal(format!("{} looks at no facts", indicator.code)))?;
    Ok(json!({ "indicator": index, "window": window(indicator, about), "cells": cells.len(), "total": total }))
}
