//! What was recorded after the known position, taken out of kept sums: one pass over it for all indicators together,
//! so that a document of sixty figures costs hardly more than one.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{Indicator, Measure, Question};
use crate::Result;
use crate::access::Scope;
use crate::id::{Position, UnitId};
use crate::ledger::tally::Sums;
use crate::ledger::{Dims, Select};
use crate::store::{Read, Row, Sql};
use crate::value::day::Day;

/// Positions looked at with one statement, so that a long way back needs no more memory than a short one.
const STRETCH: i64 = 50_000;

/// Later facts held for several questions at most; with more, each question reads them by itself.
const HELD: usize = 200_000;

/// What was recorded after a position, read once for several questions about different days as known there.
#[derive(Debug)]
pub(crate) struct Tail {
    known: Position,
    /// The last day of the facts.
    to: Day,
    ones: Vec<One>,
}

impl Tail {
    /// Reads it for all questions of a document; nothing where holding it would take too much.
    ///
    /// # Errors
    /// As the database says.
    pub(crate) async fn read(
        read: &Read,
        leaves: &[&'static Indicator],
        (known, to): (Position, Day),
        last: Position,
    ) -> Result<Option<Self>> {
        // Which days an indicator counts differs with the question: all up to the last are held.
        let counting: Vec<Counting> =
            leaves.iter().filter_map(|leaf| Some(Counting { from: None, to, ..Counting::of(leaf, to)? })).collect();
        let q = Question { about: to, known, scope: &Scope::All };
        let (mut ones, mut after) = (Vec::new(), known);
        while after < last {
            let upto = Position(after.0.saturating_add(STRETCH)).min(last);
            for row in rows(read, &counting, &q, (after, upto)).await? {
                ones.push(One::of(read, &row)?);
            }
            if ones.len() > HELD {
                return Ok(None);
            }
            after = upto;
        }
        Ok(Some(Self { known, to, ones }))
    }
}

/// By how much later facts changed what indicators are kept.
#[derive(Debug, Default)]
pub(super) struct Later {
    sums: HashMap<&'static str, Sums>,
    touched: HashMap<&'static str, HashSet<i64>>,
}

impl Later {
    /// What was recorded after `q.known`, up to `last`, that `leaves` count; out of what is held, if it serves.
    /// The scope is that of kept sums: everything, or units.
    pub(super) async fn read(
        read: &Read,
        leaves: &[&'static Indicator],
        q: &Question<'_>,
        last: Position,
        held: Option<&Tail>,
    ) -> Result<Self> {
        let counting: Vec<Counting> = leaves.iter().filter_map(|leaf| Counting::of(leaf, q.about)).collect();
        let mut found = Self::default();
        if let Some(tail) = held.filter(|tail| tail.known == q.known && q.about <= tail.to) {
            for one in tail.ones.iter().filter(|one| q.scope.holds(UnitId(one.dims.unit))) {
                found.add(&counting, one);
            }
            return Ok(found);
        }
        let mut after = q.known;
        while after < last {
            let upto = Position(after.0.saturating_add(STRETCH)).min(last);
            for row in rows(read, &counting, q, (after, upto)).await? {
                found.add(&counting, &One::of(read, &row)?);
            }
            after = upto;
        }
        Ok(found)
    }

    fn add(&mut self, counting: &[Counting], one: &One) {
        for counting in counting.iter().filter(|c| c.counts(one)) {
            if counting.is_distinct {
                self.touched.entry(counting.code).or_default().insert(one.subject);
            } else {
                self.sums.entry(counting.code).or_default().add(one.sums, 1);
            }
        }
    }

    /// What they add to an indicator.
    pub(super) fn sums(&self, leaf: &Indicator) -> Sums {
        self.sums.get(leaf.code).copied().unwrap_or_default()
    }

    /// The subjects whose part in a distinct count they may have changed, in order.
    pub(super) fn touched(&self, leaf: &Indicator) -> Vec<i64> {
        let mut ids: Vec<i64> = self.touched.get(leaf.code).into_iter().flatten().copied().collect();
        ids.sort_unstable();
        ids
    }
}

/// Which facts an indicator counts about a day.
struct Counting {
    code: &'static str,
    select: &'static Select,
    from: Option<Day>,
    to: Day,
    is_distinct: bool,
}

impl Counting {
    fn of(leaf: &'static Indicator, about: Day) -> Option<Self> {
        let (from, to) = leaf.window.range(about);
        let is_distinct = matches!(leaf.measure, Measure::Distinct(..));
        Some(Self { code: leaf.code, select: leaf.select()?, from, to, is_distinct })
    }

    /// The same conditions as those of `direct`, for a fact at hand.
    fn counts(&self, one: &One) -> bool {
        self.select.kinds.contains(&one.kind)
            && self.select.passes(&one.class, &one.dims)
            && one.on <= self.to
            && self.from.is_none_or(|from| one.on >= from)
    }
}

/// A later fact.
#[derive(Debug)]
struct One {
    kind: &'static str,
    class: String,
    dims: Dims,
    on: Day,
    subject: i64,
    sums: Sums,
}

const COLUMNS: &str = "f.kind, f.class, f.size, f.above_scale, f.occurred_on, f.subject_id, f.quantity, f.amount_fen, f.reverses, \
     f.unit_id";

impl One {
    fn of(read: &Read, row: &Row) -> Result<Self> {
        let n = if row.at::<Option<i64>>(8)?.is_some() { -1 } else { 1 };
        Ok(Self {
            kind: read.catalog().kind_by_id(row.at(0)?)?.decl.code,
            class: row.at(1)?,
            dims: Dims { size: row.at(2)?, above_scale: row.at(3)?, unit: row.at(9)?, ..Dims::default() },
            on: row.at(4)?,
            subject: row.at(5)?,
            sums: Sums { n, quantity: row.at(6)?, amount: row.at(7)? },
        })
    }
}

/// The facts between two positions of all kinds and days that some indicator counts.
async fn rows(
    read: &Read,
    counting: &[Counting],
    q: &Question<'_>,
    (after, upto): (Position, Position),
) -> Result<Vec<Row>> {
    let Some(last) = counting.iter().map(|c| c.to).max() else { return Ok(Vec::new()) };
    let mut kinds = BTreeSet::new();
    for counting in counting {
        kinds.extend(counting.select.kind_ids(read.catalog())?);
    }
    let mut sql = Sql::new("SELECT ");
    sql.push(COLUMNS).push(" FROM fact f WHERE f.position > ").bind(after);
    sql.push(" AND f.position <= ").bind(upto).push(" AND f.occurred_on <= ").bind(last);
    if let Some(first) = counting.iter().map(|c| c.from).min().flatten() {
        sql.push(" AND f.occurred_on >= ").bind(first);
    }
    // The sum with a constant keeps the planner on the positions.
    sql.push(" AND f.kind + 0 IN ").ints(kinds).push(" AND ");
    q.scope.on_facts(&mut sql, "f");
    read.all(sql).await
}
