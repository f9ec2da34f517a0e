//! Evaluating reconciliation rules: result, both sides, and the rows that make the difference.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;

use super::definition::leaves;
use super::rowset::{RowKey, by_subject, row_set};
use super::{Check, Definitions, Figure, Indicator, Number, Question, Rule, Within, evaluate, number_text, plain};
use crate::id::{OrgId, Position};
use crate::ledger::browse;
use crate::store::{Read, Sql};
use crate::value::money::Fen;
use crate::{Error, Result};

/// A row that makes the difference.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Exception {
    /// The organisation.
    pub org: OrgId,
    /// Its name today.
    pub name: String,
    /// The fact, where the difference is one of facts.
    pub fact: Option<Position>,
    /// What is different about it.
    pub note: String,
}

/// What a rule says about a day, as known at a position.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The rule.
    pub rule: &'static Rule,
    /// The module that declares it.
    pub module: &'static str,
    /// The figures compared, in the order of the rule; for a whole with parts the whole stands last.
    pub figures: Vec<Figure>,
    /// Both sides in words, such as `24 + 31 + 72 = 127 ≠ 129`.
    pub sides: String,
    /// Whether it holds.
    pub holds: bool,
    /// The rows that make the difference, at most [`LISTED`].
    pub exceptions: Vec<Exception>,
    /// How many there are.
    pub excepted: usize,
}

/// Exceptions listed one by one.
pub const LISTED: usize = 500;

/// All rules of all modules.
///
/// # Errors
/// As the database says.
pub async fn reconcile_all(read: &Read, q: &Question<'_>) -> Result<Vec<Outcome>> {
    let mut found = Vec::new();
    for (_, rule) in read.catalog().rules() {
        found.push(reconcile(read, rule, q).await?);
    }
    Ok(found)
}

/// One rule.
///
/// # Errors
/// As the database says.
pub async fn reconcile(read: &Read, rule: &'static Rule, q: &Question<'_>) -> Result<Outcome> {
    let indicators: Vec<&'static Indicator> = rule
        .check
        .indicators()
        .into_iter()
        .map(|code| read.catalog().indicator(code).ok_or(Error::NotFound))
        .collect::<Result<_>>()?;
    let figures = evaluate(read, &indicators, q).await?;
    let (sides, holds, rows) = match rule.check {
        Check::Parts { .. } => parts(read, &figures, q).await?,
        Check::Falls(_) => falls(read, &figures, q).await?,
        Check::Subset { .. } => subset(read, &figures, q).await?,
        Check::Stock { .. } => stock(read, &figures, q).await?,
        Check::Equal { .. } => equal(read, &figures, q).await?,
        Check::Once(_) => once(read, &figures, q).await?,
    };
    let excepted = rows.len();
    let module = read.catalog().rules().iter().find(|(_, r)| r.code == rule.code).map_or("", |(module, _)| *module);
    let exceptions = named(read, rows.into_iter().take(LISTED).collect()).await?;
    Ok(Outcome { rule, module, figures, sides, holds, exceptions, excepted })
}

/// A row before its name is looked up.
enum Row {
    Org(i64, String),
    Fact(i64, String),
}

type Compared = (String, bool, Vec<Row>);

async fn parts(read: &Read, figures: &[Figure], q: &Question<'_>) -> Result<Compared> {
    let Some((whole, parts)) = figures.split_last() else { return Ok((String::new(), true, Vec::new())) };
    let sum: i64 = parts.iter().map(|p| p.number.whole()).sum();
    let holds = sum == whole.number.whole();
    let number = if matches!(whole.number, Number::Money(_)) { Number::Money(Fen(sum)) } else { Number::Count(sum) };
    let added = number_text(&number, whole.indicator.display);
    let listed = parts.iter().map(plain).collect::<Vec<_>>().join(" + ");
    if holds {
        return Ok((format!("{listed} = {}", plain(whole)), true, Vec::new()));
    }
    let sides = format!("{listed} = {added} ≠ {}", plain(whole));
    let mut counted: BTreeMap<RowKey, usize> = BTreeMap::new();
    for part in parts {
        for key in keys(read, part.indicator, q).await? {
            *counted.entry(key).or_default() += 1;
        }
    }
    let all = keys(read, whole.indicator, q).await?;
    let missing = all.iter().filter(|key| !counted.contains_key(key)).map(|key| (key, "不在任何分项内"));
    let twice = counted.iter().filter(|(_, n)| **n > 1).map(|(key, _)| (key, "在几个分项里重复计入"));
    let foreign = counted.keys().filter(|key| !all.contains(key)).map(|key| (key, "在分项内而不在总数内"));
    let rows = missing.chain(twice).chain(foreign).filter_map(|(key, note)| row(key, note)).collect();
    Ok((sides, false, rows))
}

fn row(key: &RowKey, note: &str) -> Option<Row> {
    match key {
        RowKey::Fact(position) => Some(Row::Fact(*position, note.to_owned())),
        RowKey::Org(org) => Some(Row::Org(*org, note.to_owned())),
        _ => None,
    }
}

/// The rows behind an indicator, those of its parts for one that is made of others.
async fn keys(read: &Read, indicator: &'static Indicator, q: &Question<'_>) -> Result<BTreeSet<RowKey>> {
    let mut found = BTreeSet::new();
    for leaf in leaves(indicator, Definitions::Declared(read.catalog())) {
        found.extend(row_set(read, leaf, q, &Within::default()).await?.into_keys());
    }
    Ok(found)
}

async fn falls(read: &Read, figures: &[Figure], q: &Question<'_>) -> Result<Compared> {
    let mut sides = figures.first().map(plain).unwrap_or_default();
    let mut rows = Vec::new();
    let mut holds = true;
    for pair in figures.windows(2) {
        let [upper, lower] = pair else { continue };
        let fits = upper.number.whole() >= lower.number.whole();
        sides.push_str(&format!(" {} {}", if fits { "≥" } else { "＜" }, plain(lower)));
        if !fits {
            holds = false;
            rows.extend(exceeding(read, upper, lower, q).await?);
        }
    }
    Ok((sides, holds, rows))
}

/// The subjects of which the lower step has more than the upper.
async fn exceeding(read: &Read, upper: &Figure, lower: &Figure, q: &Question<'_>) -> Result<Vec<Row>> {
    let money = matches!(lower.number, Number::Money(_));
    let above = by_subject(read, upper.indicator, q).await?;
    let below = by_subject(read, lower.indicator, q).await?;
    let pick = |sums: &(i64, i64, i64)| if money { sums.2 } else { 1 };
    let said = |n: i64| if money { format!("{} 元", Fen(n).yuan()) } else { n.to_string() };
    let found = below.iter().filter_map(|(org, sums)| {
        let (has, had) = (pick(sums), above.get(org).map_or(0, pick));
        let note = format!("{}：{}，{}：{}", upper.indicator.name, said(had), lower.indicator.name, said(has));
        (has > had).then_some(Row::Org(*org, note))
    });
    Ok(found.collect())
}

async fn subset(read: &Read, figures: &[Figure], q: &Question<'_>) -> Result<Compared> {
    let [inner, outer] = figures else { return Ok((String::new(), true, Vec::new())) };
    let inside = by_subject(read, inner.indicator, q).await?;
    let around = by_subject(read, outer.indicator, q).await?;
    let note = format!("在“{}”内，不在“{}”内", inner.indicator.name, outer.indicator.name);
    let rows: Vec<Row> =
        inside.keys().filter(|org| !around.contains_key(org)).map(|org| Row::Org(*org, note.clone())).collect();
    let sides = if rows.is_empty() {
        format!("{} 家全部在 {} 家之内", inside.len(), around.len())
    } else {
        format!("{} 家中有 {} 家不在 {} 家之内", inside.len(), rows.len(), around.len())
    };
    Ok((sides, rows.is_empty(), rows))
}

async fn stock(read: &Read, figures: &[Figure], q: &Question<'_>) -> Result<Compared> {
    let [stock, inflow] = figures else { return Ok((String::new(), true, Vec::new())) };
    let before = match inflow.from.and_then(|from| from.checked_sub_days(Days::new(1))) {
        Some(about) => {
            let q = Question { about, ..*q };
            evaluate(read, &[stock.indicator], &q).await?.pop().map_or(0, |f| f.number.whole())
        }
        None => 0,
    };
    let growth = stock.number.whole() - before;
    let holds = growth <= inflow.number.whole();
    let shown = |n: i64| {
        let number = if matches!(stock.number, Number::Money(_)) { Number::Money(Fen(n)) } else { Number::Count(n) };
        number_text(&number, stock.indicator.display)
    };
    let sign = if holds { "≤" } else { "＞" };
    let sides = format!("{} − {} = {} {sign} {}", plain(stock), shown(before), shown(growth), plain(inflow));
    let rows = if holds { Vec::new() } else { exceeding(read, inflow, stock, q).await? };
    Ok((sides, holds, rows))
}

async fn equal(read: &Read, figures: &[Figure], q: &Question<'_>) -> Result<Compared> {
    let [left, right] = figures else { return Ok((String::new(), true, Vec::new())) };
    if left.number == right.number {
        return Ok((format!("{} = {}", plain(left), plain(right)), true, Vec::new()));
    }
    let (on_left, on_right) = (by_subject(read, left.indicator, q).await?, by_subject(read, right.indicator, q).await?);
    let only = |a: &BTreeMap<i64, (i64, i64, i64)>, b: &BTreeMap<i64, (i64, i64, i64)>, of: &Figure, not: &Figure| {
        let note = format!("在“{}”内，不在“{}”内", of.indicator.name, not.indicator.name);
        a.keys().filter(|org| !b.contains_key(org)).map(|org| Row::Org(*org, note.clone())).collect::<Vec<_>>()
    };
    let mut rows = only(&on_left, &on_right, left, right);
    rows.extend(only(&on_right, &on_left, right, left));
    Ok((format!("{} ≠ {}", plain(left), plain(right)), false, rows))
}

async fn once(read: &Read, figures: &[Figure], q: &Question<'_>) -> Result<Compared> {
    let [figure] = figures else { return Ok((String::new(), true, Vec::new())) };
    let subjects = by_subject(read, figure.indicator, q).await?;
    let facts: i64 = subjects.values().map(|sums| sums.0).sum();
    let twice = subjects.iter().filter(|(_, sums)| sums.0 > 1);
    let rows: Vec<Row> = twice.map(|(org, sums)| Row::Org(*org, format!("登记了 {} 次", sums.0))).collect();
    let sign = if rows.is_empty() { "=" } else { "≠" };
    Ok((format!("登记 {facts} 次 {sign} {} 家", subjects.len()), rows.is_empty(), rows))
}

async fn named(read: &Read, rows: Vec<Row>) -> Result<Vec<Exception>> {
    let facts: Vec<Position> =
        rows.iter().filter_map(|r| if let Row::Fact(p, _) = r { Some(Position(*p)) } else { None }).collect();
    let facts: BTreeMap<i64, crate::ledger::Fact> = browse::at(read, &crate::access::Scope::All, &facts)
        .await?
        .into_iter()
        .map(|fact| (fact.position.0, fact))
        .collect();
    let orgs: Vec<i64> = rows.iter().filter_map(|r| if let Row::Org(id, _) = r { Some(*id) } else { None }).collect();
    let mut names: BTreeMap<i64, String> = BTreeMap::new();
    for ids in orgs.chunks(5000) {
        let mut sql = Sql::new("SELECT id, name FROM organisation WHERE id IN ");
        sql.ints(ids.iter().copied());
        for row in read.all(sql).await? {
            names.insert(row.get("id")?, row.get("name")?);
        }
    }
    let exception = |row: Row| match row {
        Row::Org(id, note) => {
            Some(Exception { org: OrgId(id), name: names.get(&id).cloned().unwrap_or_default(), fact: None, note })
        }
        Row::Fact(position, note) => facts.get(&position).map(|fact| Exception {
            org: fact.subject,
            name: format!("{}：{}", fact.subject_name, fact.record_title),
            fact: Some(fact.position),
            note,
        }),
    };
    Ok(rows.into_iter().filter_map(exception).collect())
}
