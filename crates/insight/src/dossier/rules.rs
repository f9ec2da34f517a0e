//! How what is known becomes what is shown: attributes, names, years and the timeline. Pure.

use std::collections::{HashMap, HashSet};

use chrono::Datelike;
use kernel::id::Position;
use kernel::ledger::Fact;
use kernel::org::{self, ATTRIBUTES, Assertion, Unit, YearFigures, size_label};
use kernel::value::day::{self, Day};
use kernel::value::money::Fen;
use kernel::value::size::{SizeOutcome, SizeProof};
use kernel::value::thousands;

use super::model::{Asserted, AttributeView, Entry, FormerName, Proof, Timeline, YearView};

/// Attributes that every dossier lists, also when nothing is known of them.
const ALWAYS: [&str; 8] = ["name", "status", "region", "unit", "industry", "size", "declared_size", "above_scale"];

/// What a unit is called; empty for none.
pub(super) fn unit_name(units: &[Unit], id: i64) -> String {
    units.iter().find(|u| u.id.0 == id).map_or_else(String::new, |u| u.name.clone())
}

/// All attributes on a day, in the order of the kernel, each with its history.
pub(super) fn identity(
    history: &[Assertion],
    about: Day,
    units: &[Unit],
    origins: &HashMap<Position, String>,
    masks: &HashMap<Position, String>,
) -> Vec<AttributeView> {
    let view = |attribute: &org::Attribute| {
        let of = history.iter().rev().filter(|a| a.attribute == attribute.code);
        let past: Vec<Asserted> = of.map(|a| asserted(a, units, origins, masks)).collect();
        let shown = !past.is_empty() || ALWAYS.contains(&attribute.code);
        let now = org::value_on(history, attribute.code, about).map(|a| asserted(a, units, origins, masks));
        shown.then_some(AttributeView { label: attribute.label, now, history: past })
    };
    ATTRIBUTES.iter().filter_map(view).collect()
}

fn asserted(
    a: &Assertion,
    units: &[Unit],
    origins: &HashMap<Position, String>,
    masks: &HashMap<Position, String>,
) -> Asserted {
    let display = || org::display(&a.attribute, &a.value, |id| unit_name(units, id));
    Asserted {
        position: a.position,
        value: masks.get(&a.position).cloned().unwrap_or_else(display),
        from: a.valid_from.to_string(),
        to: a.valid_to.map(|d| d.to_string()).unwrap_or_default(),
        source: a.source.clone(),
        origin: origins.get(&a.position).cloned().unwrap_or_default(),
        recorded_on: day::today(a.recorded_at).to_string(),
        recorded_by: a.recorded_by.clone(),
    }
}

/// The names held before the one of `about`, oldest first. A name that was only a mistake, since corrected
/// for the same days, was never held.
pub(super) fn former_names(history: &[Assertion], about: Day) -> Vec<FormerName> {
    let names = history.iter().filter(|a| a.attribute == "name");
    let mut days: Vec<Day> = names
        .flat_map(|a| [Some(a.valid_from), a.valid_to.and_then(|d| d.succ_opt())])
        .flatten()
        .filter(|d| *d <= about)
        .collect();
    days.sort_unstable();
    days.dedup();
    let mut held: Vec<(&str, Day)> = Vec::new();
    for day in days {
        let name = org::value_on(history, "name", day).map_or("", |a| a.value.as_str());
        if held.last().is_none_or(|(last, _)| *last != name) {
            held.push((name, day));
        }
    }
    let ended = held.iter().zip(held.iter().skip(1));
    ended
        .filter(|((name, _), _)| !name.is_empty())
        .map(|((name, from), (_, next))| FormerName {
            name: (*name).to_owned(),
            from: from.to_string(),
            until: next.pred_opt().unwrap_or(*next).to_string(),
        })
        .collect()
}

/// The years that were over on `about`, newest first, each with its size class and the one declared for it.
/// A class holds from the following 1 January on, hence rests on the industry of that day.
pub(super) fn years(
    figures: Vec<YearFigures>,
    history: &[Assertion],
    about: Day,
    origins: &HashMap<i32, String>,
) -> Vec<YearView> {
    let over = figures.into_iter().filter(|y| y.year < about.year());
    over.map(|y| YearView { origin: origins.get(&y.year).cloned().unwrap_or_default(), ..year(y, history, about) })
        .collect()
}

fn year(figures: YearFigures, history: &[Assertion], about: Day) -> YearView {
    let of_next = |month, day| Day::from_ymd_opt(figures.year + 1, month, day).unwrap_or(about);
    let industry = org::value_on(history, "industry", of_next(1, 1)).map_or("", |a| a.value.as_str());
    let outcome = org::size_of(industry, &figures);
    let size = outcome.to_string();
    // Declared in the course of the next year, looked at as late as the question allows.
    let declared = org::value_on(history, "declared_size", of_next(12, 31).min(about));
    let declared = declared.and_then(|a| a.value.parse().ok()).map_or("", size_label);
    let proof = match outcome {
        SizeOutcome::Class { proof, .. } => Some(proof),
        SizeOutcome::NotApplicable | SizeOutcome::Missing { .. } => None,
    };
    let wan = |fen: Option<Fen>| fen.map(|fen| thousands(fen.exact_wan())).unwrap_or_default();
    YearView {
        year: figures.year,
        employees: figures.employees.map(thousands).unwrap_or_default(),
        revenue_wan: wan(figures.revenue),
        assets_wan: wan(figures.assets),
        source: figures.source,
        origin: String::new(),
        differs: proof.is_some() && !declared.is_empty() && declared != size,
        decided_by: proof.as_ref().map(decided_by).unwrap_or_default(),
        proof: proof.map(shown),
        size,
        declared,
    }
}

fn decided_by(proof: &SizeProof) -> String {
    let labels: Vec<&str> = proof.measures.iter().filter(|m| m.decided).map(|m| m.measure.label()).collect();
    labels.join("、")
}

fn shown(proof: SizeProof) -> Proof {
    Proof {
        measures: proof.measures.iter().map(ToString::to_string).collect(),
        document: proof.document,
        industry: proof.industry,
    }
}

/// The reversals, known at `known`, whose reasons a page of facts has to tell.
pub(super) fn reversals(facts: &[Fact], known: Position) -> Vec<Position> {
    facts.iter().filter_map(|f| f.reversed_by).filter(|by| *by <= known).collect()
}

/// A page of the timeline: pages follow the ledger, within a page the latest day stands first.
/// A reversal on the same page as what it takes back is told there.
/// `facts` may hold one more than `limit`; then there is a next page.
pub(super) fn timeline(
    mut facts: Vec<Fact>,
    limit: usize,
    reasons: &HashMap<Position, String>,
    known: Position,
    units: &[Unit],
) -> Timeline {
    let more = facts.len() > limit;
    facts.truncate(limit);
    let before = facts.last().filter(|_| more).map(|f| f.position);
    let here: HashSet<Position> = facts.iter().map(|f| f.position).collect();
    let held = facts.len();
    facts.retain(|f| f.reverses.is_none_or(|of| !here.contains(&of)));
    let folded = held - facts.len();
    facts.sort_by_key(|f| std::cmp::Reverse((f.occurred_on, f.position)));
    let mut entries: Vec<Entry> = Vec::with_capacity(facts.len());
    let mut last_year = None;
    for fact in facts {
        let year = Some(fact.occurred_on.year());
        let new_year = year.filter(|_| year != last_year);
        last_year = year;
        entries.push(Entry { new_year, ..entry(fact, reasons, known, units) });
    }
    Timeline { entries, folded, before }
}

fn entry(fact: Fact, reasons: &HashMap<Position, String>, known: Position, units: &[Unit]) -> Entry {
    let reason_of = |by: Position| reasons.get(&by).cloned().unwrap_or_default();
    let title = if fact.class_label.is_empty() {
        fact.kind_label.to_owned()
    } else {
        format!("{}（{}）", fact.kind_label, fact.class_label)
    };
    Entry {
        position: fact.position,
        new_year: None,
        on: fact.occurred_on.to_string(),
        short_on: fact.occurred_on.format("%m-%d").to_string(),
        title,
        how_much: how_much(&fact),
        unit: unit_name(units, fact.unit.0),
        record: fact.record,
        recorded_on: day::today(fact.recorded_at).to_string(),
        reversed: fact.reversed_by.filter(|by| *by <= known).map(|by| (by, reason_of(by))),
        reverses: fact.reverses.map(|of| (of, fact.reason.unwrap_or_default())),
        counterparty: fact.counterparty.map(|id| (id, fact.counterparty_name)),
        record_title: fact.record_title,
        recorded_by: fact.recorded_by,
    }
}

/// Quantity and amount with their units; a single one without money goes without saying.
fn how_much(fact: &Fact) -> String {
    let quantity = (fact.quantity != 1).then(|| format!("{} {}", thousands(fact.quantity), fact.unit_of_quantity));
    let amount = (fact.amount != Fen::ZERO).then(|| format!("{} 万元", thousands(fact.amount.exact_wan())));
    [quantity, amount].into_iter().flatten().collect::<Vec<_>>().join("，")
}

#[cfg(test)]
mod tests;
