//! How institutions do: in time, without rework, accepted, rated, and how far the firms came. Pure.

use std::collections::BTreeMap;

use kernel::id::OrgId;
use rust_decimal::Decimal;

use super::queries::Placed;
use super::rules::{self, Step};

/// What an institution did in a plan year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// Its name.
    pub name: String,
    /// Orders that were sent to it and not cancelled.
    pub orders: i64,
    /// Reports delivered, and those of them in time.
    pub delivered: i64,
    pub in_time: i64,
    /// Orders that went back for rework at least once.
    pub reworked: i64,
    /// Orders accepted.
    pub accepted: i64,
    /// Ratings and their sum.
    pub rated: i64,
    pub stars: i64,
    /// Firms assessed again, and the points they gained together.
    pub again: i64,
    pub gained: Decimal,
}

/// A share as people read it, with so many digits; a dash without a whole.
pub(super) fn share(part: i64, whole: i64, decimals: u32) -> String {
    match whole {
        0 => "—".to_owned(),
        _ => format!("{}%", mean(Decimal::from(part * 100), whole, decimals)),
    }
}

/// A sum over a number of cases, rounded.
pub(super) fn mean(sum: Decimal, n: i64, decimals: u32) -> String {
    match n {
        0 => "—".to_owned(),
        _ => super::instrument::show(sum / Decimal::from(n), decimals),
    }
}

/// Counts the orders of a plan year by institution.
pub(super) fn records<'a>(
    orders: impl Iterator<Item = (&'a Placed, &'a [Step], Option<i64>, Option<&'a BTreeMap<i64, Decimal>>)>,
    working_days: i32,
) -> BTreeMap<OrgId, Record> {
    let mut found: BTreeMap<OrgId, Record> = BTreeMap::new();
    for (order, steps, stars, scores) in orders {
        let record = found.entry(order.institution).or_default();
        record.name.clone_from(&order.institution_name);
        record.orders += 1;
        if let Some(in_time) = rules::in_time(steps, working_days) {
            record.delivered += 1;
            record.in_time += i64::from(in_time);
        }
        record.reworked +=
            i64::from(steps.iter().any(|e| matches!(e.action.as_str(), "return" | "send_back" | "revoke")));
        record.accepted += i64::from(matches!(order.state.as_str(), "accepted" | "settled"));
        if let Some(stars) = stars {
            record.rated += 1;
            record.stars += stars;
        }
        if let Some((first, last)) =
            scores.and_then(|s| Some((s.get(&0)?, s.iter().next_back().filter(|(t, _)| **t > 0)?.1)))
        {
            record.again += 1;
            record.gained += last - first;
        }
    }
    found
}

/// The institutions as they are ranked: by shares in time, then without rework, then accepted.
pub(super) fn ranked(records: BTreeMap<OrgId, Record>) -> Vec<(OrgId, Record)> {
    let rate =
        |part: i64, whole: i64| if whole == 0 { Decimal::from(-1) } else { Decimal::from(part) / Decimal::from(whole) };
    let mut found: Vec<(OrgId, Record)> = records.into_iter().collect();
    found.sort_by_key(|(org, r)| {
        let in_time = rate(r.in_time, r.delivered);
        let without = rate(r.delivered - r.reworked, r.delivered);
        (std::cmp::Reverse((in_time, without, rate(r.accepted, r.orders), r.orders)), *org)
    });
    found
}

/// Mean points by time of a group of firms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Means {
    /// By time: how many firms, and their sum.
    pub times: BTreeMap<i64, (i64, Decimal)>,
}

impl Means {
    /// Adds the points of a firm.
    pub(super) fn add(&mut self, scores: &BTreeMap<i64, Decimal>) {
        for (time, score) in scores {
            let entry = self.times.entry(*time).or_default();
            *entry = (entry.0 + 1, entry.1 + score);
        }
    }

    /// The mean of a time, with how many firms it is of.
    pub(super) fn of(&self, time: i64) -> String {
        match self.times.get(&time) {
            Some((n, sum)) => format!("{}（{n} 家）", mean(*sum, *n, 1)),
            None => "—".to_owned(),
        }
    }
}
