//! What a frozen figure says after one group of facts, then the next: so that a change can be told in parts.
//!
//! Starting from the answer at a position, groups of facts are added in turn.
//! Each state is a number of its own, so the parts between states always sum to the whole difference.
//! The facts may stand in the ledger, recorded after the position, or be proposed only.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::Thawed;
use super::direct::{self, Behind};
use super::figure::whole_months;
use super::moved::Moved;
use super::{By, Figure, Indicator, Measure, Number, Of, Question, Within, combined};
use crate::Result;
use crate::access::Scope;
use crate::id::{OrgId, Position, UnitId};
use crate::store::{Read, Sql};
use crate::value::day::Day;
use crate::value::money::Fen;

/// Units and cell that a figure was narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Filter {
    /// Reporting units; empty means the whole city.
    pub units: Vec<i64>,
    /// Dimension code and key of a cell; empty means the whole figure.
    pub cell: Vec<(String, String)>,
}

impl Filter {
    /// The rows it holds.
    pub fn scope(&self) -> Scope {
        if self.units.is_empty() { Scope::All } else { Scope::Units(self.units.iter().map(|u| UnitId(*u)).collect()) }
    }

    /// The cell it holds; a dimension that is not known any more matches nothing.
    pub fn within(&self) -> Within {
        let key = |(by, key): &(String, String)| match By::parse(by) {
            Some(by) => (by, key.clone()),
            None => (By::Month, String::new()),
        };
        Within { keys: self.cell.iter().map(key).collect() }
    }

    fn holds(&self, fact: &Moved) -> bool {
        (self.units.is_empty() || self.units.contains(&fact.dims.unit))
            && self.within().keys.iter().all(|(by, key)| is_in_cell(fact, *by, key))
    }
}

fn is_in_cell(fact: &Moved, by: By, key: &str) -> bool {
    let number = key.parse::<i64>();
    match by {
        // The days of the month are part of the days looked at.
        By::Month => number.is_ok_and(|code| (1..=12).contains(&(code % 100))),
        By::Unit => number == Ok(fact.dims.unit),
        By::Region => number == Ok(fact.dims.region),
        By::Size => number == Ok(fact.dims.size),
        By::Industry => fact.dims.industry.get(..2).unwrap_or(&fact.dims.industry) == key,
        By::Class => fact.class == key,
        By::Counterparty => match number {
            Ok(org) => fact.counterparty == Some(OrgId(org)),
            Err(_) => key.is_empty() && fact.counterparty.is_none(),
        },
    }
}

/// What a fact of a group changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Effect {
    /// Which fact of its group.
    pub at: usize,
    /// By how much it moved the count, sum or distinct count of the indicator it counts for; 0 where it moved none.
    pub by: i64,
}

/// What one group of facts did to a figure.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// The number after it.
    pub number: Number,
    /// The facts that count for the figure, in order.
    pub effects: Vec<Effect>,
}

/// The states of a figure after each group, starting from `start`, its answer at `start.known`.
pub(crate) async fn walk(
    read: &Read,
    thawed: &Thawed,
    filter: &Filter,
    start: &Figure,
    groups: &[&[Moved]],
) -> Result<Walked> {
    let mut leaves: BTreeMap<&'static str, Vec<State>> = BTreeMap::new();
    for leaf in thawed.leaves() {
        let number = number_of(start, leaf.code).unwrap_or(Number::None);
        let walker = Walker { read, leaf, filter, about: start.about, known: start.known };
        leaves.insert(leaf.code, walker.walk(number, groups).await?);
    }
    let number_at = |at: usize| {
        composed(thawed, thawed.indicator, &|code| leaves.get(code).and_then(|s| s.get(at)).map(|s| s.number.clone()))
    };
    let states = (0..groups.len()).map(|at| {
        let mut effects: Vec<Effect> =
            leaves.values().filter_map(|states| states.get(at)).flat_map(|s| s.effects.iter().copied()).collect();
        // A fact that counts for several parts is one row, told with what it moved.
        effects.sort_by_key(|e| (e.at, e.by == 0));
        effects.dedup_by_key(|e| e.at);
        State { number: number_at(at), effects }
    });
    let states = states.collect();
    let last = leaves.iter().filter_map(|(code, states)| Some((*code, states.last()?.number.clone()))).collect();
    Ok(Walked { states, last })
}

/// A figure on its way.
#[derive(Debug, Clone)]
pub(crate) struct Walked {
    /// After each group.
    pub states: Vec<State>,
    /// What each indicator that looks at rows itself says after the last.
    pub last: BTreeMap<&'static str, Number>,
}

/// The number of a part, at any depth.
pub(crate) fn number_of(figure: &Figure, code: &str) -> Option<Number> {
    if figure.indicator.code == code {
        return Some(figure.number.clone());
    }
    figure.parts.iter().find_map(|part| number_of(part, code))
}

/// The number of a frozen indicator, put together from those of the indicators that look at rows themselves.
pub(crate) fn composed(
    thawed: &Thawed,
    indicator: &'static Indicator,
    leaf: &dyn Fn(&str) -> Option<Number>,
) -> Number {
    if indicator.parts().is_empty() {
        return leaf(indicator.code).unwrap_or(Number::None);
    }
    let parts: Vec<Number> = indicator
        .parts()
        .iter()
        .filter_map(|code| thawed.definitions().find(code))
        .map(|part| composed(thawed, part, leaf))
        .collect();
    combined(&indicator.measure, &parts)
}

/// Whether a fact at hand counts for an indicator that looks at rows itself: the same conditions as the ones in SQL.
pub(crate) fn counts(leaf: &Indicator, filter: &Filter, about: Day, fact: &Moved) -> bool {
    let Some(select) = leaf.select() else { return false };
    let (from, to) = filter.within().days(leaf.window.range(about));
    select.kinds.contains(&fact.kind.as_str())
        && select.passes(&fact.class, &fact.dims)
        && fact.on <= to
        && from.is_none_or(|from| fact.on >= from)
        && filter.holds(fact)
}

/// One indicator that looks at rows itself, on its way.
struct Walker<'a> {
    read: &'a Read,
    leaf: &'static Indicator,
    filter: &'a Filter,
    about: Day,
    known: Position,
}

impl Walker<'_> {
    async fn walk(&self, start: Number, groups: &[&[Moved]]) -> Result<Vec<State>> {
        let counts = |fact: &Moved| counts(self.leaf, self.filter, self.about, fact);
        let counting: Vec<Vec<usize>> = groups
            .iter()
            .map(|group| group.iter().enumerate().filter(|(_, f)| counts(f)).map(|(at, _)| at).collect())
            .collect();
        if counting.iter().all(Vec::is_empty) {
            return Ok(groups.iter().map(|_| State { number: start.clone(), effects: Vec::new() }).collect());
        }
        match self.leaf.measure {
            Measure::Distinct(_, of) => self.distinct(&start, groups, &counting, of).await,
            Measure::FirstDay(_) | Measure::MonthsSince(_) => self.first_days(groups, &counting).await,
            _ => Ok(self.sums(&start, groups, &counting)),
        }
    }

    fn days(&self) -> (Option<Day>, Day) {
        self.filter.within().days(self.leaf.window.range(self.about))
    }

    fn sums(&self, start: &Number, groups: &[&[Moved]], counting: &[Vec<usize>]) -> Vec<State> {
        let mut total = start.whole();
        let of = |fact: &Moved| match self.leaf.measure {
            Measure::Quantity(_) => fact.quantity,
            Measure::Amount(_) => fact.amount,
            _ => {
                if fact.reverses.is_some() {
                    -1
                } else {
                    1
                }
            }
        };
        let states = groups.iter().zip(counting).map(|(group, counting)| {
            let effects: Vec<Effect> = counting.iter().map(|at| Effect { at: *at, by: of(&group[*at]) }).collect();
            total += effects.iter().map(|e| e.by).sum::<i64>();
            let number =
                if matches!(start, Number::Money(_)) { Number::Money(Fen(total)) } else { Number::Count(total) };
            State { number, effects }
        });
        states.collect()
    }

    /// Keys are in while their net quantity is above zero; those that no group touches stay as they are.
    async fn distinct(
        &self,
        start: &Number,
        groups: &[&[Moved]],
        counting: &[Vec<usize>],
        of: Of,
    ) -> Result<Vec<State>> {
        let key = |fact: &Moved| match of {
            Of::Subject => Some(Key::Number(fact.subject.0)),
            Of::Class => Some(Key::Text(fact.class.clone())),
            Of::Unit => Some(Key::Number(fact.dims.unit)),
            Of::Counterparty => fact.counterparty.map(|org| Key::Number(org.0)),
        };
        let touched: BTreeSet<Key> =
            groups.iter().zip(counting).flat_map(|(g, c)| c.iter().filter_map(|at| key(&g[*at]))).collect();
        let mut net = self.net(&touched, of).await?;
        let mut total = start.whole();
        let mut states = Vec::with_capacity(groups.len());
        for (group, counting) in groups.iter().zip(counting) {
            let before = net.clone();
            for fact in counting.iter().map(|at| &group[*at]) {
                if let Some(key) = key(fact) {
                    *net.entry(key).or_default() += fact.quantity;
                }
            }
            // What a key gained or lost over the whole group is told at its last fact there.
            let mut told: BTreeSet<Key> = BTreeSet::new();
            let mut effects = Vec::with_capacity(counting.len());
            for at in counting.iter().rev() {
                let by = match key(&group[*at]) {
                    Some(key) if told.insert(key.clone()) => {
                        let is_in = |net: &BTreeMap<Key, i64>| i64::from(net.get(&key).is_some_and(|n| *n > 0));
                        is_in(&net) - is_in(&before)
                    }
                    _ => 0,
                };
                effects.push(Effect { at: *at, by });
            }
            effects.reverse();
            total += effects.iter().map(|e| e.by).sum::<i64>();
            states.push(State { number: Number::Count(total), effects });
        }
        Ok(states)
    }

    async fn net(&self, touched: &BTreeSet<Key>, of: Of) -> Result<BTreeMap<Key, i64>> {
        let mut net = BTreeMap::new();
        let Some(select) = self.leaf.select() else { return Ok(net) };
        let (column, (from, to), within) = (direct::column(of), self.days(), self.filter.within());
        let behind = Behind { select, from, to, within: &within, by_subject: of == Of::Subject };
        let q = Question { about: self.about, known: self.known, scope: &self.filter.scope() };
        let touched: Vec<&Key> = touched.iter().collect();
        for keys in touched.chunks(500) {
            let mut sql = Sql::new("SELECT ");
            sql.push(column).push(" AS k, CAST(SUM(f.quantity) AS BIGINT) AS quantity FROM fact f WHERE ");
            behind.condition(&mut sql, self.read, &q)?;
            sql.push(" AND ").push(column).push(" IN ");
            if of == Of::Class {
                sql.binds(keys.iter().filter_map(|k| if let Key::Text(t) = k { Some(t.clone()) } else { None }));
            } else {
                sql.ints(keys.iter().filter_map(|k| if let Key::Number(n) = k { Some(*n) } else { None }));
            }
            sql.push(" GROUP BY ").push(column);
            for row in self.read.all(sql).await? {
                let key = if of == Of::Class { Key::Text(row.get("k")?) } else { Key::Number(row.get("k")?) };
                net.insert(key, row.int("quantity")?);
            }
        }
        Ok(net)
    }

    async fn first_days(&self, groups: &[&[Moved]], counting: &[Vec<usize>]) -> Result<Vec<State>> {
        let mut gone: BTreeSet<i64> = BTreeSet::new();
        let mut added: Vec<(i64, Day)> = Vec::new();
        let mut states = Vec::with_capacity(groups.len());
        for (group, counting) in groups.iter().zip(counting) {
            for fact in counting.iter().map(|at| &group[*at]) {
                match fact.reverses {
                    Some(of) => {
                        gone.insert(of.0);
                    }
                    None => added.push((fact.position.0, fact.on)),
                }
            }
            let kept = self.first_but(&gone).await?;
            let new = added.iter().filter(|(position, _)| !gone.contains(position)).map(|(_, on)| *on).min();
            let first = kept.into_iter().chain(new).min();
            let number = match (first, &self.leaf.measure) {
                (None, _) => Number::None,
                (Some(day), Measure::MonthsSince(_)) => Number::Count(whole_months(day, self.about)),
                (Some(day), _) => Number::Day(day),
            };
            states.push(State { number, effects: counting.iter().map(|at| Effect { at: *at, by: 0 }).collect() });
        }
        Ok(states)
    }

    /// The first day of a fact that was in effect at the start and is not among `gone`.
    async fn first_but(&self, gone: &BTreeSet<i64>) -> Result<Option<Day>> {
        let Some(select) = self.leaf.select() else { return Ok(None) };
        let ((from, to), within) = (self.days(), self.filter.within());
        let behind = Behind { select, from, to, within: &within, by_subject: false };
        let q = Question { about: self.about, known: self.known, scope: &self.filter.scope() };
        let mut sql = Sql::new("SELECT f.position, f.occurred_on FROM fact f WHERE ");
        behind.condition(&mut sql, self.read, &q)?;
        direct::in_effect(&mut sql, &q);
        // Among one more than are gone there is one that is not, if there is any.
        sql.push(" ORDER BY f.occurred_on, f.position LIMIT ").bind(gone.len() as i64 + 1);
        for row in self.read.all(sql).await? {
            if !gone.contains(&row.get("position")?) {
                return row.get("occurred_on").map(Some);
            }
        }
        Ok(None)
    }
}

/// What a distinct count tells apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Text(String),
}
